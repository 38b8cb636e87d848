"""The operations of T12: each is prepared on a tenant of its own, and comes back as something that can be done."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from likewise.engine.collections import FacetKind, ItemDraft, Mapping, open_reader, service, store
from likewise.engine.collections.jobs import LOAD_FILE, LoadFileArgs
from likewise.engine.embedding import store as embedding_store
from likewise.engine.embedding.service import Embedder, pipeline
from likewise.engine.search.consumers import SEARCH_DOCUMENTS
from likewise.platform.db import Statement
from likewise.platform.errors import Unavailable
from likewise.platform.events.delivery import deliver
from likewise.platform.events.model import Received
from likewise.platform.feature import App
from likewise.platform.ids import new_id
from likewise.platform.jobs import JobContext, Progress, cancel_operation
from likewise.platform.jobs import store as jobs_store
from likewise.platform.tenancy import create_key, list_keys, revoke_key

__all__ = ["IN_BATCHES", "USED_UP", "WHOLE", "Act", "Prepare", "creating_a_collection_in_two_transactions"]

Act = Callable[[], Awaitable[object]]
Prepare = Callable[[App, UUID, Path], Awaitable[Act]]

COLLECTION = "words"
FACETS = {"kind": FacetKind.KEYWORD, "size": FacetKind.NUMBER}
EVENTS_OF_TENANT = Statement(
    "tests.events_of_tenant",
    "",
    "select xid::text::bigint as xid, id, tenant_id, type, payload::text as payload from platform.events"
    " where tenant_id = %(tenant_id)s order by platform.events.xid, id",
    frozenset({"tenant_id"}),
)


class WaitsAgain(Unavailable):
    """The batch was given back, to be embedded later."""


def draft(number: int, *, words: str = "as it was", author: str = "ada") -> ItemDraft:
    """One of a few items that differ."""
    return ItemDraft(
        key=f"k{number}",
        title=f"Number {number}",
        body=f"The {number}. text, {words}.",
        facets={"kind": "odd" if number % 2 else "even", "size": number},
        author=author,
    )


async def put(app: App, tenant_id: UUID, *drafts: ItemDraft) -> None:
    """Store items in the collection of these tests."""
    target = await service.get_collection(app, tenant_id, name=COLLECTION)
    await service.put_items(app, tenant_id, collection=target, drafts=drafts)


async def prepare_collection(app: App, tenant_id: UUID, *drafts: ItemDraft) -> None:
    """The collection, with these items, read by search."""
    await service.ensure_collection(app, tenant_id, name=COLLECTION, facets=FACETS)
    await put(app, tenant_id, *drafts)
    await deliver(app.db, SEARCH_DOCUMENTS, tenant_id, await events_of(app, tenant_id))


async def events_of(app: App, tenant_id: UUID) -> list[Received]:
    """The tenant's part of the log."""
    async with app.db.tenant(tenant_id) as tx:
        return await tx.fetch_all(EVENTS_OF_TENANT, Received, {"tenant_id": tenant_id})


async def creating_a_collection(app: App, tenant_id: UUID, _folder: Path) -> Act:
    return lambda: service.create_collection(app, tenant_id, name=COLLECTION, facets=FACETS)


async def declaring_a_facet(app: App, tenant_id: UUID, _folder: Path) -> Act:
    await prepare_collection(app, tenant_id, draft(1))
    return lambda: service.update_collection(app, tenant_id, name=COLLECTION, facets={"place": FacetKind.KEYWORD})


async def putting_new_items(app: App, tenant_id: UUID, _folder: Path) -> Act:
    await prepare_collection(app, tenant_id)
    return lambda: put(app, tenant_id, draft(1), draft(2), draft(3))


async def putting_changed_items(app: App, tenant_id: UUID, _folder: Path) -> Act:
    await prepare_collection(app, tenant_id, draft(1), draft(2))
    return lambda: put(app, tenant_id, draft(1, words="changed"), draft(2, author="bob"))


async def putting_mixed_items(app: App, tenant_id: UUID, _folder: Path) -> Act:
    await prepare_collection(app, tenant_id, draft(1), draft(2))
    return lambda: put(app, tenant_id, draft(1), draft(2, words="changed"), draft(3))


async def deleting_an_item(app: App, tenant_id: UUID, _folder: Path) -> Act:
    await prepare_collection(app, tenant_id, draft(1), draft(2))
    return lambda: service.delete_item(app, tenant_id, collection=COLLECTION, key="k1")


async def deleting_a_collection(app: App, tenant_id: UUID, _folder: Path) -> Act:
    await prepare_collection(app, tenant_id, *map(draft, range(1, 4)))
    return lambda: service.delete_collection(app, tenant_id, name=COLLECTION)


async def forgetting_an_author(app: App, tenant_id: UUID, _folder: Path) -> Act:
    await prepare_collection(app, tenant_id, *map(draft, range(1, 4)), draft(4, author="bob"))
    return lambda: service.forget_author(app, tenant_id, author="ada")


