import json
from decimal import Decimal, localcontext
from fractions import Fraction
from math import sqrt
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.errors import Contradiction, Malformed, NoFigure, NotACount, Refused, UnknownKey, WrongWeights
from analysis.exact import exact
from analysis.index import (
    grade,
    ikm,
    ikm_without,
    index,
    index_of_means,
    krejcie_morgan,
    nrr,
    round_half_up,
    spread,
    spread_of_scores,
    weighted_ikm,
)
from analysis.tally import Answered, Layout, Tally, tally_responses

CASES = json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))
ELEMENTS = (
    *("requirements", "procedure", "time", "cost", "product"),
    *("competence", "behaviour", "complaints", "facilities"),
)
NINE = Layout(ELEMENTS)

complete_rows = st.lists(st.text("1234", min_size=9, max_size=9), min_size=1, max_size=30)
rows_with_gaps = st.lists(st.text("01234-", min_size=9, max_size=9), min_size=1, max_size=30)


def tally_of(rows, layout=NINE):
    return tally_responses(layout, map(Answered, rows))


def tally_of_counts(counts, n):
    """A tally from a published table of counts per answer, which says nothing about single respondents."""
    numbers = dict.fromkeys(NINE.measures, 0) | {"n": n}
    for key, answers in counts.items():
        for value, count in answers.items():
            numbers[f"{key}_{value}"] = count
    return Tally(NINE, tuple(numbers.values()))


def fractions_of(means):
    return {key: Fraction(value) for key, value in means.items()}


SEKADAU = tally_of(CASES["sekadau"]["rows"])


def test_sekadau_has_78_74_and_grade_b():
    result = index(SEKADAU)
    assert float(result.ikm) == pytest.approx(CASES["sekadau"]["ikm"], abs=1e-9)
    assert (result.rounded, result.grade, result.n) == (Decimal("78.74"), "B", 49)
    assert (result.k, result.comparable, result.table) == (9, True, "2017")
    assert result.lowest == ("requirements",)


def test_sekadau_without_the_cost_has_77_30():
    assert round_half_up(ikm_without(SEKADAU, "cost"), 2) == Decimal(CASES["sekadau"]["without_fourth"])


def test_a_sample_of_the_best_scores_would_raise_sekadau_by_two_points():
    # Public software draws the recommended number of respondents from a list ordered by score.
    size = krejcie_morgan(49)
    best = sorted(CASES["sekadau"]["rows"], key=lambda row: sum(map(int, row)), reverse=True)[:size]
    assert size == 44
    assert index(tally_of(best)).rounded == Decimal("80.68")


@pytest.mark.parametrize("quarter", CASES["quarters"], ids=lambda quarter: quarter["id"])
def test_printed_means_of_a_quarter_give_its_printed_index(quarter):
    means = fractions_of(quarter["element_means"])
    value = ikm(means)
    assert round_half_up(value, 2) == Decimal(quarter["published"]["ikm"])
    assert grade(value) == quarter["published"]["grade"]
    assert min(means, key=means.get) == quarter["lowest"]


@pytest.mark.parametrize("quarter", CASES["quarters"], ids=lambda quarter: quarter["id"])
def test_sums_of_a_quarter_give_its_printed_means(quarter):
    means = {key: Fraction(total, quarter["n"]) for key, total in quarter["element_sums"].items()}
    assert {key: str(round_half_up(value, 3)) for key, value in means.items()} == quarter["element_means"]
    assert float(ikm(means)) == pytest.approx(quarter["ikm_from_counts"], abs=1e-9)


def test_brantas_follows_from_its_printed_means_up_to_their_rounding():
    brantas = CASES["brantas"]
    means = fractions_of(brantas["element_means"])
    assert round_half_up(ikm(means), 2) == Decimal(brantas["ikm"])
    assert abs(ikm(means) - Fraction(brantas["published"]["ikm"])) <= 25 * Fraction("0.005")
    assert {key: grade(25 * value) for key, value in means.items()} == brantas["published"]["element_grades"]


