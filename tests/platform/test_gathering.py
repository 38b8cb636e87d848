"""Callers who come at the same time are served together, each with his own answer or his own failure."""

import asyncio
from collections.abc import Sequence

import pytest

from likewise.platform.errors import Unavailable
from likewise.platform.gathering import Gatherer


class Away(Unavailable):
    """The disk is away."""


class Desk:
    """Doubles numbers; a round waits until it is let go. A 13 fails its round, a 0 means that nothing works."""

    def __init__(self) -> None:
        self.rounds: list[tuple[str, list[int]]] = []
        self.gate = asyncio.Event()
        self.begun = asyncio.Event()

    async def work(self, key: str, items: Sequence[int]) -> list[int]:
        self.rounds.append((key, list(items)))
        self.begun.set()
        await self.gate.wait()
        if 0 in items:
            raise Away
        if 13 in items:
            raise ValueError(13)
        return [2 * item for item in items]


async def crowd(desk: Desk, numbers: Sequence[int], *, key: str = "k", count_max: int = 100) -> list[object]:
    """One caller comes, then all the others while he is served."""
    gatherer = Gatherer(desk.work, count_max=count_max)
    first = asyncio.create_task(gatherer.do(key, numbers[0]))
    await desk.begun.wait()
    others = [asyncio.create_task(gatherer.do(key, number)) for number in numbers[1:]]
    await asyncio.sleep(0)
    desk.gate.set()
    return list(await asyncio.gather(first, *others, return_exceptions=True))


async def test_who_comes_while_one_is_served_is_served_with_all_others_of_his_time() -> None:
    desk = Desk()
    assert await crowd(desk, [1, 2, 3, 4]) == [2, 4, 6, 8]
    assert desk.rounds == [("k", [1]), ("k", [2, 3, 4])]


async def test_round_has_a_bound() -> None:
    desk = Desk()
    assert await crowd(desk, [1, 2, 3, 4, 5, 6], count_max=2) == [2, 4, 6, 8, 10, 12]
    assert [items for _, items in desk.rounds] == [[1], [2, 3], [4, 5], [6]]


async def test_item_that_fails_fails_alone() -> None:
    desk = Desk()
    answers = await crowd(desk, [1, 2, 13, 4])
    assert [answers[place] for place in (0, 1, 3)] == [2, 4, 8]
    assert isinstance(answers[2], ValueError)


async def test_nobody_is_tried_again_alone_where_nothing_works() -> None:
    desk = Desk()
    answers = await crowd(desk, [1, 2, 0, 4])
    assert answers[0] == 2
    assert all(isinstance(answer, Away) for answer in answers[1:])
    assert len(desk.rounds) == 2


async def test_keys_do_not_wait_for_each_other() -> None:
    desk = Desk()
    gatherer = Gatherer(desk.work, count_max=10)
    asked = [asyncio.create_task(gatherer.do(key, 1)) for key in ("a", "b", "a")]
    await desk.begun.wait()
    await asyncio.sleep(0)
    assert sorted(key for key, _ in desk.rounds) == ["a", "b"]
    desk.gate.set()
    assert await asyncio.gather(*asked) == [2, 2, 2]


async def test_who_goes_away_is_not_served_and_takes_nobody_along() -> None:
    desk = Desk()
    gatherer = Gatherer(desk.work, count_max=10)
    first = asyncio.create_task(gatherer.do("k", 1))
    await desk.begun.wait()
    leaving, staying = (asyncio.create_task(gatherer.do("k", number)) for number in (2, 3))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    desk.gate.set()
    assert await asyncio.gather(first, staying) == [2, 6]
    assert desk.rounds == [("k", [1]), ("k", [3])]
    assert await gatherer.do("k", 4) == 8, "the next round begins by itself"
