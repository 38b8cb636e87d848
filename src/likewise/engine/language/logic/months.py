"""Months in UTC, by which money is counted."""

from datetime import UTC, date, datetime, timedelta

from likewise.engine.language.errors import ChatRequestRefused
from likewise.platform.errors import FieldError

__all__ = ["month_of", "months_back", "next_month", "read_month"]


def month_of(moment: datetime) -> date:
    """The first day of a moment's month."""
    return moment.astimezone(UTC).date().replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month + timedelta(days=32)).replace(day=1)


def months_back(month: date, count: int) -> date:
    """The first day of the month `count` months before."""
    number = month.year * 12 + month.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def read_month(text: str) -> date:
    """`2026-10` as the first day of that month. Raises ChatRequestRefused."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        reason = "a month reads 2026-10"
        raise ChatRequestRefused(reason=f"{reason}.", errors=[FieldError("/month", reason)]) from None
