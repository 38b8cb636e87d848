"""The verbs of language: ask, and be told what asking costs and would cost."""

from likewise.engine.language.service.chatting import chat, open_chat, stream_chat
from likewise.engine.language.service.costing import list_costs, roll_up_calls, what_if
from likewise.engine.language.service.routing import (
    get_routing,
    is_model_configured,
    list_models,
    put_routing,
    reset_routing,
)
from likewise.engine.language.service.servers import ChatServers, open_servers

__all__ = [
    "ChatServers",
    "chat",
    "get_routing",
    "is_model_configured",
    "list_costs",
    "list_models",
    "open_chat",
    "open_servers",
    "put_routing",
    "reset_routing",
    "roll_up_calls",
    "stream_chat",
    "what_if",
]
