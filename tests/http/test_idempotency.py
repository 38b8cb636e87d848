"""T4: the same key has one effect and one answer: at once, later, changed, and after a crash."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from likewise.app import Server
from likewise.platform.db import Database, Statement, Tx
from likewise.platform.idempotency import AnswerLost, Claim, KeyInFlight, claim, fingerprint, tidy_keys
from likewise.platform.tenancy import create_key, list_keys

MakeClient = Callable[..., Awaitable[httpx.AsyncClient]]
BODY = {"name": "made once"}
_UNLOCK = Statement(
    "tests.unlock",
    "",
    "update platform.idempotency_keys set locked_until = now() - interval '1 second'"
    " where tenant_id = %(tenant_id)s and key = %(key)s",
    frozenset({"tenant_id", "key"}),
)
_AGE = Statement(
    "tests.age",
    "",
    "update platform.idempotency_keys set created_at = now() - interval '25 hours' where tenant_id = %(tenant_id)s",
    frozenset({"tenant_id"}),
)
DYING_SERVER = Path(__file__).with_name("dying_server.py")


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


@pytest.fixture
async def made(database: Database, tenant_id: UUID) -> Callable[[], Awaitable[int]]:
    """How many keys named `made once` the tenant has: each is one effect of the request under test."""

    async def count() -> int:
        return sum(key.name == BODY["name"] for key in await list_keys(database, tenant_id))

    return count


async def test_twenty_at_once_have_one_effect(client: httpx.AsyncClient, made: Callable[[], Awaitable[int]]) -> None:
    key = str(uuid4())
    answers = await asyncio.gather(*(client.post("/api/v1/keys", json=BODY, headers=keyed(key)) for _ in range(20)))
    assert await made() == 1
    won = [answer for answer in answers if answer.status_code == 201]
    lost = [answer for answer in answers if answer.status_code != 201]
    assert won
    assert len({answer.text for answer in won}) == 1
    assert {(answer.status_code, answer.json()["code"]) for answer in lost} <= {(409, "key_in_flight")}
    again = await client.post("/api/v1/keys", json=BODY, headers=keyed(key))
    assert (again.status_code, again.text) == (201, won[0].text)
    assert again.headers["idempotency-replayed"] == "true"
    assert await made() == 1


async def test_twenty_at_once_without_a_key_have_twenty_effects(
    client: httpx.AsyncClient, made: Callable[[], Awaitable[int]]
) -> None:
    await asyncio.gather(*(client.post("/api/v1/keys", json=BODY) for _ in range(20)))
    assert await made() == 20


@pytest.mark.parametrize(
    "change",
    [
        {"content": b'{"name":  "made once"}', "headers": {"Content-Type": "application/json"}},
        {"json": {"name": "another"}},
        {"json": BODY, "params": {"x": "1"}},
    ],
)
async def test_same_key_for_another_request_is_refused(
    client: httpx.AsyncClient, made: Callable[[], Awaitable[int]], change: dict[str, object]
) -> None:
    key = str(uuid4())
    await client.post("/api/v1/keys", json=BODY, headers=keyed(key))
    headers = {**keyed(key), **change.pop("headers", {})}  # type: ignore[dict-item]
    answer = await client.post("/api/v1/keys", headers=headers, **change)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    other_path = await client.post("/api/v1/collections", json=BODY, headers=keyed(key))
    assert other_path.json()["code"] == "key_reused"
    assert await made() == 1


async def test_two_tenants_may_use_the_same_key(
    client: httpx.AsyncClient, client_of: MakeClient, other_tenant_id: UUID
) -> None:
    key = str(uuid4())
    other = await client_of(other_tenant_id)
    mine = await client.post("/api/v1/keys", json=BODY, headers=keyed(key))
    theirs = await other.post("/api/v1/keys", json={"name": "theirs"}, headers=keyed(key))
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]


async def test_refusal_without_effect_leaves_the_key_free(
    client: httpx.AsyncClient, made: Callable[[], Awaitable[int]]
) -> None:
    key = str(uuid4())
    assert (await client.post("/api/v1/keys", json={"name": ""}, headers=keyed(key))).status_code == 422
    assert (await client.post("/api/v1/keys", json=BODY, headers=keyed(key))).status_code == 201
    assert await made() == 1


@pytest.mark.parametrize("key", ["", "a" * 201, "\x7f"])
async def test_key_of_another_form_is_refused(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post("/api/v1/keys", json=BODY, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "key_malformed")


async def test_reading_takes_no_notice_of_a_key(client: httpx.AsyncClient) -> None:
    key = str(uuid4())
    for _ in range(2):
        answer = await client.get("/api/v1/keys", headers=keyed(key))
        assert "idempotency-replayed" not in answer.headers


async def die_with_the_answer(server: Server, key: str, idempotency_key: str, home: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(DYING_SERVER),
        server.owner_url,
        key,
        idempotency_key,
        str(home),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert (process.returncode, output.strip()) == (9, b"201"), "the server was to die with its answer in hand"


async def unlock(database: Database, tenant_id: UUID, key: str) -> None:
    """The dead owner's lock has run out: time is moved, not waited for."""
    async with database.maintenance() as tx:
        changed = await tx.execute(_UNLOCK, {"tenant_id": tenant_id, "key": key})
    assert changed == 1


