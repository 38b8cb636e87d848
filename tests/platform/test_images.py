"""T17, short form: any bytes at all become a small clean picture or a plain refusal, and harm nobody."""

import asyncio
import os
import random
import signal
import struct
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, PngImagePlugin
from tests.platform.test_children import processes

from likewise.platform.config import Settings
from likewise.platform.errors import Rejected
from likewise.platform.images import (
    Images,
    ImagesBusy,
    ImagesSettings,
    ImagesUnavailable,
    ImageTooLarge,
    ImageTooManyPixels,
    ImageTooSlow,
    ImageUnreadable,
    Picture,
)

SEED = 20261121
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 60), (30, 60, 220), (255, 255, 255)
Opening = Callable[..., Images]


def settings_of(**changed: object) -> ImagesSettings:
    flags = {f"images_{name}": value for name, value in changed.items()}
    return Settings(flags, file=Path("/nonexistent/likewise.toml")).get(ImagesSettings)


@pytest.fixture(scope="module")
async def images() -> AsyncIterator[Images]:
    async with Images(settings_of()) as opened:
        yield opened


@pytest.fixture
async def opening() -> AsyncIterator[Opening]:
    """Opens images with settings of a test's own; looks afterwards whether any process is left."""
    before = processes()
    opened: list[Images] = []

    def open_images(**settings: Any) -> Images:
        opened.append(Images(settings_of(**settings)))
        return opened[-1]

    yield open_images
    for one in opened:
        await one.__aexit__()
    assert processes().keys() <= before.keys(), "a process was left"


def drawn(image: Image.Image, name: str = "PNG", **options: Any) -> bytes:
    made = BytesIO()
    image.save(made, name, **options)
    return made.getvalue()


def quarters(width: int = 400, height: int = 200) -> Image.Image:
    """Red, green / blue, white: so that turning, mirroring and cutting are seen."""
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def read(picture: Picture) -> Image.Image:
    image = Image.open(BytesIO(picture.content))
    image.load()
    assert image.size == (picture.width, picture.height)
    assert image.get_format_mimetype() == picture.media_type
    return image


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters, row by row."""
    width, height = image.size
    places = [(width // 4, height // 4), (width * 3 // 4, height // 4)]
    places += [(width // 4, height * 3 // 4), (width * 3 // 4, height * 3 // 4)]
    pixels = image.convert("RGB")
    return [pixels.getpixel(place) for place in places]  # type: ignore[misc]


def alike(found: list[tuple[int, ...]], wanted: list[tuple[int, ...]], *, within: int = 24) -> bool:
    pairs = [pair for one, other in zip(found, wanted, strict=True) for pair in zip(one, other, strict=True)]
    return all(abs(a - b) <= within for a, b in pairs)


# What is made


@pytest.mark.parametrize("source", ["PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP"])
@pytest.mark.parametrize("wanted", ["webp", "avif"])
async def test_every_format_becomes_a_small_picture(
    images: Images, source: str, wanted: Literal["webp", "avif"]
) -> None:
    picture = await images.shrink(drawn(quarters(), source), edge_px=100, format=wanted)
    image = read(picture)
    assert image.size == (100, 50)
    assert image.mode == "RGB"
    assert alike(corners(image), [RED, GREEN, BLUE, WHITE])


async def test_square_is_cut_from_the_middle(images: Images) -> None:
    image = Image.new("RGB", (500, 100), RED)
    image.paste(GREEN, (200, 0, 300, 100))
    picture = await images.shrink(drawn(image), edge_px=64, square=True)
    assert (picture.width, picture.height) == (64, 64)
    assert alike(corners(read(picture)), [GREEN] * 4)


@pytest.mark.parametrize(
    ("size", "square", "expected"),
    [
        ((40, 30), False, (40, 30)),
        ((40, 30), True, (30, 30)),
        ((1, 1), True, (1, 1)),
        ((3000, 1), False, (128, 1)),
        ((2, 3000), True, (2, 2)),
        ((129, 128), False, (128, 127)),
    ],
)
async def test_picture_is_never_enlarged_and_never_empty(
    images: Images, size: tuple[int, int], *, square: bool, expected: tuple[int, int]
) -> None:
    picture = await images.shrink(drawn(Image.new("RGB", size, BLUE)), edge_px=128, square=square)
    assert read(picture).size == expected


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP"])
async def test_picture_stands_as_its_camera_was_held(images: Images, source: str, orientation: int) -> None:
    """Pillow's own transposition of the same file is the judge."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    file = drawn(quarters(1200, 800), source, exif=exif)
    image = read(await images.shrink(file, edge_px=120))
    upright = {1: [RED, GREEN, BLUE, WHITE], 3: [WHITE, BLUE, GREEN, RED], 6: [BLUE, RED, WHITE, GREEN]}
    upright |= {2: [GREEN, RED, WHITE, BLUE], 4: [BLUE, WHITE, RED, GREEN], 8: [GREEN, WHITE, RED, BLUE]}
    upright |= {5: [RED, BLUE, GREEN, WHITE], 7: [WHITE, GREEN, BLUE, RED]}
    assert image.size == ((120, 80) if orientation < 5 else (80, 120))
    assert alike(corners(image), upright[orientation])


