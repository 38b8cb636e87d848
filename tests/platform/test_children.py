"""A child can only compute, is gone on time, and leaves nothing behind."""

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from textwrap import dedent
from typing import Any, BinaryIO, cast

import msgspec
import pytest

from likewise.platform import child as inside
from likewise.platform.children import (
    ChildDiedError,
    Children,
    ChildrenAbsentError,
    ChildrenBusyError,
    ChildTooSlowError,
    Work,
)

PATIENCE_S = 60.0
Opening = Callable[..., Children]


def processes() -> dict[int, str]:
    """This process's children and their states; a zombie is a `Z`."""
    found: dict[int, str] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == os.getpid():
            found[int(stat.parent.name)] = state
    return found


@pytest.fixture
async def opening(tmp_path: Path) -> AsyncIterator[Opening]:
    """Opens children for a piece of work given as source; looks afterwards whether any is left."""
    before = processes()
    opened: list[Children] = []

    def open_children(source: str, **bounds: Any) -> Children:
        path = tmp_path / "work.py"
        path.write_text("def prepare():\n    pass\n\n" + dedent(source))
        usual = Work(
            path=path,
            memory_mb=512,
            body_bytes_max=1 << 20,
            request_timeout_s=PATIENCE_S,
            start_timeout_s=PATIENCE_S,
            idle_s=PATIENCE_S,
            children_max=1,
            waiting_max=8,
            requests_max=100,
        )
        opened.append(Children(msgspec.structs.replace(usual, **bounds)))
        return opened[-1]

    yield open_children
    for children in opened:
        await children.__aexit__()
    assert processes().keys() <= before.keys(), "a process was left"


ECHO = """
import os

def answer(head, body):
    return {"pid": os.getpid(), **head}, body[::-1]
"""
# The first request of all stops its child, and whoever watches takes it from there.
STOPS_ONCE = """
import os, signal
from pathlib import Path

mark = Path(__file__).with_suffix(".stopped")
stops = [] if mark.exists() else [1]

def prepare():
    mark.touch()

def answer(head, body):
    if stops and stops.pop():
        os.kill(os.getpid(), signal.SIGSTOP)
    return {"pid": os.getpid()}, body
"""


async def stopped_child() -> int:
    """The child that has stopped itself in the middle of a request."""
    while True:
        for pid, state in processes().items():
            if state == "T":
                return pid
        await asyncio.sleep(0)


async def ask(children: Children, head: dict[str, Any] | None = None, body: bytes = b"") -> Any:
    return json.loads((await children.ask(head or {}, body))[0])


async def test_request_is_answered_with_its_head_and_body(opening: Opening) -> None:
    children = opening(ECHO)
    head, body = await children.ask({"word": "straße"}, bytes(range(256)) * 4096)
    assert json.loads(head)["word"] == "straße"
    assert body == bytes(reversed(range(256))) * 4096


async def test_one_child_answers_many_requests_and_then_another_takes_over(opening: Opening) -> None:
    children = opening(ECHO, requests_max=3)
    pids = [(await ask(children))["pid"] for _ in range(7)]
    assert [len(set(pids[:3])), len(set(pids[3:6])), len(set(pids))] == [1, 1, 3]


async def test_no_more_children_than_allowed_work_at_once(opening: Opening) -> None:
    children = opening(ECHO, children_max=2, waiting_max=50)
    pids = {said["pid"] for said in await asyncio.gather(*(ask(children) for _ in range(40)))}
    assert 1 <= len(pids) <= 2


async def test_child_can_do_nothing_but_compute(opening: Opening, tmp_path: Path) -> None:
    readable = tmp_path / "readable"
    readable.write_text("a secret of the machine")
    children = opening(
        """
        import os, socket, threading

        def tried(deed):
            try:
                deed()
            except (OSError, MemoryError, RuntimeError, ValueError) as error:
                return type(error).__name__
            return "done"

        def answer(head, body):
            return {
                "read": tried(lambda: open(head["path"])),
                "write": tried(lambda: open(head["path"] + "2", "w")),
                "connect": tried(lambda: socket.socket()),
                "pipe": tried(os.pipe),
                "fork": tried(os.fork),
                "thread": tried(threading.Thread(target=int).start),
                "memory": tried(lambda: bytearray(600 << 20)),
                "grow again": tried(lambda: limit_up()),
                "root": os.geteuid() == 0,
                "sum": sum(range(1000)),
            }, b""

        def limit_up():
            import resource
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        """
    )
    assert await ask(children, {"path": str(readable)}) == {
        "read": "OSError",
        "write": "OSError",
        "connect": "OSError",
        "pipe": "OSError",
        "fork": "BlockingIOError",
        "thread": "RuntimeError",
        "memory": "MemoryError",
        "grow again": "ValueError",
        "root": False,
        "sum": 499_500,
    }


