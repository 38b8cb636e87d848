"""`/api/v1/inbox/events`: the inbox as it happens."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import HeaderParameter
from litestar.response import Stream

from likewise.apps.inbox import service
from likewise.apps.inbox.api.shared import TAGS
from likewise.apps.inbox.service import InboxNews
from likewise.platform.feature import App
from likewise.platform.ids import encode_id
from likewise.platform.streams import Sent, Streams
from likewise.platform.tenancy import Caller
from likewise.platform.web import readers

__all__ = ["ROUTES"]

_IDS_MAX = 500  # of one event


@get(
    "/inbox/events",
    tags=TAGS,
    guards=[readers],
    operation_id="follow_inbox",
    summary="Follow the inbox",
    media_type="text/event-stream",
)
async def follow(
    app: App,
    caller: Caller,
    streams: Streams,
    last_event_id: Annotated[
        str | None, HeaderParameter(name="Last-Event-ID", description="the last event seen; it is not sent again")
    ] = None,
) -> Stream:
    """Server-sent events: `messages`, `clusters` and `deliveries` with the ids of what is new or another than before,
    `gap` where something may have been missed: read the lists anew. Nothing is missed from the first sign of life on;
    after an interruption send the last id as `Last-Event-ID`."""
    tenant_id = caller.tenant_id
    after = streams.read_id(tenant_id, last_event_id) if last_event_id else None
    is_unknown = last_event_id is not None and after is None

    opened: list[service.InboxFollowing] = []

    async def pieces() -> AsyncGenerator[Sequence[Sent]]:
        async with service.follow_inbox(app, tenant_id, after=after) as following:
            opened.append(following)
            start = InboxNews(following.mark, is_gap=True)
            yield _told(start, streams.write_id(tenant_id, start.mark)) if is_unknown else ()
            async for news in following:
                yield _told(news, streams.write_id(tenant_id, news.mark))

    return await streams.send(tenant_id, pieces(), place=lambda: streams.write_id(tenant_id, opened[0].mark))


def _told(news: InboxNews, event_id: str) -> list[Sent]:
    """News as events. Only the last has the id: who is cut off between them is told all of them again."""
    if news.is_gap:
        return [Sent(event="gap", data={}, id=event_id)]
    told = [
        Sent(event=name, data={"ids": _ids(prefix, ids[start : start + _IDS_MAX])})
        for name, prefix, ids in (
            ("messages", "msg", news.message_ids),
            ("clusters", "clu", news.cluster_ids),
            ("deliveries", "act", news.action_ids),
        )
        for start in range(0, len(ids), _IDS_MAX)
    ]
    return [*told[:-1], msgspec.structs.replace(told[-1], id=event_id)]


def _ids(prefix: str, values: Sequence[UUID]) -> list[str]:
    return [encode_id(prefix, value) for value in values]


ROUTES = (follow,)
