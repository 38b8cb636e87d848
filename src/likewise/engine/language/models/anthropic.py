"""The dialect of Anthropic's POST /messages."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from likewise.engine.language.errors import ChatBroken, ChatBusy, ChatFailed
from likewise.engine.language.model import Message, StopReason, TextDelta, ToolCall
from likewise.engine.language.models.openai import read_arguments
from likewise.engine.language.models.port import Alive, Asked, Ended, Usage, WireEvent

__all__ = ["VERSION", "Anthropic"]

VERSION = "2023-06-01"
_REASONS: dict[str, StopReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "refused",
}
_OVERLOADED_S = 5.0
_ARGUMENTS_CHARACTERS_MAX = 2**20


class _Usage(msgspec.Struct, frozen=True):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class _Begun(msgspec.Struct, frozen=True):
    usage: _Usage | None = None


class _Block(msgspec.Struct, frozen=True):
    type: str = ""
    id: str = ""
    name: str = ""
    text: str = ""


class _Delta(msgspec.Struct, frozen=True):
    type: str = ""
    text: str = ""
    partial_json: str = ""
    stop_reason: str | None = None


class _Error(msgspec.Struct, frozen=True):
    type: str = ""
    message: str = "no reason given"


class _Event(msgspec.Struct, frozen=True):
    type: str = ""
    index: int = 0
    message: _Begun | None = None
    content_block: _Block | None = None
    delta: _Delta | None = None
    usage: _Usage | None = None
    error: _Error | None = None


class Anthropic:
    """System messages go by themselves; a tool's answer is a block of a user's turn."""

    path = "/messages"

    def encode(self, asked: Asked) -> bytes:
        """The JSON body of a request."""
        body: dict[str, Any] = {
            "model": asked.model,
            "messages": _turns(asked.messages),
            "max_tokens": asked.tokens_max,
            "stream": True,
        }
        system = "\n\n".join(message.content for message in asked.messages if message.role == "system")
        if system:
            body["system"] = system
        if asked.temperature is not None:
            body["temperature"] = min(1.0, asked.temperature)  # its scale ends at 1
        if asked.tools:
            body["tools"] = [
                {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
                for tool in asked.tools
            ]
        return msgspec.json.encode(body)

    def reader(self, label: str) -> "AnthropicReader":
        """A reader for the answer."""
        return AnthropicReader(label)


class _Call:
    """A tool call whose arguments come in pieces."""

    def __init__(self, block: _Block) -> None:
        self.id = block.id
        self.name = block.name
        self.arguments: list[str] = []
        self.size = 0


class AnthropicReader:
    """Reads blocks as they come; a call is told when its block ends."""

    is_complete = False

    def __init__(self, label: str) -> None:
        self._label = label
        self._calls: dict[int, _Call] = {}
        self._reason: StopReason | None = None
        self._kinds: dict[str, Callable[[_Event], Sequence[WireEvent]]] = {
            "message_start": lambda event: (_usage(event.message.usage if event.message else None),),
            "content_block_start": self._begin,
            "content_block_delta": self._continue,
            "content_block_stop": self._close,
            "message_delta": self._note_reason,
            "message_stop": self._complete,
            "error": self._fail,
            "ping": lambda _: (),  # it says that the connection lives, not that the model does
        }

    def feed(self, name: str, data: str) -> Sequence[WireEvent]:
        """What one event says; kinds we do not know are signs of life."""
        try:
            event = msgspec.json.decode(data, type=_Event)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise ChatBroken(model=self._label, reason=f"a part of it is not of the expected form ({error})") from None
        tell = self._kinds.get(event.type or name)
        return (Alive(),) if tell is None else tell(event)

    def finish(self) -> Sequence[WireEvent]:
        """Why the answer ended."""
        if self._reason is None or self._calls:
            raise ChatBroken(model=self._label, reason="it broke off")
        return (Ended(self._reason),)

    def _begin(self, event: _Event) -> Sequence[WireEvent]:
        block = event.content_block or _Block()
        if block.type == "tool_use":
            self._calls[event.index] = _Call(block)
        return (TextDelta(block.text),) if block.text else (Alive(),)

    def _continue(self, event: _Event) -> Sequence[WireEvent]:
        delta = event.delta or _Delta()
        if delta.type == "text_delta" and delta.text:
            return (TextDelta(delta.text),)
        call = self._calls.get(event.index)
        if delta.type == "input_json_delta" and call is not None:
            call.arguments.append(delta.partial_json)
            call.size += len(delta.partial_json)
            if call.size > _ARGUMENTS_CHARACTERS_MAX:
                raise ChatBroken(model=self._label, reason="a tool's arguments are too long")
        return (Alive(),)

    def _close(self, event: _Event) -> Sequence[WireEvent]:
        call = self._calls.pop(event.index, None)
        return (Alive(),) if call is None else (self._finished(call),)

    def _note_reason(self, event: _Event) -> Sequence[WireEvent]:
        if event.delta is not None and event.delta.stop_reason is not None:
            self._reason = _REASONS.get(event.delta.stop_reason, "stop")
        return (_usage(event.usage),)

    def _complete(self, event: _Event) -> Sequence[WireEvent]:
        del event
        self.is_complete = True
        return ()

    def _fail(self, event: _Event) -> Sequence[WireEvent]:
        error = event.error or _Error()
        if error.type in {"overloaded_error", "rate_limit_error"}:
            raise ChatBusy(model=self._label, retry_after_s=_OVERLOADED_S)
        raise ChatFailed(model=self._label, reason=error.message[:300])

    def _finished(self, call: _Call) -> ToolCall:
        arguments = read_arguments("".join(call.arguments), tool=call.name, label=self._label)
        return ToolCall(id=call.id, name=call.name, arguments=arguments)


def _usage(told: _Usage | None) -> Usage:
    """Tokens read from a cache count as input like any others."""
    if told is None:
        return Usage()
    parts = (told.input_tokens, told.cache_creation_input_tokens, told.cache_read_input_tokens)
    counted = [part for part in parts if part is not None and 0 <= part < 2**31]
    output = told.output_tokens
    return Usage(
        sum(counted) if told.input_tokens is not None and counted else None,
        output if output is not None and 0 <= output < 2**31 else None,
    )


def _turns(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Turns of user and assistant; what follows each other by the same one is one turn."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "system":
            continue
        role = "assistant" if message.role == "assistant" else "user"
        blocks = _blocks(message)
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": role, "content": blocks})
    return turns


def _blocks(message: Message) -> list[dict[str, Any]]:
    """A message's content; empty text is not allowed there."""
    if message.role == "tool":
        return [{"type": "tool_result", "tool_use_id": message.tool_call_id, "content": message.content}]
    blocks: list[dict[str, Any]] = [{"type": "text", "text": message.content}] if message.content.strip() else []
    blocks += [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments} for call in message.tool_calls
    ]
    return blocks
