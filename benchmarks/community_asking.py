"""How long a question to a community takes, asked in this process and over HTTP."""

import re
import time
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from community_client import Client
from community_made import SEED
from community_questions import Question
from likewise.engine.patterns.errors import GroupTooSmall
from report import percentile

__all__ = ["BARS", "Asked", "ask_here", "ask_over_http", "shares"]

BARS = {"people": 2.0, "feed": 20.0, "patterns": 5.0, "attributes": 50.0}
"""Milliseconds that the p95 of a question of this group is meant to stay within, asked in process."""
_SMALL = 409, 422
"""What is answered where a group is too small to be told of, which a draw may be."""
_IDS = re.compile(rb"exp_[0-9a-z]{26}")


class Asked(NamedTuple):
    """Seconds of each answer, and every experience that was shown in one."""

    seconds: list[float]
    shown: set[bytes]
    small: int


def shares(seconds: Sequence[float]) -> dict[str, object]:
    """The figures of a row."""
    return {f"p{share}_ms": percentile(seconds, share / 100) for share in (50, 95, 99)}


async def ask_here(question: Question, count: int) -> Asked:
    """Ask in this process: some to warm up, then for the record."""
    if question.ask is None:
        raise RuntimeError(f"{question.name} is asked over HTTP only")
    chance, asked = Random(SEED), Asked([], set(), 0)
    small = 0
    for number in range(count + count // 3):
        started = time.perf_counter()
        try:
            await question.ask(chance)
        except GroupTooSmall:
            small += 1
            continue
        if number >= count // 3:
            asked.seconds.append(time.perf_counter() - started)
    return asked._replace(small=small)


async def ask_over_http(question: Question, client: Client, count: int) -> Asked:
    """Ask the server, one request after the other. Raises where it answers anything but what was asked for."""
    if question.request is None:
        raise RuntimeError(f"{question.name} is asked in process only")
    chance, asked = Random(SEED), Asked([], set(), 0)
    small = 0
    for number in range(count + count // 3):
        method, path, body = question.request(chance)
        started = time.perf_counter()
        answer = await client.ask(method, path, body)
        taken = time.perf_counter() - started
        if question.group == "patterns" and answer.status in _SMALL:
            small += 1
            continue
        answer.read()
        asked.shown.update(_IDS.findall(answer.body))
        if number >= count // 3:
            asked.seconds.append(taken)
    return asked._replace(small=small)
