"""What people do goes in and out: in batches, each one transaction together with its facts."""

from collections.abc import Collection, Sequence
from uuid import UUID

from likewise.engine.collections import explain_missing
from likewise.engine.recommend import store
from likewise.engine.recommend.errors import InteractionsRefused
from likewise.engine.recommend.events import PersonChanged
from likewise.engine.recommend.model import Acts, Interaction, InteractionRow, Kind, RowProblem, Stored
from likewise.engine.recommend.service.profiling import make_profiles
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.db import Tx
from likewise.platform.events import publish
from likewise.platform.feature import App

__all__ = [
    "announce",
    "count_acts",
    "delete_interactions",
    "forget_user",
    "get_corpus",
    "put_interactions",
    "write_interactions",
]

_COLLECTIONS_MAX = 10_000
_DELETE_ROWS = 5_000


async def get_corpus(tx: Tx, *, name: str) -> store.Corpus:
    """The collection with this name. Raises CollectionNotFound."""
    corpus = await store.find_corpus(tx, name=name)
    if corpus is None:
        raise await explain_missing(tx, name=name)
    return corpus


async def put_interactions(
    app: App, tenant_id: UUID, *, collection: str, interactions: Sequence[Interaction]
) -> Stored:
    """Store interactions; the same ones again do no work. Those with items nobody knows are reported, not stored.

    Raises CollectionNotFound, InteractionsRefused.
    """
    settings = app.settings.get(RecommendSettings)
    if len(interactions) > settings.batch_interactions_max:
        raise InteractionsRefused(
            reason=f"{len(interactions)} interactions in one batch; at most {settings.batch_interactions_max} are taken"
        )
    if not interactions:
        return Stored(0, 0, [])
    now = app.clock.now()
    async with app.db.tenant(tenant_id) as tx:
        corpus = await get_corpus(tx, name=collection)
        keys = list(dict.fromkeys(one.item for one in interactions))
        known = {row.key: row.id for row in await store.list_item_ids(tx, collection_id=corpus.id, keys=keys)}
        problems = [
            RowProblem(place, f"no item has the key {one.item!r}")
            for place, one in enumerate(interactions)
            if one.item not in known
        ]
        latest = {
            (one.user, known[one.item], one.kind): InteractionRow(
                one.user, known[one.item], one.kind, one.weight, one.at or now
            )
            for one in interactions
            if one.item in known
        }
        changed = await write_interactions(app, tx, collection_id=corpus.id, rows=list(latest.values()))
    return Stored(len(changed), len(interactions) - len(changed) - len(problems), problems)


async def write_interactions(
    app: App, tx: Tx, *, collection_id: UUID, rows: Sequence[InteractionRow], lasting: Collection[Kind] = ()
) -> list[InteractionRow]:
    """`put_interactions`, as part of a transaction that does more; those that changed something.

    Each user, item and kind stands in `rows` once; a weight of 0 takes it back. Of the `lasting` kinds the same again
    keeps its first time. Rows of items that are gone are left out.
    """
    given = [row for row in rows if row.weight > 0]
    taken = [row for row in rows if row.weight == 0]
    touched: list[store.Touched] = []
    if given:
        touched += await store.upsert_interactions(tx, collection_id=collection_id, rows=given, lasting=lasting)
    if taken:
        touched += await store.delete_interactions(tx, collection_id=collection_id, rows=taken)
    await announce(tx, collection_id, touched, items_max=app.settings.get(RecommendSettings).event_items_max)
    changed = {(one.user_key, one.item_id, one.kind) for one in touched}
    return [row for row in rows if (row.user_key, row.item_id, row.kind) in changed]


async def count_acts(tx: Tx, *, item_ids: Sequence[UUID]) -> dict[UUID, Acts]:
    """How many people upvoted, viewed and commented each of these items, counted anew."""
    rows = await store.count_acts(tx, item_ids=item_ids)
    return {row.item_id: Acts(row.upvotes, row.views, row.comments) for row in rows}


async def delete_interactions(
    app: App, tenant_id: UUID, *, collection: str, interactions: Sequence[Interaction]
) -> int:
    """Take interactions back; how many there were. Raises CollectionNotFound, InteractionsRefused."""
    gone = [Interaction(user=one.user, item=one.item, kind=one.kind, weight=0.0, at=one.at) for one in interactions]
    return (await put_interactions(app, tenant_id, collection=collection, interactions=gone)).changed


async def forget_user(app: App, tenant_id: UUID, *, user: str) -> dict[str, int]:
    """Remove everything a user did and all that was shown to them, in every collection; a receipt.

    What they wrote is for collections to forget; their profile is made anew of that, and goes where nothing is left.
    """
    receipt = {"interactions": 0, "impressions": 0}
    settings = app.settings.get(RecommendSettings)
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        collections = await store.list_collections_of_user(tx, user_key=user, limit=_COLLECTIONS_MAX)
    for collection_id in collections:
        more = True
        while more:
            async with app.db.tenant(tenant_id) as tx:
                touched = await store.delete_interactions_of_user(
                    tx, collection_id=collection_id, user_key=user, limit=_DELETE_ROWS
                )
                receipt["interactions"] += len(touched)
                more = len(touched) == _DELETE_ROWS
                if not more:
                    receipt["impressions"] += await store.delete_impressions_of_user(
                        tx, collection_id=collection_id, user_key=user
                    )
                    await make_profiles(app, tx, collection_id=collection_id, user_keys=[user])
                await announce(tx, collection_id, touched, items_max=settings.event_items_max)
    return receipt


async def announce(tx: Tx, collection_id: UUID, touched: Sequence[store.Touched], *, items_max: int) -> None:
    """Tell who changed and by which items, a bounded number of items in each fact."""
    by_user: dict[str, list[UUID]] = {}
    for row in touched:
        by_user.setdefault(row.user_key, []).append(row.item_id)
    await publish(
        tx,
        [
            PersonChanged(collection_id, user, tuple(items[start : start + items_max]))
            for user, items in by_user.items()
            for start in range(0, len(items), items_max)
        ],
    )
