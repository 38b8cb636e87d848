"""A made-up community laid down in the tables as the program's own writers would leave it.

Items, passages and facets are worked out by the engine's own code and copied in, a hundred times as fast as through
the app; words, standings, profiles and what a rebuild learns are made by the program itself. Indexes that are not keys
are made afterwards.
"""

import json
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from random import Random
from uuid import UUID

import msgspec
import numpy as np
import psycopg
from numpy.typing import NDArray

from community_made import KEYS, SEED, TAGS, Made, Value
from community_words import CATEGORIES, COMMENTS, TOPICS_EACH, body_of, title_of, topics
from likewise.apps.community.model import COLLECTION
from likewise.engine.collections import (
    Collection,
    FacetKind,
    FacetValue,
    ItemDraft,
    Place,
    Visibility,
    ensure_collection,
)
from likewise.engine.collections.logic import facet_columns, item_columns, passage_columns, prepare
from likewise.engine.collections.settings import CollectionsSettings
from likewise.engine.embedding import Embedder
from likewise.engine.search.service import read_items
from likewise.platform.db import half_vectors
from likewise.platform.db.vectors import register_vectors
from likewise.platform.feature import App

__all__ = ["EXTRACTED", "copy_lines", "draft_of", "facets_of", "filling", "lay_words", "put_in"]

BATCH = 5_000
WORDS_BATCH = 500
NOISE = 0.06
RULES_VERSION = 1
EXTRACTED = frozenset({"shape", "colour", "light", "sound", "movement", "duration_s"})
"""Keys that the rules read in the text; the author says the others."""
KINDS = {"text": FacetKind.KEYWORDS, "boolean": FacetKind.BOOLEAN, "number": FacetKind.NUMBER}
ACT_KINDS = ("view", "upvote", "comment", "less")


def facets_of(attributes: Sequence[tuple[str, Value]], tags: Sequence[str]) -> dict[str, FacetValue]:
    """The facets that attributes and tags become."""
    found: dict[str, FacetValue] = {}
    for key, value in attributes:
        if isinstance(value, str):
            known = found.setdefault(key, [])
            if isinstance(known, list):
                known.append(value)
        else:
            found[key] = int(value) if isinstance(value, float) and value.is_integer() else value
    return found | ({TAGS.name: list(tags)} if tags else {})


def draft_of(made: Made, number: int) -> ItemDraft:
    """An experience as the item it is kept as."""
    attributes = made.attributes(number)
    category, topic = int(made.category[number]), int(made.topic[number])
    happened = made.moment(int(made.happened[number]))
    latitude, longitude = float(made.latitude[number]), float(made.longitude[number])
    chance = Random(f"{SEED}/{number}")
    return ItemDraft(
        key=f"made-{number}",
        title=title_of(category, topic),
        body=body_of(category, topic, said=attributes, happened=happened, chance=chance),
        facets=facets_of(attributes, made.tags_of(number)),
        author=made.people[made.author[number]],
        category=CATEGORIES[category],
        place=None if np.isnan(latitude) else Place(round(latitude, 5), round(longitude, 5)),
        happened_at=happened,
        visibility=Visibility.PRIVATE if made.is_private[number] else Visibility.PUBLIC,
        metadata={},
    )


@asynccontextmanager
async def filling(connection: psycopg.AsyncConnection, *tables: str) -> AsyncGenerator[None]:
    """Tables open to COPY, which row level security closes even to the owner; indexes but for keys come afterwards."""
    found: list[tuple[str, str]] = []
    for table in tables:
        await connection.execute(f"alter table {table} no force row level security")  # type: ignore[arg-type]
        cursor = await connection.execute(
            "select format('%%I.%%I', n.nspname, c.relname), pg_get_indexdef(c.oid) from pg_index x"
            " join pg_class c on c.oid = x.indexrelid join pg_namespace n on n.oid = c.relnamespace"
            " where x.indrelid = %s::regclass and not x.indisunique",
            [table],
        )
        found += await cursor.fetchall()
    for name, _ in found:
        await connection.execute(f"drop index {name}")  # type: ignore[arg-type]
    yield
    await connection.execute("set maintenance_work_mem = '1GB'")
    for _, definition in found:
        # Of a partitioned table it says ONLY, which would leave the index invalid.
        await connection.execute(definition.replace(" ON ONLY ", " ON "))  # type: ignore[arg-type]
    for table in tables:
        await connection.execute(f"alter table {table} force row level security")  # type: ignore[arg-type]


