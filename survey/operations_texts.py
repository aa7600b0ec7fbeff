"""The words of the operator's pages: conditions, states, verdicts, and what came of what was asked."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from babel import dates

from survey.i18n import format_number
from survey.messaging.gateway import Verdict
from survey.messaging.overview import Condition
from survey.messaging.routing import Breaker
from survey.messaging.troubled import Retried
from survey.results_texts import N_

CLOCK = ZoneInfo("Asia/Jakarta")
_NO_BREAK = "\u00a0"

# What is the matter, and what to do.
CONDITIONS = {
    Condition.WELL: (N_("All is well"), ""),
    Condition.ATTENTION: (
        N_("Messages are sent; something needs attention"),
        N_("See the providers and the messages below."),
    ),
    Condition.BEHIND: (
        N_("More is waiting than is sent"),
        N_("Providers are slow, or few of them may be asked."),
    ),
    Condition.STALLED: (
        N_("Nobody is sending"),
        N_("Is a worker running? Start one with percaya sms work, or let the web process send."),
    ),
    Condition.NO_PROVIDER: (
        N_("No provider may be asked"),
        N_("Each is paused or fails. What is waiting stays, and goes out when one is back."),
    ),
    Condition.PAUSED: (
        N_("Everything is paused"),
        N_("Nothing is lost: what is waiting goes out when it is resumed."),
    ),
}
STATES = {
    "scheduled": N_("scheduled"),
    "queued": N_("waiting to be sent"),
    "claimed": N_("being sent"),
    "sending": N_("being sent"),
    "submitted": N_("handed over"),
    "unknown": N_("in doubt"),
    "delivered": N_("delivered"),
    "undelivered": N_("not delivered"),
    "expired": N_("not delivered in time"),
    "suppressed": N_("not sent, by a rule"),
    "rejected": N_("rejected"),
    "gave_up": N_("given up"),
}
STUCK = N_("stuck: its worker is gone")
KINDS = {"invitation": N_("Invitation"), "reminder": N_("Reminder"), "reply": N_("Reply")}
BREAKERS = {
    Breaker.CLOSED: N_("takes messages"),
    Breaker.HALF_OPEN: N_("will be tried with the next message"),
    Breaker.PROBING: N_("is being tried with one message"),
}
VERDICTS = {
    Verdict.ACCEPTED: N_("taken"),
    Verdict.TEMPORARY: N_("not now"),
    Verdict.REFUSED: N_("not reached"),
    Verdict.REJECTED: N_("message rejected"),
    Verdict.ACCOUNT: N_("account refused"),
    Verdict.OPTED_OUT: N_("opted out"),
    Verdict.UNKNOWN: N_("in doubt"),
}
# What came of an action, by the word the address carries back to the page.
DONE = {
    "paused": N_("%(what)s is paused."),
    "resumed": N_("%(what)s is resumed."),
    Retried.QUEUED.value: N_("Message %(what)s is sent again."),
    Retried.NO_SUCH.value: N_("There is no message %(what)s."),
    Retried.ON_ITS_WAY.value: N_("Message %(what)s is on its way; nothing was changed."),
    Retried.DELIVERED.value: N_("Message %(what)s is delivered."),
    Retried.SUPPRESSED.value: N_("Message %(what)s must not be sent: a rule is against it."),
    Retried.ANSWERED.value: N_("Message %(what)s is about an invitation that is answered."),
    Retried.CLOSED.value: N_("Message %(what)s comes too late: what it is about has ended."),
    Retried.WIPED.value: N_("Message %(what)s cannot be sent: what it needs was wiped when it ended."),
}
# Why a message of the list cannot be sent again.
AGAINST = {
    Retried.ON_ITS_WAY: "",
    Retried.DELIVERED: "",
    Retried.SUPPRESSED: "",
    Retried.ANSWERED: N_("already answered"),
    Retried.CLOSED: N_("too late"),
    Retried.WIPED: N_("wiped"),
}
EVERYTHING = N_("Everything")


def counted(count: int, lang: str, most: int) -> str:
    """A number whose counting stopped at ``most``."""
    shown = format_number(count, lang, 0)
    return f"≥ {shown}" if count >= most else shown


def lasted(seconds: int, lang: str) -> str:
    """How long, in its largest unit: 3 minutes."""
    return dates.format_timedelta(
        datetime.timedelta(seconds=seconds), threshold=1.5, locale="en_GB" if lang == "en" else lang
    )


def clock(moment: int) -> str:
    """The time of day in Jakarta of UTC epoch seconds: 18:06:40 WIB."""
    return f"{datetime.datetime.fromtimestamp(moment, CLOCK):%H:%M:%S} WIB"


def percent(share: float, lang: str) -> str:
    """A share of 0 to 1 in percent with one decimal."""
    return f"{format_number(share * 100, lang, 1)}{_NO_BREAK}%"
