"""`python -m benchmarks.simulations`: how often our statistics are wrong where the truth is known."""

import click

from benchmarks import coverage


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


if __name__ == "__main__":
    main()
