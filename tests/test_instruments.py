"""Questionnaires as data: what the official one says, and how a wrong file is refused."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from survey.instruments import Instrument, InstrumentError, load, load_all

ROOT = Path(__file__).resolve().parent.parent
DIRECTORY = ROOT / "instruments"
OFFICIAL = DIRECTORY / "skm-2017.1.toml"


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


def test_the_official_questionnaire_makes_the_ikm_and_has_no_further_items(skm: Instrument) -> None:
    assert (skm.index, skm.element_scale, skm.others) == ("ikm", 4, ())


def test_the_tallies_kept_of_the_official_questionnaire_stay_as_they_are(skm: Instrument) -> None:
    elements = [f"{item.key}_{answer}" for item in skm.elements for answer in range(1, 5)]
    trust = [f"{item.key}_{answer}" for item in skm.trust for answer in range(1, 6)]
    scores = ["score_n", "score_sum", "score_sumsq"]
    assert list(skm.layout.measures) == ["n", *elements, *trust, *scores]


def test_every_questionnaire_of_the_project_loads() -> None:
    assert set(load_all(DIRECTORY)) == {"skm-2017.1", "skm-2017.2", "spak-2021.1", "spkp-2021.1"}


def test_elements_of_different_questionnaires_that_mean_different_things_have_different_keys() -> None:
    found = load_all(DIRECTORY)
    keys = [
        item.key for name in ("skm-2017.1", "spak-2021.1", "spkp-2021.1") for item in found[name].elements
    ]
    assert len(set(keys)) == len(keys) == 9 + 5 + 8


def test_the_quality_perception_survey_has_eight_items_on_six_steps() -> None:
    spkp = load(DIRECTORY / "spkp-2021.1.toml")
    assert (spkp.index, len(spkp.elements), spkp.trust, spkp.others) == ("perception", 8, (), ())
    assert {item.scale for item in spkp.elements} == {6}
    assert spkp.layout.element_scale == 6
    assert spkp.half == 4


def test_the_anti_corruption_survey_has_five_items_and_asks_who_told_what_to_answer() -> None:
    spak = load(DIRECTORY / "spak-2021.1.toml")
    assert (spak.index, len(spak.elements), spak.element_scale) == ("perception", 5, 6)
    assert [(item.key, item.kind, item.scale) for item in spak.others] == [("coaching", "coaching", 2)]
    assert spak.others[0].answers == {"id": ("Tidak", "Ya"), "en": ("No", "Yes")}
    assert spak.layout.others == (("coaching", 2),)


def test_a_questionnaire_need_not_be_written_in_every_language() -> None:
    assert list(load(DIRECTORY / "spkp-2021.1.toml").languages) == ["id", "en"]


def test_an_extension_is_what_it_extends_with_something_added(skm: Instrument) -> None:
    extended = load(DIRECTORY / "skm-2017.2.toml")
    assert extended.id == "skm-2017.2"
    for name in ("elements", "trust", "profile", "variants", "languages", "default_language", "index"):
        assert getattr(extended, name) == getattr(skm, name), name
    assert [(item.key, item.kind, item.scale) for item in extended.others] == [
        ("satisfaction", "csat", 5),
        ("ease", "ces", 7),
        ("coaching", "coaching", 2),
    ]
    assert extended.items == skm.items + extended.others


def test_numbered_answers_say_in_words_what_their_ends_mean() -> None:
    ease = load(DIRECTORY / "skm-2017.2.toml").others[1]
    assert ease.answers["en"] == ("1", "2", "3", "4", "5", "6", "7")
    assert ease.ends is not None
    assert ease.ends["en"] == ("strongly disagree", "strongly agree")


BASE = """
id = "base-1"
default_language = "id"
languages.id.reviewed = true
answer_sets.quality.id = ["Buruk", "Cukup", "Baik", "Sangat baik"]
[[element]]
key = "speed"
answer_set = "quality"
name.id = "Kecepatan"
question.id = "Bagaimana kecepatannya?"
"""
NPS = """
[[other]]
key = "recommend"
kind = "nps"
name.id = "Rekomendasi"
question.id = "Seberapa mungkin Saudara menyarankan layanan ini kepada orang lain?"
ends.id = ["sangat tidak mungkin", "sangat mungkin"]
"""
CSAT = """
[[other]]
key = "satisfaction"
kind = "csat"
name.id = "Kepuasan"
question.id = "Seberapa puas Saudara?"
answer_set = "quality"
"""
SECOND = """
[[element]]
key = "cost"
answer_set = "quality"
name.id = "Biaya"
question.id = "Bagaimana biayanya?"
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a questionnaire file into the test's own directory."""

    def to_file(text: str, name: str = "base-1") -> Path:
        path = tmp_path / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def extending(base: str, text: str = "", name: str = "more-1") -> str:
    return f'id = "{name}"\nextends = "{base}"\n{text}'


def test_a_recommendation_has_the_answers_0_to_10(write: Callable[..., Path]) -> None:
    (item,) = load(write(BASE + NPS)).others
    assert item.answers["id"] == ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10")
    assert item.scale == 11


@pytest.mark.parametrize("count", [4, 5])
def test_satisfaction_has_four_or_five_answers_as_its_texts_say(
    write: Callable[..., Path], count: int
) -> None:
    texts = ["Buruk", "Kurang", "Cukup", "Baik", "Sangat baik"][:count]
    given = BASE + CSAT.replace('answer_set = "quality"', f"answers.id = {texts}")
    assert load(write(given)).others[0].scale == count


def test_an_answer_set_may_serve_a_further_item(write: Callable[..., Path]) -> None:
    (item,) = load(write(BASE + CSAT)).others
    assert item.answers["id"] == ("Buruk", "Cukup", "Baik", "Sangat baik")


