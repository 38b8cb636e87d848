"""How acts and comments look from outside."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from likewise.apps.community.model import Comment, UserKey
from likewise.platform.ids import encode_id

__all__ = ["ActBody", "ActDone", "CommentBody", "CommentEditBody", "CommentView", "comment_view"]


class ActBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who does it, by your own id."""

    user: UserKey


class ActDone(msgspec.Struct, frozen=True):
    """Whether anything is another than before."""

    changed: bool


class CommentBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody says under an experience."""

    author: UserKey
    text: Annotated[str, Meta(min_length=1)]


class CommentEditBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The comment in other words, by who wrote it."""

    author: UserKey
    text: Annotated[str, Meta(min_length=1)]


class CommentView(msgspec.Struct, frozen=True):
    """What somebody said under an experience. `hidden_reason`: why moderators hid it; only its author is shown it."""

    id: str
    experience: str
    author: str
    author_name: str | None
    text: str
    is_hidden: bool
    hidden_reason: str | None
    created_at: datetime
    edited_at: datetime | None


def comment_view(comment: Comment) -> CommentView:
    """A comment with its id spelled `cmt_...`."""
    return CommentView(
        id=encode_id("cmt", comment.id),
        experience=encode_id("exp", comment.experience_id),
        author=comment.author,
        author_name=comment.author_name,
        text=comment.text,
        is_hidden=comment.hidden_at is not None,
        hidden_reason=comment.hidden_reason,
        created_at=comment.created_at,
        edited_at=comment.edited_at,
    )
