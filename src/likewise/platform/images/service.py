"""Making pictures small. This process never looks into their bytes: children do, under limits.

Nothing here or above imports Pillow; `likewise.platform.images.child` does, and is only ever run in a child.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec

from likewise.platform.children import (
    ChildDiedError,
    Children,
    ChildrenAbsentError,
    ChildrenBusyError,
    ChildTooSlowError,
    Work,
)
from likewise.platform.images.model import (
    ImagesBusy,
    ImagesUnavailable,
    ImageTooLarge,
    ImageTooManyPixels,
    ImageTooSlow,
    ImageUnreadable,
    MediaType,
    Picture,
    PictureFormat,
)
from likewise.platform.images.settings import ImagesSettings

__all__ = ["EDGE_PX_MAX", "Images"]

EDGE_PX_MAX = 4096
_REASONS = {
    "unknown": "it is in none of the known formats, or broken at its beginning",
    "damaged": "it is damaged or incomplete",
    "memory": "decoding it needs more memory than LIKEWISE_IMAGES_CHILD_MEMORY_MB allows",
}
_MEDIA_TYPES: dict[PictureFormat, MediaType] = {"webp": "image/webp", "avif": "image/avif"}
_SIGNATURES: dict[PictureFormat, tuple[int, bytes]] = {"webp": (8, b"WEBP"), "avif": (4, b"ftyp")}
_Side = Annotated[int, msgspec.Meta(ge=1, le=EDGE_PX_MAX)]


class _Made(msgspec.Struct, frozen=True, tag="made"):
    width: _Side
    height: _Side


class _Refused(msgspec.Struct, frozen=True, tag="refused"):
    reason: Literal["unknown", "damaged", "memory", "pixels"]


_decoder = msgspec.json.Decoder(_Made | _Refused)


class Images:
    """One per App: `async with Images(settings) as images`. The first picture starts the first child."""

    def __init__(self, settings: ImagesSettings) -> None:
        self._settings = settings
        self._children = Children(
            Work(
                path=Path(__file__).with_name("child.py"),
                memory_mb=settings.child_memory_mb,
                # A picture made is never larger than its raw pixels; what is over the bound is no picture of ours.
                body_bytes_max=max(settings.source_bytes_max, EDGE_PX_MAX * EDGE_PX_MAX * 4),
                request_timeout_s=settings.timeout_s,
                start_timeout_s=settings.start_timeout_s,
                idle_s=settings.idle_s,
                children_max=settings.children_max,
                waiting_max=settings.waiting_max,
                requests_max=settings.child_pictures_max,
            )
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._children.__aexit__()

    async def shrink(
        self,
        data: bytes,
        *,
        edge_px: int,
        format: PictureFormat = "webp",  # noqa: A002 - the word for it
        square: bool = False,
    ) -> Picture:
        """A picture of which no side is longer than `edge_px` (1 to EDGE_PX_MAX); a smaller one keeps its size.

        It keeps its shape, or is cut to the square in its middle. Raises ImageTooLarge, ImageTooManyPixels,
        ImageUnreadable, ImageTooSlow; ImagesBusy or ImagesUnavailable where it is not the picture's fault.
        """
        settings = self._settings
        if not 1 <= edge_px <= EDGE_PX_MAX:
            raise ValueError(f"edge_px is 1 to {EDGE_PX_MAX}, not {edge_px}")
        if len(data) > settings.source_bytes_max:
            raise ImageTooLarge(size_bytes=len(data), bytes_max=settings.source_bytes_max)
        wish = {
            "edge_px": edge_px,
            "square": square,
            "pixels_max": settings.pixels_max,
            "format": format,
            "quality": settings.webp_quality if format == "webp" else settings.avif_quality,
        }
        head, content = await self._ask(wish, data)
        return self._picture(head, content, format=format)

    async def _ask(self, wish: Mapping[str, object], data: bytes) -> tuple[bytes, bytes]:
        settings = self._settings
        try:
            return await self._children.ask(wish, data)
        except ChildTooSlowError:
            raise ImageTooSlow(timeout_s=settings.timeout_s) from None
        except ChildDiedError:
            raise ImageUnreadable(reason="its decoder crashed") from None
        except ChildrenBusyError:
            raise ImagesBusy(waiting_max=settings.waiting_max) from None
        except ChildrenAbsentError as error:
            raise ImagesUnavailable(reason=error) from error

    def _picture(self, head: bytes, content: bytes, *, format: PictureFormat) -> Picture:  # noqa: A002
        """What the child says it made. It has read hostile bytes, so its word is checked, and its picture's look."""
        try:
            said = _decoder.decode(head)
        except msgspec.DecodeError:
            raise ImageUnreadable(reason="its decoder crashed") from None
        if isinstance(said, _Refused):
            if said.reason == "pixels":
                raise ImageTooManyPixels(pixels_max=self._settings.pixels_max)
            raise ImageUnreadable(reason=_REASONS[said.reason])
        place, signature = _SIGNATURES[format]
        if not content.startswith(signature, place):
            raise ImageUnreadable(reason="its decoder crashed")
        return Picture(content=content, width=said.width, height=said.height, media_type=_MEDIA_TYPES[format])
