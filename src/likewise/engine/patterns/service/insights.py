"""Insights: found by looking through all counts, kept while they hold, shown with the items they rest on."""

import asyncio
import hashlib
from collections.abc import Sequence
from uuid import UUID

import msgspec
import numpy as np

from likewise.engine.patterns import store
from likewise.engine.patterns.errors import InsightNotFound
from likewise.engine.patterns.logic.finding import Bounds, Counts, Finding, find_all
from likewise.engine.patterns.logic.wording import kind_of, say, subject_of
from likewise.engine.patterns.model import Insight, InsightKind, Refreshed
from likewise.engine.patterns.service.groups import get_collection_id
from likewise.engine.patterns.settings import PatternsSettings
from likewise.platform.db import Tx
from likewise.platform.feature import App
from likewise.platform.tenancy import list_tenants

__all__ = ["get_insight", "list_insights", "refresh_all_insights", "refresh_insights"]

_LAST = (float("inf"), UUID(int=2**128 - 1))
_BEFORE_ALL = (-(2**63), -(2**63))
_PAGE = 100


class _Body(msgspec.Struct, frozen=True):
    """What an insight's row holds as JSON."""

    sentence: str
    terms: list[int]
    facts: dict[str, float | int | str]


async def refresh_insights(app: App, tenant_id: UUID, *, collection: str) -> Refreshed:
    """Look through all counts of a collection; what is not found any more expires. Raises CollectionNotFound."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        collection_id = await get_collection_id(tx, name=collection)
    return await _refresh(app, tenant_id, collection_id)


async def refresh_all_insights(app: App) -> None:
    """Refresh every collection of every tenant, one after the other."""
    after: UUID | None = None
    while tenants := await list_tenants(app.db, after=after, limit=_PAGE):
        for tenant in tenants:
            await _refresh_tenant(app, tenant.tenant_id)
        after = tenants[-1].tenant_id


async def list_insights(
    app: App,
    tenant_id: UUID,
    *,
    collection: str,
    kind: InsightKind | None = None,
    before: tuple[float, UUID] | None = None,
    limit: int = 50,
) -> list[Insight]:
    """Insights that hold, strongest first, from `before` (strength and id) on. Raises CollectionNotFound."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        collection_id = await get_collection_id(tx, name=collection)
        rows = await store.list_insights(
            tx, collection_id=collection_id, kind=kind, before=before or _LAST, limit=limit
        )
    return [_insight(row) for row in rows]


async def get_insight(app: App, tenant_id: UUID, *, insight_id: UUID) -> tuple[Insight, list[str]]:
    """An insight, and keys of the newest items it rests on. Raises InsightNotFound."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        row = await store.find_insight(tx, insight_id=insight_id)
        if row is None or row.collection_id is None:
            raise InsightNotFound
        insight = _insight(row)
        evidence = await _list_evidence(app, tx, collection_id=row.collection_id, term_ids=insight.terms)
    return insight, evidence


async def _list_evidence(app: App, tx: Tx, *, collection_id: UUID, term_ids: Sequence[int]) -> list[str]:
    """Keys of the newest items that have these terms; the rarest term leads to them."""
    settings = app.settings.get(PatternsSettings)
    rows = await store.list_terms(tx, collection_id=collection_id, ids=term_ids)
    # Nobody is a member of a key: its items are those of its values.
    found = sorted((row for row in rows if row.kind != "key"), key=lambda row: row.item_count)
    if not found:
        return []
    return await store.list_evidence(
        tx,
        collection_id=collection_id,
        term_id=found[0].id,
        others=[row.id for row in found[1:]],
        scanned_max=settings.evidence_scanned_max,
        limit=settings.evidence_items,
    )


async def _refresh_tenant(app: App, tenant_id: UUID) -> None:
    after = UUID(int=0)
    while True:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            rows = await store.list_collection_ids(tx, after=after, limit=_PAGE)
        for row in rows:
            await _refresh(app, tenant_id, row.id)
        if len(rows) < _PAGE:
            return
        after = rows[-1].id


async def _refresh(app: App, tenant_id: UUID, collection_id: UUID) -> Refreshed:
    settings = app.settings.get(PatternsSettings)
    bounds = Bounds(
        items_min=settings.group_items_min,
        lift_min=settings.insight_lift_min,
        false_share_max=settings.false_share_max,
        findings_max=settings.insights_max,
    )
    counts = await _read_counts(app, tenant_id, collection_id, settings=settings)
    findings, tested = await asyncio.to_thread(find_all, counts, bounds)
    at = app.clock.now()
    async with app.db.tenant(tenant_id) as tx:
        fresh = 0
        if findings:
            insights = [_new(finding) for finding in findings]
            fresh = await store.upsert_insights(tx, collection_id=collection_id, insights=insights, at=at)
        expired = await store.expire_insights(tx, collection_id=collection_id, at=at)
    return Refreshed(tested, len(findings), fresh, expired)


async def _read_counts(app: App, tenant_id: UUID, collection_id: UUID, *, settings: PatternsSettings) -> Counts:
    """Frequent terms and their pairs, a page at a time and no transaction longer than a page."""
    async with app.db.tenant(tenant_id, read_only=True) as tx:
        terms = await store.list_frequent_terms(
            tx,
            collection_id=collection_id,
            items_min=settings.group_items_min,
            limit=settings.insight_terms_max,
        )
    place_of = {row.id: place for place, row in enumerate(terms)}
    pages: list[np.typing.NDArray[np.int64]] = [np.empty((0, 3), dtype=np.int64)]
    after, read = _BEFORE_ALL, 0
    while read < settings.insight_pairs_max:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            rows = await store.list_pairs(
                tx, collection_id=collection_id, after=after, limit=settings.insight_page_rows
            )
        found = [
            (place_of[row.a], place_of[row.b], row.item_count)
            for row in rows
            if row.a in place_of and row.b in place_of
        ]
        pages.append(np.array(found, dtype=np.int64).reshape(-1, 3))
        read += len(rows)
        if len(rows) < settings.insight_page_rows:
            break
        after = (rows[-1].a, rows[-1].b)
    return Counts(
        terms=[row.term for row in terms],
        item_counts=np.array([row.item_count for row in terms], dtype=np.int64),
        pairs=np.concatenate(pages),
    )


def _new(finding: Finding) -> store.NewInsight:
    candidate = finding.candidate
    ids = [term.id for term in candidate.terms]
    kind = kind_of(candidate)
    # Rising and falling are two insights; that the counts have moved on is not.
    told = f"{kind}:{','.join(map(str, sorted(ids)))}:{subject_of(candidate)}"
    return store.NewInsight(
        kind=kind,
        fingerprint=hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=16).digest(),
        subject=subject_of(candidate),
        strength=candidate.strength,
        body={
            "sentence": say(candidate),
            "terms": ids,
            "facts": dict(candidate.facts) | {"p": candidate.p, "q": finding.q},
        },
    )


def _insight(row: store.InsightRow) -> Insight:
    body = msgspec.convert(row.body, _Body)
    return Insight(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        sentence=body.sentence,
        strength=row.strength,
        facts=body.facts,
        terms=body.terms,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        expired_at=row.expired_at,
    )
