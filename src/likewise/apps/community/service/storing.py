"""The transaction that stores experiences: items with their facets, what is known of them, who told them, and the fact.

Each experience's attributes and its item's facets change together or not at all. Experiences that are here unchanged
cost two reads. Rows are held in one order, that of keys, and counters of the collection last and shortest.
"""

from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

import msgspec

from likewise.apps.community import store
from likewise.apps.community.errors import ExperienceNotFound
from likewise.apps.community.events import EVENT_IDS_MAX, ExperiencesWritten
from likewise.apps.community.logic.attributes import combine, facets_of
from likewise.apps.community.model import COLLECTION, ExperienceAttribute, WantedVisibility, WrittenExperience
from likewise.apps.community.service.drafting import Checked
from likewise.apps.community.service.extracting import RULES_VERSION
from likewise.apps.community.service.founding import Community
from likewise.apps.community.settings import CommunitySettings
from likewise.engine.collections import (
    Collection,
    FacetKind,
    ItemDraft,
    Prepared,
    Visibility,
    WriteContended,
    prepare_items,
    write_items,
)
from likewise.platform.db import Tx
from likewise.platform.events import publish
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id

__all__ = ["Ready", "make_ready", "store_ready", "written"]

_URGENT_MAX = 20  # somebody waits for a few; a load is embedded in its turn


class Ready(msgspec.Struct, frozen=True):
    """An experience to be stored. `seen`: the content it must still have, for what was made of what was there before.
    `by_model`: what a model reads in it from now on; None: what it read in the same words before."""

    checked: Checked
    read: list[ExperienceAttribute]
    attributes: list[ExperienceAttribute]
    row: Prepared
    seen: bytes | None = None
    by_model: list[ExperienceAttribute] | None = None


async def make_ready(
    app: App, community: Community, kept: Sequence[tuple[Checked, list[ExperienceAttribute]]]
) -> list[Ready]:
    """Experiences, each with what the rules read in it, put together and their passages cut; each key once."""
    checked, read = [one for one, _ in kept], [found for _, found in kept]
    confidence_min = app.settings.get(CommunitySettings).confidence_min
    known = [
        combine(one.given, found, kinds=community.kinds, confidence_min=confidence_min)
        for one, found in zip(checked, read, strict=True)
    ]
    ids = [new_id() for _ in checked]
    items = [
        msgspec.structs.replace(
            one.item,
            key=one.item.key or encode_id("exp", new),
            facets=facets_of(attributes, tags=one.tags, kinds=community.kinds),
        )
        for one, attributes, new in zip(checked, known, ids, strict=True)
    ]
    rows = await prepare_items(app, items)
    return [
        Ready(one, found, attributes, msgspec.structs.replace(row, id=new))
        for one, found, attributes, row, new in zip(checked, read, known, rows, ids, strict=True)
    ]


async def store_ready(
    app: App, tx: Tx, community: Community, ready: Sequence[Ready], *, is_reading: bool = False
) -> list[WrittenExperience]:
    """Store them all; what became of each. Raises WriteContended (begin again) and, of an edit, ExperienceNotFound.

    `is_reading`: nobody has told anything, only what is read in them is another.
    """
    known = {row.key: row for row in await _known(tx, community.id, ready)}
    old = await _old_attributes(tx, list(known.values()))
    final = [await _meet(app, community, one, known.get(one.row.draft.key), old) for one in ready]
    fresh = [one for one in final if one.row.draft.key not in known]
    changed = [one for one in final if _is_changed(one, known, old)]
    if fresh or changed:
        categories = sorted({known[one.row.draft.key].category for one in changed})
        await _write(app, tx, community, rows=[*changed, *fresh], changed=changed, categories=categories)
        if not is_reading:
            await _tell(app, tx, [*changed, *fresh])
    if is_reading:
        await store.mark_read(tx, ids=[one.row.id for one in final], rules_version=RULES_VERSION)
    states: dict[UUID, Literal["created", "updated"]] = {one.row.id: "created" for one in fresh}
    states |= {one.row.id: "updated" for one in changed}
    return [
        WrittenExperience(
            id=one.row.id,
            key=one.row.draft.key,
            status=states.get(one.row.id, "unchanged"),
            attributes=one.attributes,
        )
        for one in final
    ]


def written(experience_ids: Sequence[UUID]) -> list[ExperiencesWritten]:
    """That these are new or were edited, a bounded number in each fact."""
    return [
        ExperiencesWritten(list(experience_ids[at : at + EVENT_IDS_MAX]))
        for at in range(0, len(experience_ids), EVENT_IDS_MAX)
    ]


