"""Background work gives way while many requests are being answered, and is never held up for good."""

import asyncio

import pytest

from likewise.platform import foreground as module
from likewise.platform.foreground import Foreground

PATIENCE_S = 30


async def gave_way(foreground: Foreground) -> asyncio.Task[None]:
    """Somebody who wants to begin, as far as he gets at once."""
    task = asyncio.create_task(foreground.give_way())
    for _ in range(3):
        await asyncio.sleep(0)
    return task


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody goes on by himself."""
    monkeypatch.setattr(module, "_LONGEST_S", 3_600)


@pytest.fixture
def foreground() -> Foreground:
    """Five requests are being answered."""
    made = Foreground()
    for _ in range(5):
        made.enter()
    return made


async def test_work_begins_at_once_while_few_are_answered() -> None:
    foreground = Foreground()
    for _ in range(3):
        foreground.enter()
    assert (await gave_way(foreground)).done()


@pytest.mark.usefixtures("patient")
async def test_work_waits_while_many_are_answered_and_begins_when_they_are_few(foreground: Foreground) -> None:
    waiting = await gave_way(foreground)
    assert not waiting.done()
    foreground.leave()
    foreground.leave()
    async with asyncio.timeout(PATIENCE_S):
        await waiting


@pytest.mark.usefixtures("patient")
async def test_moment_between_two_rounds_of_requests_is_no_calm(
    foreground: Foreground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CALM_S", 1)
    monkeypatch.setattr(module, "_LOOK_S", 1.01)
    waiting = await gave_way(foreground)
    for _ in range(5):
        foreground.leave()
    late = await gave_way(foreground)
    assert not waiting.done()
    assert not late.done()
    for _ in range(5):
        foreground.enter()
    await asyncio.sleep(0)
    assert not waiting.done()
    foreground.leave()
    foreground.leave()
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(waiting, late)


async def test_work_goes_on_in_the_end_however_many_are_answered(foreground: Foreground) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await foreground.give_way()
    assert (await gave_way(foreground)).done() is False, "the next batch gives way anew"


@pytest.mark.usefixtures("patient")
async def test_requests_that_wait_for_the_work_themselves_do_not_hold_it_up(foreground: Foreground) -> None:
    waiting = await gave_way(foreground)
    with foreground.aside(), foreground.aside():
        async with asyncio.timeout(PATIENCE_S):
            await waiting
    assert not (await gave_way(foreground)).done(), "back among those who are being answered"
