"""Settings of the cache."""

from typing import ClassVar

from pydantic import Field, SecretStr

from likewise.platform.config import Section

__all__ = ["CacheSettings"]


class CacheSettings(Section):
    """How much is kept, for how long it is trusted, and the optional second level."""

    section: ClassVar[str] = "cache"

    entries_max: int = Field(20_000, ge=1, description="values a process keeps")
    bytes_max: int = Field(128 * 2**20, ge=1, description="bytes of values a process keeps, as encoded")
    entry_bytes_max: int = Field(4 * 2**20, ge=1, description="bytes of the largest value that is kept")
    tag_age_max_s: float = Field(
        1,
        ge=0,
        description="seconds a tag's version is trusted without asking the database; bounds staleness "
        "where a notification is lost",
    )
    ttl_jitter: float = Field(0.1, ge=0, lt=1, description="share of a time-to-live that is cut off at random")
    compute_timeout_s: float = Field(60, gt=0, description="seconds a value may take to compute")
    computations_max: int = Field(10_000, ge=1, description="values computed at once and shared; others go unshared")
    announcements_max: int = Field(10_000, ge=1, description="bumped tags waiting to be told to other processes")
    redis_url: SecretStr | None = Field(
        None, description="redis://... or valkey://...: a second level for all processes"
    )
    redis_timeout_s: float = Field(0.1, gt=0, description="seconds to wait for the second level before doing without")
    redis_pause_s: float = Field(2, ge=0, description="seconds the second level is left alone after it failed")
    redis_writes_max: int = Field(256, ge=1, description="values on their way to the second level; others are not sent")
