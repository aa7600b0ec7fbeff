import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import Malformed, NotACount, OutOfScale, UnknownKey
from analysis.tally import LONGEST_SCALE, MARKS, Answered, Layout, Tally, tally_responses

CASES = json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))
NINE = Layout(tuple("abcdefghi"), trust=("honest", "fair"))
SMALL = Layout(("speed", "cost"), trust=("honest",))
FULL = Layout(
    ("speed", "cost"), element_scale=6, trust=("honest",), others=(("coaching", 2), ("recommend", 11))
)

nine_answers = st.tuples(
    st.text("01234-", min_size=9, max_size=9), st.text("012345-", min_size=2, max_size=2)
).map("".join)
responses = st.lists(
    st.builds(Answered, nine_answers),
    max_size=30,
)


def test_measures_are_named_in_one_fixed_order():
    assert SMALL.measures == (
        "n",
        *("speed_1", "speed_2", "speed_3", "speed_4"),
        *("cost_1", "cost_2", "cost_3", "cost_4"),
        *("honest_1", "honest_2", "honest_3", "honest_4", "honest_5"),
        *("score_n", "score_sum", "score_sumsq"),
    )


def test_the_unit_of_nine_elements_is_2520():
    assert NINE.unit == 2520


def test_the_unit_of_sixteen_elements_is_720720():
    assert Layout(tuple("abcdefghijklmnop")).unit == 720_720


def test_a_layout_without_further_items_counts_what_it_always_counted():
    assert Layout(SMALL.elements, 4, SMALL.trust, 5, ()).measures == SMALL.measures


def test_further_items_are_counted_behind_trust_each_on_its_own_scale():
    assert FULL.items == ("speed", "cost", "honest", "coaching", "recommend")
    assert FULL.scales == (6, 6, 5, 2, 11)
    assert FULL.measures == (
        "n",
        *(f"speed_{answer}" for answer in range(1, 7)),
        *(f"cost_{answer}" for answer in range(1, 7)),
        *(f"honest_{answer}" for answer in range(1, 6)),
        *("coaching_1", "coaching_2"),
        *(f"recommend_{answer}" for answer in range(1, 12)),
        *("score_n", "score_sum", "score_sumsq"),
    )


def test_answers_above_nine_are_letters_and_further_items_never_enter_the_score():
    tally = tally_responses(FULL, [Answered("6512b"), Answered("6-0-a"), Answered("00020")])
    assert tally.answers("recommend") == (0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1)
    assert tally.answers("coaching") == (0, 2)
    assert tally.answers("speed") == (0, 0, 0, 0, 0, 2)
    assert (tally.count("score_n"), tally.count("score_sum")) == (2, 11 + 12)


def test_every_answer_of_the_longest_scale_has_a_mark_of_its_own():
    longest = Layout(("a",), others=(("long", LONGEST_SCALE),))
    tally = tally_responses(longest, [Answered(f"-{mark}") for mark in MARKS[1:]])
    assert tally.answers("long") == (1,) * LONGEST_SCALE


def test_a_further_answer_out_of_its_scale_is_refused():
    with pytest.raises(OutOfScale, match="row 1, column coaching: '3' is not an answer from 1 to 2"):
        tally_responses(FULL, [Answered("66530")])
    with pytest.raises(OutOfScale, match="row 2, column recommend: 'c' is not an answer from 1 to 11"):
        tally_responses(FULL, [Answered("00000"), Answered("6652c")])


@pytest.mark.parametrize("layout", [{"trust": ("speed",)}, {"others": (("speed", 2),)}])
def test_two_items_must_not_share_a_key(layout):
    with pytest.raises(Malformed, match="share a key"):
        Layout(("speed",), **layout)


@pytest.mark.parametrize("scale", [1, 0, -4, 36, True, 4.0, "4", None])
@pytest.mark.parametrize("of", ["element_scale", "trust_scale", "others"])
def test_a_scale_must_be_a_number_that_fits_in_one_character(of, scale):
    with pytest.raises(Malformed, match="between 2 and 35"):
        Layout(("speed",), **{of: (("more", scale),) if of == "others" else scale})


