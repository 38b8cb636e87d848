"""Tools that show: experiences, those like one, people alike, what is trending, what is remarkable."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from likewise.apps.community import store
from likewise.apps.community.logic.discovering.results import (
    DiscoveryCard,
    DiscoveryInsight,
    InsightsResult,
    PeopleResult,
    PersonRow,
    RowsResult,
)
from likewise.apps.community.logic.discovering.tools import (
    Find,
    Insights,
    PeopleLike,
    Person,
    Similar,
    Trending,
    Wish,
)
from likewise.apps.community.model import Experience, folded
from likewise.apps.community.service.discovering.seeking import Seeker
from likewise.apps.community.service.discovering.vocabulary import title_of_category
from likewise.apps.community.service.feeding import list_trending
from likewise.apps.community.service.finding import ExperienceFound, search_experiences, similar_experiences
from likewise.apps.community.service.patterning import pattern_insights
from likewise.apps.community.service.people import get_member, list_similar_members
from likewise.apps.community.service.reading import get_experience, list_by_ids
from likewise.platform.ids import decode_id, encode_id

__all__ = ["find", "find_nearest", "insights", "people_like", "person", "similar", "trending"]

_TEXT_CHARACTERS: Final = 240
_WIDER: Final = 5  # times as many are looked at where part of the wish is looked at afterwards
_FOUND_MAX: Final = 100


async def find(seeker: Seeker, step: Find) -> RowsResult:
    """Experiences by meaning, or in an order. Raises FilterRefused, QuestionRefused."""
    k = min(step.k, seeker.settings.discovery_rows_max)
    if step.words.strip():
        return RowsResult(rows=await _search(seeker, words=step.words, wish=step.wish, k=k))
    order = step.order
    is_by_number = order in {"highest", "lowest"}
    key = step.order_key if is_by_number else None
    if is_by_number and key is None:
        order = "newest"
    sought = seeker.sought(step.wish, known=() if key is None else (key,))
    async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
        rows = await store.discover_ids(tx, sought=sought, order=order, key=key, limit=k)
    known = await list_by_ids(seeker.app, seeker.tenant_id, ids=[row.id for row in rows])
    return RowsResult(
        rows=[
            _card(known[row.id], value=row.value if key else None)
            for row in rows
            if row.id in known and known[row.id].state == "public"
        ],
        value_key=key,
    )


async def find_nearest(seeker: Seeker, step: Find, *, words: str) -> RowsResult:
    """Where nothing is as wished: what tells of the words, there and then."""
    wish = msgspec.structs.replace(
        step.wish,
        attributes=tuple(one for one in step.wish.attributes if one.gte is not None or one.lte is not None),
        tags=(),
    )
    if wish == step.wish and step.words:
        return RowsResult(rows=[])  # that was looked for already
    rows = await _search(seeker, words=words, wish=wish, k=min(step.k, seeker.settings.discovery_rows_max))
    return RowsResult(rows=rows, is_nearest=bool(rows))


async def similar(seeker: Seeker, step: Similar) -> RowsResult:
    """Experiences like another, or like a text. Raises ExperienceNotFound, QuestionRefused, FilterRefused."""
    k = min(step.k, seeker.settings.discovery_rows_max)
    if step.text and step.experience is None and not step.title:
        return RowsResult(rows=await _search(seeker, words=step.text, wish=step.wish, k=k))
    to = await _reference(seeker, step)
    if to is None:
        return RowsResult(rows=[])
    found = await similar_experiences(
        seeker.app,
        seeker.tenant_id,
        experience_id=to.id,
        viewer=seeker.user,
        wish=step.wish.as_experiences(),
        k=_wide(step.wish, k),
    )
    return RowsResult(rows=await _kept(seeker, found.data, wish=step.wish, k=k), to=_card(to))


async def trending(seeker: Seeker, step: Trending) -> RowsResult:
    """What people turn to now, of some categories or of all."""
    k = min(step.k, seeker.settings.discovery_rows_max)
    wanted: Sequence[str | None] = step.categories or (None,)
    found = [
        one for category in wanted for one in await list_trending(seeker.app, seeker.tenant_id, category=category, k=k)
    ]
    best = sorted(found, key=lambda one: -one.score)[:k]
    return RowsResult(rows=[_card(one.experience, score=one.score) for one in best])


async def insights(seeker: Seeker, step: Insights) -> InsightsResult:
    """What is remarkable; with words, what has all of them in its sentence."""
    found = await pattern_insights(seeker.app, seeker.tenant_id, limit=_FOUND_MAX if step.about else step.k)
    words = [folded(word) for word in step.about]
    told = [one for one in found if all(word in folded(one.sentence) for word in words)]
    return InsightsResult(
        insights=[
            DiscoveryInsight(id=encode_id("ins", one.id), kind=one.kind, sentence=one.sentence, strength=one.strength)
            for one in told[: min(step.k, seeker.settings.discovery_rows_max)]
        ]
    )


async def people_like(seeker: Seeker, step: PeopleLike) -> PeopleResult:
    """Who is like somebody, and the ground they share."""
    k = min(step.k, seeker.settings.discovery_rows_max)
    found = await list_similar_members(seeker.app, seeker.tenant_id, user=step.user, by=step.by, k=k)
    return PeopleResult(
        people=[
            PersonRow(
                user=one.user,
                name=one.name,
                similarity=one.similarity,
                categories=[title_of_category(name) for name in one.categories],
                experiences=[encode_id("exp", shared.id) for shared in one.experiences],
            )
            for one in found.data
        ]
    )


async def person(seeker: Seeker, step: Person) -> PeopleResult:
    """Somebody by what they tell and turn to. Raises PersonNotFound."""
    member = await get_member(seeker.app, seeker.tenant_id, user=step.user)
    async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
        own = seeker.sought(Wish(authors=(step.user,)))
        told = await store.discover_total(tx, sought=own, ids_max=seeker.settings.discovery_rows_max)
    return PeopleResult(
        people=[
            PersonRow(
                user=member.user,
                name=member.name,
                count=told.count,
                categories=[title_of_category(name) for name in (member.dna.top if member.dna else [])],
                experiences=[encode_id("exp", one) for one in told.ids],
            )
        ]
    )


async def _search(seeker: Seeker, *, words: str, wish: Wish, k: int) -> list[DiscoveryCard]:
    found = await search_experiences(
        seeker.app, seeker.tenant_id, words=words, wish=wish.as_experiences(), k=_wide(wish, k)
    )
    return await _kept(seeker, found.data, wish=wish, k=k)


async def _kept(seeker: Seeker, found: Sequence[ExperienceFound], *, wish: Wish, k: int) -> list[DiscoveryCard]:
    """Of what was found, what the rest of the wish leaves."""
    left = list(found)
    if _needs_more(wish) and found:
        sought = seeker.sought(wish, ids=tuple(one.experience.id for one in found))
        async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
            rows = await store.discover_ids(tx, sought=sought, order="newest", key=None, limit=len(found))
        among = {row.id for row in rows}
        left = [one for one in found if one.experience.id in among]
    return [_card(one.experience, score=one.score, text=one.passage) for one in left[:k]]


async def _reference(seeker: Seeker, step: Similar) -> Experience | None:
    """The experience that others are to be like."""
    if step.experience is not None:
        wanted = decode_id("exp", step.experience)
        return await get_experience(seeker.app, seeker.tenant_id, experience_id=wanted, viewer=seeker.user)
    if step.title:
        found = await search_experiences(seeker.app, seeker.tenant_id, words=step.title, k=10)
        exact = [one.experience for one in found.data if folded(one.experience.title) == folded(step.title)]
        return next(iter(exact), found.data[0].experience if found.data else None)
    async with seeker.app.db.tenant(seeker.tenant_id, read_only=True) as tx:
        rows = await store.discover_ids(tx, sought=seeker.sought(step.wish), order="newest", key=None, limit=1)
    ids: list[UUID] = [row.id for row in rows]
    return next(iter((await list_by_ids(seeker.app, seeker.tenant_id, ids=ids)).values()), None)


def _needs_more(wish: Wish) -> bool:
    """Whether part of a wish is what the engine's filters cannot say."""
    is_named = wish.near is not None and wish.near.is_named
    return bool(is_named or wish.months or wish.weekdays or any(test.not_values for test in wish.attributes))


def _wide(wish: Wish, k: int) -> int:
    return min(k * _WIDER, _FOUND_MAX) if _needs_more(wish) else k


def _card(
    one: Experience, *, value: float | None = None, score: float | None = None, text: str | None = None
) -> DiscoveryCard:
    words = " ".join((text or one.text).split())
    return DiscoveryCard(
        id=encode_id("exp", one.id),
        title=one.title,
        text=words if len(words) <= _TEXT_CHARACTERS else words[: _TEXT_CHARACTERS - 1] + "…",
        category=one.category,
        category_title=title_of_category(one.category),
        author=one.author,
        author_name=one.author_name,
        place=one.place,
        place_name=one.place_name,
        happened_at=one.happened_at,
        counters=one.counters,
        value=value,
        score=score,
    )
