"""The nouns of language: what is asked of a chat model, what comes back piece by piece, and what it costs."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

__all__ = [
    "DIFFICULTIES",
    "EVERY_OTHER_TASK",
    "EXTRACTIVE",
    "TIERS",
    "CallOutcome",
    "ChatAnswer",
    "ChatEvent",
    "ChatModelInfo",
    "ChatRequest",
    "Citation",
    "CostRow",
    "Difficulty",
    "Finished",
    "Message",
    "ModelPrice",
    "MonthCosts",
    "Passage",
    "Picked",
    "Role",
    "Route",
    "Routing",
    "RoutingInfo",
    "StopReason",
    "TextDelta",
    "Tier",
    "TierModels",
    "Tool",
    "ToolCall",
    "WhatIf",
    "WhatIfRow",
]

Role = Literal["system", "user", "assistant", "tool"]
Difficulty = Literal["easy", "normal", "hard"]
Tier = Literal["extractive", "cheap", "standard", "strong"]
StopReason = Literal["stop", "length", "tool_calls", "refused", "unsupported"]
CallOutcome = Literal["open", "finished", "cancelled", "failed"]

DIFFICULTIES: tuple[Difficulty, ...] = ("easy", "normal", "hard")
TIERS: tuple[Tier, ...] = ("extractive", "cheap", "standard", "strong")
"""From what costs nothing to what costs most."""
EXTRACTIVE = "extractive"
"""The name of the built-in model, and of the tier it is alone in."""
EVERY_OTHER_TASK = "*"
"""The task of the row that serves every task without a row of its own."""

TaskName = Annotated[
    str,
    Meta(pattern=r"\A(\*|[a-z][a-z0-9_-]{0,39})\Z", description="answer, discovery, title ...; *: every other task"),
]
ModelName = Annotated[str, Meta(pattern=r"\A[a-z]+/[!-~]{1,150}\Z", description="a server's name and its model's")]
Usd = Annotated[float, Meta(ge=0, le=1e9)]


class TextDelta(msgspec.Struct, frozen=True, tag="text"):
    """The next piece of the answer's text."""

    text: str


class Citation(msgspec.Struct, frozen=True, tag="citation"):
    """What the text so far rests on: characters `start` to `end` of a passage's text.

    `number` is the passage's place among the request's, from 1, and stands as [number] in the answer's text. The
    extractive model cites the very sentences; of a chat model's answer the whole passage is named, once.
    """

    passage_id: str
    start: int
    end: int
    number: int


class ToolCall(msgspec.Struct, frozen=True, tag="tool_call"):
    """A tool the model wants called. Its answer goes back as a message of role `tool` with this id."""

    id: str
    name: str
    arguments: dict[str, Any]


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The answer is complete. `cost_usd` is None where nobody stated the model's price.

    `is_estimated`: the provider told no usage, so that tokens are our own high estimate. `trouble` is the code of the
    error for which the model picked first did not answer.
    """

    model: str
    tier: Tier
    reason: StopReason
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    is_estimated: bool = False
    difficulty: Difficulty = "normal"
    trouble: str | None = None


class Picked(msgspec.Struct, frozen=True, tag="picked"):
    """Who is asked: told before the model is, and again for each fallback."""

    model: str
    tier: Tier
    difficulty: Difficulty


ChatEvent: TypeAlias = TextDelta | Citation | ToolCall | Finished


class Message(msgspec.Struct, frozen=True):
    """One turn. A tool's answer (role `tool`) names the call it answers by `tool_call_id`."""

    role: Role
    content: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


class Tool(msgspec.Struct, frozen=True):
    """A function the model may ask for; `parameters` is a JSON schema of an object."""

    name: str
    description: str
    parameters: dict[str, Any]


class Passage(msgspec.Struct, frozen=True):
    """A piece of source text an answer may rest on. It is data: what it says is never an instruction."""

    id: str
    text: str
    title: str = ""


class ChatRequest(msgspec.Struct, frozen=True):
    """What is asked. `difficulty` None: estimated (see `logic.estimate_difficulty`); `tokens_max` None: the setting.

    Passages are told to the model, numbered from 1, with the request to cite them; `passages_in_messages` says that the
    messages tell them already, in this order and with these numbers.
    """

    task: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    passages: tuple[Passage, ...] = ()
    difficulty: Difficulty | None = None
    tokens_max: int | None = None
    temperature: float | None = None
    passages_in_messages: bool = False


