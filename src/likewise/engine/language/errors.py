"""What can go wrong between a question and its answer, as facts. None of them holds a key."""

from collections.abc import Sequence
from typing import ClassVar

from likewise.platform.errors import FieldError, Limited, Rejected, Unavailable

__all__ = [
    "ChatBroken",
    "ChatBudgetSpent",
    "ChatBusy",
    "ChatDenied",
    "ChatFailed",
    "ChatMisconfigured",
    "ChatModelMissing",
    "ChatPriceUnknown",
    "ChatRefused",
    "ChatRequestRefused",
    "ChatTimedOut",
    "ModelNotOffered",
    "ProviderTrouble",
    "RoutingRefused",
    "TasksTooMany",
    "ToolArgumentsRefused",
    "ToolUnknown",
]


class ProviderTrouble(Unavailable):
    """A chat model could not answer."""

    may_be_billed: ClassVar[bool] = False
    """Whether the provider may have worked, and thus billed, before this."""
    can_be_retried: ClassVar[bool] = True
    """Whether the same model may do better a moment later."""


class ChatBusy(ProviderTrouble):
    """{model} asks us to slow down. Ask again in {retry_after_s:.0f} s, or add a fallback to its tier with
    `likewise language routes`."""

    def __init__(self, *, model: str, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(model=model, retry_after_s=retry_after_s)


class ChatFailed(ProviderTrouble):
    """{model} could not be reached or failed before it answered: {reason}. Ask again later, or add a fallback to its
    tier with `likewise language routes`."""


class ChatTimedOut(ProviderTrouble):
    """{model} was given up: {reason}. Ask again, or raise LIKEWISE_LANGUAGE_{setting}."""

    may_be_billed = True


class ChatBroken(ProviderTrouble):
    """The answer of {model} cannot be used: {reason}. Ask again."""

    may_be_billed = True


class ChatDenied(ProviderTrouble):
    """The server of {model} refused our key ({status_code}). Set LIKEWISE_LANGUAGE_{server}_API_KEY, or
    LIKEWISE_LANGUAGE_{server}_API_KEY_FILE to a file that holds it."""

    can_be_retried = False


class ChatRefused(ProviderTrouble):
    """{model} refused the request with status {status_code}: {reason}. Change the request, or the model with
    `likewise language routes`."""

    can_be_retried = False
    status = 422
    exit_code = 2


class ChatMisconfigured(Rejected):
    """{setting} is not an address of a server: {reason}. It reads https://host/v1."""


class ChatModelMissing(Unavailable):
    """No chat model is configured for the task {task!r}, and its route refuses the extractive one. Set
    LIKEWISE_LANGUAGE_OPENAI_API_KEY, LIKEWISE_LANGUAGE_ANTHROPIC_API_KEY or LIKEWISE_LANGUAGE_OTHER_URL."""


class ChatBudgetSpent(Limited):
    """This month's budget of {budget_usd:g} US dollars for chat models does not leave enough for {model}. It begins
    anew on the first of the next month; raise it with `likewise language routes --budget USD`."""


class ChatPriceUnknown(Unavailable):
    """Nobody stated what {model} costs, so it cannot be asked within a budget. State US dollars per million tokens of
    input and output in LIKEWISE_LANGUAGE_PRICES, such as {{"{model}": [0.4, 1.6]}}."""


class ChatRequestRefused(Rejected):
    """The request cannot be asked: {reason}"""


class RoutingRefused(Rejected):
    """The routing table cannot be used: {reason}"""


class ModelNotOffered(Rejected):
    """{model} is not offered here. Offered are: {offered}. Whoever runs this server adds one to
    LIKEWISE_LANGUAGE_MODELS_MORE."""


class TasksTooMany(Rejected):
    """Calls of {month} have more than {rows_max} combinations of task, difficulty and model, too many to list. Use
    fewer task names, or raise LIKEWISE_LANGUAGE_COST_ROWS_MAX."""


class ToolUnknown(Rejected):
    """The model called a tool {name!r}, which was not offered to it. Offered were: {offered}."""


class ToolArgumentsRefused(Rejected):
    """The model called {name} with a wrong argument {argument!r}: {reason}"""

    def __init__(self, *, name: str, argument: str, reason: str, errors: Sequence[FieldError] = ()) -> None:
        self.argument = argument
        super().__init__(errors=errors, name=name, argument=argument, reason=reason)
