"""Which space serves a tenant, and the way to another one: begin, watch it fill, cut over, drop what served before.

A tenant writes one space or two. Beginning a change adds the second: from then on whatever is written waits for both,
and a job queues what was there before. Cutting over swaps the two in one transaction; the space that served before is
still written, so that cutting over again goes back. Dropping ends that.
"""

from datetime import datetime
from uuid import UUID

from likewise.engine.embedding import store
from likewise.engine.embedding.events import SpaceChanged
from likewise.engine.embedding.model import ModelInfo, Space, SpaceState, TenantSpaces
from likewise.engine.embedding.service.runtime import Embedder, find_or_make_space
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.cache import Namespace
from likewise.platform.db import Tx
from likewise.platform.errors import Conflict
from likewise.platform.events import publish
from likewise.platform.feature import App

__all__ = [
    "ChangeUnderWay",
    "NothingToCutOver",
    "begin_change",
    "begin_drop",
    "cut_over",
    "find_target",
    "get_space",
    "list_models",
    "retry_failed",
    "serving_space",
    "spaces_of",
]

TAG = "embedding_space"
_COUNT_MAX = 100_000
_SERVING = Namespace("embedding_space", Space, ttl_s=3600)
_DESCRIPTIONS = {
    "minilm": "all-MiniLM-L6-v2 on this machine's processor: the default, best of the local ones",
    "static": "one vector per word, averaged: very fast, of lower quality",
    "hashing": "spelling only, no meaning: used where no model's files can be had",
    "fake": "made of word hashes, for tests",
}


class ChangeUnderWay(Conflict):
    """This tenant already has a second space, of {model}. Drop it, or cut over to it and drop what served before, and
    then begin another; one that is being dropped is gone when its operation ends."""


class AlreadyServing(Conflict):
    """{model} serves this tenant already."""


class NothingToCutOver(Conflict):
    """This tenant has no second space. `likewise models change NAME` begins one."""


class NotFilledYet(Conflict):
    """{model} is not ready to serve: {waiting} passages still wait for their vector. Watch the change's operation."""


class PassagesFailed(Conflict):
    """{failed} passages could not be embedded with {model} and would not be found by meaning. Try them again with
    `likewise models retry`, or cut over all the same by accepting that (--accept-failed)."""


async def serving_space(app: App, tenant_id: UUID) -> Space:
    """The space that serves a tenant. A cut over is seen at once here, and elsewhere within the cache's announcements;
    until the other space is dropped, who has not heard yet gets the right answers of the space before."""

    async def look() -> Space:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            return (await spaces_of(tx))[0]

    return await app.cache.get_or_compute(_SERVING, tenant_id=tenant_id, key="", tags=[TAG], compute=look)


async def get_space(tx: Tx) -> Space:
    """The space that serves this transaction's tenant, for who has a transaction open already."""
    return (await spaces_of(tx))[0]


async def spaces_of(tx: Tx) -> tuple[Space, Space | None]:
    """The space that serves this tenant, and the other one it writes."""
    known = {space.space_id: space for space in await store.list_spaces(tx)}
    chosen = await store.find_tenant_spaces(tx)
    if chosen is None:
        return next(space for space in known.values() if space.active), None
    other = chosen.other_space_id
    return known[chosen.space_id], None if other is None else known[other]


async def list_models(app: App, tenant_id: UUID) -> list[ModelInfo]:
    """Every space this database knows, and what each is to a tenant."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        spaces = await store.list_spaces(tx)
        serving, other = await spaces_of(tx)
        chosen = await store.find_tenant_spaces(tx)
        counts = {
            space.space_id: await store.count_space(tx, space_id=space.space_id, limit=_COUNT_MAX)
            for space in (serving, *([other] if other else ()))
        }
    infos: list[ModelInfo] = []
    for space in spaces:
        state = _state(space, serving, other, chosen)
        count = counts.get(space.space_id, store.SpaceCount(0, 0))
        infos.append(
            ModelInfo(
                space_id=space.space_id,
                model=space.model,
                version=space.version,
                dimension=space.dimension,
                active=state == "serving",
                state=state,
                waiting=count.waiting,
                failed=count.failed,
                description=_DESCRIPTIONS.get(space.model, "a provider's model"),
            )
        )
    return infos


async def find_target(app: App, *, model: str) -> Space:
    """The space of a model by its name, loaded and with its space made. Raises ModelUnknown and what loading raises."""
    embedder = app.resource(Embedder)
    if model == embedder.model.name:
        return embedder.space
    loaded = await embedder.load(model)
    space, _ = await find_or_make_space(app, loaded)
    if embedder.admit(loaded, space).model is not loaded:
        await loaded.close()
    return space


async def begin_change(tx: Tx, *, space: Space) -> None:
    """From this transaction's commit on, what a tenant writes is embedded for `space` too.

    Raises AlreadyServing, ChangeUnderWay.
    """
    serving, other = await spaces_of(tx)
    if serving.space_id == space.space_id:
        raise AlreadyServing(model=space.model)
    if other is not None or not await store.upsert_other_space(tx, space_id=space.space_id):
        raise ChangeUnderWay(model=(other or space).model)


async def cut_over(app: App, tenant_id: UUID, *, accept_failed: bool = False) -> Space:
    """Search the other space from now on; the space that serves now.

    Raises NothingToCutOver, NotFilledYet, PassagesFailed.
    """
    async with app.db.tenant(tenant_id) as tx:
        chosen = await store.lock_tenant_spaces(tx)
        _, other = await spaces_of(tx)
        if chosen is None or other is None or chosen.dropping:
            raise NothingToCutOver
        count = await store.count_space(tx, space_id=other.space_id, limit=_COUNT_MAX)
        # What was cut over before stays filled: new passages wait for both, and may wait for it when going back.
        if chosen.filled_at is None or (count.waiting and chosen.cut_over_at is None):
            raise NotFilledYet(model=other.model, waiting=count.waiting)
        if count.failed and not accept_failed:
            raise PassagesFailed(model=other.model, failed=count.failed)
        await store.swap_spaces(tx, space_id=other.space_id, at=app.clock.now())
        await app.cache.bump_tags(tx, [TAG])
        await publish(tx, [SpaceChanged(other.space_id)])
    return other


async def begin_drop(tx: Tx, *, at: datetime) -> Space:
    """From this transaction's commit on, a tenant's other space is not written; the space that a job has to clear.

    Raises NothingToCutOver.
    """
    chosen = await store.lock_tenant_spaces(tx)
    _, other = await spaces_of(tx)
    if chosen is None or other is None or chosen.dropping:
        raise NothingToCutOver
    await store.mark_dropping(tx, space_id=other.space_id, at=at)
    return other


async def retry_failed(app: App, tenant_id: UUID) -> int:
    """Queue a tenant's failed texts again; how many."""
    batch = app.settings.get(EmbeddingSettings).change_batch_rows
    count = 0
    while True:
        async with app.db.tenant(tenant_id) as tx:
            part = await store.retry_failed(tx, limit=batch)
        count += part
        app.resource(Embedder).work_arrived.set()
        # What fails again meanwhile waits for the next call: a part that is not full was the last one.
        if part < batch:
            return count


def _state(space: Space, serving: Space, other: Space | None, chosen: TenantSpaces | None) -> SpaceState:
    if space.space_id == serving.space_id:
        return "serving"
    if other is None or chosen is None or space.space_id != other.space_id:
        return "unused"
    if chosen.dropping:
        return "dropping"
    if chosen.cut_over_at is not None:
        return "previous"
    return "filling" if chosen.filled_at is None else "ready"
