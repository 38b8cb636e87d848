"""Pictures of visitors: fetched once through the egress guard, made small, kept by us, read at signed addresses.

A visitor's browser never meets whoever keeps the original, and neither does the browser of who answers. Fetching and
decoding are done with no transaction open.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import httpx

from likewise.apps.inbox import logic, store
from likewise.apps.inbox.errors import AvatarNotFound, PictureRefused, PictureUnreachable
from likewise.apps.inbox.model import (
    DELETE_AVATARS,
    FETCH_AVATAR,
    Avatar,
    DeleteAvatarsArgs,
    FetchAvatarArgs,
    Message,
)
from likewise.apps.inbox.settings import InboxSettings
from likewise.platform.db import Tx
from likewise.platform.egress import PUBLIC, EgressResponseBroken, EgressResponseTooLarge, EgressResponseTooSlow
from likewise.platform.errors import Rejected
from likewise.platform.feature import App
from likewise.platform.files import FileNotStored
from likewise.platform.images import Images
from likewise.platform.jobs import JobContext

__all__ = [
    "AVATAR_ATTEMPTS_MAX",
    "avatar_url",
    "delete_avatars",
    "fetch_avatar",
    "forget_avatars",
    "read_avatar",
    "want_avatars",
]

AVATAR_ATTEMPTS_MAX = 4
_PURPOSE = "inbox avatars"
_PATH = "/public/v1/inbox/avatars"
_OK = 200
_LATER = {408, 425, 429}
_KEYS_PER_JOB = 50  # a job's arguments are bounded
_EXPIRES_MAX = 1 << 62
_REASON_CHARACTERS_MAX = 300


def avatar_url(app: App, tenant_id: UUID, message: Message) -> str | None:
    """The signed address of the picture of a message's visitor; None where there is none. The same all day."""
    if message.avatar_key is None:
        return None
    name = logic.avatar_name(message.avatar_key)
    lasting_s = app.settings.get(InboxSettings).avatar_url_s
    expires = logic.avatar_expiry(app.clock.now().timestamp(), lasting_s=lasting_s)
    signature = logic.avatar_signature(app.db.secret(_PURPOSE), tenant_id=tenant_id, name=name, expires=expires)
    return f"{_PATH}/{tenant_id.hex}/{name}?expires={expires}&signature={signature}"


async def read_avatar(
    app: App, *, tenant: str, name: str, expires: int, signature: str, known: Sequence[str] = ()
) -> Avatar:
    """The picture behind a signed address; without its content where `known` has its ETag. Raises AvatarNotFound."""
    left_s = expires - app.clock.now().timestamp()
    try:
        tenant_id = UUID(hex=tenant)
    except ValueError as error:
        raise AvatarNotFound from error
    if not 0 < left_s < _EXPIRES_MAX:
        raise AvatarNotFound
    expected = logic.avatar_signature(app.db.secret(_PURPOSE), tenant_id=tenant_id, name=name, expires=expires)
    if not logic.is_same(expected, signature):
        raise AvatarNotFound
    etag = logic.avatar_etag(name)
    if etag in known or "*" in known:
        return Avatar(None, etag, int(left_s))
    try:
        content = b"".join([chunk async for chunk in app.files.read(tenant_id, key=logic.avatar_path(name))])
    except FileNotStored as error:
        raise AvatarNotFound from error
    return Avatar(content, etag, int(left_s))


async def want_avatars(app: App, tx: Tx, *, visitor_ids: Sequence[UUID]) -> int:
    """Have the pictures of these visitors fetched, those that were not yet; how many."""
    wanted = await store.list_wanted_avatars(tx, ids=visitor_ids)
    for visitor in wanted:
        await app.jobs.defer(tx, FETCH_AVATAR, FetchAvatarArgs(visitor.id))
    return len(wanted)


