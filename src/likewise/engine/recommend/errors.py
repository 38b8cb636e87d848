"""What can go wrong with recommendations, as facts."""

from likewise.platform.errors import NotFound, Rejected

__all__ = ["FeedRefused", "InteractionsRefused", "NothingToEvaluate", "UserUnknown"]


class UserUnknown(NotFound):
    """Nobody called {user!r} did or wrote anything in collection {collection!r} yet. What people do arrives by
    `likewise recommend load` or POST /api/v1/recommend/interactions; a profile follows within a second."""


class InteractionsRefused(Rejected):
    """{reason}"""


class FeedRefused(Rejected):
    """The feed cannot be made as asked: {reason}."""


class NothingToEvaluate(Rejected):
    """Collection {collection!r} has {count} interactions of {users} users that could be predicted; at least
    {count_min} of {users_min} are needed for an evaluation that means something."""
