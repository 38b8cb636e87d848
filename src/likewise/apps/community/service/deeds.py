"""What people did, of a whole file: acts and comments by the keys of experiences, in batches, bad rows told with line
and reason. The same file again changes nothing: an act is what it is, and a comment with a time is known by it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from itertools import islice
from typing import Annotated, BinaryIO, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from likewise.apps.community import store
from likewise.apps.community.model import Act, CommentDraft, UserKey
from likewise.apps.community.service.acting import act
from likewise.apps.community.service.commenting import comment_each
from likewise.apps.community.service.founding import find_community
from likewise.apps.community.settings import CommunitySettings
from likewise.engine.collections import RowProblem, open_reader
from likewise.platform.errors import Fact
from likewise.platform.feature import App

__all__ = ["Deed", "DeedLoad", "load_deeds"]

_PROBLEMS_MAX = 1_000
Row = TypeVar("Row")


class Deed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of the file: who did what with which experience, by its key. A comment has a `text`."""

    user: UserKey
    experience: Annotated[str, Meta(min_length=1)]
    kind: Literal["view", "upvote", "less", "comment"]
    text: str = ""
    at: Annotated[datetime, Meta(tz=True)] | None = None


class DeedLoad(msgspec.Struct, kw_only=True):
    """What became of a file's rows: acts that changed something and new comments, those that were here, those refused;
    the first 1,000 problems."""

    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    problems: list[RowProblem] = []


async def load_deeds(
    app: App, tenant_id: UUID, *, file: str | BinaryIO, on_progress: Callable[[DeedLoad], None] = lambda _: None
) -> DeedLoad:
    """Store what people did, of a file of any form that experiences are read from. Good rows go in. Raises what reading
    raises for the file as a whole."""
    report = DeedLoad()
    most = app.settings.get(CommunitySettings).batch_acts_max
    with open_reader(file, filename=None if isinstance(file, str) else "standard input") as reader:
        rows = ((reader.line, row) for row in reader)
        while batch := await asyncio.to_thread(lambda: list(islice(rows, most))):
            good: list[tuple[int, Deed]] = []
            for line, row in batch:
                if isinstance(row, RowProblem):
                    _note(report, row)
                    continue
                try:
                    values = {name: value for name, value in row.values.items() if value is not None}
                    good.append((line, msgspec.convert(values, type=Deed, strict=False)))
                except msgspec.ValidationError as error:
                    _note(report, RowProblem(line, "", str(error).replace("`", "'")))
            await _store(app, tenant_id, good, report)
            on_progress(report)
    return report


async def _store(app: App, tenant_id: UUID, rows: Sequence[tuple[int, Deed]], report: DeedLoad) -> None:
    ids = await _known(app, tenant_id, [deed.experience for _, deed in rows])
    acts: list[tuple[int, Act]] = []
    comments: list[tuple[int, CommentDraft]] = []
    for line, deed in rows:
        experience_id = ids.get(deed.experience)
        if experience_id is None:
            _note(report, RowProblem(line, "/experience", f"no experience has the key {deed.experience!r}"))
        elif deed.kind == "comment":
            draft = CommentDraft(experience_id=experience_id, author=deed.user, text=deed.text, at=deed.at)
            comments.append((line, draft))
        else:
            acts.append((line, Act(user=deed.user, experience_id=experience_id, kind=deed.kind, at=deed.at)))
    fresh = await _unsaid(app, tenant_id, comments)
    report.unchanged += len(comments) - len(fresh)
    await _do(acts, report, lambda some: act(app, tenant_id, acts=some))

    async def say(drafts: list[CommentDraft]) -> int:
        return len(await comment_each(app, tenant_id, drafts=drafts))

    await _do(fresh, report, say)


async def _do(
    rows: Sequence[tuple[int, Row]], report: DeedLoad, store_all: Callable[[list[Row]], Awaitable[int]]
) -> None:
    """All at once; where one is refused, each by itself, so that the others go in."""
    if not rows:
        return
    try:
        changed = await store_all([row for _, row in rows])
        report.changed += changed
        report.unchanged += len(rows) - changed
    except Fact:
        for line, row in rows:
            try:
                changed = await store_all([row])
                report.changed += changed
                report.unchanged += 1 - changed
            except Fact as fact:
                _note(report, RowProblem(line, "", fact.message))


async def _unsaid(
    app: App, tenant_id: UUID, comments: Sequence[tuple[int, CommentDraft]]
) -> list[tuple[int, CommentDraft]]:
    """Comments that are not here yet."""
    timed = [draft for _, draft in comments if draft.at is not None]
    if not timed:
        return list(comments)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        said = await store.list_said(
            tx,
            experience_ids=list({draft.experience_id for draft in timed}),
            authors=list({draft.author for draft in timed}),
            times=[draft.at for draft in timed if draft.at is not None],
        )
    known = {(one.experience_id, one.author, one.created_at) for one in said}
    return [(line, one) for line, one in comments if (one.experience_id, one.author, one.at) not in known]


async def _known(app: App, tenant_id: UUID, keys: Sequence[str]) -> dict[str, UUID]:
    collection_id = await find_community(app, tenant_id)
    if collection_id is None:
        return {}
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await store.list_ids_of_keys(tx, collection_id=collection_id, keys=list(dict.fromkeys(keys)))


def _note(report: DeedLoad, problem: RowProblem) -> None:
    report.rejected += 1
    if len(report.problems) < _PROBLEMS_MAX:
        report.problems.append(problem)
