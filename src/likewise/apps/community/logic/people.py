"""Ids of people are the caller's own; this is what can be one."""

__all__ = ["can_be_user"]

_CHARACTERS_MAX = 500


def can_be_user(text: str) -> bool:
    """Whether it can be the id of a person: 1 to 500 characters that Postgres takes as text."""
    is_text = "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)
    return is_text and 0 < len(text) <= _CHARACTERS_MAX
