"""An item as an API caller sent it, checked and made a draft; strict, where loading a file is lenient."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

from likewise.engine.collections.errors import ItemRefused
from likewise.engine.collections.logic.facets import FacetUnreadable, is_empty, read_facet
from likewise.engine.collections.logic.text import TextNotStorable, TextTooLong, check_text, clean_value
from likewise.engine.collections.logic.times import TimeUnreadable
from likewise.engine.collections.model import FacetKind, FacetValue, ItemDraft, Place, Visibility
from likewise.platform.errors import FieldError

__all__ = ["FACETS_MAX", "guess_kind", "make_draft"]

FACETS_MAX = 64
_SHORT_BYTES_MAX = 512
_TITLE_BYTES_MAX = 4_096
_METADATA_BYTES_MAX = 100_000


def make_draft(
    *,
    key: str,
    body: str,
    title: str | None,
    facets: Mapping[str, object],
    kinds: Mapping[str, FacetKind],
    author: str | None,
    category: str | None,
    place: Place | None,
    happened_at: datetime | None,
    visibility: Visibility,
    metadata: Mapping[str, object],
    body_bytes_max: int,
) -> ItemDraft:
    """A draft whose every part can be stored. Raises ItemRefused naming each part that cannot."""
    problems: list[FieldError] = []

    def text(pointer: str, value: str | None, bytes_max: int) -> str | None:
        try:
            return None if value is None else check_text(value, bytes_max=bytes_max)
        except (TextNotStorable, TextTooLong) as error:
            problems.append(FieldError(pointer, error.message))
            return None

    checked_body = text("/body", body, body_bytes_max)
    if checked_body is not None and not checked_body.strip():
        problems.append(FieldError("/body", "the text is empty"))
    draft = ItemDraft(
        key=text("/key", key, _SHORT_BYTES_MAX) or key,
        body=checked_body or "",
        title=text("/title", title, _TITLE_BYTES_MAX),
        facets=_facets(facets, kinds, problems),
        author=text("/author", author, _SHORT_BYTES_MAX),
        category=text("/category", category, _SHORT_BYTES_MAX),
        place=place,
        happened_at=_moment(happened_at, problems),
        visibility=visibility,
        metadata=_metadata(metadata, problems),
    )
    if problems:
        raise ItemRefused(reason="; ".join(f"{p.pointer}: {p.detail}" for p in problems), errors=problems)
    return draft


def _moment(at: datetime | None, problems: list[FieldError]) -> datetime | None:
    if at is None or at.tzinfo is None:
        return None if at is None else at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        problems.append(FieldError("/happened_at", "the moment is beyond the years 1 to 9999 (UTC)"))
        return None


def guess_kind(value: object) -> FacetKind:
    """The kind of a facet nobody declared, by the JSON type of its value."""
    if isinstance(value, bool):
        return FacetKind.BOOLEAN
    if isinstance(value, int | float):
        return FacetKind.NUMBER
    return FacetKind.KEYWORDS if isinstance(value, list) else FacetKind.KEYWORD


def _facets(
    values: Mapping[str, object], kinds: Mapping[str, FacetKind], problems: list[FieldError]
) -> dict[str, FacetValue]:
    if len(values) > FACETS_MAX:
        problems.append(FieldError("/facets", f"{len(values)} facets; at most {FACETS_MAX} are stored"))
        return {}
    found: dict[str, FacetValue] = {}
    for name, value in values.items():
        pointer = f"/facets/{name}"
        if not name or name.startswith("$") or len(name.encode("utf-8", "replace")) > _SHORT_BYTES_MAX:
            problems.append(FieldError(pointer, "a facet's name has 1 to 512 bytes and does not begin with $"))
        elif not is_empty(value):
            try:
                found[name] = read_facet(kinds.get(name) or guess_kind(value), value)
            except (FacetUnreadable, TimeUnreadable) as error:
                problems.append(FieldError(pointer, error.message))
    return found


def _metadata(values: Mapping[str, object], problems: list[FieldError]) -> dict[str, object]:
    try:
        cleaned, warnings = clean_value(dict(values), bytes_max=_METADATA_BYTES_MAX)
    except TextTooLong as error:
        problems.append(FieldError("/metadata", error.message))
        return {}
    if warnings:
        problems.append(FieldError("/metadata", ", ".join(warnings)))
    return cast("dict[str, object]", cleaned)  # what goes in as an object comes out as one
