"""What a child does with a picture. Only ever run by `likewise.platform.child`, which has taken everything from it
but memory and computing time; the one module that knows Pillow.
"""

import math
import warnings
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any, Literal, cast

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

__all__ = ["answer", "prepare"]

# Loaded here, because later no file can be opened; TIFF and MPO are how Pillow reads EXIF and phones' pictures.
_PLUGINS = (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP")
_TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_REDUCING_GAP = 3.0  # how much larger than its target a picture may be when the good filter takes over
_srgb: list[ImageCms.ImageCmsProfile] = []


def prepare() -> None:
    """Use everything once, so that it is in memory before the doors close."""
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # no thread can be started later
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    _srgb.append(ImageCms.ImageCmsProfile(cast("Any", ImageCms).createProfile("sRGB")))
    sample = Image.new("RGBA", (16, 16), (200, 100, 50, 128))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    for name in _FORMATS:
        drawn = BytesIO()
        image = sample.convert("RGB") if name in {"JPEG", "BMP"} else sample
        described = {} if name in {"GIF", "BMP"} else {"exif": exif, "icc_profile": _srgb[0].tobytes()}
        image.save(drawn, name, **described)
        for wanted in ("webp", "avif"):
            wish = {"edge_px": 4, "square": True, "pixels_max": 256, "format": wanted, "quality": 50}
            said, _ = answer(wish, drawn.getvalue())
            if said["type"] != "made":
                raise RuntimeError(f"this Pillow cannot make {wanted} of {name}")


def answer(head: Mapping[str, Any], body: bytes) -> tuple[Mapping[str, object], bytes]:
    """The picture that the head wishes, or the reason why there is none: unknown, damaged, memory or pixels."""
    try:
        Image.MAX_IMAGE_PIXELS = head["pixels_max"]
        with Image.open(BytesIO(body), formats=_FORMATS) as image:
            picture = _shrink(image, edge_px=head["edge_px"], square=head["square"])
        content = _encode(picture, wanted=head["format"], quality=head["quality"])
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return _refusal("pixels")
    except UnidentifiedImageError:
        return _refusal("unknown")
    except MemoryError:
        return _refusal("memory")
    except Exception:  # noqa: BLE001 - decoders raise all sorts; each means that the bytes are not as they should be
        return _refusal("damaged")
    return {"type": "made", "width": picture.width, "height": picture.height}, content


def _refusal(reason: Literal["unknown", "damaged", "memory", "pixels"]) -> tuple[Mapping[str, object], bytes]:
    return {"type": "refused", "reason": reason}, b""


def _shrink(image: ImageFile.ImageFile, *, edge_px: int, square: bool) -> Image.Image:
    orientation, profile = _orientation(image), image.info.get("icc_profile")
    width, height = image.size
    if square:
        width = height = min(width, height)
    scale = min(1.0, edge_px / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    gap = scale * _REDUCING_GAP
    image.draft(image.mode, (math.ceil(image.width * gap), math.ceil(image.height * gap)))  # JPEG: decode less
    image.load()
    whole = _resizable(image)
    left = top = 0.0
    if square:
        side = min(whole.size)
        left, top = (whole.width - side) / 2, (whole.height - side) / 2
    box = (left, top, whole.width - left, whole.height - top)
    small = whole.resize(size, Image.Resampling.LANCZOS, box, _REDUCING_GAP)
    del whole
    if orientation in _TRANSPOSES:
        small = small.transpose(_TRANSPOSES[orientation])
    return _in_srgb(small, profile)


def _orientation(image: Image.Image) -> int:
    """1 to 8, as EXIF has it; 1 also where the EXIF is broken, which says nothing about the picture."""
    with suppress(Exception):
        found = image.getexif().get(ExifTags.Base.Orientation, 1)
        return found if isinstance(found, int) else 1
    return 1


def _resizable(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be resized smoothly: L, RGB, RGBA or CMYK."""
    if image.mode.startswith("I"):
        return _in_8_bits(image)
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _in_8_bits(image: Image.Image) -> Image.Image:
    """A grey picture of 16 bits; Pillow's own conversion would cut off all that is brighter than 255."""
    whole = image.convert("I")
    grey = whole.point([value >> 8 for value in range(65_536)], "L")
    transparent = image.info.get("transparency")
    if transparent is None:
        return grey
    opacity = whole.point([0 if value == transparent else 255 for value in range(65_536)], "L")
    return Image.merge("RGBA", (grey, grey, grey, opacity))


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours as a screen shows them that knows nothing of the profile, which is not kept."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        with suppress(Exception):  # a broken profile, or one for other colours than the picture has
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            found = ImageCms.profileToProfile(image, source, _srgb[0], outputMode=mode)
            if found is not None:
                return found
    return image.convert(mode)


def _encode(picture: Image.Image, *, wanted: Literal["webp", "avif"], quality: int) -> bytes:
    picture.info = {}  # no profile, EXIF, XMP or comment can come along
    made = BytesIO()
    if wanted == "webp":
        picture.save(made, "WEBP", quality=quality, method=4)
    else:
        picture.save(made, "AVIF", quality=quality, speed=6, max_threads=1)
    return made.getvalue()
