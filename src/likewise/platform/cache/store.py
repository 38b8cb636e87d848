"""The statements of the cache."""

from collections.abc import Sequence
from datetime import datetime

from likewise.platform.cache.model import TagBump
from likewise.platform.db import Queries, Tx

__all__ = ["bump_tags", "delete_idle_tags", "list_tag_versions"]

QUERIES = Queries(__package__ or "")


async def bump_tags(tx: Tx, *, tags: Sequence[str]) -> list[TagBump]:
    """Move these tags of the transaction's tenant on; the versions they will have once it commits."""
    return await tx.fetch_all(QUERIES.bump_tags, TagBump, {"tenant_id": tx.tenant, "tags": sorted(set(tags))})


async def list_tag_versions(tx: Tx, *, tags: Sequence[str]) -> list[TagBump]:
    """The versions of those tags that were ever bumped."""
    return await tx.fetch_all(QUERIES.list_tag_versions, TagBump, {"tenant_id": tx.tenant, "tags": list(tags)})


async def delete_idle_tags(tx: Tx, *, before: datetime, rows_max: int) -> int:
    """Forget up to `rows_max` tags that were last bumped before; how many there were.

    `before` must be further back than any value lives.
    """
    return await tx.execute(QUERIES.delete_idle_tags, {"tenant_id": tx.tenant, "before": before, "rows_max": rows_max})
