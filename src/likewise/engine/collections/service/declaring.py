"""Collections themselves: made, found, listed, declared."""

import difflib
import re
from collections.abc import Mapping
from uuid import UUID

from likewise.engine.collections import store
from likewise.engine.collections.errors import (
    CollectionExists,
    CollectionNameRefused,
    CollectionNotFound,
    LanguageUnknown,
)
from likewise.engine.collections.followers import Followers
from likewise.engine.collections.model import Collection, FacetKind
from likewise.platform.db import Tx
from likewise.platform.errors import FieldError
from likewise.platform.feature import App
from likewise.platform.ids import new_id

__all__ = [
    "create_collection",
    "declare_facets",
    "ensure_collection",
    "explain_missing",
    "find_collection",
    "get_collection",
    "list_collections",
    "read_collection",
    "update_collection",
]

# fmt: off
LANGUAGES = [
    "simple", "arabic", "armenian", "basque", "catalan", "danish", "dutch", "english", "finnish", "french", "german",
    "greek", "hindi", "hungarian", "indonesian", "irish", "italian", "lithuanian", "nepali", "norwegian", "portuguese",
    "romanian", "russian", "serbian", "spanish", "swedish", "tamil", "turkish", "yiddish",
]
# fmt: on
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")
_BACKLOG_COUNT_MAX = 1_000_000
_NAMES_FOR_HINT_MAX = 200


async def create_collection(
    app: App,
    tenant_id: UUID,
    *,
    name: str,
    facets: Mapping[str, FacetKind] | None = None,
    language: str = "english",
    metadata: Mapping[str, object] | None = None,
) -> Collection:
    """A new collection. Raises CollectionExists, CollectionNameRefused, LanguageUnknown."""
    _check_name(name)
    _check_language(language)
    async with app.db.tenant(tenant_id) as tx:
        made = await _insert(tx, name=name, facets=facets or {}, language=language, metadata=metadata or {})
    if not made:
        raise CollectionExists(name=name)
    return await get_collection(app, tenant_id, name=name)


async def ensure_collection(
    app: App,
    tenant_id: UUID,
    *,
    name: str,
    facets: Mapping[str, FacetKind],
    language: str = "english",
    metadata: Mapping[str, object] | None = None,
) -> Collection:
    """The collection with this name, made if need be; facets it does not know yet are declared. `metadata` is that of
    a collection that is made now."""
    _check_name(name)
    _check_language(language)
    async with app.db.tenant(tenant_id) as tx:
        await _insert(tx, name=name, facets=facets, language=language, metadata=metadata or {})
        row = await store.find_collection(tx, name=name)
        if row is not None and not facets.keys() <= row.facets.keys():
            await declare_facets(app, tx, collection_id=row.id, facets=facets)
    return await get_collection(app, tenant_id, name=name)


async def declare_facets(
    app: App, tx: Tx, *, collection_id: UUID, facets: Mapping[str, FacetKind]
) -> dict[str, FacetKind]:
    """Declare facets that are not declared yet; all of the collection with their kinds. Whoever was first fixes a kind.

    The declaration is held until the end of the transaction: keep that short.
    """
    known = await store.lock_facets(tx, collection_id=collection_id)
    if known is None or facets.keys() <= known.keys():
        return known or {}
    declared = {**facets, **known}
    await store.mark_facets(tx, collection_id=collection_id, facets=declared, at=app.clock.now())
    return declared


async def get_collection(app: App, tenant_id: UUID, *, name: str) -> Collection:
    """The collection with this name. Raises CollectionNotFound, which names the nearest one there is."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await read_collection(app, tx, name=name)


async def find_collection(app: App, tenant_id: UUID, *, name: str) -> Collection | None:
    """The collection with this name, if there is one."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        row = await store.find_collection(tx, name=name)
        return None if row is None else await _collection(app, tx, row)


async def list_collections(app: App, tenant_id: UUID, *, after: str = "", limit: int = 100) -> list[Collection]:
    """One page of collections by name, beginning after `after`."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        rows = await store.list_collections(tx, after=after, limit=limit)
        return [await _collection(app, tx, row) for row in rows]


async def update_collection(
    app: App,
    tenant_id: UUID,
    *,
    name: str,
    facets: Mapping[str, FacetKind] | None = None,
    language: str | None = None,
    metadata: Mapping[str, object] | None = None,
) -> Collection:
    """Declare more facets, or change the language or the metadata. A declared facet keeps its kind."""
    if language is not None:
        _check_language(language)
    async with app.db.tenant(tenant_id) as tx:
        row = await store.find_collection(tx, name=name)
        if row is None:
            raise await explain_missing(tx, name=name)
        await store.update_collection(
            tx,
            collection_id=row.id,
            facets={**(facets or {}), **row.facets},
            language=language or row.language,
            metadata=row.metadata if metadata is None else metadata,
            at=app.clock.now(),
        )
    return await get_collection(app, tenant_id, name=name)


async def read_collection(app: App, tx: Tx, *, name: str) -> Collection:
    """The collection inside a transaction that is open already."""
    row = await store.find_collection(tx, name=name)
    if row is None:
        raise await explain_missing(tx, name=name)
    return await _collection(app, tx, row)


async def _insert(
    tx: Tx, *, name: str, facets: Mapping[str, FacetKind], language: str, metadata: Mapping[str, object]
) -> bool:
    collection_id = new_id()
    made = await store.insert_collection(
        tx, collection_id=collection_id, name=name, facets=facets, language=language, metadata=metadata
    )
    if made:
        await store.insert_totals(tx, collection_id=collection_id)
    return made


async def _collection(app: App, tx: Tx, row: store.CollectionRow) -> Collection:
    pending = 0
    for follower in app.resource(Followers).all:
        pending = max(pending, await follower.backlog(tx, collection_id=row.id, limit=_BACKLOG_COUNT_MAX))
    return Collection(
        id=row.id,
        name=row.name,
        facets={name: FacetKind(kind) for name, kind in row.facets.items()},
        language=row.language,
        metadata=row.metadata,
        item_count=row.item_count,
        pending_count=pending,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


async def explain_missing(tx: Tx, *, name: str) -> CollectionNotFound:
    """The fact that no collection has this name, with the nearest one there is."""
    rows = await store.list_collections(tx, after="", limit=_NAMES_FOR_HINT_MAX)
    names = [row.name for row in rows]
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        hint = f"Did you mean {near[0]!r}?"
    elif names:
        hint = f"There are: {', '.join(names[:10])}. `likewise load FILE -c {name}` makes one of this name."
    else:
        hint = f"There are none yet: `likewise load FILE -c {name}` makes one."
    return CollectionNotFound(name=name, hint=hint)


def _check_name(name: str) -> None:
    if not _NAME.match(name):
        raise CollectionNameRefused(name=name[:110], errors=[FieldError("/name", "not usable as a name")])


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise LanguageUnknown(language=language, known=", ".join(LANGUAGES))
