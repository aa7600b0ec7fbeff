"""Comments on their way through an installation: written, read, shuffled; and the administrator's client."""

import base64
from typing import Any
from urllib.parse import parse_qsl

from litestar.testing import TestClient

from survey import tallies
from survey.platform import Platform
from survey.sealing import seal
from tests.conftest import ADMIN_KEY, Clock
from tests.factories import answer, answers, issue, rows
from tests.page_tree import Document, Element

ADMIN = {"Authorization": "Basic " + base64.b64encode(f"duty:{ADMIN_KEY}".encode()).decode()}
OWN = {"Sec-Fetch-Site": "same-origin"}
DAY = 86_400
BRIBE = "petugas minta uang pelicin 50rb, tapi gedungnya bersih"
BROKER = "ada calo di depan loket"
PRAISE = "petugas ramah sekali"


class Written:
    """Comments of one installation; ``night`` lets the shuffle pass."""

    def __init__(self, platform: Platform, clock: Clock) -> None:
        self.platform, self.clock = platform, clock
        self._issued = 0

    def say(self, *comments: str, **changes: Any) -> list[str]:
        """Answers with these comments; the receipts of those who gave them."""
        issued = issue(self.platform, len(comments), start=self._issued, **changes)
        self._issued += len(comments)
        return [
            answer(self.platform, str(one.code), answers(self.platform, None, comment)).receipt
            for one, comment in zip(issued, comments, strict=True)
        ]

    def night(self) -> None:
        """Read everything, and let a night pass."""
        while self.platform.scorer.turn():
            pass
        self.clock.at += 2 * DAY
        seal(self.platform.database, self.clock.at)
        self.count()

    def count(self) -> None:
        tallies.refresh_all(self.platform.writer, self.platform.definition)

    def counted(self) -> dict[str, tuple[int, ...]]:
        """The tallies of comments of all days by name, of one day's only."""
        self.count()
        kept = "SELECT instrument, counts FROM tally_unit_day WHERE source = 'comments'"
        return {name: tallies.unpack(counts) for name, counts in rows(self.platform.database, kept)}

    def reading(self, comment: str) -> str:
        """The reading of a comment as it is stored."""
        quoted = comment.replace("'", "''")
        ((found,),) = rows(self.platform.database, f"SELECT reading FROM response WHERE comment = '{quoted}'")
        return str(found)


def show(client: TestClient[Any], path: str, status: int = 200, **query: str) -> Element:
    """A page, as the administrator sees it."""
    address, _, asked = path.partition("?")
    wanted = {"lang": "en", **dict(parse_qsl(asked)), **query}
    answered = client.get(address, params=wanted, headers=ADMIN)
    assert answered.status_code == status, answered.text
    return Document(answered.text).root


def hidden(form: Element) -> dict[str, str]:
    """The hidden fields of a form."""
    return {field.attributes["name"]: field.attributes["value"] for field in form.all("input", type="hidden")}


def press(
    client: TestClient[Any], address: str, fields: dict[str, str], headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """Send a form from a page of ours without following where it leads; the status, and where that is."""
    sent = {**ADMIN, **(OWN if headers is None else headers)}
    answered = client.post(address, data=fields, headers=sent, follow_redirects=False)
    return answered.status_code, answered.headers.get("location", "")