def test_every_integer_of_a_small_tally_is_as_counted_by_hand():
    tally = tally_responses(SMALL, [Answered("435"), Answered("4-0"), Answered("001"), Answered("10-")])
    scores = (7, 8, 2)  # means 3.5, 4 and 1, times two; the third response has none
    assert tally == Tally(
        SMALL,
        (
            *(4,),
            *(1, 0, 0, 2),
            *(0, 0, 1, 0),
            *(1, 0, 0, 0, 1),
            *(3, sum(scores), sum(score**2 for score in scores)),
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
    with pytest.raises(UnknownKey, match="no item 'smile'"):
        tally.answers("smile")
    with pytest.raises(UnknownKey, match="no measure 'smile_1'"):
        tally.count("smile_1")


def test_a_tally_has_one_count_per_measure():
    with pytest.raises(Malformed, match="2 counts for 17 measures"):
        Tally(SMALL, (1, 2))


@pytest.mark.parametrize("wrong", [-1, 1.0, True, "1", None, float("nan"), float("inf")])
def test_a_count_is_a_whole_number_from_zero(wrong):
    counts = [0] * len(SMALL.measures)
    counts[SMALL.positions["cost_3"]] = wrong
    with pytest.raises(NotACount, match=f"cost_3: {wrong!r} is not a count"):
        Tally(SMALL, tuple(counts))


def test_no_count_may_be_negative():
    counts = [-count for count in tally_responses(SMALL, [Answered("435")]).counts]
    with pytest.raises(NotACount):
        Tally(SMALL, tuple(counts))


def test_the_published_rows_have_their_published_sums():
    layout = Layout(tuple("abcdefghi"))
    tally = tally_responses(layout, map(Answered, CASES["sekadau"]["rows"]))
    assert tally.n == 49
    assert [tally.total(key) for key in layout.elements] == CASES["sekadau"]["element_sums"]


def test_an_answer_out_of_scale_is_refused_with_its_place():
    laboratory = CASES["laboratory"]
    with pytest.raises(OutOfScale, match="row 17, column b: '5' is not an answer from 1 to 4") as refused:
        tally_responses(Layout(("a", "b", "c")), map(Answered, laboratory["rows"]))
    assert (refused.value.row, refused.value.column, refused.value.value) == (17, "b", "5")


def test_a_trust_answer_may_be_five_but_not_six():
    assert tally_responses(SMALL, [Answered("445")]).total("honest") == 5
    with pytest.raises(OutOfScale, match="column honest: '6'"):
        tally_responses(SMALL, [Answered("446")])


@pytest.mark.parametrize("mark", ["٣", "³", "x", "A", " "])
def test_only_plain_marks_are_answers(mark):
    with pytest.raises(OutOfScale, match="column speed"):
        tally_responses(SMALL, [Answered(f"{mark}44")])


@pytest.mark.parametrize("answers", ["44", "4444", ""])
def test_a_response_has_one_mark_per_item(answers):
    with pytest.raises(Malformed, match=f"response 2: {len(answers)} answers for 3 items"):
        tally_responses(SMALL, [Answered("444"), Answered(answers)])


def test_tallies_of_different_layouts_do_not_add_up():
    with pytest.raises(Malformed, match="different layouts"):
        Tally.zero(SMALL) + Tally.zero(NINE)


@given(responses, st.randoms(use_true_random=False))
def test_the_order_of_responses_does_not_matter(given_responses, random):
    shuffled = random.sample(given_responses, len(given_responses))
    assert tally_responses(NINE, shuffled) == tally_responses(NINE, given_responses)


@given(st.lists(responses, max_size=6))
def test_tallies_of_parts_add_up_to_the_tally_of_the_whole(parts):
    whole = tally_responses(NINE, [response for part in parts for response in part])
    assert sum((tally_responses(NINE, part) for part in parts), Tally.zero(NINE)) == whole


@given(
    st.integers(min_value=1, max_value=30).flatmap(
        lambda k: st.lists(
            st.tuples(
                st.text(MARKS[:12] + "-", min_size=k, max_size=k),
                st.text("012-", min_size=1, max_size=1),
                st.text(MARKS[:12] + "-", min_size=1, max_size=1),
            ).map("".join),
            min_size=1,
            max_size=10,
        )
    )
)
def test_of_any_number_of_elements_on_any_scale_the_scores_are_the_exact_means(rows):
    k = len(rows[0]) - 2
    layout = Layout(tuple(f"e{n}" for n in range(k)), 11, others=(("coaching", 2), ("recommend", 11)))
    means = []
    for row in rows:
        values = [int(mark, 36) for mark in row[:k] if mark not in "0-"]
        if values:
            means.append(Fraction(sum(values), len(values)))
    tally = tally_responses(layout, map(Answered, rows))
    assert tally.count("score_n") == len(means)
    assert Fraction(tally.count("score_sum"), layout.unit) == sum(means)
    assert Fraction(tally.count("score_sumsq"), layout.unit**2) == sum(mean**2 for mean in means)
    assert tally.answered("recommend") == sum(row[-1] not in "0-" for row in rows)


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
