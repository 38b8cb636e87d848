"""`/api/v1/community/people/{user}`: who somebody is by what they do, and who is like them."""

from typing import Annotated, Literal

from litestar import get
from litestar.params import Parameter

from likewise.apps.community import service
from likewise.apps.community.api.shared import TAGS, User
from likewise.apps.community.model import Member
from likewise.apps.community.views import MembersAlikeView, members_alike_view
from likewise.engine.recommend import Likeness
from likewise.platform.feature import App
from likewise.platform.tenancy import Caller
from likewise.platform.web import readers

__all__ = ["ROUTES"]


@get(
    "/community/people/{user:str}",
    tags=TAGS,
    guards=[readers],
    operation_id="get_person",
    summary="Show somebody with their DNA",
)
async def get_person(
    app: App,
    caller: Caller,
    user: User,
    include: Annotated[
        Literal["meaning"] | None, Parameter(description="`meaning` adds where they stand by the meaning of it all")
    ] = None,
) -> Member:
    """What they say of themselves, how much they told and said, and their DNA: the share of each category in what they
    tell and turn to, as of their last deed but for a moment. It is null of who has done nothing yet."""
    return await service.get_member(app, caller.tenant_id, user=user, with_meaning=include == "meaning")


@get(
    "/community/people/{user:str}/similar",
    tags=TAGS,
    guards=[readers],
    operation_id="list_similar_people",
    summary="Who is like somebody",
)
async def similar_people(
    app: App,
    caller: Caller,
    user: User,
    by: Annotated[
        Likeness,
        Parameter(description="by `meaning` of what they tell and turn to, by `categories`, or by `taste`"),
    ] = "meaning",
    k: Annotated[int, Parameter(ge=1, le=100, description="how many")] = 10,
) -> MembersAlikeView:
    """Most alike first, with the categories and experiences they share. Of a stranger nobody is known to be alike:
    `known_by` says in which ways this person can be compared."""
    return members_alike_view(await service.list_similar_members(app, caller.tenant_id, user=user, by=by, k=k))


ROUTES = (get_person, similar_people)
