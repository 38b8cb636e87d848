"""Experiences as their authors told them, to be changed or read anew."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from likewise.apps.community import store
from likewise.apps.community.logic.keeping import local_time, place_name_of, shown_metadata
from likewise.apps.community.model import TAGS_FACET, ExperienceAttribute, ExperienceDraft, GivenAttribute
from likewise.apps.community.service.founding import find_community
from likewise.engine.collections import Place
from likewise.platform.feature import App

__all__ = ["ToldBefore", "list_told"]


class ToldBefore(msgspec.Struct, frozen=True):
    """An experience as it was told, everything that is known of it, and the hash of its content."""

    draft: ExperienceDraft
    known: list[ExperienceAttribute]
    content_hash: bytes


async def list_told(app: App, tenant_id: UUID, *, experience_ids: Sequence[UUID]) -> dict[UUID, ToldBefore]:
    """These experiences, whoever may see them; what is gone is left out."""
    collection_id = await find_community(app, tenant_id)
    if collection_id is None or not experience_ids:
        return {}
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        rows = await store.list_told(tx, collection_id=collection_id, ids=experience_ids)
        known: dict[UUID, list[ExperienceAttribute]] = {row.id: [] for row in rows}
        for row in await store.list_attributes_of(tx, experience_ids=list(known)):
            known[row.experience_id].append(row.as_attribute())
    return {row.id: ToldBefore(_draft(row, known[row.id]), known[row.id], row.content_hash) for row in rows}


def _draft(told: store.Told, known: Sequence[ExperienceAttribute]) -> ExperienceDraft:
    has_place = told.latitude is not None and told.longitude is not None
    tags = told.facets.get(TAGS_FACET)
    return ExperienceDraft(
        author=told.author,
        text=told.body,
        title=told.title,
        category=told.category,
        key=told.key,
        tags=tuple(msgspec.convert(tags, list[str])) if tags else (),
        attributes=tuple(
            GivenAttribute(key=one.key, value=one.value, confidence=one.confidence)
            for one in known
            if one.source == "author"
        ),
        place=Place(told.latitude or 0.0, told.longitude or 0.0) if has_place else None,
        place_name=place_name_of(told.metadata),
        happened_at=local_time(told.happened_at, told.metadata),
        visibility=told.wanted_visibility,
        metadata=shown_metadata(told.metadata),
    )
