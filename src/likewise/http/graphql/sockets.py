"""GraphQL over a web socket, by the protocol graphql-transport-ws: any number of operations side by side.

The client says who it is with its key's header or, as browsers must, with `{"authorization": "Bearer lw_..."}` in the
payload of `connection_init`; on loopback the owner need not. Nothing piles up for a client that does not read: an
operation goes on only when its last answer was taken, and who takes none for too long is cut off.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from enum import IntEnum
from typing import Annotated, Any, NamedTuple, cast
from uuid import UUID

import msgspec
from graphql import OperationType
from litestar import WebSocket

from likewise.http.front import door_of
from likewise.http.graphql.documents import Asked, Unusable
from likewise.http.graphql.errors import TooManyOperations
from likewise.http.graphql.running import Answer, Graph
from likewise.http.problems import UNEXPECTED
from likewise.http.revoking import revocation
from likewise.http.settings import HttpSettings
from likewise.http.wire import caller_of, request_headers, state_of
from likewise.platform.errors import Denied, Fact
from likewise.platform.graph import GraphRequest
from likewise.platform.places import Place
from likewise.platform.telemetry import get_log
from likewise.platform.tenancy import Caller

__all__ = ["PROTOCOL", "AnySocket", "Code", "converse"]

AnySocket = WebSocket[Caller, None, Any]
Json = dict[str, Any]

PROTOCOL = "graphql-transport-ws"
_CLOSE_WAIT_S = 2.0
_REASON_BYTES_MAX = 123  # a close frame holds no more
_log = get_log("likewise.http")


class Code(IntEnum):
    """Why a socket was closed."""

    STOPPING = 1001
    TOO_LARGE = 1009
    BUSY = 1013
    BAD_MESSAGE = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    BAD_PROTOCOL = 4406
    NOT_INITIALISED = 4408
    ID_IN_USE = 4409
    INITIALISED_TWICE = 4429
    TOO_SLOW = 4498
    SILENT = 4499
    FAILED = 4500


class _Init(msgspec.Struct, frozen=True, tag="connection_init"):
    payload: dict[str, Any] | None = None


class _Ping(msgspec.Struct, frozen=True, tag="ping"):
    payload: dict[str, Any] | None = None


class _Pong(msgspec.Struct, frozen=True, tag="pong"):
    payload: dict[str, Any] | None = None


class _Subscribe(msgspec.Struct, frozen=True, tag="subscribe"):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    payload: Asked


class _Complete(msgspec.Struct, frozen=True, tag="complete"):
    id: str


_decoder: msgspec.json.Decoder[_Init | _Ping | _Pong | _Subscribe | _Complete] = msgspec.json.Decoder(
    _Init | _Ping | _Pong | _Subscribe | _Complete
)


class _Ending(NamedTuple):
    """How a conversation ends. `code` None: the client has left."""

    code: Code | None
    reason: str = ""


async def converse(graph: Graph, socket: AnySocket) -> None:
    """Hold a conversation until either side ends it."""
    if PROTOCOL not in socket.scope["subprotocols"]:
        await socket.accept()
        await socket.close(Code.BAD_PROTOCOL, f"Ask for the protocol {PROTOCOL}")
        return
    await socket.accept(PROTOCOL)
    caller = caller_of(socket.scope)
    try:
        place = graph.unnamed.enter(None) if caller is None else graph.streams.enter(caller.tenant_id)
    except Fact as fact:
        await socket.close(Code.BUSY, _short(fact.message))
        return
    await _Conversation(graph, socket, place).hold()


class _Conversation:
    """One socket's conversation."""

    def __init__(self, graph: Graph, socket: AnySocket, place: Place) -> None:
        self._graph = graph
        self._bounds = graph.settings
        self._socket = socket
        self._place = place
        self._door = door_of(socket.scope)
        self._authorization = request_headers(socket.scope).get(b"authorization")
        self._caller: Caller | None = None
        self._request = GraphRequest(str(state_of(socket.scope).get("request_id", "")), "socket")
        settings = graph.app.settings.get(HttpSettings)
        self._send_wait_s, self._key_check_s = settings.send_wait_s, settings.key_check_s
        self._outgoing: asyncio.Queue[Json] = asyncio.Queue(self._bounds.socket_messages_max)
        self._acknowledged = asyncio.Event()
        self._is_heard = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending: asyncio.Future[_Ending] = asyncio.get_running_loop().create_future()

    async def hold(self) -> None:
        """Until somebody ends it."""
        for part in (self._listen, self._speak, self._watch, self._heed):
            self._start(part)
        try:
            ending = await self._ending
        finally:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            try:
                await asyncio.gather(*tasks, return_exceptions=True)
            finally:
                self._place.leave()
        if ending.code is not None:
            with suppress(Exception):  # it may have been closed from the other side meanwhile
                async with asyncio.timeout(_CLOSE_WAIT_S):
                    await self._socket.close(ending.code, _short(ending.reason))

    def _end(self, code: Code | None, reason: str = "") -> None:
        """End the conversation, unless it has ended."""
        if not self._ending.done():
            self._ending.set_result(_Ending(code, reason))

    def _start(self, part: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guarded(part))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guarded(self, part: Callable[[], Awaitable[None]]) -> None:
        """What goes wrong in a part ends the conversation, not only the part."""
        try:
            await part()
        except Exception as error:  # noqa: BLE001 - nobody else hears of it
            _log.error("socket_failed", request_id=self._request.id, exc_info=error)
            self._end(Code.FAILED, UNEXPECTED)

    async def _heed(self) -> None:
        """The server's stopping."""
        await self._graph.stopping.wait()
        self._end(Code.STOPPING, "The server stops. Connect again.")

    async def _speak(self) -> None:
        """Send what waits to be sent, one by one."""
        while True:
            text = msgspec.json.encode(await self._outgoing.get()).decode()
            try:
                async with asyncio.timeout(self._send_wait_s):
                    await self._socket.send({"type": "websocket.send", "text": text, "bytes": None})
            except TimeoutError:
                self._end(Code.TOO_SLOW, f"Nothing was read for {self._send_wait_s:g} s")
                return

    async def _send(self, message: Json) -> None:
        """Put a message among those that wait; wait where there are many."""
        await self._outgoing.put(message)

    async def _watch(self) -> None:
        """That the client says who it is in time, that its key lasts, and that it is still there."""
        try:
            async with asyncio.timeout(self._bounds.init_wait_s):
                await self._acknowledged.wait()
        except TimeoutError:
            self._end(Code.NOT_INITIALISED, "Connection initialisation timeout")
            return
        revoked = asyncio.create_task(revocation(self._door.callers, self._authorization, every_s=self._key_check_s))
        try:
            while True:
                self._is_heard = False
                await self._send({"type": "ping"})
                done, _ = await asyncio.wait({revoked}, timeout=self._bounds.ping_s)
                if done:
                    self._end(Code.UNAUTHORIZED, revoked.result().message)
                    return
                if not self._is_heard:
                    self._end(Code.SILENT, f"No sign of life for {self._bounds.ping_s:g} s")
                    return
        finally:
            revoked.cancel()

    async def _listen(self) -> None:
        """Read messages until the client leaves."""
        while True:
            event = cast("Json", await self._socket.receive())
            if event["type"] != "websocket.receive":
                self._end(None)
                return
            self._is_heard = True
            text = event.get("text")
            if text is None:
                self._end(Code.BAD_MESSAGE, "Messages are JSON in text frames")
                return
            if len(text) > self._bounds.request_bytes_max:
                self._end(Code.TOO_LARGE, f"A message has at most {self._bounds.request_bytes_max} bytes")
                return
            try:
                message = _decoder.decode(text)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                self._end(Code.BAD_MESSAGE, f"This is no message of {PROTOCOL}: {error}")
                return
            await self._take(message)

    async def _take(self, message: _Init | _Ping | _Pong | _Subscribe | _Complete) -> None:
        match message:
            case _Init():
                await self._greet(message.payload or {})
            case _Ping():
                await self._send({"type": "pong"})
            case _Pong():
                pass
            case _Subscribe():
                await self._begin(message)
            case _Complete():
                task = self._operations.pop(message.id, None)
                if task is not None:
                    task.cancel()

    async def _greet(self, payload: dict[str, Any]) -> None:
        """Learn who it is, by the key in the payload or by how the socket came in."""
        if self._acknowledged.is_set():
            self._end(Code.INITIALISED_TWICE, "Too many initialisation requests")
            return
        given = next((value for name, value in payload.items() if name.lower() == "authorization"), None)
        try:
            if given is not None:
                self._authorization = str(given)
                self._caller = await self._door.callers.of_key(self._authorization)
                await self._door.callers.count(self._caller)
            else:
                known = caller_of(self._socket.scope)
                self._caller = known or await self._door.callers.of(request_headers(self._socket.scope))
            self._take_place(self._caller.tenant_id)
        except Denied as denied:
            self._end(Code.UNAUTHORIZED if denied.status == 401 else Code.FORBIDDEN, denied.message)
            return
        except Fact as fact:
            self._end(Code.BUSY, fact.message)
            return
        await self._send({"type": "connection_ack"})
        self._acknowledged.set()

    def _take_place(self, tenant_id: UUID) -> None:
        """Count the socket as this tenant's, where it was not known or another's.

        Raises StreamsTaken, TenantStreamsTaken.
        """
        if self._place.tenant_id != tenant_id:
            place = self._graph.streams.enter(tenant_id)
            self._place.leave()
            self._place = place

    async def _begin(self, message: _Subscribe) -> None:
        """Begin an operation."""
        caller = self._caller
        if caller is None or not self._acknowledged.is_set():
            self._end(Code.UNAUTHORIZED, "Unauthorized: send connection_init first")
        elif message.id in self._operations:
            self._end(Code.ID_IN_USE, f"Subscriber for {message.id} already exists")
        elif len(self._operations) >= self._bounds.socket_operations_max:
            fact = TooManyOperations(operations_max=self._bounds.socket_operations_max)
            await self._send(self._error(message.id, fact))
        else:

            async def operate() -> None:
                await self._operate(message, caller)

            self._operations[message.id] = self._start(operate)

    async def _operate(self, message: _Subscribe, caller: Caller) -> None:
        """Send an operation's answers, and then that it is complete or what was wrong with it."""
        last: Json = {"type": "complete", "id": message.id}
        try:
            async with aclosing(self._answers(message.payload, caller)) as answers:
                async for answer in answers:
                    if not answer.has_data:
                        last = {"type": "error", "id": message.id, "payload": answer.body["errors"]}
                        break
                    await self._send({"type": "next", "id": message.id, "payload": answer.body})
        except (Unusable, Fact) as error:
            last = self._error(message.id, error)
        finally:
            if self._operations.get(message.id) is asyncio.current_task():
                del self._operations[message.id]
        await self._send(last)

    async def _answers(self, asked: Asked, caller: Caller) -> AsyncGenerator[Answer]:
        """What an operation is answered. Each counts as a request; one that is answered at once takes a seat."""
        await self._door.callers.count(caller)
        prepared = self._graph.prepare(asked, caller)
        if prepared.kind is OperationType.SUBSCRIPTION:
            async with aclosing(self._graph.follow(prepared, caller, self._request)) as answers:
                async for answer in answers:
                    yield answer
            return
        seat = await self._door.admission.enter()
        try:
            answer = await self._graph.answer(prepared, caller, self._request)
        finally:
            seat.leave()
        yield answer

    def _error(self, operation_id: str, error: Unusable | Fact) -> Json:
        refusal = self._graph.refuse(error, self._request)
        return {"type": "error", "id": operation_id, "payload": refusal.body["errors"]}


def _short(reason: str) -> str:
    """A reason as far as a close frame holds it."""
    return reason.encode()[:_REASON_BYTES_MAX].decode(errors="ignore")
