"""What the consumer of patterns would have counted of a made-up community, counted with numpy and copied in.

The same terms, the same rule of which pairs are kept, and who has which value; a test at a small size compares it with
what the consumer itself counts (`--check` of community_bench.py).
"""

import struct
from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray

from community_made import KEYS, TAGS, Made
from community_rows import copy_lines, filling
from community_words import CATEGORIES
from likewise.engine.patterns.logic.counting import is_pair
from likewise.engine.patterns.logic.terms import (
    bin_of,
    context_term,
    everything,
    key_term,
    month_of,
    place_of,
    value_term,
)
from likewise.engine.patterns.model import CATEGORY_KEY, ITEM_VALUES_MAX, MONTH_KEY, PAIR_ITEMS_MIN, PLACE_KEY, Term
from likewise.platform.feature import App

__all__ = ["Counted", "count", "put_counts"]

Integers = NDArray[np.int64]
NONE = np.iinfo(np.int64).max
FACTOR, LAST = np.uint64(0x9E3779B97F4A7C15), np.uint64(2**64 - 1)
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = struct.pack(">h", -1)
_CHUNK = 500_000


class Counted:
    """The terms, and for each key the columns of its values in every experience (a place among the terms, or -1)."""

    def __init__(self, made: Made, collection_id: UUID) -> None:
        self.collection_id = collection_id
        self.terms: list[Term] = []
        self.ids = np.empty(0, dtype=np.int64)
        self.groups: list[list[Integers]] = []
        """Columns that belong together: the values of one key, the having of a key, a context."""
        self.is_public = ~made.is_private
        values = [self._values(made, place) for place in range(len(KEYS))]
        values.append(
            [self._texts(TAGS.name, [TAGS.value(n) for n in range(TAGS.values)], column) for column in made.tags]
        )
        self._keep_few(values, made.ids)
        keys: list[list[Integers]] = []
        for (key, *_), columns in zip((*KEYS, TAGS), values, strict=True):
            has = np.any([column >= 0 for column in columns], axis=0)
            keys.append([np.where(has, self._add([key_term(collection_id, key)]), -1)])
        self.groups = [*values, *keys, *([one] for one in self._contexts(made))]
        for group in self.groups:
            for column in group:
                column[made.is_private] = -1
        self.ids = np.array([term.id for term in self.terms], dtype=np.int64)
        self.all_term = everything(collection_id)
        present = [column[column >= 0] for group in self.groups for column in group]
        self.counts = np.bincount(np.concatenate(present), minlength=len(self.terms))

    def _add(self, terms: Sequence[Term]) -> int:
        first = len(self.terms)
        self.terms += terms
        return first

    def _texts(self, key: str, names: Sequence[str], column: Integers) -> Integers:
        first = next((n for n, term in enumerate(self.terms) if term.kind == "value" and term.key == key), None)
        if first is None:
            first = self._add([value_term(self.collection_id, key, name) for name in names])
        return np.where(column < 0, -1, column + first)

    def _values(self, made: Made, place: int) -> list[Integers]:
        key = KEYS[place]
        columns = [column for other, column in made.columns if other is key]
        if key.kind == "text":
            names = [key.value(number) for number in range(key.values)]
            return [self._texts(key.name, names, column.astype(np.int64)) for column in columns]
        if key.kind == "boolean":
            return [self._texts(key.name, ("false", "true"), columns[0].astype(np.int64))]
        (figures,) = columns
        known = ~np.isnan(figures)
        distinct, inverse = np.unique(figures[known], return_inverse=True)
        bins = [bin_of(figure) for figure in distinct.tolist()]
        of_name = {one.name: one for one in bins}
        first = self._add([value_term(self.collection_id, key.name, name, bounds=one) for name, one in of_name.items()])
        order = {name: first + number for number, name in enumerate(of_name)}
        column = np.full(len(figures), -1, dtype=np.int64)
        column[known] = np.array([order[one.name] for one in bins], dtype=np.int64)[inverse]
        return [column]

    def _keep_few(self, values: list[list[Integers]], items: Sequence[UUID]) -> None:
        """Of very many values of an experience only so many count, drawn as `item_terms` draws them."""
        columns = [column for group in values for column in group]
        if len(columns) <= ITEM_VALUES_MAX:
            return
        ids = np.array([term.id for term in self.terms], dtype=np.int64).view(np.uint64)
        lots = np.array([one.int & int(LAST) for one in items], dtype=np.uint64)
        ranks = [np.where(column < 0, LAST, (ids[column] ^ lots) * FACTOR) for column in columns]
        last = np.partition(np.stack(ranks, axis=1), ITEM_VALUES_MAX - 1, axis=1)[:, ITEM_VALUES_MAX - 1]
        for column, rank in zip(columns, ranks, strict=True):
            column[rank > last] = -1

    def _contexts(self, made: Made) -> list[Integers]:
        months = made.happened.astype("datetime64[ms]").astype("datetime64[M]")
        moments, month = np.unique(months, return_inverse=True)
        names = [month_of(one.astype("datetime64[s]").item().astimezone()) for one in moments]
        of_place = [
            "" if latitude != latitude else place_of(round(latitude, 5), round(longitude, 5))  # noqa: PLR0124 - nan
            for latitude, longitude in zip(made.latitude.tolist(), made.longitude.tolist(), strict=True)
        ]
        cells, cell = np.unique(of_place, return_inverse=True)
        found: list[Integers] = []
        for key, texts, column in (
            (CATEGORY_KEY, CATEGORIES, made.category),
            (MONTH_KEY, names, month),
            (PLACE_KEY, cells.tolist(), cell),
        ):
            first = self._add([context_term(self.collection_id, key, text) for text in texts])
            found.append(np.where((column == 0) & (texts[0] == ""), -1, column + first))
        return found

    def pairs(self) -> tuple[Integers, Integers, Integers]:
        """Every pair that is kept, by its ids, the lower first, in order, and its experiences."""
        size = len(self.terms)
        like = [self.terms[int(group[0].max())] for group in self.groups]
        is_rare = np.array([term.kind == "value" for term in self.terms]) & (self.counts < PAIR_ITEMS_MIN)
        found: list[tuple[Integers, Integers, Integers]] = []
        for one, other in combinations_with_replacement(range(len(self.groups)), 2):
            if not is_pair(like[one], like[other]):
                continue
            codes = [_together(a, b, size, is_rare) for a, b in _columns_of(self.groups, one, other)]
            if codes:
                code, number = np.unique(np.concatenate(codes), return_counts=True)
                first, second = self.ids[code // size], self.ids[code % size]
                found.append((np.minimum(first, second), np.maximum(first, second), number))
        firsts, seconds, numbers = (np.concatenate([part[place] for part in found]) for place in range(3))
        order = np.lexsort((seconds, firsts))
        return firsts[order], seconds[order], numbers[order]

    def members(self) -> tuple[Integers, Integers]:
        """The id of each value and context that an experience has, and the experience's number, in order."""
        listed = [column for group in self.groups for column in group if self._is_listed(column)]
        place = np.concatenate([np.flatnonzero(column >= 0) for column in listed])
        term = np.concatenate([self.ids[column[column >= 0]] for column in listed])
        order = np.lexsort((place, term))
        return term[order], place[order]

    def terms_of_each(self) -> Iterator[list[int]]:
        """The ids that each public experience is counted with; none of those that are not public."""
        columns = [np.where(column < 0, NONE, self.ids[column]) for group in self.groups for column in group]
        everywhere = np.full(len(columns[0]), self.all_term.id)
        table = np.sort(np.stack([*columns, everywhere], axis=1), axis=1)
        for row, is_public in zip(table, self.is_public.tolist(), strict=True):
            yield row[row != NONE].tolist() if is_public else []

    def _is_listed(self, column: Integers) -> bool:
        return bool((column >= 0).any()) and self.terms[int(column.max())].kind in {"value", "context"}


def _columns_of(groups: Sequence[Sequence[Integers]], one: int, other: int) -> Iterator[tuple[Integers, Integers]]:
    """Each column of one group with each of another, or with the later ones of the same."""
    for place, column in enumerate(groups[one]):
        for partner in groups[other][place + 1 :] if one == other else groups[other]:
            yield column, partner


def _together(one: Integers, other: Integers, size: int, is_rare: NDArray[np.bool_]) -> Integers:
    some = (one >= 0) & (other >= 0)
    first, second = one[some], other[some]
    kept = ~(is_rare[first] | is_rare[second])
    low, high = np.minimum(first[kept], second[kept]), np.maximum(first[kept], second[kept])
    codes: Integers = low * size + high
    return codes


def count(made: Made, collection_id: UUID) -> Counted:
    """Count a community."""
    return Counted(made, collection_id)


async def put_counts(app: App, tenant_id: UUID, made: Made, counted: Counted) -> int:
    """Lay the counts down where the consumer keeps them; how many pairs there are."""
    head = f"{tenant_id}\t{counted.collection_id}"
    pairs = counted.pairs()
    async with app.db.owner_connection() as connection:
        await connection.execute("set maintenance_work_mem = '1GB'")
        async with filling(connection, "patterns.terms", "patterns.counted", "patterns.pairs", "patterns.members"):
            await copy_lines(
                connection,
                "patterns.terms",
                "tenant_id, collection_id, id, kind, key, value, low, high, item_count",
                _term_lines(head, counted),
            )
            await copy_lines(
                connection,
                "patterns.counted",
                "tenant_id, collection_id, item_id, terms",
                (
                    f"{head}\t{item_id}\t{{{','.join(map(str, terms))}}}"
                    for item_id, terms in zip(made.ids, counted.terms_of_each(), strict=True)
                    if terms
                ),
            )
            await _copy_pairs(connection, tenant_id, counted.collection_id, pairs)
            await _copy_members(connection, tenant_id, made, counted)
        await connection.execute("vacuum analyze")
    return len(pairs[0])


def _term_lines(head: str, counted: Counted) -> Iterator[str]:
    everywhere = int(counted.is_public.sum())
    terms, counts = [*counted.terms, counted.all_term], [*counted.counts.tolist(), everywhere]
    for term, number in zip(terms, counts, strict=True):
        if number:
            low, high = ("\\N" if bound is None else f"{bound!r}" for bound in (term.low, term.high))
            yield f"{head}\t{term.id}\t{term.kind}\t{term.key}\t{term.value}\t{low}\t{high}\t{number}"


async def _copy_pairs(
    connection: psycopg.AsyncConnection, tenant_id: UUID, collection_id: UUID, pairs: Sequence[Integers]
) -> None:
    layout = np.dtype(
        [("fields", ">i2"), *_uuid("tenant"), *_uuid("collection")]
        + [field for name in ("a", "b", "n") for field in ((f"{name}_size", ">i4"), (name, ">i8"))]
    )
    command = "copy patterns.pairs (tenant_id, collection_id, a, b, item_count) from stdin (format binary)"
    async with connection.cursor() as cursor, cursor.copy(command) as into:
        await into.write(_HEAD)
        for start in range(0, len(pairs[0]), _CHUNK):
            rows = _rows(layout, len(pairs[0][start : start + _CHUNK]), tenant_id, collection_id)
            for name, column in zip(("a", "b", "n"), pairs, strict=True):
                rows[f"{name}_size"], rows[name] = 8, column[start : start + _CHUNK]
            await into.write(rows.tobytes())
        await into.write(_END)


async def _copy_members(connection: psycopg.AsyncConnection, tenant_id: UUID, made: Made, counted: Counted) -> None:
    layout = np.dtype(
        [
            ("fields", ">i2"),
            *_uuid("tenant"),
            *_uuid("collection"),
            ("term_size", ">i4"),
            ("term", ">i8"),
            *_uuid("item"),
        ]
    )
    ids = np.frombuffer(b"".join(one.bytes for one in made.ids), dtype="V16")
    terms, places = counted.members()
    command = "copy patterns.members (tenant_id, collection_id, term_id, item_id) from stdin (format binary)"
    async with connection.cursor() as cursor, cursor.copy(command) as into:
        await into.write(_HEAD)
        for start in range(0, len(terms), _CHUNK):
            rows = _rows(layout, len(terms[start : start + _CHUNK]), tenant_id, counted.collection_id)
            rows["term_size"], rows["term"] = 8, terms[start : start + _CHUNK]
            rows["item_size"], rows["item"] = 16, ids[places[start : start + _CHUNK]]
            await into.write(rows.tobytes())
        await into.write(_END)


def _uuid(name: str) -> list[tuple[str, str]]:
    return [(f"{name}_size", ">i4"), (name, "V16")]


def _rows(layout: np.dtype[np.void], size: int, tenant_id: UUID, collection_id: UUID) -> NDArray[np.void]:
    """Rows of COPY's binary form, the two ids filled in."""
    rows = np.zeros(size, dtype=layout)
    rows["fields"] = sum(1 for name in layout.names or () if name.endswith("_size"))
    for name, value in (("tenant", tenant_id), ("collection", collection_id)):
        rows[f"{name}_size"], rows[name] = 16, np.void(value.bytes)
    return rows