@pytest.mark.parametrize("wanted", ["webp", "avif"])
@pytest.mark.parametrize("source", ["RGBA", "LA", "palette", "grey with a colour", "grey of 16 bits", "GIF"])
async def test_what_is_transparent_stays_transparent(
    images: Images, source: str, wanted: Literal["webp", "avif"]
) -> None:
    clear = Image.new("RGBA", (200, 200), (*RED, 255))
    clear.paste((0, 0, 0, 0), (100, 0, 200, 200))
    grey = Image.new("L", (200, 200), 200)
    grey.paste(7, (100, 0, 200, 200))
    deep = Image.fromarray(np.where(np.asarray(grey) == 7, 7, 51_400).astype("uint16"))
    files = {
        "RGBA": lambda: drawn(clear),
        "LA": lambda: drawn(clear.convert("LA")),
        "palette": lambda: drawn(clear.quantize(8)),
        "grey with a colour": lambda: drawn(grey, transparency=7),
        "grey of 16 bits": lambda: drawn(deep, transparency=7),
        "GIF": lambda: drawn(clear, "GIF"),
    }
    image = read(await images.shrink(files[source](), edge_px=50, format=wanted))
    assert image.mode == "RGBA"
    alpha = image.getchannel("A")
    assert alpha.getpixel((12, 25)) == 255
    assert alpha.getpixel((37, 25)) == 0
    expected = RED if source in {"RGBA", "palette", "GIF"} else None
    if expected is not None:
        assert alike([image.getpixel((12, 25))[:3]], [expected])  # type: ignore[index]


async def test_edge_of_what_is_transparent_keeps_its_colour(images: Images) -> None:
    """Averaging the hidden colour of clear pixels into visible ones leaves a dark rim."""
    image = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    image.paste((255, 255, 255, 255), (0, 0, 205, 400))
    pixels = np.asarray(read(await images.shrink(drawn(image), edge_px=40)))
    assert pixels[pixels[:, :, 3] > 64][:, :3].min() > 200


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16", "RGB of 16 bits"])
async def test_every_colour_mode_is_understood(images: Images, mode: str) -> None:
    scene = quarters(256, 256).convert("L") if mode in {"1", "L", "I;16"} else quarters(256, 256)
    if mode == "I;16":
        file = drawn(Image.fromarray(np.asarray(scene).astype("uint16") * 257))
    elif mode == "RGB of 16 bits":
        file = png(256, 256, deep_rows(scene), depth=16, colour=2)
    elif mode == "CMYK":
        file = drawn(scene.convert("CMYK"), "JPEG", quality=95)
    else:
        file = drawn(scene.convert(mode, dither=Image.Dither.NONE) if mode == "1" else scene.convert(mode))
    image = read(await images.shrink(file, edge_px=64))
    expected = corners(scene.convert(mode, dither=Image.Dither.NONE)) if mode == "1" else corners(scene)
    assert alike(corners(image), expected)


