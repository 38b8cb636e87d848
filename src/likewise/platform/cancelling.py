"""Loops that end when they are cancelled, also where what they wait for has kept that to itself.

A wait that ends at the very moment it is cancelled may return instead of raising: a pool hands over the connection, a
condition the lock. A loop that goes on then never hears of it again, and whoever stops it waits for ever.
"""

import asyncio

__all__ = ["heed_cancel"]


def heed_cancel() -> None:
    """Raise CancelledError if the task that calls this was cancelled. Loops call it once in each round."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
