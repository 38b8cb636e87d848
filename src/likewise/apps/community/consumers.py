"""Consumers of the community: counters follow what people do, and a model reads what they tell where it is asked to."""

from collections.abc import Sequence

from likewise.apps.community.events import ExperiencesEngaged, ExperiencesWritten
from likewise.apps.community.service.asking_model import want_read_by_model
from likewise.apps.community.service.counting import drop_counters, recount
from likewise.platform.db import Tx
from likewise.platform.events import Consumer
from likewise.platform.feature import App

__all__ = ["COUNTERS", "READING", "consumers"]

COUNTERS = "community_counters"
READING = "community_reading"


def consumers(app: App) -> Sequence[Consumer]:
    """What the community derives from the log."""

    async def count(tx: Tx, events: Sequence[ExperiencesEngaged]) -> None:
        await recount(app, tx, experience_ids=[one for event in events for one in event.experience_ids])

    async def read(tx: Tx, events: Sequence[ExperiencesWritten]) -> None:
        await want_read_by_model(app, tx, experience_ids=[one for event in events for one in event.experience_ids])

    async def keep(_: Tx) -> None:
        """What a model read was paid for, and stays."""

    return [
        Consumer(name=COUNTERS, events=(ExperiencesEngaged,), handle=count, reset=drop_counters),
        Consumer(name=READING, events=(ExperiencesWritten,), handle=read, reset=keep),
    ]
