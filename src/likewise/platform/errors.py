"""Errors are facts: a few kinds fix the status, a subclass's docstring is the message, its keywords are the facts.

A class `CollectionNotFound(NotFound)` whose docstring is "No collection is named {name!r}." is raised as
`CollectionNotFound(name="reviews")`; HTTP answers 404 with that message, the command line prints it and exits with 5.
"""

import re
from collections.abc import Sequence
from inspect import cleandoc
from typing import ClassVar

import msgspec

__all__ = [
    "Conflict",
    "Denied",
    "Fact",
    "FieldError",
    "Limited",
    "NotFound",
    "Rejected",
    "Unavailable",
]


class FieldError(msgspec.Struct, frozen=True):
    """One thing wrong with one place of the input; `pointer` is a JSON pointer such as `/items/3/key`."""

    pointer: str
    detail: str


class Fact(Exception):  # noqa: N818 - its subclasses are named for what happened
    """Base of every error we raise on purpose. `message` says what happened and what to do about it."""

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "error"

    def __init_subclass__(cls) -> None:
        cls.code = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, *, errors: Sequence[FieldError] = (), **facts: object) -> None:
        self.facts = facts
        self.errors = tuple(errors)
        self.message = " ".join(cleandoc(type(self).__doc__ or "").format(**facts).split())
        super().__init__(self.message)


class NotFound(Fact):
    """{what} was not found."""

    status = 404
    exit_code = 5


class Conflict(Fact):
    """{what} is in conflict with what is already there."""

    status = 409
    exit_code = 6


class Rejected(Fact):
    """{reason}"""

    status = 422
    exit_code = 2


class Denied(Fact):
    """{reason}"""

    status = 403
    exit_code = 4


class Limited(Fact):
    """Too many requests. Try again in {retry_after_s:.0f} s."""

    status = 429
    exit_code = 6

    def __init__(self, *, retry_after_s: float, errors: Sequence[FieldError] = (), **facts: object) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(errors=errors, retry_after_s=retry_after_s, **facts)


class Unavailable(Fact):
    """{what} is not available right now."""

    status = 503
    exit_code = 3
