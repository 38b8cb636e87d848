"""Settings of rate limits."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from likewise.platform.config import Section

__all__ = ["LimitsSettings"]


class PolicyOverride(BaseModel):
    """Another size for a named policy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: int = Field(ge=1, description="requests per period")
    period_s: float = Field(gt=0, description="seconds")
    burst: int = Field(0, ge=0, description="requests at once; 0: as many as amount")


class LimitsSettings(Section):
    """How rate limits count, and how large each policy is here."""

    section: ClassVar[str] = "limits"

    backend: Literal["database", "redis"] = Field("database", description="where buckets are kept; both count exactly")
    redis_url: SecretStr | None = Field(None, description="redis://... or valkey://..., for the redis backend")
    redis_timeout_s: float = Field(0.5, gt=0, description="seconds to wait for Redis before answering 503")
    overrides: dict[str, PolicyOverride] = Field(
        default_factory=dict[str, PolicyOverride],
        description='policy name to its size here, as JSON: {"search": {"amount": 600, "period_s": 60}}',
    )
    refusals_max: int = Field(100_000, ge=1, description="refused buckets remembered by a process, to spare queries")
    waiting_max: int = Field(10_000, ge=1, description="requests of one process that may wait for one bucket")
