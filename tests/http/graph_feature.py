"""A feature with GraphQL fields of every kind: pages, errors, a slow answer, changes, and events to follow."""

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import strawberry

from likewise.platform.config import Settings
from likewise.platform.errors import FieldError, NotFound, Rejected
from likewise.platform.feature import App, Feature, GraphParts
from likewise.platform.graph import (
    JSON,
    Connection,
    GraphContext,
    GraphInfo,
    make_page,
    read_page,
    require,
)
from likewise.platform.tenancy import Scope, create_key, list_keys

NOTES = 25


class NoteNotFound(NotFound):
    """No note is called {name!r}. `notes` lists them."""


class NoteRefused(Rejected):
    """A note needs a text."""


class Bell:
    """Who listens, by tenant, and what they hear."""

    def __init__(self) -> None:
        self.listeners: dict[UUID, set[asyncio.Queue[str]]] = {}
        self.is_heard = asyncio.Event()
        self.loads: list[list[int]] = []
        self.floods: list[int] = []

    def ring(self, tenant_id: UUID, text: str) -> int:
        found = self.listeners.get(tenant_id, set())
        for queue in found:
            queue.put_nowait(text)
        return len(found)

    def count(self) -> int:
        return sum(len(found) for found in self.listeners.values())


@strawberry.type
class Note:
    number: strawberry.Private[int]
    id: strawberry.ID

    @strawberry.field
    def text(self) -> str:
        return f"note {self.number}"

    @strawberry.field
    async def size(self, info: GraphInfo) -> int:
        return await info.context.loader(load_sizes).load(self.number)

    @strawberry.field
    def again(self) -> "Note":
        return self

    @strawberry.field
    def twin(self) -> "Note":
        return self

    @strawberry.field
    def replies(self, info: GraphInfo, first: int | None = None, after: str | None = None) -> Connection["Note"]:
        return page_of(info, f"replies {self.number}", first=first, after=after)

    @strawberry.field
    def recent(self, limit: int = 3) -> list["Note"]:
        return [note(number) for number in range(limit)]

    @strawberry.field
    def tags(self) -> list[str]:
        return ["a", "b"]


@strawberry.type
class Answer:
    text: str


def note(number: int) -> Note:
    return Note(number=number, id=strawberry.ID(f"note_{number}"))


def page_of(
    info: GraphInfo,
    listing: str,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Connection[Note]:
    wish = read_page(info, listing, first=first, after=after, last=last, before=before)
    numbers = list(range(NOTES))
    if wish.is_backwards:
        numbers = [number for number in reversed(numbers) if wish.position is None or number < int(wish.position)]
    else:
        numbers = [number for number in numbers if wish.position is None or number > int(wish.position)]
    return make_page(info, wish, numbers[: wish.rows_read], node=note, position=str)


async def load_sizes(context: GraphContext, numbers: list[int]) -> Sequence[int]:
    context.app.resource(Bell).loads.append(numbers)
    return [number * 10 for number in numbers]


@strawberry.type
class Query:
    @strawberry.field(description="Notes by their number.")
    def notes(
        self,
        info: GraphInfo,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Note]:
        return page_of(info, "notes", first=first, after=after, last=last, before=before)

    @strawberry.field
    def note(self, name: str) -> Note | None:
        if name == "missing":
            raise NoteNotFound(name=name)
        if name == "broken":
            raise RuntimeError("the password is hunter2")
        return note(int(name))

    @strawberry.field
    def sure(self, name: str) -> Note:
        raise NoteNotFound(name=name)

    @strawberry.field
    async def endless(self) -> str:
        await asyncio.Event().wait()
        return "never"

    @strawberry.field
    def echo(self, at: datetime | None = None, data: JSON | None = None) -> JSON:
        return JSON({"at": None if at is None else at.timestamp(), "data": data})

    @strawberry.field
    def when(self, at: datetime) -> datetime:
        return at

    @strawberry.field
    def tenant(self, info: GraphInfo) -> str:
        return str(info.context.tenant_id)


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def make_key(self, info: GraphInfo, name: str, then: str = "tell") -> Answer:
        context = require(info, Scope.WRITE)
        made = await create_key(context.app.db, context.tenant_id, name=name, scopes=["read"])
        if then == "fail":
            raise NoteRefused(errors=[FieldError("/text", "empty")])
        return Answer(text=made.name)

    @strawberry.mutation
    async def count_keys(self, info: GraphInfo, name: str) -> int:
        context = require(info, Scope.WRITE)
        return sum(key.name == name for key in await list_keys(context.app.db, context.tenant_id))

    @strawberry.mutation
    def refuse(self) -> Answer | None:
        raise NoteRefused(errors=[FieldError("/text", "empty")])

    @strawberry.mutation
    def ring(self, info: GraphInfo, text: str) -> int:
        context = require(info, Scope.WRITE)
        return context.app.resource(Bell).ring(context.tenant_id, text)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncIterator[int]:
        for number in range(to):
            yield number

    @strawberry.subscription
    async def rings(self, info: GraphInfo) -> AsyncIterator[Answer]:
        context = require(info, Scope.READ)
        bell = context.app.resource(Bell)
        queue: asyncio.Queue[str] = asyncio.Queue()
        found = bell.listeners.setdefault(context.tenant_id, set())
        found.add(queue)
        bell.is_heard.set()
        try:
            while True:
                yield Answer(text=await queue.get())
        finally:
            found.discard(queue)

    @strawberry.subscription
    async def flood(self, info: GraphInfo) -> AsyncIterator[str]:
        bell = info.context.app.resource(Bell)
        sent = 0
        try:
            while True:
                sent += 1
                yield "x" * 1_000_000
        finally:
            bell.floods.append(sent)

    @strawberry.subscription
    async def refused(self) -> AsyncIterator[int]:
        raise NoteRefused
        yield 1

    @strawberry.subscription
    async def breaks(self, after: int) -> AsyncIterator[int]:
        for number in range(after):
            yield number
        raise RuntimeError("the password is hunter2")


FEATURE = Feature(name="notes", graph=lambda: GraphParts(query=Query, mutation=Mutation, subscription=Subscription))


def with_settings(app: App, bell: Bell, **flags: object) -> App:
    """The same platform with other settings, and a bell."""
    settings = Settings({"home": app.settings.home, **flags}, file=Path("/nonexistent/likewise.toml"))
    made = copy.copy(app)
    made.settings, made._resources = settings, {}
    made.provide(bell)
    return made


async def until(is_so: Callable[[], bool], *, wait_s: float = 20) -> None:
    """Wait for what no event tells of."""
    async with asyncio.timeout(wait_s):
        while not is_so():
            await asyncio.sleep(0.005)
