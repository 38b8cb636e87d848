"""Pictures of experiences, and the public addresses they are read at: whoever was given one needs no key."""

from typing import Annotated, Any

from litestar import Request, Response, delete, get, patch, post
from litestar.params import Parameter

from likewise.apps.community import service
from likewise.apps.community.api.shared import TAGS
from likewise.apps.community.settings import CommunitySettings
from likewise.apps.community.views import PictureEditBody, PictureList, PictureView, picture_view
from likewise.platform.errors import Rejected
from likewise.platform.feature import App
from likewise.platform.ids import decode_id
from likewise.platform.tenancy import Caller
from likewise.platform.web import readers, writers

__all__ = ["PUBLIC_ROUTES", "ROUTES"]

_MEDIA_TYPE = "image/webp"
Viewer = Annotated[str | None, Parameter(max_length=500, description="your own id of who looks")]


class UploadedPictureTooLarge(Rejected):
    """The picture is larger than {bytes_max} bytes. Send a smaller file, or raise
    LIKEWISE_COMMUNITY_MEDIA_BYTES_MAX."""

    status = 413


@post(
    "/community/experiences/{experience_id:str}/media",
    tags=TAGS,
    guards=[writers],
    operation_id="add_picture",
    summary="Add a picture to an experience",
    status_code=201,
    request_max_body_size=None,  # it has a bound of its own
)
async def add_picture(
    app: App,
    caller: Caller,
    request: Request[Any, Any, Any],
    experience_id: str,
    alt: Annotated[
        str, Parameter(max_length=service.ALT_CHARACTERS_MAX, description="what it shows, for who cannot see it")
    ] = "",
) -> PictureView:
    """The request's body is the file: PNG, JPEG, GIF, WebP, AVIF or BMP. It is kept as WebP in two sizes, upright and
    without what the camera wrote into it."""
    bytes_max = app.settings.get(CommunitySettings).media_bytes_max
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > bytes_max:
            raise UploadedPictureTooLarge(bytes_max=bytes_max)
    made = await service.add_picture(
        app, caller.tenant_id, experience_id=decode_id("exp", experience_id), content=bytes(content), alt=alt
    )
    return picture_view(made, await service.urls_of(app, caller.tenant_id, media=made))


@get(
    "/community/experiences/{experience_id:str}/media",
    tags=TAGS,
    guards=[readers],
    operation_id="list_pictures",
    summary="The pictures of an experience",
)
async def list_pictures(app: App, caller: Caller, experience_id: str, viewer: Viewer = None) -> PictureList:
    """In the order they came, each with the addresses of its two sizes. An address is good for a week at least, and
    only while its experience may be seen."""
    found = await service.list_pictures(
        app, caller.tenant_id, experience_id=decode_id("exp", experience_id), viewer=viewer
    )
    return PictureList([picture_view(media, urls) for media, urls in found])


@patch(
    "/community/media/{picture_id:str}",
    tags=TAGS,
    guards=[writers],
    operation_id="describe_picture",
    summary="Say what a picture shows",
)
async def describe_picture(app: App, caller: Caller, picture_id: str, data: PictureEditBody) -> PictureView:
    """For who cannot see it."""
    made = await service.describe_picture(app, caller.tenant_id, picture_id=decode_id("pic", picture_id), alt=data.alt)
    return picture_view(made, await service.urls_of(app, caller.tenant_id, media=made))


@delete(
    "/community/media/{picture_id:str}",
    tags=TAGS,
    guards=[writers],
    operation_id="delete_picture",
    summary="Delete a picture",
)
async def delete_picture(app: App, caller: Caller, picture_id: str) -> None:
    """It is gone from its addresses at once, and its files a moment later."""
    await service.delete_picture(app, caller.tenant_id, picture_id=decode_id("pic", picture_id))


@get(
    "/community/pictures/{tenant:str}/{name:str}",
    tags=TAGS,
    operation_id="get_picture",
    summary="A picture's file",
    media_type=_MEDIA_TYPE,
)
async def get_picture(
    app: App,
    request: Request[None, None, object],  # pyright: ignore[reportInvalidTypeArguments]
    tenant: str,
    name: str,
    expires: Annotated[int, Parameter(description="until when the address holds, seconds since 1970")],
    signature: Annotated[str, Parameter(max_length=200, description="what makes the address good")],
) -> Response[bytes]:
    """As experiences' media give it in `large` and `small`. A browser may keep it for as long as the address holds;
    what stands between browsers and this server may not, or hiding an experience would not take its pictures away."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    found = await service.read_picture(app, tenant=tenant, name=name, expires=expires, signature=signature, known=known)
    headers = {
        "etag": found.etag,
        "cache-control": f"private, max-age={found.age_max_s}, immutable",
        "cross-origin-resource-policy": "cross-origin",  # pages of other hosts show them, too
        "x-content-type-options": "nosniff",
    }
    if found.content is None:
        return Response(b"", status_code=304, headers=headers)
    return Response(found.content, media_type=_MEDIA_TYPE, headers=headers)


ROUTES = (add_picture, list_pictures, describe_picture, delete_picture)
PUBLIC_ROUTES = (get_picture,)
