"""What was asked of a collection lately, for whoever wants to try another model on it."""

from collections.abc import Sequence
from uuid import UUID

from likewise.engine.search import store
from likewise.engine.search.service.recording import Recorder
from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = ["AskedQueries"]


class AskedQueries:
    """See `likewise.engine.embedding.QuerySource`."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def recent_queries(self, tx: Tx, *, collection_id: UUID, limit: int) -> Sequence[str]:
        """Texts asked of a collection, newest first, each once."""
        await self._app.resource(Recorder).flush()
        return await store.list_recent_texts(tx, collection_id=collection_id, limit=limit)
