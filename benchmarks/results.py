"""What was measured, and how it is told: all repetitions, the best of them, the ratio, the goal."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Goal:
    """A ratio to the floor that must not be passed, and a bound in the unit of the measurement."""

    ratio: float
    most: float | None = None

    def __str__(self) -> str:
        return f"≤ {self.ratio:g} ×" + ("" if self.most is None else f", ≤ {self.most:g}")


@dataclass(frozen=True)
class Result:
    """One comparison: what it cost each time, ours and the floor's, in one unit; less is better."""

    work: str
    database: str
    unit: str
    ours: Sequence[float]
    floor: Sequence[float]
    goal: Goal
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """The best of ours over the best of the floor's."""
        return min(self.ours) / min(self.floor)

    @property
    def met(self) -> bool:
        """Whether the goal was met."""
        return self.ratio <= self.goal.ratio and (self.goal.most is None or min(self.ours) <= self.goal.most)


def as_table(results: Sequence[Result]) -> str:
    """The results as a Markdown table, with the repetitions and notes below it."""
    lines = [
        "| work | database | unit | ours | floor | ratio | goal | met |",
        "|---|---|---|---:|---:|---:|---|---|",
    ]
    lines += [
        f"| {one.work} | {one.database} | {one.unit} | {min(one.ours):.4g} | {min(one.floor):.4g}"
        f" | {one.ratio:.2f} | {one.goal} | {'yes' if one.met else 'NO'} |"
        for one in results
    ]
    for one in results:
        lines += ["", f"{one.work}, {one.database}, {one.unit}:"]
        lines += [f"- every repetition, ours: {_listed(one.ours)}"]
        lines += [f"- every repetition, floor: {_listed(one.floor)}"]
        lines += [f"- {name}: {value}" for name, value in one.notes.items()]
    return "\n".join(lines)


def as_data(results: Sequence[Result]) -> list[dict[str, object]]:
    """The results as plain data for JSON."""
    return [
        {
            "work": one.work,
            "database": one.database,
            "unit": one.unit,
            "ours": list(one.ours),
            "floor": list(one.floor),
            "ratio": one.ratio,
            "goal": str(one.goal),
            "met": one.met,
            "notes": one.notes,
        }
        for one in results
    ]


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)
