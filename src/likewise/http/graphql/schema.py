"""One schema out of the fields that features bring."""

from collections import Counter
from collections.abc import Iterator, Sequence

import strawberry
from graphql import GraphQLError, GraphQLSchema
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types import ExecutionContext, get_object_definition
from typing_extensions import override

from likewise.http.graphql.documents import Prepared
from likewise.platform.feature import Feature, GraphParts
from likewise.platform.graph import SCALARS

__all__ = ["Schema", "build_schema"]

PREPARED = "prepared"
"""The operation's extension under which what was prepared is handed to the execution."""


class Schema(strawberry.Schema):
    """What can be asked. Operations come prepared; their errors are told by whoever answers, not logged one by one."""

    @property
    def core(self) -> GraphQLSchema:
        """The schema as the library underneath has it."""
        return self._schema

    @override
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Leave them to the answer."""


class _Prepared(SchemaExtension):
    """Executes the document that was read and checked before, instead of doing so again."""

    @override
    def on_parse(self) -> Iterator[None]:
        prepared = (self.execution_context.operation_extensions or {})[PREPARED]
        if isinstance(prepared, Prepared):
            self.execution_context.graphql_document = prepared.document
        yield

    @override
    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = []
        yield


def build_schema(features: Sequence[Feature]) -> Schema | None:
    """The schema of what the features bring; None where none brings a query."""
    parts = [feature.graph() for feature in features if feature.graph is not None]
    query = _merged("Query", [part.query for part in parts], "What can be asked.")
    if query is None:
        if any(part != GraphParts() for part in parts):
            raise ValueError("a GraphQL schema needs a query beside its mutations and subscriptions")
        return None
    return Schema(
        query=query,
        mutation=_merged("Mutation", [part.mutation for part in parts], "What can be changed."),
        subscription=_merged("Subscription", [part.subscription for part in parts], "What can be followed."),
        extensions=[_Prepared],
        config=StrawberryConfig(scalar_map=dict(SCALARS)),
    )


def _merged(name: str, types: Sequence[type | None], description: str) -> type | None:
    """One type with the fields of all. Raises ValueError where two features bring a field of one name."""
    found = tuple(kind for kind in types if kind is not None)
    if not found:
        return None
    fields = Counter(field.python_name for kind in found for field in get_object_definition(kind, strict=True).fields)
    doubled = sorted(field for field, count in fields.items() if count > 1)
    if doubled:
        raise ValueError(f"several features bring the {name} fields {', '.join(doubled)}")
    merged = merge_types(name, found)
    get_object_definition(merged, strict=True).description = description
    return merged
