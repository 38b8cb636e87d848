"""`/api/v1/recommend`: what people did, who is alike, what to show and why."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import Parameter
from msgspec import Meta

from likewise.engine.recommend import service
from likewise.engine.recommend.model import (
    Evaluation,
    Feed,
    FeedRequest,
    Interaction,
    Likeness,
    Profile,
    SharedGround,
    SimilarUsers,
    Stored,
    Trend,
)
from likewise.engine.recommend.service import Split
from likewise.platform.feature import App
from likewise.platform.tenancy import Caller
from likewise.platform.views import Started, started
from likewise.platform.web import Cursors, Page, admin_only, readers, writers

__all__ = ["ROUTES"]

_TAGS: Sequence[str] = ("recommend",)

Collection = Annotated[str, Parameter(description="the collection the items are in")]
User = Annotated[str, Parameter(min_length=1, max_length=200, description="your own id of the user")]
Count = Annotated[int, Parameter(ge=1, le=100, description="how many")]


class OneInteraction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing somebody did."""

    collection: str
    interaction: Interaction


class Interactions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people did with items of a collection."""

    collection: str
    interactions: list[Interaction]


class Forget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose deeds shall go."""

    user: Annotated[str, Meta(min_length=1, max_length=200)]


class Rebuild(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to learn anew."""

    collection: str


@post(
    "/recommend/interactions",
    tags=_TAGS,
    guards=[writers],
    operation_id="put_interaction",
    summary="Say what somebody did with an item",
    status_code=200,
)
async def put_interaction(app: App, caller: Caller, data: OneInteraction) -> Stored:
    """A view, like, upvote, comment, dislike or wish for less like it. The same again does no work; a weight of 0
    takes it back. Feeds heed it at once, profiles and people alike within a second."""
    return await service.put_interactions(
        app, caller.tenant_id, collection=data.collection, interactions=[data.interaction]
    )


@post(
    "/recommend/interactions:batch",
    tags=_TAGS,
    guards=[writers],
    operation_id="put_interactions",
    summary="Say what people did with items",
    status_code=200,
)
async def put_interactions(app: App, caller: Caller, data: Interactions) -> Stored:
    """As many as a batch may have. Those with unknown items are reported by their row, the rest is stored."""
    return await service.put_interactions(
        app, caller.tenant_id, collection=data.collection, interactions=data.interactions
    )


@post(
    "/recommend/feed",
    tags=_TAGS,
    guards=[readers],
    operation_id="recommend",
    summary="What to show to a user, and why",
    status_code=200,
)
async def feed(app: App, caller: Caller, data: FeedRequest) -> Feed:
    """Best first, diverse, without what the user has turned to already. A stranger gets trending, fresh and popular."""
    return await service.recommend(app, caller.tenant_id, data)


@post(
    "/recommend/less",
    tags=_TAGS,
    guards=[writers],
    operation_id="show_less",
    summary="Show less like these items",
    status_code=200,
)
async def show_less(app: App, caller: Caller, data: FeedRequest) -> Feed:
    """Keeps the wish for the items of `less` and answers with a feed that heeds it already."""
    return await service.show_less(app, caller.tenant_id, data)


@get("/recommend/similar", tags=_TAGS, guards=[readers], operation_id="list_similar_users", summary="Users alike")
async def similar(
    app: App, caller: Caller, collection: Collection, user: User, by: Likeness = "meaning", k: Count = 10
) -> SimilarUsers:
    """By `meaning` of what they write and like, by `categories`, or by `taste`: doing the same with the same items."""
    return await service.list_similar_users(app, caller.tenant_id, collection=collection, user=user, by=by, k=k)


@get(
    "/recommend/shared", tags=_TAGS, guards=[readers], operation_id="get_shared_ground", summary="What two users share"
)
async def shared(app: App, caller: Caller, collection: Collection, user: User, other: User) -> SharedGround:
    """Categories both care for, and items both liked."""
    return await service.shared_ground(app, caller.tenant_id, collection=collection, user=user, other=other)


@get("/recommend/profile", tags=_TAGS, guards=[readers], operation_id="get_profile", summary="Who somebody is by deeds")
async def profile(app: App, caller: Caller, collection: Collection, user: User) -> Profile:
    """The share of each category in what somebody likes and writes, and how much is known of them."""
    return await service.get_profile(app, caller.tenant_id, collection=collection, user=user)


@get("/recommend/people", tags=_TAGS, guards=[readers], operation_id="list_people", summary="Users with a profile")
async def people(
    app: App,
    caller: Caller,
    cursors: Cursors,
    collection: Collection,
    limit: Annotated[int, Parameter(ge=1, le=200, description="rows in one page")] = 50,
    after: str | None = None,
) -> Page[Profile]:
    """By their name."""
    listing = f"people/{collection}"
    start = cursors.read(caller.tenant_id, listing, after) if after else ""
    found = await service.list_people(app, caller.tenant_id, collection=collection, after=start, limit=limit + 1)
    more = len(found) > limit
    page = found[:limit]
    cursor = cursors.sign(caller.tenant_id, listing, page[-1].user) if more else None
    return Page(data=page, has_more=more, next_cursor=cursor)


@get(
    "/recommend/trending", tags=_TAGS, guards=[readers], operation_id="list_trending", summary="What people turn to now"
)
async def trending(app: App, caller: Caller, collection: Collection, k: Count = 20) -> Page[Trend]:
    """Points of upvotes, comments and views over age, of the last days; weights and powers are settings."""
    return Page(data=await service.list_trending(app, caller.tenant_id, collection=collection, k=k))


@get(
    "/recommend/evaluation",
    tags=_TAGS,
    guards=[readers],
    operation_id="evaluate",
    summary="How good it would have been",
)
async def evaluation(
    app: App, caller: Caller, collection: Collection, split: Split = "time", k: Count = 10
) -> Evaluation:
    """Learns from the first part of each user's past and predicts the rest, beside popularity and chance."""
    return await service.evaluate(app, caller.tenant_id, collection=collection, k=k, split=split)


@post(
    "/recommend/rebuild",
    tags=_TAGS,
    guards=[writers],
    operation_id="rebuild_recommendations",
    summary="Learn a collection anew",
    status_code=202,
)
async def rebuild(app: App, caller: Caller, data: Rebuild) -> Started:
    """The factorisation, what goes with what, everybody's neighbours, ranking weights; answers with an operation."""
    operation = await service.ask_for_rebuild(app, caller.tenant_id, collection=data.collection)
    return started(operation)


@post(
    "/recommend/forget",
    tags=_TAGS,
    guards=[admin_only],
    operation_id="forget_user",
    summary="Forget what a user did",
    status_code=200,
)
async def forget(app: App, caller: Caller, data: Forget) -> dict[str, int]:
    """Their interactions, what was shown to them, and their profile with it; answers with a receipt."""
    return await service.forget_user(app, caller.tenant_id, user=data.user)


ROUTES = (
    put_interaction,
    put_interactions,
    feed,
    show_less,
    similar,
    shared,
    profile,
    people,
    trending,
    evaluation,
    rebuild,
    forget,
)
