"""Operations: what users list, watch and cancel, also when no job stands behind them."""

import asyncio
from uuid import UUID

import pytest

from likewise.platform.config import Settings
from likewise.platform.db import Database, Statement
from likewise.platform.errors import Rejected
from likewise.platform.ids import new_id
from likewise.platform.jobs import (
    AttemptSuperseded,
    JobCancelled,
    JobSettings,
    OperationEnded,
    OperationNotFound,
    cancel_operation,
    foreground,
    get_operation,
    list_operations,
    watch_operation,
)
from likewise.platform.jobs.operations import fail_abandoned

SETTINGS = Settings({"jobs_progress_interval_s": 0, "jobs_watch_interval_s": 0.01}).get(JobSettings)


class FileUnreadable(Rejected):
    """{path} cannot be read."""


async def test_foreground_operation_is_seen_running_and_ends_with_its_block(database: Database) -> None:
    ada = new_id()
    async with foreground(database, ada, kind="load", total=10, unit="rows", settings=SETTINGS) as context:
        await context.progress(done=4, rejected=1)
        async with database.tenant(ada) as tx:
            [seen] = await list_operations(tx)
        assert (seen.status, seen.progress.done, seen.progress.total, seen.progress.rejected) == ("running", 4, 10, 1)
    async with database.tenant(ada) as tx:
        ended = await get_operation(tx, seen.id)
    assert ended.status == "succeeded"
    assert ended.ended_at is not None


async def test_foreground_operation_that_fails_says_why(database: Database) -> None:
    ada = new_id()
    with pytest.raises(FileUnreadable):
        async with foreground(database, ada, kind="load", settings=SETTINGS):
            raise FileUnreadable(path="a.csv")
    async with database.tenant(ada) as tx:
        [ended] = await list_operations(tx)
    assert ended.status == "failed"
    assert ended.error is not None
    assert (ended.error.code, ended.error.detail) == ("file_unreadable", "a.csv cannot be read.")


async def test_foreground_operation_can_be_cancelled_by_somebody_else(database: Database) -> None:
    ada = new_id()
    with pytest.raises(JobCancelled):  # noqa: PT012 - it is the block's end that raises
        async with foreground(database, ada, kind="load", settings=SETTINGS) as context:
            assert context.operation_id is not None
            async with database.tenant(ada) as tx:
                await cancel_operation(tx, context.operation_id)
            async with context.effects():
                raise AssertionError("a cancelled operation went on")
    async with database.tenant(ada) as tx:
        [ended] = await list_operations(tx)
    assert ended.status == "cancelled"


async def test_watching_shows_each_change_and_stops_at_the_end(database: Database) -> None:
    ada = new_id()
    seen: list[tuple[str, int]] = []
    async with foreground(database, ada, kind="load", settings=SETTINGS) as context:
        assert context.operation_id is not None
        operation_id: UUID = context.operation_id

        async def watch() -> None:
            async for operation in watch_operation(database, ada, operation_id, settings=SETTINGS):
                seen.append((operation.status, operation.progress.done))  # noqa: PERF401 - read while it grows

        watching = asyncio.create_task(watch())
        await context.progress(done=1)
        async with asyncio.timeout(30):
            while ("running", 1) not in seen:
                await asyncio.sleep(0)
    await asyncio.wait_for(watching, timeout=30)
    assert seen[-1] == ("succeeded", 1)


async def test_ended_operation_cannot_be_cancelled(database: Database) -> None:
    ada = new_id()
    async with foreground(database, ada, kind="load", settings=SETTINGS) as context:
        operation_id = context.operation_id
    assert operation_id is not None
    with pytest.raises(OperationEnded):
        async with database.tenant(ada) as tx:
            await cancel_operation(tx, operation_id)


async def test_operations_come_newest_first_in_pages(database: Database) -> None:
    ada = new_id()
    for kind in ("first", "second", "third"):
        async with foreground(database, ada, kind=kind, settings=SETTINGS):
            continue
    async with database.tenant(ada) as tx:
        page = await list_operations(tx, limit=2)
        rest = await list_operations(tx, before=page[-1].id, limit=2)
    assert [operation.kind for operation in page + rest] == ["third", "second", "first"]


async def test_tenants_do_not_see_each_others_operations(database: Database) -> None:
    ada, bob = new_id(), new_id()
    async with foreground(database, ada, kind="load", settings=SETTINGS) as context:
        operation_id = context.operation_id
    assert operation_id is not None
    with pytest.raises(OperationNotFound):
        async with database.tenant(bob) as tx:
            await get_operation(tx, operation_id)
    with pytest.raises(OperationNotFound):
        async with database.tenant(bob) as tx:
            await cancel_operation(tx, operation_id)


async def test_operation_whose_process_went_away_is_given_up_and_its_late_word_refused(database: Database) -> None:
    ada = new_id()
    with pytest.raises(AttemptSuperseded):  # noqa: PT012 - it is the block's end that raises
        async with foreground(database, ada, kind="load", settings=SETTINGS) as context:
            async with database.tenant(ada) as tx:
                await tx.execute(
                    Statement(
                        "tests",
                        "",
                        "update platform.operations set updated_at = now() - interval '1 day' where tenant_id = %(t)s",
                        frozenset(),
                    ),
                    {"t": ada},
                )
            await fail_abandoned(database, SETTINGS)
            async with context.effects():
                raise AssertionError("an abandoned operation went on")
    async with database.tenant(ada) as tx:
        [ended] = await list_operations(tx)
    assert ended.error is not None
    assert ended.error.code == "operation_abandoned"
