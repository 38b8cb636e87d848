"""Items go: one, a collection, everything an author wrote, everything a tenant has; each with a receipt."""

from collections.abc import Sequence
from uuid import UUID

from likewise.engine.collections import logic, store
from likewise.engine.collections.errors import ItemNotFound
from likewise.engine.collections.events import ItemRemoved
from likewise.engine.collections.followers import Followers, Removal
from likewise.engine.collections.model import NAMES_TAG
from likewise.engine.collections.service.declaring import list_collections, read_collection
from likewise.engine.collections.service.writing import move_counts
from likewise.engine.collections.settings import CollectionsSettings
from likewise.platform.db import Tx
from likewise.platform.events import publish
from likewise.platform.feature import App

__all__ = [
    "Receipt",
    "delete_collection",
    "delete_item",
    "forget_author",
    "forget_items",
    "forget_tenant",
    "remove_items",
]

Receipt = dict[str, int]
"""How many things of each kind are gone: items, passages, facets, vectors, cached_vectors ..."""


async def delete_item(app: App, tenant_id: UUID, *, collection: str, key: str) -> Receipt:
    """Remove one item and all that came of it. Raises CollectionNotFound, ItemNotFound."""
    async with app.db.tenant(tenant_id) as tx:
        found = await read_collection(app, tx, name=collection)
        row = await store.find_item(tx, collection_id=found.id, key=key)
        if row is None:
            raise ItemNotFound(collection=collection, key=key)
        receipt, texts = await _remove(app, tx, [row])
    return await _forget_texts(app, receipt, texts)


async def delete_collection(app: App, tenant_id: UUID, *, name: str) -> Receipt:
    """Remove a collection and all its items, in bounded transactions. Raises CollectionNotFound."""
    receipt: Receipt = {}
    batch = app.settings.get(CollectionsSettings).delete_batch_items
    while True:
        async with app.db.tenant(tenant_id) as tx:
            found = await read_collection(app, tx, name=name)
            rows = await store.list_items_in_order(tx, collection_id=found.id, after=UUID(int=0), limit=batch)
            part, texts = await _remove(app, tx, rows)
            if len(rows) < batch:
                await store.delete_facet_counts(tx, collection_id=found.id)
                await store.delete_totals(tx, collection_id=found.id)
                part["collections"] = await store.delete_collection(tx, collection_id=found.id)
                await app.cache.bump_tags(tx, [NAMES_TAG])
        _add(receipt, await _forget_texts(app, part, texts))
        if len(rows) < batch:
            return receipt


async def forget_author(app: App, tenant_id: UUID, *, author: str) -> Receipt:
    """Remove everything one author wrote, in every collection, in bounded transactions."""
    receipt: Receipt = {"items": 0}
    batch = app.settings.get(CollectionsSettings).delete_batch_items
    while True:
        async with app.db.tenant(tenant_id) as tx:
            rows = await store.list_items_of_author(tx, author=author, limit=batch)
            part, texts = await _remove(app, tx, rows)
        _add(receipt, await _forget_texts(app, part, texts))
        if len(rows) < batch:
            return receipt


async def forget_items(app: App, tenant_id: UUID, *, collection_id: UUID, item_ids: Sequence[UUID]) -> Receipt:
    """Remove these items and all that came of them, what is kept by their text as well; those that are gone count not.

    One transaction: give it a batch, not a collection.
    """
    async with app.db.tenant(tenant_id) as tx:
        rows = await store.lock_items(tx, collection_id=collection_id, ids=item_ids)
        receipt, texts = await _remove(app, tx, rows)
    return await _forget_texts(app, receipt, texts)


async def forget_tenant(app: App, tenant_id: UUID) -> Receipt:
    """Remove every collection of a tenant; its files go too."""
    receipt: Receipt = {}
    while page := await list_collections(app, tenant_id):
        for collection in page:
            _add(receipt, await delete_collection(app, tenant_id, name=collection.name))
    receipt["files"] = await app.files.delete_tenant(tenant_id)
    return receipt


async def remove_items(app: App, tx: Tx, *, collection_id: UUID, item_ids: Sequence[UUID]) -> Receipt:
    """Take items away as part of a transaction that does more. What caches keep by text stays there."""
    receipt, _ = await _remove_from(app, tx, collection_id, item_ids)
    return receipt


async def _remove(app: App, tx: Tx, rows: Sequence[store.ItemRow]) -> tuple[Receipt, list[str]]:
    """Take items away in this transaction; the receipt, and the texts that were embedded."""
    if not rows:
        return {}, []
    receipt: Receipt = {}
    texts: list[str] = []
    for collection_id in dict.fromkeys(row.collection_id for row in rows):
        ids = [row.id for row in rows if row.collection_id == collection_id]
        part, more = await _remove_from(app, tx, collection_id, ids)
        _add(receipt, part)
        texts += more
    return receipt, texts


async def _remove_from(app: App, tx: Tx, collection_id: UUID, ids: Sequence[UUID]) -> tuple[Receipt, list[str]]:
    gone = await store.delete_facets(tx, item_ids=ids)
    passage_ids = [row.id for row in await store.list_passages(tx, item_ids=ids, limit=_PASSAGES_MAX)]
    texts = [
        logic.embedded_text(passage.title, passage.heading_path, passage.text)
        for passage in await store.list_passage_texts(tx, ids=passage_ids)
    ]
    removal = Removal(collection_id=collection_id, item_ids=ids, passage_ids=passage_ids, texts=texts)
    receipt: Receipt = {"passages": len(passage_ids), "facets": sum(row.item_count for row in gone)}
    for follower in app.resource(Followers).all:
        _add(receipt, dict(await follower.removed(tx, removal)))
    receipt["items"] = await store.delete_items(tx, ids=ids)
    await publish(tx, [ItemRemoved(item_id, collection_id) for item_id in ids])
    lost = {(row.name, row.text_value): -row.item_count for row in gone}
    await move_counts(tx, collection_id, lost, items=-receipt["items"], passages=-len(passage_ids))
    return receipt, texts


async def _forget_texts(app: App, receipt: Receipt, texts: Sequence[str]) -> Receipt:
    if texts:
        for follower in app.resource(Followers).all:
            _add(receipt, dict(await follower.forgotten(texts)))
    return receipt


def _add(receipt: Receipt, part: Receipt) -> None:
    for kind, count in part.items():
        receipt[kind] = receipt.get(kind, 0) + count


_PASSAGES_MAX = 1_000_000  # of one batch of items, whose bodies are bounded
