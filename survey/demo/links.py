"""A fresh link in the demonstration, made the way every link is made."""

from collections.abc import Sequence

from survey import tokens
from survey.database import Tx
from survey.demo.seed import demo_country
from survey.ledger import Report, record
from survey.places import Place, find_place
from survey.platform import Platform
from survey.recording import Context

AGENCY = "imigrasi"
"""The agency shown first: it has the most answers, and comments in English, the language scored so far."""


PHONE = "+6281234500001"
"""The telephone of the demonstration's citizen; messages to it are written where `make run` runs."""


def find_demo_unit(platform: Platform) -> Place:
    """The unit shown first in the demonstration.

    Raises:
        NotFound: the database holds something else than the demonstration.
    """
    units = {agency.code: agency.units for agency in demo_country(platform.now()).agencies}
    return platform.writer.call(_find, (AGENCY, units[AGENCY][0].code))


def draw_demo_link(platform: Platform, unit: Place, phone: str | None = None) -> str:
    """Record a transaction of a unit that finished a minute ago; its link, also sent to ``phone``."""
    services = {agency.code: agency.services for agency in demo_country(platform.now()).agencies}
    context = Context(
        unit.agency_id,
        platform.settings,
        platform.now(),
        contact_rules=platform.national,
        sms=platform.sms is not None,
    )
    report = Report(
        unit=str(unit.unit),
        service=services[unit.agency][0].code,
        channel="counter",
        outcome="approved",
        finished_at=platform.now() - 60,
        external_ref=f"demo-{tokens.draw_receipt()}",
        officer=None,
        language="id",
        phone=phone,
    )
    outcome = platform.writer.call(record, context.recording([report]))[0]
    return f"{platform.settings.public_url}/{outcome.code}"


def _find(tx: Tx, codes: Sequence[tuple[str, str]]) -> list[Place]:
    return [find_place(tx, agency, unit) for agency, unit in codes]
