"""What happens in a community, as facts for consumers and screens."""

from uuid import UUID

from likewise.platform.events import Event

__all__ = ["EVENT_IDS_MAX", "ExperiencesEngaged", "ExperiencesModerated", "ExperiencesWritten"]

EVENT_IDS_MAX = 80


class ExperiencesWritten(Event, tag="community.experiences_written", frozen=True):
    """Experiences are new or were edited; at most EVENT_IDS_MAX in one event."""

    experience_ids: list[UUID]


class ExperiencesEngaged(Event, tag="community.experiences_engaged", frozen=True):
    """Somebody upvoted, viewed or commented these, or took it back; at most EVENT_IDS_MAX in one event."""

    experience_ids: list[UUID]


class ExperiencesModerated(Event, tag="community.experiences_moderated", frozen=True):
    """These were reported, hidden, shown again or cleared; at most EVENT_IDS_MAX in one event."""

    experience_ids: list[UUID]
