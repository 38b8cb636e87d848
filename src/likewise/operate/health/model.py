"""The nouns of health."""

from datetime import datetime
from typing import Literal

import msgspec

from likewise.platform.feature import Health

__all__ = ["Figures", "Report"]


class Figures(msgspec.Struct, frozen=True):
    """How much a tenant has. `pending`: texts that wait for their vector; `database_bytes` is the whole database's."""

    items: int
    passages: int
    pending: int
    collections: int
    database_bytes: int


class Report(msgspec.Struct, frozen=True):
    """Every check as it was at one moment; the worst one gives the status."""

    status: Literal["ok", "degraded", "failing"]
    as_of: datetime
    checks: list[Health]
    figures: Figures
