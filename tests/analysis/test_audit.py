"""Published tables judged against themselves: what follows, and which mistake explains what does not."""

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.audit import Audit, audit_published
from analysis.audit_causes import rounded_weights
from analysis.errors import Contradiction, Malformed, NoFigure, NotACount, UnknownKey
from analysis.index import round_half_up
from analysis.published import KEYS, PublishedElement, PublishedTable, letters, table_of_rows

CASES = json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))

# An agency's page of quarterly results of 2025, with nine means of three decimals; quarters III and IV beside
# the two in cases.json. Facilities stand before complaints.
QUARTERS = {
    "III": ("3.846 3.769 3.659 3.956 3.890 3.846 3.725 3.769 3.857", "95.33"),
    "IV": ("3.91 3.92 3.92 3.93 3.91 3.94 3.96 3.93 3.86", "97.99"),
}
# Page of the licensing service (DPMPTSP) of Kota Bogor: values from 25 to 100 with their grades; published
# are 96.88, 3.5 and "A - SANGAT BAIK".
BOGOR = {
    **{"requirements": "85.94", "procedure": "85.16", "time": "82.81", "cost": "93.75", "product": "85.94"},
    **{"competence": "84.38", "behaviour": "86.72", "facilities": "85.16", "complaints": "96.88"},
}
# An example of an API's documentation, no real survey, that prints 82.50.
API_EXAMPLE = {
    **{"requirements": "3.32", "procedure": "3.20", "time": "3.05", "cost": "3.90", "product": "3.40"},
    **{"competence": "3.35", "behaviour": "3.42", "complaints": "3.10", "facilities": "3.25"},
}


def of_means(means: dict[str, str], ikm: str | None, **more: object) -> PublishedTable:
    elements = tuple(PublishedElement(key, mean=Decimal(mean)) for key, mean in means.items())
    return PublishedTable(elements, ikm=None if ikm is None else Decimal(ikm), **more)


def of_counts(counts: dict[str, dict[int, int]], ikm: str, **more: object) -> PublishedTable:
    elements = tuple(PublishedElement(key, counts=answers) for key, answers in counts.items())
    return PublishedTable(elements, ikm=Decimal(ikm), **more)


def same_answers(ikm: str, **more: object) -> PublishedTable:
    """Nine elements, each answered 2, 3 and 4 by one: every mean is 3, the index 75."""
    return of_counts({key: {2: 1, 3: 1, 4: 1} for key in KEYS}, ikm, **more)


def gaspul(ikm: str, **more: object) -> PublishedTable:
    counts = {
        key: {int(answer): count for answer, count in answers.items()}
        for key, answers in CASES["gaspul"]["element_counts"].items()
    }
    return of_counts(counts, ikm, grade="A", n=29, **more)


def rows_of(case: str) -> list[list[int]]:
    return [[int(answer) for answer in row] for row in CASES[case]["rows"]]


def words(audit: Audit) -> list[str]:
    return [finding.word for finding in audit.findings]


def contradictions(audit: Audit) -> list[str]:
    return [finding.word for finding in audit.findings if finding.breaks]


def causes(audit: Audit) -> list[str]:
    return [cause.word for cause in audit.causes]


# --- published tables ------------------------------------------------------------------------------------


@pytest.mark.parametrize("quarter", CASES["quarters"], ids=lambda quarter: quarter["id"])
def test_quarters_i_and_ii_follow(quarter: dict) -> None:
    table = of_means(quarter["element_means"], quarter["published"]["ikm"], grade="A", n=quarter["n"])
    audit = audit_published(table)
    assert (audit.follows, audit.findings, audit.causes) == (True, (), ())
    assert audit.rounded == Decimal(quarter["published"]["ikm"])


@pytest.mark.parametrize("quarter", QUARTERS.values(), ids=QUARTERS)
def test_quarters_iii_and_iv_follow(quarter: tuple[str, str]) -> None:
    means, ikm = quarter
    audit = audit_published(of_means(dict(zip(KEYS, means.split(), strict=True)), ikm, grade="A"))
    assert (audit.follows, audit.grade_2017) == (True, "A")


