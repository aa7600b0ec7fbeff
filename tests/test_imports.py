"""Historical tables: one wrong cell refuses the whole and is named; what is kept is a series of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from survey import imports, tallies
from survey.database import Tx
from survey.imports import CellProblem, OrderNeeded, SeriesImport, TableRefused, read_table
from survey.instruments import Instrument
from survey.places import find_place
from survey.platform import Platform, read_instruments
from survey.results import Results, read_results

SEKADAU = (Path(__file__).parent.parent / "examples/sekadau-2019-s1.csv").read_bytes()
NUMBERED = b"U1,U2,U3,U4,U5,U6,U7,U8,U9\n3,3,3,3,3,3,3,1,4\n"


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    return read_instruments()["skm-2017.1"]


@pytest.fixture
def store(platform: Platform, instrument: Instrument) -> Callable[..., int]:
    def store(data: bytes, *, unit_id: int = 1, name: str = "semester I 2019") -> int:
        table = read_table(data, instrument, "questionnaire")
        series = SeriesImport(table, 1, unit_id, 20190630, name, instrument.id, "id", platform.now())
        stored = platform.writer.call(imports.store_series, series)
        tallies.refresh_all(platform.writer, platform.definition)
        return stored

    return store


def _results(platform: Platform, unit: str | None) -> Results:
    def read(tx: Tx, items: object) -> list[Results]:
        place = find_place(tx, "duk", unit)
        return [read_results(tx, place, platform.instruments, platform.settings.instrument)]

    return platform.writer.call(read, None)


def test_the_published_matrix_of_sekadau_gives_its_index_of_78_74(
    platform: Platform, store: Callable[..., int]
) -> None:
    assert store(SEKADAU) == 49
    figure = _results(platform, "u1").imported
    assert figure is not None
    assert (str(figure.value), figure.n, figure.grade) == ("78.74", 49, "B")


def test_an_imported_series_never_enters_the_figure_of_invited_answers(
    platform: Platform, store: Callable[..., int]
) -> None:
    store(SEKADAU)
    results = _results(platform, "u1")
    assert results.figure is None or results.figure.n == 0
    assert results.trend == []
    assert [name for name, _, _ in results.series] == ["semester I 2019"]


def test_an_imported_series_belongs_to_its_unit_only(platform: Platform, store: Callable[..., int]) -> None:
    store(SEKADAU, unit_id=2)
    assert _results(platform, "u1").imported is None
    assert _results(platform, "u2").imported is not None
    assert _results(platform, None).imported is not None


def test_the_same_table_is_imported_once(platform: Platform, store: Callable[..., int]) -> None:
    store(SEKADAU)
    with pytest.raises(TableRefused, match="already imported as 'semester I 2019'"):
        store(SEKADAU, name="again")
    figure = _results(platform, "u1").imported
    assert figure is not None
    assert figure.n == 49


def test_numbered_columns_need_their_order(instrument: Instrument) -> None:
    with pytest.raises(OrderNeeded, match="--order questionnaire"):
        read_table(NUMBERED, instrument, None)


@pytest.mark.parametrize(
    ("order", "facilities", "complaints"), [("questionnaire", "1", "4"), ("regulation", "4", "1")]
)
def test_the_order_decides_which_of_the_last_two_columns_is_which(
    instrument: Instrument, order: imports.Order, facilities: str, complaints: str
) -> None:
    values = read_table(NUMBERED, instrument, order).answers[0].values
    keys = [item.key for item in instrument.elements]
    assert values[keys.index("facilities")] == facilities
    assert values[keys.index("complaints")] == complaints


def test_columns_named_by_element_need_no_order_and_may_stand_anyhow(instrument: Instrument) -> None:
    keys = [item.key for item in instrument.elements]
    data = ",".join(reversed(keys)) + "\n" + ",".join("4" if key == "time" else "2" for key in reversed(keys))
    table = read_table(data.encode(), instrument, None)
    assert table.order == "named"
    assert table.answers[0].values[keys.index("time")] == "4"
    assert table.answers[0].score_sum == 4 + 8 * 2


def test_a_table_without_a_header_is_read_from_its_first_row(instrument: Instrument) -> None:
    table = read_table(b"3;3;3;3;3;3;3;3;3\n4;4;4;4;4;4;4;4;4\n", instrument, "questionnaire")
    assert len(table.answers) == 2


def test_numbers_from_one_to_nine_are_a_header_not_a_respondent(instrument: Instrument) -> None:
    table = read_table(b"No,1,2,3,4,5,6,7,8,9\n1,3,3,3,3,3,3,3,3,3\n", instrument, "questionnaire")
    assert len(table.answers) == 1


def test_an_empty_cell_is_a_skipped_answer_not_a_zero(instrument: Instrument) -> None:
    table = read_table(b"4,4,4,4,,4,4,4,4\n", instrument, "questionnaire")
    assert table.answers[0].values.startswith("444404444")
    assert table.answers[0].answered == 8


def test_a_five_is_refused_with_its_row_and_column(instrument: Instrument) -> None:
    lines = SEKADAU.decode().splitlines()
    cells = lines[17].split(",")
    cells[2] = "5"
    lines[17] = ",".join(cells)
    with pytest.raises(TableRefused, match="row 17, column U2: '5' is not an answer from 1 to 4") as refused:
        read_table("\n".join(lines).encode(), instrument, "questionnaire")
    assert refused.value.problems == [CellProblem(17, "U2", "'5' is not an answer from 1 to 4")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"U1,U2,U3,U4,U5,U6,U7,U8,U9\n", "no respondents"),
        (b"\xff\xfe3,3", "not UTF-8"),
        (b"3,3,3\n", "3 columns of answers; this instrument has 9 elements"),
        (b"3,3,3,3,3,3,3,3,\x003\n", "NUL"),
        (b"4,4,4,4,,,,,\n", "only 4 of 9 elements answered, 5 are needed"),
        (b'"3,3,3,3,3,3,3,3,3\n', "CSV"),
        (b"3,3,3,3,3,3,3,3,x\n", "'x' is not an answer"),
        ("٣,3,3,3,3,3,3,3,3\n".encode(), "not an answer"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(instrument: Instrument, data: bytes, reason: str) -> None:
    with pytest.raises(TableRefused, match=reason):
        read_table(data, instrument, "questionnaire")


def test_a_refused_table_leaves_nothing_behind(platform: Platform, store: Callable[..., int]) -> None:
    with pytest.raises(TableRefused):
        store(SEKADAU + b"50,5,3,3,3,3,3,3,3,3\n")
    assert _results(platform, "u1").imported is None
    assert _results(platform, "u1").series == []
