"""Provinces: all thirty-eight, found however they are written, each with the time it keeps."""

from collections import Counter
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from factories import rows

from survey.cli import main
from survey.database import Database
from survey.provinces import PROVINCES, agrees, province_of, zone_of

HOURS_AHEAD = {"Asia/Jakarta": 7, "Asia/Makassar": 8, "Asia/Jayapura": 9}
Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PERCAYA_ENVIRONMENT", "demo")
    monkeypatch.setenv("PERCAYA_DATABASE_URL", database_url)

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, words)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    run("agencies", "add", "duk", "Dinas")
    return run


def units(database_url: str) -> list[tuple[str, str]]:
    database = Database(database_url)
    try:
        return rows(database, "SELECT timezone, province FROM service_unit ORDER BY id")
    finally:
        database.close()


def test_there_are_thirty_eight_provinces_and_no_two_share_a_name_or_a_code() -> None:
    assert len(PROVINCES) == 38
    for values in (
        [province.name for province in PROVINCES],
        [province.iso for province in PROVINCES],
        [province.number for province in PROVINCES],
    ):
        assert len(set(values)) == 38
    assert all(province.iso.startswith("ID-") and len(province.iso) == 5 for province in PROVINCES)


def test_eighteen_provinces_keep_western_twelve_central_and_eight_eastern_time() -> None:
    assert Counter(province.zone for province in PROVINCES) == {
        "Asia/Jakarta": 18,
        "Asia/Makassar": 12,
        "Asia/Jayapura": 8,
    }
    assert {province.zone for province in PROVINCES} == set(HOURS_AHEAD)
    for zone in HOURS_AHEAD:
        ZoneInfo(zone)


@pytest.mark.parametrize(
    ("province", "hours"),
    [
        ("Aceh", 7),
        ("Banten", 7),
        ("Kalimantan Barat", 7),
        ("Kalimantan Tengah", 7),
        ("Kalimantan Selatan", 8),
        ("Kalimantan Timur", 8),
        ("Kalimantan Utara", 8),
        ("Bali", 8),
        ("Nusa Tenggara Barat", 8),
        ("Nusa Tenggara Timur", 8),
        ("Sulawesi Utara", 8),
        ("Sulawesi Barat", 8),
        ("Gorontalo", 8),
        ("Maluku", 9),
        ("Maluku Utara", 9),
        ("Papua", 9),
        ("Papua Barat", 9),
        ("Papua Barat Daya", 9),
        ("Papua Selatan", 9),
        ("Papua Tengah", 9),
        ("Papua Pegunungan", 9),
    ],
)
def test_a_province_keeps_the_time_that_the_law_gives_it(province: str, hours: int) -> None:
    zone = zone_of(province)
    assert zone is not None
    assert HOURS_AHEAD[zone] == hours


@pytest.mark.parametrize("province", PROVINCES, ids=lambda province: str(province.iso))
def test_every_province_is_found_by_its_name_and_codes_however_they_are_written(province: object) -> None:
    name, iso, number, zone, also = province  # type: ignore[misc]
    for text in (
        name,
        name.upper(),
        name.lower(),
        f"Provinsi {name}",
        f"  PROV. {name} ",
        name.replace(" ", "  "),
        iso,
        iso.lower(),
        iso.removeprefix("ID-"),
        str(number),
        *also,
    ):
        assert province_of(text) is province, text
        assert zone_of(text) == zone


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Daerah Istimewa Yogyakarta", "DI Yogyakarta"),
        ("D.I. Yogyakarta", "DI Yogyakarta"),
        ("Provinsi Daerah Istimewa Yogyakarta", "DI Yogyakarta"),
        ("Daerah Istimewa Aceh", "Aceh"),
        ("Daerah Khusus Ibukota Jakarta", "DKI Jakarta"),
        ("Daerah Khusus Ibu Kota Jakarta", "DKI Jakarta"),
        ("Kep. Riau", "Kepulauan Riau"),
        ("Kep. Bangka Belitung", "Kepulauan Bangka Belitung"),
        ("Ｂａｌｉ", "Bali"),
    ],
)
def test_a_name_written_out_or_shortened_is_the_same_province(text: str, name: str) -> None:
    found = province_of(text)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "text",
    ["", " ", "Provinsi", "Kepulauan", "Jawa", "Papua Utara", "Bandung", "ID", "99", "0", "x" * 10_000],
)
def test_what_is_no_province_has_no_zone(text: str) -> None:
    assert province_of(text) is None
    assert zone_of(text) is None


def test_a_zone_agrees_with_a_province_under_its_older_names_too() -> None:
    barat, selatan = province_of("Kalbar"), province_of("Kalsel")
    assert barat is not None
    assert selatan is not None
    assert agrees(barat, "Asia/Pontianak")
    assert agrees(selatan, "Asia/Ujung_Pandang")
    assert not agrees(selatan, "Asia/Pontianak")


def test_a_units_zone_follows_from_its_province(run: Run, database_url: str) -> None:
    told = run("agencies", "add-unit", "duk", "nabire", "Nabire", "--province", "papua tengah").output
    assert told == "unit duk/nabire: Nabire (Papua Tengah, Asia/Jayapura)\n"
    run(
        "agencies",
        "add-unit",
        "duk",
        "mataram",
        "Mataram",
        "--province",
        "NTB",
        "--timezone",
        "Asia/Makassar",
    )
    run("agencies", "add-unit", "duk", "kl", "Kuala Lumpur", "--timezone", "Asia/Kuala_Lumpur")
    run("agencies", "add-unit", "duk", "loket", "Loket")
    assert units(database_url) == [
        ("Asia/Jayapura", "Papua Tengah"),
        ("Asia/Makassar", "Nusa Tenggara Barat"),
        ("Asia/Kuala_Lumpur", ""),
        ("Asia/Jakarta", ""),
    ]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--province", "Maluku", "--timezone", "Asia/Jakarta"], "keeps the time of Asia/Jayapura"),
        (["--province", "Papua Utara"], "there is no province 'Papua Utara'"),
        (["--timezone", "Mars/One"], "there is no time zone 'Mars/One'"),
    ],
)
def test_a_unit_of_two_times_or_none_is_refused_and_not_registered(
    run: Run, database_url: str, options: list[str], reason: str
) -> None:
    assert reason in run("agencies", "add-unit", "duk", "u", "U", *options, code=1).output
    assert units(database_url) == []
