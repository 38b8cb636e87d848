"""Who may ask, for whom, and how much."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest

from likewise.app import list_features
from likewise.http.asgi import build_asgi
from likewise.http.surface import Service
from likewise.platform.db import Database
from likewise.platform.feature import App
from likewise.platform.tenancy import create_key, list_keys, revoke_key

ADDRESS = "http://127.0.0.1:8765"
MakeClient = Callable[..., Awaitable[httpx.AsyncClient]]

LISTS = ["/api/v1/collections", "/api/v1/operations", "/api/v1/jobs", "/api/v1/keys", "/metrics"]


@pytest.mark.parametrize("path", LISTS)
async def test_server_off_loopback_answers_nobody_without_key(app: App, path: str) -> None:
    asgi = build_asgi(app, list_features(), keyless=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url=ADDRESS) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "key_needed")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "evil.example:8765"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
async def test_foreign_page_can_neither_read_nor_write(
    owner: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = await owner.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
        assert "access-control-allow-origin" not in answer.headers


async def test_own_page_may(owner: httpx.AsyncClient) -> None:
    headers = {"Origin": ADDRESS, "Sec-Fetch-Site": "same-origin"}
    assert (await owner.get("/api/v1/collections", headers=headers)).status_code == 200


async def test_revoked_key_is_refused_at_once(asgi: Service, database: Database, tenant_id: UUID) -> None:
    made = await create_key(database, tenant_id, name="short-lived", scopes=["read"])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(asgi), base_url=ADDRESS, headers={"Authorization": f"Bearer {made.key}"}
    ) as client:
        assert (await client.get("/api/v1/collections")).status_code == 200
        await revoke_key(database, tenant_id, key_id=made.id)
        answer = await client.get("/api/v1/collections")
    assert (answer.status_code, answer.json()["code"]) == (401, "key_refused")


@pytest.mark.parametrize("value", ["Bearer lw_wrong", "Bearer", "Basic YTpi", "lw_x", "Bearer  "])
async def test_wrong_key_is_never_taken_for_the_owner(owner: httpx.AsyncClient, value: str) -> None:
    answer = await owner.get("/api/v1/collections", headers={"Authorization": value})
    assert answer.status_code == 401


async def test_scope_bounds_what_a_key_does(client_of: MakeClient, tenant_id: UUID) -> None:
    reader = await client_of(tenant_id, "read")
    writer = await client_of(tenant_id, "write")
    admin = await client_of(tenant_id, "admin")
    body = {"name": "notes"}
    refused = await reader.post("/api/v1/collections", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert (await writer.post("/api/v1/collections", json=body)).status_code == 201
    assert (await reader.get("/api/v1/collections/notes")).status_code == 200
    assert (await writer.get("/api/v1/keys")).status_code == 403
    assert (await writer.delete("/api/v1/collections/notes")).status_code == 403
    assert (await admin.get("/api/v1/keys")).status_code == 200
    assert (await admin.delete("/api/v1/collections/notes")).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/tenants", "/api/v1/settings", "/metrics"])
async def test_admin_of_a_tenant_is_no_operator(client: httpx.AsyncClient, owner: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).json()["code"] == "operator_only"
    assert (await owner.get(path)).status_code == 200


async def test_key_is_shown_once_and_works(client: httpx.AsyncClient, database: Database, tenant_id: UUID) -> None:
    made = (await client.post("/api/v1/keys", json={"name": "website", "scopes": ["read"]})).json()
    assert made["key"].startswith("lw_")
    listed = await client.get("/api/v1/keys")
    assert made["key"] not in listed.text
    assert made["id"] in {one["id"] for one in listed.json()["data"]}
    headers = {"Authorization": f"Bearer {made['key']}"}
    assert (await client.get("/api/v1/collections", headers=headers)).status_code == 200
    assert (await client.delete(f"/api/v1/keys/{made['id']}")).status_code == 200
    assert (await client.get("/api/v1/collections", headers=headers)).status_code == 401
    assert "website" not in {key.name for key in await list_keys(database, tenant_id)}


async def test_quota_of_a_key_is_told_and_held(app: App, database: Database, tenant_id: UUID) -> None:
    from likewise.http.front import front_door
    from likewise.http.settings import HttpSettings

    async def inner(_scope: object, _receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"", "more_body": False})  # type: ignore[operator]

    tight = front_door(inner, app, HttpSettings.model_validate({"key_requests": 3, "key_burst": 3}), keyless=True)  # type: ignore[arg-type]
    made = await create_key(database, tenant_id, name="limited", scopes=["read"])
    headers = {"Authorization": f"Bearer {made.key}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(tight), base_url=ADDRESS, headers=headers) as client:  # type: ignore[arg-type]
        answers = [await client.get("/api/v1/x") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"api";q=3;w=60'
    assert answers[0].headers["ratelimit"].startswith('"api";r=2')
    assert int(answers[3].headers["retry-after"]) >= 1
    assert answers[3].json()["code"] == "rate_limited"
