"""Settings of pictures."""

from typing import ClassVar

from pydantic import Field

from likewise.platform.config import Section

__all__ = ["ImagesSettings"]


class ImagesSettings(Section):
    """What is accepted as a picture, and what the processes that decode it may use."""

    section: ClassVar[str] = "images"

    source_bytes_max: int = Field(16 * 2**20, ge=1, le=2**30, description="bytes of a picture's file that are read")
    pixels_max: int = Field(
        50_000_000, ge=1, description="width times height of a picture that is decoded; checked before decoding"
    )
    timeout_s: float = Field(15, gt=0, description="seconds for one picture before its process is killed")
    start_timeout_s: float = Field(30, gt=0, description="seconds for a decoding process to become ready")
    idle_s: float = Field(60, gt=0, description="seconds without a picture after which the decoding processes end")
    children_max: int = Field(2, ge=1, description="decoding processes at once, per process of this program")
    child_memory_mb: int = Field(
        1280, ge=256, description="megabytes of address space of one decoding process; Linux only"
    )
    child_pictures_max: int = Field(200, ge=1, description="pictures one decoding process makes before a new one does")
    waiting_max: int = Field(32, ge=0, description="pictures that may wait for a decoding process; then 503")
    webp_quality: int = Field(80, ge=1, le=100, description="quality of WebP pictures, 1 to 100")
    avif_quality: int = Field(60, ge=1, le=100, description="quality of AVIF pictures, 1 to 100")