def test_brantas_without_the_cost_has_77_53():
    means = fractions_of(CASES["brantas"]["element_means"])
    del means["cost"]
    assert round_half_up(ikm(means), 2) == Decimal(CASES["brantas"]["ikm_without_cost"])


def test_gaspul_has_91_48_and_not_the_90_56_of_weights_of_0_11():
    gaspul = CASES["gaspul"]
    result = index(tally_of_counts(gaspul["element_counts"], gaspul["n"]))
    assert float(result.ikm) == pytest.approx(gaspul["ikm"], abs=1e-9)
    assert result.rounded == Decimal(gaspul["published"]["ikm"])
    assert result.grade == gaspul["published"]["grade"]
    assert result.lowest == (gaspul["lowest"],)
    wrong = 25 * sum(Fraction("0.11") * value for value in result.nrr.values())
    assert round_half_up(wrong, 2) == Decimal(gaspul["published"]["wrong"])


def test_tubaba_with_nothing_but_fours_has_exactly_100():
    result = index(tally_of(CASES["tubaba"]["rows"]))
    assert (result.ikm, result.grade) == (100, "A")
    assert result.lowest == ELEMENTS


def test_the_laboratory_without_its_bad_row_has_an_index_of_three_elements():
    laboratory = CASES["laboratory"]
    rows = laboratory["rows"].copy()
    del rows[laboratory["bad"]["row"] - 1]
    result = index(tally_of(rows, Layout(("a", "b", "c"))))
    assert float(result.ikm) == pytest.approx(laboratory["ikm_without_bad_row"], abs=1e-9)
    assert (result.k, result.comparable) == (3, False)


@pytest.mark.parametrize(
    ("value", "rounded", "letter"),
    list(zip(*(CASES["grade_boundaries"][column] for column in ("ikm", "rounded", "grade")), strict=True)),
)
def test_every_value_between_the_printed_bounds_has_a_grade(value, rounded, letter):
    assert round_half_up(Decimal(value), 2) == Decimal(rounded)
    assert grade(Decimal(value)) == letter
    assert grade(Fraction(value)) == letter


@pytest.mark.parametrize("value", [Decimal("24.999"), Fraction(10001, 100), 0])
def test_a_value_outside_the_scale_has_no_grade(value):
    with pytest.raises(ValueError, match="outside the scale"):
        grade(value)


def test_a_float_is_refused_where_halves_matter():
    with pytest.raises(TypeError, match="Fraction or a Decimal"):
        grade(76.605)


def test_an_unknown_grade_table_is_refused():
    with pytest.raises(ValueError, match="no grade table '1999'"):
        grade(80, "1999")


def test_pagar_gunung_has_its_published_element_grades():
    case = CASES["pagar_gunung"]
    means = fractions_of(case["element_means"])
    assert {key: grade(25 * value) for key, value in means.items()} == case["element_grades"]


@pytest.mark.parametrize("table", ["2017", "2004"])
def test_sidomulyo_has_the_grades_of_whichever_table_is_asked_for(table):
    case = CASES["sidomulyo"]
    means = fractions_of(case["element_means"])
    assert {key: grade(25 * value, table) for key, value in means.items()} == case["grades"][table]


def test_halves_are_rounded_away_from_zero():
    assert round_half_up(Fraction(1, 8), 2) == Decimal("0.13")
    assert round_half_up(Decimal("-0.125"), 2) == Decimal("-0.13")
    assert str(round_half_up(Fraction(78), 2)) == "78.00"


def test_a_skipped_answer_leaves_the_divisor_of_its_element():
    # Six visitors of a library, one of whom stopped after the fourth question.
    means = nrr(tally_of(["444444444", "222000000"]))
    assert means["requirements"] == 3
    assert means["facilities"] == 4


def test_an_element_nobody_was_asked_leaves_the_index():
    result = index(tally_of(["444-44442", "333-33332"]))
    assert result.ikm == Fraction(25, 8) * (7 * Fraction(7, 2) + 2)
    assert (result.k, result.comparable, result.lowest) == (8, False, ("facilities",))
    assert "cost" not in result.nrr
    assert "cost" not in result.element_grades


