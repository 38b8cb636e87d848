"""The statements of rate limits."""

from likewise.platform.db import Queries, Tx
from likewise.platform.limits.model import Bucket, Grant

__all__ = ["delete_full_buckets", "take_tokens"]

QUERIES = Queries(__package__ or "")
# A statement may have waited for the row, so its clock may be behind the row's by the statement time-out at most.
_CLOCK_SLACK_US = 60_000_000


async def take_tokens(tx: Tx, bucket: Bucket, *, wanted: int) -> Grant:
    """Take up to `wanted` requests from a bucket, by the database's clock."""
    token_us = bucket.policy.token_us * bucket.cost
    burst_us = bucket.policy.token_us * bucket.policy.capacity
    grant = await tx.fetch_one(
        QUERIES.take_tokens,
        Grant,
        {
            "tenant_id": tx.tenant_id,
            "policy": bucket.policy.name,
            "key": bucket.key,
            "token_us": token_us,
            "burst_us": burst_us,
            "ceiling_us": burst_us + _CLOCK_SLACK_US,
            "wanted": wanted,
            "fresh": min(wanted, burst_us // token_us),
        },
    )
    if grant is None:
        raise RuntimeError("an upsert without a condition returned no row")
    return grant


async def delete_full_buckets(tx: Tx, *, before_us: int, rows_max: int) -> int:
    """Forget up to `rows_max` buckets that were full before this time; how many there were."""
    params = {"tenant_id": tx.tenant_id, "before_us": before_us, "rows_max": rows_max}
    return await tx.execute(QUERIES.delete_full_buckets, params)
