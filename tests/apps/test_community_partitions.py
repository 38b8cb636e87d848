"""Large categories get tables of their own, while people read and write, and whatever interrupts it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest
from psycopg import AsyncConnection
from tests.apps.community_scenes import counted_of, facets_of, given, list_all, rows_of, tell, told

from likewise.app import Server, open_app
from likewise.apps.community import store
from likewise.apps.community.model import AttributeWish, ExperienceEdit, ExperienceWish
from likewise.apps.community.service import (
    delete_experience,
    edit_experience,
    find_interrupted,
    list_attributes_of,
    list_category_partitions,
    list_experiences,
    make_partitions,
    write_experiences,
)
from likewise.platform.config import Settings
from likewise.platform.feature import App
from likewise.platform.tenancy import create_tenant

Step = Callable[..., Awaitable[object]]
STEPS = ("create_partitions", "copy_categories", "swap_partitions", "settle_partitions")


@pytest.fixture
async def small(server: Server, tmp_path: Path) -> AsyncIterator[App]:
    """An application for which a thousand attributes are many."""
    flags: dict[str, object] = {"home": tmp_path, "embedding_model": "fake", "community_partition_rows_min": 1_000}
    settings = Settings(flags, file=Path("/nonexistent"))
    async with open_app(settings, server=server) as app:
        yield app


async def fill(app: App, tenant_id: UUID, category: str, *, count: int = 20) -> list[UUID]:
    """Experiences of a category with 20 attributes each."""
    drafts = [
        told(
            f"story {n} of something",
            key=f"{category}-{n}",
            category=category,
            attributes=given(**{f"key_{k}": f"value_{(n * k) % 7}" for k in range(19)}, size=float(n)),
        )
        for n in range(count)
    ]
    return [one.id for one in await tell(app, tenant_id, *drafts)]


async def tables_of(app: App, tenant_id: UUID, category: str) -> set[str]:
    """The tables that hold a category's attributes."""
    found = await rows_of(
        app,
        tenant_id,
        "select distinct cast(tableoid::regclass as text) as name from community.attributes"
        f" where tenant_id = %(t)s and category = '{category}'",
    )
    return {str(row["name"]) for row in found}


async def analyze(app: App) -> None:
    async with app.db.owner_connection() as connection:
        await connection.execute("analyze community.attributes_others")