def test_all_elements_that_share_the_lowest_mean_are_named():
    assert index(tally_of(["344444443"])).lowest == ("requirements", "facilities")


def test_no_answers_have_no_index():
    assert index(Tally.zero(NINE)) is None
    assert index(tally_of(["000000000", "---------"])) is None
    assert spread(tally_of(["000000000"])) is None
    assert ikm_without(tally_of(["000400000"]), "cost") is None


def test_the_index_names_only_respondents_who_answered():
    assert index(tally_of(["444444444", "000000000"])).n == 1


def test_an_index_needs_elements_within_their_scale():
    with pytest.raises(ValueError, match="at least one element"):
        ikm({})
    with pytest.raises(ValueError, match="time: mean 5 is outside 1 to 4"):
        ikm({"time": Fraction(5)})


def test_elements_on_another_scale_have_no_index():
    tally = tally_of(["6"], Layout(("time",), element_scale=6))
    for figure in (index, spread, lambda tally: ikm_without(tally, "time")):
        with pytest.raises(ValueError, match="1 to 4, not 1 to 6"):
            figure(tally)


def test_only_an_element_can_be_left_out():
    with pytest.raises(ValueError, match="no element 'smile'"):
        ikm_without(SEKADAU, "smile")


def test_the_spread_of_sekadau_is_that_of_its_respondents():
    scores = [25 * mean(map(int, row)) for row in CASES["sekadau"]["rows"]]
    result = spread(SEKADAU)
    assert result.mean == index(SEKADAU).ikm
    assert result.sd == pytest.approx(CASES["sekadau"]["sd"], abs=1e-9)
    assert result.sd == pytest.approx(stdev(scores), abs=1e-9)


def test_the_spread_approximates_the_linearised_error_when_answers_are_missing():
    case = CASES["sekadau_missing"]
    rows = [list(row) for row in CASES["sekadau"]["rows"]]
    for row, column in case["missing"]:
        rows[row][column] = "0"
    tally = tally_of(["".join(row) for row in rows])
    assert float(index(tally).ikm) == pytest.approx(case["ikm"], abs=1e-9)
    assert spread(tally).sd / sqrt(49) == pytest.approx(case["se"], rel=0.03)


def test_one_respondent_has_no_spread():
    assert spread(tally_of(["444444443"])) == (Fraction(25 * 35, 9), None)


@pytest.mark.parametrize(("population", "size"), list(CASES["krejcie_morgan"]["sizes"].items()))
def test_sample_sizes_are_those_of_krejcie_and_morgan(population, size):
    assert krejcie_morgan(int(population)) == size


def test_an_empty_population_has_no_sample():
    with pytest.raises(ValueError, match="population of 0"):
        krejcie_morgan(0)


@pytest.mark.parametrize("quarter", CASES["quarters"], ids=lambda quarter: quarter["id"])
def test_a_published_table_has_an_index_from_its_printed_means(quarter):
    found = index_of_means(quarter["element_means"])
    assert (str(found.rounded), found.grade) == (quarter["published"]["ikm"], quarter["published"]["grade"])
    assert (found.k, found.comparable, found.lowest) == (9, True, (quarter["lowest"],))
    assert found.element_grades["facilities"] == grade(25 * Fraction(quarter["element_means"]["facilities"]))


def test_an_index_of_means_and_one_of_responses_say_the_same():
    from_responses = index(SEKADAU)
    from_means = index_of_means(from_responses.nrr)
    assert vars(from_means) == {name: getattr(from_responses, name) for name in vars(from_means)}


def test_the_table_of_2004_can_grade_published_means():
    # Sidomulyo calls 3.40 very good, which only the table of 2004 does.
    assert index_of_means({"cost": "3.40"}).grade == "B"
    assert index_of_means({"cost": "3.40"}, "2004").grade == "A"


@pytest.mark.parametrize(
    ("weight", "value"),
    # GASPUL printed 90.56 with weights of 0.11; 0.111 and 1/9 give the other two.
    [("0.11", "90.56"), ("0.111", "91.38"), (Fraction(1, 9), "91.48")],
)
def test_a_rounded_weight_explains_the_wrong_figure_of_gaspul(weight, value):
    means = index(tally_of_counts(CASES["gaspul"]["element_counts"], 29)).nrr
    assert str(round_half_up(weighted_ikm(means, weight), 2)) == value


