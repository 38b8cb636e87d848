"""The composition root: the list of features, and the one place that builds everything from it."""

import asyncio
import json
import os
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import cast

from likewise.platform.cache import open_cache
from likewise.platform.clock import Clock
from likewise.platform.config import CoreSettings, Section, Settings
from likewise.platform.db import (
    Database,
    DatabaseSettings,
    Migration,
    check_schema,
    check_server,
    is_empty,
    migrate,
    owner_connect,
)
from likewise.platform.egress import open_egress
from likewise.platform.errors import Conflict
from likewise.platform.events import Doorbell, EventSettings, Followings
from likewise.platform.feature import App, Feature
from likewise.platform.files import open_files
from likewise.platform.images import Images, ImagesSettings
from likewise.platform.jobs import Jobs
from likewise.platform.limits import open_limiter
from likewise.platform.telemetry import METRICS, get_log
from likewise.platform.tenancy import ensure_default_tenant

__all__ = ["FEATURES", "Server", "find_server", "list_features", "migrate_server", "open_app", "sections"]

# Every feature, in the order of the house. A feature is its folder's `feature.py`.
FEATURES = (
    "likewise.engine.collections",
    "likewise.engine.embedding",
    "likewise.engine.search",
    "likewise.engine.clusters",
    "likewise.engine.recommend",
    "likewise.engine.patterns",
    "likewise.engine.language",
    "likewise.apps.inbox",
    "likewise.apps.community",
)

_log = get_log("likewise.app")


class DatabaseForgotten(Conflict):
    """{home} was used with another database ({hint}), but LIKEWISE_DATABASE_URL is not set, so an empty embedded
    database would start in its place. Set LIKEWISE_DATABASE_URL again; or, to really start an embedded one here,
    delete {marker}."""


class Server:
    """Where the database is, and the secret of this home that stands in for a URL without a password."""

    def __init__(self, owner_url: str, fallback_secret: bytes, *, embedded: bool, release: Callable[[], None]) -> None:
        self.owner_url = owner_url
        self.fallback_secret = fallback_secret
        self.embedded = embedded
        self.release = release


def list_features() -> list[Feature]:
    """The manifests of FEATURES."""
    return [cast("Feature", import_module(f"{path}.feature").FEATURE) for path in FEATURES]


def sections() -> list[type[Section]]:
    """Every settings section there is, the core first."""
    platform = ("db", "cache", "limits", "files", "egress", "images", "events", "jobs")
    found: list[type[Section]] = [CoreSettings]
    for name in platform:
        module = import_module(f"likewise.platform.{name}.settings")
        found += [cast("type[Section]", getattr(module, kind)) for kind in module.__all__]
    found.append(cast("type[Section]", import_module("likewise.http.settings").HttpSettings))
    found.append(cast("type[Section]", import_module("likewise.http.graphql.settings").GraphqlSettings))
    return found + [feature.settings for feature in list_features() if feature.settings is not None]


def find_server(settings: Settings) -> Server:
    """The configured database, or the embedded one of this home, started if it does not run. Blocks."""
    home = settings.home
    home.mkdir(parents=True, exist_ok=True)
    fallback = _home_secret(home)
    url = settings.core.database_url
    marker = home / "external-database.json"
    if url is not None:
        text = url.get_secret_value()
        if not marker.exists():
            marker.write_text(json.dumps({"database": text.rpartition("@")[2]}), "utf-8")
        return Server(text, fallback, embedded=False, release=lambda: None)
    if marker.exists():
        hint = json.loads(marker.read_text("utf-8")).get("database", "")
        raise DatabaseForgotten(home=home, hint=hint, marker=marker)
    from likewise.platform.db import embedded

    held = embedded.hold(home)
    return Server(held.server.owner_url, fallback, embedded=True, release=held.release)


async def migrate_server(
    server: Server, settings: Settings, *, report: Callable[[Migration], None] = lambda _: None
) -> list[Migration]:
    """Bring the database to this program's schema."""
    return await migrate(server.owner_url, settings, fallback_secret=server.fallback_secret, report=report)


@asynccontextmanager
async def open_app(
    settings: Settings, *, clock: Clock | None = None, server: Server | None = None, features: Sequence[Feature] = ()
) -> AsyncGenerator[App]:
    """Everything a process needs: the database found and checked, the platform's services, each feature started.

    An embedded database that is empty is given its schema; any other outdated one is refused with its cure.
    """
    async with AsyncExitStack() as stack:
        if server is None:
            server = await asyncio.to_thread(find_server, settings)
            stack.push_async_callback(asyncio.to_thread, server.release)
        await _check(server, settings)
        db = await stack.enter_async_context(
            Database(server.owner_url, settings, fallback_secret=server.fallback_secret)
        )
        db.observe_statements(lambda name, seconds: METRICS.statements.labels(name).observe(seconds))
        app = App(
            settings=settings,
            db=db,
            clock=clock or Clock(),
            cache=await stack.enter_async_context(open_cache(settings, db)),
            limits=await stack.enter_async_context(open_limiter(settings, db)),
            files=open_files(settings, signing_key=db.secret("files")),
            egress=open_egress(settings),
            jobs=Jobs(settings),
        )
        await ensure_default_tenant(db)
        bell = await stack.enter_async_context(Doorbell(db, settings.get(EventSettings)))
        app.provide(bell)
        app.provide(await stack.enter_async_context(Followings(db, bell, settings.get(EventSettings))))
        app.provide(await stack.enter_async_context(Images(settings.get(ImagesSettings))))
        for feature in features or list_features():
            if feature.start is not None:
                await stack.enter_async_context(feature.start(app))
            app.jobs.register(*(feature.jobs(app) if feature.jobs else ()))
            app.jobs.schedule(*(feature.schedules(app) if feature.schedules else ()))
        yield app


async def _check(server: Server, settings: Settings) -> None:
    timeout_s = settings.get(DatabaseSettings).connect_timeout_s
    async with await owner_connect(server.owner_url, timeout_s) as connection:
        empty = await is_empty(connection)
    if empty and server.embedded:
        await migrate_server(server, settings)
    async with await owner_connect(server.owner_url, timeout_s) as connection:
        await check_server(connection)
        await check_schema(connection)


def _home_secret(home: Path) -> bytes:
    """32 random bytes of this home, made once; the file is only its owner's to read."""
    path = home / "secret"
    if not path.exists():
        fresh = home / f"secret.{os.getpid()}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(fresh, path)  # whole or not at all, and only the first of several wins
        fresh.unlink()
    return bytes.fromhex(path.read_text("ascii"))
