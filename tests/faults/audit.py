"""Count a database against a ledger of acknowledgements, and against itself, from outside and without our own code."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, LiteralString, Protocol

import msgspec
import psycopg

__all__ = ["Acknowledged", "Counted", "count_acknowledged", "count_derived", "wait_until_derived"]

_POLL_S = 0.1


class Acknowledged(Protocol):
    """The last acknowledged state of an item."""

    @property
    def words(self) -> str | None: ...
    @property
    def version(self) -> int: ...


class Counted(msgspec.Struct):
    """What is wrong: acknowledged and not there, done twice, there without a reason, counted wrongly."""

    lost: list[str] = []
    duplicated: list[str] = []
    leaked: list[str] = []
    miscounted: list[str] = []


def count_acknowledged(
    connection: psycopg.Connection[Any], collection: str, acknowledged: Mapping[str, Acknowledged]
) -> Counted:
    """Every acknowledged item with its words, once, told of once per change; deleted ones gone; nothing else there."""
    found = Counted()
    rows = connection.execute(
        "select i.key, i.body, i.version, i.id::text from collections.items i"
        " join collections.collections c on c.tenant_id = i.tenant_id and c.id = i.collection_id where c.name = %s",
        [collection],
    ).fetchall()
    told = _told(connection)
    present = {key: (words, version, item_id) for key, words, version, item_id in rows}
    for key, entry in acknowledged.items():
        words, version, item_id = present.pop(key, (None, 0, ""))
        if words != entry.words or (words is not None and version < entry.version):
            found.lost.append(key)
        elif words is not None and (version > entry.version or told.get(item_id, 0) > entry.version):
            found.duplicated.append(key)
        elif words is not None and told.get(item_id, 0) < entry.version:
            found.lost.append(f"{key}: an event")
    found.leaked += present
    return found


def _told(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How often the log tells of each item being added or changed."""
    rows = connection.execute(
        "select payload ->> 'item_id', count(*) from platform.events"
        " where type in ('collections.item_added', 'collections.item_changed') group by 1"
    )
    return dict(rows.fetchall())


async def wait_until_derived(connection: psycopg.Connection[Any], *, timeout_s: float) -> None:
    """Wait until every passage has its vector and its document. Meanwhile each has a vector or waits for one."""
    deadline = time.monotonic() + timeout_s
    while True:
        neither_nor_both = connection.execute(_NEITHER_NOR_BOTH).fetchall()
        assert neither_nor_both == [], (
            f"passages without, or with two of, vector and place in the queue: {neither_nor_both}"
        )
        if connection.execute(_UNFINISHED).fetchone() == (0,):
            return
        assert time.monotonic() < deadline, "the worker has not caught up"
        await asyncio.sleep(_POLL_S)


def count_derived(connection: psycopg.Connection[Any]) -> Counted:
    """Rows derived from nothing, derived twice, and counters that differ from a recount."""
    found = Counted()
    for what, query in _ORPHANS.items():
        found.leaked += [f"{what} {row[0]}" for row in connection.execute(query)]
    for what, query in _DOUBLED.items():
        found.duplicated += [f"{what} {row[0]}" for row in connection.execute(query)]
    for what, query in _RECOUNTS.items():
        found.miscounted += [f"{what} {row}" for row in connection.execute(query)]
    return found


# One statement, hence one snapshot: between two of them the pipeline moves passages from the queue to their vectors.
_NEITHER_NOR_BOTH: LiteralString = """
select p.id::text from collections.passages p
left join (
    select passage_id, count(*) as places from (
        select passage_id from embedding.vectors union all select passage_id from embedding.pending
    ) held group by passage_id
) h on h.passage_id = p.id
where coalesce(h.places, 0) <> 1
"""
_UNFINISHED: LiteralString = """
select (select count(*) from embedding.pending)
     + (select count(*) from collections.passages p
        where not exists (select from search.documents d where d.passage_id = p.id))
"""
_ORPHANS: dict[str, LiteralString] = {
    "passage": "select id from collections.passages p where not exists"
    " (select from collections.items i where i.tenant_id = p.tenant_id and i.id = p.item_id)",
    "facet": "select item_id from collections.item_facets f where not exists"
    " (select from collections.items i where i.tenant_id = f.tenant_id and i.id = f.item_id)",
    "vector": "select passage_id from embedding.vectors v where not exists"
    " (select from collections.passages p where p.tenant_id = v.tenant_id and p.id = v.passage_id)",
    "pending": "select passage_id from embedding.pending v where not exists"
    " (select from collections.passages p where p.tenant_id = v.tenant_id and p.id = v.passage_id)",
    "document": "select passage_id from search.documents d where not exists"
    " (select from collections.passages p where p.tenant_id = d.tenant_id and p.id = d.passage_id)",
}
_DOUBLED: dict[str, LiteralString] = {
    "key": "select key from collections.items group by tenant_id, collection_id, key having count(*) > 1",
    "passage": "select item_id from collections.passages group by tenant_id, item_id, ordinal having count(*) > 1",
    "vector": "select passage_id from embedding.vectors group by tenant_id, passage_id having count(*) > 1",
    "document": "select passage_id from search.documents group by tenant_id, passage_id having count(*) > 1",
}
_RECOUNTS: dict[str, LiteralString] = {
    "totals": """
        (select collection_id, item_count, passage_count from collections.totals
         except
         select c.id, (select count(*) from collections.items i where i.collection_id = c.id),
                (select count(*) from collections.passages p where p.collection_id = c.id)
         from collections.collections c)
    """,
    "facet counts": """
        select coalesce(a.name, b.name), coalesce(a.text_value, b.text_value), a.item_count, b.item_count
        from collections.facet_counts a
        full join (select collection_id, name, text_value, count(*) as item_count from collections.item_facets
                   where text_value is not null group by 1, 2, 3) b
            on a.collection_id = b.collection_id and a.name = b.name and a.text_value = b.text_value
        where a.item_count is distinct from b.item_count
    """,
    "documents": """
        select collection_id, document_count, lexeme_count from search.totals
        where document_count + lexeme_count > 0
        except
        select collection_id, count(*), sum(length(lexemes)) from search.documents group by 1
    """,
    "lexemes": """
        select coalesce(a.lexeme, b.lexeme), a.document_count, b.document_count
        from search.lexemes a
        full join (select d.collection_id, l.lexeme, count(*) as document_count
                   from search.documents d cross join unnest(d.lexemes) l group by 1, 2) b
            on a.collection_id = b.collection_id and a.lexeme = b.lexeme
        where coalesce(a.document_count, 0) <> coalesce(b.document_count, 0)
    """,
}
