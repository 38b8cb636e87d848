"""Which space is searched, and the way from one to another."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from likewise.engine.embedding import store
from likewise.engine.embedding.model import ModelInfo, Space
from likewise.engine.embedding.service.runtime import Embedder
from likewise.platform.feature import App
from likewise.platform.tenancy import list_tenants

__all__ = ["change_model", "list_models", "retry_failed"]

_QUEUE_BATCH_ROWS = 5_000
_POLL_S = 0.2
_DESCRIPTIONS = {
    "minilm": "all-MiniLM-L6-v2 on this machine's processor: the default, best of the local ones",
    "static": "one vector per word, averaged: very fast, of lower quality",
    "hashing": "spelling only, no meaning: used where no model's files can be had",
    "fake": "made of word hashes, for tests",
}


async def list_models(app: App) -> list[ModelInfo]:
    """Every space this database knows, the active one marked."""
    async with app.db.maintenance() as tx:
        spaces = await store.list_spaces(tx)
    return [
        ModelInfo(
            space_id=space.space_id,
            model=space.model,
            version=space.version,
            dimension=space.dimension,
            active=space.active,
            description=_DESCRIPTIONS.get(space.model, "a provider's model"),
        )
        for space in spaces
    ]


async def change_model(app: App) -> int:
    """Embed every tenant's passages with this process's model, then drop what other models made; how many were queued.

    Needs the pipeline running in this process or another one of the same model.
    """
    space = app.resource(Embedder).space
    queued = 0
    async for tenant_id in _tenants(app):
        queued += await _queue_tenant(app, space, tenant_id)
    app.resource(Embedder).work_arrived.set()
    while True:
        async with app.db.maintenance() as tx:
            if (await store.count_queue(tx, limit=1)).waiting == 0:
                break
        await asyncio.sleep(_POLL_S)
    async for tenant_id in _tenants(app):
        await _drop_others(app, space, tenant_id)
    return queued


async def retry_failed(app: App, tenant_id: UUID) -> int:
    """Queue a tenant's failed texts again; how many."""
    count = 0
    while True:
        async with app.db.tenant(tenant_id) as tx:
            part = await store.retry_failed(tx, limit=_QUEUE_BATCH_ROWS)
        count += part
        app.resource(Embedder).work_arrived.set()
        # What fails again meanwhile waits for the next call: a part that is not full was the last one.
        if part < _QUEUE_BATCH_ROWS:
            return count


async def _tenants(app: App) -> AsyncIterator[UUID]:
    last = None
    while tenants := await list_tenants(app.db, after=last):
        for tenant in tenants:
            yield tenant.tenant_id
        last = tenants[-1].tenant_id


async def _drop_others(app: App, space: Space, tenant_id: UUID) -> None:
    while True:
        async with app.db.tenant(tenant_id) as tx:
            await store.delete_other_pending(tx, space_id=space.space_id)
            gone = await store.delete_other_vectors(tx, space_id=space.space_id, limit=_QUEUE_BATCH_ROWS)
        if gone < _QUEUE_BATCH_ROWS:
            return


async def _queue_tenant(app: App, space: Space, tenant_id: UUID) -> int:
    queued, after = 0, UUID(int=0)
    while True:
        async with app.db.tenant(tenant_id) as tx:
            ids = await store.insert_pending_of_tenant(
                tx, space_id=space.space_id, after=after, limit=_QUEUE_BATCH_ROWS
            )
        queued += len(ids)
        if len(ids) < _QUEUE_BATCH_ROWS:
            return queued
        after = max(ids)