def test_brantas_follows_because_its_means_are_rounded() -> None:
    case = CASES["brantas"]
    grades = case["published"]["element_grades"]
    elements = tuple(
        PublishedElement(key, mean=Decimal(mean), grade=grades[key])
        for key, mean in case["element_means"].items()
    )
    audit = audit_published(PublishedTable(elements, ikm=Decimal("78.88"), index=Decimal("3.16")))
    assert audit.follows
    assert audit.rounded == Decimal("78.86")
    # 0.005 × 25 either way: what two printed decimals can hide.
    assert audit.range.high - audit.ikm == audit.ikm - audit.range.low == Fraction("0.125")


def test_gaspul_follows_with_91_48() -> None:
    audit = audit_published(gaspul("91.48"))
    assert (audit.follows, audit.findings) == (True, ())
    assert audit.ikm == Fraction(25 * (105 + 101 + 100 + 116 + 102 + 105 + 106 + 105 + 115), 29 * 9)


def test_gaspul_does_not_follow_with_90_56_and_the_weight_was_0_11() -> None:
    audit = audit_published(gaspul("90.56"))
    assert (audit.follows, audit.headline_follows, contradictions(audit)) == (False, False, ["headline_off"])
    assert float(audit.off) == pytest.approx(90.56 - 91.47509578544062, abs=1e-9)
    assert causes(audit) == ["weight_rounded"]
    assert audit.causes[0].numbers["weight"] == Fraction("0.11")
    assert float(audit.causes[0].ikm.mid) == pytest.approx(90.5603448275862, abs=1e-9)


def test_bogor_took_one_element_for_the_index() -> None:
    elements = tuple(PublishedElement(key, value=Decimal(value)) for key, value in BOGOR.items())
    table = PublishedTable(elements, ikm=Decimal("96.88"), index=Decimal("3.5"), grade="A - SANGAT BAIK")
    audit = audit_published(table)
    assert audit.rounded == Decimal("87.42")
    assert contradictions(audit) == ["headline_off", "scales_contradict", "grade_off"]
    assert [(cause.word, cause.element) for cause in audit.causes] == [("element_as_headline", "complaints")]


def test_the_example_of_an_api_does_not_follow() -> None:
    audit = audit_published(of_means(API_EXAMPLE, "82.50", grade="B"))
    assert (audit.follows, audit.rounded, audit.grade_2017) == (False, Decimal("83.31"), "B")
    assert causes(audit)[0] == "weight_rounded"


def test_tubaba_follows_but_one_respondent_is_not_publishable() -> None:
    table = replace(table_of_rows(KEYS, rows_of("tubaba")), ikm=Decimal(100), grade="A")
    audit = audit_published(table)
    assert (audit.follows, audit.ikm, words(audit)) == (True, 100, ["too_few_to_publish"])


def test_the_laboratory_has_no_index_but_its_mistake_is_explained() -> None:
    table = replace(table_of_rows(["U1", "U2", "U3"], rows_of("laboratory")), ikm=Decimal("86.63"), grade="B")
    audit = audit_published(table)
    assert (audit.follows, audit.ikm, audit.range, audit.headline_follows) == (False, None, None, None)
    assert audit.findings[0].word == "answer_outside_scale"
    assert audit.findings[0].numbers == {"row": 17, "column": "U2", "value": 5}
    assert audit.causes[0].numbers == {"weight": Fraction("0.33")}
    assert audit.causes[0].ikm.mid == Fraction("86.625")


def test_pagar_gunung_cannot_be_refuted_by_two_of_nine_elements() -> None:
    elements = (
        PublishedElement("cost", mean=Decimal("3.63"), grade="very good"),
        PublishedElement("time", mean=Decimal("2.54"), grade="poor"),
    )
    headline = {"ikm": Decimal("80.07"), "index": Decimal("3.20"), "grade": "B"}
    audit = audit_published(PublishedTable(elements, k=9, n=155, **headline))
    assert (audit.follows, audit.ikm, words(audit)) == (True, None, ["elements_unknown"])
    assert audit.elements[1].grades == "D"


def test_sidomulyo_used_the_grades_of_2004() -> None:
    elements = (
        PublishedElement("cost", mean=Decimal("3.40"), grade="very good"),
        PublishedElement("time", mean=Decimal("2.44"), grade="poor"),
    )
    audit = audit_published(PublishedTable(elements, k=9, n=370))
    assert [(one.word, one.element) for one in audit.findings if one.breaks] == [
        ("element_grade_off", "cost")
    ]
    assert [(cause.word, cause.numbers) for cause in audit.causes] == [("grade_table", {"rule": 2004})]


