"""What is counted for the operator; labels are a fixed few words, never a code, a number or a name."""

from prometheus_client import CollectorRegistry, Counter, generate_latest

REGISTRY = CollectorRegistry()
ANSWERS = Counter("percaya_answers", "Answers by what became of them", ["result"], registry=REGISTRY)
TRANSACTIONS = Counter(
    "percaya_transactions", "Reported transactions by what became of them", ["verdict"], registry=REGISTRY
)
REQUESTS = Counter(
    "percaya_requests_failed", "Requests that failed on our side, by route", ["route"], registry=REGISTRY
)


def read_metrics() -> bytes:
    """All counters in the Prometheus text format."""
    return generate_latest(REGISTRY)
