"""Pictures of experiences: decoded and made small in a child process, kept in two sizes, read at signed addresses.

Each request for a picture looks whether its experience may be seen now: hiding one takes its pictures away at once.
Files are deleted by a job of the transaction that takes the picture away. Before a picture is written, a job is left
that deletes its files should the transaction that makes it known never come.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from likewise.apps.community import store
from likewise.apps.community.errors import (
    PictureAddressStale,
    PictureNotFound,
    PictureRefused,
    PicturesTooMany,
)
from likewise.apps.community.events import ExperiencesWritten
from likewise.apps.community.logic.pictures import (
    SIZES,
    Audience,
    PictureName,
    PictureSize,
    picture_etag,
    picture_expiry,
    picture_key,
    picture_name,
    picture_signature,
    read_picture_name,
)
from likewise.apps.community.model import Media
from likewise.apps.community.service.holding import get_community, missing, read_owner
from likewise.apps.community.settings import CommunitySettings
from likewise.engine.collections import Visibility, clean_text
from likewise.platform.db import Tx
from likewise.platform.errors import FieldError
from likewise.platform.events import publish
from likewise.platform.feature import App
from likewise.platform.files import FileNotStored
from likewise.platform.ids import encode_id, new_id
from likewise.platform.images import Images, Picture

__all__ = [
    "ALT_CHARACTERS_MAX",
    "DROP_PICTURES",
    "DropPicturesArgs",
    "PictureFile",
    "PictureUrls",
    "add_picture",
    "delete_picture",
    "describe_picture",
    "drop_pictures",
    "forget_pictures_of",
    "list_pictures",
    "picture_urls",
    "read_picture",
    "urls_of",
]

DROP_PICTURES = "drop_pictures"
ALT_CHARACTERS_MAX = 1_000

_PURPOSE = "community pictures"
_PATH = "/public/v1/community/pictures"
_BYTES_PER_CHARACTER = 4
_ORPHAN_AGE = timedelta(hours=1)
_IDS_PER_JOB = 50  # a job's arguments are bounded
_EXPIRES_MAX = 1 << 62


class DropPicturesArgs(msgspec.Struct, frozen=True):
    """Pictures whose files are to go, those of them that are known no more."""

    ids: list[UUID]


class PictureUrls(msgspec.Struct, frozen=True):
    """The signed addresses of a picture in its sizes."""

    large: str
    small: str


class PictureFile(msgspec.Struct, frozen=True):
    """A picture's file; without content where the asker has it already."""

    content: bytes | None
    etag: str
    age_max_s: int


async def add_picture(app: App, tenant_id: UUID, *, experience_id: UUID, content: bytes, alt: str = "") -> Media:
    """Add a picture to an experience. `content`: a PNG, JPEG, GIF, WebP, AVIF or BMP file.

    Raises ExperienceNotFound, PictureRefused, PicturesTooMany, and what platform.images says of files it cannot read.
    """
    settings = app.settings.get(CommunitySettings)
    words = _alt(alt)
    if len(content) > settings.media_bytes_max:
        reason = f"it has {len(content):,} bytes, and at most {settings.media_bytes_max:,} are taken"
        raise PictureRefused(reason=reason)
    collection_id = await get_community(app, tenant_id, experience_id=experience_id)
    made_id = new_id()
    async with app.db.tenant(tenant_id) as tx:
        await _check_room(tx, collection_id, experience_id, count_max=settings.media_max)
        await app.jobs.defer(tx, DROP_PICTURES, DropPicturesArgs([made_id]), scheduled_at=app.clock.now() + _ORPHAN_AGE)
    pictures = await _shrink(app, content)
    for size, picture in pictures.items():
        await app.files.write(tenant_id, key=picture_key(made_id, size), content=picture.content)
    large = pictures["large"]
    made = Media(
        id=made_id,
        experience_id=experience_id,
        alt=words,
        width=large.width,
        height=large.height,
        bytes=len(large.content),
        created_at=app.clock.now(),
    )
    async with app.db.tenant(tenant_id) as tx:
        await _check_room(tx, collection_id, experience_id, count_max=settings.media_max)
        await store.insert_media(tx, media=made, digest=hashlib.sha256(large.content).digest())
        await publish(tx, [ExperiencesWritten([experience_id])])
    return made


async def list_pictures(
    app: App, tenant_id: UUID, *, experience_id: UUID, viewer: str | None = None
) -> list[tuple[Media, PictureUrls]]:
    """The pictures of an experience with their addresses, in the order they came. Raises ExperienceNotFound."""
    limit = app.settings.get(CommunitySettings).media_max
    collection_id = await get_community(app, tenant_id, experience_id=experience_id)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        owner = await read_owner(tx, collection_id=collection_id, experience_id=experience_id, viewer=viewer)
        found = await store.list_media(tx, experience_ids=[experience_id], limit=limit)
    audience: Audience = "all" if owner.visibility == Visibility.PUBLIC.value else "own"
    return [(one, picture_urls(app, tenant_id, picture_id=one.id, audience=audience)) for one in found]


async def describe_picture(app: App, tenant_id: UUID, *, picture_id: UUID, alt: str) -> Media:
    """Say in words what a picture shows. Raises PictureNotFound, PictureRefused."""
    words = _alt(alt)
    async with app.db.tenant(tenant_id) as tx:
        await store.update_media(tx, media_id=picture_id, alt=words)
        found = await store.find_media(tx, media_id=picture_id)
    if found is None:
        raise PictureNotFound(id=encode_id("pic", picture_id))
    return found


