"""Items find their clusters as they arrive: by identical text, by near-verbatim text, by meaning, or they begin one.

Everything happens in the transaction of whoever read the event, which holds the collection's grouping: two processes
never assign in one collection at once.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
import numpy as np

from likewise.engine.clusters import logic, store
from likewise.engine.clusters.events import ClusterGrew
from likewise.engine.clusters.model import REFINE, Grouping, RefineArgs
from likewise.engine.clusters.service.memory import Known, Memory
from likewise.engine.clusters.service.touching import touch
from likewise.engine.clusters.settings import ClustersSettings
from likewise.engine.collections import Followers, ItemStatus
from likewise.engine.embedding import Space, get_space, item_vectors
from likewise.platform.db import Tx
from likewise.platform.events import publish
from likewise.platform.feature import App
from likewise.platform.ids import new_id

__all__ = ["arrive", "mean_vectors"]

_DAY_S = 86_400.0


class _Text(msgspec.Struct, frozen=True):
    """A distinct text of a batch: the items that have it, and its vector."""

    hash: bytes
    items: list[store.Arrival]
    vector: logic.Floats


class _Batch(msgspec.Struct, frozen=True):
    """Texts that arrive, where each goes, and the summaries of the clusters they join as they are afterwards."""

    texts: list["_Text"]
    places: list["_Place"]
    rows: Mapping[UUID, store.StateRow]
    begun: list[UUID]
    is_founding: bool


class _Place(msgspec.Struct, frozen=True):
    """Where a text goes and why."""

    cluster_id: UUID
    similarity: float
    reason: str
    is_new_text: bool
    is_known: bool = False


async def arrive(app: App, tx: Tx, *, collection_id: UUID, item_ids: Sequence[UUID], is_founding: bool = False) -> int:
    """Put these items into clusters; how many were. Items that still wait for a vector, are in a cluster already or
    are gone are passed over, so that hearing of an item twice does nothing.

    `is_founding`: each new text stands alone and no cluster is told of; a refinement is about to group them.
    """
    grouping = await store.lock_grouping(tx, collection_id=collection_id)
    if grouping is None:
        return 0
    space = await get_space(tx)
    texts = await _read(app, tx, collection_id, item_ids, space=space)
    if not texts:
        return 0
    dimension = space.dimension
    memory = app.resource(Memory)
    known = Known([], dimension=dimension) if is_founding else await memory.read(tx, grouping, dimension=dimension)
    places = await _place(app, tx, grouping, known, texts, is_founding=is_founding)
    rows = {} if is_founding else _grown(app, grouping, known, texts, places)
    begun = [cluster_id for cluster_id in rows if cluster_id not in known.place]
    await _write(app, tx, grouping, _Batch(texts, places, rows, begun, is_founding))
    if not is_founding:
        await publish(tx, [ClusterGrew(collection_id, cluster_id) for cluster_id in rows])
        after = known.with_rows(rows)
        tenant_id, version = tx.tenant, grouping.version + 1
        tx.after_commit(lambda: memory.keep(tenant_id, collection_id, version=version, known=after))
    return sum(len(text.items) for text in texts)


def mean_vectors(rows: Sequence[tuple[UUID, logic.Floats]]) -> dict[UUID, logic.Floats]:
    """Each item's vector: the mean of its passages', of norm 1."""
    sums: dict[UUID, logic.Floats] = {}
    for item_id, vector in rows:
        sums[item_id] = sums[item_id] + vector if item_id in sums else vector
    if not sums:
        return {}
    return dict(zip(sums, logic.unit(np.stack(list(sums.values()))), strict=True))


async def _read(app: App, tx: Tx, collection_id: UUID, item_ids: Sequence[UUID], *, space: Space) -> list[_Text]:
    """The distinct texts of those items that are ready, in the order the items came."""
    arrivals = await store.list_arrivals(tx, collection_id=collection_id, item_ids=item_ids)
    if not arrivals:
        return []
    ids = [arrival.item_id for arrival in arrivals]
    waiting: set[UUID] = set()
    for follower in app.resource(Followers).all:
        states = await follower.states(tx, item_ids=ids)
        waiting |= {item_id for item_id, status in states.items() if status is not ItemStatus.READY}
    vectors = mean_vectors([(row.item_id, row.vector) for row in await item_vectors(tx, item_ids=ids, space=space)])
    texts: dict[bytes, _Text] = {}
    for arrival in arrivals:
        if arrival.item_id in waiting or arrival.item_id not in vectors:
            continue
        digest = logic.text_hash(arrival.title, arrival.body)
        text = texts.setdefault(digest, _Text(digest, [], vectors[arrival.item_id]))
        text.items.append(arrival)
    return list(texts.values())


async def _place(
    app: App, tx: Tx, grouping: Grouping, known: Known, texts: Sequence[_Text], *, is_founding: bool
) -> list[_Place]:
    """A place for each text, in their order."""
    hashes = [text.hash for text in texts]
    rows = await store.list_texts(tx, collection_id=grouping.collection_id, hashes=hashes)
    same = {row.hash: row for row in rows}
    fresh = [text for text in texts if text.hash not in same]
    near = {} if is_founding else await _near_verbatim(app, tx, grouping, fresh)
    rest = [text for text in fresh if text.hash not in near]
    chosen: dict[bytes, _Place] = {}
    if is_founding:
        chosen = {text.hash: _Place(new_id(), 1.0, "new", is_new_text=True) for text in rest}
    elif rest:
        state = known.state(with_exemplars=grouping.options.linkage == "exemplar")
        choices = logic.choose(state, np.stack([text.vector for text in rest]), threshold=_threshold(grouping))
        ids = list(state.ids)
        for text, choice in zip(rest, choices, strict=True):
            if choice.is_new:
                ids.append(new_id())
            reason = "new" if choice.is_new else "meaning"
            chosen[text.hash] = _Place(ids[choice.place], choice.similarity, reason, is_new_text=True)
    places: list[_Place] = []
    for text in texts:
        if text.hash in same:
            row = same[text.hash]  # after a reset nobody has it, but it stays where it was
            places.append(_Place(row.cluster_id, 1.0, "identical", is_new_text=row.item_count <= 0, is_known=True))
        elif text.hash in near:
            cluster_id, similarity = near[text.hash]
            places.append(_Place(cluster_id, similarity, "near_verbatim", is_new_text=True))
        else:
            places.append(chosen[text.hash])
    return places


async def _near_verbatim(
    app: App, tx: Tx, grouping: Grouping, texts: Sequence[_Text]
) -> dict[bytes, tuple[UUID, float]]:
    """Texts that some known text is nearly the same as, with its cluster and how alike they are."""
    settings = app.settings.get(ClustersSettings)
    shingles = {text.hash: _shingles(text.items[0], settings) for text in texts}
    bands = {band: text.hash for text in texts for band in logic.bands(shingles[text.hash])}
    if not bands:
        return {}
    candidates = await store.list_near_hashes(
        tx,
        collection_id=grouping.collection_id,
        bands=list(bands),
        limit=settings.near_verbatim_candidates_max,
    )
    if not candidates:
        return {}
    wanted = list(dict.fromkeys(row.hash for row in candidates))
    known = {row.hash: row for row in await store.list_texts(tx, collection_id=grouping.collection_id, hashes=wanted)}
    bodies = await store.list_bodies(tx, item_ids=[row.item_id for row in known.values()])
    words = {body.item_id: _shingles(body, settings) for body in bodies}
    by_band: dict[int, list[bytes]] = {}
    for row in candidates:
        by_band.setdefault(row.band, []).append(row.hash)
    found: dict[bytes, tuple[UUID, float]] = {}
    for text in texts:
        for band in logic.bands(shingles[text.hash]):
            for digest in by_band.get(band, ()):
                other = known.get(digest)
                if other is None or other.item_id not in words:
                    continue
                alike = logic.trigram_similarity(shingles[text.hash], words[other.item_id])
                if alike >= max(settings.near_verbatim_min, found.get(text.hash, (None, 0.0))[1]):
                    found[text.hash] = (other.cluster_id, alike)
    return found


def _shingles(text: store.Arrival, settings: ClustersSettings) -> frozenset[str]:
    return logic.trigrams(f"{text.title or ''} {text.body}"[: settings.text_characters_max])


def _threshold(grouping: Grouping) -> float:
    chosen = grouping.options.threshold
    return grouping.fit.threshold if chosen is None else chosen


def _grown(
    app: App, grouping: Grouping, known: Known, texts: Sequence[_Text], places: Sequence[_Place]
) -> dict[UUID, store.StateRow]:
    """The summaries' counts and sums of the clusters that these texts joined, as they are afterwards."""
    trend_s = app.settings.get(ClustersSettings).trend_days * _DAY_S
    rows: dict[UUID, store.StateRow] = {}
    for text, place in zip(texts, places, strict=True):
        number = known.place.get(place.cluster_id)
        before = rows.get(place.cluster_id) or (None if number is None else known.rows[number])
        times = [item.seen_at for item in text.items]
        heat = float(np.logaddexp.reduce([moment.timestamp() / trend_s for moment in times]))
        added = text.vector if place.is_new_text else np.zeros_like(text.vector)
        if before is None:
            rows[place.cluster_id] = store.StateRow(
                cluster_id=place.cluster_id,
                item_count=len(times),
                text_count=int(place.is_new_text),
                summed_text_count=int(not place.is_known),
                vector_sum=added.astype("<f4").tobytes(),
                exemplar_vectors=None,
                threshold=_threshold(grouping),
                first_seen_at=min(times),
                last_seen_at=max(times),
                heat=heat,
            )
            continue
        total = np.frombuffer(before.vector_sum, dtype="<f4") + added
        rows[place.cluster_id] = msgspec.structs.replace(
            before,
            item_count=before.item_count + len(times),
            text_count=before.text_count + place.is_new_text,
            summed_text_count=before.summed_text_count + (place.is_new_text and not place.is_known),
            vector_sum=total.astype("<f4").tobytes(),
            first_seen_at=min(before.first_seen_at, *times),
            last_seen_at=max(before.last_seen_at, *times),
            heat=float(np.logaddexp(before.heat, heat)),
        )
    return rows


