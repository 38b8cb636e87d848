"""The door to pictures: untrusted bytes in, a small clean picture out, decoded in a child process only."""

from likewise.platform.images.model import (
    ImagesBusy,
    ImagesUnavailable,
    ImageTooLarge,
    ImageTooManyPixels,
    ImageTooSlow,
    ImageUnreadable,
    Picture,
)
from likewise.platform.images.service import Images
from likewise.platform.images.settings import ImagesSettings

__all__ = [
    "ImageTooLarge",
    "ImageTooManyPixels",
    "ImageTooSlow",
    "ImageUnreadable",
    "Images",
    "ImagesBusy",
    "ImagesSettings",
    "ImagesUnavailable",
    "Picture",
]
