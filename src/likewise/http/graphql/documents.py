"""Queries as they come in: read, checked against the schema, and measured. Nothing is executed here.

Reading is bounded by tokens, checking by what the library allows (it gives up on queries made to take long), and what
passed both is kept, for programs ask the same few queries again and again.
"""

from collections import OrderedDict
from typing import Any, NamedTuple

import msgspec
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    get_variable_values,
    parse,
    validate,
)
from graphql.execution.values import VariableValues
from graphql.validation import recommended_rules, specified_rules
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError

from likewise.http.graphql.errors import (
    OperationUnknown,
    QueryMissing,
    QueryTangled,
    QueryTooLong,
    TooDeep,
    TooManyAliases,
    TooManyChanges,
    TooManyRows,
    TooManyTokens,
    TooManyValues,
)
from likewise.http.graphql.measures import count_depth, measure
from likewise.http.graphql.settings import GraphqlSettings
from likewise.platform.graph import PAGE_ROWS

__all__ = ["Asked", "Documents", "Prepared", "Unusable"]

_RULES = tuple(dict.fromkeys((*specified_rules, *recommended_rules)))
_VARIABLE_ERRORS_MAX = 20
_VALIDATION_ERRORS_MAX = 20

# Whether fields that share a name can be merged takes time that grows with their square. The library gives up at a
# bound meant for programs without one of their own; a query of the length allowed here needs a hundredth of it.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 20_000


class Asked(msgspec.Struct, frozen=True, rename="camel"):
    """A request as GraphQL over HTTP has it; what else it carries is not looked at."""

    query: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None


class Prepared(NamedTuple):
    """An operation that may be executed."""

    query: str
    document: DocumentNode
    kind: OperationType
    name: str | None
    variables: dict[str, Any]


class Unusable(Exception):  # noqa: N818 - it says what the query is
    """A query that is not valid GraphQL for this schema, with every place where it is not."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("unusable")
        self.errors = errors


class Documents:
    """The queries of one schema."""

    def __init__(self, schema: GraphQLSchema, settings: GraphqlSettings) -> None:
        self._schema = schema
        self._settings = settings
        self._known: OrderedDict[str, DocumentNode] = OrderedDict()
        self._known_chars = 0

    def prepare(self, asked: Asked) -> Prepared:
        """The operation that is asked for. Raises Unusable and the facts of what is too much or missing."""
        if not asked.query:
            raise QueryMissing
        document = self._checked(asked.query)
        operation = _chosen(document, asked.operation_name)
        given = asked.variables or {}
        variables = get_variable_values(
            self._schema, operation.variable_definitions or (), given, max_errors=_VARIABLE_ERRORS_MAX
        )
        if isinstance(variables, list):
            raise Unusable(variables)
        self._check_bounds(document, operation, variables)
        name = None if operation.name is None else operation.name.value
        return Prepared(asked.query, document, operation.operation, name, given)

    def _checked(self, query: str) -> DocumentNode:
        """The query's document, valid for the schema."""
        known = self._known.get(query)
        if known is not None:
            self._known.move_to_end(query)
            return known
        tokens_max, chars_max = self._settings.tokens_max, self._settings.query_chars_max
        if len(query) > chars_max:
            raise QueryTooLong(chars=len(query), chars_max=chars_max)
        try:
            document = parse(query, max_lexical_tokens=tokens_max, max_comments=tokens_max)
        except GraphQLSyntaxError as error:
            if "Document contains more than" in error.message:
                raise TooManyTokens(tokens_max=tokens_max) from None
            raise Unusable([error]) from None
        errors = validate(self._schema, document, _RULES, max_errors=_VALIDATION_ERRORS_MAX)
        if len(errors) == 1 and isinstance(errors[0], ValidationAbortedError):
            raise QueryTangled
        if errors:
            raise Unusable(errors)
        self._keep(query, document)
        return document

    def _keep(self, query: str, document: DocumentNode) -> None:
        chars_max = self._settings.known_chars_max
        if len(query) > chars_max:
            return
        self._known[query] = document
        self._known_chars += len(query)
        while self._known_chars > chars_max:
            oldest, _ = self._known.popitem(last=False)
            self._known_chars -= len(oldest)

    def _check_bounds(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues
    ) -> None:
        bounds = self._settings
        depth = count_depth(document, operation)
        if depth > bounds.depth_max:
            raise TooDeep(depth=depth, depth_max=bounds.depth_max)
        try:
            asked = measure(
                self._schema, document, operation, variables, page_rows=PAGE_ROWS, list_rows=bounds.list_rows
            )
        except GraphQLError as error:  # a null where a number is needed
            raise Unusable([error]) from None
        if asked.aliases > bounds.aliases_max:
            raise TooManyAliases(aliases=asked.aliases, aliases_max=bounds.aliases_max)
        changes = asked.roots if operation.operation is OperationType.MUTATION else 0
        if changes > bounds.changes_max:
            raise TooManyChanges(changes=changes, changes_max=bounds.changes_max)
        if asked.rows > bounds.rows_max:
            raise TooManyRows(rows=asked.rows, rows_max=bounds.rows_max, page_rows=PAGE_ROWS)
        if asked.values > bounds.values_max:
            raise TooManyValues(values=asked.values, values_max=bounds.values_max)


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation of this name, or the only one."""
    operations = [part for part in document.definitions if isinstance(part, OperationDefinitionNode)]
    if name:
        operations = [one for one in operations if one.name is not None and one.name.value == name]
        if not operations:
            raise OperationUnknown(reason=f"The query has no operation {name[:60]!r}.")
    if len(operations) != 1:
        raise OperationUnknown(reason="The query has several operations." if operations else "The query has none.")
    return operations[0]
