"""Messages come in: stored in one transaction with the fact that they came, and answered before any model is asked."""

from collections.abc import Sequence
from datetime import UTC
from uuid import UUID

import msgspec

from likewise.apps.inbox import store
from likewise.apps.inbox.errors import (
    ChannelNameRefused,
    MessageChanged,
    MessageKeyRefused,
    MessageRefused,
    TooManyMessages,
)
from likewise.apps.inbox.events import EVENT_IDS_MAX, MessagesReceived, VisitorSeen
from likewise.apps.inbox.model import COLLECTION, Channel, Ingested, MessageDraft, VisitorDraft
from likewise.apps.inbox.service.channels import CHANNEL_FACET, can_be_name, ensure_inbox, explain_channel
from likewise.apps.inbox.settings import InboxSettings
from likewise.engine.clusters import find_cluster_ids
from likewise.engine.collections import (
    Collection,
    FacetKind,
    ItemDraft,
    ItemRefused,
    Prepared,
    Visibility,
    WriteContended,
    clean_text,
    make_draft,
    prepare_items,
    write_items,
)
from likewise.platform.db import Tx
from likewise.platform.errors import Fact, FieldError
from likewise.platform.events import Event, publish
from likewise.platform.feature import App
from likewise.platform.gathering import Gatherer
from likewise.platform.ids import encode_id, new_id

__all__ = ["Arrivals", "as_collection", "ingest", "ingest_each"]

_ATTEMPTS_MAX = 5
_KEY_BYTES_MAX = 500
_NAME_CHARACTERS_MAX = 200
_NAME_BYTES_MAX = 4 * _NAME_CHARACTERS_MAX
_URL_CHARACTERS_MAX = 2_000
_TOGETHER_MAX = 200
_URGENT_MAX = 20  # somebody waits for a few; a storm is embedded in its turn
_KINDS = {CHANNEL_FACET: FacetKind.KEYWORD}
_POINTERS = {
    "/body": "/text",
    "/metadata": "/payload",
    "/author": "/visitor/id",
    "/happened_at": "/sent_at",
    "/key": "/id",
}


class _Ready(msgspec.Struct, frozen=True):
    """A draft that can be stored, and where it stood among those given."""

    place: int
    draft: MessageDraft
    row: Prepared


class _Stored(msgspec.Struct, frozen=True):
    """Which message each draft is, and which of them are new."""

    ids: dict[int, UUID]
    fresh: set[int]
    refused: dict[int, Fact]


class Arrivals(Gatherer[UUID, MessageDraft, "Ingested | Fact"]):
    """Messages that arrive one by one, stored with all others of their tenant that arrive at the same time."""

    def __init__(self, app: App) -> None:
        async def store_all(tenant_id: UUID, drafts: Sequence[MessageDraft]) -> list[Ingested | Fact]:
            return await ingest_each(app, tenant_id, drafts=drafts)

        super().__init__(store_all, count_max=min(_TOGETHER_MAX, app.settings.get(InboxSettings).batch_messages_max))


async def ingest(app: App, tenant_id: UUID, *, draft: MessageDraft) -> Ingested:
    """Store one message. Raises ChannelNotFound, ChannelNameRefused, MessageKeyRefused, MessageRefused,
    MessageChanged."""
    outcome = await app.resource(Arrivals).do(tenant_id, draft)
    if isinstance(outcome, Fact):
        raise outcome
    return outcome


async def ingest_each(app: App, tenant_id: UUID, *, drafts: Sequence[MessageDraft]) -> list[Ingested | Fact]:
    """Store messages in one transaction; for each what became of it, or why it was refused.

    A message that is here already (same channel, same id, same text) is the one that is here. Raises TooManyMessages.
    """
    limit = app.settings.get(InboxSettings).batch_messages_max
    if len(drafts) > limit:
        raise TooManyMessages(count=len(drafts), count_max=limit)
    if not drafts:
        return []
    collection_id = await ensure_inbox(app, tenant_id)
    outcomes: dict[int, Ingested | Fact] = {}
    ready = await _prepare(app, drafts, outcomes)
    for attempt in range(_ATTEMPTS_MAX):
        try:
            async with app.db.tenant(tenant_id) as tx:
                stored = await _store(app, tx, collection_id, ready)
                texts = [(None, one.row.draft.body) for one in ready]
                clusters = await find_cluster_ids(tx, collection_id=collection_id, texts=texts)
            break
        except WriteContended:
            # Somebody has stored one of these at the same moment; the next look finds it.
            if attempt == _ATTEMPTS_MAX - 1:
                raise
    else:
        raise WriteContended
    for one, cluster_id in zip(ready, clusters, strict=True):
        refusal = stored.refused.get(one.place)
        if refusal is not None:
            outcomes[one.place] = refusal
        else:
            outcomes[one.place] = Ingested(stored.ids[one.place], one.place in stored.fresh, cluster_id)
    return [outcomes[place] for place in range(len(drafts))]


