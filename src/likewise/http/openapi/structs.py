"""Schemas of structs, as msgspec itself tells them: with every constraint, default and docstring.

While the framework walks the routes each struct leaves a marker; afterwards all of them are described at once and the
markers give way to references.
"""

from typing import Any, cast

import msgspec
from litestar.openapi.spec import Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from typing_extensions import override

__all__ = ["StructSchemas"]

Json = dict[str, Any]
_MARKER = "struct #"


class StructSchemas(OpenAPISchemaPlugin):
    """Collects the structs of one document."""

    def __init__(self) -> None:
        self._types: list[Any] = []

    @override
    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        return not field_definition.is_union and field_definition.is_subclass_of(msgspec.Struct)

    @override
    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: object) -> Schema:
        annotation = field_definition.annotation
        if annotation not in self._types:
            self._types.append(annotation)
        return Schema(title=f"{_MARKER}{self._types.index(annotation)}")

    def fill_in(self, document: Json) -> Json:
        """The document with references in the place of markers, and the schemas they name."""
        references, schemas = msgspec.json.schema_components(
            self._types, schema_hook=_anything, ref_template="#/components/schemas/{name}"
        )
        filled = cast("Json", _replaced(document, tuple(references)))
        components = cast("Json", filled.setdefault("components", {}))
        components["schemas"] = schemas
        return filled


def _anything(kind: type[object]) -> Json:
    if kind is object:
        return {"description": "JSON of any form."}
    raise NotImplementedError(f"{kind} has no schema")


def _replaced(part: object, references: tuple[Json, ...]) -> object:
    if isinstance(part, dict):
        known = cast("Json", part)
        title = known.get("title")
        if isinstance(title, str) and title.startswith(_MARKER):
            return references[int(title.removeprefix(_MARKER))]
        return {name: _replaced(value, references) for name, value in known.items()}
    if isinstance(part, list):
        return [_replaced(item, references) for item in cast("list[object]", part)]
    return part
