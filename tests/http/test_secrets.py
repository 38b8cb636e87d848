"""T21, short form: a key is written down nowhere: not in logs, errors, metrics, job arguments, tables or answers."""

import io
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from litestar import Request, get

from likewise.http.asgi import build_asgi
from likewise.http.surface import Service
from likewise.platform.db import Database, Statement
from likewise.platform.feature import App, Feature
from likewise.platform.telemetry import configure_logs, get_log
from likewise.platform.tenancy import create_key

ADDRESS = "http://127.0.0.1:8765"
_TABLES = Statement(
    "tests.tables",
    "",
    "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    " where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in"
    " ('platform', 'collections', 'embedding', 'search', 'procrastinate') order by 1 limit 500",
    frozenset(),
)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged, at every level."""
    written = io.StringIO()
    before = list(logging.getLogger().handlers)
    configure_logs(level="debug", style="json")
    for handler in logging.getLogger().handlers:
        monkeypatch.setattr(handler, "stream", written)
    logging.getLogger().setLevel(logging.DEBUG)
    yield written
    logging.getLogger().handlers[:] = before
    logging.getLogger().setLevel(logging.WARNING)
    structlog.reset_defaults()


async def test_key_of_a_caller_is_written_nowhere(
    asgi: Service, database: Database, tenant_id: UUID, log: io.StringIO
) -> None:
    made = await create_key(database, tenant_id, name="canary", scopes=["admin"])
    canary = made.key
    headers = {"Authorization": f"Bearer {canary}", "Idempotency-Key": "canary-test"}
    texts: list[str] = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url=ADDRESS, headers=headers) as client:
        for method, path, body in [
            ("GET", "/api/v1/collections", None),
            ("POST", "/api/v1/collections", {"name": "canaries"}),
            ("POST", "/api/v1/collections", {"name": 7}),
            ("POST", "/api/v1/search", {"query": "x", "collection": "nowhere"}),
            ("GET", "/api/v1/keys", None),
            ("GET", f"/api/v1/collections/{canary}", None),
            ("GET", "/api/v1/operations/opr_x", None),
        ]:
            answer = await client.request(method, path, json=body)
            if canary not in path:
                texts.append(answer.text)
        await client.post(
            "/api/v1/collections/canaries/load",
            params={"filename": "a.csv", "text": "text"},
            content="text\nhello\n",
        )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url=ADDRESS) as owner:
        texts += [(await owner.get("/metrics")).text, (await owner.get("/api/v1/settings")).text]
    for text in texts:
        assert canary not in text
    assert canary not in log.getvalue()
    async with database.maintenance() as tx:
        for table in await tx.fetch_values(_TABLES, str):
            found = Statement(
                "tests.look", "", f"select count(*) from {table} t where t::text like '%%{canary}%%'", frozenset()
            )
            assert not await tx.fetch_value(found, int), f"the key is in {table}"


async def test_failure_that_names_a_key_is_logged_without_it(app: App, log: io.StringIO) -> None:
    canary = "lw_" + "c" * 43

    @get("/broken")
    async def broken(request: Request[Any, Any, Any]) -> None:
        raise RuntimeError(f"refused {request.headers['x-upstream']} for password=hunter2")

    asgi = build_asgi(app, [Feature(name="broken", routes=lambda: [broken])], keyless=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url=ADDRESS) as client:
        answer = await client.get("/api/v1/broken", headers={"X-Upstream": f"Bearer {canary}"})
    assert answer.status_code == 500
    assert answer.json()["request_id"] in log.getvalue()
    for secret in (canary, "hunter2"):
        assert secret not in log.getvalue()
        assert secret not in answer.text


def test_the_check_would_notice_a_key_in_the_log(log: io.StringIO) -> None:
    """The broken variant: a line written past the redaction."""
    canary = "lw_" + "d" * 43
    get_log("likewise.test").warning("seen", header=canary)
    assert canary not in log.getvalue()
    logging.getLogger().handlers[0].stream.write(canary)  # type: ignore[attr-defined]
    assert canary in log.getvalue()
