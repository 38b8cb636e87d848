"""Throw away what a consumer derived for a tenant, and derive it again from the truth."""

from collections.abc import AsyncIterator, Callable, Sequence
from uuid import UUID

from likewise.platform.db import Database, Tx
from likewise.platform.events import store
from likewise.platform.events.model import Consumer, Event, Mark
from likewise.platform.events.publishing import publish

__all__ = ["rebuild"]


async def rebuild(
    db: Database, consumer: Consumer, tenant_id: UUID, republish: Callable[[Tx], AsyncIterator[Sequence[Event]]]
) -> Mark | None:
    """Reset one consumer for one tenant and tell it the truth again, in one transaction.

    `republish(tx)` yields batches of the events that would lead to the truth as it is now; only this consumer hears
    them. Until it has, its derived rows are missing: give the mark to `caught_up` to wait for that.
    """
    mark: Mark | None = None
    async with db.tenant(tenant_id) as tx:
        await store.lock_position(tx, consumer=consumer.name)  # nobody derives while the rows are dropped
        await consumer.reset(tx)
        async for events in republish(tx):
            mark = await publish(tx, events, audience=consumer.name) or mark
    return mark
