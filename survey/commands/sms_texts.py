"""How many SMS a text is: any text, every text of ours, and invitations with an agency's own names."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import click
from rich.table import Table as Grid
from rich.text import Text
from sqlalchemy import bindparam, select

from survey.commands.console import Refusal, opened, out, place_of
from survey.database import Statement, Tx
from survey.i18n import LANGUAGES
from survey.messaging.segments import fold, not_gsm, segment
from survey.messaging.texts import (
    KINDS,
    Kind,
    TextsError,
    check_address,
    check_name,
    fit_names,
    longest_text,
    texts,
    tidy_name,
)
from survey.models import Service, columns
from survey.places import Place, list_units
from survey.tokens import LENGTH

_s = columns(Service)
SERVICES = Statement(
    select(_s.code, _s.name).where(_s.agency_id == bindparam("agency_id")).order_by(_s.name, _s.code)
)


class Named(NamedTuple):
    """A unit or service by code and name."""

    code: str
    name: str


@click.command("count")
@click.argument("text", required=False)
@click.option("--agency", help="Code of an agency: show which of its names invitations shorten or refuse.")
def sms_count(text: str | None, agency: str | None) -> None:
    """Count what a TEXT costs by SMS; `-` counts each line as it is typed.

    Without TEXT it counts every text that citizens get.
    """
    if text is not None and agency is not None:
        raise click.UsageError("give a text or an agency, not both")
    try:
        if text == "-":
            _count_lines(sys.stdin)
        elif text is not None:
            _print(counted(text))
        elif agency is not None:
            _show_agency(agency)
        else:
            _show_texts()
    except TextsError as error:
        raise Refusal(str(error)) from None


def counted(text: str) -> Iterator[str]:
    """What a text costs, as lines: its encoding and length, its parts, and what keeps it from being GSM-7."""
    yield _cost(text)
    for character in not_gsm(text):
        yield f"not in GSM-7: {character}"
    folded = fold(text)
    if folded != text:
        yield f"folded: {_cost(folded)}"


def _cost(text: str) -> str:
    done = segment(text)
    alphabet = {"gsm7": "GSM-7", "ucs2": "UCS-2"}[done.encoding]
    units = {"gsm7": "septets", "ucs2": "UTF-16 units"}[done.encoding]
    return f"{alphabet}, {done.units} {units}, {len(done.parts)} SMS, {done.spare} spare in the last"


def _count_lines(lines: Iterable[str]) -> None:
    for line in lines:
        _print(counted(line.rstrip("\n")))


def _show_texts() -> None:
    for language in LANGUAGES:
        grid = Grid("Text", "Encoding", "Units", "SMS", "Spare", title=language, title_justify="left")
        for key in texts(language).by_key:
            try:
                done = segment(longest_text(language, key))
            except KeyError as error:
                raise Refusal(
                    f"{language}: {key}: no [longest] table has the placeholder {error.args[0]!r}"
                ) from None
            grid.add_row(key, done.encoding, str(done.units), str(len(done.parts)), str(done.spare))
        out.print(grid, markup=False)
    _print(["Counted with the longest values; what an invitation has to spare is what both names may take."])


def _show_agency(code: str) -> None:
    with opened() as platform:
        place = place_of(platform, code)
        units, services = platform.writer.call(_names_of, place)
        address = platform.settings.public_url
        instrument = platform.instruments[platform.settings.instrument]
    reason = check_address(address)
    if reason:
        raise Refusal(reason)
    refused = {one: why for one in (*units, *services) if (why := check_name(one.name))}
    for one, why in refused.items():
        _print([f"{one.code} {one.name!r}: {why}"])
    shown = shortened(
        [unit for unit in units if unit not in refused],
        [service for service in services if service not in refused],
        link=f"{address}/{'X' * LENGTH}",
        elements=len(instrument.elements),
        steps=instrument.element_scale,
    )
    if shown:
        grid = Grid("Unit or service", "Name", "Shown at the shortest", title=Text(place.agency_name))
        for (what, one), least in shown.items():
            grid.add_row(f"{what} {one.code}", one.name, least)
        out.print(grid, markup=False)
    elif not refused:
        _print([f"no invitation shortens a name: {len(units)} units, {len(services)} services"])
    if refused:
        raise Refusal(f"{len(refused)} names cannot stand in an SMS")


def shortened(
    units: Sequence[Named], services: Sequence[Named], *, link: str, elements: int, steps: int
) -> dict[tuple[str, Named], str]:
    """The names that any invitation or reminder shortens, in any language, with their shortest form."""
    least: dict[tuple[str, Named], str] = {}
    for kind, language, unit, service in _pairs(units, services):
        fitted = fit_names(
            kind,
            language,
            service=service.name,
            unit=unit.name,
            link=link,
            elements=elements,
            steps=steps,
        )
        for what, one, shown in (("unit", unit, fitted.unit), ("service", service, fitted.service)):
            if len(shown) < len(least.get((what, one), tidy_name(one.name))):
                least[what, one] = shown
    return least


def _pairs(units: Sequence[Named], services: Sequence[Named]) -> Iterator[tuple[Kind, str, Named, Named]]:
    for kind in KINDS:
        for language in LANGUAGES:
            for unit in units:
                for service in services:
                    yield kind, language, unit, service


def _names_of(tx: Tx, places: Sequence[Place]) -> list[tuple[list[Named], list[Named]]]:
    return [
        (
            [Named(str(unit.unit), str(unit.unit_name)) for unit in list_units(tx, place)],
            [Named(code, name) for code, name in tx.all(SERVICES, {"agency_id": place.agency_id})],
        )
        for place in places
    ]


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)
