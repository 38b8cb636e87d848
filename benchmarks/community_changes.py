"""How soon what somebody does is seen, in the answer after, in profiles, among people alike, in the counts; and that
what moderators hide is gone at once. All over HTTP, while others write.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from http import HTTPStatus
from random import Random
from typing import Any
from urllib.parse import quote

from community_asking import shares
from community_client import API, Client, public_id
from community_made import SEED, Made
from community_words import CATEGORIES

__all__ = ["Changes"]

POLL_S = 0.005
PATIENCE_S = 60.0
FRESH_GROUP = 12
"""Experiences with a new value, enough for the counts to tell of it."""

Row = dict[str, object]


class Changes:
    """Somebody who changes things and looks."""

    def __init__(self, client: Client, made: Made, *, tries: int, hidden: Collection[int]) -> None:
        self._client, self._made, self._tries = client, made, tries
        self._chance = Random(SEED)
        counts = [0] * len(made.people)
        for who in made.deeds.who.tolist():
            counts[who] += 1
        self._known = [made.people[place] for place, count in enumerate(counts) if 5 <= count <= 200]
        self._hidden = {public_id(made, number) for number in hidden}

    async def run(self) -> list[Row]:
        """Every row."""
        return [
            await self._feed_after("upvote until the next feed leaves it out", self._upvote),
            await self._feed_after("less until the next feed heeds it", self._less),
            await self._dna(),
            await self._neighbours(),
            await self._counters(),
            await self._told(),
            await self._counted(),
            await self._vanished(),
        ]

    async def _get(self, path: str) -> Any:  # noqa: ANN401 - JSON of many shapes
        return (await self._client.ask("GET", f"{API}/{path}")).read()

    async def _send(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        return (await self._client.ask(method, f"{API}/{path}", body)).read()

    async def _feed(self, user: str) -> list[str]:
        found = await self._send("POST", f"people/{user}/feed", {"is_recorded": False})
        return [one["experience"]["id"] for one in found["data"]]

    async def _upvote(self, user: str, experience: str) -> None:
        await self._send("PUT", f"experiences/{experience}/upvotes/{user}")

    async def _less(self, user: str, experience: str) -> None:
        await self._send("POST", f"experiences/{experience}/less", {"user": user})

    async def _feed_after(self, what: str, do: Callable[[str, str], Awaitable[None]]) -> Row:
        seconds: list[float] = []
        missed = 0
        for _ in range(self._tries):
            user = self._chance.choice(self._known)
            shown = (await self._feed(user))[0]
            started = time.perf_counter()
            await do(user, shown)
            missed += shown in await self._feed(user)
            seconds.append(time.perf_counter() - started)
        return {"what": what} | shares(seconds) | {"missed": missed}

    async def _until(self, look: Callable[[], Awaitable[bool]], started: float) -> float:
        """Seconds since `started` until what is looked for is there."""
        while not await look():
            if time.perf_counter() - started > PATIENCE_S:
                raise RuntimeError(f"nothing was seen of a change for {PATIENCE_S:.0f} seconds")
            await asyncio.sleep(POLL_S)
        return time.perf_counter() - started

    def _elsewhere(self, known: Sequence[str]) -> tuple[str, str]:
        """A category that is none of these, and a public experience of it."""
        while True:
            number = self._chance.randrange(self._made.size)
            category = CATEGORIES[int(self._made.category[number])]
            experience = public_id(self._made, number)
            if category not in known and not self._made.is_private[number] and experience not in self._hidden:
                return category, experience

    async def _dna(self) -> Row:
        seconds: list[float] = []
        for _ in range(self._tries):
            user = self._chance.choice(self._known)
            dna = (await self._get(f"people/{user}"))["dna"]
            category, experience = self._elsewhere([] if dna is None else list(dna["categories"]))
            started = time.perf_counter()
            await self._upvote(user, experience)

            async def is_there(user: str = user, category: str = category) -> bool:
                dna = (await self._get(f"people/{user}"))["dna"]
                return dna is not None and category in dna["categories"]

            seconds.append(await self._until(is_there, started))
        return {"what": "upvote until DNA shows it"} | shares(seconds)

    async def _neighbours(self) -> Row:
        seconds: list[float] = []
        for _ in range(self._tries):
            user = self._chance.choice(self._known)
            path = f"people/{user}/similar?by=categories&k=10"

            async def alike(path: str = path) -> list[tuple[str, float]]:
                return [(one["user"], one["similarity"]) for one in (await self._get(path))["data"]]

            before = await alike()
            dna = (await self._get(f"people/{user}"))["dna"]
            _, experience = self._elsewhere([] if dna is None else list(dna["categories"]))
            started = time.perf_counter()
            await self._upvote(user, experience)

            async def is_new(before: list[tuple[str, float]] = before, look: Any = alike) -> bool:  # noqa: ANN401
                return await look() != before

            seconds.append(await self._until(is_new, started))
        return {"what": "upvote until people alike are new"} | shares(seconds)

    async def _counters(self) -> Row:
        seconds: list[float] = []
        for number in range(self._tries):
            _, experience = self._elsewhere([])
            before = (await self._get(f"experiences/{experience}"))["counters"]["upvotes"]
            started = time.perf_counter()
            await self._upvote(f"counter-{number}", experience)

            async def is_counted(experience: str = experience, before: int = before) -> bool:
                return (await self._get(f"experiences/{experience}"))["counters"]["upvotes"] > before

            seconds.append(await self._until(is_counted, started))
        return {"what": "upvote until the counter shows it"} | shares(seconds)

    def _draft(self, name: str, value: str, number: int) -> dict[str, object]:
        return {
            "key": f"{name}-{value}-{number}",
            "author": self._chance.choice(self._known),
            "title": f"About {value}",
            "text": f"Something of the kind {value} stood above the lake and was gone within seconds.",
            "category": "other",
            "attributes": [{"key": name, "value": value}],
        }

    async def _told(self) -> Row:
        """Told until a search by its attribute finds it, which must be the very next one."""
        seconds: list[float] = []
        missed = 0
        for number in range(self._tries):
            value = f"fresh {number}"
            started = time.perf_counter()
            told = await self._send("POST", "experiences", self._draft("street", value, number))
            found = (await self._get(f"experiences?attribute={quote(f'street:{value}')}"))["data"]
            seconds.append(time.perf_counter() - started)
            missed += told["id"] not in {one["id"] for one in found}
        return {"what": "told until found by its attribute"} | shares(seconds) | {"missed": missed}

    async def _counted(self) -> Row:
        seconds: list[float] = []
        for number in range(max(3, self._tries // 4)):
            value = f"counted {number}"
            drafts = [self._draft("landmark", value, place) for place in range(FRESH_GROUP)]
            started = time.perf_counter()
            await self._send("POST", "experiences:batch", {"experiences": drafts})

            async def is_told(value: str = value) -> bool:
                path = f"patterns/associations?segment={quote(f'landmark:{value}')}&significant=false"
                answer = await self._client.ask("GET", f"{API}/{path}")
                # Of a group that is too small nothing is told.
                return answer.status == HTTPStatus.OK and json.loads(answer.body)["item_count"] >= FRESH_GROUP

            seconds.append(await self._until(is_told, started))
        return {"what": f"{FRESH_GROUP} told until patterns count them"} | shares(seconds)

    async def _vanished(self) -> Row:
        """Hidden until no list, feed, search or likeness shows it, which must be the very next ones."""
        seconds: list[float] = []
        missed = 0
        user = self._chance.choice(self._known)
        for number in range(self._tries):
            shown = await self._feed(user)
            trending = [one["experience"]["id"] for one in (await self._get("trending"))["data"]]
            listed = [one["id"] for one in (await self._get("experiences?order=upvotes"))["data"]]
            target = ((shown, trending, listed)[number % 3] or listed)[0]
            started = time.perf_counter()
            await self._send("POST", "moderation/hide", {"subject": target, "reason": "a trial"})
            self._hidden.add(target)
            answers = [
                await self._client.ask("POST", f"{API}/people/{user}/feed", {"is_recorded": False}),
                await self._client.ask("GET", f"{API}/trending"),
                await self._client.ask("GET", f"{API}/experiences?order=upvotes"),
                await self._client.ask("POST", f"{API}/search", {"query": "a light above the lake", "k": 50}),
            ]
            seconds.append(time.perf_counter() - started)
            for answer in answers:
                answer.read()
                missed += target.encode() in answer.body
        return {"what": "hidden until nothing shows it (five requests)"} | shares(seconds) | {"missed": missed}
