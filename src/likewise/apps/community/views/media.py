"""How pictures look from outside."""

from datetime import datetime

import msgspec

from likewise.apps.community.model import Media
from likewise.apps.community.service import PictureUrls
from likewise.platform.ids import encode_id

__all__ = ["PictureEditBody", "PictureList", "PictureView", "picture_view"]


class PictureEditBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a picture shows, in words."""

    alt: str


class PictureView(msgspec.Struct, frozen=True):
    """A picture of an experience. `large` and `small` are addresses that anybody may read it at until they change;
    sizes are those of the large one, in pixels and bytes."""

    id: str
    experience: str
    alt: str
    width: int
    height: int
    bytes: int
    large: str
    small: str
    created_at: datetime


class PictureList(msgspec.Struct, frozen=True):
    """The pictures of an experience, in the order they came."""

    data: list[PictureView]


def picture_view(media: Media, urls: PictureUrls) -> PictureView:
    """A picture with its id spelled `pic_...` and its addresses."""
    return PictureView(
        id=encode_id("pic", media.id),
        experience=encode_id("exp", media.experience_id),
        alt=media.alt,
        width=media.width,
        height=media.height,
        bytes=media.bytes,
        large=urls.large,
        small=urls.small,
        created_at=media.created_at,
    )
