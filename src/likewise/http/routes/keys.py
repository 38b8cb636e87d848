"""`/api/v1/keys` and `/api/v1/tenants`: who may speak, and for whom."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import Parameter

from likewise.http.guards import operator_only
from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.tenancy import (
    Caller,
    Scope,
    create_key,
    create_tenant,
    list_keys,
    list_tenants,
    revoke_key,
)
from likewise.platform.views import KeyView, NewKeyView, TenantView, key_view, new_key_view, tenant_view
from likewise.platform.web import Cursors, Page, admin_only

__all__ = ["ROUTES"]

Limit = Annotated[int, Parameter(ge=1, le=200, description="rows in one page")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, examples=["website"])]


class KeyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key to make: what it is for, and what it may do."""

    name: Name
    scopes: tuple[Scope, ...] = (Scope.READ, Scope.WRITE)


class TenantBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tenant to make."""

    name: Name


class Revoked(msgspec.Struct, frozen=True):
    """The key that is no more."""

    id: str


@get("/keys", tags=["keys"], guards=[admin_only], operation_id="list_keys", summary="List API keys")
async def keys(app: App, caller: Caller) -> Page[KeyView]:
    """The tenant's keys by their last characters, newest first."""
    return Page(data=[key_view(key) for key in await list_keys(app.db, caller.tenant_id)])


@post("/keys", tags=["keys"], guards=[admin_only], operation_id="create_key", summary="Make an API key")
async def new_key(app: App, caller: Caller, data: KeyBody) -> NewKeyView:
    """A new key. `key` is shown this once and kept nowhere."""
    scopes = [scope.value for scope in data.scopes]
    return new_key_view(await create_key(app.db, caller.tenant_id, name=data.name, scopes=scopes))


@delete(
    "/keys/{key_id:str}",
    tags=["keys"],
    guards=[admin_only],
    operation_id="revoke_key",
    summary="Revoke an API key",
    status_code=200,
)
async def revoke(
    app: App, caller: Caller, key_id: Annotated[str, Parameter(description="a key's id, key_...")]
) -> Revoked:
    """The next request that carries the key is refused."""
    await revoke_key(app.db, caller.tenant_id, key_id=decode_id("key", key_id))
    return Revoked(id=key_id)


@get("/tenants", tags=["tenants"], guards=[operator_only], operation_id="list_tenants", summary="List tenants")
async def tenants(
    app: App, caller: Caller, cursors: Cursors, limit: Limit = 100, after: str | None = None
) -> Page[TenantView]:
    """Tenants in the order they were made."""
    start = UUID(cursors.read(caller.tenant_id, "tenants", after)) if after else None
    found = await list_tenants(app.db, after=start, limit=limit + 1)
    page, more = found[:limit], len(found) > limit
    return Page(
        data=[tenant_view(tenant) for tenant in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, "tenants", str(page[-1].tenant_id)) if more else None,
    )


@post("/tenants", tags=["tenants"], guards=[operator_only], operation_id="create_tenant", summary="Make a tenant")
async def new_tenant(app: App, data: TenantBody) -> TenantView:
    """A new tenant, without keys: `likewise keys create NAME --tenant TENANT` makes its first one."""
    return tenant_view(await create_tenant(app.db, name=data.name))


ROUTES = (keys, new_key, revoke, tenants, new_tenant)