async def test_crash_between_commit_and_answer_is_told_and_not_repeated(  # noqa: PLR0917 - fixtures
    client: httpx.AsyncClient,
    server: Server,
    database: Database,
    tenant_id: UUID,
    made: Callable[[], Awaitable[int]],
    tmp_path: Path,
) -> None:
    key = str(uuid4())
    bearer = client.headers["authorization"].removeprefix("Bearer ")
    await die_with_the_answer(server, bearer, key, tmp_path)
    assert await made() == 1
    early = await client.post("/api/v1/keys", json=BODY, headers=keyed(key))
    assert early.json()["code"] == "key_in_flight"
    await unlock(database, tenant_id, key)
    for _ in range(2):
        answer = await client.post("/api/v1/keys", json=BODY, headers=keyed(key))
        assert (answer.status_code, answer.json()["code"]) == (409, "answer_lost")
        assert "/api/v1/operations" in answer.json()["detail"]
    assert await made() == 1


async def test_without_the_mark_in_the_transaction_the_effect_would_be_repeated(
    client: httpx.AsyncClient,
    database: Database,
    tenant_id: UUID,
    made: Callable[[], Awaitable[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The broken variant: a key that is only marked with its answer, not with its effect."""

    async def forget_to_mark(_claim: Claim, _tx: Tx) -> None:
        return

    async def die(_claim: Claim, _answer: object) -> None:
        raise asyncio.CancelledError

    key = str(uuid4())
    with monkeypatch.context() as patch:
        patch.setattr(Claim, "_mark", forget_to_mark)
        patch.setattr(Claim, "keep", die)
        with pytest.raises(asyncio.CancelledError):
            await client.post("/api/v1/keys", json=BODY, headers=keyed(key))
    await unlock(database, tenant_id, key)
    await client.post("/api/v1/keys", json=BODY, headers=keyed(key))
    assert await made() == 2


async def test_owner_that_was_overtaken_changes_nothing(database: Database, tenant_id: UUID) -> None:
    from likewise.platform.errors import Conflict

    request = fingerprint(b"POST", b"/x")
    slow = await claim(database, tenant_id, key="k", request=request, lock_s=60)
    assert isinstance(slow, Claim)
    await unlock(database, tenant_id, "k")
    fast = await claim(database, tenant_id, key="k", request=request, lock_s=60)
    assert isinstance(fast, Claim)
    with fast.effects():
        await create_key(database, tenant_id, name="fast", scopes=["read"])
    with slow.effects(), pytest.raises(Conflict, match="took over"):
        await create_key(database, tenant_id, name="slow", scopes=["read"])
    assert [key.name for key in await list_keys(database, tenant_id)] == ["fast"]
    with pytest.raises(KeyInFlight):
        await claim(database, tenant_id, key="k", request=request, lock_s=60)
    await fast.give_up()
    with pytest.raises(AnswerLost):
        await claim(database, tenant_id, key="k", request=request, lock_s=60)


async def test_reading_transactions_do_not_count_as_effect(database: Database, tenant_id: UUID) -> None:
    owned = await claim(database, tenant_id, key="k", request=b"r", lock_s=60)
    assert isinstance(owned, Claim)
    with owned.effects():
        await list_keys(database, tenant_id)
        async with database.maintenance() as tx:
            await tx.settle(statement_timeout=1000)
    assert not owned.has_effect
    await owned.give_up()
    assert isinstance(await claim(database, tenant_id, key="k", request=b"other", lock_s=60), Claim)


async def test_key_is_forgotten_after_its_day(database: Database, tenant_id: UUID) -> None:
    assert isinstance(await claim(database, tenant_id, key="old", request=b"r", lock_s=60), Claim)
    async with database.maintenance() as tx:
        assert await tx.execute(_AGE, {"tenant_id": tenant_id}) == 1
    assert isinstance(await claim(database, tenant_id, key="fresh", request=b"r", lock_s=60), Claim)
    assert await tidy_keys(database) >= 1
    assert isinstance(await claim(database, tenant_id, key="old", request=b"another", lock_s=60), Claim)
    with pytest.raises(KeyInFlight):
        await claim(database, tenant_id, key="fresh", request=b"r", lock_s=60)
