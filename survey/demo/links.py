"""A fresh link in the demonstration, made the way every link is made."""

from collections.abc import Sequence

from survey import tokens
from survey.database import Tx
from survey.demo.seed import demo_country
from survey.figures import Place, find_place
from survey.ledger import Report, record
from survey.platform import Platform
from survey.recording import Context


def draw_demo_link(platform: Platform) -> str:
    """Record a transaction of the first demonstration agency that finished a minute ago; its link."""
    agency = demo_country(platform.now()).agencies[0]
    place = platform.writer.call(_find, agency.code)
    context = Context(place.agency_id, platform.settings, platform.now())
    report = Report(
        unit=agency.units[0].code,
        service=agency.services[0].code,
        channel="counter",
        outcome="approved",
        finished_at=platform.now() - 60,
        external_ref=f"demo-{tokens.draw_receipt()}",
        officer=None,
        language="id",
        phone=None,
    )
    outcome = platform.writer.call(record, context.recording([report]))[0]
    return f"{platform.settings.public_url}/{outcome.code}"


def _find(tx: Tx, codes: Sequence[str]) -> list[Place]:
    return [find_place(tx, code) for code in codes]
