"""A file goes in: read, written in batches, its good rows stored and its bad ones reported, in flat memory.

While one batch is being written the next is being read. Loading the same file again does no work for rows that are
there unchanged, so a load that was killed is simply run again; a job goes on at its checkpoint.
"""

import asyncio
import hashlib
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import msgspec

from likewise.engine.collections import logic, store
from likewise.engine.collections.errors import LoadStalled
from likewise.engine.collections.followers import Followers
from likewise.engine.collections.model import Collection, FacetKind, ItemDraft, Mapping, RowProblem
from likewise.engine.collections.reading import Reader, ReadingBounds, check_mapping, read_drafts
from likewise.engine.collections.service.declaring import ensure_collection, find_collection
from likewise.engine.collections.service.writing import WriteStatus, put_items
from likewise.engine.collections.settings import CollectionsSettings
from likewise.platform.feature import App

__all__ = [
    "LoadProgress",
    "LoadReport",
    "OnProgress",
    "dry_run",
    "finish_load",
    "load_rows",
    "reading_bounds",
    "wait_until_searchable",
]

_BACKLOG_CHECK_BATCHES = 8
_POLL_S = 0.1
_UNIQUE_DIGEST_BYTES = 8


class LoadProgress(msgspec.Struct, frozen=True):
    """How far a load is; `line` is the last line whose batch is committed."""

    rows: int
    rejected: int
    line: int
    bytes_read: int


OnProgress = Callable[[LoadProgress], "asyncio.Future[None] | None"]


class LoadReport(msgspec.Struct, kw_only=True):
    """What became of a file. `problems` holds the first ones; `rejected` and `warnings` count all."""

    collection: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    warnings: int = 0
    seconds: float = 0.0
    problems: list[RowProblem] = []
    estimate: dict[str, float] = {}


class _Batch(msgspec.Struct, frozen=True):
    """Rows read together; `line` is the last one."""

    drafts: list[ItemDraft]
    problems: list[RowProblem]
    line: int


def reading_bounds(settings: CollectionsSettings) -> ReadingBounds:
    """The bounds of reading that follow from the settings."""
    return ReadingBounds(
        item_bytes_max=settings.item_bytes_max,
        row_bytes_max=max(32 * 2**20, settings.item_bytes_max * 3),
    )


async def load_rows(
    app: App,
    tenant_id: UUID,
    *,
    reader: Reader,
    collection: str,
    mapping: Mapping,
    language: str = "english",
    on_progress: OnProgress = lambda _: None,
) -> LoadReport:
    """Store a file's rows. Raises what reading raises for the file as a whole; bad rows are in the report."""
    settings = app.settings.get(CollectionsSettings)
    started = time.perf_counter()
    check_mapping(reader, mapping, bounds=reading_bounds(settings))
    target = await _declare(app, tenant_id, reader, collection=collection, mapping=mapping, language=language)
    report = LoadReport(collection=collection)
    batches = _batches(reader, mapping, target, settings)
    following = asyncio.ensure_future(asyncio.to_thread(next, batches, None))
    for number in itertools.count(1):
        batch = await following
        if batch is None:
            break
        following = asyncio.ensure_future(asyncio.to_thread(next, batches, None))
        try:
            await _store(app, tenant_id, target, batch, report, problems_max=settings.load_problems_max)
            done = report.created + report.updated + report.unchanged
            told = on_progress(LoadProgress(done, report.rejected, batch.line, reader.bytes_read))
            if told is not None:
                await told
            if number % _BACKLOG_CHECK_BATCHES == 0:
                # Let the pipeline catch up where a file is read much faster than it is embedded.
                await _wait_below(app, tenant_id, target, waiting_max=settings.load_backlog_max - 1)
        except BaseException:
            await asyncio.wait([following])  # its thread reads the file; whoever closes it must not pull it away
            raise
    report.seconds = time.perf_counter() - started
    return report


async def dry_run(app: App, tenant_id: UUID, *, reader: Reader, collection: str, mapping: Mapping) -> LoadReport:
    """What a load would do and cost, without doing it."""
    settings = app.settings.get(CollectionsSettings)
    found = await find_collection(app, tenant_id, name=collection)
    report = LoadReport(collection=collection)
    seen: set[bytes] = set()
    rows = _batches(reader, mapping, found, settings)
    while batch := await asyncio.to_thread(next, rows, None):
        _note(report, batch.problems, problems_max=settings.load_problems_max)
        known = await _known_hashes(app, tenant_id, found, batch.drafts)
        for draft in batch.drafts:
            if draft.key not in known:
                report.created += 1
            elif known[draft.key] == logic.content_hash(draft):
                report.unchanged += 1
            else:
                report.updated += 1
        passages = [
            text
            for draft in batch.drafts
            if known.get(draft.key) != logic.content_hash(draft)
            for text in _passage_texts(draft, settings)
        ]
        texts = [text for text in passages if _is_first(seen, text)]
        for follower in app.resource(Followers).all:
            for name, value in (await follower.estimate(tenant_id, texts, passages=len(passages))).items():
                report.estimate[name] = report.estimate.get(name, 0) + value
    return report


