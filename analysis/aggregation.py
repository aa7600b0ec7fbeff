"""One index for several services: three ways of putting them together, which differ and are always named.

They agree when every service has as many answers as transactions, in proportion; where people of one service
answer more readily than those of another, they do not. Tallies suffice for all of them, and all are exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from analysis.checks import check_count
from analysis.errors import Contradiction, EmptyLevel, Malformed, NoFigure, UnknownKey
from analysis.index import Index, IndexOfMeans, grade, index, index_of_means, round_half_up
from analysis.tally import Tally

POOLED, SERVICE_MEAN, TRANSACTION_WEIGHTED = "pooled", "service_mean", "transaction_weighted"
AGGREGATIONS = (POOLED, SERVICE_MEAN, TRANSACTION_WEIGHTED)
"""The three by name, the official one first."""


@dataclass(frozen=True)
class Aggregated(IndexOfMeans):
    """An index of several services with the way it was put together.

    Attributes:
        aggregation: ``POOLED``, ``SERVICE_MEAN`` or ``TRANSACTION_WEIGHTED``; print it with the figure.
        n: respondents who answered at least one element, of all services.
        services: the index of each service that has one.
        silent: services in which nobody answered any element; they have no part in the figure.
        unanswered: elements that nobody answered in any service; they are not in the figure.
        transactions: transactions of all services, where they were given.
    """

    aggregation: str
    n: int
    services: Mapping[str, Index]
    silent: tuple[str, ...]
    unanswered: tuple[str, ...]
    transactions: int | None


def pooled(tallies: Mapping[str, Tally], *, table: str = "2017") -> Aggregated:
    """The index of all respondents together, whatever service they used: the official figure of a unit.

    A service counts by the number of its answers.

    Args:
        tallies: a tally of one and the same layout for each service.
        table: a key of ``analysis.index.GRADE_TABLES``.

    Raises:
        NoFigure: no services, or nobody answered anything.
        Malformed: tallies of several layouts, or elements that are not answered on four steps.
        UnknownKey: there is no such grade table.
    """
    services = _services(tallies, table)
    whole = index(_sum(tallies), table)
    if whole is None:
        raise NoFigure("nobody answered any element")
    return _aggregated(POOLED, tallies, services, dict(whole.nrr), table)


def service_mean(tallies: Mapping[str, Tally], *, table: str = "2017") -> Aggregated:
    """The mean of the services' element means, each service counting the same, however many people used it.

    How SISUKMA v2 computes the index of a unit (iamudin/sisukmav2), offered so that its figures can be
    reproduced. An element is averaged over the services in which anybody answered it. Arguments and errors
    are those of ``pooled``.
    """
    services = _services(tallies, table)
    means: dict[str, Fraction] = {}
    for key in next(iter(tallies.values())).layout.elements:
        found = [service.nrr[key] for service in services.values() if key in service.nrr]
        if found:
            means[key] = sum(found, Fraction(0)) / len(found)
    return _aggregated(SERVICE_MEAN, tallies, services, means, table)


def transaction_weighted(
    tallies: Mapping[str, Tally], transactions: Mapping[str, int], *, table: str = "2017"
) -> Aggregated:
    """The services' indices weighted by their numbers of transactions: what all users would say on average.

    The poststratified mean over services, sum of N_h/N x index_h (Holt & Smith 1979, JRSS A 142:33-46), if
    those who did not answer think like those of their service who did. The indices are weighted and not the
    element means, so that a service without some element is weighed as much as it is used; the element means
    given with it are weighted over the services that have the element, and make up the index exactly when all
    services have the same ones. Our recommended figure for analysis, beside the official one.

    Args:
        tallies: a tally of one and the same layout for each service.
        transactions: number of transactions of each service, in the scope of the tallies.
        table: a key of ``analysis.index.GRADE_TABLES``.

    Raises:
        EmptyLevel: a service with transactions in which nobody answered: join it with another.
        UnknownKey: a service without its number of transactions, or no such grade table.
        NotACount: a number of transactions that is negative or not whole.
        Contradiction: more answers than transactions.
        NoFigure, Malformed: as ``pooled``.
    """
    for service, number in transactions.items():
        check_count(number, f"transactions of {service}")
    services = _services(tallies, table)
    for service in tallies:
        if service not in transactions:
            raise UnknownKey(f"no number of transactions for {service!r}")
        if tallies[service].n > transactions[service]:
            raise Contradiction(
                f"{tallies[service].n} answers from {transactions[service]} transactions of {service}"
            )
    for service, number in transactions.items():
        if number and service not in services:
            raise EmptyLevel("service", service)
    means = {
        key: _weighted(
            {service: found.nrr[key] for service, found in services.items() if key in found.nrr}, transactions
        )
        for key in next(iter(tallies.values())).layout.elements
        if any(key in found.nrr for found in services.values())
    }
    value = _weighted({service: found.ikm for service, found in services.items()}, transactions)
    result = _aggregated(TRANSACTION_WEIGHTED, tallies, services, means, table)
    changed = vars(result) | {
        "ikm": value,
        "rounded": round_half_up(value, 2),
        "grade": grade(value, table),
        # A mean of indices of eight and of nine elements is comparable with neither.
        "comparable": all(found.comparable for found in services.values()),
        "transactions": sum(transactions.values()),
    }
    return Aggregated(**changed)


def aggregate(
    name: str,
    tallies: Mapping[str, Tally],
    transactions: Mapping[str, int] | None = None,
    *,
    table: str = "2017",
) -> Aggregated:
    """One of the three by its name; only ``TRANSACTION_WEIGHTED`` uses (and needs) the transactions.

    Raises:
        UnknownKey: there is no such aggregation.
        Malformed: no transactions to weigh with.
        ValueError: what the aggregation itself refuses.
    """
    if name in (POOLED, SERVICE_MEAN):
        return (pooled if name == POOLED else service_mean)(tallies, table=table)
    if name != TRANSACTION_WEIGHTED:
        raise UnknownKey(f"no aggregation {name!r} among {', '.join(AGGREGATIONS)}")
    if transactions is None:
        raise Malformed("weights by transactions need the number of transactions of each service")
    return transaction_weighted(tallies, transactions, table=table)


def _services(tallies: Mapping[str, Tally], table: str) -> dict[str, Index]:
    layouts = {tally.layout for tally in tallies.values()}
    if not layouts:
        raise NoFigure("there are no services")
    if len(layouts) > 1:
        raise Malformed("services asked with different layouts have no index together")
    found = {service: index(tally, table) for service, tally in tallies.items()}
    answered = {service: one for service, one in found.items() if one is not None}
    if not answered:
        raise NoFigure("nobody answered any element")
    return answered


def _sum(tallies: Mapping[str, Tally]) -> Tally:
    first, *others = tallies.values()
    return sum(others, first)


def _weighted(values: Mapping[str, Fraction], transactions: Mapping[str, int]) -> Fraction:
    whole = sum(transactions[service] for service in values)
    return sum((transactions[service] * value for service, value in values.items()), Fraction(0)) / whole


def _aggregated(
    name: str,
    tallies: Mapping[str, Tally],
    services: dict[str, Index],
    means: dict[str, Fraction],
    table: str,
) -> Aggregated:
    return Aggregated(
        **vars(index_of_means(means, table)),
        aggregation=name,
        n=sum(service.n for service in services.values()),
        services=services,
        silent=tuple(service for service in tallies if service not in services),
        unanswered=tuple(key for key in _sum(tallies).layout.elements if key not in means),
        transactions=None,
    )
