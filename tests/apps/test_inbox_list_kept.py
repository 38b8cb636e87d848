"""The list of clusters is kept as a finished answer: asked again it costs no statement, and it is never an old one."""

import gzip
import json
from collections.abc import AsyncIterator
from uuid import UUID

import brotli
import httpx
import pytest
from tests.apps.inbox_runs import settle
from tests.apps.inbox_scenes import CARD, RATE, ZEBRA, open_client, put, statements

from likewise.apps.inbox import ingest
from likewise.apps.inbox.model import MessageDraft
from likewise.engine.collections import delete_collection, delete_item, list_items
from likewise.platform.feature import App
from likewise.platform.tenancy import create_tenant

LIST = "/api/v1/inbox/clusters"


@pytest.fixture
async def client(app: App, tenant_id: UUID) -> AsyncIterator[httpx.AsyncClient]:
    await put(app, tenant_id, [*CARD, *RATE, ZEBRA])
    async with open_client(app, tenant_id) as opened:
        yield opened


async def test_list_asked_again_is_the_same_and_reads_nothing(app: App, client: httpx.AsyncClient) -> None:
    first = await client.get(LIST, params={"limit": 1})
    async with statements(app) as seen:
        again = await client.get(LIST, params={"limit": 1})
    assert [name for name in seen if name.startswith(("inbox.", "clusters."))] == []
    assert (again.status_code, again.content) == (200, first.content)
    differing = {"x-request-id", "ratelimit", "ratelimit-policy", "ratelimit-remaining", "ratelimit-reset"}
    assert {name: value for name, value in again.headers.items() if name not in differing} == {
        name: value for name, value in first.headers.items() if name not in differing
    }
    assert again.links["next"] == first.links["next"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]


async def test_known_list_is_304_until_something_changes(app: App, tenant_id: UUID, client: httpx.AsyncClient) -> None:
    first = await client.get(LIST)
    for _ in range(2):
        known = await client.get(LIST, headers={"If-None-Match": first.headers["etag"]})
        assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", first.headers["etag"])
    named = first.json()["data"][0]["id"]
    assert (await client.patch(f"{LIST}/{named}", json={"name": "where is my card"})).status_code == 200
    changed = await client.get(LIST, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.json()["data"][0]["name"] == "where is my card"
    before = [cluster["message_count"] for cluster in changed.json()["data"]]
    await ingest(app, tenant_id, draft=MessageDraft(text=ZEBRA))
    await settle(app, tenant_id)
    after = [cluster["message_count"] for cluster in (await client.get(LIST)).json()["data"]]
    assert sum(after) == sum(before) + 1


async def test_each_tenant_has_a_list_of_its_own(app: App, client: httpx.AsyncClient) -> None:
    assert (await client.get(LIST)).json()["data"]
    other = (await create_tenant(app.db, name="kept lists other")).tenant_id
    async with open_client(app, other) as stranger:
        for _ in range(2):
            assert (await stranger.get(LIST)).json()["data"] == []


async def test_each_encoding_has_an_answer_of_its_own(client: httpx.AsyncClient) -> None:
    plain = (await client.get(LIST, headers={"Accept-Encoding": "identity"})).json()
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress}
    for encoding in ("br", "gzip", "br", "gzip"):
        request = client.build_request("GET", LIST, headers={"Accept-Encoding": encoding})
        answer = await client.send(request, stream=True)
        raw = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == encoding
        assert json.loads(unpack[encoding](raw)) == plain


async def test_head_and_refusals_are_what_they_are_without_keeping(client: httpx.AsyncClient) -> None:
    full = await client.get(LIST)
    head = await client.head(LIST)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", full.headers["etag"])
    for _ in range(2):
        refused = await client.get(LIST, params={"after": "made-up"})
        assert refused.status_code == 422
        assert refused.json()["request_id"] == refused.headers["x-request-id"]


async def test_search_among_clusters_is_never_kept(app: App, client: httpx.AsyncClient) -> None:
    for _ in range(2):
        async with statements(app) as seen:
            found = await client.get(LIST, params={"query": "zebras"})
        assert found.status_code == 200
        assert [name for name in seen if name.startswith("search.")] != []


async def test_list_of_an_inbox_that_was_deleted_is_empty(app: App, tenant_id: UUID, client: httpx.AsyncClient) -> None:
    assert (await client.get(LIST)).json()["data"]
    for item in await list_items(app, tenant_id, collection="inbox", limit=100):
        await delete_item(app, tenant_id, collection="inbox", key=item.key)
    assert (await client.get(LIST)).json()["data"] == []
    await delete_collection(app, tenant_id, name="inbox")
    assert (await client.get(LIST)).json()["data"] == []
    await ingest(app, tenant_id, draft=MessageDraft(text=ZEBRA))
    await settle(app, tenant_id)
    assert [cluster["message_count"] for cluster in (await client.get(LIST)).json()["data"]] == [1]
