"""Every error has one form, says what to do, and gives nothing away."""

import httpx
import pytest
from litestar import get

from likewise.http.asgi import build_asgi
from likewise.platform.feature import App, Feature

FIELDS = {"type", "title", "status", "detail", "code", "request_id", "errors"}


def check_problem(answer: httpx.Response, *, status: int, code: str) -> dict[str, object]:
    problem = answer.json()
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem.keys() == FIELDS
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["request_id"] == answer.headers["x-request-id"]
    return problem


async def test_unknown_address_says_where_the_routes_are_listed(owner: httpx.AsyncClient) -> None:
    problem = check_problem(await owner.get("/api/v1/nothing"), status=404, code="not_found")
    assert "/docs" in str(problem["detail"])


async def test_wrong_method_is_refused_with_the_ones_offered(owner: httpx.AsyncClient) -> None:
    answer = await owner.delete("/api/v1/jobs")
    check_problem(answer, status=405, code="method_not_allowed")
    assert "GET" in answer.headers["allow"]


async def test_missing_collection_names_itself_and_the_cure(client: httpx.AsyncClient) -> None:
    problem = check_problem(await client.get("/api/v1/collections/nowhere"), status=404, code="collection_not_found")
    assert "likewise load" in str(problem["detail"])


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 422), (b'{"name": 7}', 422), (b'{"nam": "x"}', 422), (b"\xff\xfe", 400), (b"", 422)],
)
async def test_body_of_another_form_is_refused(client: httpx.AsyncClient, body: bytes, status: int) -> None:
    answer = await client.post("/api/v1/collections", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_invalid_field_is_pointed_at(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/collections", json={"name": "a", "facets": {"stars": "colour"}})
    problem = check_problem(answer, status=422, code="request_invalid")
    assert "stars" in str(problem["errors"]) or "facets" in str(problem["errors"])


async def test_parameter_out_of_bounds_is_refused(client: httpx.AsyncClient) -> None:
    check_problem(await client.get("/api/v1/operations", params={"limit": 0}), status=422, code="request_invalid")


async def test_unexpected_failure_is_told_without_details(app: App) -> None:
    @get("/broken")
    async def broken() -> None:
        raise RuntimeError("the password is hunter2")

    asgi = build_asgi(app, [Feature(name="broken", routes=lambda: [broken])], keyless=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url="http://localhost") as client:
        answer = await client.get("/api/v1/broken")
    check_problem(answer, status=500, code="internal_error")
    assert "hunter2" not in answer.text


async def test_text_with_nul_is_refused_not_failed(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/keys", json={"name": "a\0b"})
    assert answer.status_code == 422
    answer = await client.get("/api/v1/collections/a%00b")
    assert answer.status_code in {404, 422}


async def test_body_above_its_bound_is_refused(client: httpx.AsyncClient) -> None:
    huge = b'{"name": "' + b"a" * (33 * 2**20) + b'"}'
    headers = {"Content-Type": "application/json"}
    assert (await client.post("/api/v1/collections", content=huge, headers=headers)).status_code == 413
    keyed = await client.post("/api/v1/collections", content=huge, headers=headers | {"Idempotency-Key": "k"})
    check_problem(keyed, status=413, code="body_too_large")