async def test_only_the_first_frame_of_an_animation_is_kept(images: Images) -> None:
    frames = [Image.new("RGB", (60, 60), colour) for colour in (RED, GREEN, BLUE)]
    for source in ("GIF", "WEBP", "PNG", "AVIF"):
        file = drawn(frames[0], source, save_all=True, append_images=frames[1:], duration=100)
        image = read(await images.shrink(file, edge_px=60))
        assert getattr(image, "n_frames", 1) == 1
        assert alike(corners(image), [RED] * 4), source


async def test_picture_of_several_in_one_file_is_its_first(images: Images) -> None:
    """Phones put a depth map or a preview beside the photo."""
    file = drawn(quarters(600, 400), "MPO", save_all=True, append_images=[Image.new("RGB", (90, 60), BLUE)])
    assert file.startswith(b"\xff\xd8")
    assert alike(corners(read(await images.shrink(file, edge_px=60))), [RED, GREEN, BLUE, WHITE])


async def test_colours_of_another_profile_are_brought_to_the_screens(images: Images) -> None:
    """A profile whose red primary is green: read without it, the picture is red."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"????", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"????", b"gXYZ", 1)
    file = drawn(Image.new("RGB", (40, 40), (255, 0, 0)), icc_profile=swapped)
    assert alike(corners(read(await images.shrink(file, edge_px=40))), [(0, 255, 0)] * 4)
    broken = drawn(Image.new("RGB", (40, 40), (255, 0, 0)), icc_profile=b"no profile")
    assert alike(corners(read(await images.shrink(broken, edge_px=40))), [(255, 0, 0)] * 4)


@pytest.mark.parametrize("wanted", ["webp", "avif"])
@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("edge_px", [32, 400])
async def test_nothing_is_left_of_the_metadata(
    images: Images, source: str, wanted: Literal["webp", "avif"], edge_px: int
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "canary"
    exif[ExifTags.Base.ImageDescription] = "canary"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (47.0, 11.0, 8.15)
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = b"canary"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, Any] = {"exif": exif, "icc_profile": profile}
    if source == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Comment", "canary")
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>canary</x:xmpmeta>")
    else:
        options["xmp"] = b"<x:xmpmeta>canary</x:xmpmeta>"
    file = drawn(quarters(), source, **options) + b"canary behind the end"
    assert b"canary" in file
    picture = await images.shrink(file, edge_px=edge_px, format=wanted)
    image = read(picture)
    assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
    assert not dict(image.getexif())
    assert b"canary" not in picture.content
    assert not any(word in picture.content for word in (b"EXIF", b"Exif", b"XMP ", b"ICCP", b"xmpmeta", b"colrprof"))


async def test_small_sizes_save_most_of_a_photo(images: Images) -> None:
    noise = Image.effect_noise((160, 120), 40).resize((1600, 1200), Image.Resampling.BICUBIC)
    photo = drawn(Image.merge("RGB", (noise, noise.transpose(Image.Transpose.ROTATE_180), noise)), "JPEG", quality=92)
    webp = await images.shrink(photo, edge_px=1600)
    avif = await images.shrink(photo, edge_px=1600, format="avif")
    assert len(webp.content) < 0.5 * len(photo)
    assert len(avif.content) < 0.5 * len(photo)


@pytest.mark.parametrize("edge_px", [0, -1, 4097])
async def test_edge_outside_its_bounds_is_a_mistake_of_the_caller(images: Images, edge_px: int) -> None:
    with pytest.raises(ValueError, match="edge_px is 1 to 4096"):
        await images.shrink(b"", edge_px=edge_px)


# What is refused


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, rows: bytes, *, depth: int = 8, colour: int = 2, before: bytes = b"") -> bytes:
    """A PNG that says it is so large, whatever its rows hold."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + before + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def deep_rows(image: Image.Image) -> bytes:
    """Rows of 16 bits a channel."""
    pixels = (np.asarray(image).astype(">u2") * 257).reshape(image.height, -1)
    return b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)


