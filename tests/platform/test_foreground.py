"""Background work gives way while many requests are being answered, and is never held up for good."""

import asyncio

from likewise.platform.foreground import Foreground


async def gave_way(foreground: Foreground) -> asyncio.Task[None]:
    """Somebody who wants to begin, as far as he gets at once."""
    task = asyncio.create_task(foreground.give_way())
    for _ in range(3):
        await asyncio.sleep(0)
    return task


async def test_work_begins_at_once_while_few_are_answered() -> None:
    foreground = Foreground()
    for _ in range(3):
        foreground.enter()
    assert (await gave_way(foreground)).done()


async def test_work_waits_while_many_are_answered_and_begins_when_they_are_few() -> None:
    foreground = Foreground()
    for _ in range(5):
        foreground.enter()
    waiting = await gave_way(foreground)
    assert not waiting.done()
    foreground.leave()
    await asyncio.sleep(0)
    assert not waiting.done()
    foreground.leave()
    for _ in range(3):
        await asyncio.sleep(0)
    assert waiting.done()


async def test_work_goes_on_in_the_end_however_many_are_answered() -> None:
    foreground = Foreground()
    for _ in range(100):
        foreground.enter()
    async with asyncio.timeout(30):
        await foreground.give_way()
    assert (await gave_way(foreground)).done() is False, "the next batch gives way anew"


async def test_requests_that_wait_for_the_work_themselves_do_not_hold_it_up() -> None:
    foreground = Foreground()
    for _ in range(5):
        foreground.enter()
    waiting = await gave_way(foreground)
    with foreground.aside(), foreground.aside():
        for _ in range(3):
            await asyncio.sleep(0)
        assert waiting.done()
    assert not (await gave_way(foreground)).done(), "back among those who are being answered"
