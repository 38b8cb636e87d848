"""The log of facts and its consumers: what happened is told once, in order, to everyone who derives from it.

`publish` writes facts in the transaction of the truth. Consumers read the log in lanes and derive; for each tenant the
derived rows and the position move in one transaction, so a crash neither loses nor doubles. `Followings` lets screens
hear what happens as it happens, without deriving anything.
"""

from likewise.platform.events.consuming import Consumed, consume, drain, ensure_cursors
from likewise.platform.events.dead_letters import delete_dead_letters, list_dead_letters, retry_dead_letters
from likewise.platform.events.doorbell import Doorbell
from likewise.platform.events.following import Following
from likewise.platform.events.hearing import Followings, FollowingsTooMany, TenantFollowingsTooMany
from likewise.platform.events.model import (
    LANES,
    Consumer,
    DeadLetter,
    Event,
    Gap,
    Heard,
    Lag,
    Mark,
    event_type,
    lane_of,
)
from likewise.platform.events.progress import ConsumerBehind, caught_up, lag
from likewise.platform.events.publishing import EventTooLarge, publish
from likewise.platform.events.rebuilding import rebuild
from likewise.platform.events.settings import EventSettings
from likewise.platform.events.upkeep import rebase_if_foreign, trim_events

__all__ = [
    "LANES",
    "Consumed",
    "Consumer",
    "ConsumerBehind",
    "DeadLetter",
    "Doorbell",
    "Event",
    "EventSettings",
    "EventTooLarge",
    "Following",
    "Followings",
    "FollowingsTooMany",
    "Gap",
    "Heard",
    "Lag",
    "Mark",
    "TenantFollowingsTooMany",
    "caught_up",
    "consume",
    "delete_dead_letters",
    "drain",
    "ensure_cursors",
    "event_type",
    "lag",
    "lane_of",
    "list_dead_letters",
    "publish",
    "rebase_if_foreign",
    "rebuild",
    "retry_dead_letters",
    "trim_events",
]
