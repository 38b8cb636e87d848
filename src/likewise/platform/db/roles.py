"""Three roles: the owner migrates, the application role serves one tenant at a time, the maintenance role sees all.

The two lesser roles are made when the owner migrates. Their passwords are derived from the owner's, so that every
host with the same URL knows them and nothing has to be written down; `LIKEWISE_DATABASE_APP_URL` and
`LIKEWISE_DATABASE_MAINTENANCE_URL` replace that where somebody else makes the roles.
"""

import hashlib
import hmac
import os

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from likewise.platform.config import Settings
from likewise.platform.db.settings import DatabaseSettings
from likewise.platform.errors import Denied, Unavailable

__all__ = ["APP", "MAINTENANCE", "check_role", "derive_secret", "ensure_roles", "role_url"]

APP = "likewise_app"
MAINTENANCE = "likewise_maintenance"


class RolesMissing(Unavailable):
    """The roles likewise_app and likewise_maintenance are missing, and {owner} may not create roles.
    Ask an administrator to run: create role likewise_app login password '...'; create role likewise_maintenance
    login password '...'; grant likewise_app, likewise_maintenance to {owner}; then give the program their URLs in
    LIKEWISE_DATABASE_APP_URL and LIKEWISE_DATABASE_MAINTENANCE_URL."""


class RoleTooStrong(Denied):
    """The application's role {role} could step over the walls between tenants ({reason}), so the program does not
    start. Use a role that is neither superuser nor owner and has no BYPASSRLS: unset LIKEWISE_DATABASE_APP_URL to use
    the one `likewise db migrate` makes, or correct the role."""


def derive_secret(owner_url: str, purpose: str, *, fallback: bytes) -> bytes:
    """32 bytes that every host with this database URL derives alike; `fallback` stands in for a missing password."""
    password = conninfo_to_dict(owner_url).get("password") or os.environ.get("PGPASSWORD")
    key = str(password).encode() if password else fallback
    return hmac.new(key, f"likewise {purpose}".encode(), hashlib.sha256).digest()


def role_url(owner_url: str, role: str, settings: Settings, *, fallback: bytes) -> str:
    """The connection string of a lesser role."""
    section = settings.get(DatabaseSettings)
    given = section.app_url if role == APP else section.maintenance_url
    if given is not None:
        return given.get_secret_value()
    return make_conninfo(owner_url, user=role, password=derive_secret(owner_url, role, fallback=fallback).hex())


async def ensure_roles(connection: psycopg.AsyncConnection, owner_url: str, *, fallback: bytes) -> None:
    """Make the two roles, or give them their derived passwords again. The owner may act as either."""
    for role in (APP, MAINTENANCE):
        password = derive_secret(owner_url, role, fallback=fallback).hex()
        attributes = sql.SQL("login nosuperuser nocreatedb nocreaterole password {}").format(password)
        exists = await (await connection.execute("select 1 from pg_roles where rolname = %s", [role])).fetchone()
        verb = sql.SQL("alter" if exists else "create")
        try:
            await connection.execute(sql.SQL("{} role {} ").format(verb, sql.Identifier(role)) + attributes)
        except psycopg.errors.DuplicateObject:
            continue  # another migration made it between our look and our word
        except psycopg.errors.InsufficientPrivilege:
            if not exists:
                raise RolesMissing(owner=connection.info.user) from None
        member = await connection.execute("select pg_has_role(current_user, %s, 'SET')", [role])
        if (await member.fetchone()) == (False,):
            await connection.execute(
                sql.SQL("grant {} to current_user with set true, inherit false").format(sql.Identifier(role))
            )


async def check_role(connection: psycopg.AsyncConnection) -> None:
    """Refuse a role that row level security would not hold."""
    cursor = await connection.execute(
        """
        select current_user::text, rolsuper, rolbypassrls,
               exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                       where c.relrowsecurity and pg_has_role(current_user, c.relowner, 'member')),
               pg_has_role(current_user, %s, 'member')
        from pg_roles where rolname = current_user
        """,
        [MAINTENANCE],
    )
    row = await cursor.fetchone()
    if row is None:
        raise RoleTooStrong(role="unknown", reason="it cannot be inspected")
    role, superuser, bypasses, owns, maintains = row
    reasons = {
        "it is a superuser": superuser,
        "it has BYPASSRLS": bypasses,
        "it owns the tables": owns,
        f"it is a member of {MAINTENANCE}": maintains,
    }
    for reason, holds in reasons.items():
        if holds:
            raise RoleTooStrong(role=role, reason=reason)
