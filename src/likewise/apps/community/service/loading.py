"""Experiences of a whole file: read row by row in flat memory, stored in batches, bad rows told with line and reason.

While one batch is stored the next is being read. The same file again finds everything there and changes nothing: a row
without a key is known by its content.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import BinaryIO, Literal, cast
from uuid import UUID

import msgspec

from likewise.apps.community.model import AttributeValue, ExperienceDraft, GivenAttribute, WrittenExperience, folded
from likewise.apps.community.service.founding import read_community
from likewise.apps.community.service.writing import write_experiences
from likewise.apps.community.settings import CommunitySettings
from likewise.engine.collections import FacetKind, ItemDraft, Reader, Row, RowProblem, open_reader, read_drafts
from likewise.engine.collections import Mapping as Columns
from likewise.platform.feature import App

__all__ = ["ExperienceColumns", "ExperienceLoad", "ExperienceLoadProgress", "load_experiences"]

_PROBLEMS_MAX = 1_000
_POINTER = re.compile(r" - at `\$([^`]*)`$")
_NO_NAME = re.compile(r"[^a-z0-9]+")
_PARTS = re.compile(r"[;,]")
_WORD_CHARACTERS_MAX = 200
_TITLE_CHARACTERS_MAX = 300
_TAGS_MAX = 30


class ExperienceColumns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which column of a file becomes what. `attributes`: columns by the key they are given under; `place`: latitude and
    longitude. Where a row names no author or category it has `default_author` or `default_category`. `metadata` `rest`
    keeps every column not named here; `day_first` reads 03/04/2013 as in April.
    """

    text: str
    title: str | None = None
    key: str | None = None
    author: str | None = None
    default_author: str = "unknown"
    category: str | None = None
    default_category: str = "other"
    attributes: dict[str, str] = {}
    tags: str | None = None
    time: str | None = None
    place: tuple[str, str] | None = None
    place_name: str | None = None
    visibility: str | None = None
    metadata: Literal["none", "rest"] = "none"
    day_first: bool = False


class ExperienceLoadProgress(msgspec.Struct, frozen=True):
    """How far a file is: experiences that are here, rows refused, and how far into the file as stored, bytes; its
    length, where that is known."""

    experiences: int
    rejected: int
    bytes_read: int
    bytes_total: int | None


