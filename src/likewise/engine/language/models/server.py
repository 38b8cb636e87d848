"""One provider's server: a request to it as a stream, what its failures mean, and whether it is asked at all for now.

The server's Retry-After holds back every request of this process to it, and after several failures in a row it is left
alone for a while. A failure is named for what it is: the request's fault, the key's, or the server's.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Never

import httpx
from pydantic import SecretStr

from likewise.engine.language.errors import (
    ChatBroken,
    ChatBusy,
    ChatDenied,
    ChatFailed,
    ChatRefused,
    ChatTimedOut,
)
from likewise.engine.language.models.port import Asked, Dialect, OpenClient, WireEvent
from likewise.engine.language.models.sse import read_events
from likewise.engine.language.settings import LanguageSettings
from likewise.platform.egress import (
    EgressRefused,
    EgressResponseBroken,
    EgressResponseTooLarge,
    EgressResponseTooSlow,
)
from likewise.platform.providers import CircuitBreaker, RetryBudget, explain_refusal, retry_after_s

__all__ = ["ChatServer"]

REQUEST_AT_FAULT = frozenset({400, 404, 413, 422})
KEY_AT_FAULT = frozenset({401, 403})
REFUSAL_BYTES_MAX = 16_384


class ChatServer:
    """A ChatModel behind HTTP. The client is opened at the first call and closed by `close`."""

    def __init__(
        self,
        settings: LanguageSettings,
        *,
        name: str,
        url: str,
        key: SecretStr | None,
        headers: Callable[[], Mapping[str, str]],
        dialect: Dialect,
        open_client: OpenClient,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.budget = RetryBudget(ratio=settings.retry_ratio, reserve=settings.retry_reserve)
        self._settings = settings
        self._url = f"{url.rstrip('/')}{dialect.path}"
        self._key = key
        self._headers = headers
        self._dialect = dialect
        self._open_client = open_client
        self._client: httpx.AsyncClient | None = None
        self._slots = asyncio.Semaphore(settings.streams_max)
        self._monotonic = monotonic
        self._held_until = 0.0
        self._breaker = CircuitBreaker(
            failures_max=settings.breaker_failures_max, open_s=settings.breaker_open_s, monotonic=monotonic
        )

    @property
    def is_left_alone(self) -> bool:
        """Whether it failed so often that it is not asked for a while."""
        return self._breaker.is_open()

    async def stream(self, asked: Asked) -> AsyncGenerator[WireEvent]:
        """The answer as it comes; see ChatModel."""
        held_s = max(0.0, self._held_until - self._monotonic())
        if held_s > 0:
            raise ChatBusy(model=asked.label, retry_after_s=held_s)
        closed_s = self._breaker.seconds_closed_to_us()
        if closed_s > 0:
            reason = f"{self.name} failed repeatedly and is left alone for {closed_s:.0f} s"
            raise ChatFailed(model=asked.label, reason=reason)
        has_answered = False
        try:
            async with aclosing(self._events(asked)) as events:
                async for event in events:
                    if not has_answered:
                        has_answered = True
                        self._breaker.note_success()
                    yield event
        except (ChatFailed, ChatTimedOut, ChatBroken):
            self._breaker.note_failure()
            raise
        except (ChatBusy, ChatDenied, ChatRefused):
            self._breaker.note_success()  # it is there and answers, if not as we wished
            raise
        except BaseException:
            if not has_answered:
                self._breaker.note_abandoned()
            raise

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _events(self, asked: Asked) -> AsyncGenerator[WireEvent]:
        settings, label = self._settings, asked.label
        patience = _Patience(settings, label)
        reader = self._dialect.reader(label)
        async with AsyncExitStack() as stack:
            with _as_facts(label):
                await self._take_slot(label)
                stack.callback(self._slots.release)
                async with patience.wait():
                    response = await stack.enter_async_context(self._post(asked))
                    if response.status_code != 200:
                        await self._refuse(response, label)
            source = read_events(response.aiter_bytes(), label=label, bytes_max=settings.event_bytes_max)
            events = await stack.enter_async_context(aclosing(source))
            while not reader.is_complete:
                with _as_facts(label):
                    async with patience.wait():
                        told = await anext(events, None)
                if told is None:
                    break
                found = reader.feed(*told)
                if found:
                    patience.renew()
                for event in found:
                    yield event
            for event in reader.finish():
                yield event

    async def _take_slot(self, label: str) -> None:
        """Wait for a turn. Raises ChatBusy where none came: nothing was asked then."""
        try:
            async with asyncio.timeout(self._settings.first_token_s):
                await self._slots.acquire()
        except TimeoutError:
            raise ChatBusy(model=label, retry_after_s=1.0) from None

    def _post(self, asked: Asked) -> AbstractAsyncContextManager[httpx.Response]:
        if self._client is None:
            self._client = self._open_client()
        headers = {"content-type": "application/json", "accept": "text/event-stream", **self._headers()}
        body = self._dialect.encode(asked)
        return self._client.stream("POST", self._url, content=body, headers=headers, follow_redirects=False)

    async def _refuse(self, response: httpx.Response, label: str) -> Never:
        """Raise what a status other than 200 means."""
        status = response.status_code
        asked = retry_after_s(response.headers.get("retry-after"), now=datetime.now(UTC))
        if status in {429, 529}:
            self._hold(asked or 0.0)
            raise ChatBusy(model=label, retry_after_s=asked or 0.0)
        if status in KEY_AT_FAULT:
            raise ChatDenied(model=label, server=self.name.upper(), status_code=status)
        # The body is never a local here: it can quote the key, and some tracebacks show locals.
        reason = explain_refusal(await _read_start(response), secret=self._key)
        if status in REQUEST_AT_FAULT:
            raise ChatRefused(model=label, status_code=status, reason=reason)
        self._hold(asked or 0.0)
        raise ChatFailed(model=label, reason=f"status {status}: {reason}")

    def _hold(self, seconds: float) -> None:
        self._held_until = max(self._held_until, self._monotonic() + seconds)


class _Patience:
    """How long an answer is waited for: its first token, each next one, and all of it."""

    def __init__(self, settings: LanguageSettings, label: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._settings = settings
        self._label = label
        self._is_first = True
        self._end = self._loop.time() + settings.answer_s
        self._deadline = self._loop.time() + settings.first_token_s

    def renew(self) -> None:
        """A token came."""
        self._is_first = False
        self._deadline = self._loop.time() + self._settings.next_token_s

    @asynccontextmanager
    async def wait(self) -> AsyncGenerator[None]:
        """For one wait: what takes longer is given up. Raises ChatTimedOut."""
        try:
            async with asyncio.timeout_at(min(self._deadline, self._end)):
                yield
        except TimeoutError:
            raise self._given_up() from None

    def _given_up(self) -> ChatTimedOut:
        settings = self._settings
        if self._loop.time() >= self._end:
            reason, setting = f"its answer took longer than {settings.answer_s:g} s", "ANSWER_S"
        elif self._is_first:
            reason, setting = f"no token came within {settings.first_token_s:g} s", "FIRST_TOKEN_S"
        else:
            reason, setting = f"it fell silent for {settings.next_token_s:g} s", "NEXT_TOKEN_S"
        return ChatTimedOut(model=self._label, reason=reason, setting=setting)


@contextmanager
def _as_facts(label: str) -> Generator[None]:
    """What the client raises, as facts: whether the server can have worked for it is what tells them apart."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise ChatFailed(model=label, reason=f"{type(error).__name__} {error}".strip()) from None
    except httpx.HTTPError as error:
        raise ChatBroken(model=label, reason=f"the connection broke: {type(error).__name__} {error}".strip()) from None
    except EgressRefused as fact:
        raise ChatFailed(model=label, reason=fact.message) from None
    except (EgressResponseBroken, EgressResponseTooLarge, EgressResponseTooSlow) as fact:
        raise ChatBroken(model=label, reason=fact.message) from None


async def _read_start(response: httpx.Response) -> bytes:
    """The beginning of a refusal's body."""
    body = bytearray()
    async for block in response.aiter_bytes():
        body += block
        if len(body) > REFUSAL_BYTES_MAX:
            break
    return bytes(body[:REFUSAL_BYTES_MAX])
