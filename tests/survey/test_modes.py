"""The index by mode of answering: made like the official one, never giving few away, and its mix by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.tally import Answered, tally_responses
from survey.breakdown import ModeMonth, Pattern, together
from survey.figures import SHOWN_FROM, Figure, Funnel, figure_of
from survey.instruments import Instrument
from survey.modes import Contrast, Modes, MonthMix, hidden_modes, modes_of
from survey.periods import read_period
from survey.places import Place
from survey.platform import read_instruments

PLACE = Place(1, "dukcapil", "Dinas", None, None, None)
PERIOD = read_period("2026")
INSTRUMENTS = read_instruments()
SKM = INSTRUMENTS["skm-2017.1"]


def official(instrument: Instrument, rows: Sequence[str], transactions: int = 0) -> Figure:
    tally = tally_responses(instrument.layout, [Answered(row) for row in rows])
    funnel = Funnel(transactions, transactions, len(rows)) if transactions else None
    return figure_of(PLACE, "invited", instrument, PERIOD, tally, funnel)


def read(
    answers: Mapping[str, Sequence[str]],
    months: Sequence[ModeMonth] = (),
    instrument: Instrument = SKM,
    transactions: int = 0,
) -> Modes:
    """The modes behind some answers, each given by mode."""
    full = {mode: [row.ljust(len(instrument.items), "-") for row in rows] for mode, rows in answers.items()}
    patterns = {
        mode: [Pattern(row, rows.count(row)) for row in sorted(set(rows))] for mode, rows in full.items()
    }
    everybody = [answer for answer, n in together(patterns) for _ in range(n)]
    figure = official(instrument, everybody, transactions)
    tally = tally_responses(instrument.layout, [Answered(row) for row in everybody])
    return modes_of(instrument, figure, tally, patterns, months)


def figures(modes: Modes) -> dict[str, Figure]:
    return {one.mode: one.figure for one in modes.figures}


def contrast(modes: Modes) -> Contrast:
    assert modes.contrast is not None
    return modes.contrast


WEB, SMS = ["333333333"] * 20 + ["443333333"] * 20, ["333333332"] * 15 + ["323333333"] * 15


def test_the_index_of_a_mode_is_the_official_one_of_its_answers_alone() -> None:
    found = figures(read({"web": WEB, "sms": SMS}))
    for mode, rows in (("web", WEB), ("sms", SMS)):
        alone = official(SKM, [row.ljust(len(SKM.items), "-") for row in rows])
        assert (found[mode].value, found[mode].interval, found[mode].grade, found[mode].n) == (
            alone.value,
            alone.interval,
            alone.grade,
            alone.n,
        )


def test_the_interval_of_a_mode_knows_no_number_of_transactions() -> None:
    few, many = read({"web": WEB, "sms": SMS}, transactions=71), read({"web": WEB, "sms": SMS})
    assert figures(few)["sms"].interval == figures(many)["sms"].interval
    alone = read({"web": WEB}, transactions=41)
    assert figures(alone)["web"].interval == figures(read({"web": WEB}))["web"].interval


def test_modes_stand_in_one_order_with_their_shares() -> None:
    modes = read({"kiosk": WEB[:10], "sms": SMS, "web": WEB})
    assert [(one.mode, one.n, one.share) for one in modes.figures] == [
        ("web", 40, 0.5),
        ("sms", 30, 0.375),
        ("kiosk", 10, 0.125),
    ]
    assert modes.several


def test_one_mode_alone_has_the_index_of_the_place_and_nothing_to_be_compared_with() -> None:
    modes = read({"sms": SMS})
    assert figures(modes)["sms"].value == official(SKM, [row.ljust(16, "-") for row in SMS]).value
    assert (modes.several, modes.contrast) == (False, None)


@pytest.mark.parametrize(
    ("numbers", "hidden"),
    [
        ({"web": 100, "sms": 5}, {}),
        ({"web": 100}, {}),
        ({"web": 4}, {"web": "too_few"}),
        # The index of all less that of the web is that of the four.
        ({"web": 100, "sms": 4}, {"sms": "too_few", "web": "would_give_away"}),
        # Of the others the smallest goes; together they are enough.
        ({"web": 100, "sms": 9, "kiosk": 1}, {"kiosk": "too_few", "sms": "would_give_away"}),
        # Seven in the dark are enough to hide in.
        ({"web": 100, "sms": 4, "kiosk": 3}, {"kiosk": "too_few", "sms": "too_few"}),
        (
            {"web": 100, "sms": 2, "kiosk": 2},
            dict.fromkeys(("sms", "kiosk"), "too_few") | {"web": "would_give_away"},
        ),
        ({"web": 3, "sms": 3}, {"web": "too_few", "sms": "too_few"}),
    ],
)
def test_few_are_hidden_and_whatever_would_give_them_away(
    numbers: dict[str, int], hidden: dict[str, str]
) -> None:
    assert hidden_modes(numbers) == hidden


@given(st.dictionaries(st.sampled_from(["web", "sms", "kiosk"]), st.integers(1, 40), min_size=1))
def test_what_is_hidden_is_never_the_answers_of_a_few_unless_all_is(numbers: dict[str, int]) -> None:
    hidden = hidden_modes(numbers)
    together = sum(numbers[mode] for mode in hidden)
    assert together == 0 or together >= SHOWN_FROM or set(hidden) == set(numbers)
    assert all(n >= SHOWN_FROM for mode, n in numbers.items() if mode not in hidden)


def test_a_hidden_mode_says_how_many_answered_and_nothing_of_what() -> None:
    modes = read({"web": WEB, "sms": ["111111111"] * 4})
    for mode, n, why in (("web", 40, "would_give_away"), ("sms", 4, "too_few")):
        figure = figures(modes)[mode]
        assert (figure.n, figure.withheld) == (n, why)
        assert (figure.value, figure.exact, figure.interval, figure.elements) == (None, None, None, ())
    assert contrast(modes) == Contrast("sms", "web", None, "too_few")


@pytest.mark.parametrize(("n", "graded"), [(29, False), (30, True)])
def test_a_mode_has_a_grade_from_thirty_answers_on(n: int, graded: bool) -> None:
    figure = figures(read({"web": WEB, "sms": ["333333333", "333333332"] * 15, "kiosk": SMS[:n]}))["kiosk"]
    assert (figure.grade is not None, figure.grade_withheld) == (
        graded,
        None if graded else "too_few_for_grade",
    )


def test_the_difference_is_sms_less_web_with_the_intervals_of_both_in_it() -> None:
    modes = read({"web": WEB, "sms": SMS})
    by_web, by_sms = figures(modes)["web"], figures(modes)["sms"]
    found = contrast(modes).found
    assert found is not None
    assert by_web.exact is not None
    assert by_sms.exact is not None
    assert by_web.interval is not None
    assert by_sms.interval is not None
    # 25 x (26/9 - 28/9): two of nine elements a step apart for half of the people on either side.
    assert found.difference == pytest.approx(by_sms.exact - by_web.exact) == pytest.approx(-25 * 2 / 9)
    assert found.verdict == "lower"
    down, up = by_sms.exact - by_sms.interval.low, by_web.interval.high - by_web.exact
    assert found.difference - found.interval.low == pytest.approx((down**2 + up**2) ** 0.5)


def test_equal_judgements_are_no_clear_difference() -> None:
    found = contrast(read({"web": WEB, "sms": WEB[:30]})).found
    assert found is not None
    assert found.verdict == "no clear change"
    assert found.interval.low < 0 < found.interval.high


def test_answers_that_are_all_equal_are_compared_all_the_same() -> None:
    found = contrast(read({"web": ["444444444"] * 40, "sms": ["111111111"] * 40})).found
    assert found is not None
    assert (found.difference, found.verdict) == (-75, "lower")
    assert -75 <= found.interval.low < found.interval.high < 0


def test_an_index_of_other_elements_is_not_compared() -> None:
    modes = read({"web": WEB, "sms": ["333333330"] * 30})
    assert contrast(modes) == Contrast("sms", "web", None, "other_elements")


def test_without_one_of_the_two_modes_there_is_no_difference() -> None:
    assert read({"web": WEB, "kiosk": SMS}).contrast is None


def test_a_perception_index_is_told_apart_on_its_own_scale() -> None:
    spak = INSTRUMENTS["spak-2021.1"]
    k = len(spak.elements)
    modes = read({"web": ["6" * k] * 10, "sms": ["3" * k] * 10}, instrument=spak)
    assert [float(figure.value or 0) for figure in figures(modes).values()] == [4.0, 2.0]
    found = contrast(modes).found
    assert found is not None
    assert (found.difference, found.verdict) == (-2, "lower")


def test_every_month_from_first_to_last_has_the_shares_of_the_modes_or_says_why_not() -> None:
    months = [
        ModeMonth(202611, "web", 6),
        ModeMonth(202611, "sms", 2),
        ModeMonth(202701, "sms", 4),
        ModeMonth(202702, "web", 5),
    ]
    modes = read({"web": WEB, "sms": SMS}, months)
    assert modes.months == (
        MonthMix(202611, 8, (0.75, 0.25)),
        MonthMix(202612, 0, (), "no_answers"),
        MonthMix(202701, 4, (), "too_few"),
        MonthMix(202702, 5, (1.0, 0.0)),
    )
