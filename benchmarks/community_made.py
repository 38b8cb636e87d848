"""A made-up community as arrays: who tells what, of which category, where and when, and some fifty attributes of each.

Everything is skewed as such things are: few categories, cities, values and people make up most of it. People favour two
or three categories. Cities lie in regions. Half of the keys prefer other values in other categories, and a few
associations are planted, which whoever asks for patterns must find (PLANTED).
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from community_words import CATEGORIES, COLOURS, LIGHTS, MOVEMENTS, SHAPES, SOUNDS, TOPICS_EACH

__all__ = ["KEYS", "PLANTED", "Deeds", "Key", "Made", "Planted", "Value", "make_community"]

SEED = 20261122
DAYS = 5 * 365
DAY_MS = 86_400_000
REGIONS, CITIES = 60, 3_000
PLACELESS = 0.12
MISSING = 0.06
PRIVATE = 0.01
FAVOURITES = 3
OWN_SHARE = 0.8
"""What people tell and turn to that is of their own favourite categories."""
ACTS = {"view": 0.55, "upvote": 0.31, "comment": 0.11, "less": 0.03}

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Value = str | float | bool


class Key(NamedTuple):
    """A key of attributes: how many values it has (Zipf's), how many of them one experience may have."""

    name: str
    values: int
    slots: int = 1
    skew: float = 1.1
    kind: Literal["text", "number", "boolean"] = "text"
    names: Sequence[str] = ()

    def value(self, place: int) -> str:
        """The text of a value by its place, commonest first."""
        return self.names[place] if self.names else f"{self.name}-{place}"


class Planted(NamedTuple):
    """What goes together: of a group (key and value, or a month or region) the value of a key, times as often."""

    group: str
    key: str
    value: str


KEYS: Sequence[Key] = (
    Key("shape", len(SHAPES), names=SHAPES),
    Key("colour", len(COLOURS), 2, names=COLOURS),
    Key("light", len(LIGHTS), names=LIGHTS),
    Key("sound", len(SOUNDS), names=SOUNDS),
    Key("movement", len(MOVEMENTS), names=MOVEMENTS),
    *(Key(name, values) for name, values in {"size": 6, "weather": 10, "sky": 7, "season": 4, "texture": 20}.items()),
    *(Key(name, values) for name, values in {"brightness": 8, "direction": 8, "surface": 12, "posture": 10}.items()),
    *(Key(name, values) for name, values in {"clothing": 40, "voice": 15, "instrument": 70, "animal": 120}.items()),
    *(Key(name, values) for name, values in {"vehicle": 80, "symbol": 200, "melody": 150, "smell": 60}.items()),
    *(Key(name, values) for name, values in {"building": 90, "plant": 140, "food": 160, "profession": 250}.items()),
    Key("mood", 30, 2),
    Key("emotion", 25, 2),
    Key("object", 1_500, 2),
    Key("witness", 8_000, 3, 0.9),
    Key("street", 5_000, 1, 0.9),
    Key("landmark", 2_000),
    Key("city", CITIES),
    *(Key(name, 2, kind="boolean") for name in ("alone", "recorded", "repeated", "afraid", "awake", "indoors")),
    *(Key(name, 0, kind="number") for name in ("duration_s", "witness_count", "distance_m", "height_m")),
    *(Key(name, 0, kind="number") for name in ("temperature_c", "age_years", "hour", "speed_kmh")),
)
TAGS = Key("tags", 1_500, 3, 0.9)
PLANTED: Sequence[Planted] = (
    Planted("shape:triangle", "light", "three"),
    Planted("july", "colour", "orange"),
    Planted("region", "sound", "hum"),
)


class Deeds(NamedTuple):
    """What people did: who, with which experience, what (a place in ACTS), when (milliseconds since 1970)."""

    who: Integers
    what: Integers
    kind: Integers
    at: Integers


class Made(NamedTuple):
    """The community. `columns` holds for each slot of each key its values: places in Key.values, numbers for those of
    numbers; -1 or nan where there is none. Experiences stand in the order of their creation; ids follow it."""

    people: list[str]
    favourites: Integers
    ids: list[UUID]
    author: Integers
    category: Integers
    topic: Integers
    created: Integers
    happened: Integers
    latitude: Floats
    longitude: Floats
    is_private: NDArray[np.bool_]
    columns: list[tuple[Key, Integers | Floats]]
    tags: list[Integers]
    deeds: Deeds
    ends: int
    """Milliseconds since 1970; the same again makes the same community again, ids and all."""

    @property
    def size(self) -> int:
        """How many experiences there are."""
        return len(self.ids)

    def moment(self, milliseconds: int) -> datetime:
        """As a time."""
        return datetime.fromtimestamp(milliseconds / 1_000, UTC)

    def attributes(self, number: int) -> list[tuple[str, Value]]:
        """Key and value of everything that is known of an experience, in the order of the keys."""
        found: list[tuple[str, Value]] = []
        for key, column in self.columns:
            raw = column[number]
            if raw != raw or (key.kind != "number" and raw < 0):  # noqa: PLR0124 - nan is what differs from itself
                continue
            if key.kind == "number":
                found.append((key.name, float(raw)))
            else:
                found.append((key.name, bool(raw) if key.kind == "boolean" else key.value(int(raw))))
        return found

    def tags_of(self, number: int) -> tuple[str, ...]:
        """The tags of an experience."""
        return tuple(TAGS.value(int(column[number])) for column in self.tags if column[number] >= 0)


def make_community(*, people: int, experiences: int, interactions: int, ends: int | None = None) -> Made:
    """The same community for the same sizes; it ends now, or at this millisecond since 1970."""
    chance = np.random.default_rng(SEED)
    now = int(time.time() * 1_000) if ends is None else ends
    favourites = _zipf(chance, len(CATEGORIES), 0.8, (people, FAVOURITES))
    activity = chance.permutation(1 / np.arange(1, people + 1) ** 0.8)
    author = chance.choice(people, experiences, p=activity / activity.sum())
    category = np.where(
        chance.random(experiences) < OWN_SHARE,
        favourites[author, chance.integers(0, FAVOURITES, experiences)],
        _zipf(chance, len(CATEGORIES), 0.8, experiences),
    )
    age = DAYS * (1 - np.sqrt(chance.random(experiences))) * DAY_MS
    told = np.minimum(chance.exponential(6 * DAY_MS, experiences), age)
    order = np.argsort(told - age, kind="stable")
    happened, created = (now - age).astype(np.int64)[order], (now - age + told).astype(np.int64)[order]
    author, category = author[order], category[order]
    city, latitude, longitude, in_region = _places(chance, experiences)
    columns = _columns(chance, category, city, happened, in_region)
    return Made(
        people=[f"user-{number}" for number in range(people)],
        favourites=favourites,
        ids=_ids(chance, created),
        author=author,
        category=category,
        topic=chance.integers(0, TOPICS_EACH, experiences),
        created=created,
        happened=happened,
        latitude=latitude,
        longitude=longitude,
        is_private=chance.random(experiences) < PRIVATE,
        columns=columns,
        tags=_distinct([_zipf(chance, TAGS.values, TAGS.skew, experiences) for _ in range(TAGS.slots)]),
        deeds=_deeds(chance, (favourites, activity), (category, created), count=interactions, now=now),
        ends=now,
    )


def _zipf(chance: np.random.Generator, values: int, skew: float, size: int | tuple[int, ...]) -> Integers:
    edges = np.cumsum(1 / np.arange(1, values + 1) ** skew)
    found: Integers = np.searchsorted(edges / edges[-1], chance.random(size)).astype(np.int64)
    return found


def _ids(chance: np.random.Generator, created: Integers) -> list[UUID]:
    """Ids of version 7 in the order of their making."""
    rest = chance.integers(0, 2**62, len(created))
    return [
        UUID(int=moment << 80 | 0x7 << 76 | (number & 0xFFF) << 64 | 0b10 << 62 | int(tail))
        for number, (moment, tail) in enumerate(zip(created.tolist(), rest.tolist(), strict=True))
    ]


def _places(chance: np.random.Generator, size: int) -> tuple[Integers, Floats, Floats, NDArray[np.bool_]]:
    """City, latitude, longitude (nan where no place was told), and who is in the most populous region."""
    centres = np.stack([chance.uniform(-40, 60, REGIONS), chance.uniform(-120, 140, REGIONS)], axis=1)
    centres[0] = (52.5, 7.5)  # the middle of its cell
    region = _zipf(chance, REGIONS, 0.7, CITIES)
    region[0] = 0
    spots = centres[region] + chance.normal(scale=1.2, size=(CITIES, 2))
    spots[region == 0] = np.clip(spots[region == 0], (50.1, 5.1), (54.9, 9.9))
    city = _zipf(chance, CITIES, 0.8, size)
    point = spots[city] + chance.normal(scale=0.03, size=(size, 2))
    is_placeless = chance.random(size) < PLACELESS
    point[is_placeless] = np.nan
    city = np.where(is_placeless, -1, city)
    latitude, longitude = point[:, 0], point[:, 1]
    in_region = (latitude >= 50) & (latitude < 55) & (longitude >= 5) & (longitude < 10)
    return city, latitude, longitude, in_region


def _columns(
    chance: np.random.Generator, category: Integers, city: Integers, happened: Integers, in_region: NDArray[np.bool_]
) -> list[tuple[Key, Integers | Floats]]:
    size = len(category)
    found: list[tuple[Key, Integers | Floats]] = []
    for number, key in enumerate(KEYS):
        if key.name == "city":
            found.append((key, city))
        elif key.kind == "number":
            column = _numbers(chance, key.name, size, category)
            column[chance.random(size) < MISSING] = np.nan
            found.append((key, column))
        else:
            slots = [_zipf(chance, key.values, key.skew, size) for _ in range(key.slots)]
            if number % 2:  # its values depend on the category
                moved = chance.random(size) < 0.5
                slots = [np.where(moved, (slot + 3 * category) % key.values, slot) for slot in slots]
            for slot in slots:
                slot[chance.random(size) < MISSING] = -1
            found += [(key, slot) for slot in slots]
    _plant(chance, {key.name: column for key, column in reversed(found)}, happened, in_region)
    for key in KEYS:
        places = [place for place, (other, _) in enumerate(found) if other is key]
        for place, column in zip(places, _distinct([found[place][1] for place in places]), strict=True):
            found[place] = (key, column)
    return found


def _plant(
    chance: np.random.Generator, columns: dict[str, Integers | Floats], happened: Integers, in_region: NDArray[np.bool_]
) -> None:
    """Make values go together, in place."""
    size = len(happened)
    month = happened.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64) % 12
    years = (happened - happened.min()) / (365 * DAY_MS)
    three, orange = LIGHTS.index("three"), COLOURS.index("orange")
    hum, hovering = SOUNDS.index("hum"), MOVEMENTS.index("hovering")
    columns["light"][(columns["shape"] == SHAPES.index("triangle")) & (chance.random(size) < 0.5)] = three
    columns["colour"][(month == 6) & (chance.random(size) < 0.35)] = orange
    columns["sound"][in_region & (chance.random(size) < 0.4)] = hum
    columns["movement"][chance.random(size) < 0.06 * years] = hovering