async def copy_lines(connection: psycopg.AsyncConnection, table: str, columns: str, lines: Iterable[str]) -> None:
    r"""Rows as lines of COPY's text form: tabs between the values, `\N` for none. Values hold nothing to be escaped."""
    async with connection.cursor() as cursor, cursor.copy(f"copy {table} ({columns}) from stdin") as into:  # type: ignore[arg-type]
        waiting: list[str] = []
        for line in lines:
            waiting.append(line)
            if len(waiting) == BATCH:
                await into.write("\n".join(waiting) + "\n")
                waiting.clear()
        if waiting:
            await into.write("\n".join(waiting) + "\n")


async def put_in(app: App, tenant_id: UUID, made: Made) -> Collection:
    """Items with all that hangs on them, what the community knows of them, and what people did."""
    kinds = {key.name: KINDS[key.kind] for key in KEYS} | {TAGS.name: FacetKind.KEYWORDS}
    collection = await ensure_collection(app, tenant_id, name=COLLECTION, facets=kinds)
    async with app.db.owner_connection() as connection:
        await register_vectors(connection)
        await connection.execute("set maintenance_work_mem = '1GB'")
        await _put_items(app, connection, tenant_id, made, collection)
        await _put_community(connection, tenant_id, made)
        await _put_deeds(connection, tenant_id, made, collection.id)
        await connection.execute("vacuum analyze")
    return collection


async def lay_words(app: App, tenant_id: UUID, ids: Sequence[UUID]) -> None:
    """What searches by words read, made by the consumer's own code."""
    for start in range(0, len(ids), WORDS_BATCH):
        async with app.db.tenant(tenant_id) as tx:
            await read_items(tx, item_ids=ids[start : start + WORDS_BATCH])


async def _put_items(
    app: App, connection: psycopg.AsyncConnection, tenant_id: UUID, made: Made, collection: Collection
) -> None:
    settings = app.settings.get(CollectionsSettings)
    embedder = app.resource(Embedder)
    vectors = await embedder.model.embed(topics(), purpose="passage")
    chance = np.random.default_rng(SEED)
    counts: dict[tuple[str, str], int] = {}
    async with filling(connection, "collections.items", "collections.passages", "collections.item_facets"):
        for start in range(0, made.size, BATCH):
            numbers = range(start, min(start + BATCH, made.size))
            rows = [
                msgspec.structs.replace(row, id=made.ids[number])
                for number, row in zip(
                    numbers,
                    prepare(
                        [draft_of(made, number) for number in numbers],
                        tokens_max=settings.passage_tokens_max,
                        overlap_tokens=settings.passage_overlap_tokens,
                    ),
                    strict=True,
                )
            ]
            items, passages = item_columns(rows), passage_columns(rows)
            items["hashes"] = [f"\\\\x{row.hash.hex()}" for row in rows]
            at = [made.moment(int(made.created[number])) for number in numbers]
            await copy_lines(
                connection,
                "collections.items",
                "tenant_id, collection_id, id, key, content_hash, title, body, facets, author, category, latitude,"
                " longitude, happened_at, visibility, metadata, created_at, updated_at",
                _lines((tenant_id, collection.id), [*items.values(), at, at]),
            )
            passages["heading_paths"] = ["{}" for _ in passages["ids"]]
            await copy_lines(
                connection,
                "collections.passages",
                "tenant_id, collection_id, id, item_id, ordinal, heading_path, span_start, span_end",
                _lines((tenant_id, collection.id), list(passages.values())),
            )
            facets = facet_columns(rows, collection.facets)
            await copy_lines(
                connection,
                "collections.item_facets",
                "tenant_id, collection_id, item_id, name, ordinal, text_value, number_value, time_value",
                _lines((tenant_id, collection.id), list(facets.columns.values())),
            )
            for value, count in facets.counts.items():
                counts[value] = counts.get(value, 0) + count
            near = made.category[start : start + BATCH] * TOPICS_EACH + made.topic[start : start + BATCH]
            await _put_vectors(
                connection,
                (tenant_id, embedder.space.space_id, collection.id),
                passages,
                vectors[near] + chance.normal(scale=NOISE, size=(len(near), vectors.shape[1])).astype(np.float32),
            )
    async with filling(connection, "collections.facet_counts", "collections.totals"):
        await copy_lines(
            connection,
            "collections.facet_counts",
            "tenant_id, collection_id, name, text_value, item_count",
            (f"{tenant_id}\t{collection.id}\t{name}\t{text}\t{count}" for (name, text), count in counts.items()),
        )
        await connection.execute(
            "update collections.totals set item_count = %s, passage_count = %s"
            " where tenant_id = %s and collection_id = %s",
            [made.size, made.size, tenant_id, collection.id],
        )


