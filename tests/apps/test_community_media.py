"""Pictures of experiences: made small in a child process, read at signed addresses, hidden and deleted with theirs."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx
import pytest
from PIL import Image
from tests.apps.community_scenes import tell_one
from tests.apps.inbox_runs import FAST, finish_jobs, sql
from tests.apps.inbox_scenes import events_of, open_client

from likewise.app import Server, open_app
from likewise.apps.community import service
from likewise.apps.community.errors import (
    ExperienceNotFound,
    PictureAddressStale,
    PictureNotFound,
    PictureRefused,
    PicturesTooMany,
)
from likewise.apps.community.model import ExperienceEdit, Media
from likewise.apps.community.service import Subject
from likewise.engine.collections import delete_collection
from likewise.platform.clock import FixedClock
from likewise.platform.config import Settings
from likewise.platform.errors import Fact
from likewise.platform.feature import App
from likewise.platform.files import FileNotStored
from likewise.platform.ids import encode_id, new_id
from likewise.platform.images import ImageTooManyPixels, ImageUnreadable

BYTES_MAX = 500_000


@pytest.fixture(scope="module")
async def app(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    flags = {
        **FAST,
        "home": tmp_path_factory.mktemp("home"),
        "community_media_bytes_max": BYTES_MAX,
        "community_media_max": 3,
        "images_pixels_max": 8_000_000,
    }
    async with open_app(Settings(flags, file=Path("/nonexistent/likewise.toml")), server=server) as opened:
        yield opened


def picture(width: int = 2_000, height: int = 1_000, *, form: str = "PNG", colour: str = "teal") -> bytes:
    """A picture file of one colour, with a note in it where the form has room for one."""
    made = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "the garden of my house"
    Image.new("RGB", (width, height), colour).save(made, form, **({"exif": exif} if form == "JPEG" else {}))
    return made.getvalue()


async def add(app: App, tenant_id: UUID, experience_id: UUID, content: bytes | None = None) -> Media:
    """Add a picture."""
    return await service.add_picture(
        app, tenant_id, experience_id=experience_id, content=content or picture(), alt=" A light. "
    )


async def read(app: App, url: str, *known: str) -> service.PictureFile:
    """What is at a signed address."""
    parts = urlsplit(url)
    *_, tenant, name = parts.path.split("/")
    query = dict(parse_qsl(parts.query))
    return await service.read_picture(
        app, tenant=tenant, name=name, expires=int(query["expires"]), signature=query["signature"], known=known
    )


async def urls(app: App, tenant_id: UUID, experience_id: UUID, *, viewer: str | None = None) -> list[str]:
    """The addresses of an experience's pictures, both sizes of each."""
    found = await service.list_pictures(app, tenant_id, experience_id=experience_id, viewer=viewer)
    return [url for _, both in found for url in (both.large, both.small)]


async def files_of(app: App, tenant_id: UUID) -> list[str]:
    """The files of a tenant's pictures."""
    return [file.key for file in await app.files.list_files(tenant_id, prefix="community/")]


def opened(content: bytes | None) -> Image.Image:
    """A picture that was read."""
    assert content is not None
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
async def test_picture_is_kept_in_two_sizes_without_what_the_camera_wrote(app: App, tenant_id: UUID, form: str) -> None:
    one = await tell_one(app, tenant_id)
    content = picture(1_800, 600, form=form) if form != "BMP" else picture(400, 300, form=form)
    made = await add(app, tenant_id, one, content)
    assert (made.alt, made.experience_id) == ("A light.", one)
    large, small = [opened((await read(app, url)).content) for url in await urls(app, tenant_id, one)]
    if form == "BMP":
        assert (large.size, small.size) == ((400, 300), (400, 300))
    else:
        assert (large.size, small.size) == ((1_600, 533), (400, 133))
    assert (made.width, made.height) == large.size
    assert {large.format, small.format} == {"WEBP"}
    assert not large.getexif()
    assert not small.getexif()


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", ImageUnreadable),
        (b"GIF89a but nothing else", ImageUnreadable),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", ImageUnreadable),
        (picture()[:200], ImageUnreadable),
        (picture(4_000, 4_000, form="PNG"), ImageTooManyPixels),
        (b"x" * (BYTES_MAX + 1), PictureRefused),
    ],
    ids=["empty", "cut short", "script", "damaged", "bomb", "too large"],
)
async def test_hostile_file_is_refused_with_its_reason_and_leaves_nothing(
    app: App, tenant_id: UUID, content: bytes, refusal: type[Fact]
) -> None:
    one = await tell_one(app, tenant_id)
    with pytest.raises(refusal):
        await service.add_picture(app, tenant_id, experience_id=one, content=content)
    assert await files_of(app, tenant_id) == []
    assert await urls(app, tenant_id, one) == []


