"""Bounds of collections; section `[collections]`."""

from typing import ClassVar

from pydantic import Field

from likewise.platform.config import Section

__all__ = ["CollectionsSettings"]


class CollectionsSettings(Section):
    """How much may come in at once, and how big one thing may be."""

    section: ClassVar[str] = "collections"
    item_bytes_max: int = Field(10_000_000, ge=1_000, description="bytes one item's text may have")
    passage_tokens_max: int = Field(200, ge=32, le=2_000, description="tokens of one passage, as estimated")
    passage_overlap_tokens: int = Field(24, ge=0, description="tokens two passages of one item share")
    batch_items_max: int = Field(2_000, ge=1, description="items in one batch request")
    page_items_max: int = Field(200, ge=1, description="items in one page of a list")
    facet_values_max: int = Field(200, ge=1, description="values listed per facet")
    load_batch_rows: int = Field(1_000, ge=1, description="rows a load writes in one transaction")
    load_problems_max: int = Field(1_000, ge=0, description="refused rows a load keeps in its report; all are counted")
    load_backlog_max: int = Field(50_000, ge=1, description="passages waiting for vectors before a load pauses")
    load_stall_s: float = Field(
        600, gt=0, description="seconds without any progress after which a load gives up waiting"
    )
    upload_bytes_max: int = Field(2_000_000_000, ge=1, description="bytes of one uploaded file")
    wait_items_max: int = Field(32, ge=0, description="items of a small write that waits until it is searchable")
    wait_s: float = Field(5, ge=0, description="seconds a small write waits at most")
    delete_batch_items: int = Field(1_000, ge=1, description="items one transaction deletes")
