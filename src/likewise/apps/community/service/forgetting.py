"""Somebody is forgotten: everything they told, said, did and reported here, and who they are.

In bounded transactions; one that was stopped halfway is simply begun again.
"""

from collections.abc import Callable, Coroutine
from uuid import UUID

from likewise.apps.community import store
from likewise.apps.community.events import EVENT_IDS_MAX, ExperiencesModerated
from likewise.apps.community.service.acting import engaged
from likewise.apps.community.service.founding import find_community
from likewise.apps.community.service.holding import check_users
from likewise.engine.collections import Receipt, forget_items
from likewise.engine.recommend import InteractionRow, forget_user, write_interactions
from likewise.platform.db import Tx
from likewise.platform.events import publish
from likewise.platform.feature import App

__all__ = ["forget_person"]

_BATCH = 200


async def forget_person(app: App, tenant_id: UUID, *, user: str) -> Receipt:
    """Remove a person and all that is theirs: experiences with their pictures, comments, reports, acts, the name.

    How many of each kind are gone. Somebody nobody has heard of leaves a receipt of nothing. Raises UserRefused.
    """
    check_users([user])
    receipt: Receipt = {"experiences": 0, "comments": 0, "reports": 0, "acts": 0, "impressions": 0, "people": 0}
    collection_id = await find_community(app, tenant_id)
    if collection_id is not None:
        await _forget_told(app, tenant_id, collection_id, user, receipt)
        receipt["comments"] = await _until_done(app, tenant_id, lambda tx: _forget_said(tx, user))
        receipt["acts"] = await _until_done(app, tenant_id, lambda tx: _forget_done(app, tx, collection_id, user))
    receipt["reports"] = await _until_done(app, tenant_id, lambda tx: _forget_reported(tx, user))
    rest = await forget_user(app, tenant_id, user=user)
    receipt["acts"] += rest["interactions"]
    receipt["impressions"] = rest["impressions"]
    async with app.db.tenant(tenant_id) as tx:
        receipt["people"] = await store.delete_person(tx, user=user)
    return receipt


async def _forget_told(app: App, tenant_id: UUID, collection_id: UUID, user: str, receipt: Receipt) -> None:
    while True:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            ids = await store.list_told_by(tx, collection_id=collection_id, author=user, limit=_BATCH)
        if not ids:
            return
        part = await forget_items(app, tenant_id, collection_id=collection_id, item_ids=ids)
        for kind, count in part.items():
            name = "experiences" if kind == "items" else kind
            receipt[name] = receipt.get(name, 0) + count


async def _until_done(app: App, tenant_id: UUID, forget: Callable[[Tx], Coroutine[None, None, int]]) -> int:
    """Forget a batch after the other until one is not full."""
    total = 0
    while True:
        async with app.db.tenant(tenant_id) as tx:
            count = await forget(tx)
        total += count
        if count < _BATCH:
            return total


async def _forget_said(tx: Tx, user: str) -> int:
    await store.lock_people(tx, user_keys=[user])
    rows = await store.list_comments_by(tx, author=user, limit=_BATCH)
    if rows:
        ids = [row.id for row in rows]
        await store.delete_comments(tx, ids=ids)
        await store.delete_reports(tx, subject_kind="comment", subject_ids=ids)
        await publish(tx, engaged([row.experience_id for row in rows]))
    return len(rows)


async def _forget_done(app: App, tx: Tx, collection_id: UUID, user: str) -> int:
    acts = await store.list_acts_of(tx, collection_id=collection_id, user=user, limit=_BATCH)
    if acts:
        now = app.clock.now()
        gone = [InteractionRow(user, one.item_id, one.kind, 0.0, now) for one in acts]
        await write_interactions(app, tx, collection_id=collection_id, rows=gone)
        await publish(tx, engaged([one.item_id for one in acts]))
    return len(acts)


async def _forget_reported(tx: Tx, user: str) -> int:
    about = await store.delete_reports_by(tx, reporter=user, limit=_BATCH)
    ids = list(dict.fromkeys(about))
    await publish(tx, [ExperiencesModerated(ids[at : at + EVENT_IDS_MAX]) for at in range(0, len(ids), EVENT_IDS_MAX)])
    return len(about)
