"""What is told of clusters, made from their texts and vectors."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import numpy as np

from likewise.engine.clusters import logic, store
from likewise.engine.clusters.model import Cluster
from likewise.engine.clusters.service.arriving import mean_vectors
from likewise.engine.clusters.settings import ClustersSettings
from likewise.engine.embedding import get_space, item_vectors
from likewise.platform.db import Tx
from likewise.platform.feature import App

__all__ = ["Content", "Summary", "joined", "read_content", "refresh", "summarise"]

_DAY_S = 86_400.0
_EXEMPLARS_COMPARED = 8


class Content(msgspec.Struct, frozen=True):
    """Texts with their vectors (n, d) in the same order, the words of each that say something, and their times.
    `stems` says which words are forms of one."""

    texts: list[store.TextRow]
    vectors: logic.Floats
    words: list[frozenset[str]]
    stems: Mapping[str, str]
    lines: list[str]
    times: list[store.TextTimes]
    read_at: datetime


class Summary(msgspec.Struct, frozen=True):
    """A cluster's summary in both its halves."""

    state: store.StateRow
    told: Cluster


async def read_content(app: App, tx: Tx, *, collection_id: UUID, texts: Sequence[store.TextRow]) -> Content:
    """What summaries are made of, for some texts. A text whose item has no vector at the moment is left out."""
    settings = app.settings.get(ClustersSettings)
    now = app.clock.now()
    ids = [text.item_id for text in texts]
    found = await item_vectors(tx, item_ids=ids, space=await get_space(tx))
    vectors = mean_vectors([(row.item_id, row.vector) for row in found])
    bodies = {row.item_id: row for row in await store.list_bodies(tx, item_ids=ids)}
    rows = await store.list_times(
        tx,
        collection_id=collection_id,
        hashes=[text.hash for text in texts],
        now=now,
        trend_s=settings.trend_days * _DAY_S,
    )
    times = {row.hash: row for row in rows}
    whole = [text for text in texts if text.item_id in vectors and text.item_id in bodies and text.hash in times]
    said = [f"{bodies[text.item_id].title or ''} {bodies[text.item_id].body}".strip() for text in whole]
    words = [logic.words_of(text[: settings.text_characters_max]) for text in said]
    stems = await store.list_stems(tx, collection_id=collection_id, words=set[str]().union(*words))
    return Content(
        texts=whole,
        vectors=np.stack([vectors[text.item_id] for text in whole]) if whole else np.zeros((0, 1), np.float32),
        words=[frozenset(each & stems.keys()) for each in words],
        stems=stems,
        lines=[text[:200] for text in said],
        times=[times[text.hash] for text in whole],
        read_at=now,
    )


def joined(parts: Sequence[Content]) -> Content:
    """Several contents as one."""
    full = [part for part in parts if part.texts]
    if not full:
        return Content([], np.zeros((0, 1), np.float32), [], {}, [], [], datetime.now(UTC))
    return Content(
        texts=[text for part in full for text in part.texts],
        vectors=np.concatenate([part.vectors for part in full]),
        words=[words for part in full for words in part.words],
        stems={word: stem for part in full for word, stem in part.stems.items()},
        lines=[line for part in full for line in part.lines],
        times=[times for part in full for times in part.times],
        read_at=full[0].read_at,
    )


def summarise(
    content: Content,
    owners: Sequence[UUID],
    *,
    settings: ClustersSettings,
    threshold: float,
) -> list[Summary]:
    """Summaries of the clusters that `owners` names for each text of `content`. Pure numbers; runs in a thread.

    `threshold` is the similarity from which a text joins, which is the collection's: one of each cluster's own, from
    how far its texts reach, was worse on the training half of BANKING77 (AMI .780 against .796 as texts arrive).
    """
    members: dict[UUID, list[int]] = {}
    for row, owner in enumerate(owners):
        members.setdefault(owner, []).append(row)
    whole = Counter(word for words in content.words for word in words)
    return [
        _summary(content, owner, rows, settings=settings, threshold=threshold, whole=whole)
        for owner, rows in members.items()
    ]


