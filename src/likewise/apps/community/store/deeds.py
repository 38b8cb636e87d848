"""Statements on whole files of what people do."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from likewise.platform.db import Queries, Tx

__all__ = ["Said", "list_said"]

QUERIES = Queries("likewise.apps.community")


class Said(msgspec.Struct, frozen=True):
    """That somebody said something under an experience at a moment."""

    experience_id: UUID
    author: str
    created_at: datetime


async def list_said(
    tx: Tx, *, experience_ids: Sequence[UUID], authors: Sequence[str], times: Sequence[datetime]
) -> list[Said]:
    params = {
        "tenant_id": tx.tenant,
        "experience_ids": list(experience_ids),
        "authors": list(authors),
        "times": list(times),
    }
    return await tx.fetch_all(QUERIES.list_said, Said, params)
