"""What the commands that look into a community share: wishes as people type them, places, and how rows are told."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import typer

from likewise.apps.community.model import AttributeWish, ExperienceWish
from likewise.engine.collections import Place, Radius
from likewise.platform.commands import emit_rows, options

__all__ = ["Categories", "Count", "Wishes", "line_of", "read_place", "tell", "wish_of"]

Count = Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="How many.")]
Categories = Annotated[list[str], typer.Option("--category", help="Of this category; may be repeated.")]
Wishes = Annotated[
    list[str],
    typer.Option(
        "--where", "-w", metavar="WISH", help="An attribute's wish: shape=triangle, shape=disk,light, duration_s>=60."
    ),
]
View = TypeVar("View")
_RANGES = {">=": "gte", "<=": "lte"}


def wish_of(
    *,
    where: Sequence[str],
    category: Sequence[str] = (),
    tag: Sequence[str] = (),
    author: Sequence[str] = (),
    near: str | None = None,
    radius_km: float = 50.0,
) -> ExperienceWish:
    """The wish as it was typed. Raises typer.BadParameter."""
    place = None if near is None else read_place(near)
    return ExperienceWish(
        category=tuple(category),
        attributes=tuple(_attribute(one) for one in where),
        tags=tuple(tag),
        author=tuple(author),
        near=None if place is None else Radius(place.lat, place.lon, radius_km),
    )


def read_place(text: str) -> Place:
    """A point as it was typed. Raises typer.BadParameter."""
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a latitude and a longitude, like 40.7,-74.0") from None
    if abs(lat) <= 90 and abs(lon) <= 180:  # false for NaN too
        return Place(lat, lon)
    raise typer.BadParameter(f"{text!r} is not on earth")


def tell(
    views: Sequence[View],
    line: Callable[[View], object],
    *,
    columns: Sequence[str],
    empty: str = "Nothing is here yet.",
) -> None:
    """Answer with a list: whole views to programs, a line for each to people."""
    rows = list(views) if options().machine_readable else [line(view) for view in views]
    emit_rows(rows, columns=columns, empty=empty)


def line_of(text: str, characters: int) -> str:
    """A text on one line, cut where it is long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= characters else f"{flat[: characters - 1]}\u2026"


def _attribute(text: str) -> AttributeWish:
    for sign, bound in _RANGES.items():
        key, found, number = text.partition(sign)
        if found:
            try:
                limit = float(number)
            except ValueError:
                raise typer.BadParameter(f"{number!r} in {text!r} is not a number") from None
            return AttributeWish(key=key, gte=limit) if bound == "gte" else AttributeWish(key=key, lte=limit)
    key, found, values = text.partition("=")
    if not found or not key or not values:
        raise typer.BadParameter(f"{text!r} is no wish like shape=triangle, shape=disk,light or duration_s>=60")
    return AttributeWish(key=key, values=tuple(_value(one) for one in values.split(",")))


def _value(text: str) -> str | float | bool:
    if text in {"true", "false"}:
        return text == "true"
    try:
        return float(text)
    except ValueError:
        return text
