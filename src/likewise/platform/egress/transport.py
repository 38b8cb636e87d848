"""httpx's transport over the guarded backend, and the bounds on what comes back."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import cast

import httpcore
import httpx
from typing_extensions import override

from likewise.platform.egress.decoding import DecodingError, make_decoder
from likewise.platform.egress.guard import GuardedBackend
from likewise.platform.egress.model import (
    EgressRefused,
    EgressResponseBroken,
    EgressResponseTooLarge,
    EgressResponseTooSlow,
)
from likewise.platform.egress.settings import EgressSettings

__all__ = ["GuardedTransport"]

# Most specific first: an httpcore error becomes the httpx error of the same name.
_ERRORS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.ReadTimeout, httpx.ReadTimeout),
    (httpcore.WriteTimeout, httpx.WriteTimeout),
    (httpcore.PoolTimeout, httpx.PoolTimeout),
    (httpcore.TimeoutException, httpx.TimeoutException),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.ReadError, httpx.ReadError),
    (httpcore.WriteError, httpx.WriteError),
    (httpcore.NetworkError, httpx.NetworkError),
    (httpcore.LocalProtocolError, httpx.LocalProtocolError),
    (httpcore.RemoteProtocolError, httpx.RemoteProtocolError),
    (httpcore.ProtocolError, httpx.ProtocolError),
    (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
)


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends a request through the guard. No proxy, no HTTP/2, no socket of this machine: there is no code for them."""

    def __init__(self, backend: GuardedBackend, *, settings: EgressSettings, tls: ssl.SSLContext) -> None:
        self._settings = settings
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=settings.connections_max,
            max_keepalive_connections=settings.idle_connections_max,
            keepalive_expiry=settings.idle_timeout_s,
            network_backend=backend,
        )

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in {"http", "https"}:
            rule = f"{url.scheme or 'no scheme'} is not http or https"
            raise EgressRefused(host=url.host or "an address without a host", rule=rule, setting="an http or https URL")
        plain = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=cast("AsyncIterable[bytes]", request.stream),
            # Only the time-outs: another extension could ask TLS to verify a different name.
            extensions={"timeout": request.extensions.get("timeout", {})},
        )
        deadline = time.monotonic() + self._settings.total_timeout_s
        try:
            with _as_httpx():
                async with asyncio.timeout(self._settings.total_timeout_s):
                    answer = await self._pool.handle_async_request(plain)
        except TimeoutError as error:
            raise EgressResponseTooSlow(host=url.host, timeout_s=self._settings.total_timeout_s) from error
        headers = httpx.Headers(answer.headers)
        encoding = headers.pop("content-encoding", "identity").strip().lower()
        if encoding != "identity":
            headers.pop("content-length", None)
        body = _BoundedBody(
            cast("AsyncIterable[bytes]", answer.stream),
            close=answer.aclose,
            host=url.host,
            encoding=encoding,
            settings=self._settings,
            deadline=deadline,
        )
        return httpx.Response(answer.status, headers=headers, stream=body, extensions={"http_version": b"HTTP/1.1"})

    @override
    async def aclose(self) -> None:
        await self._pool.aclose()


class _BoundedBody(httpx.AsyncByteStream):
    """An answer's body, decoded here so that its bound counts what it expands to, not what it was packed in."""

    def __init__(
        self,
        source: AsyncIterable[bytes],
        *,
        close: Callable[[], Awaitable[None]],
        host: str,
        encoding: str,
        settings: EgressSettings,
        deadline: float,
    ) -> None:
        self._source = source
        self._close = close
        self._host = host
        self._encoding = encoding
        self._settings = settings
        self._deadline = deadline

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        bytes_max = self._settings.response_bytes_max
        size_bytes = 0
        try:
            decoder = make_decoder(self._encoding)
            with _as_httpx():
                async for packed in self._source:
                    if time.monotonic() > self._deadline:
                        raise EgressResponseTooSlow(host=self._host, timeout_s=self._settings.total_timeout_s)
                    for piece in decoder.feed(packed):
                        size_bytes += len(piece)
                        if size_bytes > bytes_max:
                            raise EgressResponseTooLarge(host=self._host, bytes_max=bytes_max)
                        yield piece
            decoder.finish()
        except DecodingError as error:
            raise EgressResponseBroken(host=self._host, encoding=self._encoding, reason=error) from error

    @override
    async def aclose(self) -> None:
        await self._close()


@contextmanager
def _as_httpx() -> Generator[None]:
    """Callers of an httpx client expect httpx's errors."""
    try:
        yield
    except Exception as error:
        kind = next((theirs for ours, theirs in _ERRORS if isinstance(error, ours)), None)
        if kind is None:
            raise
        raise kind(str(error)) from error
