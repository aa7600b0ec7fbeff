import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.tally import SENTIMENT_UNIT, Answered, Layout, Tally, tally_responses

CASES = json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))
NINE = Layout(tuple("abcdefghi"), trust=("honest", "fair"))
SMALL = Layout(("speed", "cost"), trust=("honest",))

nine_answers = st.tuples(
    st.text("01234-", min_size=9, max_size=9), st.text("012345-", min_size=2, max_size=2)
).map("".join)
responses = st.lists(
    st.builds(
        Answered, nine_answers, st.none() | st.integers(min_value=-SENTIMENT_UNIT, max_value=SENTIMENT_UNIT)
    ),
    max_size=30,
)


def test_measures_are_named_in_one_fixed_order():
    assert SMALL.measures == (
        "n",
        *("speed_1", "speed_2", "speed_3", "speed_4"),
        *("cost_1", "cost_2", "cost_3", "cost_4"),
        *("honest_1", "honest_2", "honest_3", "honest_4", "honest_5"),
        *("score_n", "score_sum", "score_sumsq"),
        *("sentiment_n", "sentiment_sum", "sentiment_sumsq"),
    )


def test_the_unit_of_nine_elements_is_2520():
    assert NINE.unit == 2520


def test_two_items_must_not_share_a_key():
    with pytest.raises(ValueError, match="share a key"):
        Layout(("speed",), trust=("speed",))


@pytest.mark.parametrize("scale", [1, 10])
def test_a_scale_must_fit_in_one_digit(scale):
    with pytest.raises(ValueError, match="between 2 and 9"):
        Layout(("speed",), element_scale=scale)


def test_every_integer_of_a_small_tally_is_as_counted_by_hand():
    tally = tally_responses(
        SMALL, [Answered("435", 500), Answered("4-0", -1000), Answered("001"), Answered("10-", 0)]
    )
    scores = (7, 8, 2)  # means 3.5, 4 and 1, times two; the third response has none
    assert tally == Tally(
        SMALL,
        (
            *(4,),
            *(1, 0, 0, 2),
            *(0, 0, 1, 0),
            *(1, 0, 0, 0, 1),
            *(3, sum(scores), sum(score**2 for score in scores)),
            *(3, -500, 1_250_000),
        ),
    )


def test_counts_are_read_by_item():
    tally = tally_responses(SMALL, [Answered("435"), Answered("4-0"), Answered("100")])
    assert tally.n == 3
    assert tally.answers("speed") == (1, 0, 0, 2)
    assert tally.answered("speed") == 3
    assert tally.total("speed") == 9
    assert tally.answers("honest") == (0, 0, 0, 0, 1)
    assert tally.count("cost_3") == 1


def test_unknown_items_and_measures_are_refused():
    tally = Tally.zero(SMALL)
    with pytest.raises(ValueError, match="no item 'smile'"):
        tally.answers("smile")
    with pytest.raises(ValueError, match="no measure 'smile_1'"):
        tally.count("smile_1")


def test_a_tally_has_one_count_per_measure():
    with pytest.raises(ValueError, match="2 counts for 20 measures"):
        Tally(SMALL, (1, 2))


def test_the_published_rows_have_their_published_sums():
    layout = Layout(tuple("abcdefghi"))
    tally = tally_responses(layout, map(Answered, CASES["sekadau"]["rows"]))
    assert tally.n == 49
    assert [tally.total(key) for key in layout.elements] == CASES["sekadau"]["element_sums"]


def test_an_answer_out_of_scale_is_refused_with_its_place():
    laboratory = CASES["laboratory"]
    with pytest.raises(ValueError, match=r"response 17: position 2 \(b\): '5' is not an answer from 1 to 4"):
        tally_responses(Layout(("a", "b", "c")), map(Answered, laboratory["rows"]))


def test_a_trust_answer_may_be_five_but_not_six():
    assert tally_responses(SMALL, [Answered("445")]).total("honest") == 5
    with pytest.raises(ValueError, match=r"position 3 \(honest\): '6'"):
        tally_responses(SMALL, [Answered("446")])


@pytest.mark.parametrize("mark", ["٣", "³", "x", " "])
def test_only_plain_digits_are_answers(mark):
    with pytest.raises(ValueError, match="position 1"):
        tally_responses(SMALL, [Answered(f"{mark}44")])


@pytest.mark.parametrize("answers", ["44", "4444", ""])
def test_a_response_has_one_mark_per_item(answers):
    with pytest.raises(ValueError, match=f"{len(answers)} answers for 3 items"):
        tally_responses(SMALL, [Answered(answers)])


@pytest.mark.parametrize("sentiment", [1001, -1001])
def test_a_sentiment_outside_its_range_is_refused(sentiment):
    with pytest.raises(ValueError, match="outside ±1000"):
        tally_responses(SMALL, [Answered("444", sentiment)])


def test_tallies_of_different_layouts_do_not_add_up():
    with pytest.raises(ValueError, match="different layouts"):
        Tally.zero(SMALL) + Tally.zero(NINE)


@given(responses, st.randoms(use_true_random=False))
def test_the_order_of_responses_does_not_matter(given_responses, random):
    shuffled = random.sample(given_responses, len(given_responses))
    assert tally_responses(NINE, shuffled) == tally_responses(NINE, given_responses)


@given(st.lists(responses, max_size=6))
def test_tallies_of_parts_add_up_to_the_tally_of_the_whole(parts):
    whole = tally_responses(NINE, [response for part in parts for response in part])
    assert sum((tally_responses(NINE, part) for part in parts), Tally.zero(NINE)) == whole


@given(responses)
def test_scores_are_the_exact_means_of_the_answered_elements(given_responses):
    means = []
    for response in given_responses:
        elements = [int(mark) for mark in response.answers[:9] if mark not in "0-"]
        if elements:
            means.append(Fraction(sum(elements), len(elements)) * 2520)
    tally = tally_responses(NINE, given_responses)
    assert tally.count("score_n") == len(means)
    assert tally.count("score_sum") == sum(means)
    assert tally.count("score_sumsq") == sum(mean**2 for mean in means)
