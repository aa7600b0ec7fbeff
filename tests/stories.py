"""A day of two hundred answers in one cell, of which only the test knows who gave which."""

import random
from typing import Any, NamedTuple

from factories import ELEMENTS, Answered, answer, answers, issue

from survey import responses, tallies
from survey.ledger import DAY_SECONDS
from survey.platform import Platform
from survey.sealing import seal

ANSWERS = 200
LANGUAGES = ("id", "en", "jv", "su")


class Story(NamedTuple):
    """What only the test knows: which invitation (transaction id) gave which response (id)."""

    truth: dict[int, int]
    answered_in_order: list[int]
    markers: dict[int, str]


def tell_story(platform: Platform) -> Story:
    """Two hundred answers of one cell, given in an order drawn with a fixed seed, and counted."""
    drawn = random.Random(20261118)
    links = [link for group in range(20) for link in issue_in_all_languages(platform, group * 10)]
    drawn.shuffle(links)
    truth, markers = {}, {}
    for number, (link, language) in enumerate(links):
        # Sixteen letters: a mark with digits would be taken for a code or a number, and masked.
        marker = "".join(drawn.choices("bcdfghjklm", k=16))
        values = {key: drawn.randint(1, 4) for key in ELEMENTS}
        given = answers(platform, values, f"komentar {marker}")
        sent: Answered = answer(platform, str(link.code), given, language)
        truth[link.transaction_id] = responses.response_id(platform.settings.keys, sent.receipt)
        markers[truth[link.transaction_id]] = marker
        if number % 20 == 19:
            platform.writer.call(tallies.refresh, platform.definition)
    tallies.refresh_all(platform.writer, platform.definition)
    return Story(truth, [link.transaction_id for link, _ in links], markers)


def issue_in_all_languages(platform: Platform, start: int) -> list[tuple[Any, str]]:
    chosen = [LANGUAGES[(start + number) % 4] for number in range(10)]
    return [
        (issue(platform, start=start + number, language=language)[0], language)
        for number, language in enumerate(chosen)
    ]


def seal_the_day(platform: Platform, clock: Any) -> None:
    clock.at += 2 * DAY_SECONDS
    assert seal(platform.database, platform.now()) == ANSWERS
