"""What may be asked, and about how many tokens it is."""

import re
from collections.abc import Sequence

import msgspec

from likewise.engine.language.errors import ChatRequestRefused
from likewise.engine.language.model import ChatRequest, Message
from likewise.engine.language.settings import LanguageSettings
from likewise.platform.errors import FieldError

__all__ = ["check_request", "estimate_input_tokens", "estimate_tokens"]

BYTES_PER_TOKEN = 3
"""English has about four bytes to a token: three errs on the dear side, as a budget must."""
MESSAGE_TOKENS = 8
"""What a message costs beside its text: its role and the marks around it."""

_TASK = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_TOOL = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def estimate_tokens(text: str) -> int:
    """A high estimate of the tokens of a text, whatever the model's tokenizer."""
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)


def estimate_input_tokens(request: ChatRequest) -> int:
    """A high estimate of what a request takes in: messages, tools and their schemas."""
    texts = [message.content for message in request.messages]
    texts += [msgspec.json.encode(call).decode() for message in request.messages for call in message.tool_calls]
    texts += [msgspec.json.encode(tool).decode() for tool in request.tools]
    return sum(map(estimate_tokens, texts)) + MESSAGE_TOKENS * (len(request.messages) + len(request.tools) + 1)


def check_request(request: ChatRequest, settings: LanguageSettings) -> None:
    """Refuse what no model could answer. Raises ChatRequestRefused naming the place."""
    if not _TASK.fullmatch(request.task):
        _refuse("/task", "a task is named by up to 40 small letters, digits, '-' and '_', the first a letter")
    for name, count, count_max in (
        ("messages", len(request.messages), settings.messages_max),
        ("passages", len(request.passages), settings.passages_max),
        ("tools", len(request.tools), settings.tools_max),
    ):
        if count > count_max:
            _refuse(f"/{name}", f"{count} {name} are too many; send at most {count_max}")
    if request.tokens_max is not None and not 1 <= request.tokens_max <= settings.answer_tokens_bound:
        _refuse("/tokens_max", f"give 1 to {settings.answer_tokens_bound} tokens")
    if request.temperature is not None and not 0 <= request.temperature <= 2:
        _refuse("/temperature", "give 0 to 2")
    _check_messages(request.messages)
    names = [tool.name for tool in request.tools]
    for place, name in enumerate(names):
        if not _TOOL.fullmatch(name) or name in names[:place]:
            _refuse(f"/tools/{place}/name", "each tool has a name of its own: 1 to 64 letters, digits, '-' and '_'")
    ids = [passage.id for passage in request.passages]
    if len(set(ids)) < len(ids):
        _refuse("/passages", "two passages have the same id")
    size = len(msgspec.json.encode((request.messages, request.passages, request.tools)))
    if size > settings.request_bytes_max:
        _refuse("/messages", f"{size} bytes are too many; send at most {settings.request_bytes_max}")


def _check_messages(messages: Sequence[Message]) -> None:
    if not messages or messages[-1].role not in {"user", "tool"}:
        _refuse("/messages", "the last message is what the model answers: one of role user or tool")
    called: set[str] = set()
    for place, message in enumerate(messages):
        if message.role == "tool" and message.tool_call_id not in called:
            _refuse(f"/messages/{place}/tool_call_id", "a tool's answer follows the call whose id it names")
        if message.tool_calls and message.role != "assistant":
            _refuse(f"/messages/{place}/tool_calls", "only the assistant calls tools")
        called.update(call.id for call in message.tool_calls)


def _refuse(pointer: str, reason: str) -> None:
    raise ChatRequestRefused(reason=f"{reason} ({pointer}).", errors=[FieldError(pointer, reason)])
