"""What ends a stream from our side: its key is revoked."""

import asyncio

from likewise.http.callers import Callers
from likewise.platform.errors import Denied, Fact

__all__ = ["revocation"]


async def revocation(callers: Callers, authorization: str | None, *, every_s: float) -> Denied:
    """Wait until the key is refused, and say so; for ever where there is no key.

    A key that cannot be looked up, because the database is away, is looked up again the next time.
    """
    if authorization is None:
        await asyncio.Event().wait()
    while True:
        await asyncio.sleep(every_s)
        try:
            await callers.of_key(authorization or "")
        except Denied as refusal:
            return refusal
        except Fact:
            continue
