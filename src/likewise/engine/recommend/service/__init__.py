"""The verbs of recommendations."""

from likewise.engine.recommend.service.acting import (
    count_acts,
    delete_interactions,
    forget_user,
    put_interactions,
    write_interactions,
)
from likewise.engine.recommend.service.evaluating import Split, evaluate, evaluate_split
from likewise.engine.recommend.service.feeding import recommend
from likewise.engine.recommend.service.following import RecommendFollower
from likewise.engine.recommend.service.keeping import REBUILD, Keeper, RebuildArgs, keep
from likewise.engine.recommend.service.loading import Loaded, load_interactions
from likewise.engine.recommend.service.matching import (
    find_meaning,
    get_profile,
    list_categories,
    list_people,
    list_similar_users,
    shared_ground,
)
from likewise.engine.recommend.service.profiling import CONSUMER, derive, drop_derived, leave_space
from likewise.engine.recommend.service.rebuilding import Rebuilt, Tell, rebuild, rebuild_collection
from likewise.engine.recommend.service.recording import Recorder, recording
from likewise.engine.recommend.service.shelves import Shelves, list_trending
from likewise.engine.recommend.service.upkeep import ask_for_rebuild, rebuild_old, show_less

__all__ = [
    "CONSUMER",
    "REBUILD",
    "Keeper",
    "Loaded",
    "RebuildArgs",
    "Rebuilt",
    "RecommendFollower",
    "Recorder",
    "Shelves",
    "Split",
    "Tell",
    "ask_for_rebuild",
    "count_acts",
    "delete_interactions",
    "derive",
    "drop_derived",
    "evaluate",
    "evaluate_split",
    "find_meaning",
    "forget_user",
    "get_profile",
    "keep",
    "leave_space",
    "list_categories",
    "list_people",
    "list_similar_users",
    "list_trending",
    "load_interactions",
    "put_interactions",
    "rebuild",
    "rebuild_collection",
    "rebuild_old",
    "recommend",
    "recording",
    "shared_ground",
    "show_less",
    "write_interactions",
]