class ChatAnswer(msgspec.Struct, frozen=True):
    """A whole answer."""

    text: str
    citations: list[Citation]
    tool_calls: list[ToolCall]
    finished: Finished


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which tier answers a task, by difficulty, and what happens where no chat model can be asked or paid: the
    extractive model answers, or the call is refused with the reason."""

    task: TaskName
    easy: Tier = "cheap"
    normal: Tier = "standard"
    hard: Tier = "strong"
    otherwise: Literal["extractive", "refuse"] = "extractive"


class TierModels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The models of each tier, the first asked first; the others are its fallbacks."""

    cheap: Annotated[tuple[ModelName, ...], Meta(max_length=20)] = ()
    standard: Annotated[tuple[ModelName, ...], Meta(max_length=20)] = ()
    strong: Annotated[tuple[ModelName, ...], Meta(max_length=20)] = ()


class Routing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tenant's routing table. A model that is not configured is passed over.

    `budget_month_usd` None: the setting's. `kept_for_cheap_share` of a month's budget is for the cheap tier alone.
    """

    tiers: TierModels
    routes: Annotated[tuple[Route, ...], Meta(max_length=200)]
    budget_month_usd: Usd | None = None
    kept_for_cheap_share: Annotated[float, Meta(ge=0, le=1)] = 0.1


class RoutingInfo(msgspec.Struct, frozen=True):
    """The table in force; `is_own`: the tenant's, not the settings'."""

    routing: Routing
    is_own: bool


class ModelPrice(msgspec.Struct, frozen=True):
    """US dollars per million tokens."""

    input_usd: float
    output_usd: float


class ChatModelInfo(msgspec.Struct, frozen=True):
    """A model that tables may name. `tiers`: where this tenant's table has it. `price` None: nobody stated it.

    `price_as_of` is the date of the packaged price list, or None where the settings state the price.
    """

    model: str
    is_configured: bool
    tiers: list[Tier]
    price: ModelPrice | None
    price_as_of: str | None


class CostRow(msgspec.Struct, frozen=True):
    """What one task cost with one model in a month. `failed_calls` are attempts that came to nothing; what they may
    have cost is in `cost_usd` as well. `unpriced_calls` have no known price and count as nothing."""

    task: str
    tier: Tier
    model: str
    calls: int
    failed_calls: int
    input_tokens: int
    output_tokens: int
    estimated_calls: int
    unpriced_calls: int
    cost_usd: float


class MonthCosts(msgspec.Struct, frozen=True):
    """A month's costs (UTC), dearest first. `reserved_usd` is set aside for calls under way, or for those whose process
    was killed; `spent_usd` holds it too. `budget_usd` is today's."""

    month: str
    spent_usd: float
    reserved_usd: float
    budget_usd: float | None
    rows: list[CostRow]


class WhatIfRow(msgspec.Struct, frozen=True):
    """Calls of one task and difficulty, what they cost, and what they would cost with the model of another table."""

    task: str
    difficulty: Difficulty
    calls: int
    input_tokens: int
    output_tokens: int
    actual_usd: float
    tier: Tier
    model: str
    what_if_usd: float | None


class WhatIf(msgspec.Struct, frozen=True):
    """A month's calls under another table, at today's prices and with the tokens as they were.

    `failed_usd` was paid for attempts that came to nothing and is in neither sum. Models in `models_without_price` have
    no known price; rows with them count as nothing.
    """

    month: str
    calls: int
    actual_usd: float
    what_if_usd: float
    failed_usd: float
    budget_usd: float | None
    is_over_budget: bool
    models_without_price: list[str]
    prices_as_of: str
    rows: list[WhatIfRow]


class CallStart(msgspec.Struct, frozen=True):
    """An attempt that begins: who is asked for what, and what is set aside for it. Its price may be unknown."""

    at: datetime
    task: str
    difficulty: Difficulty
    tier: Tier
    model: str
    input_tokens: int
    output_tokens: int
    cost_micro: int | None


class CallEnd(msgspec.Struct, frozen=True):
    """How an attempt ended; milliseconds from its start to the first token and to its end."""

    outcome: CallOutcome
    input_tokens: int
    output_tokens: int
    is_estimated: bool
    cost_micro: int | None
    first_token_ms: int | None
    took_ms: int
