"""`likewise keys`: who may speak for a tenant over HTTP, and how much they may do."""

from typing import TYPE_CHECKING, Annotated

import typer

from likewise.platform.commands import Context, confirm, emit, emit_rows, note, run_with_app

if TYPE_CHECKING:
    from likewise.platform.feature import App

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_KEYS = typer.Typer(no_args_is_help=True, help="API keys: who may speak for a tenant over HTTP.")
COMMANDS.add_typer(_KEYS, name="keys")


@_KEYS.command("list")
def list_command() -> None:
    """List the tenant's keys by their last characters, newest first."""

    async def go(app: "App", context: Context) -> None:
        from likewise.platform.tenancy import list_keys
        from likewise.platform.views import key_view

        rows = [key_view(key) for key in await list_keys(app.db, context.tenant_id)]
        emit_rows(
            rows,
            columns=("id", "name", "hint", "scopes", "created_at", "used_at"),
            empty="No key was made yet: `likewise keys create NAME` makes one.",
        )

    run_with_app(go)


@_KEYS.command("create")
def create_command(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[list[str] | None, typer.Option(help="read, write or admin; may be given again.")] = None,
) -> None:
    """Make a key and print it: this is the only time it can be seen."""

    async def go(app: "App", context: Context) -> None:
        from likewise.platform.tenancy import create_key
        from likewise.platform.views import new_key_view

        made = await create_key(app.db, context.tenant_id, name=name, scopes=scope or ["read", "write"])
        note(f"Key {made.name!r} may {', '.join(made.scopes)}. It is shown only now:")
        emit(new_key_view(made), text=lambda: made.key)

    run_with_app(go)


@_KEYS.command("revoke")
def revoke_command(key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, key_...")]) -> None:
    """Revoke a key; the next request that carries it is refused."""

    async def go(app: "App", context: Context) -> None:
        from likewise.platform.ids import decode_id
        from likewise.platform.tenancy import revoke_key

        found = decode_id("key", key_id)
        confirm(f"Revoke key {key_id}?")
        await revoke_key(app.db, context.tenant_id, key_id=found)
        emit({"id": key_id, "status": "revoked"}, text=lambda: f"{key_id} is revoked")

    run_with_app(go)
