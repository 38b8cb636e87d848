"""What the GraphQL fields of features share: the context of a resolver, pages as Relay has them, and scalars.

Only a feature's `graph.py` and the HTTP surface import this module: it brings strawberry along, which the command line
has no use for. Ids are `strawberry.ID`, spelled by `platform.ids.encode_id`; times are `datetime` (`DateTime`, with a
zone); JSON of any form is `JSON`. Errors are raised as facts, as everywhere.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar, cast
from uuid import UUID

import msgspec
import strawberry
from strawberry.dataloader import DataLoader
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

from likewise.platform.errors import FieldError, Rejected
from likewise.platform.feature import App
from likewise.platform.tenancy import Caller, Scope
from likewise.platform.web import Cursors, ScopeMissing

__all__ = [
    "JSON",
    "PAGE_ROWS",
    "PAGE_ROWS_MAX",
    "SCALARS",
    "Connection",
    "Edge",
    "GraphContext",
    "GraphInfo",
    "GraphRequest",
    "PageAmbiguous",
    "PageInfo",
    "PageRefused",
    "PageWish",
    "make_page",
    "read_page",
    "require",
]

PAGE_ROWS = 50
"""Rows of a page where neither `first` nor `last` says how many."""

PAGE_ROWS_MAX = 200
"""Rows of a page at most."""

K = TypeVar("K")
V = TypeVar("V")
N = TypeVar("N")
R = TypeVar("R")


class PageRefused(Rejected):
    """A page has 1 to {rows_max} rows, and `{argument}` asks for {rows}. Ask for one of them, and go on with the
    cursor."""


class PageAmbiguous(Rejected):
    """A page goes one way: ask for `first` rows `after` a cursor, or for the `last` rows `before` one, not for both."""


class GraphRequest(msgspec.Struct, frozen=True):
    """The request an operation came with: its id in the log, and how its answers travel."""

    id: str
    transport: Literal["http", "events", "socket"]


class GraphContext:
    """What each resolver of an operation is given as `info.context`."""

    def __init__(self, app: App, caller: Caller, cursors: Cursors, request: GraphRequest) -> None:
        self.app = app
        self.caller = caller
        self.cursors = cursors
        self.request = request
        self._loaders: dict[object, object] = {}

    @property
    def tenant_id(self) -> UUID:
        """Whose rows these are."""
        return self.caller.tenant_id

    def loader(self, load: "Callable[[GraphContext, list[K]], Awaitable[Sequence[V]]]") -> DataLoader[K, V]:
        """This operation's loader for `load`: the keys that resolvers ask for side by side come to it in one list.

        `load` is a function of a module (it is also the loader's name) and gives one value per key, in the same order.
        What it has loaded is kept until the operation, or the event of a subscription, is answered.
        """
        found = self._loaders.get(load)
        if found is None:

            async def of(keys: list[K]) -> Sequence[V]:
                return await load(self, keys)

            found = self._loaders[load] = DataLoader[K, V](load_fn=of)
        return cast("DataLoader[K, V]", found)

    def forget_loaded(self) -> None:
        """Let what was loaded be read anew, as the next event of a subscription has to."""
        self._loaders.clear()


GraphInfo = strawberry.Info[GraphContext, None]
"""The type of a resolver's `info`."""


def require(info: GraphInfo, scope: Scope) -> GraphContext:
    """The operation's context, where the caller may do what `scope` says. Raises ScopeMissing."""
    context = info.context
    if not context.caller.may(scope):
        raise ScopeMissing(scope=scope.value)
    return context


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = strawberry.field(description="Whether rows follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether rows come before this page.")
    start_cursor: str | None = strawberry.field(description="The first row's cursor: `before` it is the page before.")
    end_cursor: str | None = strawberry.field(description="The last row's cursor: `after` it is the next page.")


@strawberry.type(description="A row, and its place in the list.")
class Edge(Generic[N]):
    """A row of a page."""

    cursor: str = strawberry.field(description="This place in the list: good for this list of this tenant alone.")
    node: N = strawberry.field(description="The row.")


@strawberry.type(description="A page of a list: ask for the next one with `after: pageInfo.endCursor`.")
class Connection(Generic[N]):
    """A page of a list, as Relay has it. A feature may subclass it to add, say, a total."""

    edges: list[Edge[N]] = strawberry.field(description="The rows with their cursors.")
    page_info: PageInfo = strawberry.field(description="Where this page stands in its list.")

    @strawberry.field(description="The rows without their cursors.")
    def nodes(self) -> list[N]:
        """The rows."""
        return [edge.node for edge in self.edges]


class PageWish(msgspec.Struct, frozen=True):
    """The page that is asked for: `rows` rows after `position`, or, backwards, those before it, the nearest first."""

    listing: str
    rows: int
    position: str | None
    is_backwards: bool = False

    @property
    def rows_read(self) -> int:
        """How many rows to read: one more than the page has tells whether there is another page."""
        return self.rows + 1


def read_page(
    info: GraphInfo,
    listing: str,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> PageWish:
    """What Relay's four arguments ask of `listing`. Raises PageAmbiguous, PageRefused, CursorRefused."""
    forwards, backwards = first is not None or after is not None, last is not None or before is not None
    if forwards and backwards:
        raise PageAmbiguous(errors=[FieldError("/first", "given with last or before")])
    argument, rows, cursor = ("last", last, before) if backwards else ("first", first, after)
    if rows is None:
        rows = PAGE_ROWS
    if not 1 <= rows <= PAGE_ROWS_MAX:
        problem = FieldError(f"/{argument}", f"1 to {PAGE_ROWS_MAX}")
        raise PageRefused(rows_max=PAGE_ROWS_MAX, argument=argument, rows=rows, errors=[problem])
    context = info.context
    position = None if cursor is None else context.cursors.read(context.tenant_id, listing, cursor)
    return PageWish(listing, rows, position, backwards)


def make_page(
    info: GraphInfo,
    wish: PageWish,
    found: Sequence[R],
    *,
    node: Callable[[R], N],
    position: Callable[[R], str],
) -> Connection[N]:
    """The page of `found`: up to `wish.rows_read` rows in the order they were read, backwards the nearest first."""
    context = info.context
    has_more, rows = len(found) > wish.rows, list(found[: wish.rows])
    if wish.is_backwards:
        rows.reverse()
    sign = context.cursors.sign
    edges = [Edge(cursor=sign(context.tenant_id, wish.listing, position(row)), node=node(row)) for row in rows]
    came_from = wish.position is not None
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=came_from if wish.is_backwards else has_more,
            has_previous_page=has_more if wish.is_backwards else came_from,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )


def _write_time(value: object) -> str:
    return str(msgspec.to_builtins(value))


def _read_time(value: object) -> datetime:
    if isinstance(value, str):
        try:
            return msgspec.convert(value, Annotated[datetime, msgspec.Meta(tz=True)])
        except msgspec.ValidationError:
            pass
    raise ValueError("a time reads 2026-11-21T08:00:00Z, with its zone")


SCALARS: Mapping[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A time with its zone, as RFC 3339 writes it: 2026-11-21T08:00:00Z.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=_write_time,
        parse_value=_read_time,
    )
}
"""How Python's types look in GraphQL, beside those strawberry knows."""
