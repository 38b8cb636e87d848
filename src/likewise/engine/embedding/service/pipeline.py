"""Embedding later: lease pending passages, embed them, store their vectors; again and again, in every worker process.

A batch belongs to one tenant. It is leased for a while, read in one transaction, embedded with none open, and stored
in another that takes the passages out of the queue: whoever lost its lease meanwhile finds nothing to take and stores
nothing. Two batches are under way at once, so that the model never waits for the database. Where the model refuses a
batch it is halved until the one text at fault stands alone.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import msgspec
import numpy as np

from likewise.engine.collections import PassageText, embedded_text, list_passage_texts
from likewise.engine.embedding import store
from likewise.engine.embedding.events import items_embedded
from likewise.engine.embedding.model import Leased
from likewise.engine.embedding.models import ProviderBusy, ProviderRefused
from likewise.engine.embedding.service.caching import embed_through_cache, forget_texts, text_hash
from likewise.engine.embedding.service.following import CHANNEL
from likewise.engine.embedding.service.runtime import SECONDS, Embedder
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.db import half_vectors
from likewise.platform.errors import Fact, Rejected, Unavailable
from likewise.platform.events import publish
from likewise.platform.feature import App
from likewise.platform.ids import new_id
from likewise.platform.telemetry import get_log

__all__ = ["run_pipeline"]

_log = get_log("likewise.embedding")
_REASON_CHARACTERS_MAX = 500
_RECOVER_S = 1.0


class TextNeverFinished(Rejected):
    """Embedding this text was begun {tries} times and never finished; it may be what stops the worker."""


class _Batch(msgspec.Struct, frozen=True):
    """Passages of one tenant that are ours for now."""

    tenant_id: UUID
    lease_id: UUID
    passages: list[Leased]


class _Turn:
    """Whose turn it was last, shared by the workers of this process."""

    def __init__(self) -> None:
        self.last_tenant = UUID(int=0)
        self.lock = asyncio.Lock()


async def run_pipeline(app: App) -> None:
    """Embed whatever is pending until cancelled."""
    settings = app.settings.get(EmbeddingSettings)
    turn = _Turn()
    async with asyncio.TaskGroup() as group:
        group.create_task(_hear_hints(app))
        for _ in range(settings.workers):
            group.create_task(_work(app, turn))


async def _hear_hints(app: App) -> None:
    """Another process has queued something: look at once instead of at the next poll."""
    embedder = app.resource(Embedder)
    while True:
        try:
            async with app.db.listen(CHANNEL) as connection:
                async for _ in connection.notifies():
                    embedder.work_arrived.set()
        except Exception as error:  # noqa: BLE001 - hints may fail; polling is the truth
            _log.warning("embedding_hints_lost", reason=str(error))
            await asyncio.sleep(_RECOVER_S)


async def _work(app: App, turn: _Turn) -> None:
    embedder = app.resource(Embedder)
    settings = app.settings.get(EmbeddingSettings)
    while True:
        try:
            batch = await _lease(app, turn)
            if batch is None:
                await _rest(embedder, settings.poll_interval_s)
                continue
            await _finish(app, batch)
            async with embedder.progress:
                embedder.progress.notify_all()
        except Fact as fact:
            _log.warning("embedding_interrupted", code=fact.code, reason=fact.message)
            await asyncio.sleep(_RECOVER_S)
        except Exception:  # noqa: BLE001 - the loop outlives whatever one batch does, and says it in the log
            _log.exception("embedding_failed")
            await asyncio.sleep(_RECOVER_S)


async def _rest(embedder: Embedder, poll_interval_s: float) -> None:
    try:
        await asyncio.wait_for(embedder.work_arrived.wait(), poll_interval_s)
    except TimeoutError:
        return
    embedder.work_arrived.clear()


async def _lease(app: App, turn: _Turn) -> _Batch | None:
    settings = app.settings.get(EmbeddingSettings)
    space_id = app.resource(Embedder).space.space_id
    async with turn.lock, app.db.maintenance() as tx:
        found = await store.find_next_tenant(tx, space_id=space_id, last_tenant=turn.last_tenant)
        if found is None:
            return None
        turn.last_tenant = found.tenant_id
        lease_id = new_id()
        passages = await store.lease(
            tx,
            tenant_id=found.tenant_id,
            space_id=space_id,
            priority=found.priority,
            lease_id=lease_id,
            lease_s=settings.lease_s,
            limit=settings.batch_texts_max,
        )
    return _Batch(found.tenant_id, lease_id, passages) if passages else None


async def _finish(app: App, batch: _Batch) -> None:
    """Embed a batch and store it, or give it back with the reason."""
    async with app.db.tenant(batch.tenant_id, read_only=True) as tx:
        texts = await list_passage_texts(tx, ids=[passage.passage_id for passage in batch.passages])
    words = {text.id: _words(text) for text in texts}
    tries_max = app.settings.get(EmbeddingSettings).attempts_max
    for passage in batch.passages:
        if passage.attempts > tries_max:
            await _put_down(app, batch, passage, TextNeverFinished(tries=tries_max))
    ready = [p for p in batch.passages if p.passage_id in words and p.attempts <= tries_max]
    try:
        with SECONDS.time():
            await _embed(app, batch, ready, words)
    except ProviderBusy as busy:
        await _give_back(app, batch, busy, pause_s=busy.retry_after_s, forgiven=1)
    except Unavailable as fault:
        await _give_back(app, batch, fault, pause_s=_pause_s(app, batch), forgiven=1)


async def _embed(app: App, batch: _Batch, passages: Sequence[Leased], words: dict[UUID, str]) -> None:
    """Embed and store passages; where the model refuses them, halve until the one at fault is alone."""
    if not passages:
        return
    embedder = app.resource(Embedder)
    hashes = {p.passage_id: text_hash(embedder.space.space_id, words[p.passage_id]) for p in passages}
    try:
        vectors, _ = await embed_through_cache(
            app, embedder, {hashes[p.passage_id]: words[p.passage_id] for p in passages}
        )
    except ProviderRefused as refusal:
        if len(passages) > 1:
            middle = len(passages) // 2
            await _embed(app, batch, passages[:middle], words)
            await _embed(app, batch, passages[middle:], words)
            return
        await _put_down(app, batch, passages[0], refusal)
        return
    await _store(app, batch, passages, [vectors[hashes[p.passage_id]] for p in passages], words)


async def _store(
    app: App, batch: _Batch, passages: Sequence[Leased], vectors: Sequence[store.Vector], words: dict[UUID, str]
) -> None:
    embedder = app.resource(Embedder)
    space_id = embedder.space.space_id
    found = dict(zip((passage.passage_id for passage in passages), vectors, strict=True))
    async with app.db.tenant(batch.tenant_id) as tx:
        taken = set(await store.take_leased(tx, space_id=space_id, passage_ids=list(found), lease_id=batch.lease_id))
        ours = [passage for passage in passages if passage.passage_id in taken]
        if ours:
            matrix = np.stack([found[passage.passage_id] for passage in ours])
            await store.insert_vectors(tx, space_id=space_id, passages=ours, embeddings=half_vectors(matrix))
            await publish(tx, items_embedded((passage.collection_id, passage.item_id) for passage in ours))
    lost = [words[p.passage_id] for p in passages if p.passage_id not in taken]
    if lost:
        await forget_texts(app, lost)  # they may have been deleted while we embedded them


async def _put_down(app: App, batch: _Batch, passage: Leased, refusal: Fact) -> None:
    _log.warning("text_refused", passage_id=str(passage.passage_id), reason=refusal.message)
    async with app.db.tenant(batch.tenant_id) as tx:
        await store.mark_failed(
            tx,
            space_id=app.resource(Embedder).space.space_id,
            passage_id=passage.passage_id,
            lease_id=batch.lease_id,
            reason=refusal.message[:_REASON_CHARACTERS_MAX],
        )


async def _give_back(app: App, batch: _Batch, fault: Fact, *, pause_s: float, forgiven: int) -> None:
    """The model is at fault, not the texts: they wait, and the try does not count against them."""
    async with app.db.tenant(batch.tenant_id) as tx:
        await store.return_leased(
            tx,
            space_id=app.resource(Embedder).space.space_id,
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
