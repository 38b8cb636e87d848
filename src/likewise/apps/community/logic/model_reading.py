"""What a chat model says it read in a text, checked against the text itself. Pure."""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from likewise.apps.community.logic.attributes import fits
from likewise.apps.community.model import AttributeValue, ExperienceAttribute, folded
from likewise.engine.collections import FacetKind, clean_text

__all__ = ["NoteAttributes", "Noted", "believed"]

_CONFIDENCE_MAX = 0.9
_VALUE_CHARACTERS_MAX = 200
_WORDS_CHARACTERS_MAX = 300
_NOTED_MAX = 40


class Noted(msgspec.Struct, frozen=True):
    """One attribute. `words` are the exact words of the text it is read in, copied letter by letter."""

    key: str
    value: AttributeValue
    words: str
    confidence: float = 0.7


class NoteAttributes(msgspec.Struct, frozen=True):
    """Note the attributes that the text states. Only what the words say, nothing that is guessed; denied things are
    left out. Use only the keys that are offered."""

    attributes: list[Noted]


def believed(
    noted: Iterable[Noted], *, title: str, text: str, kinds: Mapping[str, FacetKind]
) -> list[ExperienceAttribute]:
    """What of it is kept: keys that are known, values of their kind, and words that stand in the title or the text."""
    found: list[ExperienceAttribute] = []
    for one in list(noted)[:_NOTED_MAX]:
        place = _find(one.words, title=title, text=text)
        value = _value(one.value)
        if place is None or value is None or one.key not in kinds or not fits(value, kinds[one.key]):
            continue
        field, start = place
        end = start + len(one.words.strip())
        found.append(
            ExperienceAttribute(
                key=one.key,
                value=value,
                confidence=min(max(one.confidence, 0.0), _CONFIDENCE_MAX),
                source="model",
                is_counted=False,
                field=field,
                start=start,
                end=end,
                words=(title if field == "title" else text)[start:end],
            )
        )
    return found


def _find(words: str, *, title: str, text: str) -> tuple[Literal["title", "text"], int] | None:
    """Where these words stand, whatever their case; a letter whose small form is longer is looked for as it is."""
    sought = words.strip()
    if not 0 < len(sought) <= _WORDS_CHARACTERS_MAX:
        return None
    places: tuple[tuple[Literal["title", "text"], str], ...] = (("text", text), ("title", title))
    for field, whole in places:
        start = whole.find(sought)
        if start < 0 and len(whole.lower()) == len(whole) and len(sought.lower()) == len(sought):
            start = whole.lower().find(sought.lower())
        if start >= 0:
            return field, start
    return None


def _value(value: AttributeValue) -> AttributeValue | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        cleaned = clean_text(value[: _VALUE_CHARACTERS_MAX + 1], bytes_max=4 * (_VALUE_CHARACTERS_MAX + 1)).text
        word = folded(cleaned)
        return word if 0 < len(word) <= _VALUE_CHARACTERS_MAX else None
    return float(value) if abs(value) < float("inf") else None