async def fetch_avatar(app: App, context: JobContext, *, visitor_id: UUID) -> None:
    """Fetch a visitor's picture, or note why there will be none. Raises Unavailable where it may go well later."""
    async with app.db.tenant(context.tenant) as tx:
        wanted = await store.list_wanted_avatars(tx, ids=[visitor_id])
    if not wanted:
        return
    url, key, reason = wanted[0].avatar_url, None, None
    settings = app.settings.get(InboxSettings)
    try:
        original = await _download(app, url, settings)
        picture = await app.resource(Images).shrink(original, edge_px=settings.avatar_edge_px, square=True)
    except (Rejected, EgressResponseTooLarge, EgressResponseBroken) as refusal:
        reason = refusal.message
    except (PictureUnreachable, EgressResponseTooSlow) as error:
        if context.attempt < AVATAR_ATTEMPTS_MAX:
            raise
        reason = error.message
    else:
        key = logic.avatar_key(visitor_id, picture.content, job_id=context.job_id or 0)
        await app.files.write(context.tenant, key=key, content=picture.content)
    await _note(app, context, store.WantedAvatar(visitor_id, url), key=key, reason=reason)


async def _note(
    app: App, context: JobContext, wanted: store.WantedAvatar, *, key: str | None, reason: str | None
) -> None:
    """Write down what became of a picture; one that nobody needs any more is deleted."""
    async with context.effects() as tx:
        before = await store.find_visitor(tx, visitor_id=wanted.id)
        is_marked = await store.mark_avatar(
            tx,
            visitor_id=wanted.id,
            avatar_url=wanted.avatar_url,
            avatar_key=key,
            reason=None if reason is None else reason[:_REASON_CHARACTERS_MAX],
            at=app.clock.now(),
        )
        # Where nothing was marked, the visitor is gone or has another picture by now, which has a job of its own.
        stale = (None if before is None else before.avatar_key) if is_marked else key
        if stale is not None and not (is_marked and stale == key):
            await forget_avatars(app, tx, keys=[stale])


async def forget_avatars(app: App, tx: Tx, *, keys: Sequence[str]) -> None:
    """Have pictures deleted once this transaction is committed."""
    for start in range(0, len(keys), _KEYS_PER_JOB):
        await app.jobs.defer(tx, DELETE_AVATARS, DeleteAvatarsArgs(list(keys[start : start + _KEYS_PER_JOB])))


async def delete_avatars(app: App, tenant_id: UUID, *, keys: Sequence[str]) -> int:
    """Delete pictures; how many there were."""
    return sum([await app.files.delete_file(tenant_id, key=key) for key in keys])


async def _download(app: App, url: str, settings: InboxSettings) -> bytes:
    """What is at an address, bounded in bytes and time. Raises PictureRefused, PictureUnreachable and what egress
    raises."""
    timeout_s, bytes_max = settings.avatar_timeout_s, settings.avatar_bytes_max
    try:
        async with (
            asyncio.timeout(timeout_s),
            app.egress.open_client(PUBLIC, headers={"accept": "image/*"}, read_timeout_s=timeout_s) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code in _LATER or answer.is_server_error:
                raise PictureUnreachable(reason=f"its server answers {answer.status_code}")
            if answer.status_code != _OK:
                raise PictureRefused(reason=f"its server answers {answer.status_code}")
            announced = answer.headers.get("content-length", "")
            if announced.isdigit() and int(announced) > bytes_max:
                raise PictureRefused(reason=f"it has {int(announced):,} bytes, and at most {bytes_max:,} are read")
            content = bytearray()
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > bytes_max:
                    raise PictureRefused(reason=f"it has more than {bytes_max:,} bytes")
            return bytes(content)
    except TimeoutError as error:
        raise PictureUnreachable(reason=f"it did not arrive within {timeout_s:g} s") from error
    except httpx.TransportError as error:
        raise PictureUnreachable(reason=f"{type(error).__name__} on the way") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PictureRefused(reason=f"{type(error).__name__}: {error}") from error
