"""Messages of a whole file: read row by row in flat memory, stored in batches, waited for until they are grouped."""

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO
from uuid import UUID

import msgspec

from likewise.apps.inbox import store
from likewise.apps.inbox.model import Ingested, MessageDraft, VisitorDraft
from likewise.apps.inbox.service.ingesting import ingest_each
from likewise.apps.inbox.settings import InboxSettings
from likewise.engine.collections import Reader, Row, RowProblem, open_reader
from likewise.platform.errors import Fact
from likewise.platform.feature import App

__all__ = ["IngestProgress", "IngestReport", "ingest_file", "wait_until_grouped"]

_BATCH = 1_000  # messages of one transaction; placed messages are also looked up by as many at once
_UNGROUPED_MAX = 20_000  # a file is read no further while more messages than these wait for their group
_PROBLEMS_MAX = 100
_POLL_S = 0.2
_POINTER = re.compile(r" - at `\$([^`]*)`$")


class IngestProgress(msgspec.Struct, frozen=True):
    """How far a file is: messages stored, rows refused, and how far into the file as stored, bytes; its length, where
    that is known."""

    messages: int
    rejected: int
    bytes_read: int
    bytes_total: int | None


class IngestReport(msgspec.Struct):
    """What became of a file's rows: new messages, those that were here already, rows refused; of the new ones, how many
    have no group yet. `problems`: the first 100."""

    created: int = 0
    known: int = 0
    rejected: int = 0
    waiting: int = 0
    seconds: float = 0.0
    problems: list[RowProblem] = []


class _Visitor(VisitorDraft, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A visitor in a row."""


class _Row(MessageDraft, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message as a row gives it."""

    visitor: _Visitor | None = None


async def ingest_file(
    app: App,
    tenant_id: UUID,
    *,
    file: str | BinaryIO,
    channel: str | None = None,
    on_progress: Callable[[IngestProgress], None] = lambda _: None,
) -> tuple[IngestReport, list[UUID]]:
    """Take in the messages of a file of JSON objects, one a line or in one array, packed or not; good rows go in. What
    became of them, and which had no group yet when they were stored.

    The same file again adds nothing: a row without an `id` is known by its line and content. `channel`: of rows that
    name none. Needs a worker, here or elsewhere: of a long file no more is read while very many wait for their group.
    Raises what reading raises for the file as a whole.
    """
    started = time.monotonic()
    report = IngestReport()
    waiting: list[UUID] = []
    with open_reader(file, format="jsonl", filename=None if isinstance(file, str) else "standard input") as reader:
        batches = _batches(reader, channel)
        while batch := await asyncio.to_thread(next, batches, None):
            for problem in batch.problems:
                _refuse(report, problem)
            outcomes = await ingest_each(app, tenant_id, drafts=[draft for _, draft in batch.rows])
            for (line, _), outcome in zip(batch.rows, outcomes, strict=True):
                _note(report, waiting, line, outcome)
            done = report.created + report.known
            on_progress(IngestProgress(done, report.rejected, reader.bytes_read, reader.bytes_total))
            if len(waiting) > _UNGROUPED_MAX:
                waiting = await wait_until_grouped(app, tenant_id, message_ids=waiting, left_max=_UNGROUPED_MAX // 2)
    report.problems.sort(key=lambda problem: problem.line)
    report.waiting = len(waiting)
    report.seconds = time.monotonic() - started
    return report, waiting


async def wait_until_grouped(
    app: App,
    tenant_id: UUID,
    *,
    message_ids: Sequence[UUID],
    left_max: int = 0,
    on_waiting: Callable[[int], None] = lambda _: None,
) -> list[UUID]:
    """Wait until at most `left_max` of these messages have no group, or nothing has moved for `ingest_stall_s`; those
    that have none."""
    stall_s = app.settings.get(InboxSettings).ingest_stall_s
    left, moved_at = list(message_ids), time.monotonic()
    while left:
        still = await _ungrouped(app, tenant_id, left)
        if len(still) < len(left):
            moved_at = time.monotonic()
        left = still
        on_waiting(len(left))
        if len(left) <= left_max or time.monotonic() - moved_at > stall_s:
            break
        await asyncio.sleep(_POLL_S)
    return left


async def _ungrouped(app: App, tenant_id: UUID, message_ids: Sequence[UUID]) -> list[UUID]:
    """Which of these have no group. What comes first is grouped first: a part that waits as a whole ends the look."""
    left: list[UUID] = []
    for start in range(0, len(message_ids), _BATCH):
        part = message_ids[start : start + _BATCH]
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            placed = {one.message_id for one in await store.list_clusters_of(tx, message_ids=part)}
        left += [message_id for message_id in part if message_id not in placed]
        if not placed:
            return left + list(message_ids[start + _BATCH :])
    return left


class _Batch(msgspec.Struct):
    """Rows read together, each with its line."""

    rows: list[tuple[int, MessageDraft]]
    problems: list[RowProblem]


def _batches(reader: Reader, channel: str | None) -> Iterator[_Batch]:
    """A file's rows by the batch, however many of them are refused."""
    batch = _Batch([], [])
    for row in reader:
        draft = row if isinstance(row, RowProblem) else _draft(row, channel)
        if isinstance(draft, RowProblem):
            batch.problems.append(draft)
        else:
            batch.rows.append((draft[0], draft[1]))
        if len(batch.rows) + len(batch.problems) >= _BATCH:
            yield batch
            batch = _Batch([], [])
    if batch.rows or batch.problems:
        yield batch


def _draft(row: Row, channel: str | None) -> tuple[int, MessageDraft] | RowProblem:
    """The message of a row, with an id that is the same whenever the file is read, or what is wrong with it."""
    values = row.values
    if channel is not None and "channel" not in values:
        values = {**values, "channel": channel}
    try:
        draft: MessageDraft = msgspec.convert(values, type=_Row)
    except msgspec.ValidationError as error:
        text = str(error)
        place = _POINTER.search(text)
        pointer = "" if place is None else place[1].replace(".", "/")
        reason = text if place is None else text[: place.start()]
        return RowProblem(row.line, pointer, f"{reason[:1].lower()}{reason[1:]}".replace("`", "'"))
    if draft.id is None:
        content = json.dumps(values, sort_keys=True, ensure_ascii=True).encode()
        draft = msgspec.structs.replace(draft, id=f"{row.line}-{hashlib.sha256(content).hexdigest()[:24]}")
    return row.line, draft


def _note(report: IngestReport, waiting: list[UUID], line: int, outcome: Ingested | Fact) -> None:
    if isinstance(outcome, Fact):
        pointer = outcome.errors[0].pointer if outcome.errors else ""
        _refuse(report, RowProblem(line, pointer, outcome.message))
        return
    if outcome.is_new:
        report.created += 1
        waiting.append(outcome.id)
    else:
        report.known += 1


def _refuse(report: IngestReport, problem: RowProblem) -> None:
    report.rejected += 1
    if len(report.problems) < _PROBLEMS_MAX:
        report.problems.append(problem)
