"""What callers send to a chat model, and how its answer looks."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from likewise.engine.language.model import (
    ChatAnswer,
    ChatRequest,
    Citation,
    Difficulty,
    Finished,
    Message,
    Passage,
    Role,
    Routing,
    Tool,
    ToolCall,
)

__all__ = [
    "ChatBody",
    "ChatPassage",
    "ChatReply",
    "ChatTool",
    "ChatTrouble",
    "ChatTurn",
    "WhatIfBody",
    "chat_reply",
    "request_of",
]


class ChatTurn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One turn of the conversation. A tool's answer (role `tool`) names the call it answers by `tool_call_id`."""

    role: Role
    content: str = ""
    tool_calls: list[ToolCall] = []
    tool_call_id: str | None = None


class ChatTool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A function the model may ask for; `parameters` is a JSON schema of an object."""

    name: str
    description: str = ""
    parameters: dict[str, Any] = msgspec.field(default_factory=lambda: {"type": "object", "properties": {}})


class ChatPassage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of source text the answer may rest on."""

    id: Annotated[str, Meta(min_length=1, max_length=500)]
    text: str
    title: str = ""


class ChatBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question. `task` and `difficulty` choose the model by the routing table; unset, the difficulty is estimated."""

    messages: Annotated[list[ChatTurn], Meta(min_length=1)]
    task: Annotated[str, Meta(max_length=40)] = "answer"
    passages: list[ChatPassage] = []
    tools: list[ChatTool] = []
    difficulty: Difficulty | None = None
    tokens_max: Annotated[int, Meta(ge=1)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None


class ChatReply(msgspec.Struct, frozen=True):
    """A whole answer. [n] in its text is the n-th passage; `citations` say where in it."""

    text: str
    citations: list[Citation]
    tool_calls: list[ToolCall]
    finished: Finished


class ChatTrouble(msgspec.Struct, frozen=True):
    """Why a stream ended without an answer."""

    code: str
    detail: str


class WhatIfBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another routing table, and the month to look at: 2026-10; by default the last whole one."""

    routing: Routing
    month: Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}\Z")] | None = None


def request_of(body: ChatBody) -> ChatRequest:
    """What a body asks."""
    return ChatRequest(
        task=body.task,
        messages=tuple(
            Message(turn.role, turn.content, tuple(turn.tool_calls), turn.tool_call_id) for turn in body.messages
        ),
        tools=tuple(Tool(tool.name, tool.description, tool.parameters) for tool in body.tools),
        passages=tuple(Passage(passage.id, passage.text, passage.title) for passage in body.passages),
        difficulty=body.difficulty,
        tokens_max=body.tokens_max,
        temperature=body.temperature,
    )


def chat_reply(answer: ChatAnswer) -> ChatReply:
    """An answer as it is sent."""
    return ChatReply(answer.text, answer.citations, answer.tool_calls, answer.finished)