async def _prepare(app: App, drafts: Sequence[MessageDraft], outcomes: dict[int, Ingested | Fact]) -> list[_Ready]:
    """What can be stored; the others get their reason."""
    settings = app.settings.get(InboxSettings)
    items: dict[int, ItemDraft] = {}
    for place, draft in enumerate(drafts):
        try:
            items[place] = _item(draft, settings)
        except Fact as fact:
            outcomes[place] = fact
    rows = await prepare_items(app, list(items.values()))
    return [_Ready(place, drafts[place], row) for place, row in zip(items, rows, strict=True)]


def _item(draft: MessageDraft, settings: InboxSettings) -> ItemDraft:
    for name, value in (("/id", draft.id), ("/visitor/id", _visitor_key(draft.visitor))):
        size = 1 if value is None else len(value.encode("utf-8", "replace"))
        if not 0 < size <= _KEY_BYTES_MAX:
            raise MessageKeyRefused(bytes=size, errors=[FieldError(name, "1 to 500 bytes")])
    if not can_be_name(draft.channel):
        raise ChannelNameRefused(name=draft.channel[:110], errors=[FieldError("/channel", "no name of a channel")])
    if draft.id is not None and not _is_storable(draft.id):
        reason = "an id holds no NUL and no half of a character"
        raise MessageRefused(reason=reason, errors=[FieldError("/id", reason)])
    if draft.payload is not None and len(msgspec.json.encode(draft.payload)) > settings.payload_bytes_max:
        reason = f"the payload has more than {settings.payload_bytes_max:,} bytes"
        raise MessageRefused(reason=reason, errors=[FieldError("/payload", reason)])
    sent_at = draft.sent_at
    try:
        return make_draft(
            key=encode_id("msg", new_id()),  # the channel's own id is the message's; channels may share one
            body=draft.text,
            title=None,
            facets={CHANNEL_FACET: draft.channel},
            kinds=_KINDS,
            author=_visitor_key(draft.visitor),
            category=None,
            place=None,
            happened_at=sent_at if sent_at is None or sent_at.tzinfo else sent_at.replace(tzinfo=UTC),
            visibility=Visibility.PUBLIC,
            metadata=draft.payload or {},
            body_bytes_max=settings.message_bytes_max,
        )
    except ItemRefused as refusal:
        errors = [FieldError(_pointer(error.pointer), error.detail) for error in refusal.errors]
        reason = "; ".join(f"{error.pointer}: {error.detail}" for error in errors)
        raise MessageRefused(reason=reason, errors=errors) from refusal


def _pointer(pointer: str) -> str:
    head, slash, rest = pointer.removeprefix("/").partition("/")
    return _POINTERS.get(f"/{head}", f"/{head}") + slash + rest


async def _store(app: App, tx: Tx, collection_id: UUID, ready: Sequence[_Ready]) -> _Stored:
    stored = _Stored({}, set(), {})
    channels = {
        channel.name: channel
        for channel in await store.list_channels_named(tx, names=sorted({one.draft.channel for one in ready}))
    }
    for one in ready:
        if one.draft.channel not in channels:
            stored.refused[one.place] = await explain_channel(tx, name=one.draft.channel)
    named = [one for one in ready if one.place not in stored.refused]
    fresh = await _unknown(tx, channels, named, stored)
    if not fresh:
        return stored
    visitors = await _visitors(tx, channels, fresh)
    collection = as_collection(collection_id, app)
    await write_items(app, tx, collection=collection, rows=[one.row for one in fresh], urgent=len(fresh) <= _URGENT_MAX)
    now = app.clock.now()
    columns = {
        "ids": [one.row.id for one in fresh],
        "channel_ids": [channels[one.draft.channel].id for one in fresh],
        "external_ids": [_external_id(one) for one in fresh],
        "visitor_ids": [_visitor_of(visitors, channels, one) for one in fresh],
        "times": [one.row.draft.happened_at or now for one in fresh],
    }
    if len(await store.insert_messages(tx, columns=columns, at=now)) != len(fresh):
        raise WriteContended
    ids = [one.row.id for one in fresh]
    facts: list[Event] = [
        MessagesReceived(ids[start : start + EVENT_IDS_MAX]) for start in range(0, len(ids), EVENT_IDS_MAX)
    ]
    facts += [VisitorSeen(seen.id) for seen in visitors.values() if seen.wants_avatar]
    await publish(tx, facts)
    stored.fresh.update(one.place for one in fresh)
    return stored


