"""Tell what happened, in the same transaction as the truth."""

from collections.abc import Sequence

import msgspec

from likewise.platform.db import Tx
from likewise.platform.errors import Rejected
from likewise.platform.events import doorbell, store
from likewise.platform.events.model import Event, Mark, event_type, lane_of

__all__ = ["EventTooLarge", "publish", "publish_raw"]

EVENT_BYTES_MAX = 4096
"""Bytes of one encoded event: ids fit many times over, texts do not, and they have no business here."""


class EventTooLarge(Rejected):
    """An event of type {type} is {bytes} bytes; it carries ids, not contents (at most {bytes_max} bytes)."""


async def publish(tx: Tx, events: Sequence[Event], *, audience: str | None = None) -> Mark | None:
    """Append facts about `tx`'s tenant to the log, in order, with one statement; None where there were none.

    They are seen after the commit, by every consumer of their type, or only by the consumer named `audience`.
    The mark can be given to `caught_up`. Raises EventTooLarge.
    """
    payloads = [_encoded(event) for event in events]
    types = [event_type(type(event)) for event in events]
    return await publish_raw(tx, types=types, payloads=payloads, audience=audience)


async def publish_raw(tx: Tx, *, types: Sequence[str], payloads: Sequence[str], audience: str | None) -> Mark | None:
    """`publish` for events that are encoded already."""
    if not types:
        return None
    mark = await store.insert_events(tx, lane=lane_of(tx.tenant), types=types, payloads=payloads, audience=audience)
    tx.after_commit(doorbell.ring_all)
    return mark


def _encoded(event: Event) -> str:
    encoded = msgspec.json.encode(event)
    if len(encoded) > EVENT_BYTES_MAX:
        raise EventTooLarge(type=event_type(type(event)), bytes=len(encoded), bytes_max=EVENT_BYTES_MAX)
    return encoded.decode()
