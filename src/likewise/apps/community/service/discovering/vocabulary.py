"""What a community speaks of, read from its own data: the words its questions are understood by."""

import math
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from likewise.apps.community import store
from likewise.apps.community.logic.categories import find_category
from likewise.apps.community.logic.discovering import (
    KnownCategory,
    KnownKey,
    KnownPerson,
    KnownPlace,
    KnownValue,
    Vocabulary,
)
from likewise.apps.community.model import TAGS_FACET
from likewise.apps.community.service.founding import Community, read_community
from likewise.apps.community.settings import CommunitySettings
from likewise.apps.community.store import Extra, LabelCount, PlaceRow, Sought, ValueRow
from likewise.engine.collections import CATEGORY, NAMES_TAG, Conditions, FacetKind, Visibility
from likewise.platform.cache import Namespace
from likewise.platform.feature import App

__all__ = ["read_vocabulary", "title_of_category"]

_DEGREE_KM = 111.195
_SHORT_LETTERS_MAX = 3  # "WA", "USA"
_KEY_KINDS: dict[FacetKind, Literal["number", "boolean"]] = {FacetKind.NUMBER: "number", FacetKind.BOOLEAN: "boolean"}


class _Names(msgspec.Struct, frozen=True):
    """Places and people by name, and the years that experiences happened in. They are never told, only understood."""

    places: list[KnownPlace]
    people: list[KnownPerson]
    total: int
    first_year: int | None
    last_year: int | None


_NAMES = Namespace("community.discovery_names", _Names, ttl_s=600)


async def read_vocabulary(app: App, tenant_id: UUID) -> Vocabulary:
    """The words of a community. Categories, keys and values are as they are now; names of places and people may be as
    old as the setting says."""
    community = await read_community(app, tenant_id)
    if community is None:
        return Vocabulary()
    settings = app.settings.get(CommunitySettings)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        rows = await store.discover_vocabulary(tx, collection_id=community.id, limit=settings.discovery_values_max)
        numbers = [key for key, kind in community.kinds.items() if kind is FacetKind.NUMBER]
        uses = await store.count_key_uses(tx, keys=numbers, limit=settings.discovery_items_min) if numbers else []
    names = await _names(app, tenant_id, community)
    return _vocabulary(community, rows, numbers={row.name: row.count for row in uses}, names=names)


def title_of_category(name: str) -> str:
    """A category as people read it."""
    known = find_category(name)
    return known.title if known is not None else name.replace("_", " ").capitalize()


def _vocabulary(
    community: Community, rows: Sequence[ValueRow], *, numbers: dict[str, int], names: _Names
) -> Vocabulary:
    values: dict[str, list[KnownValue]] = {}
    for row in rows:
        if row.label is None or row.count <= 0:
            continue
        is_flag = community.kinds.get(row.key) is FacetKind.BOOLEAN
        values.setdefault(row.key, []).append(KnownValue(row.label == "true" if is_flag else row.label, row.count))
    keys = [
        KnownKey(
            key=key,
            kind=_KEY_KINDS.get(kind, "text"),
            count=numbers.get(key, 0) or sum(one.count for one in values.get(key, [])),
            values=tuple(values.get(key, [])),
        )
        for key, kind in community.kinds.items()
        if key != TAGS_FACET and (values.get(key) or numbers.get(key))
    ]
    return Vocabulary(
        categories=tuple(
            KnownCategory(str(one.value), title_of_category(str(one.value)), one.count)
            for one in values.get(CATEGORY, [])
        ),
        keys=tuple(sorted(keys, key=lambda one: (-one.count, one.key))),
        tags=tuple(values.get(TAGS_FACET, [])),
        places=tuple(names.places),
        people=tuple(names.people),
        total=sum(one.count for one in values.get(CATEGORY, [])),
        first_year=names.first_year,
        last_year=names.last_year,
    )


async def _names(app: App, tenant_id: UUID, community: Community) -> _Names:
    settings = app.settings.get(CommunitySettings)
    most = settings.discovery_names_max

    async def read() -> _Names:
        everything = Sought(
            community.id, Conditions(visibility=(Visibility.PUBLIC.value,)), Extra(), settings.discovery_items_max
        )
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            total = await store.discover_total(tx, sought=everything, ids_max=1)
            places = await store.discover_places(tx, sought=everything, limit=most)
            people = await store.discover_groups(tx, sought=everything, by="author", limit=most)
            called = await store.list_names_of(tx, users=[row.label for row in people])
        return _Names(
            places=_places(places),
            people=[KnownPerson(row.label, called.get(row.label, ""), row.count) for row in people],
            total=total.count,
            first_year=None if total.first_at is None else total.first_at.year,
            last_year=None if total.last_at is None else total.last_at.year,
        )

    namespace = msgspec.structs.replace(_NAMES, ttl_s=settings.discovery_names_ttl_s)
    return await app.cache.get_or_compute(namespace, tenant_id=tenant_id, key="names", tags=[NAMES_TAG], compute=read)


def _places(rows: Sequence[PlaceRow]) -> list[KnownPlace]:
    """Places by their whole names, by what they begin with and by what they end with: "Bend, OR, US" is Bend, in OR,
    US, and in US. OR alone is called so as well, but not what names several, as CA in "CA, US" and in "BC, CA"."""
    boxes: dict[str, list[PlaceRow]] = {}
    regions: dict[str, set[str]] = {}
    for row in rows:
        parts = [part.strip(" ()") for part in row.name.replace("(", ",").split(",")]
        tails = [", ".join(parts[n:]) for n in range(len(parts))]
        for part, tail in zip(parts[1:-1], tails[1:-1], strict=True):
            regions.setdefault(part.lower(), set()).add(tail.lower())
        for name in dict.fromkeys([row.name, parts[0], *tails]):
            boxes.setdefault(name.lower(), []).append(row)
    also: dict[str, list[str]] = {}
    for part, tails_of in regions.items():
        if part not in boxes and len(tails_of) == 1:
            also.setdefault(next(iter(tails_of)), []).append(part)
    found = [
        one for name, inside in boxes.items() if (one := _place(name, inside, also=also.get(name, []))) is not None
    ]
    return sorted(found, key=lambda one: (-one.count, one.name))


def _place(name: str, inside: Sequence[PlaceRow], *, also: Sequence[str]) -> KnownPlace | None:
    south = [row.south for row in inside if row.south is not None]
    north = [row.north for row in inside if row.north is not None]
    west = [row.west for row in inside if row.west is not None]
    east = [row.east for row in inside if row.east is not None]
    if not (south and north and west and east):
        return None
    lat, lon = (min(south) + max(north)) / 2, (min(west) + max(east)) / 2
    high = (max(north) - min(south)) / 2 * _DEGREE_KM
    wide = (max(east) - min(west)) / 2 * _DEGREE_KM * math.cos(math.radians(lat))
    part = name.title() if len(name) > _SHORT_LETTERS_MAX else name.upper()
    said = next((text for row in inside for text in (row.name, row.name[-len(name) :]) if text.lower() == name), part)
    return KnownPlace(
        name=said,
        lat=round(lat, 4),
        lon=round(lon, 4),
        reach_km=round(math.hypot(high, wide), 1),
        count=_total(inside),
        also=tuple(also),
    )


def _total(rows: Sequence[PlaceRow] | Sequence[LabelCount]) -> int:
    return sum(row.count for row in rows)
