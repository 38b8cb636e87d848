"""How the platform's nouns look from outside: ids carry a prefix that says what they name."""

from datetime import datetime
from uuid import UUID

import msgspec

from likewise.platform.ids import encode_id
from likewise.platform.jobs import Operation, OperationError, OperationStatus, Progress
from likewise.platform.tenancy import ApiKey, NewApiKey, Tenant

__all__ = [
    "KeyView",
    "NewKeyView",
    "OperationView",
    "Started",
    "TenantView",
    "key_view",
    "new_key_view",
    "operation_view",
    "started",
    "tenant_view",
]


class TenantView(msgspec.Struct, frozen=True):
    """Whoever must never see another's rows."""

    id: str
    name: str
    created_at: datetime


class KeyView(msgspec.Struct, frozen=True):
    """A key as it can be shown: `hint` is its last four characters."""

    id: str
    name: str
    hint: str
    scopes: list[str]
    created_at: datetime
    used_at: datetime | None


class NewKeyView(msgspec.Struct, frozen=True):
    """A key just made. `key` is shown this once and kept nowhere."""

    id: str
    name: str
    key: str
    scopes: list[str]


class Started(msgspec.Struct, frozen=True):
    """The operation to watch at /api/v1/operations/{id}."""

    operation: str


class OperationView(msgspec.Struct, frozen=True):
    """Something that takes a while: how far it is, and what came of it."""

    id: str
    kind: str
    status: OperationStatus
    progress: Progress
    message: str
    result: dict[str, object] | None
    error: OperationError | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


def tenant_view(tenant: Tenant) -> TenantView:
    """A tenant with its id spelled `tnt_...`."""
    return TenantView(encode_id("tnt", tenant.tenant_id), tenant.name, tenant.created_at)


def key_view(key: ApiKey) -> KeyView:
    """A key with its id spelled `key_...`."""
    return KeyView(encode_id("key", key.id), key.name, key.hint, key.scopes, key.created_at, key.used_at)


def new_key_view(key: NewApiKey) -> NewKeyView:
    """A key just made, with its id spelled `key_...`."""
    return NewKeyView(encode_id("key", key.id), key.name, key.key, key.scopes)


def operation_view(operation: Operation) -> OperationView:
    """An operation with its id spelled `opr_...`."""
    return OperationView(
        id=encode_id("opr", operation.id),
        kind=operation.kind,
        status=operation.status,
        progress=operation.progress,
        message=operation.message,
        result=operation.result,
        error=operation.error,
        created_at=operation.created_at,
        started_at=operation.started_at,
        ended_at=operation.ended_at,
    )


def started(operation_id: UUID) -> Started:
    """What a route answers that began something."""
    return Started(encode_id("opr", operation_id))