def _numbers(chance: np.random.Generator, name: str, size: int, category: Integers) -> Floats:
    """Figures as people tell them: whole, and of few digits."""
    centre = {"duration_s": 90, "witness_count": 3, "distance_m": 300, "height_m": 120, "speed_kmh": 60}.get(name)
    if centre is not None:
        figures = np.maximum(1, np.round(chance.lognormal(np.log(centre * (1 + category % 5)), 1.1, size)))
        scale = 10.0 ** np.maximum(0, np.floor(np.log10(figures)) - 1)
        rounded: Floats = (np.round(figures / scale) * scale).astype(np.float64)
        return rounded
    if name == "hour":
        return (24 * np.sqrt(chance.random(size))).astype(np.int64).astype(np.float64)
    mean, spread, least = {"temperature_c": (14.0, 9.0, -30.0), "age_years": (36.0, 14.0, 6.0)}[name]
    plain: Floats = np.round(np.maximum(least, chance.normal(mean, spread, size))).astype(np.float64)
    return plain


def _distinct(slots: Sequence[Integers | Floats]) -> list[Integers]:
    """Slots in which no experience has the same value twice."""
    kept: list[Integers] = []
    for slot in slots:
        is_double = np.zeros(len(slot), dtype=bool)
        for other in kept:
            is_double |= slot == other
        kept.append(np.where(is_double, -1, slot) if kept else slot)  # type: ignore[arg-type]
    return kept


