"""Names, addresses and signatures of visitors' pictures."""

import hashlib
import hmac
from uuid import UUID

__all__ = ["avatar_etag", "avatar_expiry", "avatar_key", "avatar_name", "avatar_path", "avatar_signature", "is_same"]

_FOLDER = "inbox/avatars/"
_ENDING = ".webp"
_HASH_DIGITS = 32
_DAY_S = 86_400


def avatar_key(visitor_id: UUID, content: bytes, *, job_id: int) -> str:
    """Where a picture is stored. No two jobs share one, so that deleting a picture never meets one that came later."""
    digest = hashlib.sha256(content).hexdigest()[:_HASH_DIGITS]
    return f"{_FOLDER}{visitor_id.hex}-{job_id}-{digest}{_ENDING}"


def avatar_name(key: str) -> str:
    """The last part of a picture's key and of its address."""
    return key.removeprefix(_FOLDER)


def avatar_path(name: str) -> str:
    """The key of the picture with this name."""
    return f"{_FOLDER}{name}"


def avatar_etag(name: str) -> str:
    """The ETag of a picture: the hash its name ends with."""
    return f'"{name.removesuffix(_ENDING)[-_HASH_DIGITS:]}"'


def avatar_expiry(now_s: float, *, lasting_s: int) -> int:
    """Until when an address holds that is made now: `lasting_s` at least, and the same for everyone who asks within a
    day, so that browsers and caches meet one address."""
    step = min(_DAY_S, lasting_s)
    return (int(now_s) // step + 1) * step + lasting_s


def avatar_signature(key: bytes, *, tenant_id: UUID, name: str, expires: int) -> str:
    """Who knows it may read the picture until then."""
    message = b"avatar" + tenant_id.bytes + expires.to_bytes(8, "big", signed=True) + name.encode("utf-8", "replace")
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def is_same(expected: str, given: str) -> bool:
    """Whether two signatures are the same, found out in the same time wherever they differ."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
