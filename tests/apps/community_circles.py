"""What tests that look into a community begin with: two circles of people with different tastes, and patterns that
were put there. Times pass by nobody: what consumers do is done by hand until nothing is left."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from tests.apps.inbox_runs import embedding

from likewise.apps.community.consumers import consumers
from likewise.apps.community.model import COLLECTION, Act, ActKind, ExperienceDraft, GivenAttribute, WrittenExperience
from likewise.apps.community.service import act, write_experiences
from likewise.engine.collections import Place, wait_until_searchable
from likewise.engine.patterns import PATTERN_COUNTS
from likewise.engine.recommend.consumers import consumer as recommend_consumer
from likewise.engine.recommend.service import Keeper
from likewise.platform.events import drain
from likewise.platform.feature import App

__all__ = ["BAY", "CIRCLES", "DESERT", "circles", "do", "follow", "sightings", "tell"]

BAY, DESERT = Place(37.8, -122.4), Place(36.1, -115.2)
CIRCLES = {"haunting": ("ann", "bea", "cid"), "ufo_sighting": ("xan", "yve", "zoe")}
"""Category: who of this circle upvotes. Their experiences are told by others."""
_WORDS = {
    "haunting": "footsteps in the old house, a door and a cold corridor, the ghost of the house again",
    "ufo_sighting": "lights over the bay, a silent craft in the sky, the light above the bay again",
}
_TITLES = {"haunting": "The door in the corridor", "ufo_sighting": "The light over the bay"}


async def tell(app: App, tenant_id: UUID, drafts: Sequence[ExperienceDraft]) -> dict[str, UUID]:
    """Experiences told, searchable and counted; their ids by key."""
    told = await write_experiences(app, tenant_id, drafts=drafts)
    ids = {one.key: one.id for one in told if isinstance(one, WrittenExperience)}
    assert len(ids) == len(drafts), told
    async with embedding(app):
        await wait_until_searchable(app, tenant_id, collection=COLLECTION)
    await follow(app)
    return ids


async def do(app: App, tenant_id: UUID, kind: ActKind, *deeds: tuple[str, UUID]) -> None:
    """People turn to experiences, and everything follows."""
    acts = [Act(user=user, experience_id=experience_id, kind=kind) for user, experience_id in deeds]
    await act(app, tenant_id, acts=acts)
    await follow(app)


async def follow(app: App) -> None:
    """What a worker does until nothing is left to do."""
    await drain(app.db, [*consumers(app), PATTERN_COUNTS, recommend_consumer(app)])
    keeper = Keeper(app)
    while await keeper.look():
        pass


async def circles(app: App, tenant_id: UUID, *, each: int = 8) -> dict[str, UUID]:
    """`each` experiences of both circles; each member has upvoted their circle's first three, and one of their own."""
    drafts = [
        ExperienceDraft(
            key=f"{category}-{number}",
            author=f"teller-{category}-{number % 4}",
            category=category,
            title=f"{_TITLES[category]} {number}",
            text=f"{_WORDS[category]}, number {number}",
        )
        for category in CIRCLES
        for number in range(each)
    ]
    ids = await tell(app, tenant_id, drafts)
    deeds = [
        (user, ids[f"{category}-{number}"])
        for category, users in CIRCLES.items()
        for place, user in enumerate(users)
        for number in (0, 1, 2, 3 + place)
    ]
    await do(app, tenant_id, "upvote", *deeds)
    return ids


def sightings(count: int = 240) -> list[ExperienceDraft]:
    """Reports in which triangles are red (three of four, of others one of four) and over the bay, while the moon is as
    it is whatever is seen."""
    drafts: list[ExperienceDraft] = []
    for n in range(count):
        is_triangle, turn = n % 2 == 0, (n // 2) % 4
        is_red = turn < 3 if is_triangle else turn == 3
        drafts.append(
            ExperienceDraft(
                key=f"s{n}",
                author=f"witness-{n % 30}",
                category="ufo_sighting" if n // 8 % 2 else "strange_light",
                title=f"Seen {n}",
                text=f"Something was there, report {n}.",
                attributes=(
                    GivenAttribute(key="shape", value="triangle" if is_triangle else "disk"),
                    GivenAttribute(key="colour", value="red" if is_red else "white"),
                    GivenAttribute(key="moon", value="full" if (n // 16) % 2 else "new"),
                    GivenAttribute(key="duration_s", value=30.0 if n % 3 else 900.0),
                ),
                place=BAY if is_red else DESERT,
                happened_at=datetime(2013, 1 + n % 12, 9, 21, 0, tzinfo=UTC),
            )
        )
    return drafts
