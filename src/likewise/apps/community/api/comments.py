"""What people say under experiences."""

from typing import Annotated
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.params import Parameter

from likewise.apps.community import service
from likewise.apps.community.api.shared import TAGS, Limit, User
from likewise.apps.community.model import CommentDraft
from likewise.apps.community.views import CommentBody, CommentEditBody, CommentView, comment_view
from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.tenancy import Caller
from likewise.platform.web import Cursors, Page, readers, writers

__all__ = ["ROUTES"]

Viewer = Annotated[str | None, Parameter(max_length=500, description="your own id of who looks")]


@post(
    "/community/experiences/{experience_id:str}/comments",
    tags=TAGS,
    guards=[writers],
    operation_id="comment_on_experience",
    summary="Comment on an experience",
    status_code=201,
)
async def comment(app: App, caller: Caller, experience_id: str, data: CommentBody) -> CommentView:
    """Say something under an experience."""
    draft = CommentDraft(experience_id=decode_id("exp", experience_id), author=data.author, text=data.text)
    return comment_view(await service.comment(app, caller.tenant_id, draft=draft))


@get(
    "/community/experiences/{experience_id:str}/comments",
    tags=TAGS,
    guards=[readers],
    operation_id="list_comments",
    summary="What is said under an experience",
)
async def list_comments(
    app: App,
    caller: Caller,
    cursors: Cursors,
    experience_id: str,
    viewer: Viewer = None,
    limit: Limit = 50,
    after: str | None = None,
) -> Page[CommentView]:
    """Oldest first. What moderators have hidden is shown to its author only, marked and with the reason."""
    listing = f"community/comments/{experience_id}"
    behind = UUID(cursors.read(caller.tenant_id, listing, after)) if after else UUID(int=0)
    found = await service.list_comments(
        app,
        caller.tenant_id,
        experience_id=decode_id("exp", experience_id),
        viewer=viewer,
        after=behind,
        limit=limit + 1,
    )
    page, more = found[:limit], len(found) > limit
    return Page(
        data=[comment_view(one) for one in page],
        has_more=more,
        next_cursor=cursors.sign(caller.tenant_id, listing, str(page[-1].id)) if more else None,
    )


@get(
    "/community/comments/{comment_id:str}",
    tags=TAGS,
    guards=[readers],
    operation_id="get_comment",
    summary="Show a comment",
)
async def get_comment(app: App, caller: Caller, comment_id: str, viewer: Viewer = None) -> CommentView:
    """One comment, where this viewer sees it and its experience."""
    found = await service.get_comment(app, caller.tenant_id, comment_id=decode_id("cmt", comment_id), viewer=viewer)
    return comment_view(found)


@patch(
    "/community/comments/{comment_id:str}",
    tags=TAGS,
    guards=[writers],
    operation_id="edit_comment",
    summary="Say a comment in other words",
)
async def edit_comment(app: App, caller: Caller, comment_id: str, data: CommentEditBody) -> CommentView:
    """Only who wrote it may."""
    made = await service.edit_comment(
        app, caller.tenant_id, comment_id=decode_id("cmt", comment_id), author=data.author, text=data.text
    )
    return comment_view(made)


@delete(
    "/community/comments/{comment_id:str}",
    tags=TAGS,
    guards=[writers],
    operation_id="delete_comment",
    summary="Take a comment back",
)
async def delete_comment(app: App, caller: Caller, comment_id: str, author: User) -> None:
    """Only who wrote it may. Reports on it go with it; to keep a comment from others, hide it."""
    await service.delete_comment(app, caller.tenant_id, comment_id=decode_id("cmt", comment_id), author=author)


ROUTES = (comment, list_comments, get_comment, edit_comment, delete_comment)
