"""What citizens read by SMS: every text of every language, and invitations that always fit."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey import tokens
from survey.i18n import LANGUAGES
from survey.messaging import texts as texts_module
from survey.messaging.segments import is_gsm, not_gsm, segment
from survey.messaging.texts import (
    KINDS,
    Kind,
    TextsError,
    Unsayable,
    check_address,
    check_name,
    fit_names,
    invitation_text,
    longest_text,
    placeholders,
    read_texts,
    say,
    texts,
)

LINK = "https://ikm.go.id/" + tokens.encode(123_456_789)
LONGEST_LINK = "https://survei.contoh-kab.go.id/" + "X" * tokens.LENGTH
TEXTS = [(language, key) for language in LANGUAGES for key in texts(language).by_key]


def _write(directory: Path, **files: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (directory / f"{name}.toml").write_text(content, encoding="utf-8")
    return directory


@pytest.mark.parametrize(("language", "key"), TEXTS)
def test_every_text_is_one_plain_message_even_with_its_longest_values(language: str, key: str) -> None:
    text = longest_text(language, key)
    assert not_gsm(text) == []
    assert len(segment(text).parts) == 1


def test_every_language_says_everything_itself_with_the_same_placeholders() -> None:
    directory = Path(texts_module.__file__).resolve().parents[2] / "templates" / "sms"
    own = {language: read_texts(directory / language).by_key for language in LANGUAGES}
    assert len(own["id"]) >= 4
    for language in LANGUAGES:
        assert set(own[language]) == set(own["id"])
        for key, text in own[language].items():
            assert placeholders(text) == placeholders(own["id"][key]), (language, key)


@pytest.mark.parametrize(("language", "kind"), [(language, kind) for language in LANGUAGES for kind in KINDS])
@pytest.mark.parametrize("wording", ["full", "brief"])
def test_every_invitation_has_its_link_between_spaces_and_says_stop(
    language: str, kind: Kind, wording: str
) -> None:
    text = texts(language).by_key[f"{kind}.{wording}"]
    assert " {link} " in text
    assert re.search(r"\bSTOP\b", text)
    assert "{elements}" in text
    assert re.search(r"\b(MULAI|START)\b", text)


def test_a_text_is_said_with_its_values_and_more_do_no_harm(tmp_path: Path) -> None:
    said = say(
        "en", "invitation.brief", service="ID card", unit="Desk 1", link=LINK, elements=9, steps=4, x=1
    )
    assert said == f"ID card, Desk 1: rate it at {LINK} or reply START or 9 digits 1-4. To end: STOP"


def test_a_language_a_key_or_a_value_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="fr"):
        say("fr", "invitation.brief")
    with pytest.raises(KeyError, match="no-such-key"):
        say("id", "no-such-key")
    with pytest.raises(KeyError, match="service"):
        say("id", "invitation.brief", unit="Loket", link=LINK, elements=9, steps=4)


def test_a_value_in_braces_is_not_filled_again() -> None:
    said = invitation_text("invitation", "id", service="{link}", unit="{0.__class__}", link=LINK, elements=9)
    assert said.startswith("{link}, {0.__class__}: ")


def test_what_another_language_lacks_is_said_in_indonesian(tmp_path: Path) -> None:
    complete = read_texts(_write(tmp_path / "id", a='x = "halo {name}"\ny = "ya"\n[longest]\nname = "Siti"'))
    found = read_texts(_write(tmp_path / "jv", a='y = "inggih"\n[longest]\nname = "Slamet"'), complete)
    assert dict(found.by_key) == {"x": "halo {name}", "y": "inggih"}
    assert dict(found.longest) == {"name": "Slamet"}
    assert dict(complete.longest) == {"name": "Siti"}


def test_the_files_of_a_language_are_one_set_of_texts(tmp_path: Path) -> None:
    found = read_texts(
        _write(tmp_path, a='[t]\nx = "1"\n[longest]\nn = "ab"', b='y = "{{2}}"\n[longest]\nn = "abc"')
    )
    assert dict(found.by_key) == {"t.x": "1", "y": "{{2}}"}
    assert dict(found.longest) == {"n": "abc"}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a": 'x = "1"', "b": 'x = "2"'}, "b.toml: x: another file has this key too"),
        ({"a": 'x = "1"\nx = "2"'}, "a.toml is not readable TOML"),
        ({"a": "x = 1"}, "a.toml: x: must be a text"),
        ({"a": "longest = 1"}, "a.toml: longest: must be a text"),
        ({"a": 'x = "{"'}, "a.toml: x: "),
        ({"a": 'x = "{}"'}, "a placeholder is a plain name in braces, not ''"),
        ({"a": 'x = "{0}"'}, "not '0'"),
        ({"a": 'x = "{name.__class__}"'}, "not 'name.__class__'"),
        ({"a": 'x = "{name[0]}"'}, "not 'name"),
        ({"a": 'x = "{name!r}"'}, "not 'name'"),
        ({"a": 'x = "{name:>99}"'}, "not 'name'"),
    ],
)
def test_a_wrong_file_is_refused_and_named(tmp_path: Path, files: dict[str, str], said: str) -> None:
    with pytest.raises(TextsError, match=re.escape(said)):
        read_texts(_write(tmp_path, **files))


def test_a_translation_with_another_placeholder_is_refused(tmp_path: Path) -> None:
    complete = read_texts(_write(tmp_path / "id", a='x = "halo {name}"'))
    with pytest.raises(TextsError, match=r"jv/a\.toml: x: the placeholders must be: name"):
        read_texts(_write(tmp_path / "jv", a='x = "halo {nama}"'), complete)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_short_names_stand_whole_in_the_full_wording(language: str, kind: Kind) -> None:
    fitted = fit_names(kind, language, service="KTP-el", unit="Loket", link=LONGEST_LINK, elements=9)
    assert fitted == ("full", "KTP-el", "Loket")
    text = invitation_text(kind, language, service="KTP-el", unit="Loket", link=LONGEST_LINK, elements=9)
    assert {"KTP-el", "Loket", LONGEST_LINK, "STOP"} <= set(re.split(r"[ ,?]+|: ", text))
    assert "9 " in text
    assert "1-4" in text


def test_names_too_long_for_the_full_wording_stand_whole_in_the_brief_one() -> None:
    service, unit = "Perekaman dan penerbitan KTP elektronik", "Pelayanan Distrik Mapenduma"
    fitted = fit_names("invitation", "id", service=service, unit=unit, link=LINK, elements=9)
    assert fitted == ("brief", service, unit)


@pytest.mark.parametrize("joint", ["", "dan", "serta", "di", "dan di", "/", "&", "-", "(", ","])
def test_a_name_is_cut_at_a_word_and_ends_in_no_conjunction_or_bracket(joint: str) -> None:
    shown = "Dinas Kependudukan dan Pencatatan Sipil"
    name = f"{shown} {joint} {'x' * 40}"
    fitted = fit_names("invitation", "id", service="KTP", unit=name, link=LINK, elements=9)
    assert fitted == ("brief", "KTP", shown)


def test_two_long_names_share_the_room_and_a_short_one_leaves_its_share_to_the_other() -> None:
    long = "kata " * 40
    both = fit_names("reminder", "su", service=long, unit=long, link=LINK, elements=9)
    assert abs(len(both.service) - len(both.unit)) <= 5
    one = fit_names("reminder", "su", service=long, unit="RSUD", link=LINK, elements=9)
    assert one.unit == "RSUD"
    assert len(one.service) > len(both.service) + 10
    other = fit_names("reminder", "su", service="KTP", unit=long, link=LINK, elements=9)
    assert other.service == "KTP"
    assert len(other.unit) > len(both.unit) + 10


def test_a_single_long_word_keeps_its_beginning() -> None:
    fitted = fit_names("invitation", "jv", service="x" * 500, unit="y" * 500, link=LINK, elements=9)
    assert set(fitted.service) == {"x"}
    assert set(fitted.unit) == {"y"}
    text = invitation_text("invitation", "jv", service="x" * 500, unit="y" * 500, link=LINK, elements=9)
    assert segment(text).units == 160


def test_a_name_of_161_in_all_is_one_message_still() -> None:
    """One character more than fits would cost every citizen's invitation a second message."""
    room = 160 - len(invitation_text("invitation", "id", service="", unit="", link=LINK, elements=9))
    for more in range(-3, 4):
        text = invitation_text(
            "invitation", "id", service="KTP", unit="u" * (room - 3 + more), link=LINK, elements=9
        )
        assert segment(text)[1:] == (len(text), (text,))