def test_a_weight_of_0_33_explains_the_figure_of_the_laboratory():
    # Printed means 3.7, 3.8 and 3.0; published 86.63 instead of 87.50.
    means = {"U1": "3.7", "U2": "3.8", "U3": "3.0"}
    assert weighted_ikm(means, "0.33") == Fraction("86.625")
    assert weighted_ikm(means, Fraction(1, 3)) == index_of_means(means).ikm == Fraction("87.5")


def test_the_highest_index_with_rounded_weights_is_not_a_hundred():
    fours = dict.fromkeys(ELEMENTS, 4)
    assert [weighted_ikm(fours, weight) for weight in ("0.11", "0.111")] == [99, Fraction("99.9")]


@pytest.mark.parametrize("weight", ["0", "1.01", 2])
def test_a_weight_outside_0_to_1_is_refused(weight):
    with pytest.raises(WrongWeights):
        weighted_ikm({"time": "3"}, weight)


@pytest.mark.parametrize(
    "mean",
    [
        *(3.5, float("nan"), True, None, "3,5", "three", "", "3.", "-3", "1e3", "٣", "3 ", "nan", "7/2"),
        *(Decimal("NaN"), Decimal("Infinity"), Decimal("1e999999999"), "9" * 40),
    ],
)
def test_a_mean_that_is_not_printed_exactly_is_refused(mean):
    with pytest.raises(Malformed, match="time"):
        index_of_means({"time": mean})


@pytest.mark.parametrize("mean", ["0.99", "4.001", 5, Decimal("-3")])
def test_a_mean_outside_its_scale_is_refused_and_named(mean):
    with pytest.raises(Malformed, match=r"time: mean .* is outside 1 to 4"):
        index_of_means({"cost": 3, "time": mean})


def test_no_means_have_no_index():
    for figure in (index_of_means, lambda means: weighted_ikm(means, "0.11")):
        with pytest.raises(NoFigure, match="at least one element"):
            figure({})


def test_an_unknown_table_has_no_index_of_means():
    with pytest.raises(UnknownKey, match="no grade table '1999'"):
        index_of_means({"time": 3}, "1999")


@pytest.mark.parametrize(
    ("value", "fraction"),
    [("3.868", Fraction(3868, 1000)), ("03", 3), (Decimal("0.11"), Fraction(11, 100)), (2, 2)],
)
def test_a_printed_number_is_read_exactly(value, fraction):
    assert exact(value) == fraction


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("sNaN")])
def test_endless_decimals_are_neither_rounded_nor_graded(value):
    for judge in (grade, lambda value: round_half_up(value, 2)):
        with pytest.raises(Malformed):
            judge(value)


def test_an_element_that_could_have_been_answered_and_was_not_is_named():
    found = index(tally_of(["444-44442", "333-33332"]))
    assert (found.unanswered, found.not_applicable) == (("cost",), ())


def test_an_element_configured_not_to_exist_is_named_apart():
    rows = ["444-44440", "333-33330"]
    found = index(tally_of(rows), not_applicable={"cost"})
    assert (found.unanswered, found.not_applicable) == (("facilities",), ("cost",))
    assert (found.k, found.comparable) == (7, False)
    assert found.ikm == index(tally_of(rows)).ikm


def test_a_complete_index_has_nothing_unanswered():
    assert (index(SEKADAU).unanswered, index(SEKADAU).not_applicable) == ((), ())


def test_an_element_that_was_answered_cannot_be_said_not_to_exist():
    with pytest.raises(Contradiction, match="49 answers to cost"):
        index(SEKADAU, not_applicable={"cost"})
    with pytest.raises(UnknownKey, match="no element 'smile'"):
        index(SEKADAU, not_applicable={"smile"})


@pytest.mark.parametrize("population", [0, -1, 10.0, True, "10", float("nan")])
def test_only_a_whole_population_has_a_sample(population):
    with pytest.raises(NotACount):
        krejcie_morgan(population)


