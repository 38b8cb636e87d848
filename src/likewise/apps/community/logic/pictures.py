"""Names, addresses and signatures of pictures.

Pictures of what everybody may see and of what only its author sees have addresses of their own: one that was given out
for a public experience is no good once it is private.
"""

import hashlib
import hmac
import re
from typing import Literal, get_args
from uuid import UUID

import msgspec

__all__ = [
    "SIZES",
    "Audience",
    "PictureName",
    "PictureSize",
    "picture_etag",
    "picture_expiry",
    "picture_key",
    "picture_name",
    "picture_signature",
    "read_picture_name",
]

PictureSize = Literal["large", "small"]
Audience = Literal["all", "own"]
SIZES: tuple[tuple[PictureSize, int], ...] = (("large", 1_600), ("small", 400))
"""Each size, and how long in pixels its longer side is at most; the largest first."""

_FOLDER = "community/pictures/"
_NAME = re.compile(rf"([0-9a-f]{{32}})-({'|'.join(get_args(PictureSize))})-({'|'.join(get_args(Audience))})\.webp")
_HASH_DIGITS = 32
_DAY_S = 86_400


class PictureName(msgspec.Struct, frozen=True):
    """What the last part of a picture's address says."""

    id: UUID
    size: PictureSize
    audience: Audience


def picture_key(picture_id: UUID, size: PictureSize) -> str:
    """Where a picture is stored."""
    return f"{_FOLDER}{picture_id.hex}-{size}.webp"


def picture_name(name: PictureName) -> str:
    """The last part of a picture's address."""
    return f"{name.id.hex}-{name.size}-{name.audience}.webp"


def read_picture_name(text: str) -> PictureName | None:
    """What such a name says; None where it is none."""
    found = _NAME.fullmatch(text)
    if found is None:
        return None
    return msgspec.convert({"id": found[1], "size": found[2], "audience": found[3]}, PictureName)


def picture_etag(digest: bytes, size: PictureSize) -> str:
    """The ETag of a picture in a size."""
    return f'"{digest.hex()[:_HASH_DIGITS]}-{size}"'


def picture_expiry(now_s: float, *, lasting_s: int) -> int:
    """Until when an address holds that is made now: `lasting_s` at least, and the same for everyone who asks within a
    day, so that browsers meet one address."""
    step = min(_DAY_S, lasting_s)
    return (int(now_s) // step + 1) * step + lasting_s


def picture_signature(key: bytes, *, tenant_id: UUID, name: str, expires: int) -> str:
    """Who knows it may read the picture until then."""
    message = b"picture" + tenant_id.bytes + expires.to_bytes(8, "big", signed=True) + name.encode("utf-8", "replace")
    return hmac.new(key, message, hashlib.sha256).hexdigest()