def _telling_words(content: Content, nearest: Sequence[int], *, whole: Mapping[str, int], count: int) -> list[str]:
    """The telling words of the texts nearest to a cluster's mean."""
    return logic.telling_words(
        Counter(word for row in nearest for word in content.words[row]),
        stems=content.stems,
        texts=len(nearest),
        whole=whole,
        whole_texts=len(content.texts),
        count=count,
    )


def _summary(
    content: Content,
    owner: UUID,
    rows: Sequence[int],
    *,
    settings: ClustersSettings,
    threshold: float,
    whole: Mapping[str, int],
) -> Summary:
    vectors = content.vectors[list(rows)]
    shape = logic.shape_of(vectors)
    texts = [content.texts[rows[place]] for place in shape.order]
    nearest = [rows[place] for place in shape.order[: settings.label_texts_max]]
    words = _telling_words(content, nearest, whole=whole, count=settings.words_max) if len(rows) > 1 else []
    times = [content.times[row] for row in rows]
    heats = [moment.heat for moment in times]
    trend_s = settings.trend_days * _DAY_S
    strays = [content.texts[rows[place]].item_id for place in shape.strays]
    state = store.StateRow(
        cluster_id=owner,
        item_count=sum(moment.item_count for moment in times),
        text_count=len(rows),
        summed_text_count=len(rows),
        vector_sum=vectors.sum(axis=0).astype("<f4").tobytes(),
        exemplar_vectors=vectors[list(shape.order[:_EXEMPLARS_COMPARED])].astype("<f4").tobytes(),
        threshold=threshold,
        first_seen_at=min(moment.first_seen_at for moment in times),
        last_seen_at=max(moment.last_seen_at for moment in times),
        heat=float(np.logaddexp.reduce(heats)) + content.read_at.timestamp() / trend_s,
    )
    told = Cluster(
        id=owner,
        name=None,
        label=logic.label_of(words, content.lines[rows[shape.order[0]]]),
        words=words,
        item_count=state.item_count,
        text_count=state.text_count,
        spread=shape.spread,
        threshold=threshold,
        exemplars=[text.item_id for text in texts[: settings.exemplars_max]],
        outliers=strays[: settings.outliers_max],
        outlier_count=len(strays),
        first_seen_at=state.first_seen_at,
        last_seen_at=state.last_seen_at,
        heat=state.heat,
        is_locked=False,
        acted_at=None,
        created_at=content.read_at,
    )
    return Summary(state, told)


async def refresh(app: App, tx: Tx, *, collection_id: UUID, cluster_ids: Sequence[UUID]) -> None:
    """Make the summaries of some clusters anew. The grouping is locked by this transaction.

    Clusters without texts are dropped.
    """
    if not cluster_ids:
        return
    settings = app.settings.get(ClustersSettings)
    grouping = await store.find_grouping(tx, collection_id=collection_id)
    if grouping is None:
        return
    limit = settings.refine_batch
    parts: list[Content] = []
    found: set[UUID] = set()
    after = b""
    while True:
        texts = await store.list_texts_of_clusters(
            tx, collection_id=collection_id, cluster_ids=cluster_ids, after=after, limit=limit
        )
        parts.append(await read_content(app, tx, collection_id=collection_id, texts=texts))
        found |= {text.cluster_id for text in texts}
        if len(texts) < limit:
            break
        after = texts[-1].hash
    content = joined(parts)
    chosen = grouping.options.threshold
    made = await asyncio.to_thread(
        summarise,
        content,
        [text.cluster_id for text in content.texts],
        settings=settings,
        threshold=grouping.fit.threshold if chosen is None else chosen,
    )
    if made:
        await store.upsert_summaries(
            tx,
            collection_id=collection_id,
            states=[one.state for one in made],
            told=[one.told for one in made],
            at=app.clock.now(),
        )
    gone = set(cluster_ids) - found
    await store.delete_summaries_of(tx, collection_id=collection_id, cluster_ids=list(gone))
