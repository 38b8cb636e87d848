"""What people do with experiences: upvotes, views, and that they want less like one.

An act, the fact that it happened and, where it is the first, the person who did it are one transaction. Writers of the
same experience do not wait for each other: nobody touches a row of the experience, counters follow from the log. Acts
that come one by one are stored with all others of their tenant that come at the same time.
"""

from collections.abc import Sequence
from uuid import UUID

from likewise.apps.community import store
from likewise.apps.community.errors import TooManyActs
from likewise.apps.community.events import EVENT_IDS_MAX, ExperiencesEngaged
from likewise.apps.community.model import Act
from likewise.apps.community.service.founding import find_community
from likewise.apps.community.service.holding import check_users, hold_experiences, missing
from likewise.apps.community.settings import CommunitySettings
from likewise.engine.recommend import InteractionRow, Kind, write_interactions
from likewise.platform.db import Tx
from likewise.platform.errors import Fact
from likewise.platform.events import publish
from likewise.platform.feature import App
from likewise.platform.gathering import Gatherer

__all__ = ["Acts", "act", "act_once", "engaged"]

_TOGETHER_MAX = 200
_LASTING: tuple[Kind, ...] = ("upvote", "less")
"""Acts that are what they are however often they are said; a view is as new as the last look."""


class Acts(Gatherer[UUID, Act, "bool | Fact"]):
    """Acts that come one by one, stored with all others of their tenant that come at the same time."""

    def __init__(self, app: App) -> None:
        async def store_all(tenant_id: UUID, acts: Sequence[Act]) -> list[bool | Fact]:
            return await _act_each(app, tenant_id, acts)

        super().__init__(store_all, count_max=min(_TOGETHER_MAX, app.settings.get(CommunitySettings).batch_acts_max))


async def act(app: App, tenant_id: UUID, *, acts: Sequence[Act]) -> int:
    """Store acts, all or none, in one transaction; how many changed something. Of the same one the last counts.

    Raises ExperienceNotFound where one is about what its user does not see, UserRefused, TooManyActs.
    """
    limit = app.settings.get(CommunitySettings).batch_acts_max
    if len(acts) > limit:
        raise TooManyActs(count=len(acts), count_max=limit)
    check_users(one.user for one in acts)
    if not acts:
        return 0
    collection_id = await find_community(app, tenant_id)
    if collection_id is None:
        raise missing(acts[0].experience_id)
    async with app.db.tenant(tenant_id) as tx:
        open_ones = await _open(tx, collection_id, acts)
        for one, is_open in zip(acts, open_ones, strict=True):
            if not is_open:
                raise missing(one.experience_id)
        return len(await _store(app, tx, collection_id, acts))


async def act_once(app: App, tenant_id: UUID, *, one: Act) -> bool:
    """Store one act; whether it changed something. Raises ExperienceNotFound, UserRefused."""
    check_users([one.user])
    outcome = await app.resource(Acts).do(tenant_id, one)
    if isinstance(outcome, Fact):
        raise outcome
    return outcome


def engaged(experience_ids: Sequence[UUID]) -> list[ExperiencesEngaged]:
    """That something was done with these experiences, a bounded number in each fact."""
    ids = list(dict.fromkeys(experience_ids))
    return [ExperiencesEngaged(ids[at : at + EVENT_IDS_MAX]) for at in range(0, len(ids), EVENT_IDS_MAX)]


async def _act_each(app: App, tenant_id: UUID, acts: Sequence[Act]) -> list[bool | Fact]:
    """Store acts in one transaction, each with an outcome of its own."""
    collection_id = await find_community(app, tenant_id)
    if collection_id is None:
        return [missing(one.experience_id) for one in acts]
    async with app.db.tenant(tenant_id) as tx:
        open_ones = await _open(tx, collection_id, acts)
        kept = [one for one, is_open in zip(acts, open_ones, strict=True) if is_open]
        changed = await _store(app, tx, collection_id, kept) if kept else set[tuple[str, UUID, str]]()
    return [
        _key(one) in changed if is_open else missing(one.experience_id)
        for one, is_open in zip(acts, open_ones, strict=True)
    ]


async def _open(tx: Tx, collection_id: UUID, acts: Sequence[Act]) -> list[bool]:
    """For each act whether its user sees the experience."""
    held = await hold_experiences(tx, collection_id=collection_id, ids=[one.experience_id for one in acts])
    return [one.experience_id in held and held[one.experience_id].is_open_to(one.user) for one in acts]


async def _store(app: App, tx: Tx, collection_id: UUID, acts: Sequence[Act]) -> set[tuple[str, UUID, str]]:
    await store.ensure_people(tx, user_keys=list(dict.fromkeys(one.user for one in acts)))
    now = app.clock.now()
    rows = {
        _key(one): InteractionRow(one.user, one.experience_id, one.kind, 1.0 if one.is_on else 0.0, one.at or now)
        for one in acts
    }
    changed = await write_interactions(app, tx, collection_id=collection_id, rows=list(rows.values()), lasting=_LASTING)
    await publish(tx, engaged([row.item_id for row in changed]))
    return {(row.user_key, row.item_id, row.kind) for row in changed}


def _key(one: Act) -> tuple[str, UUID, str]:
    return one.user, one.experience_id, one.kind
