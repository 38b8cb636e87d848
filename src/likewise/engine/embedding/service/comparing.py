"""How alike the two spaces of a tenant answer, on its own recent queries or, without any, on passages of its own.

Every query is compared with the same first vectors of a collection in each space, one by one: indexes and their
approximations play no part.
"""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID, uuid4

import msgspec
import numpy as np

from likewise.engine.collections import get_collection, list_passage_texts
from likewise.engine.embedding import store
from likewise.engine.embedding.model import ComparedQuery, Comparison, Space
from likewise.engine.embedding.service.querying import embed_query
from likewise.engine.embedding.service.spaces import NothingToCutOver, spaces_of
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.db import HalfVector, Tx
from likewise.platform.errors import Conflict
from likewise.platform.feature import App

__all__ = ["QuerySource", "QuerySources", "compare_spaces"]

_PASSAGES_PER_ITEM = 8
_SHOWN_CHARACTERS_MAX = 120


class NothingToCompare(Conflict):
    """Collection {collection!r} has no passage with a vector in both spaces yet. Wait until some are embedded."""


class QuerySource(Protocol):
    """A capability that knows what a tenant has asked; search is one."""

    async def recent_queries(self, tx: Tx, *, collection_id: UUID, limit: int) -> Sequence[str]:
        """Texts asked of a collection, newest first, each once."""
        ...


class QuerySources:
    """The registered sources, in the order they came."""

    def __init__(self) -> None:
        self.all: list[QuerySource] = []

    def add(self, source: QuerySource) -> None:
        """Ask it too from now on."""
        self.all.append(source)


class _Probe(msgspec.Struct, frozen=True):
    """A question in both spaces. `left_out` is the item that the question was taken from."""

    text: str
    serving: HalfVector
    other: HalfVector
    left_out: UUID | None = None


class _Answers(msgspec.Struct, frozen=True):
    """The items found in each space, best first, each with the passage that was found."""

    text: str
    serving: dict[UUID, UUID]
    other: dict[UUID, UUID]
    overlap: float


async def compare_spaces(app: App, tenant_id: UUID, *, collection: str, queries_max: int, k: int) -> Comparison:
    """Compare what serves with the other space on up to `queries_max` questions.

    Raises CollectionNotFound, NothingToCutOver, NothingToCompare, and what embedding queries raises.
    """
    settings = app.settings.get(EmbeddingSettings)
    found = await get_collection(app, tenant_id, name=collection)
    queries_max = min(queries_max, settings.compare_queries_max)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        serving, other = await spaces_of(tx)
        asked: list[str] = []
        for source in app.resource(QuerySources).all:
            asked += await source.recent_queries(tx, collection_id=found.id, limit=queries_max - len(asked))
    if other is None:
        raise NothingToCutOver
    probes = [await _probe_of_query(app, tenant_id, text, serving=serving, other=other) for text in asked]
    if not probes:
        probes = await _probes_of_passages(
            app, tenant_id, collection_id=found.id, serving=serving, other=other, count=queries_max
        )
    if not probes:
        raise NothingToCompare(collection=collection)
    candidates = settings.compare_vectors_max
    answers = [
        await _answers(
            app, tenant_id, probe, collection_id=found.id, spaces=(serving, other), k=k, candidates=candidates
        )
        for probe in probes
    ]
    worst = sorted(answers, key=lambda one: one.overlap)[: settings.compare_examples_max]
    return Comparison(
        collection=collection,
        serving=f"{serving.model} {serving.version}",
        other=f"{other.model} {other.version}",
        source="recent queries" if asked else "sampled passages",
        queries=len(answers),
        k=k,
        candidates_max=candidates,
        overlap=sum(one.overlap for one in answers) / len(answers),
        overlap_least=min(one.overlap for one in answers),
        examples=[await _example(app, tenant_id, one) for one in worst],
    )


async def _probe_of_query(app: App, tenant_id: UUID, text: str, *, serving: Space, other: Space) -> _Probe:
    one = await embed_query(app, tenant_id, text=text, space=serving)
    two = await embed_query(app, tenant_id, text=text, space=other)
    return _Probe(text, one.vector, two.vector)


async def _probes_of_passages(
    app: App, tenant_id: UUID, *, collection_id: UUID, serving: Space, other: Space, count: int
) -> list[_Probe]:
    """Passages from a random place on: each is asked with the vectors it has, so that no model is needed."""
    samples: list[store.Sample] = []
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        # Ids begin with their time: a random one lies after all of them, so the place is chosen among the first.
        first = await store.list_sample_passages(
            tx,
            space_id=serving.space_id,
            collection_id=collection_id,
            after=UUID(int=0),
            limit=app.settings.get(EmbeddingSettings).compare_queries_max * _PASSAGES_PER_ITEM,
        )
        samples = [first[place] for place in np.random.default_rng(uuid4().int).permutation(len(first))[:count]]
        ids = [sample.id for sample in samples]
        twins = {
            row.id: row.vector
            for row in await store.list_vectors_of_passages(
                tx, space_id=other.space_id, collection_id=collection_id, passage_ids=ids
            )
        }
        texts = {row.id: row.text for row in await list_passage_texts(tx, ids=ids)}
    return [
        _Probe(texts[sample.id], HalfVector(sample.vector), HalfVector(twins[sample.id]), sample.item_id)
        for sample in samples
        if sample.id in twins and sample.id in texts
    ]


async def _answers(
    app: App,
    tenant_id: UUID,
    probe: _Probe,
    *,
    collection_id: UUID,
    spaces: tuple[Space, Space],
    k: int,
    candidates: int,
) -> _Answers:
    found: list[dict[UUID, UUID]] = []
    for space, vector in zip(spaces, (probe.serving, probe.other), strict=True):
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            rows = await store.nearest_items(
                tx,
                space_id=space.space_id,
                collection_id=collection_id,
                vector=vector,
                candidates=candidates,
                limit=(k + 1) * _PASSAGES_PER_ITEM,
            )
        items: dict[UUID, UUID] = {}
        for row in rows:
            if row.item_id != probe.left_out and len(items) < k:
                items.setdefault(row.item_id, row.id)
        found.append(items)
    serving, other = found
    size = max(len(serving), len(other))
    return _Answers(probe.text, serving, other, len(serving.keys() & other.keys()) / size if size else 1.0)


async def _example(app: App, tenant_id: UUID, answers: _Answers) -> ComparedQuery:
    """What only one of the spaces found, by the beginning of each passage."""
    mine = [passage for item, passage in answers.serving.items() if item not in answers.other]
    theirs = [passage for item, passage in answers.other.items() if item not in answers.serving]
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        texts = {row.id: row.text[:_SHOWN_CHARACTERS_MAX] for row in await list_passage_texts(tx, ids=[*mine, *theirs])}
    return ComparedQuery(
        query=answers.text[:_SHOWN_CHARACTERS_MAX],
        overlap=answers.overlap,
        only_serving=[texts[passage] for passage in mine if passage in texts],
        only_other=[texts[passage] for passage in theirs if passage in texts],
    )
