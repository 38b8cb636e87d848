"""What is known of an experience, put together: what its author says outweighs what was read, and of what can have one
value only the surest counts. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence

from likewise.apps.community.model import (
    TAGS_FACET,
    AttributeValue,
    ExperienceAttribute,
    GivenAttribute,
    folded,
)
from likewise.engine.collections import FacetKind, FacetValue

__all__ = ["KEYS_COUNTED_MAX", "combine", "facets_of", "fits", "kind_of"]

KEYS_COUNTED_MAX = 63
"""Keys of one experience that are searched by: an item has 64 facets, and tags are one."""

_VALUES_COUNTED_MAX = 100
_WORDS = frozenset({FacetKind.KEYWORD, FacetKind.KEYWORDS})
_DIGITS = 4  # of a confidence, as many as are kept
_EXACT_MAX = 2**53


def kind_of(value: AttributeValue) -> FacetKind:
    """The kind of a key that this is the first value of. Words are a list: somebody may have seen two colours."""
    if isinstance(value, bool):
        return FacetKind.BOOLEAN
    return FacetKind.KEYWORDS if isinstance(value, str) else FacetKind.NUMBER


def fits(value: AttributeValue, kind: FacetKind) -> bool:
    """Whether a value can stand under a key of this kind."""
    own = kind_of(value)
    return own == kind or (own in _WORDS and kind in _WORDS)


def combine(
    given: Sequence[GivenAttribute],
    read: Iterable[ExperienceAttribute],
    *,
    kinds: Mapping[str, FacetKind],
    confidence_min: float,
) -> list[ExperienceAttribute]:
    """What is known: what the author gave first, then what was read, each with whether it counts.

    What was read and does not fit its key's kind is left out; what the author gave was checked before. Who is sure
    enough (`confidence_min`) counts, but of a key the author speaks of only the author does, and of numbers and of yes
    or no only the surest, the first of equals.
    """
    said = [
        ExperienceAttribute(
            key=one.key,
            value=_plain(one.value),
            confidence=round(one.confidence, _DIGITS),
            source="author",
            is_counted=False,
        )
        for one in given
    ]
    rest = [
        _like(one, is_counted=False, confidence=round(one.confidence, _DIGITS))
        for one in read
        if one.key in kinds and fits(one.value, kinds[one.key])
    ]
    spoken = {one.key for one in said}
    known = _once(said) + _once(rest)
    counted = _counted(
        [
            one
            for one in known
            if one.confidence >= confidence_min and (one.source == "author" or one.key not in spoken)
        ],
        kinds,
    )
    return [_like(one, is_counted=id(one) in counted, confidence=one.confidence) for one in known]


def facets_of(
    attributes: Iterable[ExperienceAttribute], *, tags: Sequence[str], kinds: Mapping[str, FacetKind]
) -> dict[str, FacetValue]:
    """The item's facets: exactly the counted attributes, and the tags."""
    facets: dict[str, FacetValue] = {}
    for one in attributes:
        if not one.is_counted:
            continue
        value = one.value
        if isinstance(value, str) and kinds[one.key] is FacetKind.KEYWORDS:
            words = facets.setdefault(one.key, [])
            if isinstance(words, list):
                words.append(value)
        elif isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT_MAX:
            facets[one.key] = int(value)
        else:
            facets[one.key] = value
    if tags:
        facets[TAGS_FACET] = list(tags)
    return facets


def _plain(value: AttributeValue) -> AttributeValue:
    if isinstance(value, bool):
        return value
    return folded(value) if isinstance(value, str) else float(value)


def _once(attributes: Iterable[ExperienceAttribute]) -> list[ExperienceAttribute]:
    """Each value of a key once, as sure as the surest."""
    best: dict[tuple[str, type, AttributeValue], ExperienceAttribute] = {}
    for one in attributes:
        place = (one.key, type(one.value), one.value)
        if place not in best or one.confidence > best[place].confidence:
            best[place] = one
    return list(best.values())


def _counted(able: Sequence[ExperienceAttribute], kinds: Mapping[str, FacetKind]) -> set[int]:
    """Which of those that could count do, as `id`s of them."""
    by_key: dict[str, list[ExperienceAttribute]] = {}
    for one in sorted(able, key=lambda one: (one.source != "author", -one.confidence)):
        by_key.setdefault(one.key, []).append(one)
    chosen: set[int] = set()
    for key, values in list(by_key.items())[:KEYS_COUNTED_MAX]:  # the author's, and of the others the surest
        most = _VALUES_COUNTED_MAX if kinds[key] is FacetKind.KEYWORDS else 1
        seen: set[AttributeValue] = set()
        for one in values:
            if one.value not in seen and len(seen) < most:
                seen.add(one.value)
                chosen.add(id(one))
    return chosen


def _like(one: ExperienceAttribute, *, is_counted: bool, confidence: float) -> ExperienceAttribute:
    return ExperienceAttribute(
        key=one.key,
        value=one.value,
        confidence=confidence,
        source=one.source,
        is_counted=is_counted,
        field=one.field,
        start=one.start,
        end=one.end,
        words=one.words,
    )
