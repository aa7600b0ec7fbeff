"""What a citizen sent becomes exact answers, or a list of what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.answers import (
    AnswersRefused,
    Problem,
    read_form,
    read_values,
    shown_variant,
    wanted_language,
)
from survey.instruments import load

SKM = load(Path(__file__).resolve().parent.parent / "instruments" / "skm-2017.1.toml")
ELEMENTS = [item.key for item in SKM.elements]
Fields = list[tuple[str, str]]


def form(given: int = 9, *more: tuple[str, str], variant: int = 0) -> Fields:
    """A form with the first `given` elements answered 3."""
    return [("v", str(variant)), *[(key, "3") for key in ELEMENTS[:given]], *more]


def problems(fields: Fields) -> list[Problem]:
    with pytest.raises(AnswersRefused) as refusal:
        read_form(SKM, fields)
    return refusal.value.problems


def codes(fields: Fields) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in problems(fields)]


def test_answers_are_written_one_character_per_item_in_the_order_of_the_instrument() -> None:
    # Variant 0 asks the level, the change, reliability and responsiveness.
    answers = read_form(SKM, form(9, ("trust_level", "5"), ("reliability", "1")))
    assert answers.values == "333333333" + "5010---"


def test_the_order_in_which_fields_arrive_does_not_matter() -> None:
    fields = [("v", "0"), *[(key, str(1 + n % 4)) for n, key in enumerate(ELEMENTS)]]
    assert read_form(SKM, fields[::-1]) == read_form(SKM, fields)


def test_answered_and_sum_count_the_elements_and_never_the_trust_items() -> None:
    answers = read_form(SKM, form(6, ("trust_level", "5")))
    assert (answers.answered, answers.score_sum) == (6, 18)


def test_five_of_nine_elements_are_enough() -> None:
    assert read_form(SKM, form(5)).values == "333330000" + "0000---"


def test_four_of_nine_elements_are_too_few_and_the_first_open_one_is_named() -> None:
    assert problems(form(4)) == [Problem("product", "too_few", {"given": 4, "needed": 5, "total": 9})]


def test_trust_answers_do_not_make_up_for_missing_elements() -> None:
    assert codes(form(4, ("trust_level", "5"), ("trust_change", "5"))) == [("product", "too_few")]


@pytest.mark.parametrize("value", ["5", "0", "-1", "", " 3", "3.0", "+3", "٣", "３", "33", "x"])
def test_an_answer_outside_the_scale_is_refused(value: str) -> None:
    fields = [field for field in form() if field[0] != "time"] + [("time", value)]
    assert codes(fields) == [("time", "not_an_answer")]


def test_a_trust_item_takes_five_but_not_six() -> None:
    assert read_form(SKM, form(9, ("trust_level", "5"))).values[9] == "5"
    assert codes(form(9, ("trust_level", "6"))) == [("trust_level", "not_an_answer")]


def test_an_answer_to_a_trust_item_the_variant_does_not_ask_is_refused() -> None:
    assert "fairness" not in SKM.variants[0]
    assert codes(form(9, ("fairness", "4"))) == [("fairness", "not_asked")]


@pytest.mark.parametrize("variant", ["20", "-1", "", "1.0", "01", "x", "99999999999", "١"])
def test_a_wrong_variant_is_refused(variant: str) -> None:
    assert codes([("v", variant), *form()[1:]]) == [("v", "bad_variant")]


def test_a_form_without_its_variant_is_refused() -> None:
    assert codes(form()[1:]) == [("v", "bad_variant")]


def test_an_unknown_field_is_refused() -> None:
    assert codes(form(9, ("is_admin", "1"))) == [("is_admin", "unknown_field")]


def test_a_field_sent_twice_is_refused_even_with_the_same_value() -> None:
    assert codes(form(9, ("time", "3"))) == [("time", "repeated")]


def test_all_problems_are_told_at_once() -> None:
    fields = form(9, ("sex", "X"), ("other", "1"), ("comment", "a" * 2001), ("trust_level", "9"))
    assert {code for _, code in codes(fields)} == {
        "unknown_field",
        "not_an_answer",
        "comment_too_long",
        "bad_choice",
    }


def test_a_wrong_answer_is_not_also_blamed_as_too_few() -> None:
    assert codes([*form(4), ("product", "7")]) == [("product", "not_an_answer")]


def test_a_comment_is_stripped_and_an_empty_one_is_none() -> None:
    assert read_form(SKM, form(9, ("comment", "  bagus\r\n\r\n"))).comment == "bagus"
    assert read_form(SKM, form(9, ("comment", " \r\n\t "))).comment is None
    assert read_form(SKM, form(9)).comment is None


def test_a_comment_of_two_thousand_characters_is_taken_however_its_lines_end() -> None:
    text = "ab\r\n" * 666 + "ab"
    assert len(text) > 2000
    assert read_form(SKM, form(9, ("comment", text))).comment == "ab\n" * 666 + "ab"


def test_a_comment_of_two_thousand_and_one_characters_is_refused_with_its_length() -> None:
    assert problems(form(9, ("comment", "é" * 2001))) == [
        Problem("comment", "comment_too_long", {"length": 2001, "limit": 2000})
    ]


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800"])
def test_a_comment_with_a_control_character_is_refused(char: str) -> None:
    assert codes(form(9, ("comment", f"a{char}b"))) == [("comment", "comment_unreadable")]


def test_tabs_line_breaks_emoji_and_markup_stay_in_a_comment() -> None:
    text = "<b>baik</b>\n\t👍🏽 'OR 1=1"
    assert read_form(SKM, form(9, ("comment", text))).comment == text


def test_a_profile_keeps_only_what_was_told() -> None:
    answers = read_form(SKM, form(9, ("sex", "P"), ("age_band", ""), ("education", "s1")))
    assert answers.profile == {"sex": "P", "education": "s1"}


def test_an_unknown_profile_value_is_refused() -> None:
    assert codes(form(9, ("sex", "p"))) == [("sex", "bad_choice")]


def test_the_language_of_the_answer_is_the_one_the_page_was_shown_in() -> None:
    assert read_form(SKM, form(9, ("shown", "su"))).language == "su"
    assert read_form(SKM, form(9)).language == "id"
    assert codes(form(9, ("shown", "fr"))) == [("shown", "bad_language")]


def test_a_pressed_language_button_is_told_apart_from_sending() -> None:
    assert wanted_language(SKM, form(2, ("shown", "id"), ("lang", "en"))) == "en"
    assert wanted_language(SKM, form(9, ("shown", "id"))) is None
    assert wanted_language(SKM, form(9, ("lang", "fr"))) is None


def test_the_shown_variant_is_read_from_a_form_that_is_otherwise_wrong() -> None:
    assert shown_variant(SKM, form(0, ("x", "y"), variant=19)) == 19
    assert shown_variant(SKM, [("v", "1"), ("v", "2")]) is None


def test_answers_from_another_mode_tell_skipped_from_not_asked() -> None:
    values = {**dict.fromkeys(ELEMENTS, 4), "cost": None, "trust_level": 5, "fairness": None}
    answers = read_values(SKM, values)
    assert answers.values == "444044444" + "5-----0"
    assert (answers.answered, answers.score_sum) == (8, 32)


def test_another_mode_is_held_to_the_same_rules() -> None:
    with pytest.raises(AnswersRefused) as refusal:
        read_values(SKM, {**dict.fromkeys(ELEMENTS, 5), "speed": 1}, comment="\x00", profile={"sex": "X"})
    found = [problem.code for problem in refusal.value.problems]
    assert found == ["unknown_field"] + ["not_an_answer"] * 9 + ["comment_unreadable", "bad_choice"]


def test_another_mode_that_asks_fewer_elements_needs_half_of_all_of_them() -> None:
    with pytest.raises(AnswersRefused) as refusal:
        read_values(SKM, dict.fromkeys(ELEMENTS[:4], 4))
    assert refusal.value.problems == [Problem("product", "too_few", {"given": 4, "needed": 5, "total": 9})]


NAMES = [*ELEMENTS, *[item.key for item in SKM.trust], "sex", "disability", "comment", "lang", "shown", "v"]
SENT = st.sampled_from(["1", "2", "3", "4", "5", "0", "L", "yes", "id", ""]) | st.text(max_size=5)
ANYTHING = st.lists(st.tuples(st.sampled_from(NAMES) | st.text(max_size=5), SENT), max_size=25)
PLAUSIBLE = st.fixed_dictionaries(
    {"v": st.integers(0, 19).map(str)},
    optional={
        **{key: st.sampled_from("1234") for key in ELEMENTS},
        **{item.key: st.sampled_from("12345") for item in SKM.trust},
        "comment": st.text(max_size=30),
        "sex": st.sampled_from(["", "L", "P"]),
    },
).map(lambda fields: list(fields.items()))


@given(ANYTHING | PLAUSIBLE)
def test_whatever_is_sent_is_refused_in_words_or_fits_the_layout(fields: Fields) -> None:
    try:
        answers = read_form(SKM, fields)
    except AnswersRefused as refusal:
        assert refusal.problems  # noqa: PT017 - both outcomes are right here
        return
    layout = SKM.layout
    assert len(answers.values) == len(layout.elements) + len(layout.trust)
    elements, trust = answers.values[: len(layout.elements)], answers.values[len(layout.elements) :]
    assert set(elements) <= set("01234")
    assert set(trust) <= set("-012345")
    assert {item.key for item, value in zip(SKM.trust, trust, strict=True) if value != "-"} in SKM.variants
    assert answers.answered == sum(value != "0" for value in elements) >= SKM.half
    assert answers.score_sum == sum(int(value) for value in elements)


@given(st.data())
def test_every_form_that_follows_the_rules_is_accepted_as_it_was_filled_in(data: st.DataObject) -> None:
    variant = data.draw(st.integers(0, len(SKM.variants) - 1))
    given_elements = data.draw(st.lists(st.sampled_from(ELEMENTS), min_size=5, unique=True))
    given_trust = data.draw(st.lists(st.sampled_from(sorted(SKM.variants[variant])), unique=True))
    chosen = {key: data.draw(st.integers(1, 4)) for key in given_elements}
    chosen |= {key: data.draw(st.integers(1, 5)) for key in given_trust}
    answers = read_form(SKM, [("v", str(variant)), *((key, str(value)) for key, value in chosen.items())])
    asked = {*ELEMENTS, *SKM.variants[variant]}
    expected = [str(chosen.get(item.key, 0)) if item.key in asked else "-" for item in SKM.items]
    assert answers.values == "".join(expected)
