"""How often comments are misjudged, and what a share is once that is reckoned with."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from statsmodels.stats.proportion import proportion_confint

from analysis.comments import LABELS, CommentTally
from analysis.comments.confusion import Confusion, drawn_rates, error_rate, one_in
from analysis.comments.misclassification import (
    DOES_NOT_FIT,
    ILL_CONDITIONED,
    TOO_FEW_COMMENTS,
    TOO_FEW_JUDGED,
    TOO_WIDE,
    Corrected,
    NotCorrected,
    correct,
    nearest_shares,
)
from analysis.errors import Contradiction, Malformed, NoFigure, NotACount, TooFew, UnknownKey

RATES = np.array([[0.85, 0.08, 0.07], [0.22, 0.55, 0.23], [0.06, 0.06, 0.88]])
USUAL = Confusion(((170, 16, 14), (22, 55, 23), (12, 12, 176)))


def tally(negative: int, neutral: int, positive: int) -> CommentTally:
    return CommentTally(negative + neutral + positive, negative, neutral, positive, 0, 0)


def corrected(given: CommentTally, confusion: Confusion, **options: Any) -> Corrected:
    found = correct(given, confusion, **{"seed": 1, **options})
    assert isinstance(found, Corrected), found
    return found


def refused(given: CommentTally, confusion: Confusion) -> NotCorrected:
    found = correct(given, confusion, seed=1)
    assert isinstance(found, NotCorrected), found
    return found


def test_the_confusion_of_labels_has_the_true_ones_in_its_rows() -> None:
    true = ["negative", "negative", "positive", "neutral"]
    given = ["negative", "positive", "positive", "negative"]
    confusion = Confusion.of(true, given)
    assert confusion.counts == ((1, 0, 1), (1, 0, 0), (0, 0, 1))
    assert (confusion.n, confusion.wrong) == (4, 2)


@pytest.mark.parametrize(
    ("counts", "error"),
    [
        (((1, 0, 0), (0, 1, 0)), Malformed),
        (((1, 0), (0, 1), (0, 0)), Malformed),
        (((1, 0, 0), (0, -1, 0), (0, 0, 1)), NotACount),
        (((1, 0, 0), (0, 0.5, 0), (0, 0, 1)), NotACount),
        (((0, 0, 0),) * 3, NoFigure),
    ],
)
def test_what_is_no_table_of_judged_comments_is_refused(counts: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        Confusion(counts)


def test_labels_that_do_not_pair_are_refused() -> None:
    with pytest.raises(Contradiction):
        Confusion.of(["negative"], [])
    with pytest.raises(UnknownKey):
        Confusion.of(["negative"], ["bad"])
    with pytest.raises(NoFigure):
        Confusion.of([], [])


def test_the_error_rate_has_its_interval_and_its_sentence() -> None:
    found = error_rate(USUAL)
    assert (found.share.count, found.share.n) == (99, 500)
    assert (found.share.interval.low, found.share.interval.high) == pytest.approx(
        proportion_confint(99, 500, method="wilson"), abs=1e-12
    )
    assert found.one_in == 5


@pytest.mark.parametrize(
    ("rate", "k"),
    [
        (0.2, 5), (0.19, 5), (0.17, 6), (0.184, 5), (0.183, 6), (0.12, 8), (0.4, 3), (0.43, 2), (0.5, 2),
        (0.74, 2), (0.75, None), (1.0, None), (0.0, None), (0.001, 1000),
    ],
)  # fmt: skip
def test_a_rate_is_said_as_one_in_so_many(rate: float, k: int | None) -> None:
    assert one_in(rate) == k


@given(st.floats(0.002, 0.74))
def test_no_other_one_in_so_many_is_nearer(rate: float) -> None:
    k = one_in(rate)
    assert k is not None
    assert abs(1 / k - rate) <= min(abs(1 / other - rate) for other in range(1, 600)) + 1e-15


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan"), True, "0.2"])
def test_what_is_no_rate_is_not_said(rate: Any) -> None:
    with pytest.raises(Malformed):
        one_in(rate)


def test_labels_given_as_the_rates_predict_are_corrected_to_what_they_came_from() -> None:
    # Of 1000 comments 400, 200 and 400 of each label, judged exactly at the rates of USUAL.
    found = corrected(tally(408, 166, 426), USUAL)
    assert [share.value for share in found.shares] == pytest.approx([0.4, 0.2, 0.4], abs=1e-12)
    assert [share.given for share in found.shares] == [0.408, 0.166, 0.426]
    assert [share.label for share in found.shares] == list(LABELS)
    assert (found.net.given, found.net.value) == pytest.approx((1.8, 0.0), abs=1e-9)
    assert (found.n, found.judged, found.moved) == (1000, 500, False)
    assert found.condition == pytest.approx(np.linalg.cond(np.array(USUAL.counts) / [[200], [100], [200]]))


def test_with_two_labels_the_correction_is_that_of_rogan_and_gladen() -> None:
    # Nothing neutral is given or mistaken: sensitivity 0.9, specificity 0.8.
    confusion = Confusion(((90, 0, 10), (0, 400, 0), (20, 0, 80)))
    found = corrected(tally(120, 0, 180), confusion)
    assert found.share("negative").value == pytest.approx((0.4 + 0.8 - 1) / (0.9 + 0.8 - 1), abs=1e-12)


def test_the_interval_has_the_width_of_the_delta_method_where_both_have_much_to_go_by() -> None:
    table = np.array(USUAL.counts, float) * 20
    confusion = Confusion(tuple(tuple(int(count) for count in row) for row in table))
    found = corrected(tally(4080, 1660, 4260), confusion, draws=20_000)
    rates, totals = table / table.sum(1, keepdims=True), table.sum(1)
    q = np.array([0.408, 0.166, 0.426])
    inverse = np.linalg.inv(rates.T)
    pi = inverse @ q
    # π = (P')⁻¹q: the differential by q is (P')⁻¹, by row t of P it is -π_t (P')⁻¹.
    inner = (np.diag(q) - np.outer(q, q)) / 10_000
    for t, row in enumerate(rates):
        inner += pi[t] ** 2 * (np.diag(row) - np.outer(row, row)) / totals[t]
    variance = inverse @ inner @ inverse.T
    for place, share in enumerate(found.shares):
        half = (share.interval.high - share.interval.low) / 2
        assert half == pytest.approx(1.96 * variance[place, place] ** 0.5, rel=0.04)
    contrast = np.array([-1.0, 0.0, 1.0])
    assert (found.net.interval.high - found.net.interval.low) / 2 == pytest.approx(
        196 * float(contrast @ variance @ contrast) ** 0.5, rel=0.04
    )


def test_fewer_judged_comments_give_a_longer_interval_and_so_do_fewer_comments() -> None:
    def length(found: Corrected) -> float:
        return found.share("negative").interval.high - found.share("negative").interval.low

    more = Confusion(tuple((10 * a, 10 * b, 10 * c) for a, b, c in USUAL.counts))
    usual = length(corrected(tally(408, 166, 426), USUAL))
    assert length(corrected(tally(408, 166, 426), more)) < 0.9 * usual
    assert length(corrected(tally(204, 83, 213), USUAL)) > 1.03 * usual


def test_the_same_seed_gives_the_same_interval_and_the_value_never_depends_on_it() -> None:
    one, again, other = (corrected(tally(60, 40, 200), USUAL, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one.shares[0].interval != other.shares[0].interval
    assert [share.value for share in one.shares] == [share.value for share in other.shares]


def test_an_estimate_outside_of_what_shares_can_be_is_moved_to_the_nearest_and_said_so() -> None:
    # Fewer are called neutral than are mistaken for it, but hardly: there may be none.
    found = corrected(tally(84, 8, 116), USUAL)
    assert found.moved
    values = [share.value for share in found.shares]
    assert values[1] == 0
    assert sum(values) == pytest.approx(1, abs=1e-12)
    assert found.shares[1].interval.low == 0
    assert 0 < found.shares[1].interval.high < 0.2


@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3))
def test_the_nearest_shares_are_shares_and_stay_where_they_are_when_they_were(point: list[float]) -> None:
    found = nearest_shares(np.array(point))
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1, abs=1e-9)
    assert nearest_shares(found) == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize("point", [(0.7, -0.2, 0.5), (1.4, -0.1, -0.3), (0.2, 0.2, 0.2), (-0.4, 0.9, 0.5)])
def test_the_nearest_shares_are_those_an_optimiser_finds(point: tuple[float, float, float]) -> None:
    found = minimize(
        lambda x: float(((x - np.array(point)) ** 2).sum()),
        [1 / 3] * 3,
        bounds=[(0, 1)] * 3,
        constraints={"type": "eq", "fun": lambda x: x.sum() - 1},
        method="SLSQP",
        tol=1e-14,
    )
    assert nearest_shares(np.array(point)) == pytest.approx(found.x, abs=1e-6)


def test_too_few_comments_are_not_corrected() -> None:
    assert refused(tally(9, 5, 15), USUAL) == NotCorrected(TOO_FEW_COMMENTS, 29, 29, 30)


def test_a_label_of_which_few_comments_were_judged_is_not_corrected() -> None:
    confusion = Confusion(((90, 5, 5), (1, 17, 1), (10, 10, 80)))
    assert refused(tally(60, 40, 200), confusion) == NotCorrected(TOO_FEW_JUDGED, 300, 19, 20)


@pytest.mark.parametrize("neutral", [(500, 0, 500), (450, 100, 450)])
def test_a_judge_who_hardly_tells_labels_apart_is_not_inverted(neutral: tuple[int, int, int]) -> None:
    found = refused(tally(100, 50, 350), Confusion(((950, 10, 40), neutral, (40, 10, 950))))
    assert found.reason == ILL_CONDITIONED
    assert found.found > found.limit


def test_labels_that_no_comments_could_be_given_are_not_corrected() -> None:
    # A judge who calls one in five neutral whatever was written gave none of 400.
    confusion = Confusion(((160, 40, 0), (40, 120, 40), (0, 40, 160)))
    assert refused(tally(200, 0, 200), confusion).reason == DOES_NOT_FIT


def test_of_a_share_whose_interval_says_nothing_nothing_is_said() -> None:
    confusion = Confusion(((24, 9, 7), (10, 12, 8), (8, 10, 22)))
    found = refused(tally(12, 10, 12), confusion)
    assert found.reason in (TOO_WIDE, ILL_CONDITIONED)
    narrow = refused(tally(12, 10, 12), Confusion(((32, 4, 4), (5, 20, 5), (4, 4, 32))))
    assert narrow.reason == TOO_WIDE
    assert narrow.found > 0.5


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"seed": -1}, Malformed),
        ({"seed": None}, Malformed),
        ({"level": 1}, Malformed),
        ({"draws": 99}, TooFew),
        ({"draws": 1e3}, NotACount),
    ],
)
def test_a_correction_asked_for_wrongly_is_refused(options: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        correct(tally(60, 40, 200), USUAL, **{"seed": 1, **options})


def test_a_tally_that_contradicts_itself_is_not_corrected() -> None:
    with pytest.raises(Contradiction):
        correct(CommentTally(100, 1, 1, 1, 0, 0), USUAL, seed=1)
    with pytest.raises(UnknownKey):
        corrected(tally(60, 40, 200), USUAL).share("bad")


def test_drawn_rates_have_the_mean_and_variance_of_their_dirichlet_distributions() -> None:
    drawn = drawn_rates(USUAL, np.random.default_rng(2), 40_000)
    alpha = np.array(USUAL.counts) + 0.5
    total = alpha.sum(1, keepdims=True)
    assert drawn.mean(0) == pytest.approx(alpha / total, abs=1e-3)
    assert drawn.var(0) == pytest.approx(alpha * (total - alpha) / (total**2 * (total + 1)), rel=0.05)


@pytest.fixture(scope="module", params=[(0.30, 0.20, 0.50), (0.08, 0.04, 0.88)], ids=["mixed", "content"])
def simulated(request: Any) -> tuple[np.ndarray, np.ndarray, float]:
    """How often the corrected shares, and Wilson's intervals of the given ones, contain the truth."""
    generator, truth, runs = np.random.default_rng(20), np.array(request.param), 400
    kept, naive, answered = np.zeros(3), np.zeros(3), 0
    for _ in range(runs):
        rows = [generator.multinomial(n, row) for n, row in zip((200, 80, 220), RATES, strict=True)]
        confusion = Confusion(tuple((int(a), int(b), int(c)) for a, b, c in rows))
        labels = generator.multinomial(400, truth @ RATES)
        found = correct(tally(*map(int, labels)), confusion, seed=generator, draws=600)
        if isinstance(found, NotCorrected):
            continue
        answered += 1
        kept += [s.interval.low <= t <= s.interval.high for s, t in zip(found.shares, truth, strict=True)]
        low, high = proportion_confint(labels, 400, method="wilson")
        naive += (low <= truth) & (truth <= high)
    return kept / answered, naive / answered, answered / runs


def test_the_interval_of_a_corrected_share_contains_the_truth_as_often_as_it_says(simulated: Any) -> None:
    kept, _, answered = simulated
    assert answered > 0.95
    # Three standard errors of 95 % among 400 runs, and a half more for what lies beyond zero.
    assert kept.min() > 0.95 - 3 * (0.95 * 0.05 / 400) ** 0.5
    assert kept.max() < 0.99


def test_the_interval_of_an_uncorrected_share_misses_the_truth(simulated: Any) -> None:
    _, naive, _ = simulated
    assert naive.min() < 0.6