async def wait_until_searchable(
    app: App, tenant_id: UUID, *, collection: str, on_waiting: Callable[[int], None] = lambda _: None
) -> None:
    """Wait until nothing of a collection is left to embed; tells how much waits, from time to time."""
    found = await find_collection(app, tenant_id, name=collection)
    if found is not None:
        await _wait_below(app, tenant_id, found, waiting_max=0, on_waiting=on_waiting)


async def finish_load(
    app: App, tenant_id: UUID, *, collection: str, on_waiting: Callable[[int], None] = lambda _: None
) -> None:
    """Wait until everything of a load can be searched, its words too. Needs a worker, here or elsewhere."""
    await wait_until_searchable(app, tenant_id, collection=collection, on_waiting=on_waiting)
    stall_s = app.settings.get(CollectionsSettings).load_stall_s
    for follower in app.resource(Followers).all:
        await follower.loaded(tenant_id, timeout_s=stall_s)


async def _declare(
    app: App, tenant_id: UUID, reader: Reader, *, collection: str, mapping: Mapping, language: str
) -> Collection:
    found = await find_collection(app, tenant_id, name=collection)
    known = found.facets if found else {}
    inferred = logic.infer_facet_kinds(reader.sample()) if any(f not in known for f in mapping.facets) else {}
    kinds = {name: known.get(name) or inferred.get(name, FacetKind.KEYWORD) for name in mapping.facets}
    return await ensure_collection(app, tenant_id, name=collection, facets=kinds, language=language)


def _batches(
    reader: Reader, mapping: Mapping, collection: Collection | None, settings: CollectionsSettings
) -> Iterator[_Batch]:
    """Rows by the batch. A batch ends at its rows, or at its problems where a file has little else."""
    kinds = collection.facets if collection else {}
    drafts: list[ItemDraft] = []
    problems: list[RowProblem] = []
    for row in read_drafts(reader, mapping, kinds, bounds=reading_bounds(settings)):
        if isinstance(row, RowProblem):
            problems.append(row)
        else:
            drafts.append(row)
        if len(drafts) + len(problems) >= settings.load_batch_rows:
            yield _Batch(drafts, problems, reader.line)
            drafts, problems = [], []
    if drafts or problems:
        yield _Batch(drafts, problems, reader.line)


async def _store(
    app: App, tenant_id: UUID, collection: Collection, batch: _Batch, report: LoadReport, *, problems_max: int
) -> None:
    results = await put_items(app, tenant_id, collection=collection, drafts=batch.drafts)
    for result in results:
        match result.status:
            case WriteStatus.CREATED:
                report.created += 1
            case WriteStatus.UPDATED:
                report.updated += 1
            case WriteStatus.UNCHANGED:
                report.unchanged += 1
    _note(report, batch.problems, problems_max=problems_max)


def _note(report: LoadReport, problems: Sequence[RowProblem], *, problems_max: int) -> None:
    for problem in problems:
        report.rejected += problem.refused
        report.warnings += not problem.refused
        if len(report.problems) < problems_max:
            report.problems.append(problem)


async def _wait_below(
    app: App,
    tenant_id: UUID,
    collection: Collection,
    *,
    waiting_max: int,
    on_waiting: Callable[[int], None] = lambda _: None,
) -> None:
    """Wait until at most `waiting_max` passages wait. Raises LoadStalled where none of them gets done for long."""
    settings = app.settings.get(CollectionsSettings)
    limit = 2 * settings.load_backlog_max
    least, moved_at = limit + 1, time.monotonic()
    while True:
        waiting = await _waiting(app, tenant_id, collection, limit=limit)
        on_waiting(waiting)
        if waiting <= waiting_max:
            return
        if waiting < least:
            least, moved_at = waiting, time.monotonic()
        if time.monotonic() - moved_at > settings.load_stall_s:
            raise LoadStalled(waiting=waiting, stall_s=settings.load_stall_s)
        await asyncio.sleep(_POLL_S)


async def _waiting(app: App, tenant_id: UUID, collection: Collection, *, limit: int) -> int:
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        counts = [
            await follower.backlog(tx, collection_id=collection.id, limit=limit)
            for follower in app.resource(Followers).all
        ]
    return max(counts, default=0)


async def _known_hashes(
    app: App, tenant_id: UUID, collection: Collection | None, drafts: Sequence[ItemDraft]
) -> dict[str, bytes]:
    if collection is None:
        return {}
    async with app.db.tenant(tenant_id) as tx:
        rows = await store.lock_existing(tx, collection_id=collection.id, keys=[draft.key for draft in drafts])
    return {row.key: row.content_hash for row in rows}


def _passage_texts(draft: ItemDraft, settings: CollectionsSettings) -> Iterator[str]:
    for passage in logic.split_passages(
        draft.body, tokens_max=settings.passage_tokens_max, overlap_tokens=settings.passage_overlap_tokens
    ):
        yield logic.embedded_text(draft.title, passage.heading_path, draft.body[passage.start : passage.end])


def _is_first(seen: set[bytes], text: str) -> bool:
    digest = hashlib.blake2b(
        logic.normalised_text(text).encode("utf-8", "replace"), digest_size=_UNIQUE_DIGEST_BYTES
    ).digest()
    if digest in seen:
        return False
    seen.add(digest)
    return True
