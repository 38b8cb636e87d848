"""One embedded Postgres for the whole run, a migrated template in it, and a database of its own for each worker.

Each test gets a fresh tenant, so tests share a database without meeting.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from filelock import FileLock
from psycopg import sql
from psycopg.conninfo import make_conninfo
from tests.faults.campaign import PROPERTY

from likewise.app import Server, migrate_server, open_app
from likewise.platform.config import Settings
from likewise.platform.db import Database, embedded
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import create_tenant, ensure_default_tenant

TEMPLATE = "likewise_template"
FALLBACK = b"0" * 32


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What each fault campaign says of itself; here, where a run of several processes still has an ear for it."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, [])]
    lines = [value for report in reports for name, value in getattr(report, "user_properties", ()) if name == PROPERTY]
    if lines:
        terminalreporter.section("fault campaigns")
        for line in sorted(set(lines)):
            terminalreporter.write_line(line)


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Servers that root starts in a test's folder keep their data where their user can enter; it goes with the test."""
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if not isinstance(folder, Path):
        return
    for pointer in folder.glob("**/postgres/location.json"):
        shutil.rmtree(json.loads(pointer.read_text("utf-8"))["directory"], ignore_errors=True)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def run_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home all workers of this run share: in memory where possible, and where a server's user can reach it."""
    base = tmp_path_factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = Path("/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir())
    home = folder / f"likewise-test-{hashlib.sha256(str(run).encode()).hexdigest()[:12]}"
    home.mkdir(mode=0o755, exist_ok=True)
    yield home
    if embedded.status(home).state in {"absent", "stopped"}:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(run_home: Path) -> Iterator[embedded.Server]:
    """The run's server; it stops when the last worker lets go."""
    held = embedded.hold(run_home)
    try:
        yield held.server
    finally:
        held.release()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a home of its own, with the model that needs no files."""
    flags = {"home": tmp_path_factory.mktemp("home"), "embedding_model": "fake", "database_pool_max": 6}
    return Settings(flags, file=Path("/nonexistent/likewise.toml"))


@pytest.fixture(scope="session")
async def template(postgres: embedded.Server, run_home: Path, settings: Settings) -> str:
    """A migrated database that every worker copies; made by whoever comes first."""
    ready = run_home / "template-ready"
    with FileLock(run_home / "template.lock"):
        if not ready.exists():
            with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
                connection.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(TEMPLATE)))
                connection.execute(sql.SQL("create database {} owner likewise_owner").format(sql.Identifier(TEMPLATE)))
            url = make_conninfo(postgres.owner_url, dbname=TEMPLATE)
            await migrate_server(Server(url, FALLBACK, embedded=True, release=lambda: None), settings)
            ready.touch()
    return TEMPLATE


@pytest.fixture(scope="session")
def server(postgres: embedded.Server, template: str, run_home: Path) -> Iterator[Server]:
    """This worker's own copy of the template."""
    name = f"test_{encode_id('db', new_id())[-20:]}"
    with FileLock(run_home / "template.lock"), psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {} owner likewise_owner").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    yield Server(make_conninfo(postgres.owner_url, dbname=name), FALLBACK, embedded=True, release=lambda: None)
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
async def database(server: Server, settings: Settings) -> AsyncIterator[Database]:
    async with Database(server.owner_url, settings, fallback_secret=FALLBACK) as db:
        await ensure_default_tenant(db)
        yield db


@pytest.fixture
async def tenant_id(database: Database) -> UUID:
    """A tenant nobody has used before."""
    tenant = await create_tenant(database, name=encode_id("test", new_id()))
    return tenant.tenant_id


@pytest.fixture(scope="session")
async def app(server: Server, settings: Settings) -> AsyncIterator[App]:
    """The whole application on this worker's database, with the fake model; no loops run."""
    async with open_app(settings, server=server) as opened:
        yield opened


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets; tests that need one skip where it is absent."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data sets are not on this machine")
    return folder


@pytest.fixture
def chromium() -> str:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Debian's chromium is not installed")
    return path
