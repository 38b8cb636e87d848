"""The nouns of tenancy."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

__all__ = ["ApiKey", "Caller", "NewApiKey", "Scope", "Tenant"]


class Scope(StrEnum):
    """What a key may do. `write` includes `read`, `admin` includes both."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class Tenant(msgspec.Struct, frozen=True):
    """Whoever must never see another's rows."""

    tenant_id: UUID
    name: str
    created_at: datetime


class ApiKey(msgspec.Struct, frozen=True):
    """A key as it can be shown: its last characters, never itself."""

    id: UUID
    name: str
    hint: str
    scopes: list[str]
    created_at: datetime
    used_at: datetime | None


class NewApiKey(msgspec.Struct, frozen=True):
    """A key just made. `key` is shown this once and kept nowhere."""

    id: UUID
    name: str
    key: str
    scopes: list[str]


class Caller(msgspec.Struct, frozen=True):
    """Who is asking: the tenant, and what they may do. `key_id` is None for the owner of this machine."""

    tenant_id: UUID
    scopes: frozenset[str]
    key_id: UUID | None = None

    def may(self, scope: Scope) -> bool:
        """Whether this caller's scopes include `scope`."""
        order = [Scope.READ, Scope.WRITE, Scope.ADMIN]
        return any(held in self.scopes for held in order[order.index(scope) :])