def riff(name: bytes, content: bytes) -> bytes:
    body = b"WEBP" + name + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(body)) + body


WIDE = struct.pack("<HH", 65_535, 65_535)
BITMAP = struct.pack("<IiiHHIIiiII", 40, 30_000, 30_000, 1, 24, 0, 0, 0, 0, 0, 0)
BOMBS = {
    "PNG": png(60_000, 60_000, bytes(1 << 20)),
    "GIF": b"GIF89a" + WIDE + bytes(3) + b"," + bytes(4) + WIDE + b"\0\x08\x01\0\0;",
    "WEBP": riff(b"VP8X", b"\x10\0\0\0" + b"\xff\x3f\x00" * 2) + bytes(100),
    "BMP": b"BM" + struct.pack("<IHHI", 1 << 20, 0, 0, 54) + BITMAP + bytes(100),
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_bomb_is_refused_before_it_is_decoded(opening: Opening, bomb: str) -> None:
    """In a child that has no room for its pixels; the same child then makes a picture."""
    small = opening(child_memory_mb=256, children_max=1)
    with pytest.raises(ImageTooManyPixels, match="more than 50000000 pixels"):
        await small.shrink(BOMBS[bomb], edge_px=64)
    before = processes()
    assert (await small.shrink(drawn(quarters()), edge_px=64)).width == 64
    assert processes().keys() == before.keys()


@pytest.mark.parametrize("source", ["PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP"])
async def test_pixels_are_bounded_in_every_format(opening: Opening, source: str) -> None:
    strict = opening(pixels_max=10_000)
    assert (await strict.shrink(drawn(Image.new("RGB", (100, 100), RED), source), edge_px=10)).width == 10
    with pytest.raises(ImageTooManyPixels):
        await strict.shrink(drawn(Image.new("RGB", (101, 100), RED), source), edge_px=10)


@pytest.mark.slow
async def test_largest_picture_allowed_is_made(opening: Opening) -> None:
    """`pixels_max` and `child_memory_mb` fit each other; these formats need the most."""
    patient = opening(timeout_s=300)
    size = (8_000, 6_250)
    clear = Image.new("RGBA", size, (*RED, 200))
    files = {
        "WEBP": drawn(clear, "WEBP", method=0, quality=10),
        "grey": drawn(Image.new("I;16", size, 40_000), compress_level=1),
    }
    for name, file in files.items():
        assert len(file) < settings_of().source_bytes_max
        picture = await patient.shrink(file, edge_px=64, square=True)
        assert (picture.width, picture.height) == (64, 64), name


async def test_picture_that_needs_too_much_memory_is_refused_alone(opening: Opening) -> None:
    small = opening(child_memory_mb=256)
    with pytest.raises(ImageUnreadable, match="LIKEWISE_IMAGES_CHILD_MEMORY_MB"):
        await small.shrink(drawn(Image.new("RGBA", (7000, 7000), RED), compress_level=1), edge_px=64)
    assert (await small.shrink(drawn(quarters()), edge_px=64)).width == 64


async def test_text_chunk_that_unpacks_to_much_is_refused(images: Images) -> None:
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(400 << 20), 9))
    assert len(text) < 500_000
    rows = b"".join(b"\0" + b"\x80\x80\x80" * 4 for _ in range(4))
    with pytest.raises(ImageUnreadable):
        await images.shrink(png(4, 4, rows, before=text), edge_px=4)


