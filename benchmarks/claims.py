"""What a simulation without anything to find counts: claims, and the chances to make one."""

from collections.abc import Sequence
from typing import NamedTuple

from analysis.intervals import wilson_proportion


class Claims(NamedTuple):
    """How often something was claimed although it was not so.

    Attributes:
        what: the claim, and of what.
        claimed: how often it was made.
        runs: how often it could have been made.
        nominal: rate, 0 to 1, that the method promises; None where it promises none.
    """

    what: str
    claimed: int
    runs: int
    nominal: float | None

    @property
    def rate(self) -> float:
        """Claims for each chance of one, 0 to 1."""
        return self.claimed / self.runs


def as_table(rows: Sequence[Claims]) -> str:
    """The rows as a Markdown table, rates in per cent with their 95 % Wilson intervals."""
    lines = ["| claim | runs | claimed, % | 95 % interval | nominal, % |", "|---|---:|---:|---:|---:|"]
    for row in rows:
        around = wilson_proportion(row.claimed, row.runs)
        nominal = "–" if row.nominal is None else f"{100 * row.nominal:.2g}"
        lines.append(
            f"| {row.what} | {row.runs:,} | {100 * row.rate:.2f}"
            f" | {100 * around.low:.2f}–{100 * around.high:.2f} | {nominal} |"
        )
    return "\n".join(lines)
