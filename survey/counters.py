"""What is counted for the operator; labels are a fixed few words, never a code, a number or a name."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

REGISTRY = CollectorRegistry()
ANSWERS = Counter("percaya_answers", "Answers by what became of them", ["result"], registry=REGISTRY)
TRANSACTIONS = Counter(
    "percaya_transactions", "Reported transactions by what became of them", ["verdict"], registry=REGISTRY
)
MESSAGES = Counter(
    "percaya_messages", "Messages by kind and by what became of them", ["kind", "result"], registry=REGISTRY
)
SEGMENTS = Counter("percaya_message_segments", "Segments handed to providers", ["kind"], registry=REGISTRY)
ATTEMPTS = Counter(
    "percaya_message_attempts", "Tries by provider and verdict", ["provider", "verdict"], registry=REGISTRY
)
UNREADABLE = Counter(
    "percaya_comments_set_aside",
    "Comments that could not be dealt with, by the step",
    ["step"],
    registry=REGISTRY,
)
REQUESTS = Counter(
    "percaya_requests_failed", "Requests that failed on our side, by route", ["route"], registry=REGISTRY
)


class Measured(NamedTuple):
    """Something measured when it is asked for; ``values`` by the one label, of a fixed few words."""

    name: str
    about: str
    label: str
    values: Mapping[str, float]


def read_metrics(measured: Sequence[Measured] = ()) -> bytes:
    """All counters, and what was measured just now, in the Prometheus text format."""
    just_now = CollectorRegistry()
    for one in measured:
        gauge = Gauge(one.name, one.about, [one.label], registry=just_now)
        for word, value in one.values.items():
            gauge.labels(word).set(value)
    return generate_latest(REGISTRY) + generate_latest(just_now)