async def _known(tx: Tx, collection_id: UUID, ready: Sequence[Ready]) -> list[store.Known]:
    """Those that are here already, held; what an edit begins from must still be so."""
    keyed = [one for one in ready if one.checked.draft.key is not None]
    if not keyed:
        return []
    known = await store.lock_known(tx, collection_id=collection_id, keys=[one.row.draft.key for one in keyed])
    hashes = {row.key: row.content_hash for row in known}
    for one in keyed:
        if one.seen is None:
            continue
        if one.row.draft.key not in hashes:
            raise ExperienceNotFound(id=one.row.draft.key)
        if hashes[one.row.draft.key] != one.seen:
            raise WriteContended
    return known


async def _old_attributes(tx: Tx, known: Sequence[store.Known]) -> dict[UUID, list[ExperienceAttribute]]:
    old: dict[UUID, list[ExperienceAttribute]] = {row.id: [] for row in known}
    if old:
        categories = sorted({row.category for row in known})
        for row in await store.lock_attributes(tx, categories=categories, experience_ids=list(old)):
            old[row.experience_id].append(row.as_attribute())
    return old


async def _meet(
    app: App,
    community: Community,
    one: Ready,
    known: store.Known | None,
    old: Mapping[UUID, list[ExperienceAttribute]],
) -> Ready:
    """What is to be stored in place of what is here: what moderators hid stays hidden, and what a model read in words
    that have not changed stays known."""
    if known is None:
        return one
    item, attributes = one.row.draft, one.attributes
    is_same_text = (known.title, known.body) == (item.title or "", item.body)
    from_model = one.by_model
    if from_model is None:
        from_model = [was for was in old[known.id] if was.source == "model"] if is_same_text else []
    if from_model:
        attributes = combine(
            one.checked.given,
            [*one.read, *from_model],
            kinds=community.kinds,
            confidence_min=app.settings.get(CommunitySettings).confidence_min,
        )
    wanted = msgspec.structs.replace(
        item,
        facets=facets_of(attributes, tags=one.checked.tags, kinds=community.kinds),
        visibility=Visibility.HIDDEN if known.visibility == "hidden" else item.visibility,
    )
    row = one.row if wanted == item else await _prepared(app, wanted)
    return msgspec.structs.replace(one, attributes=attributes, row=msgspec.structs.replace(row, id=known.id))


async def _prepared(app: App, item: ItemDraft) -> Prepared:
    return (await prepare_items(app, [item]))[0]


def _is_changed(one: Ready, known: Mapping[str, store.Known], old: Mapping[UUID, list[ExperienceAttribute]]) -> bool:
    """Whether it is another than what is here, be it only in how sure an attribute is or in who may see it."""
    was = known.get(one.row.draft.key)
    if was is None:
        return False
    is_same = was.content_hash == one.row.hash and was.wanted_visibility == one.checked.draft.visibility
    return not is_same or sorted(old[was.id], key=_place) != sorted(one.attributes, key=_place)


def _place(one: ExperienceAttribute) -> tuple[str, str, str, int]:
    return (one.key, one.source, str(one.value), one.start)


async def _write(
    app: App,
    tx: Tx,
    community: Community,
    *,
    rows: Sequence[Ready],
    changed: Sequence[Ready],
    categories: Sequence[str],
) -> None:
    """Store `rows`; those that changed were in `categories` until now."""
    await store.ensure_people(tx, user_keys=sorted({one.row.draft.author or "" for one in rows}))
    if changed:
        await store.delete_attributes(tx, categories=categories, experience_ids=[one.row.id for one in changed])
    attributes = {one.row.id: (one.checked.draft.category, one.attributes) for one in rows if one.attributes}
    if attributes:
        await store.insert_attributes(tx, known=attributes)
    await write_items(
        app,
        tx,
        collection=_collection(app, community),
        rows=[one.row for one in rows],
        urgent=len(rows) <= _URGENT_MAX,
    )


async def _tell(app: App, tx: Tx, rows: Sequence[Ready]) -> None:
    """That these were told, by whom, and who their authors let see them."""
    visibilities: dict[UUID, WantedVisibility] = {one.row.id: one.checked.draft.visibility for one in rows}
    now = app.clock.now()
    await store.upsert_experiences(tx, visibilities=visibilities, rules_version=RULES_VERSION, at=now)
    await publish(tx, written([one.row.id for one in rows]))


def _collection(app: App, community: Community) -> Collection:
    """As much of the collection as writing needs, without asking for its counts."""
    now = app.clock.now()
    kinds: dict[str, FacetKind] = community.kinds
    return Collection(
        id=community.id,
        name=COLLECTION,
        facets=kinds,
        language="english",
        metadata={},
        item_count=0,
        pending_count=0,
        created_at=now,
        updated_at=now,
    )
