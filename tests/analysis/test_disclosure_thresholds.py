"""From how many answers something is shown by itself, and what a release is made of."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from analysis.disclosure import DEFAULT, Release, Row, Statistic, Thresholds, tabulate
from analysis.errors import Contradiction, Malformed, NotACount, Refused, UnknownKey

ROWS = [
    Row({"agency": "A", "unit": "A1", "channel": "web"}, 12, 12 * 80),
    Row({"agency": "A", "unit": "A1", "channel": "desk"}, 30, 30 * 70),
    Row({"agency": "A", "unit": "A2", "channel": "desk"}, 0, 0),
    Row({"agency": "B", "unit": "B1", "channel": "web"}, 25, 25 * 100),
]


@pytest.mark.parametrize(
    ("what", "audience", "first_shown"),
    [
        ("figure", "public", 10),
        ("figure", "agency", 5),
        ("grade", "public", 30),
        ("grade", "agency", 5),
        ("elements", "public", 30),
        ("elements", "agency", 5),
        ("demographic", "public", 5),
        ("demographic", "agency", 5),
        ("text", "agency", 10),
    ],
)
def test_a_thing_is_shown_from_its_threshold_on(what: str, audience: str, first_shown: int):
    assert DEFAULT.withheld(what, first_shown, audience) is None
    assert DEFAULT.withheld(what, first_shown - 1, audience) == "too_few"
    assert DEFAULT.withheld(what, 0, audience) == "no_answers"


def test_text_is_never_shown_to_the_public():
    assert DEFAULT.withheld("text", 10_000) == "never_public"


def test_thresholds_are_configuration():
    assert Thresholds(public=3).withheld("figure", 3) is None
    with pytest.raises(FrozenInstanceError):
        DEFAULT.public = 1  # type: ignore[misc]


def test_what_is_not_shown_at_all_is_refused():
    with pytest.raises(UnknownKey):
        DEFAULT.withheld("rank", 100)
    with pytest.raises(UnknownKey):
        DEFAULT.withheld("figure", 100, "everybody")
    with pytest.raises(NotACount):
        DEFAULT.withheld("figure", -1)
    with pytest.raises(NotACount):
        DEFAULT.withheld("figure", 12.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"public": 0},
        {"agency": True},
        {"detail": 30.0},
        {"revision": -1},
        {"least": 2},
        {"relative": 1.5},
        {"relative": float("nan")},
        {"mean_width": 76},
        {"mean_width": float("nan")},
    ],
)
def test_a_threshold_that_protects_nobody_is_refused(wrong: dict[str, object]):
    with pytest.raises(Refused):
        Thresholds(**wrong)  # type: ignore[arg-type]


def test_a_table_has_one_statistic_for_every_combination_that_occurs():
    release = tabulate(ROWS, [(), ("agency",), ("unit", "channel")], name="2026 Q1")
    assert [(dict(each.cut), each.n, each.total) for each in release.statistics] == [
        ({}, 67, 5560),
        ({"agency": "A"}, 42, 3060),
        ({"agency": "B"}, 25, 2500),
        ({"channel": "web", "unit": "A1"}, 12, 960),
        ({"channel": "desk", "unit": "A1"}, 30, 2100),
        ({"channel": "desk", "unit": "A2"}, 0, 0),
        ({"channel": "web", "unit": "B1"}, 25, 2500),
    ]
    assert all(each.published for each in release.statistics)
    assert release.hidden == ()


def test_numbers_of_numpy_are_numbers():
    rows = [Row({"unit": "A"}, np.int64(4), np.int64(400))]  # type: ignore[arg-type]
    assert tabulate(rows, [()]).statistics[0].n == 4


def test_counts_can_be_published_without_scores():
    rows = [Row({"sex": "female"}, 12), Row({"sex": "male"}, 9)]
    assert [each.total for each in tabulate(rows, [("sex",)]).statistics] == [None, None]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"n": -1}, NotACount),
        ({"n": 12.0}, NotACount),
        ({"n": float("nan")}, NotACount),
        ({"n": True}, NotACount),
        ({"n": "12"}, NotACount),
        ({"total": 960.0}, NotACount),
        ({"total": 12 * 25 - 1}, Contradiction),
        ({"total": 12 * 100 + 1}, Contradiction),
        ({"total": None}, Malformed),
        ({"attributes": {"agency": "A", "unit": "A1"}}, Malformed),
        ({"attributes": {"agency": "A", "unit": "A1", "channel": 7}}, Malformed),
        ({"attributes": {"agency": "A", "unit": "A1", "channel": "desk"}}, Contradiction),
    ],
)
def test_rows_that_cannot_be_are_refused(change: dict[str, object], error: type[Refused]):
    rows = [replace(ROWS[0], **change), *ROWS[1:]]  # type: ignore[arg-type]
    with pytest.raises(error):
        tabulate(rows, [("agency",)])


def test_a_release_of_nothing_is_refused():
    with pytest.raises(Malformed):
        tabulate([], [()])


def test_a_scale_must_rise_and_an_audience_exist():
    with pytest.raises(Malformed):
        tabulate(ROWS, [()], scale=(100, 100))
    with pytest.raises(NotACount):
        tabulate(ROWS, [()], scale=(25.0, 100))  # type: ignore[arg-type]
    with pytest.raises(UnknownKey):
        tabulate(ROWS, [()], audience="press")


def test_a_cut_by_something_the_rows_do_not_say_is_refused():
    with pytest.raises(UnknownKey):
        tabulate(ROWS, [("province",)])
    with pytest.raises(UnknownKey):
        Release(tuple(ROWS), (Statistic({"province": "Aceh"}, 0),))


def test_a_statistic_must_be_the_sum_of_its_rows():
    with pytest.raises(Contradiction):
        Release(tuple(ROWS), (Statistic({"agency": "A"}, 41, 3060),))
    with pytest.raises(Contradiction):
        Release(tuple(ROWS), (Statistic({"agency": "A"}, 42, 3061),))
    with pytest.raises(Contradiction):
        Release(tuple(ROWS), (Statistic({"agency": "A"}, 42), Statistic({"agency": "A"}, 42)))