def test_what_is_added_stands_behind_what_was_there_over_any_number_of_steps(
    write: Callable[..., Path],
) -> None:
    write(BASE + NPS)
    write(extending("base-1", SECOND, "more-1"), "more-1")
    last = load(write(extending("more-1", CSAT, "most-1"), "most-1"))
    assert [item.key for item in last.items] == ["speed", "cost", "recommend", "satisfaction"]
    assert last.id == "most-1"


def test_an_extension_may_bring_answer_sets_of_its_own(write: Callable[..., Path]) -> None:
    write(BASE)
    added = 'answer_sets.ease.id = ["Sulit", "Kurang", "Mudah", "Sangat mudah"]'
    more = write(extending("base-1", added + SECOND.replace("quality", "ease")), "more-1")
    assert load(more).elements[1].answers["id"][0] == "Sulit"


@pytest.mark.parametrize(
    ("added", "where"),
    [
        ("element_scale = 6", "element_scale"),
        ('index = "perception"', "index"),
        ('default_language = "id"', "default_language"),
        ("languages.en.reviewed = true", "languages"),
        ("short_form = { always = [], draw = 0 }", "short_form"),
        ('[[trust]]\nkey = "honest"', "trust"),
        ('[[profile]]\nkey = "sex"', "profile"),
        ('answer_sets.quality.id = ["A", "B", "C", "D"]', "answer_sets.quality"),
        ("answer_sets = 4", "answer_sets"),
        ("other = 4", "other"),
        (SECOND.replace("cost", "speed"), "speed"),
        (SECOND.replace("name.id", "name.en"), "cost.name"),
    ],
)
def test_an_extension_restates_nothing_of_what_it_extends(
    write: Callable[..., Path], added: str, where: str
) -> None:
    write(BASE)
    with pytest.raises(InstrumentError) as refusal:
        load(write(extending("base-1", added), "more-1"))
    assert (refusal.value.where, refusal.value.path.name) == (where, "more-1.toml")


@pytest.mark.parametrize("base", ["gone-1", "../base-1", "", "more-1.toml"])
def test_an_extension_of_what_is_not_there_is_refused(write: Callable[..., Path], base: str) -> None:
    write(BASE)
    with pytest.raises(InstrumentError, match=f"extends: there is no questionnaire '{base}'"):
        load(write(extending(base), "more-1"))


def test_extensions_in_a_circle_are_refused(write: Callable[..., Path]) -> None:
    path = write(extending("b-1", name="a-1"), "a-1")
    write(extending("a-1", name="b-1"), "b-1")
    with pytest.raises(InstrumentError, match=r"a-1\.toml: extends: .* circle: a-1, b-1"):
        load(path)


def test_what_is_wrong_with_the_extended_file_is_said_of_that_file(write: Callable[..., Path]) -> None:
    write(BASE.replace('"Cukup", ', ""))
    with pytest.raises(InstrumentError, match=r"^base-1\.toml: speed\.answer_set\.id: must be 4 texts"):
        load(write(extending("base-1", NPS), "more-1"))


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ('id = "base-1"', 'id = "base-1"\nindex = "csat"', "index", "ikm, perception"),
        ('id = "base-1"', 'id = "base-1"\nelement_scale = 6', "speed.answer_set.id", "6 texts"),
        ('id = "base-1"', 'id = "base-1"\nelement_scale = 1', "element_scale", "2 to 11"),
        ('id = "base-1"', 'id = "base-1"\nelement_scale = 12', "element_scale", "2 to 11"),
        ('id = "base-1"', 'id = "base-1"\nelement_scale = 4.0', "element_scale", "2 to 11"),
        ('id = "base-1"', 'id = "base-1"\nscale = 4', "scale", "is none of"),
        ("[[other]]", "[[others]]", "others", "is none of"),
        ('kind = "nps"', 'kind = "likert"', "recommend", "coaching, csat, ces, nps"),
        ('kind = "nps"', "", "recommend", "coaching, csat, ces, nps"),
        ('kind = "nps"', 'kind = "coaching"', "recommend.ends", "a text for each"),
        ("ends.id =", "ends.en =", "recommend.ends", "missing in id"),
        (', "sangat mungkin"]', "]", "recommend.ends.id", "2 texts"),
        ("ends.id =", "answers.id =", "recommend.ends", "is missing"),
        ("ends.id =", 'answer_set = "quality"\nends.id =', "recommend.ends", "numbers or words"),
        ('answer_set = "quality"', 'answer_set = "quality"\nanswers.id = ["x"]', "speed.answer_set", "one"),
        ('key = "speed"', 'key = "speed"\nkind = "element"', "speed.kind", "is none of"),
        ('key = "recommend"', 'key = "speed"', "speed", "twice"),
    ],
)
def test_a_wrong_scale_kind_or_key_is_refused(
    write: Callable[..., Path], old: str, new: str, where: str, what: str
) -> None:
    text = BASE + NPS
    assert old in text
    with pytest.raises(InstrumentError) as refusal:
        load(write(text.replace(old, new, 1)))
    assert refusal.value.where == where
    assert what in str(refusal.value)


def test_the_ikm_is_made_of_four_steps_only(write: Callable[..., Path]) -> None:
    five = BASE.replace('"Sangat baik"]', '"Sangat baik", "Istimewa"]').replace(
        "default", "element_scale = 5\ndefault"
    )
    with pytest.raises(InstrumentError, match="index: the ikm is made of 4 steps, not of 5"):
        load(write(five))
    assert load(write('index = "perception"' + five)).element_scale == 5


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