async def test_child_inherits_no_secret_and_no_open_file(
    opening: Opening, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LIKEWISE_DATABASE_URL", "postgresql://u:canary@h/d")
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    children = opening(
        """
        import os

        seen = {"environment": dict(os.environ), "files": len(os.listdir("/proc/self/fd")) - 1}

        def answer(head, body):
            return seen, b""
        """
    )
    with (tmp_path / "held").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        seen = await ask(children)
    assert set(seen["environment"]) <= {"PYTHONPATH", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH"}
    assert seen["files"] == 4, "input, output, errors, and the replies"


async def test_what_work_prints_does_not_disturb_its_replies(opening: Opening) -> None:
    children = opening(
        """
        import os

        def answer(head, body):
            print("a library is talking", flush=True)
            os.write(1, b"and its C half too")
            return {"said": True}, b""
        """
    )
    assert await ask(children) == {"said": True}


async def test_killed_child_is_replaced_and_its_request_answered(opening: Opening) -> None:
    children = opening(STOPS_ONCE)
    asking = asyncio.create_task(ask(children))
    victim = await stopped_child()
    os.kill(victim, signal.SIGKILL)
    assert (await asking)["pid"] != victim
    assert (await ask(children))["pid"] != victim


async def test_child_killed_while_idle_is_replaced(opening: Opening) -> None:
    children = opening(ECHO, children_max=2)
    victims = {said["pid"] for said in await asyncio.gather(ask(children), ask(children))}
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    assert (await ask(children))["pid"] not in victims


async def test_request_that_kills_every_child_is_given_up_and_others_go_on(opening: Opening) -> None:
    children = opening(
        """
        import os

        def answer(head, body):
            if head.get("crash"):
                os.abort()
            return {"pid": os.getpid()}, b""
        """
    )
    for _ in range(3):
        with pytest.raises(ChildDiedError):
            await ask(children, {"crash": True})
    assert (await ask(children))["pid"]


async def test_too_slow_child_is_killed_and_the_next_request_answered(opening: Opening) -> None:
    children = opening(STOPS_ONCE, request_timeout_s=2.0)
    with pytest.raises(ChildTooSlowError):
        await ask(children)
    assert "T" not in processes().values()
    assert (await ask(children))["pid"]


def test_child_that_lost_its_parent_dies_of_its_own_limit(tmp_path: Path) -> None:
    work = tmp_path / "work.py"
    work.write_text("def prepare(): pass\ndef answer(head, body):\n    while True: pass\n")
    options = json.dumps({"memory_mb": 512, "cpu_s": 0.1, "body_bytes_max": 100})
    words = [sys.executable, "-P", inside.__file__, str(work), options]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        inside.write_frame(cast("BinaryIO", process.stdin), {})
        assert process.wait(PATIENCE_S) == -signal.SIGXCPU


async def test_more_requests_than_may_wait_are_refused_at_once(opening: Opening) -> None:
    children = opening(STOPS_ONCE, waiting_max=1)
    working, waiting = (asyncio.create_task(ask(children)) for _ in range(2))
    victim = await stopped_child()
    with pytest.raises(ChildrenBusyError):
        await ask(children)
    os.kill(victim, signal.SIGCONT)
    assert (await working)["pid"] == (await waiting)["pid"] == victim
    assert (await ask(children))["pid"] == victim


async def test_cancelled_request_frees_its_place_and_kills_its_child(opening: Opening) -> None:
    children = opening(STOPS_ONCE, waiting_max=0)
    asking = asyncio.create_task(ask(children))
    victim = await stopped_child()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert victim not in processes()
    assert (await ask(children))["pid"] != victim


async def test_idle_children_end_by_themselves(opening: Opening) -> None:
    children = opening(ECHO, idle_s=0.01)
    pid = (await ask(children))["pid"]
    watched = os.pidfd_open(pid)
    try:
        ended, _, _ = await asyncio.to_thread(select.select, [watched], [], [], PATIENCE_S)
    finally:
        os.close(watched)
    assert ended
    assert (await ask(children))["pid"] != pid


async def test_closing_in_the_middle_of_a_request_ends_it(opening: Opening) -> None:
    children = opening(STOPS_ONCE)
    asking = asyncio.create_task(ask(children))
    victim = await stopped_child()
    async with children:
        pass
    with pytest.raises(ChildrenAbsentError, match="closed"):
        await asking
    assert victim not in processes()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import a_module_that_is_missing", "ModuleNotFoundError: No module named 'a_module_that_is_missing'"),
        ("ballast = bytearray(600 << 20)", "MemoryError"),
        ("import os\nos._exit(3)", "died while starting"),
    ],
)
async def test_child_that_cannot_start_says_why(opening: Opening, source: str, why: str) -> None:
    children = opening(source)
    for _ in range(2):
        with pytest.raises(ChildrenAbsentError, match=why):
            await ask(children)


async def test_child_that_is_never_ready_is_given_up(opening: Opening) -> None:
    children = opening("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", start_timeout_s=0.5)
    with pytest.raises(ChildrenAbsentError, match=r"not ready within 0\.5 s"):
        await ask(children)


@pytest.mark.parametrize("forged", ["ff" * 8, "00000002 00200001 7b7d", "00000010 00000000 7b7d", "0000"])
async def test_forged_reply_is_not_believed(opening: Opening, forged: str) -> None:
    """A child in which hostile bytes run can write what it likes; it must not make its parent read without end."""
    children = opening(
        f"""
        import os

        def answer(head, body):
            os.write(3, bytes.fromhex({forged!r}))
            os._exit(0)
        """
    )
    with pytest.raises(ChildDiedError):
        await ask(children)
