"""The port: what a chat model is to everybody else, whoever serves it."""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Protocol, TypeAlias

import httpx
import msgspec

from likewise.engine.language.model import Message, StopReason, TextDelta, Tool, ToolCall

__all__ = ["Alive", "Asked", "ChatModel", "Dialect", "Ended", "OpenClient", "Reader", "Usage", "WireEvent"]

OpenClient: TypeAlias = Callable[[], httpx.AsyncClient]
"""Opens an HTTP client whose requests the egress guard watches; whoever opens one closes it."""


class Asked(msgspec.Struct, frozen=True):
    """One request to a model by its server's own name for it. `label` is ours: server/model."""

    model: str
    label: str
    messages: Sequence[Message]
    tools: Sequence[Tool]
    tokens_max: int
    temperature: float | None


class Alive(msgspec.Struct, frozen=True):
    """The model works, though nothing of its answer can be shown yet: it thinks, or writes a tool's arguments."""


class Usage(msgspec.Struct, frozen=True):
    """Tokens so far as the provider counts them; None where it did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None


class Ended(msgspec.Struct, frozen=True):
    """The model said that its answer is complete, and why."""

    reason: StopReason


WireEvent: TypeAlias = TextDelta | ToolCall | Alive | Usage | Ended


class Reader(Protocol):
    """Reads one answer's stream of server-sent events."""

    def feed(self, name: str, data: str) -> Sequence[WireEvent]:
        """What one event says. Raises ChatBroken, ChatBusy, ChatFailed."""
        ...

    def finish(self) -> Sequence[WireEvent]:
        """What is left to say once the stream has ended. Raises ChatBroken where it broke off."""
        ...

    @property
    def is_complete(self) -> bool:
        """Whether the stream has said that nothing follows."""
        ...


class Dialect(Protocol):
    """How one kind of server is spoken to."""

    path: str

    def encode(self, asked: Asked) -> bytes:
        """The JSON body of a request."""
        ...

    def reader(self, label: str) -> Reader:
        """A reader for the answer."""
        ...


class ChatModel(Protocol):
    """Answers requests, piece by piece."""

    def stream(self, asked: Asked) -> AsyncGenerator[WireEvent]:
        """The answer as it comes; closing the generator ends the request. Ends with Ended, or raises ProviderTrouble.

        Raises ChatRefused (the request is at fault), ChatDenied (the key is), ChatBusy, ChatFailed (nothing was done),
        ChatTimedOut, ChatBroken (the provider may have billed it).
        """
        ...