def _deeds(
    chance: np.random.Generator,
    people_are: tuple[Integers, Floats],
    told: tuple[Integers, Integers],
    *,
    count: int,
    now: int,
) -> Deeds:
    """Each pair of person and experience at most once; popular experiences more, of own favourites mostly."""
    (favourites, activity), (category, created) = people_are, told
    people, size, drawn = len(favourites), len(category), int(count * 1.6)
    who = chance.choice(people, drawn, p=np.sqrt(activity) / np.sqrt(activity).sum())
    side = favourites[who, chance.integers(0, FAVOURITES, drawn)]
    rank = chance.random(drawn) ** 2.5
    popular = chance.permutation(size)
    what = popular[(rank * size).astype(np.int64)]
    is_own = chance.random(drawn) < OWN_SHARE
    for number in range(len(CATEGORIES)):
        members = popular[category[popular] == number]
        if len(members):
            chosen = is_own & (side == number)
            what[chosen] = members[(rank[chosen] * len(members)).astype(np.int64)]
    codes = chance.permutation(np.unique(who * size + what))[:count]
    who, what = np.divmod(codes, size)
    kind = chance.choice(len(ACTS), len(codes), p=list(ACTS.values()))
    at = created[what] + ((now - created[what]) * chance.random(len(codes)) ** 2).astype(np.int64)
    return Deeds(who, what, kind, at)
