"""`/api/v1/community/people/{user}/feed` and `/trending`: what to show to somebody, and what everybody turns to."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import Parameter
from msgspec import Meta

from likewise.apps.community import service
from likewise.apps.community.api.shared import TAGS, User
from likewise.apps.community.model import ExperienceWish
from likewise.apps.community.views import CommunityFeedView, TrendingView, feed_view, trending_view
from likewise.engine.collections import Place
from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.tenancy import Caller
from likewise.platform.web import Page, readers

__all__ = ["ROUTES"]

Count = Annotated[int, Parameter(ge=1, le=100, description="how many")]


class CommunityFeedBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a feed shall be. `place`: where the reader is, things within `radius_km` count as near; `categories`: those
    asked for beside the reader's own; `less`: experiences to show less like, in this answer; `is_recorded`: whether
    what is shown counts as seen."""

    k: Annotated[int, Meta(ge=1, le=100)] = 20
    place: Place | None = None
    radius_km: Annotated[float, Meta(gt=0, le=20_000)] = 50.0
    categories: Annotated[tuple[str, ...], Meta(max_length=20)] = ()
    less: Annotated[tuple[str, ...], Meta(max_length=50)] = ()
    wish: ExperienceWish = ExperienceWish()
    explain: bool = False
    is_recorded: bool = True


@post(
    "/community/people/{user:str}/feed",
    tags=TAGS,
    guards=[readers],
    operation_id="get_community_feed",
    summary="What to show to somebody, and why",
    status_code=200,
)
async def feed(app: App, caller: Caller, user: User, data: CommunityFeedBody) -> CommunityFeedView:
    """Best first and diverse, without what they told or turned to already; each with reasons in plain words. A stranger
    gets what is trending, fresh and popular. To make "less like this" last, say it at /experiences/{id}/less."""
    found = await service.feed_of(
        app,
        caller.tenant_id,
        user=user,
        k=data.k,
        place=data.place,
        radius_km=data.radius_km,
        categories=data.categories,
        less=[decode_id("exp", one) for one in data.less],
        wish=data.wish,
        explain=data.explain,
        is_recorded=data.is_recorded,
    )
    return feed_view(found)


@get(
    "/community/people/{user:str}/feed",
    tags=TAGS,
    guards=[readers],
    operation_id="get_community_feed_simply",
    summary="What to show to somebody, by address",
)
async def feed_simply(app: App, caller: Caller, user: User, k: Count = 20) -> CommunityFeedView:
    """The same with everything else at its default."""
    return feed_view(await service.feed_of(app, caller.tenant_id, user=user, k=k))


@get(
    "/community/trending",
    tags=TAGS,
    guards=[readers],
    operation_id="list_trending_experiences",
    summary="What people turn to now",
)
async def trending(
    app: App,
    caller: Caller,
    category: Annotated[str | None, Parameter(description="only of this category")] = None,
    k: Count = 20,
) -> Page[TrendingView]:
    """Points of upvotes, comments and views over the hours since an experience was told, of the last days."""
    found = await service.list_trending(app, caller.tenant_id, category=category, k=k)
    return Page([trending_view(one) for one in found])


ROUTES = (feed, feed_simply, trending)