async def test_file_over_its_bound_is_not_even_looked_at(opening: Opening) -> None:
    strict = opening(source_bytes_max=1000)
    with pytest.raises(ImageTooLarge, match="1001 bytes, and at most 1000"):
        await strict.shrink(bytes(1001), edge_px=64)
    with pytest.raises(ImageUnreadable):
        await strict.shrink(bytes(1000), edge_px=64)


NOT_PICTURES = {
    "nothing": b"",
    "text": b"hello",
    "a program": b"MZ\x90\0" + bytes(60) + b"This program cannot be run in DOS mode.\r\r\n$" + bytes(4000),
    "an ELF": b"\x7fELF\x02\x01\x01" + bytes(4000),
    "SVG": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><rect/></svg>',
    "HTML": b"<!doctype html><img src=x onerror=alert(1)>",
    "HTML behind a GIF's first bytes": b"GIF89a=1;/*" + b"<script>alert(1)</script>" * 20,
    "a program behind a PNG's first bytes": b"\x89PNG\r\n\x1a\n" + b"MZ\x90\0" * 100,
    "PDF": b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>",
    "ZIP": b"PK\x03\x04" + bytes(200),
}


@pytest.mark.parametrize("what", NOT_PICTURES)
async def test_what_is_no_picture_is_refused(images: Images, what: str) -> None:
    with pytest.raises(ImageUnreadable, match="Send a PNG, JPEG, GIF, WebP, AVIF or BMP file"):
        await images.shrink(NOT_PICTURES[what], edge_px=64)


@pytest.mark.parametrize("source", ["TIFF", "ICO", "PPM", "TGA", "PCX", "JPEG2000", "PSD", "EPS", "SGI", "DDS", "ICNS"])
async def test_pictures_in_other_formats_are_refused(images: Images, source: str) -> None:
    file = b"8BPS\0\1" + bytes(200) if source == "PSD" else drawn(quarters(64, 64), source)
    with pytest.raises(ImageUnreadable, match="none of the known formats"):
        await images.shrink(file, edge_px=64)


@pytest.mark.parametrize("source", ["PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP"])
async def test_truncated_picture_is_refused(images: Images, source: str) -> None:
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    file = drawn(noise, source)
    for share in (0.1, 0.5, 0.9):
        with pytest.raises(ImageUnreadable):
            await images.shrink(file[: int(len(file) * share)], edge_px=64)


# What Pillow can still show of these, and what it refuses; everything else in the folder is in other formats.
SHOWN = {
    "badbitssize.bmp", "baddens1.bmp", "baddens2.bmp", "badfilesize.bmp", "badplanes.bmp", "badrle.bmp",
    "broken_data_stream.png", "broken_exif_dpi.jpg", "decompression_bomb_extents.gif", "hopper_bad_exif.jpg",
    "hopper_rle8_row_overflow.bmp", "invalid-exif-without-x-resolution.jpg", "invalid-exif.jpg", "pal8badindex.bmp",
    "palette_negative.png", "rletopdown.bmp", "truncated_app14.jpg", "truncated_end_chunk.png",
    "truncated_exif_dpi.jpg",
}  # fmt: skip
TOO_LARGE = {"badwidth.bmp", "decompression_bomb.gif", "reallybig.bmp"}
DAMAGED = {
    "badbitcount.bmp", "badheadersize.bmp", "badpalettesize.bmp", "shortfile.bmp", "truncated_image.png",
    "truncated_jpeg.jpg",
}  # fmt: skip


async def test_every_hostile_file_ends_as_it_should(images: Images, shared_data: Path) -> None:
    outcomes: dict[str, set[str]] = {}
    files = sorted((shared_data / "hostile" / "images").iterdir())
    assert len(files) > 80
    for file in files:
        try:
            picture = await images.shrink(file.read_bytes(), edge_px=96, square=True)
        except ImageTooManyPixels:
            outcome = "too large"
        except ImageUnreadable as error:
            outcome = str(error.facts["reason"])
        else:
            read(picture)
            outcome = "shown"
        outcomes.setdefault(outcome, set()).add(file.name)
    unknown = "it is in none of the known formats, or broken at its beginning"
    assert outcomes.keys() == {"shown", "too large", "it is damaged or incomplete", unknown}
    assert outcomes["shown"] == SHOWN
    assert outcomes["too large"] == TOO_LARGE
    assert outcomes["it is damaged or incomplete"] == DAMAGED


