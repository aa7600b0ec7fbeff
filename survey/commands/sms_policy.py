"""An agency's rules of contact beside the national ones: shown, and set where they are stricter."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from survey.commands.console import Refusal, opened, place_of
from survey.database import Tx
from survey.messaging import contact_policies
from survey.messaging.contact_policies import PolicyIn
from survey.messaging.policy import PolicyRefused, Rules, Sampling


@click.command("policy")
@click.argument("agency")
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="A rule, as cap_days=60 or sampling.probability=0.2; KEY= alone takes the national one again.",
)
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TOML file of all that the agency says, in place of what it said before.",
)
def sms_policy(agency: str, settings: Sequence[str], file: Path | None) -> None:
    """Show an agency's rules of contact beside the national ones, or make them stricter."""
    with opened() as platform:
        agency_id, national = place_of(platform, agency).agency_id, platform.national
        try:
            said = platform.writer.call(contact_policies.read_said, agency_id)
            if file is not None:
                said = _read_file(file)
            if file is not None or settings:
                said = _changed(said, settings)
                platform.writer.call(contact_policies.store, PolicyIn(agency_id, said, national))
            rules = platform.writer.call(_read, (agency_id, national))
        except PolicyRefused as error:
            raise Refusal(str(error)) from None
        for line in describe(rules, national):
            click.echo(line)


def describe(rules: Rules, national: Rules) -> list[str]:
    """The rules line by line: key, the agency's, the national, separated by tabs."""
    of_agency, of_nation = _written(rules), _written(national)
    lines = ["rule\tagency\tnational"]
    for key in dict.fromkeys([*of_agency, *of_nation]):
        lines.append(f"{key}\t{of_agency.get(key, '-')}\t{of_nation.get(key, '-')}")
    return lines


def _written(rules: Rules) -> dict[str, str]:
    written = {
        key: ", ".join(value) if isinstance(value, tuple) else msgspec.json.encode(value).decode().strip('"')
        for key, value in msgspec.structs.asdict(rules).items()
        if not isinstance(value, Sampling)
    }
    written["sampling.probability"] = f"{rules.sampling.probability:g}"
    for stratum in rules.sampling.strata:
        given = msgspec.to_builtins(stratum)
        probability = given.pop("probability")
        written["sampling " + " ".join(f"{key}={value}" for key, value in given.items())] = f"{probability:g}"
    return written


def _read(tx: Tx, items: Sequence[tuple[int, Rules]]) -> list[Rules]:
    return [contact_policies.read(tx, [agency_id], national)[0] for agency_id, national in items]


def _read_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(f"{file.name} is not TOML: {error}") from None


def _changed(said: Mapping[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    changed = {key: dict(value) if isinstance(value, Mapping) else value for key, value in said.items()}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not key or not equals:
            raise Refusal(f"write a rule as KEY=VALUE, not {setting!r}")
        table, _, name = key.rpartition(".")
        place = changed
        if table:
            place = changed.setdefault(table, {})
            if not isinstance(place, dict):
                raise Refusal(f"{table} has no keys of its own")
        if text:
            place[name] = _value(name, text)
        else:
            place.pop(name, None)
        if table and not place:
            del changed[table]
    return changed


def _value(name: str, text: str) -> Any:
    if name == "countries" and not text.startswith("["):
        return [country.strip() for country in text.split(",")]
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
