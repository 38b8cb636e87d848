"""T12: a failure at any step of an operation leaves what was before or what comes after, never anything between.

Each operation is first run whole, counting its database calls and keeping the state after each commit; then the 1st,
2nd, ... call fails, until a run has no call left to fail. Operations of one transaction must leave before or after.
Those that work in bounded batches may also stop between two batches: then running them again must lead exactly where
the whole run led.
"""

import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.faults.breaking import Fault, How, Watcher, failing_calls
from tests.faults.campaign import Campaign, tell
from tests.faults.community_operations import COMMUNITY_WHOLE
from tests.faults.inbox_operations import INBOX_WHOLE
from tests.faults.operations import (
    IN_BATCHES,
    USED_UP,
    WHOLE,
    Act,
    Prepare,
    creating_a_collection_in_two_transactions,
)

from likewise.app import Server, open_app
from likewise.platform.config import Settings
from likewise.platform.db import embedded
from likewise.platform.errors import Fact, NotFound, Unavailable
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import create_tenant

MODES = tuple(How) if os.environ.get("LIKEWISE_FAULTS_MODES") == "all" else (How.REFUSED, How.CUT_AFTER)
CALLS_MAX = 400
TRIES_MAX = 5
SEED = 0  # nothing here is left to chance


class Outcome(msgspec.Struct):
    """What failing every call of an operation came to."""

    faults: int = 0
    acknowledged: int = 0
    worst_ms: float = 0.0
    between: list[str] = []
    untrue: list[str] = []
    unfinished: list[str] = []


@pytest.fixture(scope="module")
async def small_app(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The whole application, with batches so small that a few rows need several."""
    flags = {
        "home": tmp_path_factory.mktemp("home"),
        "embedding_model": "fake",
        "collections_delete_batch_items": 2,
        "collections_load_batch_rows": 2,
        "database_pool_max": 4,
    }
    async with open_app(Settings(flags, file=Path("/nonexistent/likewise.toml")), server=server) as opened:
        yield opened


@pytest.fixture(scope="module")
def watcher(postgres: embedded.Server, server: Server) -> Iterator[Watcher]:
    """A superuser's look at this worker's database."""
    name = conninfo_to_dict(server.owner_url)["dbname"]
    with psycopg.connect(make_conninfo(postgres.superuser_url, dbname=name), autocommit=True) as connection:
        yield Watcher(connection)


class Stage:
    """Prepares an operation on tenants of its own; one that was left as it was is used again."""

    def __init__(self, app: App, watcher: Watcher, prepare: Prepare, folder: Path) -> None:
        self.watcher = watcher
        self.is_used_up = prepare in USED_UP
        self._app, self._prepare, self._folder = app, prepare, folder
        self.tenant_id = UUID(int=0)
        self.before = ""

    async def set(self) -> Act:
        """A tenant before the operation, and the operation."""
        self.tenant_id = (await create_tenant(self._app.db, name=encode_id("test", new_id()))).tenant_id
        act = await self._prepare(self._app, self.tenant_id, self._folder)
        before = self.watcher.state(self.tenant_id)
        assert before == (self.before or before)  # or states of two tenants could not be compared
        self.before = before
        return act


async def fail_every_call(stage: Stage, *, is_whole: bool) -> Outcome:
    """Run an operation once whole, then once for each of its calls and each way of failing."""
    act = await stage.set()
    with failing_calls(Fault(stage.watcher, tenant_id=stage.tenant_id)) as whole:
        await act()
    after = stage.watcher.state(stage.tenant_id)
    assert after != stage.before
    assert 1 < whole.calls <= CALLS_MAX
    outcome = Outcome()
    allowed = {stage.before, after} if is_whole else {stage.before, after, *whole.borders}
    act = await stage.set()
    for how in MODES:
        for at in range(1, CALLS_MAX + 1):
            where = f"call {at} of {whole.calls} {how.value}"
            was_told_done, has_struck = await _fail_once(stage, act, outcome, at=at, how=how)
            state = stage.watcher.state(stage.tenant_id)
            if state not in allowed:
                outcome.between.append(where)
            elif was_told_done and state != after:
                outcome.untrue.append(where)
            elif not is_whole and await _finish(stage, act) != after:
                outcome.unfinished.append(where)
            if state != stage.before or stage.is_used_up or not is_whole:
                act = await stage.set()
            if not has_struck and at > whole.calls:
                break  # this run came to its end without a call of that number: every one has failed by now
        else:
            pytest.fail(f"there is no end to the calls: more than {CALLS_MAX}")
    return outcome


async def _fail_once(stage: Stage, act: Act, outcome: Outcome, *, at: int, how: How) -> tuple[bool, bool]:
    """Whether the operation said that it was done, and whether a call of it failed.

    None does where the run makes fewer calls: what a cache has heard of lately, it need not ask the database for.
    """
    started = time.perf_counter()
    was_told_done = False
    with failing_calls(Fault(stage.watcher, at=at, how=how)) as fault:
        try:
            await act()
        except Unavailable:  # what a caller is told, and nothing else
            assert fault.struck
        else:
            was_told_done = True
    if fault.struck:
        outcome.faults += 1
        outcome.acknowledged += was_told_done
        outcome.worst_ms = max(outcome.worst_ms, (time.perf_counter() - started) * 1000)
    return was_told_done, fault.struck


async def _finish(stage: Stage, act: Act) -> str:
    """Ask again, as a user would; an operation that was done already may say that nothing is there any more."""
    for _ in range(TRIES_MAX):
        try:
            await act()
        except NotFound:
            break
        except Fact:
            continue
        break
    return stage.watcher.state(stage.tenant_id)


def _campaign(outcome: Outcome, name: str) -> Campaign:
    return Campaign(
        promise=f"T12 {name}",
        trials=outcome.faults,
        faults=outcome.faults,
        acknowledged=outcome.acknowledged,
        lost=len(outcome.untrue) + len(outcome.unfinished),
        duplicated=0,
        leaked=len(outcome.between),
        worst_ms=outcome.worst_ms,
        seed=SEED,
    )


@pytest.mark.parametrize("prepare", [*WHOLE, *INBOX_WHOLE, *COMMUNITY_WHOLE], ids=lambda prepare: prepare.__name__)
async def test_failing_any_call_leaves_before_or_after(
    small_app: App, watcher: Watcher, prepare: Prepare, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    outcome = await fail_every_call(Stage(small_app, watcher, prepare, tmp_path), is_whole=True)
    tell(_campaign(outcome, prepare.__name__), record_property)
    assert outcome.between == []
    assert outcome.untrue == []
    assert outcome.faults


@pytest.mark.parametrize("prepare", IN_BATCHES, ids=lambda prepare: prepare.__name__)
async def test_failing_any_call_of_a_long_operation_leaves_whole_batches_and_running_it_again_finishes_it(
    small_app: App, watcher: Watcher, prepare: Prepare, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    outcome = await fail_every_call(Stage(small_app, watcher, prepare, tmp_path), is_whole=False)
    tell(_campaign(outcome, prepare.__name__), record_property)
    assert outcome.between == []
    assert outcome.untrue == []
    assert outcome.unfinished == []


async def test_an_operation_split_in_two_transactions_is_caught(
    small_app: App, watcher: Watcher, tmp_path: Path
) -> None:
    stage = Stage(small_app, watcher, creating_a_collection_in_two_transactions, tmp_path)
    outcome = await fail_every_call(stage, is_whole=True)
    assert outcome.between != []