async def loading_a_file(app: App, tenant_id: UUID, folder: Path) -> Act:
    path = folder / "rows.csv"
    path.write_text("id,text,kind\n" + "".join(f"{n},the {n}. row,kind {n % 2}\n" for n in range(3)), "utf-8")

    async def load() -> None:
        with open_reader(path) as reader:
            await service.load_rows(
                app,
                tenant_id,
                reader=reader,
                collection=COLLECTION,
                mapping=Mapping(text="text", key="id", facets=("kind",)),
            )

    return load


async def storing_vectors(app: App, tenant_id: UUID, _folder: Path) -> Act:
    """An embedding batch that was leased, up to its end. Where it fails its passages simply wait again."""
    await prepare_collection(app, tenant_id, draft(1), draft(2), draft(3))
    lease_id = new_id()
    async with app.db.maintenance() as tx:
        passages = await embedding_store.lease(
            tx,
            tenant_id=tenant_id,
            space_id=app.resource(Embedder).space.space_id,
            priority=1,
            lease_id=lease_id,
            lease_s=600,
            limit=10,
        )
    assert len(passages) == 3

    async def finish() -> None:
        embedder = app.resource(Embedder)
        station = await embedder.station(embedder.space)
        await pipeline._finish(app, pipeline._Batch(tenant_id, station, lease_id, passages), pipeline._Turn())
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            if await embedding_store.list_states(tx, item_ids=[passage.item_id for passage in passages]):
                raise WaitsAgain

    return finish


async def reading_events(app: App, tenant_id: UUID, _folder: Path) -> Act:
    """A batch of the log: what is derived from it and how far it was read."""
    await prepare_collection(app, tenant_id, draft(1), draft(2))
    await put(app, tenant_id, draft(2, words="changed"), draft(3))
    await service.delete_item(app, tenant_id, collection=COLLECTION, key="k1")
    events = await events_of(app, tenant_id)
    return lambda: deliver(app.db, SEARCH_DOCUMENTS, tenant_id, events)


async def creating_a_key(app: App, tenant_id: UUID, _folder: Path) -> Act:
    return lambda: create_key(app.db, tenant_id, name="mine", scopes=["read"])


async def revoking_a_key(app: App, tenant_id: UUID, _folder: Path) -> Act:
    await create_key(app.db, tenant_id, name="mine", scopes=["read"])
    (key,) = await list_keys(app.db, tenant_id)
    return lambda: revoke_key(app.db, tenant_id, key_id=key.id)


async def deferring_a_job(app: App, tenant_id: UUID, _folder: Path) -> Act:
    args = LoadFileArgs(file_key="upload", filename="a.csv", collection=COLLECTION, mapping=Mapping(text="text"))

    async def defer() -> None:
        async with app.db.tenant(tenant_id) as tx:
            await app.jobs.defer(tx, LOAD_FILE, args, operation_kind="load")

    return defer


async def _running(app: App, tenant_id: UUID) -> JobContext:
    operation_id = new_id()
    async with app.db.tenant(tenant_id) as tx:
        await jobs_store.insert_operation(
            tx, operation_id=operation_id, kind="load", job_id=None, status="running", attempt=1, progress=Progress()
        )
    return JobContext(
        app.db, tenant_id=tenant_id, operation_id=operation_id, job_id=None, attempt=1, progress_interval_s=0
    )


async def finishing_an_operation(app: App, tenant_id: UUID, _folder: Path) -> Act:
    """The last effects of a job and its end."""
    context = await _running(app, tenant_id)

    async def finish() -> None:
        async with context.effects() as tx:
            collection_id = new_id()
            await store.insert_collection(
                tx, collection_id=collection_id, name=COLLECTION, facets={}, language="english", metadata={}
            )
            await store.insert_totals(tx, collection_id=collection_id)
            await context.finish(tx, {"rows": 3})

    return finish


async def cancelling_an_operation(app: App, tenant_id: UUID, _folder: Path) -> Act:
    context = await _running(app, tenant_id)

    async def cancel() -> None:
        assert context.operation_id is not None
        async with app.db.tenant(tenant_id) as tx:
            await cancel_operation(tx, context.operation_id)

    return cancel


async def creating_a_collection_in_two_transactions(app: App, tenant_id: UUID, _folder: Path) -> Act:
    """The broken variant: the collection is committed before its counters."""

    async def create() -> None:
        collection_id = new_id()
        async with app.db.tenant(tenant_id) as tx:
            await store.insert_collection(
                tx, collection_id=collection_id, name=COLLECTION, facets={}, language="english", metadata={}
            )
        async with app.db.tenant(tenant_id) as tx:
            await store.insert_totals(tx, collection_id=collection_id)

    return create


WHOLE: tuple[Prepare, ...] = (
    creating_a_collection,
    declaring_a_facet,
    putting_new_items,
    putting_changed_items,
    putting_mixed_items,
    deleting_an_item,
    storing_vectors,
    reading_events,
    creating_a_key,
    revoking_a_key,
    deferring_a_job,
    finishing_an_operation,
    cancelling_an_operation,
)
IN_BATCHES: tuple[Prepare, ...] = (deleting_a_collection, forgetting_an_author, loading_a_file)
# What a try uses up although it leaves everything as it was: the lease.
USED_UP: frozenset[Prepare] = frozenset({storing_vectors})