async def test_experience_has_so_many_pictures_and_no_more_however_they_come(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    outcomes = await asyncio.gather(
        *(add(app, tenant_id, one, picture(50, 50)) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Media) for outcome in outcomes) == 3
    assert all(isinstance(outcome, Media | PicturesTooMany) for outcome in outcomes)
    with pytest.raises(ExperienceNotFound):
        await add(app, tenant_id, new_id())
    with pytest.raises(PictureRefused):
        await service.add_picture(app, tenant_id, experience_id=one, content=picture(9, 9), alt="x" * 1_001)


async def test_address_is_good_for_whoever_it_was_given_to_and_nobody_else(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    await add(app, tenant_id, one)
    [large, small] = await urls(app, tenant_id, one)
    first = await read(app, large)
    known = await read(app, large, first.etag)
    assert (known.content, known.etag) == (None, first.etag)
    assert (await read(app, small)).etag != first.etag
    assert 6 * 86_400 < first.age_max_s <= 9 * 86_400
    forged = [
        large.replace("large", "small"),
        large.replace("-all", "-own"),
        large.replace(tenant_id.hex, new_id().hex),
        large.replace("expires=", "expires=9"),
        large[:-1] + ("0" if large[-1] != "0" else "1"),
        large.replace(".webp", ".webp/../../x"),
    ]
    for url in forged:
        with pytest.raises(PictureAddressStale):
            await read(app, url)
    app.clock, real = FixedClock(app.clock.now() + timedelta(days=20)), app.clock
    try:
        with pytest.raises(PictureAddressStale):
            await read(app, large)
    finally:
        app.clock = real


async def test_pictures_of_what_is_hidden_or_private_are_at_no_public_address(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    await add(app, tenant_id, one)
    public = await urls(app, tenant_id, one)
    etag = (await read(app, public[0])).etag
    subject = Subject("experience", one)
    await service.hide(app, tenant_id, subject=subject, actor="mod", reason="abuse")
    for url in (*public, *await urls(app, tenant_id, one, viewer="ada")):
        for known in ((), (etag,), ("*",)):  # not even that it has not changed
            with pytest.raises(PictureAddressStale):
                await read(app, url, *known)
    await service.show(app, tenant_id, subject=subject, actor="mod")
    assert (await read(app, public[0], etag)).etag == etag
    await service.edit_experience(app, tenant_id, experience_id=one, edit=ExperienceEdit(visibility="private"))
    with pytest.raises(PictureAddressStale):
        await read(app, public[0])
    with pytest.raises(ExperienceNotFound):
        await urls(app, tenant_id, one, viewer="bob")
    own = await urls(app, tenant_id, one, viewer="ada")
    assert (await read(app, own[0])).etag == etag


async def test_deleted_picture_is_gone_with_its_files(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    first, second = await add(app, tenant_id, one), await add(app, tenant_id, one)
    assert len(await files_of(app, tenant_id)) == 4
    url = (await urls(app, tenant_id, one))[0]
    await service.delete_picture(app, tenant_id, picture_id=first.id)
    with pytest.raises(PictureAddressStale):
        await read(app, url)
    with pytest.raises(PictureNotFound):
        await service.delete_picture(app, tenant_id, picture_id=first.id)
    await service.drop_pictures(app, tenant_id, ids=[first.id, second.id])  # as its job does; what is known stays
    assert await files_of(app, tenant_id) == [
        f"community/pictures/{second.id.hex}-{size}.webp" for size in ("large", "small")
    ]


@pytest.mark.parametrize("way", ["the experience", "the whole collection"])
async def test_files_go_with_their_experience(app: App, tenant_id: UUID, way: str) -> None:
    one = await tell_one(app, tenant_id)
    made = await add(app, tenant_id, one)
    if way == "the experience":
        await service.delete_experience(app, tenant_id, experience_id=one)
    else:
        await delete_collection(app, tenant_id, name="experiences")
    async with app.db.maintenance() as tx:
        due = [job for job in await app.jobs.list_jobs(tx, tenant_id) if job.name == "drop_pictures"]
    assert len(due) == 2  # the one that was left before it was written, and this one
    assert await service.drop_pictures(app, tenant_id, ids=[made.id]) == 2
    assert await files_of(app, tenant_id) == []


async def test_job_deletes_what_was_written_and_never_made_known(app: App, tenant_id: UUID) -> None:
    """As where the process ends between the files and their row: the job that was left before looks after them."""
    one = await tell_one(app, tenant_id)
    made = await add(app, tenant_id, one)
    assert await service.drop_pictures(app, tenant_id, ids=[made.id]) == 0
    stray = new_id()
    await app.files.write(tenant_id, key=f"community/pictures/{stray.hex}-large.webp", content=b"stray")
    assert await service.drop_pictures(app, tenant_id, ids=[stray]) == 1
    with pytest.raises(FileNotStored):
        [_ async for _ in app.files.read(tenant_id, key=f"community/pictures/{stray.hex}-large.webp")]
    await service.delete_picture(app, tenant_id, picture_id=made.id)


async def test_jobs_delete_the_files(app: App, tenant_id: UUID) -> None:
    one = await tell_one(app, tenant_id)
    made = await add(app, tenant_id, one)
    await service.delete_picture(app, tenant_id, picture_id=made.id)
    stray = await add(app, tenant_id, one)
    async with app.db.maintenance() as tx:  # what is left for an hour from now is due at once
        now = (
            "update procrastinate.procrastinate_jobs set scheduled_at = null where args ->> 'tenant_id' = %(tenant_id)s"
        )
        assert await tx.execute(sql(now), {"tenant_id": str(tenant_id)}) == 3
    await finish_jobs(app, tenant_id)
    assert await files_of(app, tenant_id) == [
        f"community/pictures/{stray.id.hex}-{size}.webp" for size in ("large", "small")
    ]


async def test_the_routes_of_pictures(app: App, tenant_id: UUID) -> None:
    one = encode_id("exp", await tell_one(app, tenant_id))
    path = f"/api/v1/community/experiences/{one}/media"
    async with open_client(app, tenant_id) as client:
        answer = await client.post(path, params={"alt": "A light"}, content=picture())
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["alt"], made["width"], made["height"], made["experience"]) == ("A light", 1_600, 800, one)
        assert (await client.get(path)).json() == {"data": [made]}
        described = await client.patch(f"/api/v1/community/media/{made['id']}", json={"alt": "Two lights"})
        assert described.json() == {**made, "alt": "Two lights"}
        nobody = httpx.AsyncClient(transport=client._transport, base_url=client.base_url)  # pyright: ignore[reportPrivateUsage]
        shown = await nobody.get(made["large"])
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
        assert shown.headers["cache-control"].startswith("private, max-age=")
        assert opened(shown.content).size == (1_600, 800)
        known = await nobody.get(made["large"], headers={"if-none-match": shown.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
        hidden = await client.post("/api/v1/community/moderation/hide", json={"subject": one, "reason": "spam"})
        assert hidden.status_code == 200
        gone = await nobody.get(made["large"], headers={"if-none-match": shown.headers["etag"]})
        assert (gone.status_code, gone.json()["code"]) == (404, "picture_address_stale")
        large = await client.post(path, content=b"x" * (BYTES_MAX + 1))
        assert large.status_code == 413
        refused = await client.post(path, content=b"no picture")
        assert (refused.status_code, refused.json()["code"]) == (422, "image_unreadable")
        assert (await client.delete(f"/api/v1/community/media/{made['id']}")).status_code == 204
        assert (await client.delete(f"/api/v1/community/media/{made['id']}")).status_code == 404
    assert await events_of(app, tenant_id, "community.experiences_written")
