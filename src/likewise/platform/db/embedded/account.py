"""The user the server runs as. Postgres refuses root, so root hands it to a user without privileges."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec

from likewise.platform.db.embedded.errors import UserMissing

__all__ = [
    "USER_VARIABLE",
    "Account",
    "account_of",
    "can_enter",
    "run_as",
    "server_account",
    "server_environment",
]

USER_VARIABLE = "LIKEWISE_POSTGRES_USER"
_USUAL_USERS = ("postgres", "nobody")


class Account(msgspec.Struct, frozen=True):
    """A user of this machine; `foreign` where it is not the user running us."""

    name: str
    uid: int
    gid: int

    @property
    def foreign(self) -> bool:
        """Whether we have to change to this user before running the server."""
        return self.uid != os.geteuid()

    @property
    def owner(self) -> tuple[int, int]:
        """(uid, gid), as chown wants it."""
        return self.uid, self.gid


def server_account() -> Account:
    """Ourselves; as root the user LIKEWISE_POSTGRES_USER names, or `postgres`, or `nobody`. Raises UserMissing."""
    if os.geteuid() != 0:
        return account_of(os.geteuid())
    wanted = os.environ.get(USER_VARIABLE)
    for name in (wanted,) if wanted else _USUAL_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise UserMissing(user=wanted or " or ".join(_USUAL_USERS))


def account_of(uid: int) -> Account:
    """The user with this number, named by it where the machine does not know it."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(name=str(uid), uid=uid, gid=os.getegid() if uid == os.geteuid() else uid)
    return Account(name=entry.pw_name, uid=uid, gid=entry.pw_gid if uid != os.geteuid() else os.getegid())


def server_environment() -> dict[str, str]:
    """Nothing of the caller's: PG* variables, locales and library paths of his must not reach the server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def run_as(account: Account, argv: Sequence[str | Path], *, cwd: Path = Path("/")) -> subprocess.CompletedProcess[str]:
    """Run a program to its end as this user, output captured.

    The working directory is never the caller's, which the user may not be able to enter.
    """
    return subprocess.run(  # noqa: S603 - no shell, words of ours
        [str(word) for word in argv],
        cwd=cwd,
        env=server_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        user=account.uid if account.foreign else None,
        group=account.gid if account.foreign else None,
        extra_groups=[] if account.foreign else None,
    )


def can_enter(account: Account, directory: Path) -> bool:
    """Whether this user can pass through `directory`: asked of the kernel, which also knows access lists."""
    return run_as(account, ["/bin/sh", "-c", 'cd -- "$1"', "sh", directory]).returncode == 0
