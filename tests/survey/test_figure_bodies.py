"""Figures as plain data: whatever was answered, no number is none, and every reason has a word."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import drivers, trust_checks, weighting, withheld
from analysis.tally import Answered, tally_responses
from analysis.trends import Point
from survey.beside_bodies import RatingOut
from survey.body_reasons import Reason, word
from survey.breakdown import Pattern, ServiceCell
from survey.evidence import evidence_of
from survey.figure_bodies import FiguresOut, figures_body
from survey.figures import Funnel, figure_of
from survey.instruments import Instrument
from survey.items import Item
from survey.periods import read_period
from survey.places import Place
from survey.platform import read_instruments
from survey.results import Results

PLACE = Place(1, "dukcapil", "Dinas", None, None, None)
PERIOD = read_period("2026-11")
INSTRUMENTS = read_instruments()
RECOMMEND = Item("recommend", "nps", 11, {}, {}, {})
# The nine elements with trust and an item of every further kind, and one whose index is of perception.
FULL = replace(INSTRUMENTS["skm-2017.2"], others=(*INSTRUMENTS["skm-2017.2"].others, RECOMMEND))
PERCEPTION = INSTRUMENTS["spak-2021.1"]
REASONS_OF_THE_ANALYSIS = (
    withheld.NOT_ASKED,
    withheld.NO_ANSWERS,
    withheld.TOO_FEW_ANSWERS,
    withheld.TOO_FEW_DRIVERS,
    withheld.NO_VARIATION,
    trust_checks.PAIRS_DISAGREE,
    trust_checks.PERFECT,
    drivers.COLLINEAR,
    drivers.TOO_LITTLE_EXPLAINED,
    drivers.UNSTABLE,
    drivers.NO_ORDER,
    weighting.TOO_UNEQUAL,
)


def body_of(instrument: Instrument, rows: list[str], transactions: int) -> FiguresOut:
    """The figures of some responses about the transactions of one month, half of them of another service."""
    tally = tally_responses(instrument.layout, [Answered(row) for row in rows])
    funnel = Funnel(transactions, transactions, min(len(rows), transactions))
    figure = figure_of(PLACE, "invited", instrument, PERIOD, tally, funnel)
    evidence = None
    if figure.value is not None:
        patterns = {"web": [Pattern(row, rows.count(row)) for row in sorted(set(rows))]}
        cells = list(cells_of(instrument, rows, transactions))
        evidence = evidence_of(instrument, figure, tally, patterns, cells)
    return figures_body(
        Results(PLACE, figure, None, [], [], funnel, [202611], PERIOD, [], evidence),
    )


def cells_of(instrument: Instrument, rows: list[str], transactions: int) -> Iterator[ServiceCell]:
    unit = instrument.layout.unit
    for service, part, served in (
        ("kk", rows[::2], transactions // 2),
        ("ktp", rows[1::2], transactions - transactions // 2),
    ):
        marks = [[int(mark) for mark in row[: len(instrument.elements)] if mark in "123456"] for row in part]
        scores = [sum(given) * unit // len(given) for given in marks]
        squares = sum(score * score for score in scores)
        yield ServiceCell(service, "counter", 202611, served, len(part), sum(scores), squares)


def numbers(value: Any) -> Iterator[float]:
    """Every number of plain data."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers(part)
    elif isinstance(value, float):
        yield value


@st.composite
def responses(draw: st.DrawFn, instrument: Instrument) -> list[str]:
    """Few or many responses, all alike or all different; each answered at least half of the elements."""

    def marks(item: Item, must: bool) -> st.SearchStrategy[str]:
        scale = "123456789ab"[: item.scale]
        return st.sampled_from(scale if must else scale + "0-")

    row = st.tuples(
        *(marks(item, at < instrument.half) for at, item in enumerate(instrument.elements)),
        *(marks(item, False) for item in (*instrument.trust, *instrument.others)),
    ).map("".join)
    distinct = draw(st.lists(row, min_size=1, max_size=12))
    return distinct * draw(st.sampled_from([1, 2, 5, 20]))


@pytest.mark.parametrize("instrument", [FULL, PERCEPTION], ids=["ikm", "perception"])
def test_whatever_was_answered_the_data_is_as_described_and_every_number_is_one(
    instrument: Instrument,
) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(responses(instrument), st.integers(0, 600))
    def tried(rows: list[str], transactions: int) -> None:
        body = body_of(instrument, rows, transactions)
        assert all(map(math.isfinite, numbers(msgspec.to_builtins(body))))
        # Reading it back checks every type, word and bound of the description.
        assert msgspec.json.decode(msgspec.json.encode(body), type=FiguresOut) == body
        for part in (body.adjusted, body.bias_bound, body.complete_cases):
            assert part is not None
            shown = getattr(part, "low", getattr(part, "ikm", None)) is not None
            assert shown == (part.withheld is None)

    tried()


@pytest.mark.parametrize("value", ["1", "4"])
def test_when_everybody_gives_the_same_answer_there_is_an_interval_and_no_empty_number(value: str) -> None:
    row = value * 16 + value + value + "1" + value
    body = body_of(FULL, [row] * 120, 600)
    assert body.figure is not None
    assert body.figure.interval is not None
    assert body.figure.interval.low < body.figure.interval.high
    assert body.trust is not None
    assert body.trust.checks is not None
    assert body.trust.checks.alpha.withheld is not None
    assert body.trust.checks.alpha.withheld.reason == "no_variation"
    assert body.key_drivers is not None
    assert body.key_drivers.reason == "no_variation"


def test_a_recommendation_is_a_score_with_its_three_classes() -> None:
    # Labels 10, 9, 7 and 0 are the answers 11, 10, 8 and 1.
    rows = ["3" * 9 + "-" * 10 + mark for mark in ("b", "b", "a", "8", "1") * 2]
    (rating,) = [one for one in body_of(FULL, rows, 20).ratings if one.key == "recommend"]
    assert isinstance(rating, RatingOut)
    assert {one.name: one.value for one in rating.measures} == {
        "nps": pytest.approx(40.0),
        "nps_promoters": 0.6,
        "nps_passives": 0.2,
        "nps_detractors": 0.2,
    }


@pytest.mark.parametrize("reason", REASONS_OF_THE_ANALYSIS)
def test_every_reason_of_the_analysis_has_a_word_of_its_own(reason: str) -> None:
    assert word(reason) != "not_possible"


def test_a_reason_without_a_word_is_still_described() -> None:
    assert word("something new") == "not_possible"
    assert "not_possible" in get_args(Reason)


def test_a_point_of_a_trend_without_a_value_says_why() -> None:
    body = figures_body(
        Results(
            PLACE,
            None,
            None,
            [Point(202610, None, None, None, 3, "too few answers")],
            [Point(202610, None, None, None, 0, "no answers")],
            Funnel(0, 0, 0),
            [],
            None,
            [],
        )
    )
    assert (body.trend[0].withheld, body.sentiment[0].withheld) == ("too_few", "no_answers")
    assert body.figure is None
