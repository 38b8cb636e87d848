"""`/api/v1/community/experiences`: experiences are told, listed, edited, taken back."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.params import Parameter, QueryParameter

from likewise.apps.community import service
from likewise.apps.community.api.shared import TAGS, Limit
from likewise.apps.community.errors import ExperienceRefused
from likewise.apps.community.logic.wishing import RADIUS_KM_MAX, read_attribute_wishes, read_near
from likewise.apps.community.model import ExperienceDraft, ExperienceEdit, ExperienceOrder, ExperienceWish
from likewise.apps.community.views import (
    ExperienceAttributes,
    ExperienceBatchResult,
    ExperienceBatchRow,
    ExperienceView,
    WrittenView,
    batch_row,
    experience_view,
    written_view,
)
from likewise.engine.collections import TimeRange
from likewise.platform.errors import FieldError
from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.tenancy import Caller
from likewise.platform.web import Cursors, Page, readers, writers

__all__ = ["ROUTES"]

Viewer = Annotated[str | None, Parameter(max_length=500, description="your own id of who looks")]
Attributes = Annotated[
    list[str] | None,
    QueryParameter(name="attribute", description="shape:triangle, or duration_s:60..600; several must hold at once"),
]
Names = Annotated[list[str] | None, Parameter(description="may be repeated")]
Near = Annotated[str | None, Parameter(description="around a point: 40.7,-74.0")]
RadiusKm = Annotated[float, Parameter(gt=0, le=RADIUS_KM_MAX, description="how far around it, kilometres")]
From = Annotated[datetime | None, QueryParameter(name="from", description="happened at this time or later")]
To = Annotated[datetime | None, QueryParameter(name="to", description="happened before this time")]


class ExperienceBatch(msgspec.Struct, frozen=True):
    """Experiences, each looked at by itself."""

    experiences: list[msgspec.Raw]


@post(
    "/community/experiences",
    tags=TAGS,
    guards=[writers],
    operation_id="tell_experience",
    summary="Tell an experience",
)
async def tell_experience(app: App, caller: Caller, data: ExperienceDraft) -> WrittenView:
    """Stored at once with what is known of it: what its author says and what rules read in its words, each with the
    words it came from. The same `key` again is an edit of the whole. It is found by meaning a moment later."""
    return written_view(await service.write_experience(app, caller.tenant_id, draft=data))


@post(
    "/community/experiences:batch",
    tags=TAGS,
    guards=[writers],
    operation_id="tell_experiences",
    summary="Tell many experiences",
    status_code=200,
)
async def tell_experiences(app: App, caller: Caller, request: Request[Any, Any, Any]) -> ExperienceBatchResult:
    """`{"experiences": [...]}`, or NDJSON with one a line. One transaction; each has its own outcome."""
    raw = _raw_experiences(await request.body(), request.headers.get("content-type", ""))
    rows: list[ExperienceBatchRow | None] = [None] * len(raw)
    drafts: dict[int, ExperienceDraft] = {}
    for place, one in enumerate(raw):
        try:
            drafts[place] = msgspec.json.decode(one, type=ExperienceDraft)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            rows[place] = ExperienceBatchRow(status="rejected", error=str(error))
    outcomes = await service.write_experiences(app, caller.tenant_id, drafts=list(drafts.values()))
    for place, outcome in zip(drafts, outcomes, strict=True):
        rows[place] = batch_row(outcome)
    return ExperienceBatchResult([row for row in rows if row is not None])


@get(
    "/community/experiences",
    tags=TAGS,
    guards=[readers],
    operation_id="list_experiences",
    summary="List experiences",
)
async def list_experiences(
    app: App,
    caller: Caller,
    cursors: Cursors,
    attributes: Attributes = None,
    category: Names = None,
    tag: Names = None,
    author: Names = None,
    near: Near = None,
    radius_km: RadiusKm = 50.0,
    since: From = None,
    until: To = None,
    order: ExperienceOrder = "newest",
    viewer: Viewer = None,
    limit: Limit = 50,
    after: str | None = None,
) -> Page[ExperienceView]:
    """Public experiences that are as asked, and the viewer's own. `happened` is the order of those whose time is known,
    `upvotes`, `comments` and `views` of what most people did."""
    has_times = since is not None or until is not None
    wish = ExperienceWish(
        category=tuple(category or ()),
        attributes=read_attribute_wishes(attributes or ()),
        tags=tuple(tag or ()),
        author=tuple(author or ()),
        near=read_near(near, radius_km=radius_km),
        happened=TimeRange(gte=_aware(since), lt=_aware(until)) if has_times else None,
    )
    listing = f"community/experiences/{order}/{sha256(msgspec.json.encode((wish, viewer))).hexdigest()[:16]}"
    found = await service.list_experiences(
        app,
        caller.tenant_id,
        wish=wish,
        order=order,
        viewer=viewer,
        after=service.read_place(cursors.read(caller.tenant_id, listing, after), order) if after else None,
        limit=limit + 1,
    )
    page, more = found[:limit], len(found) > limit
    last = service.write_place(service.place_of(page[-1], order)) if more else ""
    return Page(
        data=[experience_view(one) for one in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, last) if more else None,
    )


@get(
    "/community/experiences/{experience_id:str}",
    tags=TAGS,
    guards=[readers],
    operation_id="get_experience",
    summary="Show an experience",
)
async def get_experience(app: App, caller: Caller, experience_id: str, viewer: Viewer = None) -> ExperienceView:
    """One experience; a private or hidden one for its author only."""
    wanted = decode_id("exp", experience_id)
    return experience_view(await service.get_experience(app, caller.tenant_id, experience_id=wanted, viewer=viewer))


@patch(
    "/community/experiences/{experience_id:str}",
    tags=TAGS,
    guards=[writers],
    operation_id="edit_experience",
    summary="Edit an experience",
)
async def edit_experience(app: App, caller: Caller, experience_id: str, data: ExperienceEdit) -> ExperienceView:
    """What is left out stays; `attributes` replaces all that the author gave, and what rules read is read anew. What
    moderators hid stays hidden."""
    shown, _ = await service.edit_experience(
        app, caller.tenant_id, experience_id=decode_id("exp", experience_id), edit=data
    )
    return experience_view(shown)


@delete(
    "/community/experiences/{experience_id:str}",
    tags=TAGS,
    guards=[writers],
    operation_id="delete_experience",
    summary="Delete an experience",
    status_code=200,
)
async def delete_experience(app: App, caller: Caller, experience_id: str) -> dict[str, int]:
    """It goes with its comments, pictures, attributes and vectors; how many of each kind are gone."""
    return await service.delete_experience(app, caller.tenant_id, experience_id=decode_id("exp", experience_id))


@get(
    "/community/experiences/{experience_id:str}/attributes",
    tags=TAGS,
    guards=[readers],
    operation_id="list_experience_attributes",
    summary="What is known of an experience",
)
async def list_attributes(app: App, caller: Caller, experience_id: str, viewer: Viewer = None) -> ExperienceAttributes:
    """Each attribute with its source, how sure it is, and the words it was read in."""
    wanted = decode_id("exp", experience_id)
    await service.get_experience(app, caller.tenant_id, experience_id=wanted, viewer=viewer)
    known = await service.list_attributes_of(app, caller.tenant_id, experience_ids=[wanted])
    return ExperienceAttributes(known[wanted])


def _raw_experiences(body: bytes, content_type: str) -> list[msgspec.Raw]:
    if "ndjson" in content_type or "jsonl" in content_type:
        return [msgspec.Raw(line) for line in body.split(b"\n") if line.strip()]
    try:
        return msgspec.json.decode(body, type=ExperienceBatch).experiences
    except msgspec.DecodeError as error:
        reason = f'the body is not {{"experiences": [...]}}: {error}'
        raise ExperienceRefused(reason=reason, errors=[FieldError("", str(error))]) from error


def _aware(at: datetime | None) -> datetime | None:
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)


ROUTES = (
    tell_experience,
    tell_experiences,
    list_experiences,
    get_experience,
    edit_experience,
    delete_experience,
    list_attributes,
)
