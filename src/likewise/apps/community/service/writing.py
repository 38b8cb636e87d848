"""Experiences are told, edited, taken back: each in one transaction with what is known of it and the fact itself."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from likewise.apps.community.errors import ExperienceNotFound, TooManyExperiences
from likewise.apps.community.logic.attributes import kind_of
from likewise.apps.community.model import (
    Experience,
    ExperienceAttribute,
    ExperienceDraft,
    ExperienceEdit,
    WrittenExperience,
)
from likewise.apps.community.service.drafting import Checked, check_draft, check_kinds, refusal
from likewise.apps.community.service.extracting import read_attributes
from likewise.apps.community.service.founding import Community, declare_keys, find_community, read_community
from likewise.apps.community.service.reading import list_by_ids
from likewise.apps.community.service.storing import make_ready, store_ready
from likewise.apps.community.service.telling import list_told
from likewise.apps.community.settings import CommunitySettings
from likewise.engine.collections import FacetKind, Receipt, WriteContended, forget_items
from likewise.platform.errors import Fact, FieldError
from likewise.platform.feature import App
from likewise.platform.gathering import Gatherer
from likewise.platform.ids import encode_id

__all__ = ["Tellings", "delete_experience", "edit_experience", "write_experience", "write_experiences"]

_ATTEMPTS_MAX = 5
_TOGETHER_MAX = 100


class Tellings(Gatherer[UUID, ExperienceDraft, "WrittenExperience | Fact"]):
    """Experiences that are told one by one, stored with all others of their tenant that are told at the same time."""

    def __init__(self, app: App) -> None:
        async def store_all(tenant_id: UUID, drafts: Sequence[ExperienceDraft]) -> list[WrittenExperience | Fact]:
            return await write_experiences(app, tenant_id, drafts=drafts)

        most = app.settings.get(CommunitySettings).batch_experiences_max
        super().__init__(store_all, count_max=min(_TOGETHER_MAX, most))


async def write_experience(app: App, tenant_id: UUID, *, draft: ExperienceDraft) -> WrittenExperience:
    """Store one experience. Raises ExperienceRefused."""
    outcome = await app.resource(Tellings).do(tenant_id, draft)
    if isinstance(outcome, Fact):
        raise outcome
    return outcome


async def write_experiences(
    app: App, tenant_id: UUID, *, drafts: Sequence[ExperienceDraft]
) -> list[WrittenExperience | Fact]:
    """Store experiences in one transaction; for each what became of it, or why it was refused.

    One whose key is here already is an edit of the whole, and none where nothing is new. Of drafts with the same key
    the last one counts, for all of them. Raises TooManyExperiences.
    """
    limit = app.settings.get(CommunitySettings).batch_experiences_max
    if len(drafts) > limit:
        raise TooManyExperiences(count=len(drafts), count_max=limit)
    outcomes: list[WrittenExperience | Fact | None] = [None] * len(drafts)
    checked = _check(app, drafts, outcomes)
    if checked:
        community, kept = await _declare(app, tenant_id, checked, outcomes)
        told = await _store(app, tenant_id, community, list(kept.values()))
        for place, one in zip(kept, told, strict=True):
            outcomes[place] = one
    by_key = {one.key: one for one in outcomes if isinstance(one, WrittenExperience)}
    for place, draft in enumerate(drafts):
        if outcomes[place] is None and draft.key is not None:  # a later draft of the same key was stored
            outcomes[place] = by_key[draft.key]
    return [outcome for outcome in outcomes if outcome is not None]


async def edit_experience(
    app: App, tenant_id: UUID, *, experience_id: UUID, edit: ExperienceEdit
) -> tuple[Experience, WrittenExperience]:
    """Change what the edit names; the experience as it is then, and what is known of it.

    Raises ExperienceNotFound, ExperienceRefused.
    """
    for attempt in range(_ATTEMPTS_MAX):
        told = (await list_told(app, tenant_id, experience_ids=[experience_id])).get(experience_id)
        if told is None:
            break
        checked = check_draft(edited(told.draft, edit), app.settings.get(CommunitySettings))
        refused: list[WrittenExperience | Fact | None] = [None]
        community, kept = await _declare(app, tenant_id, {0: checked}, refused)
        if isinstance(refused[0], Fact):
            raise refused[0]
        try:
            one = (await _store_once(app, tenant_id, community, list(kept.values()), seen=told.content_hash))[0]
        except WriteContended:
            # Somebody else has changed it since it was looked at; the next look begins from that.
            if attempt == _ATTEMPTS_MAX - 1:
                raise
            continue
        shown = (await list_by_ids(app, tenant_id, ids=[experience_id])).get(experience_id)
        if shown is None:
            break
        return shown, one
    raise ExperienceNotFound(id=encode_id("exp", experience_id))


async def delete_experience(app: App, tenant_id: UUID, *, experience_id: UUID) -> Receipt:
    """Remove an experience and all that came of it; how many of each kind are gone. Raises ExperienceNotFound."""
    collection_id = await find_community(app, tenant_id)
    if collection_id is not None:
        receipt = await forget_items(app, tenant_id, collection_id=collection_id, item_ids=[experience_id])
        if receipt.get("items"):
            return {"experiences": receipt.pop("items"), **receipt}
    raise ExperienceNotFound(id=encode_id("exp", experience_id))


def edited(told: ExperienceDraft, edit: ExperienceEdit) -> ExperienceDraft:
    """The draft with what the edit names in place of what was told."""
    changes = {name: value for name, value in msgspec.structs.asdict(edit).items() if value is not msgspec.UNSET}
    return msgspec.structs.replace(told, **changes)


def _check(
    app: App, drafts: Sequence[ExperienceDraft], outcomes: list[WrittenExperience | Fact | None]
) -> dict[int, Checked]:
    """What can be stored, by its place; of one key the last. The others get their reason."""
    settings = app.settings.get(CommunitySettings)
    last = {draft.key: place for place, draft in enumerate(drafts) if draft.key is not None}
    checked: dict[int, Checked] = {}
    for place, draft in enumerate(drafts):
        if draft.key is not None and last[draft.key] != place:
            continue
        try:
            checked[place] = check_draft(draft, settings)
        except Fact as fact:
            outcomes[place] = fact
    refused = {drafts[place].key: outcome for place, outcome in enumerate(outcomes) if outcome is not None}
    for place, draft in enumerate(drafts):
        if draft.key is not None and place not in checked and outcomes[place] is None and draft.key in refused:
            outcomes[place] = refused[draft.key]
    return checked


async def _declare(
    app: App, tenant_id: UUID, checked: dict[int, Checked], outcomes: list[WrittenExperience | Fact | None]
) -> tuple[Community, dict[int, tuple[Checked, list[ExperienceAttribute]]]]:
    """The community with the keys of these, and those that fit it, with what the rules read in them.

    Keys are few: an author's new one beyond `keys_max` is refused, one that was read is left out.
    """
    settings = app.settings.get(CommunitySettings)
    places = list(checked)
    read = dict(zip(places, await read_attributes(list(checked.values())), strict=True))
    found = await read_community(app, tenant_id)
    known = {} if found is None else found.kinds
    new: dict[str, FacetKind] = {}
    room = settings.keys_max - len(known)
    kept = dict(checked)
    for place, one in checked.items():
        wanted = {given.key: kind_of(given.value) for given in one.given if given.key not in known}
        if len(new | wanted) > room:
            reason = f"this community has {len(known):,} keys of at most {settings.keys_max:,}; use one of them"
            outcomes[place] = refusal([FieldError("/attributes", reason)])
            del kept[place]
        else:
            new |= {key: kind for key, kind in wanted.items() if key not in new}
    for attributes in read.values():
        for one in attributes:
            if one.key not in known and len(new) < room:
                new.setdefault(one.key, kind_of(one.value))
    community = await declare_keys(app, tenant_id, kinds=new)
    for place, one in list(kept.items()):
        try:
            check_kinds(one.given, community.kinds)
        except Fact as fact:
            outcomes[place] = fact
            del kept[place]
    return community, {place: (one, read[place]) for place, one in kept.items()}


async def _store(
    app: App,
    tenant_id: UUID,
    community: Community,
    kept: Sequence[tuple[Checked, list[ExperienceAttribute]]],
) -> list[WrittenExperience]:
    for _ in range(_ATTEMPTS_MAX - 1):
        try:
            return await _store_once(app, tenant_id, community, kept)
        except WriteContended:
            continue  # somebody has stored one of these at the same moment; the next look finds it
    return await _store_once(app, tenant_id, community, kept)


async def _store_once(
    app: App,
    tenant_id: UUID,
    community: Community,
    kept: Sequence[tuple[Checked, list[ExperienceAttribute]]],
    *,
    seen: bytes | None = None,
) -> list[WrittenExperience]:
    if not kept:
        return []
    ready = await make_ready(app, community, kept)
    if seen is not None:
        ready = [msgspec.structs.replace(one, seen=seen) for one in ready]
    async with app.db.tenant(tenant_id) as tx:
        return await store_ready(app, tx, community, ready)
