"""`/api/v1/inbox/channels`, and the public address of signed webhooks."""

from typing import Any

from litestar import Request, get, patch, post

from likewise.apps.inbox import service
from likewise.apps.inbox.api.shared import TAGS, Limit
from likewise.apps.inbox.model import Channel
from likewise.apps.inbox.views import (
    ChannelBody,
    ChannelPatch,
    ChannelSecret,
    ChannelView,
    IngestedView,
    channel_view,
)
from likewise.platform.feature import App
from likewise.platform.ids import encode_id
from likewise.platform.tenancy import Caller
from likewise.platform.web import Cursors, Page, admin_only, readers, writers

__all__ = ["PUBLIC_ROUTES", "ROUTES"]

_LISTING = "inbox/channels"


@get("/inbox/channels", tags=TAGS, guards=[readers], operation_id="list_inbox_channels", summary="List channels")
async def list_channels(
    app: App, caller: Caller, cursors: Cursors, limit: Limit = 50, after: str | None = None
) -> Page[ChannelView]:
    """Channels by name."""
    start = cursors.read(caller.tenant_id, _LISTING, after) if after else ""
    found = await service.list_channels(app, caller.tenant_id, after=start, limit=limit + 1)
    page, more = found[:limit], len(found) > limit
    return Page(
        data=[_view(app, caller, channel) for channel in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, _LISTING, page[-1].name) if more else None,
    )


@post("/inbox/channels", tags=TAGS, guards=[writers], operation_id="create_inbox_channel", summary="Create a channel")
async def create_channel(app: App, caller: Caller, data: ChannelBody) -> ChannelView:
    """Messages name it; signed webhooks go to its `hook_path`; answers go to its `delivery_url`."""
    made = await service.create_channel(
        app, caller.tenant_id, name=data.name, delivery_url=data.delivery_url or None, metadata=data.metadata
    )
    return _view(app, caller, made)


@get(
    "/inbox/channels/{name:str}",
    tags=TAGS,
    guards=[readers],
    operation_id="get_inbox_channel",
    summary="Show a channel",
)
async def get_channel(app: App, caller: Caller, name: str) -> ChannelView:
    """One channel."""
    return _view(app, caller, await service.get_channel(app, caller.tenant_id, name=name))


@patch(
    "/inbox/channels/{name:str}",
    tags=TAGS,
    guards=[writers],
    operation_id="change_inbox_channel",
    summary="Change a channel",
)
async def change_channel(app: App, caller: Caller, name: str, data: ChannelPatch) -> ChannelView:
    """Where its answers go, or what is noted of it."""
    changed = await service.update_channel(
        app, caller.tenant_id, name=name, delivery_url=data.delivery_url, metadata=data.metadata
    )
    return _view(app, caller, changed)


@get(
    "/inbox/channels/{name:str}/secret",
    tags=TAGS,
    guards=[admin_only],
    operation_id="get_inbox_channel_secret",
    summary="Show a channel's secret",
)
async def get_secret(app: App, caller: Caller, name: str) -> ChannelSecret:
    """Webhooks in and answers out are signed with it, by the Standard Webhooks scheme."""
    channel = await service.get_channel(app, caller.tenant_id, name=name)
    return ChannelSecret(service.secret_of(app, caller.tenant_id, channel.id, version=channel.secret_version))


@post(
    "/inbox/channels/{name:str}/secret",
    tags=TAGS,
    guards=[admin_only],
    operation_id="rotate_inbox_channel_secret",
    summary="Replace a channel's secret",
    status_code=200,
)
async def rotate_secret(app: App, caller: Caller, name: str) -> ChannelSecret:
    """A new secret; the old one signs nothing from now on."""
    channel = await service.rotate_secret(app, caller.tenant_id, name=name)
    return ChannelSecret(service.secret_of(app, caller.tenant_id, channel.id, version=channel.secret_version))


@post(
    "/inbox/hooks/{token:str}",
    tags=TAGS,
    operation_id="receive_inbox_hook",
    summary="Take in a signed webhook",
    status_code=202,
)
async def receive_hook(app: App, token: str, request: Request[Any, Any, Any]) -> IngestedView:
    """The body is a message, or `{"data": message}`, signed by the Standard Webhooks scheme with the channel's secret.
    Without an `id` of its own the message has that of the webhook, so that one sent again is stored once."""
    body = await request.body()
    made = await service.receive_hook(app, token=token, headers=dict(request.headers), body=body)
    return IngestedView(encode_id("msg", made.id), "pending", made.is_new)


def _view(app: App, caller: Caller, channel: Channel) -> ChannelView:
    return channel_view(channel, hook_path=service.hook_path(app, caller.tenant_id, channel.id))


ROUTES = (list_channels, create_channel, get_channel, change_channel, get_secret, rotate_secret)
PUBLIC_ROUTES = (receive_hook,)
