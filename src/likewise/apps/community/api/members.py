"""`/api/v1/community/people`: who people say they are, all of them, and everything of somebody's forgotten."""

from litestar import delete, get, put

from likewise.apps.community import service
from likewise.apps.community.api.shared import TAGS, Limit, User
from likewise.apps.community.model import MemberDraft
from likewise.apps.community.views import PersonView, person_view
from likewise.platform.feature import App
from likewise.platform.tenancy import Caller
from likewise.platform.web import Cursors, Page, readers, writers

__all__ = ["ROUTES"]

_LISTING = "community/people"


@put(
    "/community/people/{user:str}",
    tags=TAGS,
    guards=[writers],
    operation_id="put_community_person",
    summary="Say who somebody is",
)
async def put_person(app: App, caller: Caller, user: User, data: MemberDraft) -> PersonView:
    """What is left out becomes empty. Somebody who tells or does something is known without this, by their id alone."""
    return person_view(await service.put_member(app, caller.tenant_id, user=user, draft=data))


@get("/community/people", tags=TAGS, guards=[readers], operation_id="list_community_people", summary="List people")
async def list_people(
    app: App, caller: Caller, cursors: Cursors, limit: Limit = 50, after: str | None = None
) -> Page[PersonView]:
    """Everybody who ever told or did something here, by their ids."""
    start = cursors.read(caller.tenant_id, _LISTING, after) if after else ""
    found = await service.list_members(app, caller.tenant_id, after=start, limit=limit + 1)
    page, more = found[:limit], len(found) > limit
    return Page(
        data=[person_view(person) for person in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, _LISTING, page[-1].user) if more else None,
    )


@delete(
    "/community/people/{user:str}",
    tags=TAGS,
    guards=[writers],
    operation_id="forget_community_person",
    summary="Forget somebody",
    status_code=200,
)
async def forget_person(app: App, caller: Caller, user: User) -> dict[str, int]:
    """Everything they told, said, did and reported goes, with pictures, vectors and name; how many of each kind are
    gone. Asked again after an interruption it goes on."""
    return await service.forget_person(app, caller.tenant_id, user=user)


ROUTES = (put_person, list_people, forget_person)
