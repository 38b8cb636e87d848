"""Word for caches that something told of a collection's clusters is another now."""

from uuid import UUID

from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = ["tag_of", "touch"]


def tag_of(collection_id: UUID) -> str:
    """The cache tag of everything that is told of a collection's clusters."""
    return f"clusters/{collection_id}"


async def touch(app: App, tx: Tx, *, collection_id: UUID) -> None:
    """Values with this collection's tag hold no more once the transaction is committed. Call it late."""
    await app.cache.bump_tags(tx, [tag_of(collection_id)])
