"""`/api/v1/community/search` and what is like an experience."""

import hashlib
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import Parameter
from msgspec import Meta

from likewise.apps.community import service
from likewise.apps.community.api.shared import TAGS
from likewise.apps.community.model import ExperienceWish
from likewise.apps.community.service import ExperiencesFound
from likewise.apps.community.views import ExperiencesFoundView, found_view
from likewise.engine.search import ARMS, Arm
from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.tenancy import Caller
from likewise.platform.web import Cursors, readers

__all__ = ["ROUTES"]


class CommunitySearch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is looked for: words, a wish, or both. `facets` are attributes to count the values of among what was found;
    `arms` are how the words are looked for."""

    query: str = ""
    wish: ExperienceWish = ExperienceWish()
    k: Annotated[int, Meta(ge=1, le=100)] = 20
    arms: tuple[Arm, ...] = ARMS
    facets: tuple[str, ...] = ()
    explain: bool = False
    after: str | None = None


@post(
    "/community/search",
    tags=TAGS,
    guards=[readers],
    operation_id="search_experiences",
    summary="Search experiences",
    status_code=200,
)
async def search(app: App, caller: Caller, cursors: Cursors, data: CommunitySearch) -> ExperiencesFoundView:
    """By meaning, by words and by what misspelt words may have meant, within a wish: category, attributes, tags,
    author, place and time, all at once. Without words the wish alone, newest first. What is hidden or private is never
    found."""
    bare = msgspec.structs.replace(data, after=None, explain=False, facets=(), k=1)
    listing = _listing(msgspec.json.encode(bare, order="deterministic"))
    place = cursors.read(caller.tenant_id, listing, data.after) if data.after else ""
    found = await service.search_experiences(
        app,
        caller.tenant_id,
        words=data.query,
        wish=data.wish,
        k=data.k,
        place=place,
        arms=data.arms,
        facets=data.facets,
        explain=data.explain,
    )
    return _paged(found, cursors, caller.tenant_id, listing)


@get(
    "/community/experiences/{experience_id:str}/similar",
    tags=TAGS,
    guards=[readers],
    operation_id="list_similar_experiences",
    summary="Experiences that tell of the like",
)
async def similar(
    app: App,
    caller: Caller,
    cursors: Cursors,
    experience_id: str,
    k: Annotated[int, Parameter(ge=1, le=100, description="how many")] = 10,
    category: Annotated[str | None, Parameter(description="only of this category")] = None,
    viewer: Annotated[str | None, Parameter(description="your own id of who looks, who may be its author")] = None,
    after: str | None = None,
) -> ExperiencesFoundView:
    """Nearest in meaning first, the experience itself left out; what is hidden or private is never among them."""
    listing = _listing(f"{experience_id}/{category}".encode())
    place = cursors.read(caller.tenant_id, listing, after) if after else ""
    found = await service.similar_experiences(
        app,
        caller.tenant_id,
        experience_id=decode_id("exp", experience_id),
        viewer=viewer,
        wish=ExperienceWish(category=() if category is None else (category,)),
        k=k,
        place=place,
    )
    return _paged(found, cursors, caller.tenant_id, listing)


def _listing(asked: bytes) -> str:
    return f"community search {hashlib.sha256(asked).hexdigest()}"


def _paged(found: ExperiencesFound, cursors: Cursors, tenant_id: UUID, listing: str) -> ExperiencesFoundView:
    place = found.next_place
    return found_view(found, next_cursor=None if place is None else cursors.sign(tenant_id, listing, place))


ROUTES = (search, similar)
