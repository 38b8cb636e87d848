"""Wishes as they stand in an address: `shape:triangle`, `duration_s:60..600`, `near=40.7,-74.0`. Pure."""

from collections.abc import Sequence

from likewise.apps.community.errors import WishRefused
from likewise.apps.community.model import AttributeWish
from likewise.engine.collections import Radius
from likewise.platform.errors import FieldError

__all__ = ["RADIUS_KM_MAX", "read_attribute_wishes", "read_near"]

RADIUS_KM_MAX = 20_038.0


def read_attribute_wishes(texts: Sequence[str]) -> tuple[AttributeWish, ...]:
    """Each wish by itself; of the values of a key named several times one suffices. Raises WishRefused."""
    values: dict[str, list[str]] = {}
    ranges: list[AttributeWish] = []
    for text in texts:
        key, colon, value = text.partition(":")
        key, value = key.strip(), value.strip()
        if not key or not colon or not value:
            raise _refusal("/attribute", f"{text!r} is no wish like shape:triangle or duration_s:60..600")
        low, dots, high = value.partition("..")
        if dots and (bounds := _bounds(low, high)) is not None:
            ranges.append(AttributeWish(key=key, gte=bounds[0], lte=bounds[1]))
        else:
            values.setdefault(key, []).append(value)
    return (*(AttributeWish(key=key, values=tuple(found)) for key, found in values.items()), *ranges)


def read_near(text: str | None, *, radius_km: float) -> Radius | None:
    """Everything around a point. Raises WishRefused."""
    if text is None:
        return None
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise _refusal("/near", f"{text!r} is not a latitude and a longitude, like 40.7,-74.0") from None
    if not (abs(lat) <= 90 and abs(lon) <= 180):  # false for NaN too
        raise _refusal("/near", f"{text!r} is not on earth")
    return Radius(lat, lon, radius_km)


def _bounds(low: str, high: str) -> tuple[float | None, float | None] | None:
    """The two ends of a range, None where one is open; None where it is no range but a word with dots in it."""
    try:
        bounds = (float(low) if low else None, float(high) if high else None)
    except ValueError:
        return None
    return None if bounds == (None, None) else bounds


def _refusal(pointer: str, reason: str) -> WishRefused:
    return WishRefused(reason=reason, errors=[FieldError(pointer, reason)])