def test_a_table_that_says_it_follows_the_rule_of_2004_is_read_by_it() -> None:
    elements = (
        PublishedElement("cost", mean=Decimal("3.40"), grade="A"),
        PublishedElement("time", mean=Decimal("2.44"), grade="C"),
    )
    assert audit_published(PublishedTable(elements, k=14, rule="2004")).follows


def test_the_best_scores_of_sekadau_are_recognised() -> None:
    table = replace(table_of_rows(KEYS, rows_of("sekadau")), ikm=Decimal("80.68"), grade="B")
    audit = audit_published(table)
    assert [(cause.word, cause.numbers) for cause in audit.causes] == [("best_scores_only", {"rows": 44})]
    assert audit_published(replace(table, ikm=Decimal("78.74"))).follows


# --- known mistakes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ikm", "weight"), [("91.38", "0.111"), ("90.56", "0.11"), ("91.47", "0.1111"), ("82.33", "0.1")]
)
def test_a_rounded_weight_is_named(ikm: str, weight: str) -> None:
    audit = audit_published(gaspul(ikm))
    assert Fraction(weight) in [cause.numbers.get("weight") for cause in audit.causes]
    assert not audit.follows


def test_a_weight_that_the_table_prints_is_tried_first() -> None:
    audit = audit_published(gaspul("87.27", weight=Decimal("0.106")))
    assert (audit.causes[0].word, audit.causes[0].numbers["weight"]) == ("weight_rounded", Fraction("0.106"))
    assert "weight_printed" in words(audit)


def test_weights_are_rounded_and_cut() -> None:
    assert rounded_weights(9) == tuple(map(Fraction, ("0.111", "0.11", "0.1111", "0.1")))
    assert rounded_weights(6)[:2] == (Fraction("0.167"), Fraction("0.166"))
    # An eighth is 0.125 exactly: three decimals are no mistake.
    assert Fraction("0.125") not in rounded_weights(8)


def test_the_weight_of_nine_elements_used_for_eight_is_named() -> None:
    counts = {key: {3: 20} for key in KEYS[:8]}
    assert "weight_of_nine" in causes(audit_published(of_counts(counts, "66.60")))


def test_a_cut_instead_of_a_rounding_is_named() -> None:
    audit = audit_published(gaspul("91.47"))
    assert ("truncated", {"places": 2}) in [(cause.word, cause.numbers) for cause in audit.causes]


def test_an_index_rounded_before_its_conversion_is_named() -> None:
    # 3.6590 becomes 3.66, × 25 is 91.50.
    audit = audit_published(gaspul("91.50"))
    assert ("index_rounded", {"places": 2}) in [(cause.word, cause.numbers) for cause in audit.causes]


def test_means_rounded_before_they_are_added_are_named() -> None:
    # 3.6 3.5 3.4 4 3.5 3.6 3.7 3.6 4 make 32.9.
    audit = audit_published(gaspul("91.39"))
    named = [cause for cause in audit.causes if cause.word == "means_rounded"]
    assert [cause.numbers["places"] for cause in named] == [1]
    assert named[0].ikm.mid == Fraction("32.9") * 25 / 9


def test_weighted_means_rounded_one_by_one_are_named() -> None:
    # 9 × round(3/9, 2) = 9 × 0.33, × 25.
    assert "weighted_rounded" in causes(audit_published(same_answers("74.25")))


def test_missing_answers_counted_as_zero_are_named() -> None:
    counts = {key: {4: 8, 3: 2} for key in KEYS} | {"complaints": {4: 3, 3: 2}}
    audit = audit_published(of_counts(counts, "89.44", n=10))
    assert "missing_as_zero" in causes(audit)
    assert "answers_missing" in words(audit)


def test_complete_rows_only_are_named() -> None:
    rows = [[4] * 9, [3] * 9, [4, 4, 4, 1, *[None] * 5]]
    audit = audit_published(replace(table_of_rows(KEYS, rows), ikm=Decimal("87.50")))
    assert not audit.follows
    assert "complete_rows_only" in causes(audit)


