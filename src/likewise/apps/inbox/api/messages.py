"""`/api/v1/inbox/messages`: messages come in, are listed, leave their cluster."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post

from likewise.apps.inbox import service
from likewise.apps.inbox.api.shared import TAGS, Limit
from likewise.apps.inbox.errors import MessageRefused
from likewise.apps.inbox.model import Ingested
from likewise.apps.inbox.views import (
    TREND_DAYS,
    ClusterChanged,
    InboxBatchRow,
    IngestedView,
    MessageBody,
    MessageDetail,
    MessageView,
    RemoveBody,
    change_view,
    cluster_view,
    draft_of,
    message_view,
)
from likewise.platform.errors import Fact, FieldError
from likewise.platform.feature import App
from likewise.platform.ids import decode_id, encode_id
from likewise.platform.tenancy import Caller
from likewise.platform.web import Cursors, Page, readers, writers

__all__ = ["ROUTES"]


class BatchBody(msgspec.Struct, frozen=True):
    """Messages, each looked at by itself."""

    messages: list[msgspec.Raw]


class InboxBatchResult(msgspec.Struct, frozen=True):
    """What became of each message, in their order."""

    data: list[InboxBatchRow]


@post(
    "/inbox/messages",
    tags=TAGS,
    guards=[writers],
    operation_id="ingest_message",
    summary="Take in a message",
    status_code=202,
)
async def ingest_message(app: App, caller: Caller, data: MessageBody) -> IngestedView:
    """Stored at once, grouped a moment later. A message sent again under its `id` is the one that is here; the same
    `id` with another text is refused."""
    made = await service.ingest(app, caller.tenant_id, draft=draft_of(data))
    cluster = None if made.cluster_id is None else encode_id("clu", made.cluster_id)
    return IngestedView(encode_id("msg", made.id), "pending" if cluster is None else "grouped", made.is_new, cluster)


@post(
    "/inbox/messages:batch",
    tags=TAGS,
    guards=[writers],
    operation_id="ingest_messages",
    summary="Take in many messages",
    status_code=202,
)
async def ingest_messages(app: App, caller: Caller, request: Request[Any, Any, Any]) -> InboxBatchResult:
    """`{"messages": [...]}`, or NDJSON with one message a line. One transaction; each message has its own outcome."""
    raw = _raw_messages(await request.body(), request.headers.get("content-type", ""))
    rows: list[InboxBatchRow | None] = [None] * len(raw)
    bodies: dict[int, MessageBody] = {}
    for place, one in enumerate(raw):
        try:
            bodies[place] = msgspec.json.decode(one, type=MessageBody)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            rows[place] = InboxBatchRow("rejected", error=str(error))
    outcomes = await service.ingest_each(app, caller.tenant_id, drafts=[draft_of(body) for body in bodies.values()])
    for place, outcome in zip(bodies, outcomes, strict=True):
        rows[place] = _row(outcome)
    return InboxBatchResult([row for row in rows if row is not None])


@get("/inbox/messages", tags=TAGS, guards=[readers], operation_id="list_inbox_messages", summary="List messages")
async def list_messages(
    app: App,
    caller: Caller,
    cursors: Cursors,
    channel: str | None = None,
    visitor: str | None = None,
    limit: Limit = 50,
    after: str | None = None,
) -> Page[MessageView]:
    """Messages, newest first; of one channel, of one visitor."""
    listing = f"inbox/messages/{channel}/{visitor}"
    before = UUID(cursors.read(caller.tenant_id, listing, after)) if after else service.LAST_ID
    channel_id = None if channel is None else (await service.get_channel(app, caller.tenant_id, name=channel)).id
    found = await service.list_messages(
        app,
        caller.tenant_id,
        channel_id=channel_id,
        visitor_id=None if visitor is None else decode_id("vis", visitor),
        before=before,
        limit=limit + 1,
    )
    page, more = found[:limit], len(found) > limit
    return Page(
        data=[message_view(message, avatar=service.avatar_url(app, caller.tenant_id, message)) for message in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, str(page[-1].id)) if more else None,
    )


@get(
    "/inbox/messages/{message_id:str}",
    tags=TAGS,
    guards=[readers],
    operation_id="get_inbox_message",
    summary="Show a message",
)
async def get_message(app: App, caller: Caller, message_id: str) -> MessageDetail:
    """One message, with what came with it."""
    wanted = decode_id("msg", message_id)
    message = await service.get_message(app, caller.tenant_id, message_id=wanted)
    view = message_view(message, avatar=service.avatar_url(app, caller.tenant_id, message))
    payload = await service.get_payload(app, caller.tenant_id, message_id=wanted)
    return MessageDetail(**msgspec.structs.asdict(view), payload=payload)


@post(
    "/inbox/messages/{message_id:str}/remove",
    tags=TAGS,
    guards=[writers],
    operation_id="remove_message",
    summary="Take a message out of its cluster",
    status_code=200,
)
async def remove_message(app: App, caller: Caller, message_id: str, data: RemoveBody) -> ClusterChanged:
    """It begins a cluster of its own, or goes `into` another, together with every message that says exactly the same;
    the answer is the cluster it is in now."""
    card, change = await service.remove_message(
        app,
        caller.tenant_id,
        message_id=decode_id("msg", message_id),
        into_id=None if data.into is None else decode_id("clu", data.into),
        actor=service.actor_of(caller),
    )
    return ClusterChanged(cluster_view(card, now=app.clock.now(), trend_days=TREND_DAYS), change_view(change))


def _raw_messages(body: bytes, content_type: str) -> list[msgspec.Raw]:
    if "ndjson" in content_type or "jsonl" in content_type:
        return [msgspec.Raw(line) for line in body.split(b"\n") if line.strip()]
    try:
        return msgspec.json.decode(body, type=BatchBody).messages
    except msgspec.DecodeError as error:
        reason = f'the body is not {{"messages": [...]}}: {error}'
        raise MessageRefused(reason=reason, errors=[FieldError("", str(error))]) from error


def _row(outcome: Ingested | Fact) -> InboxBatchRow:
    if isinstance(outcome, Fact):
        return InboxBatchRow("rejected", error=outcome.message)
    cluster = None if outcome.cluster_id is None else encode_id("clu", outcome.cluster_id)
    return InboxBatchRow(
        "pending" if cluster is None else "grouped", encode_id("msg", outcome.id), cluster, outcome.is_new
    )


ROUTES = (ingest_message, ingest_messages, list_messages, get_message, remove_message)
