"""The door to rate limits: named policies, decisions exact over all processes, and the headers that report them."""

from likewise.platform.limits.limiter import Limiter, open_limiter
from likewise.platform.limits.model import Decision, Policy, RateLimited, rate_limit_headers
from likewise.platform.limits.settings import LimitsSettings
from likewise.platform.limits.store import delete_full_buckets

__all__ = [
    "Decision",
    "Limiter",
    "LimitsSettings",
    "Policy",
    "RateLimited",
    "delete_full_buckets",
    "open_limiter",
    "rate_limit_headers",
]
