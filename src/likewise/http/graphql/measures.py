"""How much an operation asks for, told from its text and variables alone, before anything is read.

Fields are collected as they will be executed: fragments are spread out, and what is asked for twice under one name is
counted once. Rows multiply: a page of 20 clusters with 10 messages each is 20 + 200 rows. The estimate is what the
answer can be at most; `@skip` and `@include` are not looked at, so that a query is not refused on some days only.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.execution.values import VariableValues, get_argument_values

__all__ = ["Measure", "count_depth", "measure"]

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
Fragments = dict[str, FragmentDefinitionNode]

_INTROSPECTED_VALUES = 20
"""Values that one field of an introspection counts as: it is read for each type and field of the schema."""

_COUNT_MAX = 10**12
"""Beyond this nothing is told apart; a bomb of fragments could make numbers of any length."""

_STEPS_MAX = 20_000
"""Places of the query looked at, one in a fragment for each way there. Only a query made to take long has more."""

_ROWS_OF_PAGE = {"edges", "nodes"}
"""The lists of a connection that hold its page."""


class Measure(NamedTuple):
    """What an operation, or a part of it, asks for at most. `values` counts the fields of all its rows, `roots` the
    fields of the part itself.
    """

    fields: int
    aliases: int
    rows: int
    values: int
    roots: int = 1


class _Found(NamedTuple):
    """A field of a selection: its definition, and every place where it is asked for under this name."""

    field: GraphQLField
    nodes: list[FieldNode]


def count_depth(document: DocumentNode, operation: OperationDefinitionNode) -> int:
    """How many fields are nested at most. The document is valid: its fragments make no circle.

    What an introspection nests does not count; the rules of validity bound it.
    """
    fragments = _fragments_of(document)
    known: dict[str, int] = {}

    def of(selection: SelectionSetNode) -> int:
        depth = 0
        for node in selection.selections:
            if isinstance(node, FieldNode):
                inner = node.selection_set
                below = 0 if inner is None or node.name.value.startswith("__") else of(inner)
                depth = max(depth, 1 + below)
            elif isinstance(node, InlineFragmentNode):
                depth = max(depth, of(node.selection_set))
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name not in known:
                    known[name] = of(fragments[name].selection_set)
                depth = max(depth, known[name])
        return depth

    return of(operation.selection_set)


def measure(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: VariableValues,
    *,
    page_rows: int,
    list_rows: int,
) -> Measure:
    """What `operation` asks for. The document is valid for the schema, and its depth is bounded.

    `page_rows`: rows of a connection without `first` or `last`; `list_rows`: of a list that has no `limit` either.
    """
    root = schema.get_root_type(operation.operation)
    if root is None:  # validation has refused it
        return Measure(0, 0, 0, 0)
    measuring = _Measuring(schema, document, variables, page_rows=page_rows, list_rows=list_rows)
    return measuring.of((operation.selection_set,), root, in_page=False)


def _fragments_of(document: DocumentNode) -> Fragments:
    return {part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)}


class _Measuring:
    """One measuring; what was measured once is looked up, so that it takes as long as the document, not as its sum."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        variables: VariableValues,
        *,
        page_rows: int,
        list_rows: int,
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._page_rows = page_rows
        self._list_rows = list_rows
        self._fragments = _fragments_of(document)
        self._known: dict[tuple[object, ...], Measure] = {}
        self._steps = 0

    def of(self, selections: Sequence[SelectionSetNode], parent: Composite, *, in_page: bool) -> Measure:
        """What `selections` of one object of `parent` ask for. `in_page`: the object is a connection."""
        key = (parent.name, in_page, *map(id, selections))
        known = self._known.get(key)
        if known is not None:
            return known
        if self._steps > _STEPS_MAX:
            return Measure(_COUNT_MAX, 0, 0, _COUNT_MAX)
        fields = aliases = rows = values = 0
        collected = self._collect(selections, parent)
        for found in collected.values():
            one = self._of_field(found, in_page=in_page)
            fields += one.fields
            aliases += one.aliases
            rows += one.rows
            values += one.values
        counts = (min(count, _COUNT_MAX) for count in (fields, aliases, rows, values))
        known = self._known[key] = Measure(*counts, roots=len(collected))
        return known

    def _of_field(self, found: _Found, *, in_page: bool) -> Measure:
        field, nodes = found
        kind, is_list = _kind_of(field)
        aliases = 1 if any(node.alias is not None for node in nodes) else 0
        inner = [node.selection_set for node in nodes if node.selection_set is not None]
        if not inner or not isinstance(kind, Composite):
            return Measure(1, aliases, 0, 1)
        is_page = _is_page(kind)
        below = self.of(inner, kind, in_page=is_page)
        fields, aliases = below.fields + 1, below.aliases + aliases
        if kind.name.startswith("__"):
            return Measure(fields, aliases, 0, fields * _INTROSPECTED_VALUES)
        if is_page or (is_list and not (in_page and nodes[0].name.value in _ROWS_OF_PAGE)):
            count = self._asked(found, self._page_rows if is_page else self._list_rows)
            return Measure(fields, aliases, count * (1 + below.rows), 1 + count * below.values)
        return Measure(fields, aliases, below.rows, 1 + below.values)

    def _asked(self, found: _Found, default: int) -> int:
        """How many rows a page or list has at most."""
        arguments = get_argument_values(found.field, found.nodes[0], self._variables)
        given = [arguments.get(name) for name in ("first", "last", "limit")]
        numbers = [number for number in given if isinstance(number, int)]
        return max(0, *numbers) if numbers else default

    def _collect(self, selections: Sequence[SelectionSetNode], parent: Composite) -> dict[tuple[str, str], _Found]:
        """The fields of an object, by the name they are asked for under and the type they are asked of."""
        collected: dict[tuple[str, str], _Found] = {}
        spread: set[str] = set()
        for selection in selections:
            for node, owner in self._fields(selection, parent, spread):
                field = self._schema.get_field(owner, node.name.value)
                if field is not None:
                    name = (node.alias or node.name).value
                    collected.setdefault((name, owner.name), _Found(field, [])).nodes.append(node)
        return collected

    def _fields(
        self, selection: SelectionSetNode, parent: Composite, spread: set[str]
    ) -> Iterator[tuple[FieldNode, Composite]]:
        """A selection's fields with the type each is asked of; each fragment is spread out once."""
        for node in selection.selections:
            self._steps += 1
            if isinstance(node, FieldNode):
                yield node, parent
                continue
            if isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name in spread:
                    continue
                spread.add(name)
                fragment: FragmentDefinitionNode | InlineFragmentNode = self._fragments[name]
            elif isinstance(node, InlineFragmentNode):
                fragment = node
            else:
                continue
            yield from self._fields(fragment.selection_set, self._narrowed(parent, fragment), spread)

    def _narrowed(self, parent: Composite, fragment: FragmentDefinitionNode | InlineFragmentNode) -> Composite:
        """The type a fragment's fields are asked of; an object stays what it is, whatever its fragments are on."""
        condition = fragment.type_condition
        if condition is None or isinstance(parent, GraphQLObjectType):
            return parent
        kind = self._schema.get_type(condition.name.value)
        return kind if isinstance(kind, Composite) else parent


def _kind_of(field: GraphQLField) -> tuple[object, bool]:
    """A field's type without what is wrapped around it, and whether that makes it a list."""
    wrapped = cast("Any", field).type
    return cast("object", get_named_type(wrapped)), str(wrapped).startswith("[")


def _is_page(kind: Composite) -> bool:
    """Whether a type is a connection: a page of rows."""
    return isinstance(kind, GraphQLObjectType) and kind.name.endswith("Connection") and "edges" in kind.fields
