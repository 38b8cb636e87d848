"""What people do with experiences: upvotes, views, less like this."""

from litestar import delete, post, put

from likewise.apps.community import service
from likewise.apps.community.api.shared import TAGS, User
from likewise.apps.community.model import Act, ActKind
from likewise.apps.community.views import ActBody, ActDone
from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.tenancy import Caller
from likewise.platform.web import writers

__all__ = ["ROUTES"]


@put(
    "/community/experiences/{experience_id:str}/upvotes/{user:str}",
    tags=TAGS,
    guards=[writers],
    operation_id="upvote_experience",
    summary="Upvote an experience",
)
async def upvote(app: App, caller: Caller, experience_id: str, user: User) -> ActDone:
    """Somebody finds it good; the same again changes nothing. Counters follow within a second."""
    return await _act(app, caller, experience_id, user, "upvote")


@delete(
    "/community/experiences/{experience_id:str}/upvotes/{user:str}",
    tags=TAGS,
    guards=[writers],
    operation_id="take_upvote_back",
    summary="Take an upvote back",
    status_code=200,
)
async def take_upvote_back(app: App, caller: Caller, experience_id: str, user: User) -> ActDone:
    """Where there is none, nothing changes."""
    return await _act(app, caller, experience_id, user, "upvote", is_on=False)


@post(
    "/community/experiences/{experience_id:str}/views",
    tags=TAGS,
    guards=[writers],
    operation_id="view_experience",
    summary="Note that somebody looked at an experience",
    status_code=200,
)
async def view(app: App, caller: Caller, experience_id: str, data: ActBody) -> ActDone:
    """`views` counts different people; looking again moves the time of the last look."""
    return await _act(app, caller, experience_id, data.user, "view")


@post(
    "/community/experiences/{experience_id:str}/less",
    tags=TAGS,
    guards=[writers],
    operation_id="show_less_like_experience",
    summary="Show somebody less like an experience",
    status_code=200,
)
async def less(app: App, caller: Caller, experience_id: str, data: ActBody) -> ActDone:
    """Their next feed heeds it already."""
    return await _act(app, caller, experience_id, data.user, "less")


@delete(
    "/community/experiences/{experience_id:str}/less/{user:str}",
    tags=TAGS,
    guards=[writers],
    operation_id="take_less_back",
    summary="Take back that somebody wants less like an experience",
    status_code=200,
)
async def take_less_back(app: App, caller: Caller, experience_id: str, user: User) -> ActDone:
    """Where they never said so, nothing changes."""
    return await _act(app, caller, experience_id, user, "less", is_on=False)


async def _act(
    app: App, caller: Caller, experience_id: str, user: str, kind: ActKind, *, is_on: bool = True
) -> ActDone:
    one = Act(user=user, experience_id=decode_id("exp", experience_id), kind=kind, is_on=is_on)
    return ActDone(await service.act_once(app, caller.tenant_id, one=one))


ROUTES = (upvote, take_upvote_back, view, less, take_less_back)
