"""Channels: where messages come from, where answers go, and the secret that signs both."""

import difflib
import re
from collections.abc import Mapping
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from likewise.apps.inbox import logic, store
from likewise.apps.inbox.errors import ChannelExists, ChannelNameRefused, ChannelNotFound, ChannelUrlRefused
from likewise.apps.inbox.model import COLLECTION, DEFAULT_CHANNEL, Channel
from likewise.apps.inbox.settings import InboxSettings
from likewise.engine.clusters import group_collection, group_empty
from likewise.engine.collections import NAMES_TAG, FacetKind, ensure_collection
from likewise.platform.cache import Namespace
from likewise.platform.db import Tx
from likewise.platform.errors import FieldError
from likewise.platform.feature import App
from likewise.platform.ids import new_id

__all__ = [
    "CHANNEL_FACET",
    "can_be_name",
    "create_channel",
    "ensure_inbox",
    "explain_channel",
    "find_inbox",
    "get_channel",
    "hook_path",
    "list_channels",
    "rotate_secret",
    "secret_of",
    "signing_key",
    "update_channel",
]

CHANNEL_FACET = "channel"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_URL_CHARACTERS_MAX = 2_000
_PURPOSE = "inbox channels"
_PLACES = Namespace[UUID | None]("inbox.places", UUID, ttl_s=600)


async def find_inbox(app: App, tenant_id: UUID) -> UUID | None:
    """The inbox's collection, where there is one: who only reads makes none."""

    async def find() -> UUID | None:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            return await store.find_collection(tx, name=COLLECTION)

    return await app.cache.get_or_compute(
        _PLACES, tenant_id=tenant_id, key="collection", tags=[NAMES_TAG], compute=find
    )


async def ensure_inbox(app: App, tenant_id: UUID) -> UUID:
    """The inbox's collection, grouped, with its first channel; made where it is missing."""

    async def find() -> UUID | None:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            has_channel = await store.list_channels_named(tx, names=[DEFAULT_CHANNEL])
            return await store.find_collection(tx, name=COLLECTION) if has_channel else None

    found = await app.cache.get_or_compute(
        _PLACES, tenant_id=tenant_id, key="with channel", tags=[NAMES_TAG], compute=find
    )
    return await _make_inbox(app, tenant_id) if found is None else found


async def _make_inbox(app: App, tenant_id: UUID) -> UUID:
    facets = {CHANNEL_FACET: FacetKind.KEYWORD}
    collection = await ensure_collection(app, tenant_id, name=COLLECTION, facets=facets)
    async with app.db.tenant(tenant_id) as tx:
        if collection.item_count == 0:
            await group_empty(tx, collection_id=collection.id)
        await store.insert_channel(tx, channel_id=new_id(), name=DEFAULT_CHANNEL, delivery_url=None, metadata={})
    if collection.item_count:
        await group_collection(app, tenant_id, collection=COLLECTION)
    return collection.id


async def create_channel(
    app: App,
    tenant_id: UUID,
    *,
    name: str,
    delivery_url: str | None = None,
    metadata: Mapping[str, object] | None = None,
) -> Channel:
    """A new channel. Raises ChannelExists, ChannelNameRefused, ChannelUrlRefused."""
    if not can_be_name(name):
        raise ChannelNameRefused(name=name[:110], errors=[FieldError("/name", "not usable as a name")])
    _check_url(delivery_url)
    await ensure_inbox(app, tenant_id)
    async with app.db.tenant(tenant_id) as tx:
        made = await store.insert_channel(
            tx, channel_id=new_id(), name=name, delivery_url=delivery_url, metadata=metadata or {}
        )
        if not made:
            raise ChannelExists(name=name)
        return await _get(tx, name)


def can_be_name(name: str) -> bool:
    """Whether a channel can be called this."""
    return _NAME.fullmatch(name) is not None


async def list_channels(app: App, tenant_id: UUID, *, after: str = "", limit: int = 100) -> list[Channel]:
    """One page of channels by name."""
    bounded = min(limit, app.settings.get(InboxSettings).channels_max + 1)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await store.list_channels(tx, after=after, limit=bounded)


async def get_channel(app: App, tenant_id: UUID, *, name: str) -> Channel:
    """The channel with this name. Raises ChannelNotFound."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await _get(tx, name)


async def update_channel(
    app: App,
    tenant_id: UUID,
    *,
    name: str,
    delivery_url: str | None = None,
    metadata: Mapping[str, object] | None = None,
) -> Channel:
    """Change where answers go ("" for: a client fetches them) or what is noted; None leaves it as it is."""
    _check_url(delivery_url or None)
    async with app.db.tenant(tenant_id) as tx:
        channel = await _get(tx, name)
        changed = msgspec.structs.replace(
            channel,
            delivery_url=channel.delivery_url if delivery_url is None else delivery_url or None,
            metadata=channel.metadata if metadata is None else dict(metadata),
        )
        await store.update_channel(tx, channel=changed)
    return changed


async def rotate_secret(app: App, tenant_id: UUID, *, name: str) -> Channel:
    """From now on the channel has another secret; the old one signs nothing any more."""
    async with app.db.tenant(tenant_id) as tx:
        channel = await _get(tx, name)
        changed = msgspec.structs.replace(channel, secret_version=channel.secret_version + 1)
        await store.update_channel(tx, channel=changed)
    return changed


def signing_key(app: App) -> bytes:
    """What every secret of a channel is derived from."""
    return app.db.secret(_PURPOSE)


def secret_of(app: App, tenant_id: UUID, channel_id: UUID, *, version: int) -> str:
    """A channel's secret, `whsec_...`. Not to be logged."""
    return logic.channel_secret(signing_key(app), tenant_id=tenant_id, channel_id=channel_id, version=version)


def hook_path(app: App, tenant_id: UUID, channel_id: UUID) -> str:
    """The path a channel's signed webhooks go to."""
    return f"/public/v1/inbox/hooks/{logic.hook_token(signing_key(app), tenant_id=tenant_id, channel_id=channel_id)}"


async def explain_channel(tx: Tx, *, name: str) -> ChannelNotFound:
    """The fact that no channel has this name, with the nearest one there is."""
    names = [channel.name for channel in await store.list_channels(tx, after="", limit=200)]
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        hint = f"Did you mean {near[0]!r}?"
    else:
        hint = f"There are: {', '.join(names[:10])}. `likewise inbox channels create {name}` makes it."
    return ChannelNotFound(name=name, hint=hint)


async def _get(tx: Tx, name: str) -> Channel:
    found = await store.list_channels_named(tx, names=[name])
    if not found:
        raise await explain_channel(tx, name=name)
    return found[0]


def _check_url(url: str | None) -> None:
    if url is None:
        return
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and len(url) <= _URL_CHARACTERS_MAX
        good = good and not (parts.username or parts.password or parts.fragment)
        good = good and url.isprintable() and " " not in url and parts.port != 0  # a port beyond 65535 raises
    except ValueError:
        good = False
    if not good:
        raise ChannelUrlRefused(url=url[:200], errors=[FieldError("/delivery_url", "not an address of HTTP")])
