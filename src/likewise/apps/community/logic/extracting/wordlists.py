"""Lists of words, written as sentences."""

from typing import Final

__all__ = ["APOSTROPHES", "words"]

APOSTROPHES: Final = "'\u2019\u2032"
"""The straight one, the printed one and the mark of feet."""


def words(listed: str) -> frozenset[str]:
    """The words of a text that only lists them."""
    return frozenset(listed.split())
