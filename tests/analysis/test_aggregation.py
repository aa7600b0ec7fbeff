import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.aggregation import (
    AGGREGATIONS,
    POOLED,
    SERVICE_MEAN,
    TRANSACTION_WEIGHTED,
    aggregate,
    pooled,
    service_mean,
    transaction_weighted,
)
from analysis.errors import Contradiction, EmptyLevel, Malformed, NoFigure, NotACount, UnknownKey
from analysis.index import ELEMENTS, index
from analysis.tally import Answered, Layout, Tally, tally_responses

CASES = json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))
TWO = Layout(("time", "cost"))
NINE = Layout(tuple(f"e{number}" for number in range(1, ELEMENTS + 1)))


def tally_of(*rows, layout=TWO):
    return tally_responses(layout, map(Answered, rows))


# One respondent of a service with all fours, three of another with all twos: 100 and 50.
UNIT = {"card": tally_of("44"), "licence": tally_of("22", "22", "22")}
USED = {"card": 900, "licence": 100}


def test_the_three_ways_differ_when_response_rates_do():
    assert pooled(UNIT).ikm == Fraction(100 + 3 * 50, 4)
    assert service_mean(UNIT).ikm == 75
    assert transaction_weighted(UNIT, USED).ikm == Fraction(9 * 100 + 50, 10)


def test_every_figure_says_how_it_was_put_together():
    found = [aggregate(name, UNIT, USED) for name in AGGREGATIONS]
    assert [one.aggregation for one in found] == [POOLED, SERVICE_MEAN, TRANSACTION_WEIGHTED]
    assert [one.ikm for one in found] == [Fraction(125, 2), 75, 95]
    assert [one.transactions for one in found] == [None, None, 1000]
    assert {one.n for one in found} == {4}


def test_the_pooled_figure_is_the_index_of_all_respondents():
    rows = CASES["sekadau"]["rows"]
    parts = {"morning": tally_of(*rows[:20], layout=NINE), "afternoon": tally_of(*rows[20:], layout=NINE)}
    found, whole = pooled(parts), index(tally_of(*rows, layout=NINE))
    for name in (
        "ikm",
        "rounded",
        "grade",
        "table",
        "k",
        "comparable",
        "nrr",
        "element_grades",
        "lowest",
        "n",
    ):
        assert getattr(found, name) == getattr(whole, name)
    assert {service: one.n for service, one in found.services.items()} == {"morning": 20, "afternoon": 29}


def test_weights_by_transactions_are_the_poststratified_mean():
    # Two channels, 900 and 2100 transactions: 82.0 and 88.5 make 86.55 and not the 85.9 of the respondents.
    # Means of 3.28 and 3.54 as 25 and 50 answers to one element.
    one = Layout(("time",))
    counter = tally_of(*["4"] * 7 + ["3"] * 18, layout=one)
    online = tally_of(*["4"] * 27 + ["3"] * 23, layout=one)
    found = transaction_weighted({"counter": counter, "online": online}, {"counter": 900, "online": 2100})
    assert [service.ikm for service in found.services.values()] == [82, Fraction("88.5")]
    assert found.ikm == Fraction("86.55")
    assert (str(found.rounded), found.grade, found.nrr["time"]) == ("86.55", "B", found.ikm / 25)


def test_a_service_without_an_element_is_weighed_as_much_as_it_is_used():
    services = {"free": tally_of("4-"), "charged": tally_of("21")}
    found = transaction_weighted(services, {"free": 3, "charged": 1})
    assert found.ikm == Fraction(3 * 100 + Fraction(75, 2), 4)
    assert found.nrr == {"time": Fraction(7, 2), "cost": 1}
    assert service_mean(services).nrr == {"time": 3, "cost": 1}


def test_an_index_of_services_with_eight_and_with_nine_elements_is_comparable_with_neither():
    services = {"free": tally_of("444-44444", layout=NINE), "charged": tally_of("3" * 9, layout=NINE)}
    assert transaction_weighted(services, {"free": 1, "charged": 1}).comparable is False
    assert transaction_weighted({"charged": services["charged"]}, {"charged": 1}).comparable is True


def test_a_service_in_which_nobody_answered_is_named():
    services = UNIT | {"permit": tally_of("00")}
    for found in (pooled(services), service_mean(services)):
        assert found.silent == ("permit",)
        assert list(found.services) == ["card", "licence"]


