"""Guessing which column of a file is what, from its names and first rows: a suggestion a person looks at."""

import re
from collections.abc import Callable, Iterable, Sequence

import msgspec

from likewise.engine.collections.logic import infer_facet_kinds, is_empty, looks_day_first
from likewise.engine.collections.model import FacetKind, Mapping

__all__ = ["suggest_mapping"]

FACETS_SUGGESTED_MAX = 12
FACET_VALUES_MAX = 60  # different values in the sample
FACET_CHARACTERS_MAX = 60
FACET_SHARE_MAX = 0.5  # of different values among the rows; above, a column tells rows apart instead of grouping them
NAMED_TEXT_FACTOR = 3.0  # how much a column called `text` may be shorter than another and still be the text

_TEXT_NAMES = (
    "text body content message comment comments review description post question utterance sentence summary abstract"
)
_TITLE_NAMES = "title headline subject name heading"
_KEY_NAMES = "key id _id uuid guid external_id item_id post_id doc_id message_id"
_TIME_NAMES = "happened_at occurred_at created_at posted_at published_at date_time datetime timestamp date time created"
_AUTHOR_NAMES = "author author_id user user_id username user_name owner owner_id posted_by sender from nickname"
_CATEGORY_NAMES = "category topic intent section label kind type class"
_VISIBILITY_NAMES = "visibility"
_PLACE_NAMES = (("lat", "lon"), ("lat", "lng"), ("lat", "long"), ("latitude", "longitude"), ("geo_lat", "geo_lon"))


class _Column(msgspec.Struct, frozen=True):
    """What the sample says about one column: its values that are not empty, and their kind."""

    name: str
    plain_name: str
    values: list[object]
    kind: FacetKind | None

    @property
    def different(self) -> int:
        return len({str(value) for value in self.values})

    @property
    def text_length(self) -> float:
        """Mean length of its texts of several words."""
        texts = [value for value in self.values if isinstance(value, str) and " " in value.strip()]
        return sum(map(len, texts)) / max(1, len(self.values))


def suggest_mapping(columns: Sequence[str], samples: Sequence[dict[str, object]]) -> Mapping | None:
    """The likely meaning of each column; None when no column holds text.

    The text is the longest column of several words; a key must be unique; facets have few different values.
    """
    kinds = infer_facet_kinds(samples)
    found = [
        _Column(
            name,
            re.sub(r"[^a-z0-9_]+", "_", name.lower()),
            [row[name] for row in samples if not is_empty(row.get(name))],
            kinds.get(name),
        )
        for name in columns
    ]
    text = _find_text(found)
    if text is None:
        return None
    left = [column for column in found if column is not text]
    key = _first_named(left, _KEY_NAMES, lambda column: _is_unique(column, len(samples)))
    place = _find_place(left)
    time = _first_named(left, _TIME_NAMES, lambda column: column.kind is FacetKind.TIME)
    time = time or next((column for column in left if column.kind is FacetKind.TIME), None)
    title = _first_named(left, _TITLE_NAMES, lambda column: column.kind is FacetKind.KEYWORD)
    author = _first_named(left, _AUTHOR_NAMES, lambda column: column.kind is FacetKind.KEYWORD)
    category = _first_named(left, _CATEGORY_NAMES, _is_grouping)
    visibility = _first_named(left, _VISIBILITY_NAMES, _is_grouping)
    taken = {column.name for column in (key, time, title, author, category, visibility) if column} | set(place or ())
    facets = [column.name for column in left if column.name not in taken and _is_facet(column)]
    return Mapping(
        text=text.name,
        title=_name(title),
        key=_name(key),
        facets=tuple(facets[:FACETS_SUGGESTED_MAX]),
        time=_name(time),
        place=place,
        author=_name(author),
        category=_name(category),
        visibility=_name(visibility),
        day_first=looks_day_first(time.values if time else ()),
    )


def _find_text(columns: Sequence[_Column]) -> _Column | None:
    names = _TEXT_NAMES.split()

    def weight(column: _Column) -> float:
        return column.text_length * (NAMED_TEXT_FACTOR if column.plain_name in names else 1.0)

    texts = [column for column in columns if column.kind is FacetKind.KEYWORD]
    best = max(texts, key=weight, default=None)
    if best is not None and weight(best) > 0:
        return best
    return _first_named(texts, _TEXT_NAMES, lambda _: True)  # single words, but a name that says what they are


def _find_place(columns: Sequence[_Column]) -> tuple[str, str] | None:
    by_name = {column.plain_name: column.name for column in columns if column.kind is FacetKind.NUMBER}
    for lat, lon in _PLACE_NAMES:
        if lat in by_name and lon in by_name:
            return by_name[lat], by_name[lon]
    return None


def _first_named(columns: Iterable[_Column], names: str, is_fit: Callable[[_Column], bool]) -> _Column | None:
    fit = {column.plain_name: column for column in columns if is_fit(column)}
    return next((fit[name] for name in names.split() if name in fit), None)


def _is_unique(column: _Column, rows: int) -> bool:
    return column.different == rows and all(isinstance(value, str | int) for value in column.values)


def _is_grouping(column: _Column) -> bool:
    if column.kind is not FacetKind.KEYWORD or not column.values:
        return False
    different = column.different
    longest = max(len(str(value)) for value in column.values)
    # A sample of few rows says little about shares: up to ten values always group.
    return longest <= FACET_CHARACTERS_MAX and different <= max(
        10, min(FACET_VALUES_MAX, int(len(column.values) * FACET_SHARE_MAX))
    )


def _is_facet(column: _Column) -> bool:
    if column.kind is FacetKind.KEYWORD:
        return _is_grouping(column)
    return column.kind is not None


def _name(column: _Column | None) -> str | None:
    return column.name if column else None
