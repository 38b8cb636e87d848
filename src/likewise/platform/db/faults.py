"""What the database says, as facts a caller can act on; decided by SQLSTATE, in this one place."""

from collections.abc import Callable

import psycopg
from psycopg_pool import PoolTimeout

from likewise.platform.errors import Conflict, Fact, Rejected, Unavailable

__all__ = ["DatabaseBusy", "DatabaseFull", "DatabaseUnavailable", "StatementTooSlow", "fact_of"]


class DatabaseUnavailable(Unavailable):
    """The database does not answer ({reason}). Nothing was lost; `likewise db status` tells whether it runs."""


class DatabaseBusy(Unavailable):
    """The database is busy: {reason}. Try again in a moment."""


class DatabaseFull(Unavailable):
    """The database's disk is full. Nothing was lost: free some space and try again; reading still works."""


class StatementTooSlow(Unavailable):
    """The database needed longer than allowed (LIKEWISE_DATABASE_STATEMENT_TIMEOUT_S). Narrow the request."""


class ValueRefused(Rejected):
    """The database cannot store this value: {reason}."""


class AlreadyThere(Conflict):
    """Something with the same key is already there: {reason}."""


class StillReferenced(Conflict):
    """What this refers to is not there, or something still refers to it: {reason}."""


class SchemaMismatch(Unavailable):
    """The database's schema does not fit this version of the program ({reason}). Run `likewise db migrate`."""


# By SQLSTATE, or by the class its first two characters name. Each takes the message and the detail.
_FACTS: dict[str, Callable[[str, str | None], Fact]] = {
    "22": lambda reason, _: ValueRefused(reason=reason),
    "23505": lambda reason, detail: AlreadyThere(reason=detail or reason),
    "23503": lambda reason, detail: StillReferenced(reason=detail or reason),
    "57014": lambda _reason, _detail: StatementTooSlow(),
    **dict.fromkeys(("53100", "58030"), lambda _reason, _detail: DatabaseFull()),
    **dict.fromkeys(("40001", "40P01", "55P03", "53300", "53200"), lambda reason, _: DatabaseBusy(reason=reason)),
    **dict.fromkeys(("42P01", "42703", "42883", "3F000"), lambda reason, _: SchemaMismatch(reason=reason)),
    **dict.fromkeys(("08", "57", "25"), lambda reason, _: DatabaseUnavailable(reason=reason)),
}


def fact_of(error: Exception) -> Fact | None:
    """The fact behind a driver's error, or None where it is a fault of ours and should be seen as one."""
    if isinstance(error, PoolTimeout):
        return DatabaseBusy(reason="every connection is in use")
    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate or ""
    reason = (error.diag.message_primary or str(error) or type(error).__name__).split("\n")[0]
    if isinstance(error, psycopg.DataError) and not state:
        return ValueRefused(reason=reason)  # the driver itself refuses NUL in text
    make = _FACTS.get(state) or _FACTS.get(state[:2])
    if make is not None:
        return make(reason, error.diag.message_detail)
    is_connection = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return DatabaseUnavailable(reason=reason) if is_connection else None
