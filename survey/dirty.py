"""Marks that a unit's day must be counted again; added in the transaction that changes something."""

from collections.abc import Iterable

from survey import tokens
from survey.database import Insertion, Tx
from survey.models import Dirty

Cell = tuple[int, int, int]  # agency_id, unit_id, day

INSERT = Insertion(Dirty)


def mark(tx: Tx, cells: Iterable[Cell]) -> None:
    """Mark cells to be counted again.

    A mark is always a new row: sharing one would let a transaction that is not yet committed miss the
    worker that removes it.
    """
    tx.many(
        INSERT,
        [
            {"id": tokens.draw_id(), "agency_id": agency_id, "unit_id": unit_id, "day": day}
            for agency_id, unit_id, day in set(cells)
        ],
    )