async def test_large_category_gets_a_table_of_its_own_and_a_small_one_stays(small: App, tenant_id: UUID) -> None:
    await fill(small, tenant_id, "large_one", count=60)
    await fill(small, tenant_id, "small_one", count=3)
    before = await counted_of(small, tenant_id)
    await analyze(small)
    made = await make_partitions(small)
    assert [one.category for one in made if one.category.endswith("_one")] == ["large_one"]
    partitions = await list_category_partitions(small)
    assert await tables_of(small, tenant_id, "large_one") == {f"community.{partitions['large_one']}"}
    assert await tables_of(small, tenant_id, "small_one") == {"community.attributes_others"}
    assert await counted_of(small, tenant_id) == before == await facets_of(small, tenant_id)
    assert await make_partitions(small, categories=["large_one"]) == []


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_interrupted_run_loses_and_doubles_nothing_and_the_next_one_ends_it(
    small: App, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    category = f"stopped_{when}_{step}"
    await fill(small, tenant_id, category)
    before = await counted_of(small, tenant_id)
    whole: Step = getattr(store, step)

    async def stopped(*args: object, **named: object) -> object:
        if when == "after":
            await whole(*args, **named)
        raise KilledHereError

    with monkeypatch.context() as patch:
        patch.setattr(store, step, stopped)
        with pytest.raises(KilledHereError):
            await make_partitions(small, categories=[category])
    assert await counted_of(small, tenant_id) == before == await facets_of(small, tenant_id)
    is_in_place = step == "settle_partitions" or (step, when) == ("swap_partitions", "after")
    is_tidy = (step, when) in {("create_partitions", "before"), ("settle_partitions", "after")}
    assert bool(await find_interrupted(small)) == (not is_tidy)
    made = await make_partitions(small, categories=[category])
    assert [one.category for one in made] == ([] if is_in_place else [category])
    assert await find_interrupted(small) == []
    assert len(await tables_of(small, tenant_id, category)) == 1
    assert await counted_of(small, tenant_id) == before


class KilledHereError(Exception):
    """Somebody pulled the plug."""


async def test_what_is_written_while_a_category_moves_is_there_afterwards(
    small: App, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    category = "moving"
    ids = await fill(small, tenant_id, category)
    copy = store.copy_categories

    async def copy_and_write(connection: AsyncConnection, copies: store.Copies) -> store.Copies:
        await delete_experience(small, tenant_id, experience_id=ids[0])
        copied = await copy(connection, copies)
        await edit_experience(
            small, tenant_id, experience_id=ids[1], edit=ExperienceEdit(attributes=given(key_1="another"))
        )
        await edit_experience(small, tenant_id, experience_id=ids[2], edit=ExperienceEdit(category="elsewhere"))
        await delete_experience(small, tenant_id, experience_id=ids[3])
        await tell(small, tenant_id, told("a late one", key="late", category=category, attributes=given(key_1="late")))
        return copied

    monkeypatch.setattr(store, "copy_categories", copy_and_write)
    await make_partitions(small, categories=[category])
    assert await counted_of(small, tenant_id) == await facets_of(small, tenant_id)
    known = await list_attributes_of(small, tenant_id, experience_ids=ids[:4])
    assert known[ids[0]] == known[ids[3]] == []
    assert [one.value for one in known[ids[1]] if one.key == "key_1"] == ["another"]
    wish = ExperienceWish(category=(category,), attributes=(AttributeWish(key="key_1", values=("late",)),))
    assert [one.key for one in await list_experiences(small, tenant_id, wish=wish)] == ["late"]


async def test_readers_and_writers_go_on_while_a_category_moves(small: App, tenant_id: UUID) -> None:
    category = "busy"
    await fill(small, tenant_id, category, count=200)
    wish = ExperienceWish(category=(category,), attributes=(AttributeWish(key="size", gte=0.0),))
    stop = asyncio.Event()
    written = 0

    async def read() -> None:
        while not stop.is_set():
            assert len(await list_all(small, tenant_id, page=100, wish=wish)) >= 200

    async def write() -> None:
        nonlocal written
        while not stop.is_set():
            draft = told("one more", key=f"more-{written}", category=category, attributes=given(size=1.0))
            outcomes = await write_experiences(small, tenant_id, drafts=[draft])
            assert not isinstance(outcomes[0], Exception)
            written += 1

    tasks = [asyncio.create_task(read()), asyncio.create_task(write())]
    try:
        await make_partitions(small, categories=[category])
    finally:
        stop.set()
        await asyncio.gather(*tasks)
    assert len(await list_all(small, tenant_id, page=100, wish=wish)) == 200 + written
    assert await counted_of(small, tenant_id) == await facets_of(small, tenant_id)


async def test_partition_is_walled_in_like_its_parent(small: App, tenant_id: UUID) -> None:
    ids = await fill(small, tenant_id, "walled")
    await make_partitions(small, categories=["walled"])
    other = (await create_tenant(small.db, name=f"other {tenant_id}")).tenant_id
    assert not any((await list_attributes_of(small, other, experience_ids=ids)).values())
    assert all((await list_attributes_of(small, tenant_id, experience_ids=ids)).values())
    async with small.db.owner_connection() as connection:
        for name in (await list_category_partitions(small)).values():
            cursor = await connection.execute(
                "select has_table_privilege(r, 'community.' || %s, 'select') from unnest(%s::text[]) r",
                [name, ["likewise_app", "likewise_maintenance"]],
            )
            assert {row[0] for row in await cursor.fetchall()} == {False}
            cursor = await connection.execute(
                "select count(*) from pg_index where indrelid = ('community.' || %s)::regclass", [name]
            )
            assert await cursor.fetchone() == (4,)


async def test_only_one_run_moves_categories_at_a_time(small: App, tenant_id: UUID) -> None:
    await fill(small, tenant_id, "twice")
    runs = await asyncio.gather(*(make_partitions(small, categories=["twice"]) for _ in range(2)))
    assert sum(len(run) for run in runs) == 1