def test_an_element_left_out_is_named() -> None:
    means = dict.fromkeys(KEYS, "3.00") | {"cost": "4.00"}
    table = replace(of_means(means, "75.00"), elements=of_means(means, None).elements)
    audit = audit_published(table)
    # Every other element has 75.00 too, so that is said first.
    assert causes(audit).count("element_as_headline") == 8
    means = {key: f"3.{at}0" for at, key in enumerate(KEYS)} | {"cost": "3.97"}
    named = audit_published(of_means(means, "85.31")).causes
    assert ("element_left_out", "cost") in [(cause.word, cause.element) for cause in named]


def test_an_element_counted_as_zero_is_named() -> None:
    means = {key: f"3.{at}0" for at, key in enumerate(KEYS)}
    audit = audit_published(of_means(means, "74.44"))
    assert ("element_as_zero", "facilities") in [(cause.word, cause.element) for cause in audit.causes]


def test_swapped_digits_are_named() -> None:
    # Quarter I with 3.688 in place of its 3.868.
    means = CASES["quarters"][0]["element_means"] | {"requirements": "3.688"}
    audit = audit_published(of_means(means, "94.53"))
    assert not audit.follows
    named = [(cause.word, cause.element, cause.numbers["instead"]) for cause in audit.causes]
    assert ("digits_swapped", "requirements", Fraction("3.868")) in named


def test_where_nothing_known_fits_the_single_means_that_would_are_named() -> None:
    audit = audit_published(same_answers("76.13"))
    assert [(cause.word, cause.element) for cause in audit.causes] == [("one_element", key) for key in KEYS]
    assert audit.causes[0].numbers["instead"] == 3 + Fraction("1.13") * 9 / 25


def test_where_no_single_mean_would_do_no_cause_is_invented() -> None:
    # 4.13 points of the index are 1.49 of one mean, and 4.49 is none.
    audit = audit_published(same_answers("79.13"))
    assert (audit.follows, audit.causes) == (False, ())


def test_a_scale_stretched_to_begin_at_zero_is_named() -> None:
    assert "rescaled_from_zero" in causes(audit_published(same_answers("66.67")))


def test_a_mistake_is_no_cause_of_a_headline_that_follows() -> None:
    assert audit_published(same_answers("75.00", weight=Decimal("0.11"))).causes == ()


# --- contradictions --------------------------------------------------------------------------------------


def test_a_grade_must_follow_from_the_headline_and_from_the_elements() -> None:
    assert contradictions(audit_published(same_answers("75.00", grade="B"))) == [
        "grade_not_of_headline",
        "grade_off",
    ]
    assert audit_published(same_answers("75.00", grade="Kurang baik")).follows


def test_a_grade_on_the_edge_is_not_refuted_by_rounded_means() -> None:
    # 3.53 × 25 = 88.25, but a mean of 3.5324 is printed 3.53 and makes 88.31.
    means = dict.fromkeys(KEYS, "3.53")
    assert audit_published(of_means(means, "88.31", grade="A")).follows
    assert audit_published(of_means(means, "88.25", grade="B")).follows
    assert audit_published(of_means(means, "88.25", grade="A")).follows is False


def test_a_printed_four_is_no_mean_above_four() -> None:
    audit = audit_published(of_means(dict.fromkeys(KEYS, "4.00"), "100.00"))
    assert (audit.range.low, audit.range.high) == (Fraction("99.875"), 100)
    audit = audit_published(of_means(dict.fromkeys(KEYS, "1.00"), "25.00", grade="D"))
    assert (audit.range.low, audit.range.high) == (25, Fraction("25.125"))


def test_a_headline_that_no_unknown_elements_allow_has_no_cause() -> None:
    element = PublishedElement("cost", mean=Decimal("1.00"))
    audit = audit_published(PublishedTable((element,), k=2, ikm=Decimal("80.00")))
    assert (audit.follows, audit.ikm, audit.causes) == (False, None, ())


def test_a_headline_printed_without_decimals_leaves_its_grade_open() -> None:
    means = dict.fromkeys(KEYS, "3.53")
    for grade in "AB":
        assert audit_published(of_means(means, "88", grade=grade)).follows


def test_the_two_scales_must_agree() -> None:
    # 3.16 can be 78.875 to 79.125 (Brantas prints 3.16 and 78.88); 3.15 cannot.
    audit = audit_published(same_answers("75.00", index=Decimal("3.10")))
    assert contradictions(audit) == ["index_off", "scales_contradict"]
    assert audit_published(same_answers("75.00", index=Decimal("3.00"))).follows


