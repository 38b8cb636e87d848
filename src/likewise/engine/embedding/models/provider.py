"""A provider's model: any server that answers like OpenAI's POST /v1/embeddings, and perhaps a second one.

Requests are bounded in texts and tokens, retries in number, share and time; while the first server fails, another
server of the same model is asked. Queries have slots of their own, so that they never wait behind bulk work.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import numpy as np

from likewise.engine.embedding.models.endpoint import Endpoint, Request, host_of
from likewise.engine.embedding.models.port import (
    BadAnswer,
    Embeddings,
    OpenClient,
    ProviderBusy,
    ProviderDenied,
    ProviderUnavailable,
    Purpose,
    Purse,
)
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.errors import Fact
from likewise.platform.providers import RetryBudget, jitter_s

__all__ = ["ProviderModel"]

BYTES_PER_TOKEN = 3
"""For estimates. English has about four bytes to a token: three errs on the dear side, as a cap must."""


class ProviderModel:
    """An EmbeddingModel behind HTTP."""

    name = "openai"
    local = False

    def __init__(
        self,
        settings: EmbeddingSettings,
        *,
        open_client: OpenClient,
        open_fallback_client: OpenClient | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises ModelUnavailable where the URL is not one. `pause` and `monotonic` are there for tests."""
        self.version = f"{settings.provider_model}@{host_of(settings.provider_url)}"
        self.dimension = settings.provider_dimension
        self.price_per_million_tokens_usd = settings.provider_price_per_million_tokens_usd
        self.tokens_max = settings.provider_tokens_max
        self.batch_texts_max = settings.provider_batch_texts_max
        self._settings = settings
        self._pause = pause
        self._monotonic = monotonic
        self._bulk_slots = asyncio.Semaphore(settings.provider_concurrency_max)
        self._query_slots = asyncio.Semaphore(settings.provider_query_concurrency_max)
        self._budget = RetryBudget(ratio=settings.provider_retry_ratio, reserve=settings.provider_retry_reserve)
        self._endpoints = [
            Endpoint(
                settings,
                url=settings.provider_url,
                model=settings.provider_model,
                key=settings.provider_api_key,
                open_client=open_client,
                monotonic=monotonic,
            )
        ]
        if settings.provider_fallback_url is not None:
            host_of(settings.provider_fallback_url)
            self._endpoints.append(
                Endpoint(
                    settings,
                    url=settings.provider_fallback_url,
                    model=settings.provider_fallback_model or settings.provider_model,
                    key=settings.provider_fallback_api_key,
                    open_client=open_fallback_client or open_client,
                    monotonic=monotonic,
                )
            )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """An estimate: the provider's tokenizer is not ours."""
        return [1 + len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN for text in texts]

    async def embed(self, texts: Sequence[str], *, purpose: Purpose, purse: Purse | None = None) -> Embeddings:
        """One unit vector per text, (len(texts), dimension).

        More texts than one request holds go as several; where one of those fails, the call fails.
        """
        vectors = np.empty((len(texts), self.dimension), np.float32)
        tokens = self.count_tokens(texts)
        for start, stop in self._plan_requests(tokens):
            request = Request(texts[start:stop], sum(tokens[start:stop]), purse)
            vectors[start:stop] = await self._embed_once(request, purpose=purpose)
        return vectors

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(endpoint.close() for endpoint in self._endpoints))

    def _plan_requests(self, tokens: Sequence[int]) -> list[tuple[int, int]]:
        """Spans of texts within both bounds of one request; a text over the token bound goes alone."""
        spans: list[tuple[int, int]] = []
        start, held = 0, 0
        for place, count in enumerate(tokens):
            full = place - start >= self.batch_texts_max or held + count > self._settings.provider_batch_tokens_max
            if full and place > start:
                spans.append((start, place))
                start, held = place, 0
            held += count
        return [*spans, (start, len(tokens))] if tokens else []

    async def _embed_once(self, request: Request, *, purpose: Purpose) -> Embeddings:
        """One request with its retries, each at the server that failed it least."""
        settings, is_query = self._settings, purpose == "query"
        limit_s = settings.provider_query_deadline_s if is_query else settings.provider_deadline_s
        deadline = self._monotonic() + limit_s
        slots = self._query_slots if is_query else self._bulk_slots
        failures = Counter[Endpoint]()
        self._budget.note_request()
        attempt = 0
        while True:
            attempt += 1
            endpoint = self._choose(failures)
            await self._wait_while_held(endpoint, deadline)
            try:
                async with asyncio.timeout(max(0.0, deadline - self._monotonic()) if is_query else None), slots:
                    return await endpoint.ask(request)
            except TimeoutError:
                raise ProviderUnavailable(reason=f"no answer came within {limit_s:.0f} s") from None
            except (ProviderBusy, ProviderUnavailable, ProviderDenied, BadAnswer) as error:
                failures[endpoint] += 1
                is_elsewhere = self._choose(failures) is not endpoint
                if isinstance(error, ProviderDenied) and not is_elsewhere:
                    raise
                wait = 0.0 if is_elsewhere else self._pause_before_retry(error, attempt)
                in_time = self._monotonic() + wait < deadline
                if attempt >= settings.provider_attempts_max or not in_time or not self._budget.take_retry():
                    raise
                if wait:
                    await self._pause(wait)

    def _choose(self, failures: Counter[Endpoint]) -> Endpoint:
        """The first of those servers that are ready and failed this request least; the first where none is ready."""
        ready = [endpoint for endpoint in self._endpoints if endpoint.is_ready()]
        return min(ready or self._endpoints[:1], key=failures.__getitem__)

    def _pause_before_retry(self, error: Fact, attempt: int) -> float:
        settings = self._settings
        jitter = jitter_s(attempt, base_s=settings.provider_backoff_s, max_s=settings.provider_backoff_max_s)
        return error.retry_after_s + jitter if isinstance(error, ProviderBusy) else jitter

    async def _wait_while_held(self, endpoint: Endpoint, deadline: float) -> None:
        """A Retry-After given to any request holds back all of them."""
        wait = endpoint.seconds_held()
        if wait <= 0:
            return
        if self._monotonic() + wait >= deadline:
            raise ProviderBusy(retry_after_s=wait)
        await self._pause(wait)
