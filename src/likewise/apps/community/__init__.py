"""The door to the community: experiences, the people alike, a feed that knows why."""

from likewise.apps.community.events import ExperiencesEngaged, ExperiencesModerated, ExperiencesWritten
from likewise.apps.community.model import Act, Comment, CommentDraft, Experience, ExperienceDraft, ExperienceWish
from likewise.apps.community.service import (
    DeedLoad,
    ExperienceLoad,
    load_deeds,
    load_experiences,
    write_experiences,
)

__all__ = [
    "Act",
    "Comment",
    "CommentDraft",
    "DeedLoad",
    "Experience",
    "ExperienceDraft",
    "ExperienceLoad",
    "ExperienceWish",
    "ExperiencesEngaged",
    "ExperiencesModerated",
    "ExperiencesWritten",
    "load_deeds",
    "load_experiences",
    "write_experiences",
]
