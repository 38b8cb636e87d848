"""Calling somebody else's server, which may be busy, broken or costly: when to ask it again, and what it says.

Retry-After, full jitter, a retry budget and a circuit breaker, as pure state over a clock that is passed in. Full
jitter after Brooker (2015); the budget bounds retries to a share of requests, so that a provider in trouble is not
asked several times as often by everybody at once.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec
from pydantic import SecretStr

__all__ = ["CircuitBreaker", "RetryBudget", "explain_refusal", "jitter_s", "retry_after_s"]

RETRY_AFTER_MAX_S = 3_600.0
"""A provider that asks for more is asked again after this."""

REASON_CHARACTERS_MAX = 300


class _Problem(msgspec.Struct, frozen=True):
    message: str = ""


class _Refusal(msgspec.Struct, frozen=True):
    error: _Problem | str


def explain_refusal(body: bytes, *, secret: SecretStr | None) -> str:
    """The provider's own words, shortened, with our key taken out: some providers quote it back."""
    try:
        error = msgspec.json.decode(body, type=_Refusal).error
        reason = error if isinstance(error, str) else error.message
    except (msgspec.DecodeError, UnicodeDecodeError):
        reason = body.decode("utf-8", "replace")
    if secret is not None and secret.get_secret_value():
        reason = reason.replace(secret.get_secret_value(), "***")
    return " ".join(reason.split())[:REASON_CHARACTERS_MAX] or "no reason given"


def retry_after_s(header: str | None, *, now: datetime) -> float | None:
    """The pause that a Retry-After header (a number or a date) asks for, in seconds, or None without one."""
    if header is None:
        return None
    text = header.strip()
    try:
        pause = float(text) if text.replace(".", "", 1).isdecimal() else (_aware(text) - now).total_seconds()
    except ValueError:
        return None
    return min(max(0.0, pause), RETRY_AFTER_MAX_S)


def jitter_s(attempt: int, *, base_s: float, max_s: float) -> float:
    """A random pause between 0 and base x 2^(attempt - 1), bounded; attempt counts from 1."""
    return random.uniform(0.0, min(max_s, base_s * 2 ** (attempt - 1)))  # noqa: S311  no secret depends on it


def _aware(text: str) -> datetime:
    date = parsedate_to_datetime(text)
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


class RetryBudget:
    """Retries as a share of requests, with a reserve for the beginning."""

    def __init__(self, *, ratio: float, reserve: int) -> None:
        self._ratio = ratio
        self._reserve = float(reserve)
        self._tokens = float(reserve)

    def note_request(self) -> None:
        """A first try earns a share of a retry; no more than the reserve is saved up."""
        self._tokens = min(self._reserve, self._tokens + self._ratio)

    def take_retry(self) -> bool:
        """True where a retry is left, which is then spent."""
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True


class CircuitBreaker:
    """Closed; open for `open_s` after `failures_max` failures in a row; then one probe decides."""

    def __init__(self, *, failures_max: int, open_s: float, monotonic: Callable[[], float]) -> None:
        self._failures_max = failures_max
        self._open_s = open_s
        self._monotonic = monotonic
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    def is_open(self) -> bool:
        """Whether a request now would be turned away. Asking takes nothing: it is no probe."""
        if self._opened_at is None:
            return False
        return self._probing or self._opened_at + self._open_s > self._monotonic()

    def seconds_closed_to_us(self) -> float:
        """0 where a request may go now, which is then the probe if the breaker was open; else the wait.

        Each request that may go is followed by exactly one of note_success, note_failure, note_abandoned.
        """
        if self._opened_at is None:
            return 0.0
        left = self._opened_at + self._open_s - self._monotonic()
        if left > 0:
            return left
        if self._probing:
            return self._open_s
        self._probing = True
        return 0.0

    def note_success(self) -> None:
        """The provider is well: closed, and the count of failures forgotten."""
        self._failures, self._opened_at, self._probing = 0, None, False

    def note_failure(self) -> None:
        """One more failure in a row; a failed probe opens the breaker again."""
        self._failures += 1
        self._probing = False
        if self._failures >= self._failures_max:
            self._opened_at = self._monotonic()

    def note_abandoned(self) -> None:
        """The request was cancelled and says nothing about the provider."""
        self._probing = False
