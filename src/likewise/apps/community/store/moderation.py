"""Statements on what is reported, what is hidden, and what was decided."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from likewise.apps.community.model import Decision, Report, ReportReason, SubjectKind, WantedVisibility
from likewise.apps.community.store.acts import Owner
from likewise.platform.db import Queries, Tx

__all__ = [
    "CaseKey",
    "CaseWords",
    "ExperienceState",
    "ReasonCount",
    "count_open_reports",
    "count_reasons",
    "decide_reports",
    "delete_reports",
    "find_report",
    "insert_decision",
    "list_cases",
    "list_decisions",
    "list_experiences_of_cases",
    "list_reports",
    "lock_experience",
    "lock_experience_item",
    "mark_experience",
    "upsert_report",
]

QUERIES = Queries("likewise.apps.community")


class ExperienceState(msgspec.Struct, frozen=True):
    """What moderators decided of an experience, and who may see it otherwise."""

    id: UUID
    wanted_visibility: WantedVisibility
    hidden_at: datetime | None
    hidden_reason: str | None
    is_cleared: bool


class CaseKey(msgspec.Struct, frozen=True):
    """Something that is reported or hidden, and its place in the queue."""

    subject_kind: SubjectKind
    subject_id: UUID
    experience_id: UUID
    open_reports: int
    waits_since: datetime


class CaseWords(msgspec.Struct, frozen=True):
    """An experience in short, with what was decided of it."""

    id: UUID
    author: str
    title: str
    text: str
    hidden_at: datetime | None
    hidden_reason: str | None


class ReasonCount(msgspec.Struct, frozen=True):
    """How many people report something for one reason."""

    subject_id: UUID
    reason: str
    reports: int
    first_at: datetime
    last_at: datetime


async def lock_experience_item(tx: Tx, *, collection_id: UUID, experience_id: UUID) -> Owner | None:
    params = {"tenant_id": tx.tenant, "collection_id": collection_id, "id": experience_id}
    return await tx.fetch_one(QUERIES.lock_experience_item, Owner, params)


async def lock_experience(tx: Tx, *, experience_id: UUID) -> ExperienceState | None:
    params = {"tenant_id": tx.tenant, "id": experience_id}
    return await tx.fetch_one(QUERIES.lock_experience, ExperienceState, params)


async def mark_experience(
    tx: Tx, *, experience_id: UUID, hidden_at: datetime | None, hidden_reason: str | None, is_cleared: bool
) -> int:
    params = {
        "tenant_id": tx.tenant,
        "id": experience_id,
        "hidden_at": hidden_at,
        "hidden_reason": hidden_reason,
        "is_cleared": is_cleared,
    }
    return await tx.execute(QUERIES.mark_experience, params)


async def upsert_report(
    tx: Tx,
    *,
    report_id: UUID,
    subject_kind: SubjectKind,
    subject_id: UUID,
    experience_id: UUID,
    reporter: str,
    reason: ReportReason,
    note: str,
    at: datetime,
) -> int:
    params = {
        "tenant_id": tx.tenant,
        "id": report_id,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "experience_id": experience_id,
        "reporter": reporter,
        "reason": reason,
        "note": note,
        "at": at,
    }
    return await tx.execute(QUERIES.upsert_report, params)


async def find_report(tx: Tx, *, subject_kind: SubjectKind, subject_id: UUID, reporter: str) -> Report | None:
    params = {"tenant_id": tx.tenant, "subject_kind": subject_kind, "subject_id": subject_id, "reporter": reporter}
    return await tx.fetch_one(QUERIES.find_report, Report, params)


async def count_open_reports(tx: Tx, *, subject_kind: SubjectKind, subject_id: UUID) -> int:
    params = {"tenant_id": tx.tenant, "subject_kind": subject_kind, "subject_id": subject_id}
    return await tx.fetch_value(QUERIES.count_open_reports, int, params) or 0


async def decide_reports(
    tx: Tx, *, subject_kind: SubjectKind, subject_id: UUID, state: Literal["upheld", "dismissed"], at: datetime
) -> int:
    params = {"tenant_id": tx.tenant, "subject_kind": subject_kind, "subject_id": subject_id, "state": state, "at": at}
    return await tx.execute(QUERIES.decide_reports, params)


async def delete_reports(tx: Tx, *, subject_kind: SubjectKind, subject_ids: Sequence[UUID]) -> int:
    params = {"tenant_id": tx.tenant, "subject_kind": subject_kind, "subject_ids": list(subject_ids)}
    return await tx.execute(QUERIES.delete_reports, params)


async def list_reports(tx: Tx, *, subject_kind: SubjectKind, subject_id: UUID, limit: int) -> list[Report]:
    params = {"tenant_id": tx.tenant, "subject_kind": subject_kind, "subject_id": subject_id, "limit": limit}
    return await tx.fetch_all(QUERIES.list_reports, Report, params)


async def insert_decision(tx: Tx, *, decision: Decision) -> int:
    params = {
        "tenant_id": tx.tenant,
        "id": decision.id,
        "subject_kind": decision.subject_kind,
        "subject_id": decision.subject_id,
        "action": decision.action,
        "actor": decision.actor,
        "reason": decision.reason,
        "at": decision.created_at,
    }
    return await tx.execute(QUERIES.insert_decision, params)


async def list_decisions(tx: Tx, *, subject_kind: SubjectKind, subject_id: UUID, limit: int) -> list[Decision]:
    params = {"tenant_id": tx.tenant, "subject_kind": subject_kind, "subject_id": subject_id, "limit": limit}
    return await tx.fetch_all(QUERIES.list_decisions, Decision, params)


async def list_cases(tx: Tx, *, with_closed: bool, behind: tuple[int, datetime, UUID], limit: int) -> list[CaseKey]:
    reports, since, after = behind
    params = {"tenant_id": tx.tenant, "with_closed": with_closed, "reports": reports, "since": since, "after": after}
    return await tx.fetch_all(QUERIES.list_cases, CaseKey, params | {"limit": limit})


async def list_experiences_of_cases(tx: Tx, *, ids: Sequence[UUID], characters: int) -> list[CaseWords]:
    params = {"tenant_id": tx.tenant, "ids": list(ids), "characters": characters}
    return await tx.fetch_all(QUERIES.list_experiences_of_cases, CaseWords, params)


async def count_reasons(
    tx: Tx, *, subject_kinds: Sequence[SubjectKind], subject_ids: Sequence[UUID]
) -> list[ReasonCount]:
    params = {"tenant_id": tx.tenant, "subject_kinds": list(subject_kinds), "subject_ids": list(subject_ids)}
    return await tx.fetch_all(QUERIES.count_reasons, ReasonCount, params)
