"""Drafts looked at before anything is stored: what cannot be kept is refused with its place and reason."""

import math
import re
from collections.abc import Mapping, Sequence

import msgspec

from likewise.apps.community.errors import ExperienceRefused
from likewise.apps.community.logic.attributes import KEYS_COUNTED_MAX, fits, kind_of
from likewise.apps.community.logic.keeping import kept_metadata
from likewise.apps.community.model import TAGS_FACET, ExperienceDraft, GivenAttribute, folded
from likewise.apps.community.settings import CommunitySettings
from likewise.engine.collections import FacetKind, ItemDraft, ItemRefused, Visibility, clean_text, make_draft
from likewise.platform.errors import FieldError

__all__ = ["Checked", "check_draft", "check_kinds", "refusal"]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_KEY_BYTES_MAX = 500
_WORD_CHARACTERS_MAX = 200
_TAG_CHARACTERS_MAX = 100
_TITLE_CHARACTERS_MAX = 300
_PLACE_CHARACTERS_MAX = 200
_POINTERS = {"/body": "/text"}


class Checked(msgspec.Struct, frozen=True):
    """A draft that can be stored: its item without facets, with an empty key where the caller gave none."""

    draft: ExperienceDraft
    item: ItemDraft
    given: tuple[GivenAttribute, ...]
    tags: tuple[str, ...]


def check_draft(draft: ExperienceDraft, settings: CommunitySettings) -> Checked:
    """The draft as it is kept. Raises ExperienceRefused naming every part that cannot be."""
    problems: list[FieldError] = []
    _check_names(draft, problems)
    given = _given(draft, settings, problems)
    tags = _tags(draft, settings, problems)
    place_name = _line(draft.place_name, "/place_name", _PLACE_CHARACTERS_MAX, problems)
    item = _item(draft, place_name, settings, problems)
    if problems or item is None:
        raise refusal(problems)
    return Checked(draft, item, given, tags)


def check_kinds(given: Sequence[GivenAttribute], kinds: Mapping[str, FacetKind]) -> None:
    """That each value can stand under its key in this community. Raises ExperienceRefused."""
    problems = [
        FieldError(
            f"/attributes/{place}/value",
            f"{one.key!r} is {_called(kinds[one.key])} here since it was first used; {one.value!r} is "
            f"{_called(kind_of(one.value))}",
        )
        for place, one in enumerate(given)
        if one.key in kinds and not fits(one.value, kinds[one.key])
    ]
    if problems:
        raise refusal(problems)


def refusal(problems: Sequence[FieldError]) -> ExperienceRefused:
    """The refusal that says all of these."""
    reason = "; ".join(f"{one.pointer}: {one.detail}" if one.pointer else one.detail for one in problems)
    return ExperienceRefused(reason=reason, errors=problems)


def _check_names(draft: ExperienceDraft, problems: list[FieldError]) -> None:
    for pointer, value in (("/author", draft.author), ("/key", draft.key)):
        size = 1 if value is None else len(value.encode("utf-8", "replace"))
        if not 0 < size <= _KEY_BYTES_MAX:
            problems.append(FieldError(pointer, f"1 to {_KEY_BYTES_MAX} bytes, not {size:,}"))
    if not _NAME.fullmatch(draft.category):
        detail = "a category is named by 1 to 64 of a-z, 0-9 and _, a letter first"
        problems.append(FieldError("/category", detail))
    if len(draft.title) > _TITLE_CHARACTERS_MAX:
        problems.append(FieldError("/title", f"at most {_TITLE_CHARACTERS_MAX} characters, not {len(draft.title):,}"))
    if draft.visibility not in {"public", "private"}:
        problems.append(FieldError("/visibility", "public or private"))
    place = draft.place
    if place is not None and not (abs(place.lat) <= 90 and abs(place.lon) <= 180):  # false for NaN too
        problems.append(FieldError("/place", "degrees from -90 to 90 and from -180 to 180"))


