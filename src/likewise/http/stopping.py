"""Word that the server is about to stop, for answers that would otherwise go on for ever."""

import asyncio

__all__ = ["Stopping"]


class Stopping:
    """Kept by the app; streams end when its event is set."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
