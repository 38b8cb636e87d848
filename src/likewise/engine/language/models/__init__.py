"""Chat models behind one port: two dialects over HTTP, and the extractive model that needs nobody."""

from likewise.engine.language.models.choose import choose_servers
from likewise.engine.language.models.extractive import NOTHING_SUPPORTS, Likeness, extract
from likewise.engine.language.models.port import Alive, Asked, ChatModel, Ended, OpenClient, Usage, WireEvent
from likewise.engine.language.models.server import ChatServer

__all__ = [
    "NOTHING_SUPPORTS",
    "Alive",
    "Asked",
    "ChatModel",
    "ChatServer",
    "Ended",
    "Likeness",
    "OpenClient",
    "Usage",
    "WireEvent",
    "choose_servers",
    "extract",
]