def test_an_index_published_only_from_1_to_4_is_judged_too() -> None:
    table = replace(same_answers("75.00"), ikm=None, index=Decimal("3.20"))
    audit = audit_published(table)
    assert (audit.follows, audit.headline, contradictions(audit)) == (False, 80, ["index_off"])


@pytest.mark.parametrize(
    ("element", "word"),
    [
        (PublishedElement("cost", mean=Decimal("4.20")), "mean_outside_scale"),
        (PublishedElement("cost", mean=Decimal("0.00")), "mean_outside_scale"),
        (PublishedElement("cost", value=Decimal("102.50")), "value_outside_scale"),
        (PublishedElement("cost", counts={4: 2, 5: 1}), "count_outside_scale"),
        (PublishedElement("cost", counts={3: 2, 0: 1}), "count_outside_scale"),
    ],
)
def test_a_figure_outside_its_scale_leaves_no_index(element: PublishedElement, word: str) -> None:
    others = tuple(PublishedElement(key, mean=Decimal("3.00")) for key in KEYS if key != "cost")
    audit = audit_published(PublishedTable((*others, element), ikm=Decimal("78.33")))
    assert (audit.follows, audit.ikm, audit.rounded, audit.grades) == (False, None, None, "")
    assert contradictions(audit)[0] == word


def test_a_zero_for_an_element_that_was_not_asked_is_explained() -> None:
    means = dict.fromkeys(KEYS, "3.00") | {"cost": "0.00"}
    audit = audit_published(of_means(means, "66.67"))
    assert causes(audit)[0] == "outside_scale_accepted"


@pytest.mark.parametrize(
    ("figures", "word"),
    [({"ikm": "104.2"}, "headline_outside_scale"), ({"index": "4.2"}, "index_outside_scale")],
)
def test_a_headline_outside_its_scale_is_said(figures: dict[str, str], word: str) -> None:
    printed = {name: Decimal(figure) for name, figure in figures.items()}
    audit = audit_published(replace(same_answers("75"), **{"ikm": None} | printed, grade="A"))
    assert word in contradictions(audit)
    assert not audit.follows


def test_more_answers_than_respondents_are_named_with_their_number() -> None:
    counts = {key: {3: 29} for key in KEYS} | {"time": {3: 31}}
    audit = audit_published(of_counts(counts, "75.00", n=29))
    assert [(one.word, one.element, one.numbers) for one in audit.findings] == [
        ("n_exceeded", "time", {"answered": 31, "n": 29})
    ]
    assert not audit.follows


def test_counts_that_do_not_add_up_to_their_n_are_named() -> None:
    element = PublishedElement("cost", counts={3: 28}, n=29)
    audit = audit_published(PublishedTable((element,), ikm=Decimal("75.00")))
    assert contradictions(audit) == ["n_contradicts_counts"]


@pytest.mark.parametrize("total", [28, 117])
def test_a_sum_that_no_answers_have_is_named(total: int) -> None:
    element = PublishedElement("cost", total=total, n=29)
    audit = audit_published(PublishedTable((element,), ikm=Decimal("75.00")))
    assert "sum_impossible" in contradictions(audit)
    assert audit.ikm is None


def test_figures_of_one_element_must_agree() -> None:
    element = PublishedElement("cost", total=102, n=29, mean=Decimal("3.62"), value=Decimal("87.93"))
    audit = audit_published(PublishedTable((element,), ikm=Decimal("87.93")))
    assert [(one.word, one.numbers["second"]) for one in audit.findings if one.breaks] == [
        ("element_contradicts_itself", "mean")
    ]


def test_an_element_has_the_grade_of_its_own_value() -> None:
    elements = tuple(
        PublishedElement(key, mean=Decimal("3.00"), grade="B" if key == "time" else "C") for key in KEYS
    )
    audit = audit_published(PublishedTable(elements, ikm=Decimal("75.00")))
    assert [(one.word, one.element) for one in audit.findings] == [("element_grade_off", "time")]


# --- remarks ---------------------------------------------------------------------------------------------


