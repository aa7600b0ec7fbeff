"""After a backup was restored: what it still had to send may have been sent since it was made.

Nobody can know it here, for what was known was lost. So everything that was due by now is in doubt, like a
message whose provider never answered: it waits for its report, and is not sent again on a guess.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, update

from survey.counters import MESSAGES
from survey.database import Statement, Tx
from survey.messaging.models import Message
from survey.messaging.outbox import in_state
from survey.models import columns

REASON = "restored"

_m = columns(Message)
# Marked as sent a second time already, so that no policy about what is in doubt does it.
DOUBT_DUE = Statement(
    update(Message)
    .where(
        in_state("scheduled", "queued", "claimed", "sending", "unknown"),
        _m.not_before <= bindparam("now"),
    )
    .values(
        state="unknown",
        reason=REASON,
        resent=1,
        fence=0,
        lease_until=None,
        changed_at=bindparam("now"),
    )
)


def doubt_due(tx: Tx, moments: Sequence[int]) -> list[int]:
    """Put in doubt what was due at each moment (UTC epoch seconds) and not yet handed over; how many.

    To be called before any worker runs on a restored database. What is due later cannot have been sent
    meanwhile, and stays as it is.
    """
    doubted = []
    for now in moments:
        count = tx.run(DOUBT_DUE, {"now": now})
        MESSAGES.labels("any", "unknown").inc(count)
        doubted.append(count)
    return doubted