async def _write(app: App, tx: Tx, grouping: Grouping, batch: _Batch) -> None:
    collection_id = grouping.collection_id
    texts, places, rows = batch.texts, batch.places, batch.rows
    if batch.begun:
        await store.insert_clusters(tx, collection_id=collection_id, ids=batch.begun)
    axes = await store.find_axes(tx, collection_id=collection_id)
    spots = None
    if axes is not None:
        spots = logic.place(logic.unpack_axes(axes), np.stack([text.vector for text in texts])).tolist()
    stored = [
        store.TextRow(
            text.hash, place.cluster_id, text.items[0].item_id, len(text.items), place.similarity, place.reason
        )
        for text, place in zip(texts, places, strict=True)
    ]
    await store.upsert_texts(
        tx,
        collection_id=collection_id,
        rows=stored,
        places=[None] * len(texts) if spots is None else [(x, y) for x, y in spots],
    )
    pairs = [(item, text.hash) for text in texts for item in text.items]
    await store.insert_members(
        tx,
        collection_id=collection_id,
        members=[store.MemberText(item.item_id, digest) for item, digest in pairs],
        times=[item.seen_at for item, _ in pairs],
    )
    await _sign(app, tx, grouping, [text for text, place in zip(texts, places, strict=True) if place.is_new_text])
    first = {place.cluster_id: text.items[0] for text, place in reversed(list(zip(texts, places, strict=True)))}
    if rows:
        exemplars: dict[UUID, list[UUID]] = {}
        for text, place in zip(texts, places, strict=True):
            if place.is_new_text:
                exemplars.setdefault(place.cluster_id, []).append(text.items[0].item_id)
        exemplars_max = app.settings.get(ClustersSettings).exemplars_max
        await store.upsert_counts(
            tx,
            collection_id=collection_id,
            rows=list(rows.values()),
            labels=[logic.label_of((), first[cluster_id].title or first[cluster_id].body) for cluster_id in rows],
            exemplars=[exemplars.get(cluster_id, [])[:exemplars_max] for cluster_id in rows],
            exemplars_max=exemplars_max,
        )
    fresh = sum(place.is_new_text for place in places)
    due = not batch.is_founding and _is_due(app, grouping, fresh)
    await store.move_grouping(tx, collection_id=collection_id, texts=fresh, is_refining=grouping.is_refining or due)
    if due:
        await app.jobs.defer(tx, REFINE, RefineArgs(collection_id), operation_kind="refine", unit="texts")
    await touch(app, tx, collection_id=collection_id)


async def _sign(app: App, tx: Tx, grouping: Grouping, texts: Sequence[_Text]) -> None:
    settings = app.settings.get(ClustersSettings)
    pairs = [(band, text.hash) for text in texts for band in logic.bands(_shingles(text.items[0], settings))]
    if pairs:
        await store.insert_signatures(
            tx,
            collection_id=grouping.collection_id,
            bands=[band for band, _ in pairs],
            hashes=[digest for _, digest in pairs],
        )


def _is_due(app: App, grouping: Grouping, fresh: int) -> bool:
    """Whether the collection has outgrown its last refinement and none is on its way."""
    settings = app.settings.get(ClustersSettings)
    count = grouping.text_count + fresh
    grown = max(settings.refine_texts_min, grouping.fitted_text_count * settings.refine_growth)
    return not grouping.is_refining and count >= grown
