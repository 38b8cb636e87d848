"""The provider model against a real socket: what it sends, what it believes, and how it behaves in trouble."""

import asyncio
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import numpy as np
import pytest
from tests.engine.stub_provider import Reply, StubProvider, failing, vector_of

from likewise.engine.embedding.models import (
    BadAnswer,
    EmbeddingModel,
    ModelUnavailable,
    ProviderBusy,
    ProviderDenied,
    ProviderRefused,
    ProviderUnavailable,
)
from likewise.engine.embedding.models.provider import ProviderModel
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.providers import CircuitBreaker, RetryBudget, jitter_s, retry_after_s

DIMENSION = 8
KEY = "sk-canary-7f3a9d"


class Time:
    """A clock that moves only when somebody pauses."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def stub() -> Iterator[StubProvider]:
    with StubProvider(dimension=DIMENSION, poison="POISON") as running:
        yield running


def open_client() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False)


def model_for(stub: StubProvider, time: Time | None = None, **changes: object) -> ProviderModel:
    values: dict[str, Any] = {
        "provider_url": stub.url,
        "provider_dimension": DIMENSION,
        "provider_api_key": KEY,
        "provider_backoff_s": 0.5,
        **changes,
    }
    clock = time or Time()
    return ProviderModel(
        EmbeddingSettings(**values), open_client=open_client, pause=clock.pause, monotonic=clock.monotonic
    )


def expected(texts: list[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
    rows = np.array([vector_of(text, DIMENSION) for text in texts])
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


async def embed(model: EmbeddingModel, *texts: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    try:
        return await model.embed(texts, purpose="passage")
    finally:
        await model.close()


@pytest.mark.parametrize("encoding", ["base64", "float"])
async def test_vectors_come_back_in_order_with_norm_one(stub: StubProvider, encoding: str) -> None:
    vectors = await embed(model_for(stub, provider_encoding=encoding), "a", "b", "c")
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, expected(["a", "b", "c"]), atol=1e-6)
    asked = stub.asked[0]
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body["dimensions"] == DIMENSION
    assert asked.body["encoding_format"] == encoding


async def test_shuffled_answer_is_put_in_order_by_its_indexes(stub: StubProvider) -> None:
    stub.then(Reply(vectors=lambda data: data[::-1]))
    np.testing.assert_allclose(await embed(model_for(stub), "a", "b", "c"), expected(["a", "b", "c"]), atol=1e-6)


def replaced(value: Any) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    return lambda data: [{**data[0], "embedding": value}, *data[1:]]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(vectors=lambda data: data[:-1]), "2 vectors were asked for, 1 came"),
        (Reply(vectors=lambda data: data[:0]), "0 came"),
        (Reply(vectors=lambda data: [*data, data[0]]), "3 came"),
        (Reply(vectors=lambda data: [data[0], {**data[1], "index": 0}]), "each once"),
        (Reply(vectors=replaced([1.0] * (DIMENSION - 1))), "has 7"),
        (Reply(vectors=replaced([0.0] * DIMENSION)), "vector 0 is zero"),
        (Reply(vectors=replaced([float("nan")] * DIMENSION)), "not a finite number"),
        (Reply(vectors=replaced([float("inf")] * DIMENSION)), "not a finite number"),
        (Reply(vectors=replaced("not base64!")), "not base64"),
        (Reply(vectors=replaced("AAAA")), "not base64 of float32"),
        (Reply(raw=b"<html>busy</html>"), "expected form"),
        (Reply(raw=b'{"data": null}'), "expected form"),
        (Reply(raw=b"\xff\xfe"), "expected form"),
        (Reply(raw=b" " * 1_000_000), "larger than"),
    ],
)
async def test_unusable_answer_is_refused_by_name(stub: StubProvider, reply: Reply, reason: str) -> None:
    stub.then(reply)
    with pytest.raises(BadAnswer, match=reason):
        await embed(model_for(stub, provider_attempts_max=1), "a", "b")


async def test_unusable_answer_is_asked_for_again(stub: StubProvider) -> None:
    stub.then(Reply(vectors=lambda data: data[:-1]))
    np.testing.assert_allclose(await embed(model_for(stub), "a", "b"), expected(["a", "b"]), atol=1e-6)
    assert len(stub.asked) == 2


async def test_poison_text_is_refused_at_once_and_without_harm_to_later_texts(stub: StubProvider) -> None:
    model = model_for(stub, breaker_failures_max=1)
    with pytest.raises(ProviderRefused) as refusal:
        await model.embed(["fine", "POISON"], purpose="passage")
    assert refusal.value.facts["status_code"] == 400
    assert len(stub.asked) == 1
    np.testing.assert_allclose(await embed(model, "fine"), expected(["fine"]), atol=1e-6)


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_key_is_told_as_such_and_not_tried_again(stub: StubProvider, status: int) -> None:
    stub.then(failing(status, f"Incorrect API key provided: {KEY}"))
    with pytest.raises(ProviderDenied, match="PROVIDER_API_KEY"):
        await embed(model_for(stub), "a")
    assert len(stub.asked) == 1


@pytest.mark.parametrize("status", [400, 404, 500])
async def test_key_is_in_no_error_even_if_the_provider_quotes_it(stub: StubProvider, status: int) -> None:
    stub.then(failing(status, f"Your key {KEY} is odd"))
    with pytest.raises((ProviderRefused, ProviderUnavailable)) as caught:
        await embed(model_for(stub, provider_attempts_max=1), "a")
    assert "Your key *** is odd" in caught.value.message
    assert KEY not in "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())


@pytest.mark.parametrize("reply", [failing(500), failing(503), failing(408), Reply(reset=True)])
async def test_passing_trouble_is_tried_again_after_a_bounded_random_pause(stub: StubProvider, reply: Reply) -> None:
    stub.then(reply, reply)
    time = Time()
    np.testing.assert_allclose(await embed(model_for(stub, time), "a"), expected(["a"]), atol=1e-6)
    assert len(stub.asked) == 3
    assert len(time.pauses) == 2
    assert 0 <= time.pauses[0] <= 0.5
    assert 0 <= time.pauses[1] <= 1.0


async def test_lasting_trouble_ends_after_the_last_attempt(stub: StubProvider) -> None:
    stub.then(*[failing(500, "broken")] * 9)
    with pytest.raises(ProviderUnavailable, match="status 500: broken"):
        await embed(model_for(stub, provider_attempts_max=3, breaker_failures_max=99), "a")
    assert len(stub.asked) == 3


async def test_silent_server_is_given_up_after_the_time_out(stub: StubProvider) -> None:
    stub.then(Reply(hang=True))
    with pytest.raises(ProviderUnavailable):
        await embed(model_for(stub, provider_timeout_s=0.05, provider_attempts_max=1), "a")


async def test_nobody_listening_is_unavailable() -> None:
    with StubProvider(dimension=DIMENSION) as gone:
        pass
    with pytest.raises(ProviderUnavailable, match="ConnectError"):
        await embed(model_for(gone, provider_attempts_max=1), "a")


async def test_retry_after_in_seconds_is_waited_for(stub: StubProvider) -> None:
    stub.then(failing(429, retry_after="7"))
    time = Time()
    np.testing.assert_allclose(await embed(model_for(stub, time), "a"), expected(["a"]), atol=1e-6)
    assert 7.0 <= sum(time.pauses) <= 7.5


async def test_retry_after_holds_back_other_requests_too(stub: StubProvider) -> None:
    stub.then(failing(429, retry_after="7"))
    time = Time()
    model = model_for(stub, time, provider_attempts_max=1)
    with pytest.raises(ProviderBusy) as busy:
        await model.embed(["a"], purpose="passage")
    assert busy.value.retry_after_s == 7.0
    assert time.pauses == []
    await embed(model, "b")
    assert time.pauses == [7.0]


async def test_retry_after_beyond_the_deadline_is_handed_to_the_caller_at_once(stub: StubProvider) -> None:
    stub.then(failing(429, retry_after="600"))
    time = Time()
    model = model_for(stub, time)
    with pytest.raises(ProviderBusy):
        await model.embed(["a"], purpose="passage")
    with pytest.raises(ProviderBusy) as still_held:
        await embed(model, "a")
    assert still_held.value.retry_after_s == 600.0
    assert len(stub.asked) == 1
    assert time.pauses == []


async def test_batches_stay_batches_after_a_429(stub: StubProvider) -> None:
    stub.then(failing(429, retry_after="1"))
    await embed(model_for(stub), "a", "b", "c")
    assert [asked.texts for asked in stub.asked] == [["a", "b", "c"]] * 2


async def test_retries_are_a_tenth_of_requests_once_the_reserve_is_spent(stub: StubProvider) -> None:
    model = model_for(
        stub, provider_retry_reserve=1, provider_retry_ratio=0.1, breaker_failures_max=10_000, provider_attempts_max=9
    )
    stub.then(*[failing(500)] * 100)
    for _ in range(30):
        with pytest.raises(ProviderUnavailable):
            await model.embed(["a"], purpose="passage")
    await model.close()
    retries = len(stub.asked) - 30
    assert 3 <= retries <= 4


async def test_provider_that_keeps_failing_is_left_alone_then_probed_once(stub: StubProvider) -> None:
    time = Time()
    model = model_for(stub, time, provider_attempts_max=1, breaker_failures_max=3, breaker_open_s=15.0)
    stub.then(*[failing(500)] * 4)
    for _ in range(3):
        with pytest.raises(ProviderUnavailable, match="status 500"):
            await model.embed(["a"], purpose="passage")
    with pytest.raises(ProviderUnavailable, match="left alone"):
        await model.embed(["a"], purpose="passage")
    assert len(stub.asked) == 3
    time.now += 15.0
    with pytest.raises(ProviderUnavailable, match="status 500"):
        await model.embed(["a"], purpose="passage")
    with pytest.raises(ProviderUnavailable, match="left alone"):
        await model.embed(["a"], purpose="passage")
    time.now += 15.0
    await model.embed(["a"], purpose="passage")
    await embed(model, "b")
    assert len(stub.asked) == 6


async def test_cancelled_probe_does_not_keep_the_breaker_open(stub: StubProvider) -> None:
    time = Time()
    model = model_for(stub, time, provider_attempts_max=1, breaker_failures_max=1, breaker_open_s=15.0)
    stub.then(failing(500), Reply(hang=True))
    with pytest.raises(ProviderUnavailable):
        await model.embed(["a"], purpose="passage")
    time.now += 15.0
    probe = asyncio.create_task(model.embed(["a"], purpose="passage"))
    while len(stub.asked) < 2:
        await asyncio.sleep(0)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    await embed(model, "a")


async def test_large_calls_are_split_by_texts_and_by_tokens(stub: StubProvider) -> None:
    texts = ["aaaaaaaaa"] * 5
    vectors = await embed(model_for(stub, provider_batch_texts_max=2), *texts)
    assert [len(asked.texts) for asked in stub.asked] == [2, 2, 1]
    np.testing.assert_allclose(vectors, expected(texts), atol=1e-6)
    stub.asked.clear()
    await embed(model_for(stub, provider_batch_tokens_max=12), *texts)
    assert [len(asked.texts) for asked in stub.asked] == [3, 2]


async def test_no_texts_ask_nothing(stub: StubProvider) -> None:
    assert (await embed(model_for(stub))).shape == (0, DIMENSION)
    assert stub.asked == []


def test_wrong_url_is_told_before_any_request() -> None:
    with pytest.raises(ModelUnavailable, match="PROVIDER_URL"):
        ProviderModel(EmbeddingSettings(provider_url="api.example.com/v1"), open_client=open_client)


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    now = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
    assert retry_after_s("3", now=now) == 3.0
    assert retry_after_s("0.5", now=now) == 0.5
    assert retry_after_s(format_datetime(now + timedelta(seconds=90), usegmt=True), now=now) == 90.0
    assert retry_after_s(format_datetime(now - timedelta(seconds=90), usegmt=True), now=now) == 0.0
    assert retry_after_s("9" * 12, now=now) == 3_600.0
    assert retry_after_s(None, now=now) is None
    assert retry_after_s("soon", now=now) is None
    assert retry_after_s("", now=now) is None


def test_jitter_is_spread_over_the_whole_bounded_range() -> None:
    pauses = [jitter_s(3, base_s=1.0, max_s=100.0) for _ in range(2_000)]
    assert min(pauses) < 0.5
    assert 3.5 < max(pauses) <= 4.0
    assert max(jitter_s(50, base_s=1.0, max_s=10.0) for _ in range(100)) <= 10.0


def test_retry_budget_is_earned_by_requests() -> None:
    budget = RetryBudget(ratio=0.25, reserve=2)
    assert [budget.take_retry() for _ in range(3)] == [True, True, False]
    for _ in range(4):
        budget.note_request()
    assert [budget.take_retry() for _ in range(2)] == [True, False]


def test_half_open_breaker_lets_one_probe_through() -> None:
    time = Time()
    breaker = CircuitBreaker(failures_max=1, open_s=10.0, monotonic=time.monotonic)
    breaker.note_failure()
    assert breaker.seconds_closed_to_us() == 10.0
    time.now += 10.0
    assert breaker.seconds_closed_to_us() == 0.0
    assert breaker.seconds_closed_to_us() > 0.0
    breaker.note_success()
    assert breaker.seconds_closed_to_us() == 0.0
