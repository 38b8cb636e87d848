"""One server that answers like OpenAI's POST /v1/embeddings: a request to it, and what its failures mean.

A failure is named for what it is: the texts' fault, the key's, or the provider's. The server's Retry-After holds back
every request of this process to it, and after several failures in a row it is left alone for a while.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Never

import httpx
import msgspec
from pydantic import SecretStr

from likewise.engine.embedding.models.port import (
    BadAnswer,
    Embeddings,
    ModelUnavailable,
    OpenClient,
    ProviderBusy,
    ProviderDenied,
    ProviderFailed,
    ProviderRefused,
    ProviderUnavailable,
    Purse,
)
from likewise.engine.embedding.models.wire import answer_bytes_max, encode_request, read_answer
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.providers import CircuitBreaker, explain_refusal, retry_after_s

__all__ = ["Endpoint", "Request", "host_of"]

TEXTS_AT_FAULT = frozenset({400, 413, 422})
KEY_AT_FAULT = frozenset({401, 403})
REFUSAL_BYTES_MAX = 16_384


class Request(msgspec.Struct, frozen=True):
    """Texts that go in one request, about how many tokens they are, and who pays for them."""

    texts: Sequence[str]
    tokens: int
    purse: Purse | None


class Endpoint:
    """A server, its key, and how it has behaved. The client is opened at the first call and closed by `close`."""

    def __init__(
        self,
        settings: EmbeddingSettings,
        *,
        url: str,
        model: str,
        key: SecretStr | None,
        open_client: OpenClient,
        monotonic: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._url = f"{url.rstrip('/')}/embeddings"
        self._model = model
        self._key = key
        self._headers = _headers(key)  # httpx masks the key when the headers are printed
        self._open_client = open_client
        self._client: httpx.AsyncClient | None = None
        self._monotonic = monotonic
        self._held_until = 0.0
        self._breaker = CircuitBreaker(
            failures_max=settings.breaker_failures_max, open_s=settings.breaker_open_s, monotonic=monotonic
        )

    def seconds_held(self) -> float:
        """How long it still wants to be left alone, by its own Retry-After."""
        return max(0.0, self._held_until - self._monotonic())

    def is_ready(self) -> bool:
        """Whether a request sent now would be let through."""
        return self.seconds_held() == 0 and not self._breaker.is_open()

    async def ask(self, request: Request) -> Embeddings:
        """One attempt: (len(request.texts), dimension). Raises what the port's `embed` and the purse raise."""
        closed_s = self._breaker.seconds_closed_to_us()
        if closed_s > 0:
            raise ProviderUnavailable(reason=f"it failed repeatedly and is left alone for {closed_s:.0f} s")
        try:
            vectors = await self._ask_and_pay(request)
        except (ProviderUnavailable, BadAnswer):
            self._breaker.note_failure()
            raise
        except (ProviderBusy, ProviderDenied, ProviderRefused):
            self._breaker.note_success()  # it is there and answers, if not as we wished
            raise
        except BaseException:
            self._breaker.note_abandoned()
            raise
        self._breaker.note_success()
        return vectors

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ask_and_pay(self, request: Request) -> Embeddings:
        """Reserve, ask, and take the money back only where the server itself said that it did nothing.

        A time-out, a broken connection or a useless answer may well be on the bill.
        """
        if request.purse is None:
            return await self._post(request.texts)
        await request.purse.reserve(request.tokens)
        try:
            return await self._post(request.texts)
        except (ProviderBusy, ProviderDenied, ProviderRefused, ProviderFailed):
            await request.purse.release(request.tokens)
            raise

    async def _post(self, texts: Sequence[str]) -> Embeddings:
        if self._client is None:
            self._client = self._open_client()
        timeout_s, dimension = self._settings.provider_timeout_s, self._settings.provider_dimension
        try:
            # The client's own time-out is per read: a server that drips would never meet it.
            async with (
                asyncio.timeout(timeout_s),
                self._client.stream(
                    "POST",
                    self._url,
                    content=encode_request(texts, self._settings, model=self._model),
                    headers=self._headers,
                    timeout=timeout_s,
                    follow_redirects=False,
                ) as response,
            ):
                if response.status_code != 200:
                    await self._refuse(response, texts=len(texts))
                answer = await _read_body(response, bytes_max=answer_bytes_max(len(texts), dimension))
        except TimeoutError:
            raise ProviderUnavailable(reason=f"no whole answer came within {timeout_s:.0f} s") from None
        except httpx.ConnectError as error:
            raise ProviderFailed(reason=f"{type(error).__name__} {error}".strip()) from None
        except httpx.HTTPError as error:
            raise ProviderUnavailable(reason=f"{type(error).__name__} {error}".strip()) from None
        return read_answer(answer, texts=len(texts), dimension=dimension)

    async def _refuse(self, response: httpx.Response, *, texts: int) -> Never:
        """Raise what a status other than 200 means."""
        status = response.status_code
        asked = retry_after_s(response.headers.get("retry-after"), now=datetime.now(UTC))
        if status == 429:
            self._hold(asked or 0.0)
            raise ProviderBusy(retry_after_s=asked or 0.0)
        if status in KEY_AT_FAULT:
            raise ProviderDenied(status_code=status)
        # The body is never a local here: it can quote the key, and some tracebacks show locals.
        reason = explain_refusal(await _read_body(response, bytes_max=REFUSAL_BYTES_MAX), secret=self._key)
        if status in TEXTS_AT_FAULT:
            raise ProviderRefused(texts=texts, status_code=status, reason=reason)
        self._hold(asked or 0.0)
        raise ProviderFailed(reason=f"status {status}: {reason}")

    def _hold(self, seconds: float) -> None:
        self._held_until = max(self._held_until, self._monotonic() + seconds)


async def _read_body(response: httpx.Response, *, bytes_max: int) -> bytes:
    """The body, up to a bound that no honest answer reaches. Raises BadAnswer beyond it."""
    body = bytearray()
    async for block in response.aiter_bytes():
        body += block
        if len(body) > bytes_max:
            raise BadAnswer(reason=f"the answer is larger than {bytes_max} bytes")
    return bytes(body)


def _headers(key: SecretStr | None) -> httpx.Headers:
    headers = httpx.Headers({"content-type": "application/json", "accept": "application/json"})
    if key is not None:
        headers["authorization"] = f"Bearer {key.get_secret_value()}"
    return headers


def host_of(url: str) -> str:
    """Host and port of a provider's URL. Raises ModelUnavailable where it is not one."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ModelUnavailable(reason=f"LIKEWISE_EMBEDDING_PROVIDER_URL is not a URL: {error}") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ModelUnavailable(reason="LIKEWISE_EMBEDDING_PROVIDER_URL must start with http:// or https://")
    return parsed.host if parsed.port is None else f"{parsed.host}:{parsed.port}"