async def _put_vectors(
    connection: psycopg.AsyncConnection,
    head: tuple[UUID, int, UUID],
    passages: dict[str, list[object]],
    matrix: NDArray[np.float32],
) -> None:
    """Vectors around those of the topics; every item has one passage."""
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    await connection.execute("set role likewise_maintenance")
    await connection.execute(
        "insert into embedding.vectors (tenant_id, space_id, collection_id, passage_id, item_id, embedding)"
        " select %s, %s, %s, n.id, n.item_id, n.embedding"
        " from unnest(%s::uuid[], %s::uuid[], %s::halfvec[]) as n (id, item_id, embedding)",
        [*head, passages["ids"], passages["item_ids"], half_vectors(matrix)],
    )
    await connection.execute("reset role")


async def _put_community(connection: psycopg.AsyncConnection, tenant_id: UUID, made: Made) -> None:
    at = [made.moment(moment) for moment in made.created.tolist()]
    async with filling(connection, "community.people", "community.experiences", "community.attributes"):
        names = [f"Member {number}" for number in range(len(made.people))]
        await copy_lines(
            connection, "community.people", "tenant_id, user_key, name", _lines((tenant_id,), [made.people, names])
        )
        wanted = ["private" if one else "public" for one in made.is_private.tolist()]
        rules = [RULES_VERSION] * made.size
        await copy_lines(
            connection,
            "community.experiences",
            "tenant_id, id, wanted_visibility, rules_version, created_at",
            _lines((tenant_id,), [made.ids, wanted, rules, at]),
        )
        await copy_lines(
            connection,
            "community.attributes",
            "tenant_id, category, experience_id, key, ordinal, text_value, number_value, confidence, source,"
            " is_counted, field, words",
            _attribute_lines(tenant_id, made),
        )


def _attribute_lines(tenant_id: UUID, made: Made) -> Iterator[str]:
    for number, experience_id in enumerate(made.ids):
        head = f"{tenant_id}\t{CATEGORIES[made.category[number]]}\t{experience_id}"
        before, ordinal = "", 0
        for key, value in made.attributes(number):
            ordinal = ordinal + 1 if key == before else 0
            before = key
            if isinstance(value, float):
                said = f"\\N\t{value:g}"
            else:
                said = f"{json.dumps(value)}\t{int(value)}" if isinstance(value, bool) else f"{value}\t\\N"
            source = "0.8\textracted\tt\ttext" if key in EXTRACTED else "1\tauthor\tt\t"
            yield f"{head}\t{key}\t{ordinal}\t{said}\t{source}\t{'of it' if key in EXTRACTED else ''}"


async def _put_deeds(connection: psycopg.AsyncConnection, tenant_id: UUID, made: Made, collection_id: UUID) -> None:
    deeds, chance = made.deeds, Random(SEED)
    columns = (deeds.who.tolist(), deeds.what.tolist(), deeds.kind.tolist(), deeds.at.tolist())
    async with filling(connection, "recommend.interactions", "community.counters", "community.comments"):
        await copy_lines(
            connection,
            "recommend.interactions",
            "tenant_id, collection_id, user_key, item_id, kind, weight, happened_at",
            (
                f"{tenant_id}\t{collection_id}\t{made.people[who]}\t{made.ids[what]}\t{ACT_KINDS[kind]}\t1\t{made.moment(at)}"
                for who, what, kind, at in zip(*columns, strict=True)
            ),
        )
        counted = [
            np.bincount(deeds.what[deeds.kind == kind], minlength=made.size).tolist()
            for kind in map(ACT_KINDS.index, ("upvote", "comment", "view"))
        ]
        await copy_lines(
            connection,
            "community.counters",
            "tenant_id, experience_id, upvotes, comments, views",
            _lines((tenant_id,), [made.ids, *counted]),
        )
        order = np.argsort(deeds.at, kind="stable")
        said = order[deeds.kind[order] == ACT_KINDS.index("comment")].tolist()
        moments = deeds.at[said].tolist()
        ids = [UUID(int=moment << 80 | 0x7 << 76 | 0b10 << 62 | place) for place, moment in enumerate(moments)]
        await copy_lines(
            connection,
            "community.comments",
            "tenant_id, id, experience_id, author, body, created_at",
            _lines(
                (tenant_id,),
                [
                    ids,
                    [made.ids[what] for what in deeds.what[said].tolist()],
                    [made.people[who] for who in deeds.who[said].tolist()],
                    [chance.choice(COMMENTS) for _ in said],
                    [made.moment(moment) for moment in moments],
                ],
            ),
        )


def _lines(head: Sequence[object], columns: Sequence[Sequence[object]]) -> Iterator[str]:
    """Lines of columns, the same values before each."""
    start = "".join(f"{value}\t" for value in head)
    for row in zip(*columns, strict=True):
        yield start + "\t".join(["\\N" if value is None else str(value) for value in row])