def test_a_service_with_transactions_and_no_answers_has_nobody_to_speak_for_it():
    with pytest.raises(EmptyLevel, match="service = permit"):
        transaction_weighted(UNIT | {"permit": Tally.zero(TWO)}, USED | {"permit": 5})
    with pytest.raises(EmptyLevel, match="service = permit"):
        transaction_weighted(UNIT, USED | {"permit": 5})


def test_a_service_nobody_used_needs_no_answers():
    found = transaction_weighted(UNIT | {"permit": Tally.zero(TWO)}, USED | {"permit": 0, "other": 0})
    assert (found.ikm, found.silent) == (95, ("permit",))


def test_an_element_that_nobody_answered_in_any_service_is_named():
    for found in (aggregate(name, {"a": tally_of("40")}, {"a": 1}) for name in AGGREGATIONS):
        assert (found.unanswered, found.k, found.ikm) == (("cost",), 1, 100)


@pytest.mark.parametrize("number", [-1, 1000.0, True, float("nan"), "9"])
def test_transactions_are_whole_and_not_negative(number):
    with pytest.raises(NotACount, match="transactions of card"):
        transaction_weighted(UNIT, USED | {"card": number})


def test_more_answers_than_transactions_contradict_each_other():
    with pytest.raises(Contradiction, match="3 answers from 2 transactions of licence"):
        transaction_weighted(UNIT, {"card": 1, "licence": 2})


def test_every_service_needs_its_number_of_transactions():
    with pytest.raises(UnknownKey, match="'licence'"):
        transaction_weighted(UNIT, {"card": 900})
    with pytest.raises(Malformed, match="need the number of transactions"):
        aggregate(TRANSACTION_WEIGHTED, UNIT)


def test_an_unknown_aggregation_is_refused():
    with pytest.raises(UnknownKey, match="no aggregation 'median'"):
        aggregate("median", UNIT)


@pytest.mark.parametrize("name", AGGREGATIONS)
def test_nothing_to_aggregate_is_refused(name):
    with pytest.raises(NoFigure, match="no services"):
        aggregate(name, {}, {})
    with pytest.raises(NoFigure, match="nobody answered"):
        aggregate(name, {"a": Tally.zero(TWO)}, {"a": 4})
    with pytest.raises(Malformed, match="different layouts"):
        aggregate(name, {"a": tally_of("44"), "b": Tally.zero(Layout(("time",)))}, {"a": 1, "b": 0})
    with pytest.raises(UnknownKey, match="grade table"):
        aggregate(name, UNIT, USED, table="1999")


def test_the_table_of_2004_grades_the_aggregate_too():
    assert [aggregate(name, UNIT, USED, table="2004").grade for name in AGGREGATIONS] == ["C", "B", "A"]
    assert [aggregate(name, UNIT, USED).grade for name in AGGREGATIONS] == ["D", "C", "A"]


complete = st.lists(st.text("1234", min_size=2, max_size=2), min_size=1, max_size=6)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from("abcd"), complete, min_size=1), st.integers(1, 9))
def test_with_equal_response_rates_the_weighted_figure_is_the_pooled_one(rows, times):
    services = {service: tally_of(*some) for service, some in rows.items()}
    used = {service: times * len(some) for service, some in rows.items()}
    assert transaction_weighted(services, used).ikm == pooled(services).ikm


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from("abcd"), complete, min_size=1), st.integers(10, 90))
def test_with_equally_used_services_the_weighted_figure_is_the_mean_of_services(rows, used):
    services = {service: tally_of(*some) for service, some in rows.items()}
    found = transaction_weighted(services, dict.fromkeys(services, used))
    assert found.ikm == service_mean(services).ikm
    assert found.nrr == service_mean(services).nrr


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from("abcd"), complete, min_size=1), st.data())
def test_every_aggregate_lies_between_its_services(rows, data):
    services = {service: tally_of(*some) for service, some in rows.items()}
    used = {service: data.draw(st.integers(len(some), 99)) for service, some in rows.items()}
    single = [one.ikm for one in pooled(services).services.values()]
    for name in AGGREGATIONS:
        assert min(single) <= aggregate(name, services, used).ikm <= max(single)
