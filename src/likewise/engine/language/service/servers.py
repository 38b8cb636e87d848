"""What a process keeps of language: the configured servers with their connections, and what models cost."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import asynccontextmanager
from contextvars import Context
from typing import TypeVar

from likewise.engine.language import logic
from likewise.engine.language.models import ChatServer, OpenClient, choose_servers
from likewise.engine.language.settings import LanguageSettings
from likewise.platform.egress import operator_policy
from likewise.platform.feature import App

__all__ = ["ChatServers", "open_servers"]

T = TypeVar("T")


class ChatServers:
    """The servers that models are asked at."""

    def __init__(self, servers: Mapping[str, ChatServer], prices: logic.PriceList) -> None:
        self.all = servers
        self.prices = prices
        self._settling: set[asyncio.Task[object]] = set()

    def find(self, model: str) -> ChatServer | None:
        """The server of `server/model`, or None where it is not configured."""
        return self.all.get(model.partition("/")[0])

    def spawn(self, work: Coroutine[object, object, T], *, context: Context | None = None) -> asyncio.Task[T]:
        """Work that goes on where who waits for it is cancelled; closing the servers waits for it."""
        task = asyncio.get_running_loop().create_task(work, context=context)
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)
        return task

    async def close(self) -> None:
        """Close the connections, and wait until everything is settled."""
        await asyncio.gather(*self._settling, return_exceptions=True)
        await asyncio.gather(*(server.close() for server in self.all.values()))


@asynccontextmanager
async def open_servers(app: App) -> AsyncGenerator[ChatServers]:
    """The servers of the settings; a connection is made when somebody asks. Raises ChatMisconfigured."""
    settings = app.settings.get(LanguageSettings)
    # Between two tokens and before the first one the answer's own patience is shorter than this.
    silence_s = settings.first_token_s + settings.next_token_s

    def open_for(url: str) -> OpenClient:
        policy = operator_policy(url)
        return lambda: app.egress.open_client(policy, read_timeout_s=silence_s, redirects_max=0)

    servers = ChatServers(choose_servers(settings, open_for=open_for), logic.PriceList(settings.prices))
    try:
        yield servers
    finally:
        await servers.close()