async def test_mutated_pictures_end_in_a_picture_or_a_refusal(images: Images) -> None:
    """Bytes overwritten, cut out, doubled and flipped, in every format."""
    dice = random.Random(SEED)
    seeds = [drawn(quarters(48, 40), name) for name in ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP")]
    made = refused = 0
    for trial in range(300):
        file = bytearray(seeds[trial % len(seeds)])
        for _ in range(dice.randint(1, 6)):
            place, length = dice.randrange(len(file)), dice.randint(1, 16)
            kind = dice.randrange(4)
            if kind == 0:
                file[place : place + length] = dice.randbytes(length)
            elif kind == 1:
                del file[place : place + length]
                file = file or bytearray(1)
            elif kind == 2:
                file[place:place] = file[place : place + length]
            else:
                file[place] ^= 1 << dice.randrange(8)
        try:
            read(await images.shrink(bytes(file), edge_px=32))
            made += 1
        except Rejected:
            refused += 1
    assert made > 20
    assert refused > 20


# What happens to the child


async def stopped(one: Images) -> int:
    """The one child of these images, stopped, so that it will be in the middle of whatever comes next."""
    before = processes()
    await one.shrink(drawn(quarters()), edge_px=8)
    (pid,) = processes().keys() - before.keys()
    os.kill(pid, signal.SIGSTOP)
    return pid


async def test_killed_child_costs_nobody_a_picture(opening: Opening) -> None:
    one = opening(children_max=1)
    pid = await stopped(one)
    shrinking = asyncio.create_task(one.shrink(drawn(quarters()), edge_px=64))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    assert (await shrinking).width == 64
    assert (await one.shrink(drawn(quarters()), edge_px=32)).width == 32


async def test_too_slow_picture_is_given_up_and_the_next_one_made(opening: Opening) -> None:
    one = opening(children_max=1, timeout_s=2)
    pid = await stopped(one)
    with pytest.raises(ImageTooSlow, match="within 2 s"):
        await one.shrink(drawn(quarters()), edge_px=64)
    assert pid not in processes()
    assert (await one.shrink(drawn(quarters()), edge_px=64)).width == 64


async def test_more_pictures_than_may_wait_are_refused_at_once(opening: Opening) -> None:
    one = opening(children_max=1, waiting_max=0)
    pid = await stopped(one)
    shrinking = asyncio.create_task(one.shrink(drawn(quarters()), edge_px=64))
    await asyncio.sleep(0)
    with pytest.raises(ImagesBusy, match="LIKEWISE_IMAGES_WAITING_MAX"):
        await one.shrink(drawn(quarters()), edge_px=64)
    os.kill(pid, signal.SIGCONT)
    assert (await shrinking).width == 64


async def test_where_no_process_starts_it_is_said(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    one = opening()
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(ImagesUnavailable, match="No such file"):
        await one.shrink(drawn(quarters()), edge_px=64)
    monkeypatch.undo()
    assert (await one.shrink(drawn(quarters()), edge_px=64)).width == 64


def test_parent_never_loads_the_decoders() -> None:
    program = f"""
import asyncio, sys
from likewise.platform.config import Settings
from likewise.platform.images import Images, ImagesSettings

async def shrink():
    async with Images(Settings().get(ImagesSettings)) as images:
        return await images.shrink(bytes.fromhex("{drawn(Image.new("RGB", (2, 2)), "BMP").hex()}"), edge_px=2)

assert asyncio.run(shrink()).content.startswith(b"RIFF")
assert not [name for name in sys.modules if name.partition(".")[0] == "PIL"]
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
