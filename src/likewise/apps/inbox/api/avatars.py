"""The public addresses of visitors' pictures: whoever was given one may read it, without a key."""

from typing import Annotated

from litestar import Request, Response, get
from litestar.params import Parameter

from likewise.apps.inbox import service
from likewise.apps.inbox.api.shared import TAGS
from likewise.platform.feature import App

__all__ = ["PUBLIC_ROUTES"]

_MEDIA_TYPE = "image/webp"


@get(
    "/inbox/avatars/{tenant:str}/{name:str}",
    tags=TAGS,
    operation_id="get_inbox_avatar",
    summary="A visitor's picture",
    media_type=_MEDIA_TYPE,
)
async def get_avatar(
    app: App,
    request: Request[None, None, object],  # pyright: ignore[reportInvalidTypeArguments]
    tenant: str,
    name: str,
    expires: Annotated[int, Parameter(description="until when the address holds, seconds since 1970")],
    signature: Annotated[str, Parameter(max_length=200, description="what makes the address good")],
) -> Response[bytes]:
    """As messages give it in `avatar`. It may be kept for as long as the address holds: another picture has another
    address."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    avatar = await service.read_avatar(app, tenant=tenant, name=name, expires=expires, signature=signature, known=known)
    headers = {
        "etag": avatar.etag,
        "cache-control": f"public, max-age={avatar.age_max_s}, immutable",
        "cross-origin-resource-policy": "cross-origin",  # pages of other hosts show the messages, too
        "x-content-type-options": "nosniff",
    }
    if avatar.content is None:
        return Response(b"", status_code=304, headers=headers)
    return Response(avatar.content, media_type=_MEDIA_TYPE, headers=headers)


PUBLIC_ROUTES = (get_avatar,)
