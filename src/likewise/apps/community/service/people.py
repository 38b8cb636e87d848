"""Who somebody is by what they tell and turn to, and who is like them."""

import math
from collections.abc import Sequence
from uuid import UUID

import msgspec

from likewise.apps.community import store
from likewise.apps.community.errors import PersonNotFound
from likewise.apps.community.model import COLLECTION, Dna, Member
from likewise.apps.community.service.founding import find_community
from likewise.engine.recommend import (
    Likeness,
    Profile,
    UserUnknown,
    find_meaning,
    get_profile,
    list_categories,
    list_similar_users,
)
from likewise.platform.feature import App
from likewise.platform.ids import decode_id

__all__ = ["MemberAlike", "MembersAlike", "SharedExperience", "get_member", "list_similar_members"]

_TOP_CATEGORIES = 3


class SharedExperience(msgspec.Struct, frozen=True):
    """A public experience that both turned to."""

    id: UUID
    title: str


class MemberAlike(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody alike, from -1 to 1, and the ground shared: categories, most important first, and experiences both
    upvoted or commented on, newest first."""

    user: str
    name: str | None
    similarity: float
    categories: list[str]
    experiences: list[SharedExperience]


class MembersAlike(msgspec.Struct, frozen=True, kw_only=True):
    """Who is most alike, best first. `known_by`: the ways in which this person can be compared at all."""

    user: str
    by: Likeness
    known_by: list[Likeness]
    data: list[MemberAlike]


async def get_member(app: App, tenant_id: UUID, *, user: str, with_meaning: bool = False) -> Member:
    """Somebody with their DNA as of what they did last; `with_meaning` adds where they stand by meaning.

    Raises PersonNotFound for somebody who has neither done nor told anything, nor said who they are.
    """
    collection_id = await find_community(app, tenant_id)
    if collection_id is None:
        raise PersonNotFound(user=user)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        row = await store.find_portrait(tx, collection_id=collection_id, user=user)
    profile = await _find_profile(app, tenant_id, user)
    known_since = row.created_at or (None if profile is None else profile.updated_at)
    if known_since is None:
        raise PersonNotFound(user=user)
    dna: Dna | None = None
    if profile is not None:
        axes = await list_categories(app, tenant_id, collection=COLLECTION)
        meaning = await find_meaning(app, tenant_id, collection=COLLECTION, user=user) if with_meaning else None
        dna = _dna(profile, axes=axes, told=row.experiences, turned_to=row.turned_to, meaning=meaning)
    return Member(
        user=user,
        name=row.name,
        about=row.about,
        metadata=row.metadata,
        experiences=row.experiences,
        comments=row.comments,
        dna=dna,
        created_at=known_since,
    )


async def list_similar_members(
    app: App, tenant_id: UUID, *, user: str, by: Likeness = "meaning", k: int = 10
) -> MembersAlike:
    """Who is most alike by meaning, categories or taste, with the ground they share; nobody for a stranger."""
    profile = None if await find_community(app, tenant_id) is None else await _find_profile(app, tenant_id, user)
    if profile is None:
        return MembersAlike(user=user, by=by, known_by=[], data=[])
    found = await list_similar_users(app, tenant_id, collection=COLLECTION, user=user, by=by, k=k)
    names = await list_names(app, tenant_id, users=[one.user for one in found.data])
    return MembersAlike(
        user=user,
        by=by,
        known_by=profile.known_by,
        data=[
            MemberAlike(
                user=one.user,
                name=names.get(one.user),
                similarity=one.similarity,
                categories=[] if one.shared is None else one.shared.categories,
                experiences=[]
                if one.shared is None
                else [SharedExperience(decode_id("itm", item.id), item.title) for item in one.shared.items],
            )
            for one in found.data
        ],
    )


async def list_names(app: App, tenant_id: UUID, *, users: Sequence[str]) -> dict[str, str]:
    """What these people call themselves, of those who do."""
    if not users:
        return {}
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        return await store.list_names_of(tx, users=users)


async def _find_profile(app: App, tenant_id: UUID, user: str) -> Profile | None:
    try:
        return await get_profile(app, tenant_id, collection=COLLECTION, user=user)
    except UserUnknown:
        return None


def _dna(profile: Profile, *, axes: list[str], told: int, turned_to: int, meaning: list[float] | None) -> Dna:
    """Square roots of shares are of unit length, and the product of two such vectors is how alike two people are."""
    return Dna(
        categories=profile.categories,
        top=list(profile.categories)[:_TOP_CATEGORIES],
        told=told,
        turned_to=turned_to,
        total=told + turned_to,
        axes=axes,
        vector=[math.sqrt(profile.categories.get(name, 0.0)) for name in axes],
        known_by=list(profile.known_by),
        meaning=meaning,
        last_at=profile.last_at,
        updated_at=profile.updated_at,
    )
