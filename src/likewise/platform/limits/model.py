"""The nouns of rate limits, and the headers that tell a client how it stands."""

from math import ceil
from uuid import UUID

import msgspec

from likewise.platform.errors import Limited, Rejected, Unavailable

__all__ = [
    "Bucket",
    "CostTooHigh",
    "Decision",
    "Grant",
    "LimiterOverloaded",
    "LimiterUnavailable",
    "Policy",
    "RateLimited",
    "rate_limit_headers",
]

_SECOND_US = 1_000_000


class RateLimited(Limited):
    """The limit {policy!r} of {limit} requests per {window_s:g} s is used up. Try again in {retry_after_s:.3g} s."""

    def __init__(self, decision: "Decision") -> None:
        super().__init__(
            retry_after_s=decision.retry_after_s,
            policy=decision.policy,
            limit=decision.limit,
            window_s=decision.window_s,
        )
        self.decision = decision


class CostTooHigh(Rejected):
    """A request that costs {cost} can never pass the limit {policy!r}, which allows {capacity} at once. Split it, or
    raise the policy's burst in LIKEWISE_LIMITS_OVERRIDES.
    """


class LimiterOverloaded(Unavailable):
    """{waiting_max} requests wait for the limit {policy!r} already. Try again in a second."""


class LimiterUnavailable(Unavailable):
    """Rate limits cannot be counted: {reason}. Bring the server of LIKEWISE_LIMITS_REDIS_URL back, or set
    LIKEWISE_LIMITS_BACKEND=database.
    """


class Policy(msgspec.Struct, frozen=True):
    """`amount` requests per `period_s` seconds, steadily; at most `burst` at once (0: as many as `amount`)."""

    name: str
    amount: int
    period_s: float
    burst: int = 0

    def __post_init__(self) -> None:
        if self.amount < 1 or self.period_s <= 0 or self.burst < 0:
            raise ValueError(f"policy {self.name}: amount and period_s must be positive, burst not negative")

    @property
    def capacity(self) -> int:
        """Tokens in a full bucket."""
        return self.burst or self.amount

    @property
    def token_us(self) -> int:
        """Microseconds in which one token comes back; rounded up, so that rounding never admits more."""
        return max(1, ceil(self.period_s * _SECOND_US / self.amount))


class Bucket(msgspec.Struct, frozen=True):
    """What is counted: one key of one policy of one tenant, for requests of one cost."""

    tenant_id: UUID
    policy: Policy
    key: str
    cost: int = 1


class Grant(msgspec.Struct, frozen=True):
    """How a bucket stands after requests were taken from it; times by the counting server's clock."""

    granted: int
    full_at_us: int
    asked_at_us: int


class Decision(msgspec.Struct, frozen=True):
    """Whether a request may pass. `remaining` counts tokens; `retry_after_s` is 0 where it is allowed."""

    policy: str
    allowed: bool
    limit: int
    window_s: float
    remaining: int
    reset_after_s: float
    retry_after_s: float


def rate_limit_headers(*decisions: Decision) -> dict[str, str]:
    """The headers for an answer under these decisions (draft-ietf-httpapi-ratelimit-headers, structured fields).

    `RateLimit-Policy` gives quota and window, `RateLimit` what remains and the seconds until the bucket is full, and
    `Retry-After`, where a decision refuses, whole seconds.
    """
    headers = {
        "RateLimit-Policy": ", ".join(f"{_quoted(d.policy)};q={d.limit};w={ceil(d.window_s)}" for d in decisions),
        "RateLimit": ", ".join(
            f"{_quoted(d.policy)};r={d.remaining};t={ceil(d.retry_after_s or d.reset_after_s)}" for d in decisions
        ),
    }
    waits = [d.retry_after_s for d in decisions if not d.allowed]
    if waits:
        headers["Retry-After"] = str(max(1, ceil(max(waits))))
    return headers


def _quoted(name: str) -> str:
    """A structured-field string: printable ASCII, quotes and backslashes escaped."""
    plain = name.encode("ascii", "replace").decode("ascii")
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
