"""Make tenants and keys, and tell who a key speaks for."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from likewise.platform.db import Database
from likewise.platform.errors import Conflict, Denied, FieldError, NotFound, Rejected
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import store
from likewise.platform.tenancy.model import ApiKey, Caller, NewApiKey, Scope, Tenant

__all__ = [
    "DEFAULT_TENANT",
    "authenticate",
    "create_key",
    "create_tenant",
    "delete_tenant_row",
    "ensure_default_tenant",
    "find_tenant",
    "get_tenant",
    "has_keys",
    "list_keys",
    "list_tenants",
    "revoke_key",
]

# The tenant of somebody who never thinks of tenants.
DEFAULT_TENANT = UUID("00000000-0000-7000-8000-000000000001")
_KEY_PREFIX = "lw_"
_KEYS_MAX = 1000
_NAME = re.compile(r"^[\w][\w .@+-]{0,99}$")


class TenantNotFound(NotFound):
    """No tenant is named {name!r}. `likewise tenants list` shows those there are."""


class TenantExists(Conflict):
    """A tenant named {name!r} is already there."""


class NameRefused(Rejected):
    """{name!r} cannot be a name: use 1 to 100 letters, digits, spaces or . _ - @ +, starting with a letter or digit."""


class ScopeUnknown(Rejected):
    """{scope!r} is no scope; a key has some of: read, write, admin."""


class KeyNotFound(NotFound):
    """No key has the id {id}. `likewise keys list` shows those there are."""


class KeyRefused(Denied):
    """This API key is not valid (it may have been revoked). Send `Authorization: Bearer lw_...` with a key made by
    `likewise keys create`."""

    status = 401


async def ensure_default_tenant(db: Database) -> Tenant:
    """The default tenant, made if it is not there yet."""
    async with db.maintenance() as tx:
        await store.insert_tenant(tx, tenant_id=DEFAULT_TENANT, name="default")
        found = await store.find_tenant_by_name(tx, name="default")
    if found is None:
        raise TenantNotFound(name="default")
    return found


async def create_tenant(db: Database, *, name: str) -> Tenant:
    """A new tenant. Raises TenantExists, NameRefused."""
    checked = _checked_name(name)
    async with db.maintenance() as tx:
        if not await store.insert_tenant(tx, tenant_id=new_id(), name=checked):
            raise TenantExists(name=checked)
    return await get_tenant(db, name=checked)


async def get_tenant(db: Database, *, name: str) -> Tenant:
    """The tenant with this name. Raises TenantNotFound."""
    found = await find_tenant(db, name=name)
    if found is None:
        raise TenantNotFound(name=name)
    return found


async def find_tenant(db: Database, *, name: str) -> Tenant | None:
    """The tenant with this name, if there is one."""
    async with db.maintenance() as tx:
        return await store.find_tenant_by_name(tx, name=name)


async def list_tenants(db: Database, *, after: UUID | None = None, limit: int = 100) -> list[Tenant]:
    """One page of tenants, in the order they were made."""
    async with db.maintenance() as tx:
        return await store.list_tenants(tx, after=after or UUID(int=0), limit=limit)


async def delete_tenant_row(db: Database, tenant_id: UUID) -> None:
    """Remove the tenant and its keys; what it had must be gone before."""
    async with db.maintenance() as tx:
        await store.delete_tenant_row(tx, tenant_id=tenant_id)


async def create_key(db: Database, tenant_id: UUID, *, name: str, scopes: Sequence[str]) -> NewApiKey:
    """A new key; the answer is the only place where it is ever shown."""
    known = {scope.value for scope in Scope}
    for scope in scopes:
        if scope not in known:
            raise ScopeUnknown(scope=scope, errors=[FieldError("/scopes", f"unknown scope {scope!r}")])
    key = _KEY_PREFIX + secrets.token_urlsafe(32)
    made = NewApiKey(id=new_id(), name=_checked_name(name), key=key, scopes=list(scopes))
    async with db.tenant(tenant_id) as tx:
        await store.insert_key(
            tx, key_id=made.id, name=made.name, key_hash=_hash(key), hint=key[-4:], scopes=made.scopes
        )
    return made


async def list_keys(db: Database, tenant_id: UUID) -> list[ApiKey]:
    """A tenant's keys, newest first, at most 1,000."""
    async with db.tenant(tenant_id, read_only=True) as tx:
        return await store.list_keys(tx, limit=_KEYS_MAX)


async def revoke_key(db: Database, tenant_id: UUID, *, key_id: UUID) -> None:
    """Revoke a key; the next request that carries it is refused. Raises KeyNotFound."""
    async with db.tenant(tenant_id) as tx:
        if await store.delete_key(tx, key_id=key_id) == 0:
            raise KeyNotFound(id=encode_id("key", key_id))


async def authenticate(db: Database, *, key: str, at: datetime) -> Caller:
    """Who this key speaks for. Asked of the database each time, so that a revoked key is refused at once."""
    presented = _hash(key)
    async with db.maintenance() as tx:
        found = await store.find_key_by_hash(tx, key_hash=presented)
        if found is None or not hmac.compare_digest(found.hash, presented):
            raise KeyRefused
        if found.stale:
            await store.mark_key_used(tx, tenant_id=found.tenant_id, key_id=found.id, at=at)
    return Caller(tenant_id=found.tenant_id, scopes=frozenset(found.scopes), key_id=found.id)


async def has_keys(db: Database) -> bool:
    """Whether any tenant has a key."""
    async with db.maintenance() as tx:
        return await store.has_keys(tx)


def _hash(key: str) -> bytes:
    # A key holds 256 random bits: a plain hash cannot be turned back, and lookups stay fast.
    return hashlib.sha256(key.encode()).digest()


def _checked_name(name: str) -> str:
    stripped = name.strip()
    if not _NAME.match(stripped):
        raise NameRefused(name=name[:100], errors=[FieldError("/name", "not usable as a name")])
    return stripped
