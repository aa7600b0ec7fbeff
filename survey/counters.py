"""What is counted for the operator; labels are a fixed few words, never a code, a number or a name."""

from prometheus_client import CollectorRegistry, Counter, generate_latest

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
REQUESTS = Counter(
    "percaya_requests_failed", "Requests that failed on our side, by route", ["route"], registry=REGISTRY
)


def read_metrics() -> bytes:
    """All counters in the Prometheus text format."""
    return generate_latest(REGISTRY)
