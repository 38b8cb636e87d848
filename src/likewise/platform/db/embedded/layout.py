"""Where everything of one home lies.

home/postgres/lock           held while the server is started, stopped or counted
home/postgres/server.lock    held by the server's own processes as long as one of them lives
home/postgres/secrets.json   the passwords (0600)
home/postgres/state.json     which cluster this is, whether it was ever complete, its port
home/postgres/holders/       one locked file per process using the server
home/postgres/stay.json      which running server was asked to stay without holders
home/postgres/location.json  where data and log are, when the server's user cannot enter home
home/postgres/data, log      the database, its log
"""

import hashlib
import os
import secrets
import stat
from pathlib import Path

import msgspec

from likewise.platform.db.embedded.account import Account, account_of, can_enter, server_account
from likewise.platform.db.embedded.binaries import shared_root
from likewise.platform.db.embedded.errors import (
    DataDirectoryOwned,
    DirectoryUnreachable,
    SecretsMissing,
    SocketDirectoryMissing,
)
from likewise.platform.db.embedded.files import read_json, write_json

__all__ = [
    "Layout",
    "Secrets",
    "State",
    "account_for",
    "ensure_layout",
    "ensure_secrets",
    "ensure_state",
    "find_layout",
    "read_secrets",
    "socket_directory",
]

_PASSWORD_BYTES = 24
_SOCKET_PARENTS = ("/tmp", "/var/tmp")  # noqa: S108 - a short path is needed; owner and mode are checked below
_SOCKET_NAMES_MAX = 8


class Layout(msgspec.Struct, frozen=True):
    """The paths of one home; `private` holds what only the server's user may read."""

    home: Path
    private: Path

    @property
    def root(self) -> Path:
        """Our own files."""
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        """The database."""
        return self.private / "data"

    @property
    def log(self) -> Path:
        """The server's log files."""
        return self.private / "log"

    @property
    def start_log(self) -> Path:
        """What the server said before its log was open."""
        return self.log / "start.log"

    @property
    def lock(self) -> Path:
        """Held while the server is started, stopped or counted."""
        return self.root / "lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server's processes."""
        return self.root / "server.lock"

    @property
    def secrets(self) -> Path:
        """The passwords."""
        return self.root / "secrets.json"

    @property
    def state(self) -> Path:
        """Which cluster this is."""
        return self.root / "state.json"

    @property
    def holders(self) -> Path:
        """One file per process using the server."""
        return self.root / "holders"

    @property
    def stay(self) -> Path:
        """Which running server was asked to stay."""
        return self.root / "stay.json"

    @property
    def passwords(self) -> Path:
        """The owner's password as psql reads it."""
        return self.root / "pgpass"


class Secrets(msgspec.Struct, frozen=True):
    """The passwords of one cluster; never shown."""

    superuser_password: str
    owner_password: str

    def __repr__(self) -> str:
        return "Secrets(...)"


class State(msgspec.Struct, frozen=True):
    """Which cluster belongs here. `established`: it was complete once, so it must never be replaced by an empty one."""

    cluster_id: str
    established: bool = False
    port: int | None = None


class _Location(msgspec.Struct, frozen=True):
    directory: str


def find_layout(home: Path) -> Layout:
    """The paths of `home`; nothing is made or changed."""
    home = home.expanduser().resolve()
    pointer = read_json(home / "postgres" / "location.json", _Location)
    return Layout(home=home, private=Path(pointer.directory) if pointer else home / "postgres")


def ensure_layout(home: Path) -> Layout:
    """Make the directories of our own files. The caller holds no lock yet."""
    layout = find_layout(home)
    layout.home.mkdir(parents=True, exist_ok=True)
    layout.root.mkdir(mode=0o755, exist_ok=True)
    layout.holders.mkdir(mode=0o700, exist_ok=True)
    return layout


