"""Drafts turned into the parallel columns the statements take. Pure, and the hot loop of every load."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec

from likewise.engine.collections.logic.passages import split_passages
from likewise.engine.collections.logic.text import content_hash
from likewise.engine.collections.logic.times import read_time
from likewise.engine.collections.model import FacetKind, FacetValue, ItemDraft, Passage
from likewise.platform.ids import new_id

__all__ = [
    "AUTHOR",
    "CATEGORY",
    "FacetColumns",
    "Prepared",
    "facet_columns",
    "item_columns",
    "passage_columns",
    "prepare",
]

# Author and category are filtered like any facet, under names no declared facet can have.
AUTHOR, CATEGORY = "$author", "$category"
_COLUMNS = ("item_ids", "names", "ordinals", "texts", "numbers", "times")
_encode = msgspec.json.Encoder().encode


class Prepared(msgspec.Struct, frozen=True):
    """A draft with what costs time to work out: its hash and its passages."""

    id: UUID
    draft: ItemDraft
    hash: bytes
    passages: list[Passage]


class FacetColumns(msgspec.Struct, frozen=True):
    """The rows of item_facets, column by column, and how many of each countable value they hold."""

    columns: Mapping[str, Sequence[object]]
    counts: Mapping[tuple[str, str], int]


def prepare(drafts: Sequence[ItemDraft], *, tokens_max: int, overlap_tokens: int) -> list[Prepared]:
    """Give each draft an id, its hash and its passages; of drafts with the same key the last one counts."""
    latest = {draft.key: draft for draft in drafts}
    return [
        Prepared(
            id=new_id(),
            draft=draft,
            hash=content_hash(draft),
            passages=split_passages(draft.body, tokens_max=tokens_max, overlap_tokens=overlap_tokens)
            or [Passage(0, [], 0, len(draft.body))],
        )
        for draft in latest.values()
    ]


def item_columns(rows: Sequence[Prepared]) -> dict[str, list[object]]:
    """Columns of insert_items and update_items."""
    drafts = [row.draft for row in rows]
    return {
        "ids": [row.id for row in rows],
        "keys": [draft.key for draft in drafts],
        "hashes": [row.hash for row in rows],
        "titles": [draft.title for draft in drafts],
        "bodies": [draft.body for draft in drafts],
        "facets": [_encode(draft.facets).decode() if draft.facets else "{}" for draft in drafts],
        "authors": [draft.author for draft in drafts],
        "categories": [draft.category for draft in drafts],
        "latitudes": [draft.place.lat if draft.place else None for draft in drafts],
        "longitudes": [draft.place.lon if draft.place else None for draft in drafts],
        "times": [draft.happened_at for draft in drafts],
        "visibilities": [draft.visibility.value for draft in drafts],
        "metadata": [_encode(draft.metadata).decode() if draft.metadata else "{}" for draft in drafts],
    }


def passage_columns(rows: Sequence[Prepared]) -> dict[str, list[object]]:
    """Columns of insert_passages; each passage gets an id."""
    pairs = [(row.id, passage) for row in rows for passage in row.passages]
    return {
        "ids": [new_id() for _ in pairs],
        "item_ids": [item_id for item_id, _ in pairs],
        "ordinals": [passage.ordinal for _, passage in pairs],
        "heading_paths": [
            _encode(passage.heading_path).decode() if passage.heading_path else "[]" for _, passage in pairs
        ],
        "starts": [passage.start for _, passage in pairs],
        "ends": [passage.end for _, passage in pairs],
    }


def facet_columns(rows: Sequence[Prepared], kinds: Mapping[str, FacetKind]) -> FacetColumns:
    """Columns of insert_facets. Keywords, keyword lists, booleans, author and category are counted."""
    found: list[tuple[UUID, str, int, str | None, float | None, datetime | None]] = []
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        reserved = ((AUTHOR, row.draft.author), (CATEGORY, row.draft.category))
        texts = [(name, 0, value) for name, value in reserved if value is not None]
        for name, value in row.draft.facets.items():
            kind = kinds[name]
            if kind is FacetKind.NUMBER:
                found.append((row.id, name, 0, None, float(cast("float", value)), None))
            elif kind is FacetKind.TIME:
                found.append((row.id, name, 0, None, None, read_time(value)))
            else:
                texts += [(name, place, text) for place, text in enumerate(_texts(value))]
        for name, place, text in texts:
            found.append((row.id, name, place, text, None, None))
            counts[name, text] = counts.get((name, text), 0) + 1
    columns: dict[str, list[object]] = {}
    if found:
        columns = {name: list(column) for name, column in zip(_COLUMNS, zip(*found, strict=True), strict=True)}
    return FacetColumns(columns=columns, counts=counts)


def _texts(value: FacetValue) -> list[str]:
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, list):
        return list(dict.fromkeys(value))
    return [str(value)]
