"""The job that loads an uploaded file. It may be stopped anywhere: it goes on at the last line it committed."""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import msgspec

from likewise.engine.collections import service
from likewise.engine.collections.model import Mapping
from likewise.engine.collections.reading import open_reader
from likewise.engine.collections.service import LoadProgress
from likewise.engine.collections.settings import CollectionsSettings
from likewise.platform.feature import App
from likewise.platform.jobs import Job, JobContext

__all__ = ["LOAD_FILE", "LoadFileArgs", "jobs"]

LOAD_FILE = "load_file"


class LoadFileArgs(msgspec.Struct, frozen=True):
    """Where the upload was put, and how its columns are read."""

    file_key: str
    filename: str
    collection: str
    mapping: Mapping
    encoding: str | None = None
    dry_run: bool = False


class _Checkpoint(msgspec.Struct, frozen=True):
    """How far an earlier attempt came."""

    line: int
    rows: int
    rejected: int


def jobs(app: App) -> Sequence[Job]:
    """The jobs of this feature."""

    async def run(context: JobContext, args: LoadFileArgs) -> None:
        await _load_file(app, context, args)

    return [Job(name=LOAD_FILE, args=LoadFileArgs, run=run, lock=lambda args: args.collection)]


async def _load_file(app: App, context: JobContext, args: LoadFileArgs) -> None:
    # The reader wants a file it can seek in; the store may be far away, so the upload is brought here first.
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="likewise-load-"))
    try:
        path = folder / "upload"
        await _fetch(app, context.tenant, args.file_key, path)
        if args.dry_run:
            report = await _estimate(app, context, args, path)
        else:
            report = await _load(app, context, args, path)
            await context.progress(unit="rows", message="embedding what was read")
            await service.finish_load(app, context.tenant, collection=args.collection)
        async with context.effects() as tx:
            await context.finish(tx, msgspec.to_builtins(report))
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    await app.files.delete_file(context.tenant, key=args.file_key)


async def _fetch(app: App, tenant_id: UUID, key: str, path: Path) -> None:
    with await asyncio.to_thread(path.open, "wb") as file:
        async for chunk in app.files.read(tenant_id, key=key):
            await asyncio.to_thread(file.write, chunk)


async def _estimate(app: App, context: JobContext, args: LoadFileArgs, path: Path) -> service.LoadReport:
    """What the load would do and take; nothing is stored."""
    bounds = service.reading_bounds(app.settings.get(CollectionsSettings))
    with await asyncio.to_thread(
        open_reader, path, filename=args.filename, encoding=args.encoding, bounds=bounds
    ) as reader:
        return await service.dry_run(
            app, context.tenant, reader=reader, collection=args.collection, mapping=args.mapping
        )


async def _load(app: App, context: JobContext, args: LoadFileArgs, path: Path) -> service.LoadReport:
    bounds = service.reading_bounds(app.settings.get(CollectionsSettings))
    size = (await asyncio.to_thread(path.stat)).st_size or 1
    before = context.resumed(_Checkpoint) or _Checkpoint(0, 0, 0)
    with await asyncio.to_thread(
        open_reader, path, filename=args.filename, encoding=args.encoding, bounds=bounds
    ) as reader:
        if before.line:
            reader.skip_to(before.line + 1)

        async def tell(progress: LoadProgress) -> None:
            rows, rejected = before.rows + progress.rows, before.rejected + progress.rejected
            share = min(progress.bytes_read / size, 1.0)
            await context.progress(
                done=rows,
                total=max(rows, round(rows / share)) if share else None,
                unit="rows",
                rejected=rejected,
                message=f"{share:.0%} of the file is read",
            )
            await context.checkpoint(_Checkpoint(progress.line, rows, rejected))

        return await service.load_rows(
            app,
            context.tenant,
            reader=reader,
            collection=args.collection,
            mapping=args.mapping,
            on_progress=lambda progress: asyncio.ensure_future(tell(progress)),
        )