names = st.text("abc dé{}€“ā-,(/\u200b\t", max_size=120) | st.text("kata dan di ", max_size=300)


@settings(max_examples=300)
@given(
    kind=st.sampled_from(KINDS),
    language=st.sampled_from(LANGUAGES),
    service=names,
    unit=names,
    link=st.sampled_from([LINK, LONGEST_LINK, "http://127.0.0.1:8000/XXXXXXXXXXXX"]),
    elements=st.integers(1, 14),
    steps=st.integers(2, 10),
)
def test_every_invitation_is_one_plain_message_with_link_and_stop(
    kind: Kind, language: str, service: str, unit: str, link: str, elements: int, steps: int
) -> None:
    text = invitation_text(
        kind, language, service=service, unit=unit, link=link, elements=elements, steps=steps
    )
    assert is_gsm(text)
    assert len(segment(text).parts) == 1
    assert f" {link} " in text
    assert text.endswith("STOP")
    assert f"{elements} " in text
    assert f"1-{steps}" in text
    assert "\n" not in text


def test_names_are_folded() -> None:
    text = invitation_text(
        "invitation", "id", service="“KTP–el”", unit="Balé\u00a0Désa  Āā", link=LINK, elements=9
    )
    assert text.startswith('"KTP-el", Balé Désa Aa: ')


