"""Tenants and the keys that speak for them. The tenant comes from the API key and from nothing else."""

from likewise.platform.tenancy.model import ApiKey, Caller, NewApiKey, Scope, Tenant
from likewise.platform.tenancy.service import (
    DEFAULT_TENANT,
    authenticate,
    create_key,
    create_tenant,
    delete_tenant_row,
    ensure_default_tenant,
    find_tenant,
    get_tenant,
    has_keys,
    list_keys,
    list_tenants,
    revoke_key,
)

__all__ = [
    "DEFAULT_TENANT",
    "ApiKey",
    "Caller",
    "NewApiKey",
    "Scope",
    "Tenant",
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
