"""Experiences in an order, by what they are asked to be: one statement each, from a source that a wish is made into.

Each wish for an attribute is a join of its own, and all of them and the item share one id, so that the planner may
begin with whichever is rarest, or walk the order itself where everything asked for is common. A wish that names a
category looks into that category's partition only.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, LiteralString, cast
from uuid import UUID

import msgspec

from likewise.apps.community.model import TAGS_FACET, ExperienceOrder
from likewise.engine.collections import AUTHOR, CATEGORY, Conditions, Range, Words, bounds_of, item_conditions
from likewise.platform.db import Queries, Tx

__all__ = [
    "ExperiencePlace",
    "ExperienceRow",
    "NameCount",
    "Wished",
    "count_experiences",
    "count_in_categories",
    "count_key_uses",
    "count_public",
    "list_category_counts",
    "list_experiences",
    "list_experiences_by_id",
    "list_value_counts",
]

QUERIES = Queries("likewise.apps.community")
Params = dict[str, object]

_LAST_ID = UUID(int=(1 << 128) - 1)
_THESE: LiteralString = "select n.id from unnest(%(ids)s::uuid[]) as n (id)"
_ITEM: LiteralString = "i.tenant_id = %(tenant_id)s and i.collection_id = %(collection_id)s"
_ATTRIBUTE: LiteralString = (
    "{a}.tenant_id = %(tenant_id)s and {a}.experience_id = i.id and {a}.key = %(key_{n})s and {a}.is_counted"
)
_TAG: LiteralString = (
    " join collections.item_facets t{n} on t{n}.tenant_id = %(tenant_id)s and t{n}.collection_id = %(collection_id)s"
    " and t{n}.name = %(tag_{n}_name)s and t{n}.text_value = %(tag_{n})s and t{n}.item_id = i.id"
)
_TAGS: LiteralString = (
    " and exists (select from collections.item_facets t where t.tenant_id = %(tenant_id)s"
    " and t.collection_id = %(collection_id)s and t.name = %(tag_{n}_name)s"
    " and t.text_value = any(%(tag_{n})s::text[]) and t.item_id = i.id)"
)
_COUNTER: LiteralString = (
    "with first as materialized (select i.id, c.{column} as place {source} join community.counters c"
    " on c.tenant_id = %(tenant_id)s and c.experience_id = i.id and c.{column} > 0 {where}"
    " and (c.{column}, c.experience_id) < (%(place)s, %(place_id)s)"
    " order by c.{column} desc, c.experience_id desc limit %(limit)s),"
    " rest as (select i.id {source} {where} and i.id < %(rest_id)s and not exists (select from community.counters c"
    " where c.tenant_id = %(tenant_id)s and c.experience_id = i.id and c.{column} > 0)"
    " order by i.id desc limit greatest(0, %(limit)s - (select count(*) from first)))"
    " select id from first union all select id from rest"
)
_COUNT_MAX = 2**62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class ExperiencePlace(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of experiences ended: the value it is ordered by (None: by id alone), and the experience."""

    value: datetime | int | None
    experience_id: UUID


class NameCount(msgspec.Struct, frozen=True):
    """How many have this name."""

    name: str
    count: int


class ExperienceRow(msgspec.Struct, frozen=True):
    """An experience as the tables have it."""

    id: UUID
    key: str
    author: str
    author_name: str | None
    title: str
    text: str
    category: str
    tags: list[str] | None
    latitude: float | None
    longitude: float | None
    happened_at: datetime | None
    visibility: Literal["public", "private", "hidden"]
    hidden_reason: str | None
    metadata: dict[str, object]
    upvotes: int
    comments: int
    views: int
    created_at: datetime
    edited_at: datetime | None


async def list_experiences(
    tx: Tx,
    *,
    collection_id: UUID,
    conditions: Conditions,
    viewer: str | None,
    order: ExperienceOrder,
    after: ExperiencePlace | None,
    limit: int,
) -> list[ExperienceRow]:
    """Those behind a place in the order. `viewer`: of what `conditions` lets see, what is public or theirs."""
    wished = Wished(conditions, viewer=viewer)
    ordered = _ordered(wished, order, after)
    params = {**wished.params, "tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    # Which plan is best depends on how common what is asked for is: each question is planned for itself.
    await tx.settle(plan_cache_mode="force_custom_plan")
    rows = await tx.fetch_all(QUERIES.list_experiences.with_slots(source=ordered), ExperienceRow, params)
    return sorted(rows, key=lambda row: _rank(row, order), reverse=True)


async def list_experiences_by_id(tx: Tx, *, collection_id: UUID, ids: Sequence[UUID]) -> list[ExperienceRow]:
    """In no order, whoever may see them."""
    params: Params = {"tenant_id": tx.tenant, "collection_id": collection_id, "ids": list(ids), "limit": len(ids)}
    return await tx.fetch_all(QUERIES.list_experiences.with_slots(source=_THESE), ExperienceRow, params)


async def count_experiences(tx: Tx, *, collection_id: UUID, conditions: Conditions, limit: int) -> int:
    wished = Wished(conditions, viewer=None)
    params = {**wished.params, "tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    await tx.settle(plan_cache_mode="force_custom_plan")
    named: LiteralString = f"select i.id {wished.source} {wished.where}"
    return await tx.fetch_value(QUERIES.count_experiences.with_slots(source=named), int, params) or 0


async def count_in_categories(tx: Tx, *, collection_id: UUID, categories: Sequence[str]) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "categories": list(categories)}
    return await tx.fetch_value(QUERIES.count_in_categories, int, params) or 0


async def count_public(tx: Tx, *, collection_id: UUID) -> int:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id}
    return await tx.fetch_value(QUERIES.count_public, int, params) or 0