def _given(
    draft: ExperienceDraft, settings: CommunitySettings, problems: list[FieldError]
) -> tuple[GivenAttribute, ...]:
    count, keys = len(draft.attributes), len({one.key for one in draft.attributes})
    if count > settings.attributes_max:
        problems.append(FieldError("/attributes", f"{count:,} attributes; at most {settings.attributes_max} are taken"))
        return ()
    if keys > KEYS_COUNTED_MAX:
        problems.append(FieldError("/attributes", f"{keys} different keys; at most {KEYS_COUNTED_MAX} are taken"))
        return ()
    first: dict[str, FacetKind] = {}
    for place, one in enumerate(draft.attributes):
        pointer = f"/attributes/{place}"
        if not _NAME.fullmatch(one.key):
            detail = "a key is named by 1 to 64 of a-z, 0-9 and _, a letter first"
            problems.append(FieldError(f"{pointer}/key", detail))
        elif one.key == TAGS_FACET:
            problems.append(FieldError(f"{pointer}/key", "give tags as `tags`"))
        elif first.setdefault(one.key, kind_of(one.value)) != kind_of(one.value):
            problems.append(FieldError(f"{pointer}/value", f"{one.key!r} has a value of another kind before"))
        if not 0 <= one.confidence <= 1:
            problems.append(FieldError(f"{pointer}/confidence", "from 0 to 1"))
        if isinstance(one.value, str):
            _line(one.value, f"{pointer}/value", _WORD_CHARACTERS_MAX, problems, is_needed=True)
        elif not math.isfinite(one.value):
            problems.append(FieldError(f"{pointer}/value", "a number is finite"))
    return draft.attributes


def _tags(draft: ExperienceDraft, settings: CommunitySettings, problems: list[FieldError]) -> tuple[str, ...]:
    if len(draft.tags) > settings.tags_max:
        problems.append(FieldError("/tags", f"{len(draft.tags)} tags; at most {settings.tags_max} are taken"))
        return ()
    lines = (
        _line(tag, f"/tags/{place}", _TAG_CHARACTERS_MAX, problems, is_needed=True)
        for place, tag in enumerate(draft.tags)
    )
    return tuple(dict.fromkeys(folded(line) for line in lines))


def _line(text: str, pointer: str, characters_max: int, problems: list[FieldError], *, is_needed: bool = False) -> str:
    """Some words on one line that can be stored."""
    line = " ".join(text.split())
    if len(line) > characters_max or (is_needed and not line):
        problems.append(FieldError(pointer, f"{int(is_needed)} to {characters_max} characters"))
        return ""
    cleaned = clean_text(line, bytes_max=4 * characters_max)
    problems += (FieldError(pointer, warning) for warning in cleaned.warnings)
    return cleaned.text


def _item(
    draft: ExperienceDraft, place_name: str, settings: CommunitySettings, problems: list[FieldError]
) -> ItemDraft | None:
    happened_at = draft.happened_at
    metadata = kept_metadata(draft.metadata, place_name=place_name, happened_at=happened_at)
    try:
        return make_draft(
            key=draft.key or "",
            body=draft.text,
            title=" ".join(draft.title.split()) or None,
            facets={},
            kinds={},
            author=draft.author,
            category=draft.category,
            place=draft.place,
            happened_at=happened_at,
            visibility=Visibility.PRIVATE if draft.visibility == "private" else Visibility.PUBLIC,
            metadata=metadata,
            body_bytes_max=settings.text_bytes_max,
        )
    except ItemRefused as refused:
        problems += (FieldError(_POINTERS.get(one.pointer, one.pointer), one.detail) for one in refused.errors)
        return None


def _called(kind: FacetKind) -> str:
    if kind in {FacetKind.KEYWORD, FacetKind.KEYWORDS}:
        return "a word"
    return {FacetKind.NUMBER: "a number", FacetKind.BOOLEAN: "yes or no"}.get(kind, "a time")
