"""What the tallies of comments say: months and series, what may be told of parts, periods, samples."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.comments import CommentTally
from analysis.comments.confusion import Confusion, error_rate
from analysis.shares import Share
from analysis.withheld import Withheld
from survey.comments import written
from survey.comments.findings import Findings, findings_of, protected
from survey.comments.months import SHOWN_FROM, CommentMonths
from survey.comments.written import MOST_READ, seed_of
from survey.periods import Period, before, read_period
from survey.places import Place

CONFUSION = Confusion(((90, 5, 5), (5, 90, 5), (5, 5, 90)))
NOVEMBER = Period(202611, 202611, "2026-11")
PLACE = Place(1, "a", "A", 2, "u", "U")


def tally(negative: int, neutral: int, positive: int) -> tuple[int, ...]:
    n = negative + neutral + positive
    return tuple(CommentTally(n, negative, neutral, positive, 500 * (positive - negative), 250_000 * n))


def kept(**counts: tuple[int, int, int]) -> CommentMonths:
    """November under series 1; names are those of what is counted, with ``__`` for the colon."""
    months = CommentMonths()
    for what, numbers in counts.items():
        months.add(202611, f"1/{what.replace('__', ':')}", tally(*numbers))
    return months


def found(**counts: tuple[int, int, int]) -> Findings:
    return findings_of(kept(**counts), 1, CONFUSION, NOVEMBER, error=error_rate(CONFUSION), seed=1)


@pytest.mark.parametrize(
    ("written_period", "first", "last"),
    [
        ("2026-11", 202610, 202610),
        ("2026-01", 202512, 202512),
        ("2026-Q1", 202510, 202512),
        ("2026-S2", 202601, 202606),
        ("2026", 202501, 202512),
    ],
)
def test_the_period_before_is_as_long_and_ends_where_the_period_begins(
    written_period: str, first: int, last: int
) -> None:
    earlier = before(read_period(written_period))
    assert (earlier.first, earlier.last) == (first, last)


def test_a_month_belongs_to_the_series_that_read_most_of_it_and_of_equals_to_the_latest() -> None:
    months = CommentMonths()
    for series, month, n in (
        (1, 202601, 40),
        (1, 202602, 40),
        (2, 202602, 40),
        (1, 202604, 9),
        (2, 202604, 8),
    ):
        months.add(month, f"{series}/all", tally(0, 0, n))
    trend = months.trend()
    assert [(point.period, point.series, point.n) for point in trend] == [
        (202601, "1", 40),
        (202602, "2", 40),
        (202603, "2", 0),
        (202604, "1", 9),
    ]
    assert CommentMonths().trend() == []


def test_comments_of_different_series_are_never_added_up() -> None:
    months = CommentMonths()
    months.add(202611, "1/all", tally(10, 0, 0))
    months.add(202611, "2/all", tally(0, 0, 12))
    assert months.total(1, "all", NOVEMBER).labels == (10, 0, 0)
    assert months.total(2, "all", NOVEMBER).labels == (0, 0, 12)
    assert months.total(3, "all", NOVEMBER).n == 0
    assert months.written(NOVEMBER) == 12


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 40)))
def test_no_part_that_is_told_is_small_and_neither_is_the_rest(counts: dict[str, int]) -> None:
    told = protected(counts)
    assert all(n == counts[name] >= SHOWN_FROM for name, n in told)
    rest = sum(counts.values()) - sum(n for _, n in told)
    assert rest == 0 or rest >= SHOWN_FROM or told == []
    assert [n for _, n in told] == sorted((n for _, n in told), reverse=True)


def test_no_more_is_left_out_than_must_be() -> None:
    assert protected({"id": 20, "jv": 6, "su": 5}) == [("id", 20), ("jv", 6), ("su", 5)]
    assert protected({"id": 20, "jv": 6, "su": 4}) == [("id", 20)]
    assert protected({"id": 20, "jv": 6, "su": 3, "en": 3}) == [("id", 20), ("jv", 6)]
    assert protected({"id": 3}) == []


def test_a_theme_has_shares_from_thirty_a_number_from_five_and_else_nothing() -> None:
    themes = {
        one.key: one
        for one in found(
            all=(60, 0, 0), theme__time=(30, 0, 0), theme__cost=(29, 0, 0), theme__product=(4, 0, 0)
        ).themes
    }
    assert found(all=(60, 0, 0), theme__cost=(9, 0, 0)).themes[0].key == "cost"
    assert (themes["time"].n, type(themes["time"].negative)) == (30, Share)
    assert (themes["cost"].n, type(themes["cost"].negative)) == (29, Withheld)
    assert themes["product"].n is themes["behaviour"].n is None
    assert len(themes) == 12


@pytest.mark.parametrize(("bad", "neither", "n"), [(5, 0, 5), (3, 2, 5), (4, 0, None), (0, 0, None)])
def test_an_allegation_is_whatever_does_not_say_that_there_is_none(
    bad: int, neither: int, n: int | None
) -> None:
    allegations = found(all=(60, 0, 0), theme__brokers=(bad, neither, 50)).allegations
    assert {one.key: one.n for one in allegations} == {"bribery": None, "brokers": n, "discrimination": None}


def test_the_window_of_a_sample_holds_its_share_of_all_numbers_wherever_it_begins() -> None:
    drawn = Random(5)
    numbers = [drawn.getrandbits(63) for _ in range(20_000)]
    for unit in range(40):
        window = written._window(PLACE._replace(unit_id=unit), NOVEMBER, 10 * MOST_READ)
        inside = sum(
            window["low"] <= number <= window["high"] or number < window["wrapped"] for number in numbers
        )
        # 9.8 % of 20,000, give or take five standard errors.
        assert abs(inside - 1960) < 5 * 42
        assert 0 <= window["wrapped"] <= window["low"] <= window["high"] < 2**63


def test_up_to_the_limit_every_number_is_in() -> None:
    assert written._window(PLACE, NOVEMBER, MOST_READ) == {"low": 0, "high": 2**63 - 1, "wrapped": 0}


def test_places_and_periods_have_draws_of_their_own() -> None:
    periods = [read_period(text) for text in ("2026", "2026-01", "2026-Q1")]
    places = [PLACE, PLACE._replace(unit_id=None), PLACE._replace(unit_id=3), PLACE._replace(agency_id=2)]
    seeds = Counter(seed_of(place, period) for place in places for period in periods)
    assert len(seeds) == 12
    assert seed_of(PLACE, periods[0]) == seed_of(PLACE, periods[0])
