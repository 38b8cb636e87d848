"""What time it is, as a thing that can be replaced: tests fix it and move it by hand."""

from datetime import UTC, datetime, timedelta

__all__ = ["Clock", "FixedClock"]


class Clock:
    """The wall clock, in UTC."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock(Clock):
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        """Move the clock forward (or back, with a negative span)."""
        self._at += by
