"""One key, one effect: a write that carries an Idempotency-Key is done once, whatever is retried or killed.

The first transaction that changes anything for a claimed key marks the key in that same transaction. So a process
that dies between commit and answer leaves a mark behind, and the retry is told instead of done a second time.
"""

from likewise.platform.idempotency.model import AnswerLost, KeyInFlight, KeyMalformed, KeyReused, StoredAnswer
from likewise.platform.idempotency.service import Claim, claim, fingerprint, tidy_keys

__all__ = [
    "AnswerLost",
    "Claim",
    "KeyInFlight",
    "KeyMalformed",
    "KeyReused",
    "StoredAnswer",
    "claim",
    "fingerprint",
    "tidy_keys",
]
