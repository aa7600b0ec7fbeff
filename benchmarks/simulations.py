"""`python -m benchmarks.simulations`: how often our statistics are wrong where the truth is known."""

import click

from benchmarks import claims, coverage, gating, null


@click.group()
def main() -> None:
    """Simulate from populations whose truth is known, with the seed said, and print a table."""


@main.command("coverage")
@click.option("--runs", type=click.IntRange(100), default=coverage.RUNS, show_default=True)
@click.option("--seed", type=int, default=coverage.SEED, show_default=True)
def coverage_of_intervals(runs: int, seed: int) -> None:
    """How often an interval of nominal 95 % contains the true index."""
    rows = []
    for row in coverage.simulate(runs, seed):
        rows.append(row)
        click.echo(f"{row.population}, n = {row.n}", err=True)
    click.echo(coverage.as_table(rows))


@main.command("null")
@click.option("--runs", type=click.IntRange(20), default=null.RUNS, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=null.SEED, show_default=True)
def claims_of_nothing(runs: int, seed: int) -> None:
    """How often something is claimed although nothing is there; costly claims are tried less often."""
    rows = []
    for row in null.simulate(runs, seed):
        rows.append(row)
        click.echo(row.what, err=True)
    click.echo(claims.as_table(rows))


@main.command("gating")
@click.option("--runs", type=click.IntRange(20), default=gating.RUNS, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=gating.SEED, show_default=True)
def gated_invitations(runs: int, seed: int) -> None:
    """What inviting mostly the approved does to the index, and what sees and mends it."""
    rows = []
    for row in gating.simulate(runs, seed):
        rows.append(row)
        click.echo(row.what, err=True)
    click.echo(gating.as_table(rows))


if __name__ == "__main__":
    main()
