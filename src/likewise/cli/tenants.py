"""`likewise tenants`: whoever must never see another's rows."""

from typing import TYPE_CHECKING, Annotated

import typer

from likewise.platform.commands import Context, confirm, emit, emit_rows, run_with_app

if TYPE_CHECKING:
    from likewise.platform.feature import App

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_TENANTS = typer.Typer(no_args_is_help=True, help="Tenants: whoever must never see another's rows.")
COMMANDS.add_typer(_TENANTS, name="tenants")
Name = Annotated[str, typer.Argument(help="The tenant's name.")]


@_TENANTS.command("list")
def list_command() -> None:
    """List the tenants, in the order they were made."""

    async def go(app: "App", _: Context) -> None:
        from likewise.platform.tenancy import list_tenants
        from likewise.platform.views import tenant_view

        rows = [tenant_view(tenant) for tenant in await list_tenants(app.db, limit=1000)]
        emit_rows(rows, columns=("name", "id", "created_at"))

    run_with_app(go)


@_TENANTS.command("create")
def create_command(name: Name) -> None:
    """Make a tenant. `likewise keys create NAME --tenant TENANT` gives it a key."""

    async def go(app: "App", _: Context) -> None:
        from likewise.platform.tenancy import create_tenant
        from likewise.platform.views import tenant_view

        made = tenant_view(await create_tenant(app.db, name=name))
        emit(made, text=lambda: f"{made.name}  {made.id}")

    run_with_app(go)


@_TENANTS.command("delete")
def delete_command(name: Name) -> None:
    """Delete a tenant and everything it has."""

    async def go(app: "App", _: Context) -> None:
        from likewise.engine.collections import forget_tenant
        from likewise.platform.tenancy import delete_tenant_row, get_tenant

        tenant = await get_tenant(app.db, name=name)
        confirm(f"Delete tenant {tenant.name!r} and everything it has?")
        receipt = await forget_tenant(app, tenant.tenant_id)
        await delete_tenant_row(app.db, tenant.tenant_id)
        gone = ", ".join(f"{count} {kind}" for kind, count in receipt.items() if count) or "it had nothing"
        emit({"name": tenant.name, **receipt}, text=lambda: f"{tenant.name} is gone ({gone})")

    run_with_app(go)