class ExperienceLoad(msgspec.Struct, kw_only=True):
    """What became of a file's rows. `warnings`: values that were left out of rows that went in. `problems`: the first
    1,000 of both."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    warnings: int = 0
    seconds: float = 0.0
    problems: list[RowProblem] = []


class _Batch(msgspec.Struct):
    rows: list[tuple[int, ExperienceDraft]]
    problems: list[RowProblem]


async def load_experiences(
    app: App,
    tenant_id: UUID,
    *,
    file: str | BinaryIO,
    columns: ExperienceColumns | None = None,
    on_progress: Callable[[ExperienceLoadProgress], None] = lambda _: None,
) -> ExperienceLoad:
    """Store the experiences of a file: CSV, JSON lines, a JSON array or Parquet, packed or not. Good rows go in.

    Without `columns` each row is an experience as it is sent to be told. Raises what reading raises for the file as a
    whole.
    """
    started = time.monotonic()
    report = ExperienceLoad()
    most = app.settings.get(CommunitySettings).batch_experiences_max
    community = await read_community(app, tenant_id)
    kinds = {} if community is None else community.kinds
    with open_reader(file, filename=None if isinstance(file, str) else "standard input") as reader:
        found = _told(reader) if columns is None else _mapped(reader, columns, kinds)
        batches = _batches(reader, found, most)
        following = asyncio.ensure_future(asyncio.to_thread(next, batches, None))
        while batch := await following:
            following = asyncio.ensure_future(asyncio.to_thread(next, batches, None))
            try:
                await _store(app, tenant_id, batch, report)
            except BaseException:
                await asyncio.wait([following])  # its thread reads the file, which must not be pulled away from it
                raise
            done = report.created + report.updated + report.unchanged
            on_progress(ExperienceLoadProgress(done, report.rejected, reader.bytes_read, reader.bytes_total))
    report.problems.sort(key=lambda problem: problem.line)
    report.seconds = time.monotonic() - started
    return report


async def _store(app: App, tenant_id: UUID, batch: _Batch, report: ExperienceLoad) -> None:
    for problem in batch.problems:
        _note(report, problem)
    for (line, _), outcome in zip(
        batch.rows, await write_experiences(app, tenant_id, drafts=[draft for _, draft in batch.rows]), strict=True
    ):
        if isinstance(outcome, WrittenExperience):
            setattr(report, outcome.status, getattr(report, outcome.status) + 1)
        else:
            pointer = outcome.errors[0].pointer if outcome.errors else ""
            _note(report, RowProblem(line, pointer, outcome.message))


def _note(report: ExperienceLoad, problem: RowProblem) -> None:
    if problem.refused:
        report.rejected += 1
    else:
        report.warnings += 1
    if len(report.problems) < _PROBLEMS_MAX:
        report.problems.append(problem)


def _batches(reader: Reader, found: Iterator[ExperienceDraft | RowProblem], most: int) -> Iterator[_Batch]:
    """Rows by the batch, however many of them are refused."""
    batch = _Batch([], [])
    for one in found:
        if isinstance(one, RowProblem):
            batch.problems.append(one)
        else:
            batch.rows.append((reader.line, one))
        if len(batch.rows) == most or len(batch.problems) > _PROBLEMS_MAX:
            yield batch
            batch = _Batch([], [])
    if batch.rows or batch.problems:
        yield batch


def _told(reader: Reader) -> Iterator[ExperienceDraft | RowProblem]:
    """Rows that are experiences as they are sent to be told."""
    for row in reader:
        yield row if isinstance(row, RowProblem) else _draft(row)


def _draft(row: Row) -> ExperienceDraft | RowProblem:
    """The experience of a row, with a key that is the same whenever the file is read, or what is wrong with it."""
    try:
        draft = msgspec.convert(row.values, type=ExperienceDraft, strict=False)
    except msgspec.ValidationError as error:
        text = str(error)
        place = _POINTER.search(text)
        pointer = "" if place is None else place[1].replace(".", "/")
        reason = text if place is None else text[: place.start()]
        return RowProblem(row.line, pointer, f"{reason[:1].lower()}{reason[1:]}".replace("`", "'"))
    if draft.key is None:
        content = json.dumps(row.values, sort_keys=True, ensure_ascii=True, default=str).encode()
        draft = msgspec.structs.replace(draft, key=sha256(content).hexdigest()[:32])
    return draft


def _mapped(
    reader: Reader, columns: ExperienceColumns, kinds: Mapping[str, FacetKind]
) -> Iterator[ExperienceDraft | RowProblem]:
    """Rows by the columns that were named. What is beside the text and cannot be read is left out, and said."""
    mapping = Columns(
        text=columns.text,
        title=columns.title,
        key=columns.key,
        facets=tuple(columns.attributes.values()),
        time=columns.time,
        place=columns.place,
        author=columns.author,
        category=columns.category,
        visibility=columns.visibility,
        metadata="rest",
        day_first=columns.day_first,
    )
    known = {column: _read_as(kinds[key]) for key, column in columns.attributes.items() if key in kinds}
    for one in read_drafts(reader, mapping, known):
        yield one if isinstance(one, RowProblem) else _experience(one, columns)


def _read_as(kind: FacetKind) -> FacetKind:
    """Words are read one by one: only a file's own lists are lists."""
    return FacetKind.KEYWORD if kind is FacetKind.KEYWORDS else kind


def _experience(item: ItemDraft, columns: ExperienceColumns) -> ExperienceDraft:
    rest = dict(item.metadata)
    place_name = "" if columns.place_name is None else str(rest.pop(columns.place_name, None) or "")
    tags = () if columns.tags is None else _tags(rest.pop(columns.tags, None))
    category = _NO_NAME.sub("_", (item.category or "").lower()).strip("_")
    return ExperienceDraft(
        author=item.author or columns.default_author,
        text=item.body,
        title=(item.title or "")[:_TITLE_CHARACTERS_MAX],
        category=category or columns.default_category,
        key=item.key,
        tags=tags,
        attributes=tuple(
            GivenAttribute(key=key, value=value)
            for key, column in columns.attributes.items()
            for value in _values(item.facets.get(column))
        ),
        place=item.place,
        place_name=place_name,
        happened_at=item.happened_at,
        visibility="public" if item.visibility == "public" else "private",
        metadata=rest if columns.metadata == "rest" else {},
    )


def _values(facet: object) -> list[AttributeValue]:
    if facet is None:
        return []
    if isinstance(facet, list):
        return [str(one)[:_WORD_CHARACTERS_MAX] for one in cast("list[object]", facet)]
    if isinstance(facet, bool | int | float):
        return [facet]
    return [str(facet)[:_WORD_CHARACTERS_MAX]]


def _tags(value: object) -> tuple[str, ...]:
    parts = cast("list[object]", value) if isinstance(value, list) else _PARTS.split(str(value or ""))
    words = (folded(str(part)) for part in parts)
    return tuple(dict.fromkeys(word for word in words if word))[:_TAGS_MAX]
