"""What stands beside the official index, and when it is not said."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from results_world import INSTRUMENT, World, installation

from analysis.agreement import Agreement
from analysis.drivers import KeyDrivers
from analysis.nonresponse import SideBySide
from analysis.ratings import Ces, Csat
from analysis.shares import Share
from analysis.tally import Answered, tally_responses
from analysis.trust import DriverIndex
from analysis.withheld import Withheld
from survey.agencies import register_services
from survey.breakdown import Pattern, ServiceCell
from survey.evidence import Evidence, Trust, evidence_of
from survey.figures import Figure, Funnel, figure_of
from survey.instruments import Instrument
from survey.periods import read_period
from survey.places import Place
from survey.platform import read_instruments
from survey.results import Question, Results, answer_place

PLACE = Place(1, "dukcapil", "Dinas", None, None, None)
PERIOD = read_period("2026-11")
Story = tuple[Figure, Evidence]


@pytest.fixture(scope="module")
def instruments() -> dict[str, Instrument]:
    return read_instruments()


@pytest.fixture
def world(sqlite_template: Path, tmp_path: Path) -> Iterator[World]:
    copied = shutil.copy(sqlite_template, tmp_path / "test.db")
    with installation(f"sqlite:///{copied}") as opened:
        yield opened


def read(world: World, period: str | None = None, unit: str | None = None) -> Results:
    """The results of the agency, counted now."""
    world.count()
    platform = world.platform
    wanted = read_period(period) if period else None
    question = Question(platform.instruments, platform.settings.instrument, wanted, "dukcapil", unit)
    return platform.writer.call(answer_place, question)


def told(instrument: Instrument, rows: Sequence[str], cells: Sequence[ServiceCell] = ()) -> Story:
    """The figure and the evidence of some responses, without a database."""
    full = [row.ljust(len(instrument.items), "-") for row in rows]
    tally = tally_responses(instrument.layout, [Answered(row) for row in full])
    funnel = Funnel(len(full), len(full), len(full))
    figure = figure_of(PLACE, "invited", instrument, PERIOD, tally, funnel)
    patterns = {"web": [Pattern(row, full.count(row)) for row in dict.fromkeys(full)]}
    return figure, evidence_of(instrument, figure, tally, patterns, cells)


def cell(instrument: Instrument, service: str, transactions: int, answer: int, n: int) -> ServiceCell:
    """A cell of so many transactions, about which n people gave one and the same answer to everything."""
    score = answer * instrument.layout.unit
    return ServiceCell(service, "counter", 202611, transactions, n, n * score, n * score * score)


def weighed(instrument: Instrument, *cells: ServiceCell) -> SideBySide | None:
    """The official beside the adjusted index of cells made by ``cell``."""
    unit = instrument.layout.unit
    rows = [str(one.total // one.n // unit) * 9 for one in cells if one.n for _ in range(one.n)]
    return told(instrument, rows, cells)[1].weighed


def trust_of(evidence: Evidence) -> Trust:
    assert evidence.trust is not None
    return evidence.trust


@pytest.mark.parametrize(("n", "beside"), [(0, False), (4, False), (5, True)])
def test_nothing_stands_beside_a_figure_that_is_withheld(world: World, n: int, beside: bool) -> None:
    agency = world.agency()
    world.serve(agency, 50, answered=n)
    world.answer(agency, *["3333333335"] * n)
    results = read(world)
    assert results.figure is not None
    assert (results.figure.value is not None, results.evidence is not None) == (beside, beside)


def test_the_evidence_is_that_of_the_place_and_the_period(database_url: str) -> None:
    with installation(database_url) as world:
        agency = world.agency(units=("u1", "u2"))
        world.serve(agency, 30, unit=1)
        world.serve(agency, 40, unit=2, day=20260710)
        world.answer(agency, *["3333333334"] * 6, unit=1)
        world.answer(agency, *["4444444445"] * 8, unit=2, day=20260710)
        found = [read(world), read(world, "2026-11"), read(world, unit="u2")]
    rates = [one.evidence.weighed.response_rate for one in found if one.evidence and one.evidence.weighed]
    assert rates == [14 / 70, 6 / 30, 8 / 40]
    levels = [trust_of(one.evidence).figure.level for one in found if one.evidence]
    assert [level.n for level in levels] == [14, 6, 8]


@pytest.mark.parametrize(("skipping", "said"), [(0, True), (1, False), (4, False), (5, True)])
def test_complete_answers_are_not_told_apart_when_one_to_four_left_something_out(
    instruments: dict[str, Instrument], skipping: int, said: bool
) -> None:
    rows = ["333333333"] * 20 + ["333333330"] * skipping
    assert (told(instruments[INSTRUMENT], rows)[1].cases is not None) == said


@pytest.mark.parametrize(("complete", "said"), [(4, False), (5, True)])
def test_complete_answers_are_not_told_when_fewer_than_five_are_complete(
    instruments: dict[str, Instrument], complete: int, said: bool
) -> None:
    skipping = ["033333333"] * 6 + ["333333330"] * 6
    rows = ["333333333"] * complete + skipping
    assert (told(instruments[INSTRUMENT], rows)[1].cases is not None) == said


def test_it_is_said_when_those_who_skip_judge_otherwise(instruments: dict[str, Instrument]) -> None:
    _, evidence = told(instruments[INSTRUMENT], ["444444444"] * 10 + ["222222220"] * 10)
    assert evidence.cases is not None
    assert evidence.cases.differ
    assert evidence.cases.complete is not None
    assert (evidence.cases.complete_n, float(evidence.cases.complete.ikm)) == (10, 100.0)


def test_the_adjusted_index_counts_each_service_as_often_as_it_was_used(
    instruments: dict[str, Instrument],
) -> None:
    skm = instruments[INSTRUMENT]
    found = weighed(skm, cell(skm, "ktp", 300, 4, 20), cell(skm, "kk", 100, 2, 60))
    assert found is not None
    assert found.adjusted is not None
    # Twenty people at 100 and sixty at 50; but three of four transactions are of the first kind.
    assert found.official == (20 * 100 + 60 * 50) / 80 == 62.5
    assert found.adjusted.value == pytest.approx(0.75 * 100 + 0.25 * 50)
    # Kish: (sum of weights)² / sum of squared weights, 300 / 20 and 100 / 60 each.
    assert found.adjusted.weights.n_eff == pytest.approx(400**2 / (20 * 15**2 + 60 * (100 / 60) ** 2))
    assert found.noteworthy


def test_the_official_index_is_the_same_with_and_without_what_stands_beside_it(world: World) -> None:
    agency = world.agency()
    world.platform.writer.call(register_services, (agency, "kk", "KK"))
    world.serve(agency, 300, service=1)
    world.serve(agency, 100, service=2)
    world.answer(agency, *["444444444"] * 20, service=1)
    world.answer(agency, *["222222222"] * 60, service=2)
    results = read(world)
    assert results.figure is not None
    assert results.evidence is not None
    assert results.evidence.weighed is not None
    assert results.evidence.weighed.adjusted is not None
    assert results.figure.value == 62.5
    assert results.evidence.weighed.adjusted.value == pytest.approx(87.5)
    assert "unweighted" in results.figure.method


def test_weights_that_are_too_unequal_are_named_in_place_of_the_adjusted_index(
    instruments: dict[str, Instrument],
) -> None:
    skm = instruments[INSTRUMENT]
    found = weighed(skm, cell(skm, "ktp", 1000, 4, 20), cell(skm, "kk", 100, 2, 100))
    assert found is not None
    assert (found.adjusted, found.withheld) == (None, "weights_too_unequal")


def test_one_kind_of_transactions_alone_is_not_weighed_but_the_silent_are_counted(
    instruments: dict[str, Instrument],
) -> None:
    skm = instruments[INSTRUMENT]
    found = weighed(skm, cell(skm, "ktp", 200, 3, 50))
    assert found is not None
    assert (found.adjusted, found.withheld) == (None, "too_few")
    # A quarter answered: 75, the others from 25 to 100.
    assert (found.bias_low, found.bias_high) == (0.25 * 75 + 0.75 * 25, 0.25 * 75 + 0.75 * 100)


@pytest.mark.parametrize(("served", "said"), [(49, False), (50, True)])
def test_more_answers_than_transactions_are_never_weighed(
    instruments: dict[str, Instrument], served: int, said: bool
) -> None:
    skm = instruments[INSTRUMENT]
    assert (weighed(skm, cell(skm, "ktp", served, 3, 50)) is not None) == said


def test_many_thin_cells_are_added_up_over_the_months_first(instruments: dict[str, Instrument]) -> None:
    skm = instruments[INSTRUMENT]
    months = [
        cell(skm, "ktp", 3, 4, 1)._replace(month=year * 100 + month)
        for year in range(2000, 2035)
        for month in range(1, 13)
    ]
    found = weighed(skm, *months, cell(skm, "kk", 420, 3, 140))
    assert found is not None
    assert found.adjusted is not None
    assert (found.adjusted.cells, found.adjusted.population) == (2, 420 * 3 + 420)


def test_trust_knows_who_was_asked_and_who_skipped(instruments: dict[str, Instrument]) -> None:
    rows = ["3333333335-4----"] * 6 + ["3333333334-0----"] * 3 + ["33333333300-4---"]
    trust = trust_of(told(instruments[INSTRUMENT], rows)[1])
    asked = {key: (share.count, share.n) for key, share in trust.checks.answering.items()}
    assert asked == {"trust_level": (9, 10), "reliability": (6, 9), "responsiveness": (1, 1)}


def test_a_trust_item_too_few_answered_says_how_many_there_are_and_must_be(
    instruments: dict[str, Instrument],
) -> None:
    trust = trust_of(told(instruments[INSTRUMENT], ["3333333335"] * 9 + ["3333333335-4"] * 4)[1])
    assert isinstance(trust.figure.level, Agreement)
    assert trust.figure.drivers["reliability"] == Withheld("too few answers", 4, 5)
    assert trust.figure.drivers["openness"] == Withheld("no answers", 0, 5)
    assert isinstance(trust.index, Withheld)


def test_the_index_of_the_drivers_is_exact_and_leaves_the_level_out(
    instruments: dict[str, Instrument],
) -> None:
    rows = [f"3333333331{''.join(drivers)}" for drivers in ("-54545", "-45454", "-44444", "-55555") * 5]
    trust = trust_of(told(instruments[INSTRUMENT], rows)[1])
    assert isinstance(trust.index, DriverIndex)
    assert isinstance(trust.figure.index, DriverIndex)
    assert trust.index.value == pytest.approx(87.5) == trust.figure.index.value
    assert (trust.index.se_method, trust.figure.index.se_method) == ("linearised", "bound")
    assert trust.index.se <= trust.figure.index.se


def associated(number: int) -> list[str]:
    """Responses whose trust follows the time it took, and hardly anything else."""
    drawn = Random(20261110)
    rows = []
    for _ in range(number):
        marks = [drawn.randint(1, 4) for _ in range(9)]
        rows.append("".join(map(str, marks)) + str(min(5, marks[2] + drawn.randint(0, 1))))
    return rows


def stated(evidence: Evidence) -> KeyDrivers:
    assert evidence.drivers is not None
    return evidence.drivers


@pytest.mark.parametrize(("number", "reason"), [(99, "too few answers"), (100, None)])
def test_what_goes_along_with_trust_takes_a_hundred_complete_answers(
    instruments: dict[str, Instrument], number: int, reason: str | None
) -> None:
    drivers = stated(told(instruments[INSTRUMENT], associated(number))[1])
    assert (drivers.n, drivers.reason, drivers.stated) == (number, reason, reason is None)


def test_the_element_that_makes_trust_is_found_and_the_same_answers_say_the_same(
    instruments: dict[str, Instrument],
) -> None:
    first, second = (stated(told(instruments[INSTRUMENT], associated(150))[1]) for _ in range(2))
    assert max(first.drivers, key=lambda driver: driver.importance).key == "time"
    assert first == second


@pytest.mark.parametrize("name", ["spkp-2021.1", "spak-2021.1"])
def test_an_instrument_of_perception_has_neither_adjusted_index_nor_complete_cases_nor_trust(
    instruments: dict[str, Instrument], name: str
) -> None:
    instrument = instruments[name]
    rows = ["5" * len(instrument.elements)] * 10
    _, evidence = told(instrument, rows, [cell(instrument, "ktp", 100, 5, 10)])
    assert evidence == replace(evidence, cases=None, weighed=None, trust=None, drivers=None)


def test_further_items_are_each_read_by_their_own_kind(instruments: dict[str, Instrument]) -> None:
    rows = ["333333333" + "-" * 7 + "561"] * 6 + ["333333333" + "-" * 7 + "172"] * 4
    ratings = dict(told(instruments["skm-2017.2"], rows)[1].ratings)
    satisfaction, ease, coaching = (ratings[key] for key in ("satisfaction", "ease", "coaching"))
    assert isinstance(satisfaction, Csat)
    assert isinstance(ease, Ces)
    assert isinstance(coaching, Share)
    assert satisfaction.top.value == 0.6
    assert ease.easy.value == 1.0
    # 1 is no and 2 is yes.
    assert (coaching.value, coaching.n) == (0.4, 10)


@pytest.mark.parametrize(("number", "reason"), [(0, "no answers"), (4, "too few answers"), (5, None)])
def test_a_further_item_too_few_answered_is_withheld(
    instruments: dict[str, Instrument], number: int, reason: str | None
) -> None:
    rows = ["333333333"] * 6 + ["333333333" + "-" * 7 + "5"] * number
    satisfaction = dict(told(instruments["skm-2017.2"], rows)[1].ratings)["satisfaction"]
    assert (satisfaction.reason if isinstance(satisfaction, Withheld) else None) == reason


@pytest.mark.parametrize(
    ("rows", "value"),
    # 4 x mean / 6: all at the best step, at the worst, and half and half.
    [(["66666666"] * 12, 4.0), (["11111111"] * 12, 0.67), (["66666666", "33333333"] * 6, 3.0)],
)
def test_a_perception_index_is_at_most_four_and_its_interval_stays_on_its_scale(
    database_url: str, rows: list[str], value: float
) -> None:
    with installation(database_url, instrument="spkp-2021.1") as world:
        agency = world.agency()
        world.serve(agency, 50, answered=12)
        world.answer(agency, *rows, instrument="spkp-2021.1")
        figure = read(world).figure
    assert figure is not None
    assert figure.interval is not None
    low, high = figure.ends
    assert (figure.kind, low, high) == ("perception", pytest.approx(4 / 6), 4.0)
    assert float(figure.value or 0) == value
    assert low <= figure.interval.low <= figure.interval.high <= high
    assert figure.interval.low < figure.interval.high
    assert (figure.grade, figure.grade_withheld) == (None, "no_grades")
    for element in figure.elements:
        assert low <= element.interval.low <= element.interval.high <= high


def test_an_index_of_sixteen_elements_says_so_and_is_not_comparable(
    instruments: dict[str, Instrument],
) -> None:
    nine = instruments[INSTRUMENT]
    more = tuple(replace(item, key=f"more_{item.key}") for item in nine.elements[:7])
    sixteen = replace(nine, id="skm-sixteen", elements=nine.elements + more, trust=(), others=())
    figure, _ = told(sixteen, ["3" * 16] * 6)
    assert (figure.k, figure.comparable, float(figure.value or 0)) == (16, False, 75.0)
    ordinary, _ = told(nine, ["3" * 9] * 6)
    assert (ordinary.k, ordinary.comparable) == (9, True)


def test_more_elements_than_can_be_taken_apart_leave_trust_but_not_what_goes_along_with_it(
    instruments: dict[str, Instrument],
) -> None:
    nine = instruments[INSTRUMENT]
    more = tuple(replace(item, key=f"more_{item.key}") for item in nine.elements[:7])
    sixteen = replace(nine, id="skm-sixteen", elements=nine.elements + more)
    _, evidence = told(sixteen, ["3" * 16 + "5"] * 6)
    assert evidence.drivers is None
    assert isinstance(trust_of(evidence).figure.level, Agreement)
