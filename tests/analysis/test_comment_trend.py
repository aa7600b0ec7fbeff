"""The comments of each month, with intervals, and withheld where they are few."""

from typing import Any

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from analysis.comments import CommentTally
from analysis.comments.confusion import Confusion
from analysis.comments.misclassification import TOO_FEW_COMMENTS, Corrected, correct
from analysis.comments.trend import BOUNDS, CommentPoint, breaks, drawn, drawn_corrected, points
from analysis.errors import Contradiction, Malformed, NotACount, UnknownKey
from analysis.intervals import wilson_calibrated
from analysis.shares import Mean, NetScore, Share
from analysis.trends import Point
from analysis.withheld import NO_ANSWERS, TOO_FEW_ANSWERS, Withheld

POLARITIES = [-800, -500, -300, 0, 100] + [400, 700, 900] * 9
LABELLED = [
    ("negative" if polarity < -200 else "positive" if polarity > 200 else "neutral", polarity)
    for polarity in POLARITIES
]
MANY = CommentTally.of(LABELLED)  # 32 comments: 3, 2, 27
FEW = CommentTally.of(LABELLED[:8])


def one_of(tally: CommentTally, **options: Any) -> CommentPoint:
    [point] = points({202605: tally}, series="words-1", **options)
    return point


def test_a_share_has_the_interval_of_statsmodels() -> None:
    point = one_of(MANY)
    for share, count in ((point.negative, 3), (point.neutral, 2), (point.positive, 27)):
        assert isinstance(share, Share)
        assert (share.value, share.count, share.n) == (count / 32, count, 32)
        assert (share.interval.low, share.interval.high) == pytest.approx(
            proportion_confint(count, 32, method="wilson"), abs=1e-12
        )


def test_the_mean_polarity_has_the_calibrated_interval_of_its_scale() -> None:
    point = one_of(MANY)
    values = np.array(POLARITIES) / 1000
    assert isinstance(point.polarity, Mean)
    assert point.polarity.value == pytest.approx(values.mean(), abs=1e-12)
    expected = wilson_calibrated(float(values.mean()), float(values.std(ddof=1)), 32, lower=-1, upper=1)
    assert (point.polarity.interval.low, point.polarity.interval.high) == pytest.approx(
        (expected.low, expected.high), abs=1e-12
    )


def test_the_net_has_the_variance_of_one_multinomial_draw() -> None:
    net = one_of(MANY).net
    assert isinstance(net, NetScore)
    signs = np.array([1.0] * 27 + [0.0] * 2 + [-1.0] * 3)
    assert net.value == pytest.approx(100 * signs.mean(), abs=1e-9)
    assert net.se == pytest.approx(100 * signs.std() / 32**0.5, abs=1e-9)
    assert net.interval.low < net.value < net.interval.high


def test_equal_polarities_of_a_few_comments_do_not_make_their_mean_certain() -> None:
    mean = one_of(CommentTally.of([("neutral", 0)] * 5)).polarity
    assert isinstance(mean, Mean)
    assert mean.interval.high - mean.interval.low > 0.5


def test_a_higher_level_gives_longer_intervals_of_every_figure() -> None:
    usual, longer = one_of(MANY), one_of(MANY, level=0.99)
    for name in BOUNDS:
        one, other = getattr(usual, name).interval, getattr(longer, name).interval
        assert other.low < one.low < one.high < other.high


def test_shares_of_fewer_than_thirty_comments_are_withheld_and_the_mean_is_not() -> None:
    point = one_of(CommentTally.of(LABELLED[:29]))
    assert isinstance(point.polarity, Mean)
    for figure in (point.negative, point.neutral, point.positive, point.net):
        assert figure == Withheld(TOO_FEW_ANSWERS, 29, 30)
    assert isinstance(one_of(CommentTally.of(LABELLED[:30])).negative, Share)


def test_the_mean_of_fewer_comments_than_its_own_minimum_is_withheld() -> None:
    assert one_of(FEW, polarity_from=9).polarity == Withheld(TOO_FEW_ANSWERS, 8, 9)
    assert isinstance(one_of(FEW, polarity_from=8).polarity, Mean)


