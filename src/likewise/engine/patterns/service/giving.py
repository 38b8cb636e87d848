"""What callers say of items: stored with its source and confidence, told to the counts in the same transaction."""

from collections.abc import Sequence
from uuid import UUID

from likewise.engine.patterns import store
from likewise.engine.patterns.errors import AttributesRefused, ItemUnknown
from likewise.engine.patterns.events import AttributesPut
from likewise.engine.patterns.model import Attribute, AttributeDraft, Given
from likewise.engine.patterns.service.groups import get_collection_id
from likewise.engine.patterns.settings import PatternsSettings
from likewise.platform.errors import FieldError
from likewise.platform.events import publish
from likewise.platform.feature import App

__all__ = ["FACET_SOURCE", "list_attributes", "put_attributes"]

FACET_SOURCE = "facet"
_VALUE_CHARACTERS_MAX = 1_000
_NUMBER_MAX = 1e300


async def put_attributes(
    app: App, tenant_id: UUID, *, collection: str, attributes: Sequence[AttributeDraft]
) -> list[str]:
    """Store attributes, all or none: "stored", "removed" (confidence 0) or "unknown item" for each, in their order.

    Of two that say the same of an item by the same source, the last one counts. Raises CollectionNotFound,
    AttributesRefused.
    """
    settings = app.settings.get(PatternsSettings)
    if len(attributes) > settings.attributes_batch_max:
        raise AttributesRefused(reason=f"at most {settings.attributes_batch_max} in one call")
    for place, one in enumerate(attributes):
        _check(place, one)
    async with app.db.tenant(tenant_id) as tx:
        collection_id = await get_collection_id(tx, name=collection)
        known = await store.lock_item_ids(
            tx, collection_id=collection_id, keys=list(dict.fromkeys(one.item for one in attributes))
        )
        rows: dict[tuple[UUID, str, str, str], store.StoredAttribute] = {}
        for one in attributes:
            if one.item in known:
                row = _row(known[one.item], one)
                rows[row.item_id, row.key, row.value, row.source] = row
        kept = [row for row in rows.values() if row.confidence > 0]
        gone = [row for row in rows.values() if row.confidence <= 0]
        if kept:
            await store.upsert_attributes(tx, rows=kept, at=app.clock.now())
        if gone:
            await store.delete_attributes(tx, rows=gone)
        await publish(tx, [AttributesPut(item_id) for item_id in dict.fromkeys(row.item_id for row in rows.values())])
    return [
        "unknown item" if one.item not in known else "stored" if one.confidence > 0 else "removed" for one in attributes
    ]


async def list_attributes(app: App, tenant_id: UUID, *, collection: str, item: str) -> list[Attribute]:
    """Everything known of an item: its facets, with confidence 1, and what callers say.

    Raises CollectionNotFound, ItemUnknown.
    """
    limit = app.settings.get(PatternsSettings).attributes_batch_max
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        collection_id = await get_collection_id(tx, name=collection)
        item_id = await store.find_item_id(tx, collection_id=collection_id, key=item)
        if item_id is None:
            raise ItemUnknown(collection=collection, key=item)
        facets = await store.list_item_facets(tx, item_id=item_id, limit=limit)
        given = await store.list_attributes(tx, item_id=item_id, limit=limit)
    return [Attribute(one.key, _text(one), 1.0, FACET_SOURCE) for one in facets] + given


def _check(place: int, draft: AttributeDraft) -> None:
    reason = ""
    if draft.key.startswith("$"):
        reason = "a key does not begin with $"
    elif any("\0" in text for text in (draft.key, draft.source, str(draft.value))):
        reason = "the character NUL cannot be stored"
    elif draft.source == FACET_SOURCE:
        reason = f"the source {FACET_SOURCE!r} is what an item itself says; change the item"
    elif isinstance(draft.value, str) and not 0 < len(draft.value) <= _VALUE_CHARACTERS_MAX:
        reason = f"a value has 1 to {_VALUE_CHARACTERS_MAX} characters"
    elif isinstance(draft.value, float) and not abs(draft.value) <= _NUMBER_MAX:
        reason = "a number is finite"
    if reason:
        raise AttributesRefused(reason=reason, errors=[FieldError(f"/attributes/{place}", reason)])


def _row(item_id: UUID, draft: AttributeDraft) -> store.StoredAttribute:
    value, number = draft.value, None
    if isinstance(value, bool):
        value = "true" if value else "false"
    elif not isinstance(value, str):
        number, value = float(value), f"{value:.15g}"
    return store.StoredAttribute(
        item_id=item_id,
        key=draft.key,
        value=value,
        source=draft.source,
        number=number,
        confidence=draft.confidence,
    )


def _text(given: Given) -> str:
    if given.number is not None:
        return f"{given.number:.15g}"
    if given.time is not None:
        return given.time.isoformat()
    return given.text or ""