async def _unknown(tx: Tx, channels: dict[str, Channel], named: Sequence[_Ready], stored: _Stored) -> list[_Ready]:
    """Messages that are new here; the others are told which they are, or that they differ."""
    keyed = [one for one in named if one.draft.id is not None]
    known: dict[tuple[UUID, str], tuple[UUID, str]] = {}
    if keyed:
        rows = await store.list_known(
            tx,
            channel_ids=[channels[one.draft.channel].id for one in keyed],
            external_ids=[_external_id(one) for one in keyed],
        )
        known = {(row.channel_id, row.external_id): (row.id, row.text) for row in rows}
    fresh: list[_Ready] = []
    for one in named:
        key = (channels[one.draft.channel].id, _external_id(one))
        found = known.get(key)
        if found is None:
            known[key] = (one.row.id, one.row.draft.body)
            stored.ids[one.place] = one.row.id
            fresh.append(one)
        elif found[1] != one.row.draft.body:
            stored.refused[one.place] = MessageChanged(id=_external_id(one), channel=one.draft.channel)
        else:
            stored.ids[one.place] = found[0]
    return fresh


async def _visitors(
    tx: Tx, channels: dict[str, Channel], fresh: Sequence[_Ready]
) -> dict[tuple[UUID, str], store.SeenVisitor]:
    """Whoever wrote these, stored; the last word on each counts."""
    latest: dict[tuple[UUID, str], VisitorDraft] = {}
    for one in fresh:
        key = _visitor_key(one.draft.visitor)
        if key is not None and one.draft.visitor is not None:
            latest[channels[one.draft.channel].id, key] = one.draft.visitor
    if not latest:
        return {}
    seen = await store.upsert_visitors(
        tx,
        columns={
            "ids": [new_id() for _ in latest],
            "channel_ids": [channel_id for channel_id, _ in latest],
            "external_ids": [key for _, key in latest],
            "names": [_name(visitor.name) for visitor in latest.values()],
            "avatar_urls": [_address(visitor.avatar_url) for visitor in latest.values()],
        },
    )
    return {(visitor.channel_id, visitor.external_id): visitor for visitor in seen}


def _visitor_of(
    visitors: dict[tuple[UUID, str], store.SeenVisitor], channels: dict[str, Channel], one: _Ready
) -> UUID | None:
    key = _visitor_key(one.draft.visitor)
    return None if key is None else visitors[channels[one.draft.channel].id, key].id


def _visitor_key(visitor: VisitorDraft | None) -> str | None:
    """What tells one visitor of a channel from another; who has neither id nor name is nobody."""
    if visitor is None or visitor.id is not None:
        return None if visitor is None else visitor.id
    name = (_name(visitor.name) or "").encode()[:_KEY_BYTES_MAX]
    return name.decode(errors="ignore") or None


def _name(name: str | None) -> str | None:
    """A name as it can be stored; what is too long is cut: nobody's message is lost over it."""
    return None if name is None else clean_text(name[:_NAME_CHARACTERS_MAX], bytes_max=_NAME_BYTES_MAX).text.strip()


def _address(url: str | None) -> str | None:
    """An address a picture may be fetched from; anything else counts as none."""
    if url is None or len(url) > _URL_CHARACTERS_MAX or not url.isprintable() or not url.isascii():
        return None
    return url if url.startswith(("https://", "http://")) else None


def _is_storable(key: str) -> bool:
    """Whether Postgres takes it as text."""
    return "\0" not in key and not any("\ud800" <= mark <= "\udfff" for mark in key)


def _external_id(one: _Ready) -> str:
    return one.draft.id if one.draft.id is not None else one.row.draft.key


def as_collection(collection_id: UUID, app: App) -> Collection:
    """As much of the collection as writing needs, without asking for its counts."""
    now = app.clock.now()
    return Collection(
        id=collection_id,
        name=COLLECTION,
        facets=_KINDS,
        language="english",
        metadata={},
        item_count=0,
        pending_count=0,
        created_at=now,
        updated_at=now,
    )
