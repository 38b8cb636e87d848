"""Whole files in and out: upload, preview, export."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.params import Parameter
from litestar.response import Stream

from likewise.engine.collections import service
from likewise.engine.collections.jobs import LOAD_FILE, LoadFileArgs
from likewise.engine.collections.model import Mapping
from likewise.engine.collections.reading import Preview, preview_file
from likewise.engine.collections.settings import CollectionsSettings
from likewise.engine.collections.views import item_view
from likewise.platform.errors import Rejected
from likewise.platform.feature import App
from likewise.platform.ids import new_id
from likewise.platform.tenancy import Caller
from likewise.platform.views import Started, started
from likewise.platform.web import readers, writers

__all__ = ["ROUTES"]

_TAGS = ["files"]
_PREVIEW_BYTES_MAX = 64 * 1024
_encode = msgspec.json.Encoder().encode
Filename = Annotated[str, Parameter(description="the file's name; its ending tells the format", max_length=300)]


class UploadTooLarge(Rejected):
    """The file is larger than {bytes_max} bytes. Load it with `likewise load`, which has no such bound, or raise
    LIKEWISE_COLLECTIONS_UPLOAD_BYTES_MAX."""

    status = 413


class PlaceUnclear(Rejected):
    """place={place!r} must name two columns, latitude and longitude: place=lat,lon."""


@post(
    "/collections/{name:str}/load",
    tags=_TAGS,
    guards=[writers],
    operation_id="load_file",
    summary="Load an uploaded file",
    status_code=202,
    request_max_body_size=None,  # it has its own, much larger bound
)
async def load_file(
    app: App,
    caller: Caller,
    request: Request[Any, Any, Any],
    name: str,
    filename: Filename,
    text: str,
    title: str | None = None,
    key: str | None = None,
    facets: str | None = None,
    time: str | None = None,
    place: str | None = None,
    author: str | None = None,
    category: str | None = None,
    encoding: str | None = None,
    dry_run: Annotated[bool, Parameter(description="only tell what it would do and take, in the result")] = False,
) -> Started:
    """The request's body is the file: CSV, JSONL, JSON, Parquet or text, perhaps .gz or .zst. The parameters name its
    columns. Answers at once with an operation to watch; good rows go in, bad ones are listed in its result."""
    mapping = Mapping(
        text=text,
        title=title,
        key=key,
        facets=tuple(part.strip() for part in (facets or "").split(",") if part.strip()),
        time=time,
        place=_place(place),
        author=author,
        category=category,
    )
    bytes_max = app.settings.get(CollectionsSettings).upload_bytes_max
    stored = f"uploads/{new_id().hex}"
    await app.files.write(caller.tenant_id, key=stored, content=_bounded(request, bytes_max))
    args = LoadFileArgs(
        file_key=stored, filename=filename, collection=name, mapping=mapping, encoding=encoding, dry_run=dry_run
    )
    async with app.db.tenant(caller.tenant_id) as tx:
        operation = await app.jobs.defer(
            tx, LOAD_FILE, args, operation_kind="estimate_load" if dry_run else "load", unit="rows"
        )
    if operation is None:
        raise RuntimeError("a job with an operation kind has an operation")
    return started(operation)


@post(
    "/collections/{name:str}/load/preview",
    tags=_TAGS,
    guards=[readers],
    operation_id="preview_file",
    summary="What a file's columns are",
    status_code=200,
)
async def preview(
    name: str,  # noqa: ARG001 - the path names the collection, which need not be there yet
    filename: Filename,
    request: Request[Any, Any, Any],
    encoding: str | None = None,
) -> Preview:
    """Send the first 64 KB of a file; the answer lists its columns and suggests which is the text, the key, ..."""
    head = bytearray()
    async for chunk in request.stream():
        head += chunk
        if len(head) >= _PREVIEW_BYTES_MAX:
            break
    return preview_file(bytes(head[:_PREVIEW_BYTES_MAX]), filename=filename, encoding=encoding)


@get(
    "/collections/{name:str}/export",
    tags=_TAGS,
    guards=[readers],
    operation_id="export_items",
    summary="Every item as NDJSON",
    media_type="application/x-ndjson",
)
async def export_items(app: App, caller: Caller, name: str) -> Stream:
    """One item a line, oldest first, in the form items are stored with."""
    await service.get_collection(app, caller.tenant_id, name=name)

    async def lines() -> AsyncIterator[bytes]:
        async for items in service.export_items(app, caller.tenant_id, collection=name):
            yield b"".join(_encode(item_view(item)) + b"\n" for item in items)

    return Stream(lines(), media_type="application/x-ndjson")


def _place(columns: str | None) -> tuple[str, str] | None:
    if columns is None:
        return None
    parts = [part.strip() for part in columns.split(",")]
    if len(parts) != 2 or not all(parts):
        raise PlaceUnclear(place=columns)
    return parts[0], parts[1]


async def _bounded(request: Request[Any, Any, Any], bytes_max: int) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > bytes_max:
            raise UploadTooLarge(bytes_max=bytes_max)
        yield chunk


ROUTES = (load_file, preview, export_items)
