"""Events that a consumer could not digest: look at them, try them again, give them up."""

from collections.abc import Sequence
from uuid import UUID

from likewise.platform.db import Tx
from likewise.platform.events import store
from likewise.platform.events.model import DeadLetter
from likewise.platform.events.publishing import publish_raw

__all__ = ["delete_dead_letters", "list_dead_letters", "retry_dead_letters"]

_PAGE_MAX = 1000


async def list_dead_letters(tx: Tx, *, after: UUID | None = None, limit: int = 100) -> list[DeadLetter]:
    """One page of the tenant's dead letters, oldest first."""
    return await store.list_dead_letters(tx, after=after or UUID(int=0), limit=min(limit, _PAGE_MAX))


async def retry_dead_letters(tx: Tx, ids: Sequence[UUID]) -> int:
    """Publish dead letters again, each to its own consumer only; how many there were.

    They come after everything published meanwhile.
    """
    taken = sorted(await store.take_dead_letters(tx, ids=ids), key=lambda letter: letter.id)
    for consumer in dict.fromkeys(letter.consumer for letter in taken):
        letters = [letter for letter in taken if letter.consumer == consumer]
        await publish_raw(
            tx,
            types=[letter.type for letter in letters],
            payloads=[letter.payload for letter in letters],
            audience=consumer,
        )
    return len(taken)


async def delete_dead_letters(tx: Tx, ids: Sequence[UUID]) -> int:
    """Give dead letters up; how many there were."""
    return len(await store.take_dead_letters(tx, ids=ids))
