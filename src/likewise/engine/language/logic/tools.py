"""Tools with typed schemas: from a struct to what a model is told, and from its call back to the struct."""

import re
from collections.abc import Mapping, Sequence
from inspect import getdoc
from typing import Any, TypeVar, cast

import msgspec

from likewise.engine.language.errors import ToolArgumentsRefused, ToolUnknown
from likewise.engine.language.model import Tool, ToolCall
from likewise.platform.errors import FieldError

__all__ = ["read_call", "tool_of"]

S = TypeVar("S", bound=msgspec.Struct)
_DEFS = "#/$defs/{name}"
_EDGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PLACE = re.compile(r"^(?P<reason>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
_FIELD = re.compile(r"(?:missing required|unknown) field `([^`]+)`")


def tool_of(struct_type: type[msgspec.Struct], *, name: str | None = None) -> Tool:
    """A tool whose parameters are the fields of a struct and whose description is its docstring.

    It is named like the struct, in small letters with underscores, unless `name` says otherwise.
    """
    (reference,), definitions = msgspec.json.schema_components([struct_type], ref_template=_DEFS)
    own = str(reference["$ref"]).rpartition("/")[2]
    schema = cast("dict[str, Any]", dict(definitions.pop(own)))
    for word in ("title", "description"):
        schema.pop(word, None)  # they are the tool's name and description already
    if definitions:
        schema["$defs"] = definitions
    description = " ".join((getdoc(struct_type) or "").split())
    return Tool(name=name or _tool_name(struct_type), description=description, parameters=schema)


def read_call(call: ToolCall, struct_types: Sequence[type[S]] | Mapping[str, type[S]]) -> S:
    """The struct a call stands for; a mapping names tools that were given another name than their struct's.

    Raises ToolUnknown, and ToolArgumentsRefused naming the wrong argument.
    """
    if isinstance(struct_types, Mapping):
        known = dict(struct_types)
    else:
        known = {_tool_name(struct_type): struct_type for struct_type in struct_types}
    struct_type = known.get(call.name)
    if struct_type is None:
        raise ToolUnknown(name=call.name, offered=", ".join(known) or "none")
    try:
        return msgspec.convert(call.arguments, struct_type)
    except msgspec.ValidationError as error:
        match = _PLACE.match(str(error))
        path = (match["path"] or "") if match else ""
        reason = match["reason"] if match else str(error)
        field = _FIELD.search(reason)
        pointer = re.sub(r"\[(\d+|\.\.\.)\]", r".\1", path).replace(".", "/") + (f"/{field[1]}" if field else "")
        argument = pointer.lstrip("/").replace("/", ".") or "arguments"
        problem = FieldError(f"/arguments{pointer}", reason)
        raise ToolArgumentsRefused(name=call.name, argument=argument, reason=reason, errors=[problem]) from None


def _tool_name(struct_type: type[msgspec.Struct]) -> str:
    return _EDGE.sub("_", struct_type.__name__).lower()