async def delete_picture(app: App, tenant_id: UUID, *, picture_id: UUID) -> None:
    """Take a picture away, and its files with it. Raises PictureNotFound."""
    async with app.db.tenant(tenant_id) as tx:
        found = await store.find_media(tx, media_id=picture_id)
        if found is None or not await store.delete_media(tx, media_id=picture_id):
            raise PictureNotFound(id=encode_id("pic", picture_id))
        await app.jobs.defer(tx, DROP_PICTURES, DropPicturesArgs([picture_id]))
        await publish(tx, [ExperiencesWritten([found.experience_id])])


async def forget_pictures_of(app: App, tx: Tx, *, experience_ids: Sequence[UUID]) -> int:
    """Take away all pictures of experiences that go; how many."""
    ids = await store.delete_media_of(tx, experience_ids=experience_ids)
    for start in range(0, len(ids), _IDS_PER_JOB):
        await app.jobs.defer(tx, DROP_PICTURES, DropPicturesArgs(ids[start : start + _IDS_PER_JOB]))
    return len(ids)


async def drop_pictures(app: App, tenant_id: UUID, *, ids: Sequence[UUID]) -> int:
    """Delete the files of pictures that nobody knows; how many files there were."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        kept = set(await store.list_kept_media(tx, ids=ids))
    keys = [picture_key(one, size) for one in ids if one not in kept for size, _ in SIZES]
    return sum([await app.files.delete_file(tenant_id, key=key) for key in keys])


def picture_urls(app: App, tenant_id: UUID, *, picture_id: UUID, audience: Audience) -> PictureUrls:
    """Where a picture can be read. `own`: for the author of what others do not see. The same all day."""
    lasting_s = app.settings.get(CommunitySettings).media_ttl_s
    expires = picture_expiry(app.clock.now().timestamp(), lasting_s=lasting_s)
    secret = app.db.secret(_PURPOSE)

    def url(size: PictureSize) -> str:
        name = picture_name(PictureName(picture_id, size, audience))
        signature = picture_signature(secret, tenant_id=tenant_id, name=name, expires=expires)
        return f"{_PATH}/{tenant_id.hex}/{name}?expires={expires}&signature={signature}"

    return PictureUrls(large=url("large"), small=url("small"))


async def urls_of(app: App, tenant_id: UUID, *, media: Media) -> PictureUrls:
    """Where a picture that was just changed can be read."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await store.find_picture(tx, media_id=media.id)
    is_public = found is not None and found.visibility == Visibility.PUBLIC.value
    return picture_urls(app, tenant_id, picture_id=media.id, audience="all" if is_public else "own")


async def read_picture(
    app: App, *, tenant: str, name: str, expires: int, signature: str, known: Sequence[str] = ()
) -> PictureFile:
    """The picture behind a signed address; without its content where `known` has its ETag. Raises PictureAddressStale
    where the address is not good, or its experience may not be seen by those it was given to."""
    left_s = expires - app.clock.now().timestamp()
    said = read_picture_name(name)
    try:
        tenant_id = UUID(hex=tenant)
    except ValueError as error:
        raise PictureAddressStale from error
    if said is None or not 0 < left_s < _EXPIRES_MAX:
        raise PictureAddressStale
    expected = picture_signature(app.db.secret(_PURPOSE), tenant_id=tenant_id, name=name, expires=expires)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise PictureAddressStale
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        found = await store.find_picture(tx, media_id=said.id)
    allowed = {Visibility.PUBLIC.value} | ({Visibility.PRIVATE.value} if said.audience == "own" else set[str]())
    if found is None or found.visibility not in allowed:
        raise PictureAddressStale
    etag = picture_etag(found.digest, said.size)
    if etag in known or "*" in known:
        return PictureFile(None, etag, int(left_s))
    try:
        key = picture_key(said.id, said.size)
        content = b"".join([chunk async for chunk in app.files.read(tenant_id, key=key)])
    except FileNotStored as error:
        raise PictureAddressStale from error
    return PictureFile(content, etag, int(left_s))


async def _check_room(tx: Tx, collection_id: UUID, experience_id: UUID, *, count_max: int) -> None:
    """Hold the experience: of pictures added at once none is one too many.

    Raises ExperienceNotFound, PicturesTooMany.
    """
    item = await store.lock_experience_item(tx, collection_id=collection_id, experience_id=experience_id)
    if item is None:
        raise missing(experience_id)
    if await store.count_media(tx, experience_id=experience_id) >= count_max:
        raise PicturesTooMany(id=encode_id("exp", experience_id), count_max=count_max)


async def _shrink(app: App, content: bytes) -> dict[PictureSize, Picture]:
    """Each size made from the next larger one, so that the original is decoded once."""
    made: dict[PictureSize, Picture] = {}
    for size, edge_px in SIZES:
        picture = await app.resource(Images).shrink(content, edge_px=edge_px)
        made[size] = picture
        content = picture.content
    return made


def _alt(text: str) -> str:
    if len(text) > ALT_CHARACTERS_MAX:
        reason = f"its words have {len(text):,} characters, and at most {ALT_CHARACTERS_MAX:,} are kept"
        raise PictureRefused(reason=reason, errors=[FieldError("/alt", reason)])
    return clean_text(text, bytes_max=_BYTES_PER_CHARACTER * ALT_CHARACTERS_MAX).text.strip()
