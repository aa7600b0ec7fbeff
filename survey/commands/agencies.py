"""Agencies, units, services and keys."""

import click

from survey import provinces
from survey.access import NewKey, create_keys, draw_api_key, revoke_keys
from survey.agencies import NewUnit, register_agencies, register_services, register_units
from survey.commands.console import Refusal, err, opened, place_of
from survey.places import list_agencies


@click.group()
def agencies() -> None:
    """Register agencies, units and services; make keys."""


@agencies.command("list")
def agencies_list() -> None:
    """List the registered agencies."""
    with opened() as platform:
        for place in platform.writer.call(list_agencies, None):
            click.echo(f"{place.agency}\t{place.agency_name}")


@agencies.command("add")
@click.argument("code")
@click.argument("name")
def agencies_add(code: str, name: str) -> None:
    """Register an agency, or rename one."""
    with opened() as platform:
        platform.writer.call(register_agencies, (code, name))
        click.echo(f"agency {code}: {name}")


@agencies.command("add-unit")
@click.argument("agency")
@click.argument("code")
@click.argument("name")
@click.option("--province", help="Province of Indonesia, by name or code; its zone follows.")
@click.option(
    "--timezone", help=f"IANA zone its days are counted in, elsewhere; {provinces.WIB} when nothing is said."
)
@click.option("--place", default="", help="Where it is.")
def agencies_add_unit(
    agency: str, code: str, name: str, province: str | None, timezone: str | None, place: str
) -> None:
    """Register a service unit of an agency."""
    with opened() as platform:
        found = place_of(platform, agency)
        known = _province_of(province) if province else None
        zone = _zone_of(known, timezone)
        written = known.name if known else ""
        try:
            new = NewUnit(found.agency_id, code, name, zone, place, written)
            platform.writer.call(register_units, new)
        except ValueError as error:
            raise Refusal(str(error)) from None
        click.echo(f"unit {agency}/{code}: {name} ({f'{written}, ' if written else ''}{zone})")


def _province_of(text: str) -> provinces.Province:
    found = provinces.province_of(text)
    if found is None:
        raise Refusal(
            f"there is no province {text!r}; use a name like Jawa Barat, or a code like ID-JB or 32"
        )
    return found


def _zone_of(province: provinces.Province | None, timezone: str | None) -> str:
    if province is None:
        return timezone or provinces.WIB
    if timezone is not None and not provinces.agrees(province, timezone):
        raise Refusal(f"{province.name} keeps the time of {province.zone}, not of {timezone}: leave one out")
    return province.zone


@agencies.command("add-service")
@click.argument("agency")
@click.argument("code")
@click.argument("name")
def agencies_add_service(agency: str, code: str, name: str) -> None:
    """Register a service of an agency."""
    with opened() as platform:
        platform.writer.call(register_services, (place_of(platform, agency).agency_id, code, name))
        click.echo(f"service {agency}/{code}: {name}")


@click.group()
def keys() -> None:
    """API keys of agencies."""


@keys.command("create")
@click.argument("agency")
@click.option("--name", default="API", help="What the key is for.")
def keys_create(agency: str, name: str) -> None:
    """Make a key and show it, once."""
    with opened() as platform:
        key = draw_api_key()
        new = NewKey(place_of(platform, agency).agency_id, name, key, platform.settings.keys, platform.now())
        platform.writer.call(create_keys, new)
        click.echo(key)
        err.print("This key is shown once and cannot be read again.", style="dim")


@keys.command("revoke")
@click.argument("prefix")
def keys_revoke(prefix: str) -> None:
    """Revoke a key by its visible prefix (the eight characters after pcy_)."""
    with opened() as platform:
        if not platform.writer.call(revoke_keys, (prefix, platform.now())):
            raise Refusal("no valid key has this prefix")
        click.echo("revoked")