def test_months_without_comments_stand_between_and_carry_the_name_of_the_series() -> None:
    found = points({202511: MANY, 202602: FEW}, series="learned-2")
    assert [point.period for point in found] == [202511, 202512, 202601, 202602]
    assert {point.series for point in found} == {"learned-2"}
    assert found[1].n == 0
    assert found[1].polarity == Withheld(NO_ANSWERS, 0, 5)
    assert found[1].net == Withheld(NO_ANSWERS, 0, 30)


def test_themes_can_be_given_the_same_months() -> None:
    found = points({202603: MANY}, series="s", between=(202602, 202604))
    assert [(point.period, point.n) for point in found] == [(202602, 0), (202603, 32), (202604, 0)]
    assert [point.n for point in points({}, series="s", between=(202612, 202701))] == [0, 0]
    assert points({}, series="s") == []


def test_a_line_breaks_where_another_series_begins() -> None:
    old = points({202601: MANY, 202602: MANY}, series="words-1")
    new = points({202603: MANY, 202604: MANY}, series="words-2")
    assert breaks([*new, *old]) == [202603]
    assert breaks(old) == breaks([]) == []


@pytest.mark.parametrize("figure", BOUNDS)
def test_every_figure_can_be_drawn_within_its_bounds(figure: Any) -> None:
    shown, hidden, none = drawn(points({202601: MANY, 202602: FEW, 202603: CommentTally.zero()},
                                       series="s", polarity_from=10), figure)  # fmt: skip
    lowest, highest = BOUNDS[figure]
    assert shown.value is not None
    assert shown.low is not None
    assert shown.high is not None
    assert lowest <= shown.low < shown.value < shown.high <= highest
    assert hidden == Point(202602, None, None, None, 8, TOO_FEW_ANSWERS)
    assert none == Point(202603, None, None, None, 0, NO_ANSWERS)


def test_an_unknown_figure_is_not_drawn() -> None:
    with pytest.raises(UnknownKey):
        drawn([one_of(MANY)], "anger")  # type: ignore[arg-type]


def test_corrected_shares_are_drawn_with_their_wider_interval_and_their_refusals() -> None:
    confusion = Confusion(((90, 5, 5), (10, 80, 10), (5, 5, 190)))
    tallies = {202602: CommentTally(20, 10, 0, 10, 0, 0), 202601: CommentTally(300, 60, 60, 180, 0, 0)}
    found = {period: correct(tally, confusion, seed=1) for period, tally in tallies.items()}
    one = found[202601]
    assert isinstance(one, Corrected)
    first, second = drawn_corrected(found, "negative")
    share = one.share("negative")
    assert first == Point(202601, share.value, share.interval.low, share.interval.high, 300, None)
    assert second == Point(202602, None, None, None, 20, TOO_FEW_COMMENTS)
    assert first.low is not None
    assert first.high is not None
    wilson = proportion_confint(60, 300, method="wilson")
    assert first.high - first.low > wilson[1] - wilson[0]
    with pytest.raises(UnknownKey):
        drawn_corrected(found, "net")


@pytest.mark.parametrize(
    ("tallies", "options", "error"),
    [
        ({202613: MANY}, {}, Malformed),
        ({2026: MANY}, {}, Malformed),
        ({True: MANY}, {}, Malformed),
        ({202601: MANY}, {"between": (202602, 202603)}, Malformed),
        ({202604: MANY}, {"between": (202602, 202603)}, Malformed),
        ({}, {"between": (202603, 202602)}, Malformed),
        ({}, {"between": (202600, 202602)}, Malformed),
        ({202601: MANY}, {"polarity_from": 0}, Malformed),
        ({202601: MANY}, {"shares_from": 0}, Malformed),
        ({202601: MANY}, {"shares_from": 2.5}, NotACount),
        ({202601: MANY}, {"level": 95}, Malformed),
        ({202601: CommentTally(5, 1, 1, 1, 0, 0)}, {}, Contradiction),
        ({202601: CommentTally(-1, 0, 0, -1, 0, 0)}, {}, NotACount),
    ],
)
def test_what_is_no_trend_is_refused(tallies: Any, options: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        points(tallies, series="s", **options)


def test_a_tally_that_contradicts_itself_is_named_by_its_month() -> None:
    with pytest.raises(Contradiction, match="202602: 3 labels of 5 comments"):
        points({202602: CommentTally(5, 1, 1, 1, 0, 0)}, series="s")
