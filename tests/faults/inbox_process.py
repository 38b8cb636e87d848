"""Processes that send answers, for test_inbox_faults: each runs the outbox until it is killed.

`inbox_process.py URL SECRET HOME RECEIVER MODE COUNT` forks COUNT of them, so that what they import is imported once,
and ends with the last. MODE `marked`: what is sent counts as delivered before it is sent; `renamed`: every attempt goes
under an id of its own.
"""

import asyncio
import os
import sys
from pathlib import Path
from uuid import UUID

import httpx
import msgspec

from likewise.app import Server, open_app
from likewise.apps.inbox import store
from likewise.apps.inbox.service import outbox, run_outbox
from likewise.platform.config import Settings
from likewise.platform.feature import App
from likewise.platform.ids import new_id
from likewise.platform.telemetry import configure_logs

__all__ = ["SENDING"]

SENDING: dict[str, object] = {
    "embedding_model": "fake",
    "database_pool_max": 4,
    "inbox_senders": 4,
    "inbox_outbox_batch": 12,
    "inbox_outbox_poll_s": 0.05,
    "inbox_lease_s": 1.5,
    "inbox_send_timeout_s": 0.5,
    "inbox_retry_first_s": 0.02,
    "inbox_retry_longest_s": 0.1,
    "inbox_attempts_max": 10_000,
}


async def main(url: str, secret: str, home: str, receiver: str, mode: str) -> None:
    """Say `ready PID`, then send until killed."""
    configure_logs(level="error", style="json")
    if mode == "marked":
        _mark_before_sending()
    elif mode == "renamed":
        _rename_every_attempt()
    settings = Settings(
        SENDING | {"home": Path(home), "egress_public_hosts": (receiver,)}, file=Path("/nonexistent/likewise.toml")
    )
    server = Server(url, bytes.fromhex(secret), embedded=True, release=lambda: None)
    async with open_app(settings, server=server) as app:
        os.write(1, f"ready {os.getpid()}\n".encode())  # at once: lines of several processes do not mix
        await run_outbox(app)


def _mark_before_sending() -> None:
    send = outbox._send

    async def marking(app: App, client: httpx.AsyncClient, tenant_id: UUID, parcel: store.Parcel) -> outbox._Answer:
        async with app.db.tenant(tenant_id) as tx:
            await store.delete_outbox(tx, delivery_ids=[parcel.id])
            await store.end_deliveries(tx, outcomes=[store.Outcome(parcel.id, "delivered", 1)])
        return await send(app, client, tenant_id, parcel)

    outbox._send = marking


def _rename_every_attempt() -> None:
    send = outbox._send

    async def renaming(app: App, client: httpx.AsyncClient, tenant_id: UUID, parcel: store.Parcel) -> outbox._Answer:
        return await send(app, client, tenant_id, msgspec.structs.replace(parcel, id=new_id()))

    outbox._send = renaming


if __name__ == "__main__":
    for _ in range(int(sys.argv[6])):
        if os.fork() == 0:
            asyncio.run(main(*sys.argv[1:6]))
    for _ in range(int(sys.argv[6])):
        os.wait()
