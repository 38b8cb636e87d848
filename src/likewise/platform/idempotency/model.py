"""The nouns and facts of idempotency keys."""

from datetime import datetime

import msgspec

from likewise.platform.errors import Conflict, Rejected

__all__ = ["AnswerLost", "ClaimLost", "KeyInFlight", "KeyMalformed", "KeyReused", "KeyRow", "StoredAnswer"]


class KeyMalformed(Rejected):
    """An Idempotency-Key has 1 to {chars_max} printable ASCII characters, such as a UUID."""


class KeyReused(Rejected):
    """This Idempotency-Key was used for another request. Use a fresh key for every new write, and the same key only to
    repeat the very same request."""


class KeyInFlight(Conflict):
    """The request with this Idempotency-Key is still being worked on. Repeat it in a moment to get its answer."""


class ClaimLost(Conflict):
    """This request took longer than its Idempotency-Key was held, and another one with the same key took over. Nothing
    was changed by this one."""


class AnswerLost(Conflict):
    """The request with this Idempotency-Key took effect at {effect_at:%Y-%m-%d %H:%M:%S} UTC, but its answer was lost
    (the server was stopped in between). It was not repeated. Look at what it was to change, or at /api/v1/operations;
    to do it once more, use a fresh key."""


class StoredAnswer(msgspec.Struct, frozen=True):
    """An answer as it was given."""

    status: int
    media_type: str
    location: str | None
    body: bytes


class KeyRow(msgspec.Struct, frozen=True):
    """A key somebody else has claimed."""

    fingerprint: bytes
    status: int | None
    media_type: str | None
    location: str | None
    body: bytes | None
    effect_at: datetime | None
    is_locked: bool
