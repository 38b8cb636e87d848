"""`likewise db`: the database itself, embedded or not."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

from likewise.platform.commands import confirm, emit, note, run_async, run_plain
from likewise.platform.config import Settings
from likewise.platform.errors import Conflict

if TYPE_CHECKING:
    from likewise.app import Server
    from likewise.platform.db import Migration

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_DB = typer.Typer(no_args_is_help=True, help="The database: start, stop, look, migrate, back up, restore.")
COMMANDS.add_typer(_DB, name="db")


class NotEmbedded(Conflict):
    """LIKEWISE_DATABASE_URL names another database, so there is no embedded one to {verb}. Unset it to use the embedded
    one."""


class Migrated(msgspec.Struct, frozen=True):
    """What was applied."""

    applied: list[str]


@_DB.command("start")
def start_command(
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Default: any free one.")] = None,
) -> None:
    """Start the embedded database and let it run until `likewise db stop`."""

    def go(settings: Settings) -> None:
        from likewise.platform.db import embedded

        _refuse_external(settings, "start")
        embedded.start(settings.home, port=port, on_step=lambda step: note(f"{step}"))
        _show_status(settings)

    run_plain(go)


@_DB.command("stop")
def stop_command(
    mode: Annotated[
        Literal["fast", "smart", "immediate"],
        typer.Option(help="smart waits for clients; immediate recovers at the next start"),
    ] = "fast",
) -> None:
    """Stop the embedded database, whoever uses it."""

    def go(settings: Settings) -> None:
        from likewise.platform.db import embedded

        _refuse_external(settings, "stop")
        ran = embedded.stop(settings.home, mode=mode)
        emit({"stopped": ran}, text=lambda: "Stopped." if ran else "It did not run.")

    run_plain(go)


@_DB.command("status")
def status_command() -> None:
    """Whether the database runs, and where."""

    def go(settings: Settings) -> None:
        if settings.core.database_url is not None:
            run_async(_show_external(settings))
        else:
            _show_status(settings)

    run_plain(go)


@_DB.command("url")
def url_command(
    superuser: Annotated[bool, typer.Option("--superuser", help="As the superuser instead of the owner.")] = False,
) -> None:
    """Print the database's address, with its password: for tools such as psql or a graphical client."""

    def go(settings: Settings) -> None:
        url = settings.core.database_url
        if url is not None:
            text = url.get_secret_value()
        else:
            from likewise.platform.db import embedded

            urls = embedded.connection_urls(settings.home)
            text = urls.superuser_url if superuser else urls.owner_url
        emit({"url": text}, text=lambda: text)

    run_plain(go)


@_DB.command("psql", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql_command(context: typer.Context) -> None:
    """Open psql on the database; further words are passed to it."""

    def go(settings: Settings) -> None:
        from likewise.platform.db import embedded

        url = settings.core.database_url
        words = ["psql", url.get_secret_value()] if url is not None else embedded.psql_command(settings.home)
        os.execvp(words[0], [*words, *context.args])  # noqa: S606 - it takes this process's place on purpose

    run_plain(go)


@_DB.command("migrate")
def migrate_command() -> None:
    """Bring the database to this program's schema."""

    async def go(settings: Settings, server: "Server") -> None:
        from likewise.app import migrate_server

        def tell(migration: "Migration") -> None:
            note(f"applied {migration.name}")

        done = await migrate_server(server, settings, report=tell)
        emit(
            Migrated([migration.name for migration in done]),
            text=lambda: f"{len(done)} migrations applied." if done else "The schema is as it should be.",
        )

    def with_server(settings: Settings) -> None:
        from likewise.app import find_server

        server = find_server(settings)
        try:
            run_async(go(settings, server))
        finally:
            server.release()

    run_plain(with_server)


@_DB.command("backup")
def backup_command(
    file: Annotated[Path | None, typer.Argument(help="The new file; default: backups/ in LIKEWISE_HOME.")] = None,
) -> None:
    """Write the whole database to a file, while it is used, with a manifest beside it."""

    def go(settings: Settings) -> None:
        from likewise.app import find_server
        from likewise.platform.clock import Clock
        from likewise.platform.db import embedded

        name = f"likewise-{Clock().now():%Y%m%d-%H%M%S}.dump"
        target = file or settings.home / "backups" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        server = find_server(settings)
        try:
            manifest = embedded.backup(_admin_url(settings, server), to=target)
        finally:
            server.release()
        emit(
            {"file": str(target), "manifest": manifest},
            text=lambda: f"Backed up to {target}. Bring it back with: likewise db restore {target}",
        )

    run_plain(go)


@_DB.command("restore")
def restore_command(file: Annotated[Path, typer.Argument(help="A file that `likewise db backup` wrote.")]) -> None:
    """Put a backup in the place of the database. What was there is kept under another name."""
    confirm(f"Replace the database by the backup {file}?")

    def go(settings: Settings) -> None:
        from likewise.app import find_server
        from likewise.platform.db import embedded

        embedded.read_manifest(file)  # a missing one is told before anything is started
        server = find_server(settings)
        try:
            restored = embedded.restore(file, url=_admin_url(settings, server))
        finally:
            server.release()
        note("Run `likewise db migrate` if this program is newer than the backup.")
        emit(restored, text=lambda: f"Restored {file}. Before it: {restored.kept_as or 'nothing'}.")

    run_plain(go)


def _admin_url(settings: Settings, server: "Server") -> str:
    """Who sees every row and may exchange databases: the embedded server's superuser, else whoever the URL names."""
    if not server.embedded:
        return server.owner_url
    from likewise.platform.db import embedded

    return embedded.connection_urls(settings.home).superuser_url


def _refuse_external(settings: Settings, verb: str) -> None:
    if settings.core.database_url is not None:
        raise NotEmbedded(verb=verb)


def _show_status(settings: Settings) -> None:
    from likewise.platform.db import embedded

    found = embedded.status(settings.home)
    facts = [f"The embedded database is {found.state}."]
    if found.pid is not None:
        stays = "stays until stopped" if found.stays else "stops with its last user"
        facts.append(f"Process {found.pid}, port {found.port}, {found.holders} users; it {stays}.")
    facts.append(f"Its data is in {found.data_dir}.")
    emit(
        {"embedded": True, **msgspec.to_builtins(found, enc_hook=str)},
        text=lambda: "\n".join(facts),
    )


async def _show_external(settings: Settings) -> None:
    from likewise.app import find_server
    from likewise.platform.db import DatabaseSettings, owner_connect

    server = find_server(settings)
    timeout_s = settings.get(DatabaseSettings).connect_timeout_s
    async with await owner_connect(server.owner_url, timeout_s) as connection:
        info = connection.info
        version = f"{info.server_version // 10000}.{info.server_version % 10000}"
        facts = {"embedded": False, "state": "running", "host": info.host, "port": info.port, "version": version}
    emit(facts, text=lambda: f"PostgreSQL {version} answers at {facts['host']}:{facts['port']}.")
