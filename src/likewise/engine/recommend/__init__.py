"""The door to recommendations: what people did, who is like whom, what to show to somebody, and why."""

from likewise.engine.recommend.events import PersonChanged
from likewise.engine.recommend.model import (
    Feed,
    FeedRequest,
    Interaction,
    Likeness,
    Profile,
    Reason,
    Recommendation,
    SharedGround,
    SimilarUser,
    Trend,
)
from likewise.engine.recommend.service import (
    delete_interactions,
    evaluate,
    forget_user,
    get_profile,
    list_similar_users,
    list_trending,
    put_interactions,
    rebuild,
    recommend,
    shared_ground,
)

__all__ = [
    "Feed",
    "FeedRequest",
    "Interaction",
    "Likeness",
    "PersonChanged",
    "Profile",
    "Reason",
    "Recommendation",
    "SharedGround",
    "SimilarUser",
    "Trend",
    "delete_interactions",
    "evaluate",
    "forget_user",
    "get_profile",
    "list_similar_users",
    "list_trending",
    "put_interactions",
    "rebuild",
    "recommend",
    "shared_ground",
]
