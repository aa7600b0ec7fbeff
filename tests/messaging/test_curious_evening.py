"""The curious administrator after an evening of answers by SMS: what a number answered stays unknown.

Known of a number is everything that is stored under its digest, and everything about its invitation, which
the agency can look up. After an hour and the nightly seal no column of these tells which answer was given by
it; the attacks are those of the story on the web. Before, there is one that tells, so they can tell.
"""

import itertools
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from factories import rows
from outbox_world import begun, claimed, finished, invite, promoted

from survey import responses, tokens
from survey.keys import Keys
from survey.messaging import conversations
from survey.messaging.gateway import Verdict
from survey.messaging.inbound import InboundIn, Surroundings, converse
from survey.platform import Platform
from survey.sealing import seal
from tests.survey.test_curious_administrator import Attack, attack, dump

DAY = 86_400
NUMBERS = 200
LANGUAGES = ("id", "en", "jv", "su")


class Evening(NamedTuple):
    """What only the test knows: which number (its digest) and which invitation gave which response."""

    responses: dict[bytes, int]
    invitations: dict[bytes, int]


def told_at(keys: Keys, phone: str) -> bytes:
    return keys.phone_digests(phone)[0]


@pytest.fixture
def evening(platform: Platform, clock: Any) -> Evening:
    drawn = random.Random(20261118)
    keys = platform.settings.keys
    phones = [f"+62812{34500000 + number}" for number in range(NUMBERS)]
    invite(platform, NUMBERS, phones=phones)
    promoted(platform)
    invited = {}
    while messages := claimed(platform, most=50):
        for message in messages:
            assert message.contact is not None
            phone = keys.open_contact(message.contact)
            assert begun(platform, message, phone=phone)
            assert finished(platform, message, Verdict.ACCEPTED, phone=phone)
            invited[told_at(keys, phone)] = message.transaction_id or 0
            clock.at += 1
    drawn.shuffle(phones)
    given = {}
    for phone in phones:
        say(platform, clock, phone, f"BAHASA {drawn.choice(LANGUAGES)}")
        reply = say(platform, clock, phone, "".join(str(drawn.randint(1, 4)) for _ in range(9)))
        (receipt,) = {code for at in range(len(reply)) if (code := tokens.read(reply[at : at + 14]))}
        given[told_at(keys, phone)] = responses.response_id(keys, receipt)
    return Evening(given, invited)


def say(platform: Platform, clock: Any, phone: str, text: str) -> str:
    clock.at += 11
    surroundings = Surroundings(platform.instruments, platform.settings)
    item = InboundIn(platform.settings.keys, phone, text, "one", False, platform.now(), surroundings)
    reply = platform.writer.call(converse, item).reply
    assert reply is not None
    return reply


def pass_an_hour(platform: Platform, clock: Any) -> None:
    for _ in range(conversations.SLICES + 1):
        clock.at += 60
        platform.writer.call(conversations.forget, clock.at)


def attacks(platform: Platform, evening: Evening) -> Iterator[Attack]:
    """Every pair of a column known of a number and a column of the responses."""
    database = platform.database
    of_number: list[Any] = [
        dump(database, table, "phone_digest") for table in ("conversation", "last_contact")
    ]
    of_invitation: list[Any] = [
        dump(database, table, "transaction_id") for table in ("invitation", "message")
    ]
    response = dump(database, "response", "id")
    pairs = []
    for digest, number in evening.responses.items():
        told = [table[digest] for table in of_number]
        told += [table[evening.invitations[digest]] for table in of_invitation]
        known = {f"{at}.{name}": value for at, row in enumerate(told) for name, value in row.items()}
        pairs.append((known, response[number]))
    for one, other in itertools.product(pairs[0][0], pairs[0][1]):
        yield attack([pair[0][one] for pair in pairs], [pair[1][other] for pair in pairs], (one, other))


def test_after_an_hour_and_the_seal_nothing_of_a_number_tells_its_answer(
    platform: Platform, clock: Any, evening: Evening
) -> None:
    pass_an_hour(platform, clock)
    assert seal(platform.database, platform.now() + 2 * DAY) == NUMBERS
    tried = list(attacks(platform, evening))
    assert len(tried) > 500
    assert [one for one in tried if one.links] == []
    kept = rows(
        platform.database,
        "SELECT DISTINCT state, agency_id, transaction_id, instrument, language, draft, last_text,"
        " changed_at, expires_at % 86400 FROM conversation",
    )
    assert kept == [("ended", 0, None, "", "id", None, None, 0, 0)]


def test_within_the_hour_the_language_of_an_answer_would_narrow_it_down(
    platform: Platform, evening: Evening
) -> None:
    assert ("0.language", "language") in {one.columns for one in attacks(platform, evening) if one.links}
