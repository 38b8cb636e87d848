"""The only place where text becomes SQL: `queries.sql` files are read into named statements.

A file holds statements like this one; `:name` is a parameter, `::type` a cast.

    -- name: find_item_by_key
    -- The item a caller knows by this key.
    select ... where tenant_id = :tenant_id and key = :key;

`$(name)` is a slot for a piece of SQL chosen by the program from a closed list, filled by `Statement.with_slots`.
"""

import re
from functools import cached_property
from importlib.resources import files
from typing import LiteralString, cast

__all__ = ["Queries", "Statement"]

_HEADER = re.compile(r"^-- name: ([a-z][a-z0-9_]*)$", re.MULTILINE)
# String literals and comments are kept as they are; a parameter is a single colon before a name.
_TOKEN = re.compile(r"('(?:[^']|'')*')|(--[^\n]*)|(?<!:):([a-z][a-z0-9_]*)\b|(%)", re.ASCII)
_SLOT = re.compile(r"\$\(([a-z_]+)\)")


class Statement:
    """One named statement, as the driver wants it. `name` is `<package>.<name>`, for logs and metrics."""

    __slots__ = ("name", "parameters", "sql", "summary")

    def __init__(self, name: str, summary: str, sql: str, parameters: frozenset[str]) -> None:
        self.name = name
        self.summary = summary
        self.sql: LiteralString = cast("LiteralString", sql)
        self.parameters = parameters

    def with_slots(self, **pieces: LiteralString) -> "Statement":
        """The statement with its `$(slot)`s filled. Every slot must be named."""
        return Statement(self.name, self.summary, _SLOT.sub(lambda m: pieces[m[1]], self.sql), self.parameters)


class Queries:
    """The statements of the `queries.sql` beside a module: `Queries(__package__).find_item_by_key`."""

    def __init__(self, package: str | None) -> None:
        if not package:
            raise ValueError("statements belong to a package")
        self.package = package

    def __getattr__(self, name: str) -> Statement:
        try:
            return self.all[name]
        except KeyError:
            raise AttributeError(f"{self.package}/queries.sql holds no statement named {name}") from None

    @cached_property
    def all(self) -> dict[str, Statement]:
        """Every statement by its name, in the file's order."""
        text = files(self.package).joinpath("queries.sql").read_text("utf-8")
        feature = self.package.removeprefix("likewise.").rpartition(".")[2]
        parts = _HEADER.split(text)[1:]
        return {name: _statement(f"{feature}.{name}", body) for name, body in zip(parts[::2], parts[1::2], strict=True)}


def _statement(name: str, body: str) -> Statement:
    lines = body.strip().split("\n")
    comment = [line for line in lines if line.startswith("--")]
    sql = "\n".join(line for line in lines if not line.startswith("--")).strip().removesuffix(";")
    parameters: set[str] = set()

    def place(match: re.Match[str]) -> str:
        if match[3]:
            parameters.add(match[3])
            return f"%({match[3]})s"
        return match[0].replace("%", "%%")

    converted = _TOKEN.sub(place, sql)
    return Statement(name, " ".join(line.lstrip("- ") for line in comment), converted, frozenset(parameters))
