"""The command line: the API's use cases, one line per refusal, exit codes that scripts can trust."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result
from results_world import installation

from survey.agencies import register_services
from survey.cli import main

EXAMPLES = Path(__file__).parent.parent / "examples"
Run = Callable[..., Result]
HEADER = "unit,service,channel,outcome,finished_at,external_ref\n"


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PERCAYA_ENVIRONMENT", "demo")
    monkeypatch.setenv("PERCAYA_DATABASE_URL", database_url)

    def run(*words: str, code: int = 0, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(main, words, input=stdin)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def registered(run: Run) -> Run:
    run("agencies", "add", "duk", "Dinas")
    run("agencies", "add-unit", "duk", "loket-1", "Loket 1", "--timezone", "Asia/Jayapura")
    run("agencies", "add-service", "duk", "ktp", "KTP-el")
    return run


def _transactions(tmp_path: Path, *rows: str) -> str:
    path = tmp_path / "rows.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return str(path)


def _row(reference: str, unit: str = "loket-1") -> str:
    return f"{unit},ktp,counter,approved,{datetime.now(UTC).isoformat()},{reference}"


def test_a_file_of_transactions_is_recorded_once(registered: Run, tmp_path: Path) -> None:
    path = _transactions(tmp_path, _row("A"), _row("B"))
    assert (
        "2 accepted, 0 duplicate, 0 rejected"
        in registered("transactions", "import", path, "--agency", "duk").output
    )
    assert (
        "0 accepted, 2 duplicate, 0 rejected"
        in registered("transactions", "import", path, "--agency", "duk").output
    )


def test_a_rejected_row_is_named_and_makes_the_exit_code_1(registered: Run, tmp_path: Path) -> None:
    path = _transactions(tmp_path, _row("A"), _row("B", unit="loket-9"))
    result = registered("transactions", "import", path, "--agency", "duk", code=1)
    assert "row 2 (unit): no unit has the code 'loket-9'" in result.output
    assert "1 accepted, 0 duplicate, 1 rejected" in result.output


def test_a_dry_run_of_a_file_stores_nothing(registered: Run, tmp_path: Path) -> None:
    path = _transactions(tmp_path, _row("A"))
    registered("transactions", "import", path, "--agency", "duk", "--dry-run")
    assert "1 accepted" in registered("transactions", "import", path, "--agency", "duk").output


def test_the_results_of_a_file_carry_the_links(registered: Run, tmp_path: Path) -> None:
    path, output = _transactions(tmp_path, _row("A")), tmp_path / "out.ndjson"
    registered("transactions", "import", path, "--agency", "duk", "--output", str(output))
    result = json.loads(output.read_text())
    assert result["link"].startswith("http://127.0.0.1:8000/")
    assert result["status"] == "accepted"


def test_a_broken_file_is_refused_before_anything_is_stored(registered: Run, tmp_path: Path) -> None:
    path = _transactions(tmp_path, _row("A"), "loket-1,ktp")
    result = registered("transactions", "import", path, "--agency", "duk", code=1)
    assert "row 2: the row has 2 columns, the header has 6; nothing was stored" in result.output
    assert (
        "1 accepted"
        in registered("transactions", "import", _transactions(tmp_path, _row("A")), "--agency", "duk").output
    )


def test_an_unknown_file_ending_says_which_are_known(registered: Run, tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    path.write_bytes(b"PK")
    result = registered("transactions", "import", str(path), "--agency", "duk", code=2)
    assert ".csv, .ndjson, .jsonl, .json" in result.output


def test_an_unknown_agency_is_one_line(run: Run) -> None:
    assert run("figures", "nowhere", code=1).output == "Error: there is no agency 'nowhere'\n"


def test_an_unknown_time_zone_is_refused(run: Run) -> None:
    run("agencies", "add", "duk", "Dinas")
    result = run("agencies", "add-unit", "duk", "u", "U", "--timezone", "Mars/One", code=1)
    assert "no time zone 'Mars/One'" in result.output


def test_a_wrong_period_is_refused(registered: Run) -> None:
    result = registered("figures", "duk", "--period", "2026-13", code=1)
    assert "2026-Q3" in result.output


def test_the_figures_of_an_imported_table_are_the_published_ones(registered: Run) -> None:
    words = ["responses", "import", str(EXAMPLES / "sekadau-2019-s1.csv"), "--agency", "duk"]
    words += ["--unit", "loket-1", "--name", "2019", "--day", "2019-06-30", "--order", "questionnaire"]
    assert "78.74" in registered(*words).output
    shown = json.loads(registered("figures", "duk", "loket-1", "--json").output)
    assert shown["imported"]["figure"]["ikm"] == 78.74
    assert shown["figure"] is None
    printed = registered("figures", "duk", "loket-1").output
    assert "IKM (imported) 78.74" in printed
    assert "trust" not in printed


@pytest.fixture
def answered(database_url: str) -> None:
    """An agency of which two services were answered unlike: 100 of 300 and 60 of 200 transactions."""
    drawn = Random(2026)
    with installation(database_url) as world:
        agency = world.agency("duk", "Dinas", units=("loket-1",))
        world.platform.writer.call(register_services, (agency, "kk", "KK"))
        world.serve(agency, 300, answered=100, service=1)
        world.serve(agency, 200, answered=60, service=2)
        for service, number, marks in ((1, 100, "33334"), (2, 60, "23334")):
            rows = [
                "".join(drawn.choice(marks) for _ in range(9))
                + "".join(drawn.choice("2345") for _ in range(7))
                for _ in range(number)
            ]
            world.answer(agency, *rows, service=service)
        world.answer(agency, *["333333333"] * 4, day=20260310)
        world.count()


def test_figures_as_json_are_those_of_the_api(run: Run, answered: None, database_url: str) -> None:
    shown = json.loads(run("figures", "duk", "--json", "--period", "2026-11").output)
    of_unit = json.loads(run("figures", "duk", "loket-1", "--json").output)
    with installation(database_url) as world:
        client = world.client
        got = client.get("/api/v1/agencies/duk/figures", params={"period": "2026-11"})
        assert got.json() == shown
        assert client.get("/api/v1/agencies/duk/units/loket-1/figures").json() == of_unit
    assert shown["figure"]["n"] == 160
    assert shown["adjusted"]["value"] is not None


def test_what_stands_beside_the_index_is_printed_with_it(run: Run, answered: None) -> None:
    shown = json.loads(run("figures", "duk", "--json", "--period", "2026-11").output)
    printed = run("figures", "duk", "--period", "2026-11").output
    figure, adjusted, bound = shown["figure"], shown["adjusted"], shown["bias_bound"]
    lines = (
        f"IKM {figure['value']:.2f}  95 % interval",
        "response rate 32.0 %: 160 of 500 transactions answered; the rule's table asks for 217 answers",
        f"adjusted to all transactions {adjusted['value']:.2f}  95 % interval {adjusted['low']:.2f}-",
        f"if the silent are counted: between {bound['low']:.2f} and {bound['high']:.2f}",
        "trust of those served (not of the public)",
        f"driver index (without the level): {shown['trust']['index']['value']:.1f} (",
        "drivers and level go along: ",
        "what goes along with trust: withheld (the elements say too little about trust)",
        "how people answered: all by web, n = 160",
    )
    assert [line for line in lines if line not in printed] == []
    element = figure["elements"][0]
    assert f"{element['low']:.2f}-{element['high']:.2f}" in printed
    level = shown["trust"]["level"]
    assert f"{level['net']['low']:.1f} to {level['net']['high']:.1f}" in printed


def test_a_grade_that_is_not_certain_is_printed_with_how_likely_each_is(run: Run, database_url: str) -> None:
    with installation(database_url) as world:
        agency = world.agency("duk", "Dinas")
        world.answer(agency, *["333333333"] * 15, *["444444444"] * 15)
        world.count()
    shown = json.loads(run("figures", "duk", "--json").output)["figure"]
    printed = run("figures", "duk").output
    chances = ", ".join(f"{letter} {100 * shown['grade_probabilities'][letter]:.1f} %" for letter in "AB")
    assert "grade B, grade not certain" in printed
    assert f"how likely each grade is: {chances}" in printed
    assert "adjusted to all transactions: withheld (fewer transactions than answers" in printed
    assert "no transactions in this period" in printed


def test_a_withheld_figure_is_printed_with_its_reason_and_with_nothing_beside_it(
    run: Run, answered: None
) -> None:
    printed = run("figures", "duk", "--period", "2026-03").output
    assert printed.splitlines() == ["Dinas", "IKM: withheld (too_few), n = 4"]


def test_how_people_answered_is_printed_in_a_line_or_told_apart(run: Run, database_url: str) -> None:
    with installation(database_url) as world:
        agency = world.agency("duk", "Dinas")
        world.answer(agency, *["333333333", "443333333"] * 20, day=20261010)
        world.count()
        assert "how people answered: all by web, n = 40" in run("figures", "duk").output
        world.answer(agency, *["323333333"] * 30, mode="sms")
        world.answer(agency, *["323333333"] * 3, mode="kiosk", day=20260910)
        world.answer(agency, *["323333333"] * 2, mode="kiosk")
        world.count()
    modes = json.loads(run("figures", "duk", "--json").output)["modes"]
    printed = run("figures", "duk").output
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in printed.splitlines() if "│" in line]
    by_sms, difference = modes["modes"][1], modes["difference"]
    ends = f"{by_sms['low']:.2f}-{by_sms['high']:.2f}"
    assert ["sms", "30", "40.0 %", "72.22", ends, "C"] in rows
    assert (
        f"sms less web {difference['value']:+.2f}  95 % interval {difference['low']:+.2f} to"
        f" {difference['high']:+.2f}: lower"
    ) in printed
    assert "not by itself an effect of the mode" in printed
    assert ["2026-11", "32", "0.0 %", "93.8 %", "6.2 %"] in rows
    assert ["2026-09", "3", "too few answers: 3, needed 5", "", ""] in rows


def test_the_key_drivers_and_the_further_items_are_printed(run: Run, database_url: str) -> None:
    drawn = Random(20261110)
    marks = [[drawn.randint(1, 4) for _ in range(9)] for _ in range(150)]
    rows = [
        "".join(map(str, row)) + str(min(5, row[2] + drawn.randint(0, 1))) + "------" + "571" for row in marks
    ]
    with installation(database_url, instrument="skm-2017.2") as world:
        agency = world.agency("duk", "Dinas")
        world.answer(agency, *rows, instrument="skm-2017.2")
        world.count()
    run_with = {"PERCAYA_INSTRUMENT": "skm-2017.2"}
    printed = CliRunner().invoke(main, ["figures", "duk"], env=run_with).output
    assert "n = 150; association, not effect" in printed
    rows_of = printed[printed.index("what goes along with trust") :].splitlines()
    assert next(row for row in rows_of if row.startswith("│")).split()[1] == "time"
    assert "satisfaction: best answer (CSAT top box) 100.00 %" in printed
    assert "ease: mean effort score 7.00" in printed
    assert "coaching: said yes 0.00 %" in printed


def test_an_import_without_an_order_says_how_to_give_it(registered: Run) -> None:
    words = ["responses", "import", str(EXAMPLES / "sekadau-2019-s1.csv"), "--agency", "duk"]
    words += ["--unit", "loket-1", "--name", "2019", "--day", "2019-06-30"]
    assert "--order regulation (8 complaints, 9 facilities)" in registered(*words, code=1).output


def test_a_key_is_shown_once_and_can_be_revoked_once(registered: Run) -> None:
    key = registered("keys", "create", "duk").output.splitlines()[0]
    prefix = key.split("_")[1]
    assert "revoked" in registered("keys", "revoke", prefix).output
    assert "no valid key" in registered("keys", "revoke", prefix, code=1).output


def test_a_rebuild_finds_the_kept_tallies_right(registered: Run, tmp_path: Path) -> None:
    registered("transactions", "import", _transactions(tmp_path, _row("A")), "--agency", "duk")
    assert "3 tallies rebuilt, 0 differ" in registered("tallies", "rebuild").output


def test_an_unknown_receipt_erases_nothing(registered: Run) -> None:
    assert "no answer has this receipt" in registered("responses", "erase", "2222-2222-2222", code=1).output


def test_sealing_an_empty_database_is_no_error(run: Run) -> None:
    assert "0 responses sealed" in run("seal").output


def test_the_demonstration_is_refused_in_production(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERCAYA_ENVIRONMENT", "production")
    monkeypatch.setenv("PERCAYA_SECRET", "a-secret-of-more-than-thirty-two-characters")
    monkeypatch.setenv("PERCAYA_BASE_URL", "https://ikm.go.id")
    assert "demonstration only" in run("demo", "seed", code=1).output


def test_unsafe_production_settings_are_refused_in_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERCAYA_ENVIRONMENT", "production")
    result = run("figures", "duk", code=1)
    assert "PERCAYA_SECRET is the default everybody knows" in result.output
    assert "PERCAYA_BASE_URL is not set" in result.output


def test_a_database_without_its_schema_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERCAYA_ENVIRONMENT", "demo")
    monkeypatch.setenv("PERCAYA_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    result = CliRunner().invoke(main, ["figures", "duk"])
    assert result.exit_code == 1
    assert "run `percaya migrate`" in result.output
    assert CliRunner().invoke(main, ["migrate"]).exit_code == 0
    assert "there is no agency" in CliRunner().invoke(main, ["figures", "duk"]).output


def test_an_unknown_instrument_in_the_settings_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERCAYA_INSTRUMENT", "skm-1999")
    assert "PERCAYA_INSTRUMENT is 'skm-1999'; this version knows skm-2017.1" in run("seal", code=1).output


def test_a_database_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERCAYA_ENVIRONMENT", "demo")
    monkeypatch.setenv("PERCAYA_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    for words in (["migrate"], ["figures", "duk"], ["serve"]):
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 1
        assert result.output.startswith("Error: the database is not available")


def test_an_unsupported_database_says_what_is_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERCAYA_ENVIRONMENT", "demo")
    monkeypatch.setenv("PERCAYA_DATABASE_URL", "mysql://u@h/d")
    result = CliRunner().invoke(main, ["migrate"])
    assert result.exit_code == 1
    assert "use sqlite:///… or postgresql://…" in result.output