async def list_category_counts(tx: Tx, *, collection_id: UUID, limit: int) -> list[NameCount]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "limit": limit}
    return await tx.fetch_all(QUERIES.list_category_counts, NameCount, params)


async def list_value_counts(tx: Tx, *, collection_id: UUID, key: str, limit: int) -> list[NameCount]:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "key": key, "limit": limit}
    return await tx.fetch_all(QUERIES.list_value_counts, NameCount, params)


async def count_key_uses(tx: Tx, *, keys: Sequence[str], limit: int) -> list[NameCount]:
    params = {"tenant_id": tx.tenant, "keys": list(keys), "limit": limit}
    return await tx.fetch_all(QUERIES.count_key_uses, NameCount, params)


class Wished:
    """FROM and WHERE of the items `i` that are wished for, and their parameters."""

    def __init__(self, conditions: Conditions, *, viewer: str | None) -> None:
        self.params: Params = {"viewer": viewer}
        self.source: LiteralString = "from collections.items i"
        self.where: LiteralString = f"where {_ITEM} and {item_conditions(conditions, self.params)}"
        if viewer is not None:
            self.where += " and (i.visibility = 'public' or i.author = %(viewer)s)"
        self._categories = next((words.values for words in conditions.words if words.name == CATEGORY), ())
        self._in_partition: LiteralString = ""
        if self._categories:
            self.params["categories"] = list(self._categories)
            self._in_partition = " and {a}.category = any(%(categories)s::text[])"
        for n, words in enumerate(conditions.words):
            if words.name == AUTHOR:
                self.params["authors"] = list(words.values)
                self.where += " and i.author = any(%(authors)s::text[])"
            elif words.name == TAGS_FACET:
                self._have_facet(n, words)
            elif words.name != CATEGORY:
                self._have_word(n, words)
        for n, span in enumerate(conditions.ranges, start=len(conditions.words)):
            self._have_number(n, span)
        if self._categories and not any(name.startswith("key_") for name in self.params):
            self._have_facet(len(conditions.words), Words(CATEGORY, self._categories))

    def _have_word(self, n: int, words: Words) -> None:
        """An attribute that is a word: one word is a join, of several one suffices."""
        self.params[f"key_{n}"] = words.name
        if len(words.values) == 1:
            self.params[f"word_{n}"] = words.values[0]
            self.source += f" join community.attributes {_a(n)} on {self._attribute(n)}"
            self.source += f" and {_a(n)}.text_value = %(word_{_digits(n)})s"
        else:
            self.params[f"word_{n}"] = list(words.values)
            inside = f"{self._attribute(n)} and {_a(n)}.text_value = any(%(word_{_digits(n)})s::text[])"
            self.where += f" and exists (select from community.attributes {_a(n)} where {inside})"

    def _have_number(self, n: int, span: Range) -> None:
        self.params[f"key_{n}"] = span.name
        bounds = bounds_of(span, self.params, n=n).replace("f.", f"{_a(n)}.")
        self.source += f" join community.attributes {_a(n)} on {self._attribute(n)}{bounds}"

    def _attribute(self, n: int) -> LiteralString:
        return (_ATTRIBUTE + self._in_partition).replace("{a}", _a(n)).replace("{n}", _digits(n))

    def _have_facet(self, n: int, words: Words) -> None:
        """A tag or, where no attribute is wished for, a category."""
        self.params[f"tag_{n}_name"] = words.name
        if len(words.values) == 1:
            self.params[f"tag_{n}"] = words.values[0]
            self.source += _TAG.replace("{n}", _digits(n))
        else:
            self.params[f"tag_{n}"] = list(words.values)
            self.where += _TAGS.replace("{n}", _digits(n))


def _ordered(wished: Wished, order: ExperienceOrder, after: ExperiencePlace | None) -> LiteralString:
    """The ids of one page, in one order."""
    source, where, params = wished.source, wished.where, wished.params
    params["place_id"] = _LAST_ID if after is None else after.experience_id
    if order == "newest":
        return f"select i.id {source} {where} and i.id < %(place_id)s order by i.id desc limit %(limit)s"
    params["place"] = None if after is None else after.value
    if order == "happened":
        behind: LiteralString = "" if after is None else " and (i.happened_at, i.id) < (%(place)s, %(place_id)s)"
        known: LiteralString = f"{where} and i.happened_at is not null{behind}"
        return f"select i.id {source} {known} order by i.happened_at desc, i.id desc limit %(limit)s"
    params["place"] = _COUNT_MAX if after is None else after.value
    params["rest_id"] = params["place_id"] if after is not None and after.value == 0 else _LAST_ID
    return _COUNTER.replace("{column}", order).replace("{source}", source).replace("{where}", where)


def _rank(row: ExperienceRow, order: ExperienceOrder) -> tuple[int, UUID]:
    if order == "newest":
        return 0, row.id
    if order == "happened":
        return ((row.happened_at or _EPOCH) - _EPOCH) // _MICROSECOND, row.id
    return {"upvotes": row.upvotes, "comments": row.comments, "views": row.views}[order], row.id


def _a(n: int) -> LiteralString:
    return f"a{_digits(n)}"


def _digits(n: int) -> LiteralString:
    return cast("LiteralString", str(n))
