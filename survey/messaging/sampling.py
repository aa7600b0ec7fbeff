"""Who is invited: a probability by rule, and a draw that nobody chooses and the key can repeat. Pure.

The draw is a keyed digest (BLAKE2b, RFC 7693) of the transaction's id, which is itself drawn at random when
the transaction is recorded: an agency neither knows nor influences it, and the same transaction is drawn or
not however often it is reported. This is Poisson sampling (Hájek 1964): each transaction by itself, with
its own known probability, which is kept with it.
"""

from survey.keys import Keys
from survey.messaging.policy import Rules

_BITS = 53  # what a float holds exactly


def probability(rules: Rules, unit: str, service: str, channel: str) -> float:
    """The probability (0 to 1) that a transaction is invited, as the first stratum that fits says."""
    for stratum in rules.sampling.strata:
        if (
            stratum.unit in (None, unit)
            and stratum.service in (None, service)
            and stratum.channel in (None, channel)
        ):
            return stratum.probability
    return rules.sampling.probability


def drawn(keys: Keys, transaction_id: int, p: float) -> bool:
    """Whether a transaction is invited, with probability ``p``; if it is at ``p``, it is at any higher."""
    if p >= 1:
        return True
    number = int.from_bytes(keys.digest("sampling", str(transaction_id))[:8], "big") >> (64 - _BITS)
    return number / (1 << _BITS) < p
