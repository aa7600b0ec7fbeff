"""A questionnaire that is only a file: loaded, shown, answered, counted, and its index computed."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from analysis.index import index
from analysis.tally import Answered, tally_responses
from survey.answers import AnswersRefused, Problem, read_form, read_values
from survey.imports import read_table
from survey.instruments import Instrument, load_all
from survey.pages import Pages, Site

LETTERS = "abcdefghijklmnop"
KEYS = [f"unsur_{letter}" for letter in LETTERS]
RECOMMENDATION = """
[[other]]
key = "recommend"
kind = "nps"
name.id = "Rekomendasi"
question.id = "Seberapa mungkin Saudara menyarankan layanan ini kepada orang lain?"
ends.id = ["sangat tidak mungkin", "sangat mungkin"]
"""


def sixteen_elements() -> str:
    lines = ['id = "long-1"', 'default_language = "id"', "[languages]", "id = { reviewed = true }"]
    for number, key in enumerate(KEYS):
        lines += [
            "[[element]]",
            f'key = "{key}"',
            f'name.id = "Unsur {number}"',
            f'question.id = "Bagaimana unsur {number}?"',
            'answers.id = ["Buruk", "Cukup", "Baik", "Sangat baik"]',
        ]
    return "\n".join(lines)


@pytest.fixture
def added(tmp_path: Path) -> Instrument:
    """A questionnaire of sixteen elements and a recommendation, found in a directory of files."""
    (tmp_path / "long-1.toml").write_text(sixteen_elements() + RECOMMENDATION, encoding="utf-8")
    return load_all(tmp_path)["long-1"]


def filled(*answered: str, **more: str) -> list[tuple[str, str]]:
    """A sent form; one answer per element from the first on."""
    given = dict(zip(KEYS, answered, strict=False))
    return list(({"v": "0", "shown": "id", "instrument": "long-1"} | given | more).items())


def test_it_has_sixteen_elements_of_which_eight_must_be_answered(added: Instrument) -> None:
    assert [item.key for item in added.elements] == KEYS
    assert added.half == 8
    assert added.variants == (frozenset(),)


def test_its_form_asks_every_element_and_the_recommendation_in_numbers(added: Instrument) -> None:
    body = Pages({added.id: added}, Site("Survei", "0800")).form("long-1", "id", 0).body.decode()
    asked = re.findall(r'name="(\w+)" value="(\d+)"', body)
    assert [key for key, value in asked if value == "1" and key != "v"] == [*KEYS, "recommend"]
    labels = re.findall(r'name="recommend" value="(\d+)"><span>(\d+)</span>', body)
    assert labels == [(str(number + 1), str(number)) for number in range(11)]
    assert "17 pertanyaan" in body
    assert (
        '<p class="hint clear" id="ends-recommend">0 = sangat tidak mungkin, 10 = sangat mungkin</p>'
        in body.replace("\N{NO-BREAK SPACE}", " ")
    )
    assert body.count('<div class="answers clear numbers">') == 1


def test_the_ends_of_the_numbers_and_what_is_wrong_both_describe_the_question(added: Instrument) -> None:
    pages = Pages({added.id: added}, Site("Survei", "0800"))
    sent = filled(*"44444444", recommend="12")
    with pytest.raises(AnswersRefused) as refusal:
        read_form(added, sent)
    assert refusal.value.problems == [Problem("recommend", "not_an_answer")]
    body = pages.form_again(added, "id", 0, dict(sent), refusal.value.problems).decode()
    assert 'aria-describedby="ends-recommend problem-recommend"' in body
    assert 'href="#recommend"' in body


@pytest.mark.parametrize(("sent", "stored"), [("1", "1"), ("9", "9"), ("10", "a"), ("11", "b")])
def test_an_answer_above_nine_is_stored_as_a_letter(added: Instrument, sent: str, stored: str) -> None:
    assert read_form(added, filled(*"1234" * 4, recommend=sent)).values == "1234" * 4 + stored
    values = dict.fromkeys(KEYS, 4) | {"recommend": int(sent)}
    assert read_values(added, values).values == "4" * 16 + stored


@pytest.mark.parametrize("sent", ["0", "12", "a", "b", "01", "011", " 1", "1.0", "١١", "-1", ""])
def test_anything_else_is_no_recommendation(added: Instrument, sent: str) -> None:
    with pytest.raises(AnswersRefused) as refusal:
        read_form(added, filled(*"4" * 16, recommend=sent))
    assert refusal.value.problems == [Problem("recommend", "not_an_answer")]


@pytest.mark.parametrize("value", [True, False, 0, -1, 12, 3.0, "3 "])
def test_another_mode_gives_numbers_of_the_scale_and_nothing_else(added: Instrument, value: object) -> None:
    with pytest.raises(AnswersRefused):
        read_values(added, dict.fromkeys(KEYS, 4) | {"recommend": value})  # type: ignore[dict-item]


def test_a_recommendation_does_not_make_up_for_missing_elements(added: Instrument) -> None:
    with pytest.raises(AnswersRefused) as refusal:
        read_form(added, filled(*"4444444", recommend="11"))
    params = {"given": 7, "needed": 8, "total": 16}
    assert refusal.value.problems == [Problem("unsur_h", "too_few", params)]


def test_its_index_is_one_of_sixteen_elements_and_not_comparable_with_nine(added: Instrument) -> None:
    sent = [
        read_form(added, filled(*"4" * 16, recommend="11")),
        read_form(added, filled(*"3" * 8)),
        read_form(added, filled(*"1234" * 4, recommend="1")),
    ]
    tally = tally_responses(added.layout, [Answered(one.values) for one in sent])
    found = index(tally)
    assert found is not None
    assert (found.k, found.comparable, found.n) == (16, False, 3)
    first = [Fraction(4 + 3 + own, 3) for own in (1, 2, 3, 4, 1, 2, 3, 4)]
    last = [Fraction(4 + own, 2) for own in (1, 2, 3, 4, 1, 2, 3, 4)]
    assert found.ikm == 25 * sum(first + last) / 16
    assert tally.answers("recommend") == (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
    assert tally.count("score_sum") == 720_720 * (4 + 3 + Fraction(40, 16))
    assert (sent[2].answered, sent[2].score_sum) == (16, 40)


def test_a_historical_table_of_it_needs_no_word_on_the_order_of_its_numbered_columns(
    added: Instrument,
) -> None:
    header = ";".join(f"U{number}" for number in range(1, 17))
    table = read_table(f"{header}\n{';'.join('4' * 16)}\n{';'.join('1' * 16)}\n".encode(), added, None)
    assert table.order == "questionnaire"
    assert [one.values for one in table.answers] == ["4" * 16 + "-", "1" * 16 + "-"]
