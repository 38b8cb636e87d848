"""The long parts of changing a model: filling the other space, and dropping it. Each may be stopped anywhere."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec

from likewise.engine.embedding import store
from likewise.engine.embedding.model import Space, TenantSpaces
from likewise.engine.embedding.service.runtime import Embedder
from likewise.engine.embedding.service.spaces import (
    ChangeUnderWay,
    NothingToCutOver,
    begin_change,
    begin_drop,
    cut_over,
    spaces_of,
)
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.feature import App
from likewise.platform.jobs import JobContext
from likewise.platform.tenancy import list_tenants

__all__ = ["change_everybody", "drop_other_space", "fill_other_space"]

_COUNT_MAX = 10_000_000
_COLLECTIONS_MAX = 100_000
_FIRST = UUID(int=0)


class _Filled(msgspec.Struct, frozen=True):
    """The last passage that was queued."""

    after: UUID


async def fill_other_space(app: App, context: JobContext, *, space_id: int) -> None:
    """Embed every passage of the context's tenant for its other space, and say that it is ready.

    Before the passages are read, every transaction is waited for that may have begun before the tenant wrote two
    spaces: whatever it stores is visible then. Goes on where an earlier attempt stopped. Raises NothingToCutOver where
    the other space was dropped meanwhile.
    """
    space = await _other_space(app, context.tenant, space_id=space_id)
    await app.resource(Embedder).station(space)
    async with app.db.tenant(context.tenant, read_only=True) as tx:
        total = await store.count_passages_of_tenant(tx, limit=_COLLECTIONS_MAX)
    await context.progress(total=total, unit="passages", message="waiting for writers")
    await _pass_fence(app, context)
    await _queue(app, context, space)
    await _wait_until_embedded(app, context, space, total=total)
    await _sweep(app, context, space)
    async with context.effects() as tx:
        if not await store.mark_filled(tx, space_id=space.space_id, at=app.clock.now()):
            raise NothingToCutOver
        count = await store.count_space(tx, space_id=space.space_id, limit=_COUNT_MAX)
        await context.finish(tx, {"space_id": space.space_id, "model": space.model, "failed": count.failed})


async def drop_other_space(app: App, context: JobContext, *, space_id: int) -> None:
    """Remove what a space that is not written any more holds of the context's tenant; where nobody else uses it, its
    cached vectors and its indexes too."""
    settings = app.settings.get(EmbeddingSettings)
    async with app.db.tenant(context.tenant, read_only=True) as tx:
        chosen = await store.find_tenant_spaces(tx)
    if chosen is not None and chosen.other_space_id == space_id and chosen.cut_over_at is not None:
        age_s = (app.clock.now() - chosen.cut_over_at).total_seconds()
        await asyncio.sleep(max(0.0, settings.drop_grace_s - age_s))
    await _pass_fence(app, context)
    limit = settings.change_batch_rows
    await _delete_all(context, store.delete_pending_of_space, space_id=space_id, limit=limit)
    vectors = await _delete_all(context, store.delete_vectors_of_space, space_id=space_id, limit=limit)
    async with context.effects() as tx:
        await store.release_other_space(tx, space_id=space_id, at=app.clock.now())
    cached, indexes = await _drop_shared(app, space_id=space_id)
    async with context.effects() as tx:
        await context.finish(tx, {"vectors": vectors, "cached_vectors": cached, "indexes": indexes})


async def change_everybody(
    app: App,
    *,
    space: Space,
    fill: Callable[[UUID], Awaitable[None]],
    drop: Callable[[UUID, int], Awaitable[None]],
) -> int:
    """Bring every tenant to a space, one after the other, each while its searches go on; how many are on it then.

    First new tenants begin with it and all others are held where they are; run again, it goes on with those that are
    not there yet. `fill` and `drop` do the long parts for a tenant. Raises what they raise, and PassagesFailed.
    """
    async with app.db.maintenance() as tx:
        await store.pin_tenants(tx)
        await store.activate_space(tx, space_id=space.space_id)
    count, last = 0, None
    while tenants := await list_tenants(app.db, after=last):
        for tenant in tenants:
            await _change_tenant(app, tenant.tenant_id, space=space, fill=fill, drop=drop)
            count += 1
        last = tenants[-1].tenant_id
    return count


async def _change_tenant(
    app: App,
    tenant_id: UUID,
    *,
    space: Space,
    fill: Callable[[UUID], Awaitable[None]],
    drop: Callable[[UUID, int], Awaitable[None]],
) -> None:
    async with app.db.tenant(tenant_id) as tx:
        serving, other = await spaces_of(tx)
        if serving.space_id != space.space_id and other is None:
            await begin_change(tx, space=space)
            other = space
    if serving.space_id != space.space_id:
        if other is None or other.space_id != space.space_id:
            raise ChangeUnderWay(model=space.model if other is None else other.model)
        await fill(tenant_id)
        await cut_over(app, tenant_id)
        other = serving
    if other is not None:
        async with app.db.tenant(tenant_id) as tx:
            await begin_drop(tx, at=app.clock.now())
        await drop(tenant_id, other.space_id)


async def _other_space(app: App, tenant_id: UUID, *, space_id: int) -> Space:
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        _check(await store.find_tenant_spaces(tx), space_id=space_id)
        return next(space for space in await store.list_spaces(tx) if space.space_id == space_id)


def _check(chosen: TenantSpaces | None, *, space_id: int) -> None:
    """Raises NothingToCutOver where a space is not, or not any more, what a tenant writes beside what serves."""
    if chosen is None or chosen.other_space_id != space_id or chosen.dropping:
        raise NothingToCutOver


async def _pass_fence(app: App, context: JobContext) -> None:
    """Wait until every transaction has ended that wrote anything before now."""
    poll_s = app.settings.get(EmbeddingSettings).change_poll_s
    async with app.db.maintenance() as tx:
        fence = await store.read_fence(tx)
    while True:
        async with app.db.maintenance() as tx:
            if await store.is_fence_passed(tx, fence=fence):
                return
        await context.checkpoint()
        await asyncio.sleep(poll_s)


async def _queue(app: App, context: JobContext, space: Space) -> None:
    """Queue the passages that are there, in the order of their ids; later ones are queued as they are written."""
    limit = app.settings.get(EmbeddingSettings).change_batch_rows
    after = (context.resumed(_Filled) or _Filled(_FIRST)).after
    while True:
        async with app.db.tenant(context.tenant) as tx:
            _check(await store.lock_tenant_spaces(tx), space_id=space.space_id)
            part = await store.queue_passages(tx, space_id=space.space_id, after=after, limit=limit)
        app.resource(Embedder).work_arrived.set()
        after = part.last or after
        await context.checkpoint(_Filled(after))
        if part.seen < limit:
            return


async def _wait_until_embedded(app: App, context: JobContext, space: Space, *, total: int) -> None:
    poll_s = app.settings.get(EmbeddingSettings).change_poll_s
    while True:
        async with app.db.tenant(context.tenant, read_only=True) as tx:
            count = await store.count_space(tx, space_id=space.space_id, limit=_COUNT_MAX)
        await context.progress(
            done=max(0, total - count.waiting - count.failed),
            total=total,
            rejected=count.failed,
            message=f"embedding with {space.model}",
        )
        if not count.waiting:
            return
        await context.checkpoint()
        await _other_space(app, context.tenant, space_id=space.space_id)
        await asyncio.sleep(poll_s)


async def _sweep(app: App, context: JobContext, space: Space) -> None:
    """Take away vectors whose passage was being removed just while it was queued."""
    limit = app.settings.get(EmbeddingSettings).change_batch_rows
    await _pass_fence(app, context)
    collection, passage = _FIRST, _FIRST
    while True:
        async with app.db.tenant(context.tenant) as tx:
            part = await store.delete_orphan_vectors(
                tx, space_id=space.space_id, after_collection=collection, after_passage=passage, limit=limit
            )
        if part.seen < limit or part.last_collection is None or part.last_passage is None:
            return
        collection, passage = part.last_collection, part.last_passage


async def _delete_all(context: JobContext, delete: Callable[..., Awaitable[int]], *, space_id: int, limit: int) -> int:
    gone = 0
    while True:
        async with context.effects() as tx:
            part = await delete(tx, space_id=space_id, limit=limit)
        gone += part
        await context.progress(done=gone, unit="rows", message="dropping what nobody searches")
        if part < limit:
            return gone


async def _drop_shared(app: App, *, space_id: int) -> tuple[int, int]:
    """Cached vectors and indexes of a space that no tenant serves or writes any more; how many of each."""
    limit = app.settings.get(EmbeddingSettings).change_batch_rows
    cached = 0
    while True:
        async with app.db.maintenance() as tx:
            if await store.is_space_used(tx, space_id=space_id):
                return cached, 0
            part = await store.delete_cached_of_space(tx, space_id=space_id, limit=limit)
        cached += part
        if part < limit:
            return cached, await store.drop_indexes_of_space(app.db, space_id=space_id)