def test_a_mean_that_no_whole_answers_have_is_only_a_remark() -> None:
    # Brown & Heathers 2017: 29 whole answers have means of 3.448 and 3.483, none that rounds to 3.46.
    means = dict.fromkeys(KEYS, "3.48") | {"time": "3.46"}
    audit = audit_published(of_means(means, "86.95", n=29))
    assert audit.follows
    assert [(one.word, one.element) for one in audit.findings] == [("mean_not_possible", "time")]


def test_a_half_may_have_been_rounded_either_way() -> None:
    # Four answers that add up to 13 have a mean of 3.25; 3.2 and 3.3 are both printed for it.
    for mean in ("3.2", "3.3"):
        audit = audit_published(of_means({"cost": mean}, "81.25", n=4))
        assert "mean_not_possible" not in words(audit)
        assert audit.follows


def test_two_decimals_of_many_answers_allow_every_mean() -> None:
    means = {key: f"3.{at}7" for at, key in enumerate(KEYS)}
    assert audit_published(of_means(means, "86.75", n=200)).findings == ()


def test_an_element_nobody_answered_leaves_the_index() -> None:
    counts = {key: {3: 20} for key in KEYS} | {"cost": {}}
    audit = audit_published(of_counts(counts, "75.00"))
    assert (audit.follows, audit.k, audit.comparable) == (True, 8, False)
    assert words(audit) == ["element_unanswered", "not_nine_elements"]


def test_the_order_of_u8_and_u9_is_asked_for_but_not_needed() -> None:
    table = table_of_rows([f"U{at}" for at in range(1, 10)], rows_of("sekadau"))
    audit = audit_published(replace(table, ikm=Decimal("78.74")))
    assert (audit.follows, words(audit)) == (True, ["order_unknown"])


def test_of_many_cells_outside_the_scale_the_first_are_listed() -> None:
    audit = audit_published(replace(table_of_rows(KEYS, [[9] * 9] * 5), ikm=Decimal("75.00")))
    assert words(audit).count("answer_outside_scale") == 20
    assert ("more_outside_scale", {"more": 25}) in [(one.word, one.numbers) for one in audit.findings]


# --- refusals --------------------------------------------------------------------------------------------


def test_a_table_without_anything_to_check_is_refused() -> None:
    with pytest.raises(NoFigure, match="no headline and no grade"):
        audit_published(of_means(API_EXAMPLE, None))


def test_a_table_that_nobody_answered_is_refused() -> None:
    with pytest.raises(NoFigure, match="nobody answered"):
        audit_published(of_counts({key: {3: 0} for key in KEYS}, "75.00"))


@pytest.mark.parametrize("count", [-1, True, 2.0, "2", float("nan")])
def test_a_count_is_a_whole_number(count: object) -> None:
    for made in ({"counts": {3: count}}, {"n": count}, {"total": count, "n": 3}):
        with pytest.raises(NotACount, match="whole number"):
            PublishedElement("cost", **made)
    with pytest.raises(NotACount, match="whole number"):
        PublishedTable((PublishedElement("cost", mean=Decimal(3)),), n=count)


@pytest.mark.parametrize(
    "figure",
    [3.5, 3, True, "3.5", Decimal("NaN"), Decimal("Infinity"), Decimal("1E+999999999"), Decimal("1E-99")],
)
def test_a_printed_figure_is_a_decimal_of_ordinary_size(figure: object) -> None:
    for made in ("mean", "value"):
        with pytest.raises(Malformed, match="figure"):
            PublishedElement("cost", **{made: figure})
    for made in ("ikm", "index", "weight"):
        with pytest.raises(Malformed, match="figure"):
            PublishedTable((PublishedElement("cost", mean=Decimal(3)),), **{made: figure})


def test_a_table_with_the_wrong_shape_is_refused() -> None:
    cost = PublishedElement("cost", mean=Decimal(3))
    for elements, message in (
        ((), "1 to 60"),
        ((cost, cost), "named twice: cost"),
        ((cost,) * 61, "1 to 60"),
    ):
        with pytest.raises(Malformed, match=message):
            PublishedTable(elements)
    with pytest.raises(Malformed, match="needs the number"):
        PublishedTable((PublishedElement("cost", total=30),))
    with pytest.raises(Contradiction, match="said to have had 0"):
        PublishedTable((cost,), k=0)
    with pytest.raises(UnknownKey, match="1999"):
        PublishedTable((cost,), rule="1999")
    with pytest.raises(Malformed, match="greater than zero"):
        PublishedTable((cost,), weight=Decimal(0))
    with pytest.raises(Malformed, match="row 2 has 2 answers for 1"):
        table_of_rows(["cost"], [[3], [3, 3]])
    for answer in (3.0, True, "3"):
        with pytest.raises(Malformed, match="row 1, column cost"):
            table_of_rows(["cost"], [[answer]])


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("A", "A"),
        ("b", "B"),
        ("A - SANGAT BAIK", "A"),
        ("C (Kurang Baik)", "C"),
        ("Tidak baik", "D"),
        ("poor", "CD"),
    ],
)
def test_a_grade_is_a_letter_or_a_word(printed: str, meant: str) -> None:
    assert letters(printed) == meant


