"""Validation cases: published tables and computed statistics, run through this package.

A case is a JSON object that gives the inputs of one calculation and, beside them, what should come out. It is
either a satisfaction table, whose ``kind`` says what is printed of it, or a statistic, whose ``topic`` says
which. Cases come with the tests and from elsewhere; ``run`` computes a case of either sort, so that anybody
can hold this package against figures of their own.

Nothing is computed here that the package does not compute elsewhere: a case is read, handed to the functions
of ``analysis``, and their results are named as cases name them.
"""

from analysis.cases import answers, disclosure, matrices, means, series, tables, units, weights
from analysis.cases.plain import plain
from analysis.cases.reading import Case, Runner, read_case
from analysis.errors import UnknownKey

KINDS: dict[str, Runner] = {**tables.KINDS, **matrices.KINDS}
"""Sorts of satisfaction tables and what computes each."""

TOPICS: dict[str, Runner] = {
    **means.TOPICS,
    **answers.TOPICS,
    **weights.TOPICS,
    **units.TOPICS,
    **series.TOPICS,
    **disclosure.TOPICS,
}
"""Statistics and what computes each."""


def run(case: dict[str, object]) -> dict[str, object]:
    """Compute a case.

    Of ``expected``, which may be absent, only the keys are looked at and whether each holds a list, a mapping
    or one value; never the values. The keys say which of the quantities with a number in their name are
    wanted: ``ikm_if_weight_0_111``, ``ikm_after_dropping_row_17``, ``limits998_n50``.

    Args:
        case: ``kind`` and what the table prints, or ``topic`` and ``inputs``.

    Returns:
        Every quantity of that kind or topic by its name, as plain JSON: None where a figure is withheld or
        cannot be had. Shares are 0 to 1, indices 25 to 100, positions of signals from 1 and of units from 0.
        A table of answers that holds something that is no answer gives ``validation_error`` with row (from
        1), column and value.

    Raises:
        UnknownKey: there is no such kind or topic.
        Malformed: an input is missing or is not what it should be.
        Refused: the inputs do not allow the calculation; the subclass says why.
    """
    read = read_case(case)
    return {name: plain(value) for name, value in _runner(read)(read).items()}


def _runner(case: Case) -> Runner:
    for field, known in (("kind", KINDS), ("topic", TOPICS)):
        if (named := case.fields.get(field)) is not None:
            if not isinstance(named, str) or named not in known:
                raise UnknownKey(f"no {field} {named!r} among {', '.join(known)}")
            return known[named]
    raise UnknownKey("a case names its kind or its topic")
