"""Embedding later: lease pending passages, embed them, store their vectors; again and again, in every worker process.

A batch belongs to one tenant. It is leased for a while, read in one transaction, embedded with none open, and stored
in another that takes the passages out of the queue: whoever lost its lease meanwhile finds nothing to take and stores
nothing. Two batches are under way at once, so that the model never waits for the database. Where the model refuses a
batch it is halved until the one text at fault stands alone.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

import msgspec
import numpy as np

from likewise.engine.collections import PassageText, embedded_text, list_passage_texts
from likewise.engine.embedding import store
from likewise.engine.embedding.events import items_embedded
from likewise.engine.embedding.model import Leased
from likewise.engine.embedding.models import BadAnswer, ProviderBusy, ProviderRefused
from likewise.engine.embedding.service.caching import embed_through_cache, forget_texts, sweep_forgotten, text_hash
from likewise.engine.embedding.service.following import CHANNEL
from likewise.engine.embedding.service.runtime import SECONDS, Embedder, Station
from likewise.engine.embedding.service.spending import SpendCapReached
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.cancelling import heed_cancel
from likewise.platform.db import half_vectors
from likewise.platform.errors import Fact, Rejected, Unavailable
from likewise.platform.events import publish
from likewise.platform.feature import App
from likewise.platform.foreground import FOREGROUND
from likewise.platform.ids import new_id
from likewise.platform.telemetry import get_log

__all__ = ["run_pipeline"]

_log = get_log("likewise.embedding")
_REASON_CHARACTERS_MAX = 500
_RENEWALS_PER_LEASE = 3
_HELD_TENANTS_MAX = 10_000


class TextNeverFinished(Rejected):
    """Embedding this text was begun {tries} times and never finished; it may be what stops the worker."""


class _Batch(msgspec.Struct, frozen=True):
    """Passages of one tenant that are ours for now, and what embeds them."""

    tenant_id: UUID
    station: Station
    lease_id: UUID
    passages: list[Leased]

    @property
    def space_id(self) -> int:
        return self.station.space.space_id


class _Turn:
    """Whose turn it was last, and who is left alone for a while; shared by the workers of this process."""

    def __init__(self) -> None:
        self.last_tenant = UUID(int=0)
        self.last_space = 0
        self.lock = asyncio.Lock()
        self._tenants: dict[UUID, float] = {}
        self._spaces: dict[int, float] = {}

    def hold_tenant(self, tenant_id: UUID, seconds: float) -> None:
        """Leave a tenant alone, of whom there is a bounded number: a full list forgets who came first."""
        if len(self._tenants) >= _HELD_TENANTS_MAX:
            del self._tenants[next(iter(self._tenants))]
        self._tenants[tenant_id] = time.monotonic() + seconds

    def hold_space(self, space_id: int, seconds: float) -> None:
        """Leave a space alone: its model is in trouble, not its texts."""
        self._spaces[space_id] = max(self._spaces.get(space_id, 0.0), time.monotonic() + seconds)

    def held_tenants(self) -> list[UUID]:
        self._tenants = {key: until for key, until in self._tenants.items() if until > time.monotonic()}
        return list(self._tenants)

    def held_spaces(self) -> list[int]:
        self._spaces = {key: until for key, until in self._spaces.items() if until > time.monotonic()}
        return list(self._spaces)


async def run_pipeline(app: App) -> None:
    """Embed whatever is pending until cancelled."""
    settings = app.settings.get(EmbeddingSettings)
    turn = _Turn()
    async with asyncio.TaskGroup() as group:
        group.create_task(_hear_hints(app))
        group.create_task(_keep_forgetting(app))
        for _ in range(settings.workers):
            group.create_task(_work(app, turn))


async def _keep_forgetting(app: App) -> None:
    """Vectors of removed texts leave the cache also where the process that removed them was killed."""
    pause_s = app.settings.get(EmbeddingSettings).cache_forget_s / 2
    while True:
        heed_cancel()
        try:
            await sweep_forgotten(app)
        except Exception as error:  # noqa: BLE001 - the notes stay; the next round finds them
            _log.warning("forgetting_delayed", reason=str(error))
        heed_cancel()
        await asyncio.sleep(pause_s)


async def _hear_hints(app: App) -> None:
    """Another process has queued something: look at once instead of at the next poll."""
    embedder = app.resource(Embedder)
    settings = app.settings.get(EmbeddingSettings)
    while True:
        heed_cancel()
        try:
            async with app.db.listen(CHANNEL) as connection:
                async for _ in connection.notifies():
                    embedder.work_arrived.set()
        except Exception as error:  # noqa: BLE001 - hints may fail; polling is the truth
            _log.warning("embedding_hints_lost", reason=str(error))
            await asyncio.sleep(settings.recover_s)


async def _work(app: App, turn: _Turn) -> None:
    embedder = app.resource(Embedder)
    settings = app.settings.get(EmbeddingSettings)
    while True:
        heed_cancel()
        try:
            await FOREGROUND.give_way()
            batch = await _lease(app, turn)
            heed_cancel()
            if batch is None:
                await _rest(embedder, settings.poll_interval_s)
                continue
            await _finish(app, batch, turn)
            async with embedder.progress:
                embedder.progress.notify_all()
        except Fact as fact:
            _log.warning("embedding_interrupted", code=fact.code, reason=fact.message)
            await asyncio.sleep(settings.recover_s)
        except Exception:  # noqa: BLE001 - the loop outlives whatever one batch does, and says it in the log
            _log.exception("embedding_failed")
            await asyncio.sleep(settings.recover_s)


async def _rest(embedder: Embedder, poll_interval_s: float) -> None:
    try:
        async with asyncio.timeout(poll_interval_s):  # wait_for loses a cancellation that comes with the event
            await embedder.work_arrived.wait()
    except TimeoutError:
        return
    embedder.work_arrived.clear()


async def _lease(app: App, turn: _Turn) -> _Batch | None:
    settings = app.settings.get(EmbeddingSettings)
    embedder = app.resource(Embedder)
    async with turn.lock:
        async with app.db.maintenance() as tx:
            left_alone = {*turn.held_spaces(), *embedder.hopeless()}
            spaces = {
                space.space_id: space for space in await store.list_spaces(tx) if space.space_id not in left_alone
            }
            found = await store.find_next_tenant(
                tx,
                spaces=list(spaces),
                held=turn.held_tenants(),
                last_tenant=turn.last_tenant,
                last_space=turn.last_space,
            )
        if found is None:
            return None
        station = await embedder.station(spaces[found.space_id])
        turn.last_tenant, turn.last_space = found.tenant_id, found.space_id
        lease_id = new_id()
        async with app.db.maintenance() as tx:
            passages = await store.lease(
                tx,
                tenant_id=found.tenant_id,
                space_id=found.space_id,
                priority=found.priority,
                lease_id=lease_id,
                lease_s=settings.lease_s,
                limit=settings.batch_texts_max,
            )
    return _Batch(found.tenant_id, station, lease_id, passages) if passages else None


async def _finish(app: App, batch: _Batch, turn: _Turn) -> None:
    """Embed a batch and store it, or give it back with the reason. The lease is renewed meanwhile."""
    async with app.db.tenant(batch.tenant_id, read_only=True) as tx:
        texts = await list_passage_texts(tx, ids=[passage.passage_id for passage in batch.passages])
    words = {text.id: _words(text) for text in texts}
    settings = app.settings.get(EmbeddingSettings)
    await _drop_gone(app, batch, [p.passage_id for p in batch.passages if p.passage_id not in words])
    ready: list[Leased] = []
    for passage in batch.passages:
        if passage.passage_id in words and passage.attempts > settings.attempts_max:
            await _put_down(app, batch, passage, TextNeverFinished(tries=settings.attempts_max))
        elif passage.passage_id in words:
            ready.append(passage)
    renewing = asyncio.create_task(_keep_lease(app, batch))
    try:
        with SECONDS.time():
            await _embed(app, batch, ready, words)
    except SpendCapReached as fault:
        turn.hold_tenant(batch.tenant_id, min(fault.retry_after_s, settings.spend_recheck_s))
        await _give_back(app, batch, fault, pause_s=0, forgiven=1)
    except ProviderBusy as busy:
        turn.hold_space(batch.space_id, busy.retry_after_s)
        await _give_back(app, batch, busy, pause_s=busy.retry_after_s, forgiven=1)
    except BadAnswer as fault:
        await _give_back(app, batch, fault, pause_s=_pause_s(app, batch), forgiven=0)
    except Unavailable as fault:
        turn.hold_space(batch.space_id, settings.retry_backoff_s)
        await _give_back(app, batch, fault, pause_s=_pause_s(app, batch), forgiven=1)
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)


async def _keep_lease(app: App, batch: _Batch) -> None:
    """A lease is short, so that a killed worker's batch is soon another's; a living worker renews it."""
    lease_s = app.settings.get(EmbeddingSettings).lease_s
    while True:
        await asyncio.sleep(lease_s / _RENEWALS_PER_LEASE)
        with suppress(Unavailable):
            async with app.db.tenant(batch.tenant_id) as tx:
                await store.renew_lease(
                    tx,
                    space_id=batch.space_id,
                    passage_ids=[passage.passage_id for passage in batch.passages],
                    lease_id=batch.lease_id,
                    lease_s=lease_s,
                )


async def _drop_gone(app: App, batch: _Batch, passage_ids: Sequence[UUID]) -> None:
    """Passages that were removed just while they were queued want no vector."""
    if passage_ids:
        async with app.db.tenant(batch.tenant_id) as tx:
            await store.take_leased(tx, space_id=batch.space_id, passage_ids=passage_ids, lease_id=batch.lease_id)


async def _embed(app: App, batch: _Batch, passages: Sequence[Leased], words: dict[UUID, str]) -> None:
    """Embed and store passages; where the model refuses them, halve until the one at fault is alone.

    An answer that cannot be used may be the provider's fault or a text's: the first times the whole batch is tried
    again, at last it is halved too.
    """
    if not passages:
        return
    hashes = {p.passage_id: text_hash(batch.space_id, words[p.passage_id]) for p in passages}
    try:
        vectors, _ = await embed_through_cache(
            app, batch.tenant_id, batch.station, {hashes[p.passage_id]: words[p.passage_id] for p in passages}
        )
    except (ProviderRefused, BadAnswer) as fault:
        tries_max = app.settings.get(EmbeddingSettings).attempts_max
        if isinstance(fault, BadAnswer) and max(p.attempts for p in passages) < tries_max:
            raise
        if len(passages) > 1:
            middle = len(passages) // 2
            await _embed(app, batch, passages[:middle], words)
            await _embed(app, batch, passages[middle:], words)
            return
        await _put_down(app, batch, passages[0], fault)
        return
    await _store(app, batch, passages, [vectors[hashes[p.passage_id]] for p in passages], words)


async def _store(
    app: App, batch: _Batch, passages: Sequence[Leased], vectors: Sequence[store.Vector], words: dict[UUID, str]
) -> None:
    found = dict(zip((passage.passage_id for passage in passages), vectors, strict=True))
    async with app.db.tenant(batch.tenant_id) as tx:
        taken = set(
            await store.take_leased(tx, space_id=batch.space_id, passage_ids=list(found), lease_id=batch.lease_id)
        )
        ours = [passage for passage in passages if passage.passage_id in taken]
        if ours:
            matrix = np.stack([found[passage.passage_id] for passage in ours])
            await store.insert_vectors(tx, space_id=batch.space_id, passages=ours, embeddings=half_vectors(matrix))
            await publish(tx, items_embedded((passage.collection_id, passage.item_id) for passage in ours))
    lost = [words[p.passage_id] for p in passages if p.passage_id not in taken]
    if lost:
        await forget_texts(app, lost)  # they may have been deleted while we embedded them


async def _put_down(app: App, batch: _Batch, passage: Leased, refusal: Fact) -> None:
    _log.warning("text_refused", passage_id=str(passage.passage_id), reason=refusal.message)
    async with app.db.tenant(batch.tenant_id) as tx:
        await store.mark_failed(
            tx,
            space_id=batch.space_id,
            passage_id=passage.passage_id,
            lease_id=batch.lease_id,
            reason=refusal.message[:_REASON_CHARACTERS_MAX],
        )


async def _give_back(app: App, batch: _Batch, fault: Fact, *, pause_s: float, forgiven: int) -> None:
    """The texts wait. With `forgiven` the model is at fault, and the try does not count against them."""
    async with app.db.tenant(batch.tenant_id) as tx:
        await store.return_leased(
            tx,
            space_id=batch.space_id,
            passage_ids=[passage.passage_id for passage in batch.passages],
            lease_id=batch.lease_id,
            pause_s=pause_s,
            reason=fault.message[:_REASON_CHARACTERS_MAX],
            forgiven=forgiven,
        )


def _pause_s(app: App, batch: _Batch) -> float:
    settings = app.settings.get(EmbeddingSettings)
    tries = max(passage.attempts for passage in batch.passages)
    return min(settings.retry_backoff_s * 2 ** min(tries, 16), settings.retry_backoff_max_s)


def _words(passage: PassageText) -> str:
    return embedded_text(passage.title, passage.heading_path, passage.text)
