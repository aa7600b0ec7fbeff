"""Questionnaires as data: what the official one says, and how a wrong file is refused."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from survey.instruments import Instrument, InstrumentError, load, load_all

ROOT = Path(__file__).resolve().parent.parent
OFFICIAL = ROOT / "instruments" / "skm-2017.1.toml"


@pytest.fixture(scope="module")
def skm() -> Instrument:
    return load(OFFICIAL)


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write the official file with one passage changed."""

    def write(old: str, new: str) -> Path:
        text = OFFICIAL.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / OFFICIAL.name
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


def sixteen_elements() -> str:
    lines = ['id = "long-1"', 'default_language = "id"', "[languages]", "id = { reviewed = true }"]
    for number in range(16):
        key = "unsur_" + "abcdefghijklmnop"[number]
        lines += [
            "[[element]]",
            f'key = "{key}"',
            f'name.id = "Unsur {number}"',
            f'question.id = "Bagaimana unsur {number}?"',
            'answers.id = ["Buruk", "Cukup", "Baik", "Sangat baik"]',
        ]
    return "\n".join(lines)


def test_elements_stand_in_the_order_of_the_official_form(skm: Instrument) -> None:
    assert [item.key for item in skm.elements] == [
        "requirements",
        "procedure",
        "time",
        "cost",
        "product",
        "competence",
        "behaviour",
        "facilities",
        "complaints",
    ]


def test_the_indonesian_wording_of_an_element_is_the_official_one(skm: Instrument) -> None:
    by_key = {item.key: item for item in skm.elements}
    assert by_key["procedure"].question["id"] == (
        "Bagaimana pemahaman Saudara tentang kemudahan prosedur pelayanan di unit ini?"
    )
    assert by_key["cost"].answers["id"] == ("Sangat mahal", "Cukup mahal", "Murah", "Gratis")
    assert by_key["complaints"].answers["id"] == (
        "Tidak ada",
        "Ada tetapi tidak berfungsi",
        "Berfungsi kurang maksimal",
        "Dikelola dengan baik",
    )


def test_every_question_is_worded_differently_in_every_language(skm: Instrument) -> None:
    for item in skm.items:
        assert len(set(item.question.values())) == len(skm.languages), item.key


def test_no_wording_names_an_office(skm: Instrument) -> None:
    assert not any("{" in text for item in skm.items for text in item.question.values())


def test_javanese_and_sundanese_are_marked_as_unreviewed(skm: Instrument) -> None:
    assert {code for code, language in skm.languages.items() if not language.reviewed} == {"jv", "su"}


def test_each_variant_asks_the_level_of_trust_and_another_three_of_the_six(skm: Instrument) -> None:
    others = [item.key for item in skm.trust if item.key != "trust_level"]
    expected = {frozenset({"trust_level", *three}) for three in combinations(others, 3)}
    assert len(skm.variants) == 20
    assert set(skm.variants) == expected


def test_half_of_nine_elements_is_five(skm: Instrument) -> None:
    assert skm.half == 5


def test_the_layout_names_elements_and_trust_items_in_order(skm: Instrument) -> None:
    assert skm.layout.elements == tuple(item.key for item in skm.elements)
    assert skm.layout.trust == tuple(item.key for item in skm.trust)
    assert (skm.layout.element_scale, skm.layout.trust_scale) == (4, 5)


def test_a_questionnaire_of_sixteen_elements_is_added_as_a_file_alone(tmp_path: Path) -> None:
    (tmp_path / "long-1.toml").write_text(sixteen_elements(), encoding="utf-8")
    (tmp_path / OFFICIAL.name).write_text(OFFICIAL.read_text(encoding="utf-8"), encoding="utf-8")
    found = load_all(tmp_path)
    assert set(found) == {"long-1", "skm-2017.1"}
    assert len(found["long-1"].elements) == 16
    assert found["long-1"].half == 8
    assert found["long-1"].variants == (frozenset(),)


def test_every_questionnaire_of_the_project_loads() -> None:
    assert "skm-2017.1" in load_all(ROOT / "instruments")


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ('question.su = "Kumaha pamahaman', 'question.xx = "Kumaha pamahaman', "procedure.question", "su"),
        ('answers.en = ["Poor", "Fair", ', 'answers.en = ["Poor", ', "facilities.answers.en", "4 texts"),
        ('en = ["Strongly disagree", ', "en = [", "trust_level.answer_set.en", "5 texts"),
        ('"Poor", "Fair"', '"Poor", "Poor"', "facilities.answers.en", "same text"),
        ('key = "procedure"', 'key = "time"', "time", "twice"),
        ('key = "sex"', 'key = "cost"', "cost", "twice"),
        ('key = "procedure"', 'key = "Procedure 2"', "element", "Procedure 2"),
        ('key = "procedure"', 'key = "lang"', "lang", "form uses"),
        ('answer_set = "change"', 'answer_set = "no such"', "trust_change.answer_set", "missing"),
        ('name.en = "Requirements"', 'name.en = " "', "requirements.name.en", "must be a text"),
        ('name.en = "Requirements"', 'name.fr = "Exigences"', "requirements.name", "en"),
        ('value = "P"', 'value = "L"', "sex.choices", "twice"),
        ('always = ["trust_level"]', 'always = ["cost"]', "short_form.always", "trust items"),
        ("draw = 3", "draw = 7", "short_form.draw", "0 to 6"),
        ('default_language = "id"', 'default_language = "fr"', "default_language", "id, en, jv, su"),
        ('id = "skm-2017.1"', 'id = "skm-2018"', "id", "name of the file"),
        ("su = { reviewed = false }", 'su = { reviewed = "no" }', "languages.su", "true or false"),
        ("[short_form]", "[short_form", "file", "TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_the_key(
    changed: Callable[[str, str], Path], old: str, new: str, where: str, what: str
) -> None:
    with pytest.raises(InstrumentError) as refusal:
        load(changed(old, new))
    assert refusal.value.where == where
    assert str(refusal.value).startswith(f"skm-2017.1.toml: {where}: ")
    assert what in str(refusal.value)


def test_a_questionnaire_without_elements_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text('id = "empty"\ndefault_language = "id"\nlanguages.id.reviewed = true\n', encoding="utf-8")
    with pytest.raises(InstrumentError, match="at least one"):
        load(path)