def account_for(layout: Layout) -> tuple[Layout, Account]:
    """The user that runs the server of this home, and where its data lies (decided once, under the lock).

    Data that exists decides: it keeps its owner. Raises UserMissing, DataDirectoryOwned,
    DirectoryUnreachable.
    """
    account = server_account()
    if layout.data.exists():
        owner = layout.data.stat().st_uid
        if owner not in {os.geteuid(), account.uid}:
            if os.geteuid() != 0:
                raise DataDirectoryOwned(path=layout.data, owner=account_of(owner).name, user=account.name)
            account = account_of(owner)
    elif account.foreign and layout.private == layout.root:
        layout.root.chmod(0o755)  # each secret in it is closed by itself
        if not can_enter(account, layout.root):
            layout = _elsewhere(layout, account)
    if layout.private != layout.root:
        _make_private(layout, account)
    layout.log.mkdir(mode=0o700, exist_ok=True)
    os.chown(layout.log, *account.owner)
    return layout, account


def _elsewhere(layout: Layout, account: Account) -> Layout:
    """Choose a directory the user can enter and write it down first: a directory without a pointer is never used."""
    fallback = shared_root() / "homes"
    name = f"{_home_key(layout.home)}-{secrets.token_hex(4)}"
    moved = Layout(home=layout.home, private=fallback / name)
    write_json(layout.root / "location.json", _Location(directory=str(moved.private)))
    try:
        _make_private(moved, account)
    except OSError as error:
        reason = error
    else:
        if can_enter(account, moved.private):
            return moved
        reason = "it cannot be entered either"
    (layout.root / "location.json").unlink()
    raise DirectoryUnreachable(user=account.name, path=layout.root, fallback=fallback, reason=reason)


def _make_private(layout: Layout, account: Account) -> None:
    for directory in (layout.private.parent.parent, layout.private.parent, layout.private):
        directory.mkdir(mode=0o755, parents=True, exist_ok=True)
        if directory.stat().st_uid == os.geteuid():
            directory.chmod(0o755 if directory != layout.private else 0o700)
    os.chown(layout.private, *account.owner)


def _home_key(home: Path) -> str:
    return hashlib.sha256(os.fsencode(home)).hexdigest()[:12]


def ensure_secrets(layout: Layout, *, data_exists: bool) -> Secrets:
    """The passwords, made on first use. Raises SecretsMissing where there is data but they are gone."""
    found = read_json(layout.secrets, Secrets)
    if found is not None:
        return found
    if data_exists:
        raise SecretsMissing(path=layout.secrets, data=layout.data)
    made = Secrets(
        superuser_password=secrets.token_urlsafe(_PASSWORD_BYTES),
        owner_password=secrets.token_urlsafe(_PASSWORD_BYTES),
    )
    write_json(layout.secrets, made)
    return made


def read_secrets(layout: Layout) -> Secrets:
    """The passwords. Raises SecretsMissing."""
    return ensure_secrets(layout, data_exists=True)


def ensure_state(layout: Layout, *, cluster_id: str | None) -> State:
    """Which cluster belongs here. On first use a new name, or `cluster_id` if the data bears one."""
    found = read_json(layout.state, State)
    if found is None:
        found = State(cluster_id=cluster_id or secrets.token_hex(8))
        write_json(layout.state, found)
    return found


def socket_directory(layout: Layout, account: Account) -> Path:
    """A short directory (socket paths end near 100 characters) that only the server's user and root can enter.

    /tmp belongs to everybody: a directory of another owner, or open to others, is passed over for another
    name.
    """
    problem: OSError | str = "every name is taken"
    for parent in _SOCKET_PARENTS:
        base = Path(parent) / f"likewise-{account.uid}-{_home_key(layout.home)}"
        for attempt in range(_SOCKET_NAMES_MAX):
            directory = base if attempt == 0 else base.with_name(f"{base.name}-{attempt}")
            try:
                directory.mkdir(mode=0o700, exist_ok=True)
                status = directory.lstat()
                if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {account.uid, os.geteuid()}:
                    continue
                directory.chmod(0o700)
                os.chown(directory, *account.owner)
            except OSError as error:
                problem = error
                continue
            return directory
    raise SocketDirectoryMissing(reason=problem)
