"""The dialect of OpenAI's POST /chat/completions, which many servers speak."""

from collections.abc import Sequence
from typing import Any

import msgspec

from likewise.engine.language.errors import ChatBroken, ChatFailed
from likewise.engine.language.model import Message, StopReason, TextDelta, ToolCall
from likewise.engine.language.models.port import Alive, Asked, Ended, Usage, WireEvent

__all__ = ["OpenAI"]

_DONE = "[DONE]"
_REASONS: dict[str, StopReason] = {
    "stop": "stop",
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "refused",
}
_TOOL_CALLS_MAX = 128
_ARGUMENTS_CHARACTERS_MAX = 2**20


class _Function(msgspec.Struct, frozen=True):
    name: str | None = None
    arguments: str | None = None


class _CallPart(msgspec.Struct, frozen=True):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Delta(msgspec.Struct, frozen=True):
    role: str | None = None
    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    refusal: str | None = None
    tool_calls: list[_CallPart] | None = None


class _Choice(msgspec.Struct, frozen=True):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Usage(msgspec.Struct, frozen=True):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Error(msgspec.Struct, frozen=True):
    message: str | None = None


class _Chunk(msgspec.Struct, frozen=True):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: _Error | str | None = None


class OpenAI:
    """`is_original`: OpenAI's own server, whose newer models know the bound of an answer by another name."""

    path = "/chat/completions"

    def __init__(self, *, is_original: bool, asks_usage: bool) -> None:
        self._bound = "max_completion_tokens" if is_original else "max_tokens"
        self._asks_usage = asks_usage

    def encode(self, asked: Asked) -> bytes:
        """The JSON body of a request."""
        body: dict[str, Any] = {
            "model": asked.model,
            "messages": [_message(message) for message in asked.messages],
            "stream": True,
            self._bound: asked.tokens_max,
        }
        if self._asks_usage:
            body["stream_options"] = {"include_usage": True}
        if asked.temperature is not None:
            body["temperature"] = asked.temperature
        if asked.tools:
            body["tools"] = [
                {
                    "type": "function",
                    "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
                }
                for tool in asked.tools
            ]
        return msgspec.json.encode(body)

    def reader(self, label: str) -> "OpenAIReader":
        """A reader for the answer."""
        return OpenAIReader(label)


class _Call:
    """A tool call whose arguments come in pieces."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments: list[str] = []
        self.size = 0


class OpenAIReader:
    """Puts chunks together; calls are told once the answer has ended, for only then are their arguments whole."""

    is_complete = False

    def __init__(self, label: str) -> None:
        self._label = label
        self._calls: dict[int, _Call] = {}
        self._reason: StopReason | None = None

    def feed(self, name: str, data: str) -> Sequence[WireEvent]:
        """What one chunk says."""
        del name
        if data.strip() == _DONE:
            self.is_complete = True
            return ()
        try:
            chunk = msgspec.json.decode(data, type=_Chunk)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise ChatBroken(model=self._label, reason=f"a part of it is not of the expected form ({error})") from None
        if chunk.error is not None:
            said = chunk.error if isinstance(chunk.error, str) else chunk.error.message or "no reason given"
            raise ChatFailed(model=self._label, reason=said[:300])
        found: list[WireEvent] = []
        if chunk.usage is not None:
            found.append(Usage(_count(chunk.usage.prompt_tokens), _count(chunk.usage.completion_tokens)))
        for choice in (chunk.choices or ())[:1]:
            found += self._read_choice(choice)
        return found or (() if _is_greeting(chunk) else (Alive(),))

    def finish(self) -> Sequence[WireEvent]:
        """The tool calls, and why the answer ended."""
        if self._reason is None:
            raise ChatBroken(model=self._label, reason="it broke off")
        calls = [self._finished(call) for _, call in sorted(self._calls.items())]
        reason = "tool_calls" if calls and self._reason == "stop" else self._reason
        return *calls, Ended(reason)

    def _read_choice(self, choice: _Choice) -> list[WireEvent]:
        found: list[WireEvent] = []
        delta = choice.delta or _Delta()
        text = (delta.content or "") + (delta.refusal or "")
        if text:
            found.append(TextDelta(text))
        for part in delta.tool_calls or ():
            self._add(part)
        if choice.finish_reason is not None:
            self._reason = "refused" if delta.refusal else _REASONS.get(choice.finish_reason, "stop")
        return found

    def _add(self, part: _CallPart) -> None:
        """Add a piece of a call. Some servers leave the index out and send each call whole."""
        place = part.index if part.index is not None else len(self._calls) - (0 if part.id or not self._calls else 1)
        if place not in self._calls and len(self._calls) >= _TOOL_CALLS_MAX:
            raise ChatBroken(model=self._label, reason=f"it calls more than {_TOOL_CALLS_MAX} tools")
        call = self._calls.setdefault(place, _Call())
        call.id = part.id or call.id
        function = part.function or _Function()
        call.name = call.name or function.name or ""
        if function.arguments:
            call.arguments.append(function.arguments)
            call.size += len(function.arguments)
        if call.size > _ARGUMENTS_CHARACTERS_MAX:
            raise ChatBroken(model=self._label, reason="a tool's arguments are too long")

    def _finished(self, call: _Call) -> ToolCall:
        return ToolCall(
            id=call.id or f"call_{call.name}",
            name=call.name,
            arguments=read_arguments("".join(call.arguments), tool=call.name, label=self._label),
        )


def read_arguments(text: str, *, tool: str, label: str) -> dict[str, Any]:
    """A call's arguments; nothing at all stands for none. Raises ChatBroken where they are no JSON object."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any]) if text.strip() else {}
    except (msgspec.MsgspecError, UnicodeError):
        raise ChatBroken(model=label, reason=f"the arguments of its call of {tool!r} are no JSON object") from None


def _is_greeting(chunk: _Chunk) -> bool:
    """Whether a chunk only says who speaks, as the first one does before the model has done anything."""
    deltas = [choice.delta for choice in chunk.choices or () if choice.delta is not None]
    return any(delta.role and not delta.reasoning and not delta.reasoning_content for delta in deltas)


def _count(tokens: int | None) -> int | None:
    """A count as it may be believed."""
    return tokens if tokens is not None and 0 <= tokens < 2**31 else None


def _message(message: Message) -> dict[str, Any]:
    told: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        told["content"] = message.content or None
        told["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": msgspec.json.encode(call.arguments).decode()},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        told["tool_call_id"] = message.tool_call_id
    return told
