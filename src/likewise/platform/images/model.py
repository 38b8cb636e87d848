"""The nouns of pictures: what is made, and what is said when it cannot be."""

from typing import Literal

import msgspec

from likewise.platform.errors import Rejected, Unavailable

__all__ = [
    "ImageTooLarge",
    "ImageTooManyPixels",
    "ImageTooSlow",
    "ImageUnreadable",
    "ImagesBusy",
    "ImagesUnavailable",
    "MediaType",
    "Picture",
    "PictureFormat",
]

PictureFormat = Literal["webp", "avif"]
MediaType = Literal["image/webp", "image/avif"]


class Picture(msgspec.Struct, frozen=True):
    """A picture made here: upright, in sRGB, its first frame only, and without metadata. Sizes are in pixels."""

    content: bytes
    width: int
    height: int
    media_type: MediaType


class ImageTooLarge(Rejected):
    """The picture has {size_bytes} bytes, and at most {bytes_max} are read. Send a smaller file;
    LIKEWISE_IMAGES_SOURCE_BYTES_MAX sets the bound.
    """


class ImageTooManyPixels(Rejected):
    """The picture has more than {pixels_max} pixels and is not decoded. Send a smaller picture;
    LIKEWISE_IMAGES_PIXELS_MAX sets the bound.
    """


class ImageUnreadable(Rejected):
    """The picture cannot be read: {reason}. Send a PNG, JPEG, GIF, WebP, AVIF or BMP file."""


class ImageTooSlow(Rejected):
    """The picture was not decoded within {timeout_s:g} s and was given up. Send a simpler one;
    LIKEWISE_IMAGES_TIMEOUT_S sets the bound.
    """


class ImagesBusy(Unavailable):
    """{waiting_max} pictures are waiting to be decoded already. Try again in a moment; LIKEWISE_IMAGES_WAITING_MAX and
    LIKEWISE_IMAGES_CHILDREN_MAX set the bounds.
    """


class ImagesUnavailable(Unavailable):
    """Pictures cannot be decoded, because no process for it starts: {reason}."""
