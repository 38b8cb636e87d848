"""Lists of items: the same filter as a search, pages that add up, and what is refused."""

import json

import httpx
import pytest

ITEMS = [
    {"key": "a", "body": "A disk over the field.", "author": "ann", "facets": {"shape": "disk", "seconds": 60}},
    {"key": "b", "body": "A light at sea.", "author": "bob", "facets": {"shape": "light", "seconds": 5}},
    {
        "key": "c",
        "body": "Two lights over Oslo.",
        "author": "ann",
        "facets": {"shape": "light", "seconds": 300},
        "place": {"lat": 59.91, "lon": 10.75},
        "happened_at": "2013-07-04T20:00:00Z",
    },
    {"key": "d", "body": "Nobody shall find this.", "facets": {"shape": "disk"}, "visibility": "private"},
]


@pytest.fixture
async def listed(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await client.post("/api/v1/collections", json={"name": "sightings"})
    answer = await client.post("/api/v1/collections/sightings/items:batch", json={"items": ITEMS})
    assert answer.status_code == 200, answer.text
    return client


async def keys(client: httpx.AsyncClient, **params: object) -> str:
    answer = await client.get("/api/v1/collections/sightings/items", params={k: str(v) for k, v in params.items()})
    assert answer.status_code == 200, answer.text
    return "".join(sorted(item["key"] for item in answer.json()["data"]))


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({}, "abcd"),
        ({"facets": {"shape": ["disk", "light"]}, "author": ["ann"]}, "ac"),
        ({"facets": {"seconds": {"gt": 5, "lte": 60}}}, "a"),
        ({"near": {"lat": 60, "lon": 10.7, "radius_km": 30}}, "c"),
        ({"happened_at": {"gte": "2013-01-01T00:00:00Z"}}, "c"),
        ({"visibility": ["private"]}, "d"),
    ],
)
async def test_list_takes_the_filter_of_a_search(
    listed: httpx.AsyncClient, wish: dict[str, object], expected: str
) -> None:
    assert await keys(listed, filter=json.dumps(wish)) == expected


async def test_short_conditions_hold_together_with_the_filter(listed: httpx.AsyncClient) -> None:
    assert await keys(listed, facet="shape:light", author="ann") == "c"
    assert await keys(listed, facet="shape:light", filter='{"author": ["bob"]}') == "b"


async def test_pages_of_a_filtered_list_add_up(listed: httpx.AsyncClient) -> None:
    params = {"limit": "1", "filter": '{"author": ["ann"]}'}
    first = (await listed.get("/api/v1/collections/sightings/items", params=params)).json()
    second = (
        await listed.get("/api/v1/collections/sightings/items", params=params | {"after": first["next_cursor"]})
    ).json()
    assert [item["key"] for item in (*first["data"], *second["data"])] == ["c", "a"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("text", "pointer"),
    [("{", "/filter"), ('{"shape": 1}', "/filter"), ('{"facets": {"size": "big"}}', "/filter/facets/size")],
)
async def test_wrong_filter_is_refused_with_its_place(listed: httpx.AsyncClient, text: str, pointer: str) -> None:
    answer = await listed.get("/api/v1/collections/sightings/items", params={"filter": text})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