@pytest.mark.parametrize("printed", ["", "E", "A - kurang baik", "excellent", "AB"])
def test_an_unknown_grade_is_refused(printed: str) -> None:
    with pytest.raises(UnknownKey, match="not a grade"):
        letters(printed)


# --- what holds of every table ---------------------------------------------------------------------------

answers_of_nine = st.lists(
    st.dictionaries(st.integers(1, 4), st.integers(1, 50), min_size=1), min_size=9, max_size=9
)


def exact(counts: list[dict[int, int]]) -> Fraction:
    means = [Fraction(sum(a * c for a, c in one.items()), sum(one.values())) for one in counts]
    return 25 * sum(means) / len(means)


@settings(max_examples=30, deadline=None)
@given(answers_of_nine)
def test_a_table_computed_by_the_rule_follows(counts: list[dict[int, int]]) -> None:
    ikm = str(round_half_up(exact(counts), 2))
    audit = audit_published(of_counts(dict(zip(KEYS, counts, strict=True)), ikm, weight=Decimal("0.111")))
    assert audit.follows
    assert audit.ikm == exact(counts)


@settings(max_examples=30, deadline=None)
@given(answers_of_nine, st.integers(1, 3), st.integers(0, 3))
def test_no_rounding_of_what_is_printed_is_an_accusation(
    counts: list[dict[int, int]], decimals: int, of_headline: int
) -> None:
    means = {
        key: str(round_half_up(Fraction(sum(a * c for a, c in one.items()), sum(one.values())), decimals))
        for key, one in zip(KEYS, counts, strict=True)
    }
    ikm = str(round_half_up(exact(counts), of_headline))
    audit = audit_published(of_means(means, ikm))
    assert audit.headline_follows
    assert audit.range.low <= exact(counts) <= audit.range.high


@settings(max_examples=30, deadline=None)
@given(answers_of_nine, st.sampled_from(["0.11", "0.111"]))
def test_a_rounded_weight_is_never_missed_when_it_shows(counts: list[dict[int, int]], weight: str) -> None:
    wrong = round_half_up(exact(counts) * 9 * Fraction(weight), 2)
    assume(wrong >= 25)
    audit = audit_published(of_counts(dict(zip(KEYS, counts, strict=True)), str(wrong)))
    if abs(Fraction(wrong) - exact(counts)) > Fraction("0.005"):
        assert not audit.follows
        assert Fraction(weight) in [cause.numbers.get("weight") for cause in audit.causes]


@settings(max_examples=30, deadline=None)
@given(answers_of_nine, st.permutations(range(9)), st.decimals("25", "100", places=2))
def test_the_order_of_elements_changes_no_verdict(
    counts: list[dict[int, int]], order: list[int], ikm: Decimal
) -> None:
    listed = list(zip(KEYS, counts, strict=True))
    first = audit_published(of_counts(dict(listed), str(ikm)))
    second = audit_published(of_counts(dict(listed[at] for at in order), str(ikm)))
    assert (first.follows, first.ikm, first.off) == (second.follows, second.ikm, second.off)
    assert set(causes(first)) == set(causes(second))


@settings(max_examples=30, deadline=None)
@given(answers_of_nine, st.decimals("25", "100", places=2))
def test_every_cause_gives_the_headline(counts: list[dict[int, int]], ikm: Decimal) -> None:
    audit = audit_published(of_counts(dict(zip(KEYS, counts, strict=True)), str(ikm)))
    for cause in audit.causes:
        assert cause.ikm.low <= Fraction(ikm) + Fraction("0.005")
        assert cause.ikm.high >= Fraction(ikm) - Fraction("0.005")
