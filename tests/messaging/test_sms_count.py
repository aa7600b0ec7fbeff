"""`percaya sms count`: what a text costs, every text of ours, and an agency's names."""

from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner, Result

from survey.agencies import NewUnit, register_services, register_units
from survey.commands import sms_texts
from survey.commands.console import out
from survey.commands.sms_texts import Named, shortened, sms_count
from survey.i18n import LANGUAGES
from survey.messaging import texts as texts_module
from survey.messaging.texts import Texts, texts
from survey.platform import Platform

Run = Callable[..., Result]
LINK = "https://ikm.go.id/XXXXXXXXXXXX"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, in a terminal wide enough for its tables and with no settings at all."""
    for name in ("PERCAYA_ENVIRONMENT", "PERCAYA_DATABASE_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(out, "width", 200)

    def run(*words: str, code: int = 0, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(sms_count, words, input=stdin)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def stored(run: Run, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command on the platform's database, with short links."""
    monkeypatch.setenv("PERCAYA_ENVIRONMENT", "demo")
    monkeypatch.setenv("PERCAYA_BASE_URL", "https://ikm.go.id")
    monkeypatch.setenv("PERCAYA_DATABASE_URL", platform.settings.database_url)
    return run


def test_a_plain_text_is_counted(run: Run) -> None:
    assert run("a" * 158 + "€").output == "GSM-7, 160 septets, 1 SMS, 0 spare in the last\n"
    assert run("a" * 160 + "€").output == "GSM-7, 162 septets, 2 SMS, 144 spare in the last\n"


def test_what_makes_a_text_dear_is_named_and_what_folding_saves(run: Run) -> None:
    assert run("“" + "a" * 70).output.splitlines() == [
        "UCS-2, 71 UTF-16 units, 2 SMS, 63 spare in the last",
        "not in GSM-7: “ U+201C LEFT DOUBLE QUOTATION MARK",
        "folded: GSM-7, 71 septets, 1 SMS, 89 spare in the last",
    ]
    assert "folded" not in run("ꦲ").output


def test_each_line_is_counted_as_it_is_typed(run: Run) -> None:
    assert run("-", stdin="halo\n\n👍\n").output.splitlines() == [
        "GSM-7, 4 septets, 1 SMS, 156 spare in the last",
        "GSM-7, 0 septets, 1 SMS, 160 spare in the last",
        "UCS-2, 2 UTF-16 units, 1 SMS, 68 spare in the last",
        "not in GSM-7: 👍 U+1F44D THUMBS UP SIGN",
    ]


def test_every_text_of_every_language_is_counted_without_any_settings(run: Run) -> None:
    lines = run().output.splitlines()
    for language in LANGUAGES:
        begin = lines.index(next(line for line in lines if line.strip() == language))
        end = next(at for at in range(begin, len(lines)) if lines[at].startswith("└"))
        assert len(lines[begin:end]) == len(texts(language).by_key) + 4
    row = next(line for line in lines if "invitation.brief" in line)
    units, parts, spare = (int(cell) for cell in row.split("│")[3:6])
    assert (units + spare, parts) == (160, 1)


def test_a_placeholder_whose_longest_value_nobody_knows_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Texts({"thanks": "{nobody}"}, {})
    monkeypatch.setattr(sms_texts, "texts", lambda language: known)
    monkeypatch.setattr(texts_module, "texts", lambda language: known)
    result = run(code=1)
    assert result.output == "Error: id: thanks: no [longest] table has the placeholder 'nobody'\n"


def test_a_text_and_an_agency_are_a_wrong_call(run: Run) -> None:
    assert "give a text or an agency" in run("x", "--agency", "duk", code=2).output


def test_an_agency_with_short_names_has_nothing_shortened(stored: Run) -> None:
    assert stored("--agency", "duk").output == "no invitation shortens a name: 2 units, 1 services\n"


def test_the_names_that_invitations_shorten_are_shown_at_their_shortest(
    stored: Run, platform: Platform
) -> None:
    call = platform.writer.call
    call(register_units, NewUnit(1, "u3", "Pelayanan Terpadu Satu Pintu Distrik Mapenduma", "Asia/Jayapura"))
    call(register_services, (1, "rekam", "Perekaman dan penerbitan KTP elektronik [baru]"))
    output = stored("--agency", "duk").output
    rows = {cells[1].strip(): cells[2:4] for line in output.splitlines() if len(cells := line.split("│")) > 3}
    assert set(rows) == {"unit u3", "service rekam"}
    for full, shown in rows.values():
        assert full.strip().startswith(shown.strip())
        assert 8 <= len(shown.strip()) < len(full.strip())
    assert "[baru]" in output


def test_names_that_no_sms_can_carry_are_refused(stored: Run, platform: Platform) -> None:
    platform.writer.call(register_units, NewUnit(1, "u3", "Loket [b]ꦏ", "Asia/Jakarta"))
    output = stored("--agency", "duk", code=1).output
    assert "u3 'Loket [b]ꦏ': an SMS cannot carry ꦏ U+A98F JAVANESE LETTER KA" in output
    assert "Error: 1 names cannot stand in an SMS" in output


def test_an_address_too_long_for_invitations_is_refused(stored: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERCAYA_BASE_URL", "https://" + "a" * 80)
    assert "use a shorter PERCAYA_BASE_URL" in stored("--agency", "duk", code=1).output


def test_an_unknown_agency_is_one_line(stored: Run) -> None:
    assert stored("--agency", "x", code=1).output == "Error: there is no agency 'x'\n"


def test_a_name_that_is_only_folded_is_not_called_shortened() -> None:
    folded = Named("u1", "Loket\u200b  Satu\u200b")
    assert shortened([folded], [Named("s", "KTP")], link=LINK, elements=9, steps=4) == {}


def test_the_shortest_form_of_a_name_is_that_beside_the_longest_partner() -> None:
    service = Named("s", "Surat keterangan pindah datang antar kabupaten")
    partners = [Named("u1", "Loket"), Named("u2", "Pelayanan Terpadu Satu Pintu Kabupaten Nduga")]
    alone = shortened(partners[:1], [service], link=LINK, elements=9, steps=4)
    both = shortened(partners, [service], link=LINK, elements=9, steps=4)
    assert ("service", service) not in alone
    assert both["service", service] == "Surat keterangan pindah"


def test_the_command_is_called_count() -> None:
    assert isinstance(sms_count, click.Command)
    assert sms_count.name == "count"
