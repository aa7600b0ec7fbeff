"""Recompute a test case of any known kind: one thin adapter between tables of cases and this package.

A case is a dictionary with a ``kind`` (published tables of the Indonesian index) or a ``topic`` (statistics)
and its inputs. Nothing is computed here: every number comes from the function that makes the figures. The
result has plain values (numbers, texts, lists, dictionaries) under the keys under which such cases state what
they expect. The *keys* of an ``expected`` block, when there is one, say in which shape (list or mapping) or
for which size a quantity is wanted; its values are never looked at.
"""

from typing import Any

from analysis.cases.reading import Case
from analysis.cases.samples import SAMPLES
from analysis.cases.tables import TABLES
from analysis.cases.units import UNITS
from analysis.errors import Malformed, Refused, UnknownKey

KINDS = TABLES
TOPICS = {**SAMPLES, **UNITS}


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The quantities of a case.

    Args:
        case: with ``kind`` (see ``KINDS``) and its table, or with ``topic`` (see ``TOPICS``) and ``inputs``.

    Raises:
        UnknownKey: a kind or topic that is none of these.
        Malformed: something the kind needs is missing or is not what it should be.
        Refused: whatever the function behind it refuses, by its own name.
    """
    if not isinstance(case, dict):
        raise Malformed(f"a case is a dictionary, not {type(case).__name__}")
    kind, topic = case.get("kind"), case.get("topic")
    maker = KINDS.get(str(kind)) if kind is not None else TOPICS.get(str(topic))
    if maker is None:
        known = ", ".join(sorted([*KINDS, *TOPICS]))
        raise UnknownKey(f"no case of kind {kind!r} or topic {topic!r} among {known}")
    try:
        return maker(Case(case))
    except Refused:
        raise
    except (KeyError, IndexError) as error:
        raise Malformed(f"the case says nothing of {error}") from error
    except (TypeError, AttributeError, ValueError) as error:
        raise Malformed(f"the case cannot be read: {error}") from error
