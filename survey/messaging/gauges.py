"""What a monitor is told of messaging, measured when it asks; labels are states and configured providers."""

from collections.abc import Sequence

from survey.counters import Measured
from survey.messaging.backlog import Backlog
from survey.messaging.routing import Breaker, ProviderHealth, breaker


def gauges_of(backlog: Backlog, healths: Sequence[ProviderHealth]) -> list[Measured]:
    """What waits, and the providers' health; counts end at ``backlog.most``, ages are in seconds."""
    return [
        Measured("percaya_messages_due", "Messages that may be sent now", "kind", backlog.due),
        Measured("percaya_messages_later", "Messages whose time has not come", "kind", backlog.later),
        Measured("percaya_messages_in_state", "Messages on their way", "state", backlog.on_their_way),
        Measured(
            "percaya_messages_late",
            "Messages a lost worker holds, and messages whose report is late",
            "what",
            {"stuck": backlog.stuck, "unreported": backlog.unreported},
        ),
        Measured("percaya_sms_callbacks", "What providers told, not dealt with", "state", backlog.callbacks),
        Measured(
            "percaya_sms_oldest_seconds",
            "How long the oldest has been due",
            "what",
            {"message": backlog.oldest_due or 0, "callback": backlog.oldest_callback or 0},
        ),
        Measured(
            "percaya_sms_provider_open",
            "Whether the breaker keeps messages from a provider",
            "provider",
            {one.name: float(breaker(one, backlog.now) is not Breaker.CLOSED) for one in healths},
        ),
        Measured(
            "percaya_sms_provider_paused",
            "Whether a provider is paused, by itself or with everything",
            "provider",
            {one.name: float(one.paused) for one in healths},
        ),
    ]