def test_scores_have_a_spread_on_any_scale():
    tally = tally_of(["66", "41"], Layout(("a", "b"), element_scale=6))
    assert spread_of_scores(tally) == (Fraction(17, 4), pytest.approx(sqrt(2 * 1.75**2)))
    assert spread_of_scores(tally, Fraction(2)).mean == Fraction(17, 2)
    assert spread_of_scores(Tally.zero(Layout(("a",)))) is None


def test_moments_that_no_responses_can_have_are_refused():
    numbers = dict.fromkeys(NINE.measures, 0) | {"score_n": 2, "score_sum": 10, "score_sumsq": 49}
    with pytest.raises(Contradiction):
        spread(Tally(NINE, tuple(numbers.values())))


def test_every_refusal_of_the_index_is_named():
    six = tally_of(["6"], Layout(("time",), element_scale=6))
    for refuse in (
        lambda: index(six),
        lambda: spread(six),
        lambda: ikm({}),
        lambda: ikm({"time": Fraction(5)}),
        lambda: grade(101),
        lambda: grade(80, "1999"),
        lambda: ikm_without(SEKADAU, "smile"),
    ):
        with pytest.raises(Refused):
            refuse()


@given(rows_with_gaps, st.randoms(use_true_random=False))
def test_the_order_of_respondents_changes_nothing(rows, random):
    assert index(tally_of(random.sample(rows, len(rows)))) == index(tally_of(rows))


@given(rows_with_gaps, st.permutations(range(9)))
def test_the_order_of_elements_does_not_change_the_index(rows, order):
    permuted = tally_of(
        ["".join(row[i] for i in order) for row in rows], Layout(tuple(ELEMENTS[i] for i in order))
    )
    before, after = index(tally_of(rows)), index(permuted)
    assume(before is not None)
    assert (after.ikm, after.nrr, set(after.lowest)) == (before.ikm, before.nrr, set(before.lowest))


@given(rows_with_gaps, st.integers(min_value=2, max_value=5))
def test_replicating_every_row_leaves_the_index_and_shrinks_its_error(rows, times):
    once, often = tally_of(rows), tally_of(rows * times)
    assume(index(once) is not None)
    assert index(often).ikm == index(once).ikm
    assume(spread(once).sd)
    n = once.count("score_n")
    assert spread(often).sd / sqrt(n * times) < spread(once).sd / sqrt(n)


@given(rows_with_gaps)
def test_turning_every_answer_round_mirrors_the_index(rows):
    turned = [row.translate(str.maketrans("1234", "4321")) for row in rows]
    before, after = index(tally_of(rows)), index(tally_of(turned))
    assume(before is not None)
    assert after.ikm == 125 - before.ikm


@given(complete_rows)
def test_a_response_of_only_fours_raises_the_index_unless_all_are_fours(rows):
    before, after = index(tally_of(rows)).ikm, index(tally_of([*rows, "444444444"])).ikm
    assert after > before or before == after == 100


@given(rows_with_gaps)
def test_every_index_is_on_its_scale_and_graded(rows):
    result = index(tally_of(rows))
    assume(result is not None)
    assert 25 <= result.ikm <= 100
    assert result.grade in "ABCD"


def test_an_index_of_means_that_are_not_exact_is_refused():
    with pytest.raises(Malformed, match=r"time: 3\.1 is not an exact number"):
        ikm({"time": 3.1})
    with pytest.raises(Malformed, match="time: True is not an exact number"):
        ikm({"time": True})


def test_rounding_is_the_same_in_any_decimal_context():
    with localcontext() as context:
        context.prec = 3
        assert str(round_half_up(Fraction("78741.4965"), 2)) == "78741.50"
    assert str(round_half_up(Decimal("1" * 40), 2)) == "1" * 40 + ".00"
    assert str(round_half_up(Fraction(-1, 1000), 2)) == "0.00"


def test_a_numpy_population_has_the_same_sample():
    assert krejcie_morgan(np.int64(100)) == krejcie_morgan(100) == 80
