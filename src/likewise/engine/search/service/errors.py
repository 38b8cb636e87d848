"""What can be wrong with a question."""

from likewise.platform.errors import Conflict, NotFound, Rejected

__all__ = ["ExampleUnknown", "ExampleWithoutVector", "QuestionRefused", "SearchUnknown"]


class QuestionRefused(Rejected):
    """The question cannot be answered as it is: {reason}."""


class ExampleUnknown(NotFound):
    """Collection {collection!r} has no item with the key {key!r}."""


class ExampleWithoutVector(Conflict):
    """Item {key!r} has no vector yet. Try again in a moment; `likewise health` shows how many texts are waiting."""


class SearchUnknown(NotFound):
    """No search with this id was recorded, or it is too old. Clicks are noted for recent searches only."""
