"""Periods: a month, quarter, semester or year, written in one way."""

import pytest

from survey.periods import choices, latest_year, read_period


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", 202601, 202612),
        ("2026-S1", 202601, 202606),
        ("2026-S2", 202607, 202612),
        ("2026-Q1", 202601, 202603),
        ("2026-Q4", 202610, 202612),
        ("2026-01", 202601, 202601),
        ("2026-12", 202612, 202612),
    ],
)
def test_a_period_is_the_whole_months_it_names(text: str, first: int, last: int) -> None:
    period = read_period(text)
    assert (period.first, period.last, period.text) == (first, last, text)


@pytest.mark.parametrize(
    "text", ["", "26", "2026-13", "2026-00", "2026-Q5", "2026-Q0", "2026-S3", "2026-1", " 2026", "2026\n"]
)
def test_anything_else_is_refused_with_the_ways_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match="2026-Q3"):
        read_period(text)


def test_a_period_covers_its_months_and_not_their_neighbours() -> None:
    period = read_period("2026-Q3")
    assert [month for month in range(202605, 202612) if period.covers(month)] == [202607, 202608, 202609]


@pytest.mark.parametrize(
    ("month", "first"), [(202611, 202512), (202612, 202601), (202601, 202502), (202602, 202503)]
)
def test_the_latest_year_is_twelve_months_that_end_with_the_given_one(month: int, first: int) -> None:
    period = latest_year(month)
    covered = [y * 100 + m for y in (2025, 2026) for m in range(1, 13) if period.covers(y * 100 + m)]
    assert (period.first, period.last, len(covered)) == (first, month, 12)


def test_offered_periods_all_hold_data_and_the_newest_year_comes_first() -> None:
    months = [202511, 202512, 202602]
    offered = choices(months)
    assert offered[0] == "2026"
    assert offered[-1] == "2025-11"
    assert all(any(read_period(text).covers(month) for month in months) for text in offered)
    assert "2026-Q2" not in offered
