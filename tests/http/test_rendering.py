"""What is done to finished answers: ETag, compression, HEAD, links, cursors, the console's files."""

import gzip
from collections.abc import Awaitable, Callable
from uuid import UUID

import brotli
import httpx
import pytest
import zstandard

MakeClient = Callable[..., Awaitable[httpx.AsyncClient]]


async def make_collections(client: httpx.AsyncClient, count: int) -> None:
    for place in range(count):
        assert (await client.post("/api/v1/collections", json={"name": f"c{place:02}"})).status_code == 201


async def test_unchanged_answer_is_304_until_it_changes(client: httpx.AsyncClient) -> None:
    first = await client.get("/api/v1/collections")
    tag = first.headers["etag"]
    for asked in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = await client.get("/api/v1/collections", headers={"If-None-Match": asked})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    await make_collections(client, 1)
    changed = await client.get("/api/v1/collections", headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)


async def test_head_has_the_headers_of_get_and_no_body(client: httpx.AsyncClient) -> None:
    get, head = await client.get("/api/v1/collections"), await client.head("/api/v1/collections")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == get.headers["etag"]
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip", "identity"])
async def test_answer_is_compressed_as_asked(owner: httpx.AsyncClient, encoding: str) -> None:
    plain = (await owner.get("/api/v1/settings", headers={"Accept-Encoding": "identity"})).content
    request = owner.build_request("GET", "/api/v1/settings", headers={"Accept-Encoding": encoding})
    answer = await owner.send(request, stream=True)
    raw = b"".join([part async for part in answer.aiter_raw()])
    unpack = {
        "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
        "br": brotli.decompress,
        "gzip": gzip.decompress,
        "identity": bytes,
    }[encoding]
    assert unpack(raw) == plain
    assert answer.headers["vary"] == "Accept-Encoding"
    assert ("content-encoding" in answer.headers) == (encoding != "identity")
    assert encoding == "identity" or len(raw) < len(plain) / 2


async def test_encoding_with_weight_zero_is_not_used(owner: httpx.AsyncClient) -> None:
    answer = await owner.get("/api/v1/settings", headers={"Accept-Encoding": "zstd;q=0, br; q=0.0, gzip"})
    assert answer.headers["content-encoding"] == "gzip"


async def test_pages_follow_the_link_header_to_the_end(client: httpx.AsyncClient) -> None:
    await make_collections(client, 5)
    names: list[str] = []
    address: str | None = "/api/v1/collections?limit=2"
    while address:
        answer = await client.get(address)
        names += [one["name"] for one in answer.json()["data"]]
        address = answer.links.get("next", {}).get("url")
        assert answer.json()["has_more"] == (address is not None)
    assert names == [f"c{place:02}" for place in range(5)]


async def test_cursor_that_was_changed_is_refused(client: httpx.AsyncClient) -> None:
    await make_collections(client, 3)
    cursor = (await client.get("/api/v1/collections?limit=1")).json()["next_cursor"]
    flipped = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for bad in (flipped, cursor[:-2], "x", "!!!", "\u00e9", cursor * 40):
        answer = await client.get("/api/v1/collections", params={"limit": 1, "after": bad})
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor_refused"), bad


async def test_cursor_is_good_for_one_list_of_one_tenant(
    client: httpx.AsyncClient, client_of: MakeClient, other_tenant_id: UUID
) -> None:
    await make_collections(client, 3)
    cursor = (await client.get("/api/v1/collections?limit=1")).json()["next_cursor"]
    stranger = await client_of(other_tenant_id)
    assert (await stranger.get("/api/v1/collections", params={"after": cursor})).status_code == 422
    assert (await client.get("/api/v1/operations", params={"after": cursor})).status_code == 422
    assert (await client.get("/api/v1/collections", params={"after": cursor})).status_code == 200


async def test_console_page_is_asked_for_each_time_and_its_files_never_again(owner: httpx.AsyncClient) -> None:
    page = await owner.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    script = next(part.split('"')[0] for part in page.text.split('src="')[1:])
    asset = await owner.get(script)
    assert asset.headers["content-type"].startswith("text/javascript")
    assert "immutable" in asset.headers["cache-control"]


async def test_browser_gets_the_console_at_its_own_addresses_and_programs_a_404(owner: httpx.AsyncClient) -> None:
    browser = await owner.get("/collections/reviews", headers={"Accept": "text/html,*/*"})
    assert (browser.status_code, browser.text[:15].lower()) == (200, "<!doctype html>")
    assert (await owner.get("/collections/reviews")).status_code == 404
    assert (await owner.get("/api/v1/nothing", headers={"Accept": "text/html"})).status_code == 404
    assert (await owner.get("/assets/../../../etc/passwd")).status_code == 404


async def test_every_answer_carries_the_headers_that_protect_a_browser(owner: httpx.AsyncClient) -> None:
    for path in ("/", "/api/v1/collections", "/docs", "/api/v1/nothing"):
        headers = (await owner.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers
