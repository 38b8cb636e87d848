"""Any server that answers like OpenAI's POST /v1/embeddings.

An answer is checked before it is believed, a failure is named for what it is (the texts' fault, the key's, or
the provider's), and the provider is spared: its Retry-After holds back every request of this process, retries
are bounded in number, share and time, and after several failures in a row it is left alone for a while.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Never

import httpx
import numpy as np

from likewise.engine.embedding.models.port import (
    BadAnswer,
    Embeddings,
    ModelUnavailable,
    OpenClient,
    ProviderBusy,
    ProviderDenied,
    ProviderRefused,
    ProviderUnavailable,
    Purpose,
)
from likewise.engine.embedding.models.retry import CircuitBreaker, RetryBudget, jitter_s, retry_after_s
from likewise.engine.embedding.models.wire import (
    answer_bytes_max,
    encode_request,
    explain_refusal,
    read_answer,
)
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.errors import Fact

__all__ = ["ProviderModel"]

BYTES_PER_TOKEN = 3
"""For estimates. English has about four bytes to a token: three errs on the dear side, as a cap must."""
TEXTS_AT_FAULT = frozenset({400, 413, 422})
KEY_AT_FAULT = frozenset({401, 403})
REFUSAL_BYTES_MAX = 16_384


class ProviderModel:
    """An EmbeddingModel behind HTTP. The client is opened at the first call and closed by `close`."""

    name = "openai"
    local = False

    def __init__(
        self,
        settings: EmbeddingSettings,
        *,
        open_client: OpenClient,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises ModelUnavailable where the URL is not one. `pause` and `monotonic` are there for tests."""
        host = _host_of(settings.provider_url)
        self.version = f"{settings.provider_model}@{host}"
        self.dimension = settings.provider_dimension
        self.price_per_million_tokens_usd = settings.provider_price_per_million_tokens_usd
        self.tokens_max = settings.provider_tokens_max
        self.batch_texts_max = settings.provider_batch_texts_max
        self._settings = settings
        self._url = f"{settings.provider_url.rstrip('/')}/embeddings"
        self._headers = _headers(settings)  # httpx masks the key when the headers are printed
        self._open_client = open_client
        self._client: httpx.AsyncClient | None = None
        self._pause = pause
        self._monotonic = monotonic
        self._held_until = 0.0
        self._slots = asyncio.Semaphore(settings.provider_concurrency_max)
        self._budget = RetryBudget(ratio=settings.provider_retry_ratio, reserve=settings.provider_retry_reserve)
        self._breaker = CircuitBreaker(
            failures_max=settings.breaker_failures_max, open_s=settings.breaker_open_s, monotonic=monotonic
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """An estimate: the provider's tokenizer is not ours."""
        return [1 + len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN for text in texts]

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> Embeddings:
        """One unit vector per text, (len(texts), dimension); `purpose` makes no difference.

        More texts than one request holds go as several; where one of those fails, the call fails.
        """
        del purpose
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for start, stop in self._plan_requests(texts):
            vectors[start:stop] = await self._embed_once(texts[start:stop])
        return vectors

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _plan_requests(self, texts: Sequence[str]) -> list[tuple[int, int]]:
        """Spans of texts within both bounds of one request; a text over the token bound goes alone."""
        spans: list[tuple[int, int]] = []
        start, held = 0, 0
        for place, tokens in enumerate(self.count_tokens(texts)):
            full = place - start >= self.batch_texts_max or held + tokens > self._settings.provider_batch_tokens_max
            if full and place > start:
                spans.append((start, place))
                start, held = place, 0
            held += tokens
        return [*spans, (start, len(texts))] if texts else []

    async def _embed_once(self, texts: Sequence[str]) -> Embeddings:
        """One request with its retries."""
        settings, body = self._settings, encode_request(texts, self._settings)
        deadline = self._monotonic() + settings.provider_deadline_s
        self._budget.note_request()
        attempt = 0
        while True:
            attempt += 1
            await self._wait_while_held(deadline)
            try:
                return await self._attempt(texts, body)
            except (ProviderBusy, ProviderUnavailable, BadAnswer) as error:
                wait = self._pause_before_retry(error, attempt)
                in_time = self._monotonic() + wait < deadline
                if attempt >= settings.provider_attempts_max or not in_time or not self._budget.take_retry():
                    raise
                await self._pause(wait)

    def _pause_before_retry(self, error: Fact, attempt: int) -> float:
        settings = self._settings
        jitter = jitter_s(attempt, base_s=settings.provider_backoff_s, max_s=settings.provider_backoff_max_s)
        return error.retry_after_s + jitter if isinstance(error, ProviderBusy) else jitter

    async def _wait_while_held(self, deadline: float) -> None:
        """A Retry-After given to any request holds back all of them."""
        wait = self._held_until - self._monotonic()
        if wait <= 0:
            return
        if self._monotonic() + wait >= deadline:
            raise ProviderBusy(retry_after_s=wait)
        await self._pause(wait)

    async def _attempt(self, texts: Sequence[str], body: bytes) -> Embeddings:
        async with self._slots:
            closed_s = self._breaker.seconds_closed_to_us()
            if closed_s > 0:
                raise ProviderUnavailable(reason=f"it failed repeatedly and is left alone for {closed_s:.0f} s")
            try:
                vectors = await self._post(texts, body)
            except (ProviderUnavailable, BadAnswer):
                self._breaker.note_failure()
                raise
            except Fact:
                self._breaker.note_success()  # it is there and answers, if not as we wished
                raise
            except BaseException:
                self._breaker.note_abandoned()
                raise
            self._breaker.note_success()
            return vectors

    async def _post(self, texts: Sequence[str], body: bytes) -> Embeddings:
        if self._client is None:
            self._client = self._open_client()
        timeout_s = self._settings.provider_timeout_s
        try:
            # The client's own time-out is per read: a server that drips would never meet it.
            async with (
                asyncio.timeout(timeout_s),
                self._client.stream(
                    "POST",
                    self._url,
                    content=body,
                    headers=self._headers,
                    timeout=timeout_s,
                    follow_redirects=False,
                ) as response,
            ):
                if response.status_code != 200:
                    await self._refuse(response, texts=len(texts))
                answer = await _read_body(response, bytes_max=answer_bytes_max(len(texts), self.dimension))
        except TimeoutError:
            raise ProviderUnavailable(reason=f"no whole answer came within {timeout_s:.0f} s") from None
        except httpx.HTTPError as error:
            raise ProviderUnavailable(reason=f"{type(error).__name__} {error}".strip()) from None
        return read_answer(answer, texts=len(texts), dimension=self.dimension)

    async def _refuse(self, response: httpx.Response, *, texts: int) -> Never:
        """Raise what a status other than 200 means."""
        status = response.status_code
        if status == 429:
            asked = retry_after_s(response.headers.get("retry-after"), now=datetime.now(UTC)) or 0.0
            self._held_until = max(self._held_until, self._monotonic() + asked)
            raise ProviderBusy(retry_after_s=asked)
        if status in KEY_AT_FAULT:
            raise ProviderDenied(status_code=status)
        # The body is never a local here: it can quote the key, and some tracebacks show locals.
        reason = explain_refusal(
            await _read_body(response, bytes_max=REFUSAL_BYTES_MAX), secret=self._settings.provider_api_key
        )
        if status in TEXTS_AT_FAULT:
            raise ProviderRefused(texts=texts, status_code=status, reason=reason)
        asked = retry_after_s(response.headers.get("retry-after"), now=datetime.now(UTC))
        if asked is not None:
            self._held_until = max(self._held_until, self._monotonic() + asked)
        raise ProviderUnavailable(reason=f"status {status}: {reason}")


async def _read_body(response: httpx.Response, *, bytes_max: int) -> bytes:
    """The body, up to a bound that no honest answer reaches. Raises BadAnswer beyond it."""
    body = bytearray()
    async for block in response.aiter_bytes():
        body += block
        if len(body) > bytes_max:
            raise BadAnswer(reason=f"the answer is larger than {bytes_max} bytes")
    return bytes(body)


def _headers(settings: EmbeddingSettings) -> httpx.Headers:
    headers = httpx.Headers({"content-type": "application/json", "accept": "application/json"})
    if settings.provider_api_key is not None:
        headers["authorization"] = f"Bearer {settings.provider_api_key.get_secret_value()}"
    return headers


def _host_of(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ModelUnavailable(reason=f"LIKEWISE_EMBEDDING_PROVIDER_URL is not a URL: {error}") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ModelUnavailable(reason="LIKEWISE_EMBEDDING_PROVIDER_URL must start with http:// or https://")
    return parsed.host if parsed.port is None else f"{parsed.host}:{parsed.port}"
