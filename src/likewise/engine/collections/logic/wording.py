"""The words of a passage as they are embedded."""

from collections.abc import Sequence

__all__ = ["embedded_text"]


def embedded_text(title: str | None, heading_path: Sequence[str], text: str) -> str:
    """A passage under its item's title and the headings above it: what it says often needs what it is about."""
    above = [part for part in (title, " > ".join(heading_path)) if part]
    return "\n".join([*above, text])