@pytest.mark.parametrize("name", ["ꦏꦤ꧀ꦠꦺꦴꦂ", "مكتب الخدمة", "Loket 👍"])
def test_a_name_in_another_script_is_refused_with_its_characters(name: str) -> None:
    reason = check_name(name)
    assert reason is not None
    assert "U+" in reason
    assert "Latin" in reason
    for service, unit in ((name, "Loket"), ("KTP", name)):
        with pytest.raises(Unsayable, match=re.escape(reason)):
            invitation_text("invitation", "id", service=service, unit=unit, link=LINK, elements=9)


def test_a_name_that_can_be_folded_is_accepted() -> None:
    assert check_name("Balé “Désa” – Āā") is None
    assert check_name("") is None


def test_a_link_that_leaves_no_room_for_names_is_refused_without_being_told() -> None:
    link = "https://" + "a" * 70 + "/SECRETCODE23"
    with pytest.raises(Unsayable, match="use a shorter PERCAYA_BASE_URL") as caught:
        invitation_text(
            "invitation", "id", service="Kartu keluarga", unit="Loket Satu", link=link, elements=9
        )
    assert "SECRETCODE23" not in str(caught.value)
    with pytest.raises(Unsayable, match="plain SMS cannot carry"):
        invitation_text("invitation", "id", service="a", unit="b", link="https://ré.id/ꦏ", elements=9)


def test_an_address_is_accepted_exactly_when_every_invitation_has_room_for_names() -> None:
    def fits(address: str) -> bool:
        try:
            for kind in KINDS:
                for language in LANGUAGES:
                    link = f"{address}/{'X' * tokens.LENGTH}"
                    invitation_text(kind, language, service="x" * 99, unit="y" * 99, link=link, elements=9)
        except Unsayable:
            return False
        return True

    addresses = ["https://" + "a" * length for length in range(1, 80)]
    assert [check_address(address) is None for address in addresses] == [fits(one) for one in addresses]
    assert check_address("https://ikm.go.id") is None
    assert check_address("https://survei.contoh-kab.go.id") is None
    assert "characters too long" in str(check_address("https://" + "a" * 79))
    assert "cannot carry" in str(check_address("https://ꦏ.id"))
