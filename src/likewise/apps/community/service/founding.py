"""Where a community's experiences are: the collection that holds them, made when the first is told."""

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

import msgspec

from likewise.apps.community import store
from likewise.apps.community.model import COLLECTION, TAGS_FACET
from likewise.engine.collections import NAMES_TAG, FacetKind, declare_facets, ensure_collection
from likewise.engine.recommend import AGES_FROM_CREATED
from likewise.platform.cache import Namespace
from likewise.platform.feature import App

__all__ = ["KINDS_TAG", "Community", "declare_keys", "ensure_community", "find_community", "read_community"]

KINDS_TAG = "community.kinds"
"""The cache tag of what remembers the kinds of a community's attributes; it is bumped when there is a new key."""

_TAGS = MappingProxyType({TAGS_FACET: FacetKind.KEYWORDS})
_NO_KINDS: Mapping[str, FacetKind] = MappingProxyType({})


class Community(msgspec.Struct, frozen=True):
    """The collection of a tenant's experiences, and the kinds of their attributes by key, tags among them."""

    id: UUID
    kinds: dict[str, FacetKind]


_PLACES = Namespace[Community | None]("community.places", Community, ttl_s=600)


async def find_community(app: App, tenant_id: UUID) -> UUID | None:
    """The collection of a tenant's experiences, where there is one: who only reads makes none."""
    found = await read_community(app, tenant_id)
    return None if found is None else found.id


async def ensure_community(app: App, tenant_id: UUID, *, kinds: Mapping[str, FacetKind] = _NO_KINDS) -> UUID:
    """The collection of a tenant's experiences, made where it is missing; attributes it does not know are declared."""
    return (await declare_keys(app, tenant_id, kinds=kinds)).id


async def read_community(app: App, tenant_id: UUID) -> Community | None:
    """The community as it is, remembered until there is a new key."""

    async def find() -> Community | None:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            ground = await store.find_community(tx, name=COLLECTION)
        if ground is None:
            return None
        return Community(ground.id, {key: FacetKind(kind) for key, kind in ground.facets.items()})

    return await app.cache.get_or_compute(
        _PLACES, tenant_id=tenant_id, key="collection", tags=[NAMES_TAG, KINDS_TAG], compute=find
    )


async def declare_keys(app: App, tenant_id: UUID, *, kinds: Mapping[str, FacetKind] = _NO_KINDS) -> Community:
    """The community with all its keys, these among them. Whoever was first has fixed a key's kind."""
    wanted = {**_TAGS, **kinds}
    found = await read_community(app, tenant_id)
    if found is None:
        collection = await ensure_collection(app, tenant_id, name=COLLECTION, facets=wanted, metadata=AGES_FROM_CREATED)
        return Community(collection.id, collection.facets)
    if wanted.keys() <= found.kinds.keys():
        return found
    async with app.db.tenant(tenant_id) as tx:
        known = await declare_facets(app, tx, collection_id=found.id, facets=wanted)
        await app.cache.bump_tags(tx, [KINDS_TAG])
    return Community(found.id, known)
