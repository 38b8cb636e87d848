"""What a question is about: a collection, and a group of its items as terms that do not overlap."""

import re
from uuid import UUID

import msgspec

from likewise.engine.collections import explain_missing
from likewise.engine.patterns import store
from likewise.engine.patterns.errors import GroupRefused, GroupTooSmall
from likewise.engine.patterns.logic.terms import context_term, key_term, place_of, value_term
from likewise.engine.patterns.logic.trending import months_between
from likewise.engine.patterns.logic.wording import describe
from likewise.engine.patterns.model import CATEGORY_KEY, MONTH_KEY, PLACE_KEY, Group, Term
from likewise.engine.patterns.settings import PatternsSettings
from likewise.platform.db import Tx
from likewise.platform.errors import FieldError

__all__ = ["Found", "find_group", "get_collection_id", "read_group", "read_months"]

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class Found(msgspec.Struct, frozen=True):
    """A group as it was found: its terms and how many items it has. A value's group is compared within the items
    whose key, `key`, is known: `key_count` of them."""

    name: str
    term_ids: list[int]
    item_count: int
    key: Term | None
    key_count: int


async def get_collection_id(tx: Tx, *, name: str) -> UUID:
    """The collection with this name. Raises CollectionNotFound."""
    found = await store.find_collection(tx, name=name)
    if found is None:
        raise await explain_missing(tx, name=name)
    return found


def read_group(
    *,
    segment: str | None = None,
    category: str | None = None,
    first: str | None = None,
    last: str | None = None,
    place: str | None = None,
) -> Group | None:
    """The group of one of: `shape:triangle`, a category, months from `first` to `last`, a point `40.7,-74.0`; None
    where none is given. Raises GroupRefused."""
    given = [name for name, value in (("segment", segment), ("category", category), ("place", place)) if value]
    given += ["period"] if first or last else []
    if len(given) > 1:
        raise _refusal(given[1], f"give one of {' and '.join(given)}, not both")
    if segment:
        key, colon, value = segment.partition(":")
        if not colon or not key or not value:
            raise _refusal("segment", f"{segment!r} is not a key and a value, like shape:triangle")
        return Group(kind="value", key=key, value=value)
    if category:
        return Group(kind="category", value=category)
    if place:
        return Group(kind="place", value=_read_place(place))
    if first or last:
        return Group(kind="period", first=first or last or "", last=last or first or "")
    return None


def read_months(first: str, last: str, *, settings: PatternsSettings) -> list[str]:
    """The months of a period. Raises GroupRefused."""
    for month in (first, last):
        if not _MONTH.fullmatch(month):
            raise _refusal("period", f"{month!r} is not a month like 2013-06")
    months = months_between(first, last)
    if not 1 <= len(months) <= settings.period_months_max:
        raise _refusal("period", f"a period has 1 to {settings.period_months_max} months, the first one first")
    return months


async def find_group(tx: Tx, *, collection_id: UUID, group: Group, settings: PatternsSettings) -> Found:
    """The group's terms and size. Raises GroupRefused, GroupTooSmall."""
    key: Term | None = None
    match group.kind:
        case "value":
            ids = [value_term(collection_id, group.key, group.value).id]
            key = key_term(collection_id, group.key)
        case "category":
            ids = [context_term(collection_id, CATEGORY_KEY, group.value).id]
        case "place":
            ids = [context_term(collection_id, PLACE_KEY, group.value).id]
        case "period":
            months = read_months(group.first, group.last, settings=settings)
            ids = [context_term(collection_id, MONTH_KEY, month).id for month in months]
    rows = await store.list_terms(tx, collection_id=collection_id, ids=ids if key is None else [*ids, key.id])
    own = [row for row in rows if row.kind != "key"]
    size = sum(row.item_count for row in own)
    if size < settings.group_items_min:
        raise GroupTooSmall(items_min=settings.group_items_min, group=describe(group))
    key_count = sum(row.item_count for row in rows if row.kind == "key")
    return Found(describe(group), [row.id for row in own], size, key, key_count)


def _read_place(text: str) -> str:
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        raise _refusal("place", f"{text!r} is not a latitude and a longitude, like 40.7,-74.0") from None
    if abs(latitude) <= 90 and abs(longitude) <= 180:  # false for NaN too
        return place_of(latitude, longitude)
    raise _refusal("place", f"{text!r} is not on earth")


def _refusal(name: str, reason: str) -> GroupRefused:
    return GroupRefused(reason=reason, errors=[FieldError(f"/{name}", reason)])
