"""Load the sample sets, for `likewise demo`."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import msgspec

from likewise.platform.commands import note, progress
from likewise.samples import SETS, TRY, SampleSet

if TYPE_CHECKING:
    from likewise.platform.feature import App

__all__ = ["load_samples", "suggestion"]

_NEWEST = timedelta(hours=2)  # before now


async def load_samples(app: "App") -> None:
    """Every sample set into its collection of the default tenant, and wait until all can be searched; the messages of
    the inbox also until they are grouped."""
    from likewise.engine.collections import wait_until_searchable
    from likewise.platform.tenancy import DEFAULT_TENANT

    fresh = total = 0
    for one in SETS:
        load = _load_messages if one.channels else _load_experiences if one.acts else _load
        new, known = await load(app, one)
        fresh, total = fresh + new, total + new + known
    with progress("embedding", total=None) as move:
        longest = 0

        def tell(waiting: int) -> None:
            nonlocal longest
            longest = max(longest, waiting)
            move(longest - waiting, longest)

        for one in SETS:
            await wait_until_searchable(app, DEFAULT_TENANT, collection=one.collection, on_waiting=tell)
    note(f"{total} sample texts in {len(SETS)} collections, {fresh} of them new.")


async def suggestion(_: "App") -> str:
    """A search worth typing first."""
    first = TRY[0]
    return f'Try: likewise search "{first.text}" -c {first.collection}'


async def _load(app: "App", one: SampleSet) -> tuple[int, int]:
    """How many of a set's texts are new, and how many were here."""
    from likewise.engine.collections import Mapping, load_rows, open_reader
    from likewise.platform.tenancy import DEFAULT_TENANT

    mapping = Mapping(
        text=one.text,
        title=one.title,
        key=one.key,
        facets=one.facets,
        time=one.time,
        place=one.place,
        author=one.author,
        category=one.category,
    )
    size = one.path.stat().st_size
    with (
        open_reader(one.path) as reader,
        progress(f"{one.collection}: reading", total=size) as move,
    ):
        report = await load_rows(
            app,
            DEFAULT_TENANT,
            reader=reader,
            collection=one.collection,
            mapping=mapping,
            on_progress=lambda now: move(min(now.bytes_read, size), size),
        )
    return report.created, report.updated + report.unchanged


async def _load_messages(app: "App", one: SampleSet) -> tuple[int, int]:
    """The same for messages of the inbox, with their channels."""
    from likewise.apps.inbox import create_channel, ingest_file, list_channels, wait_until_grouped
    from likewise.platform.tenancy import DEFAULT_TENANT

    there = {channel.name for channel in await list_channels(app, DEFAULT_TENANT)}
    for name in one.channels:
        if name not in there:
            await create_channel(app, DEFAULT_TENANT, name=name)
    report, waiting = await ingest_file(app, DEFAULT_TENANT, file=BytesIO(_as_of_now(one.path.read_bytes())))
    count = len(waiting)
    with progress(f"{one.collection}: grouping", total=count) as move:
        await wait_until_grouped(
            app, DEFAULT_TENANT, message_ids=waiting, on_waiting=lambda left: move(count - left, count)
        )
    return report.created, report.known


async def _load_experiences(app: "App", one: SampleSet) -> tuple[int, int]:
    """The same for experiences of the community, with what its people did."""
    from likewise.apps.community import load_deeds, load_experiences
    from likewise.platform.tenancy import DEFAULT_TENANT
    from likewise.samples import SAMPLES

    size = one.path.stat().st_size
    with progress(f"{one.collection}: reading", total=size) as move:
        report = await load_experiences(
            app, DEFAULT_TENANT, file=str(one.path), on_progress=lambda now: move(min(now.bytes_read, size), size)
        )
        await load_deeds(app, DEFAULT_TENANT, file=str(SAMPLES / one.acts))
    return report.created, report.updated + report.unchanged


def _as_of_now(messages: bytes) -> bytes:
    """The same messages, sent as far apart, the last of them just now: an inbox tells what is asked of late, and puts
    old messages into archives."""
    rows = [msgspec.json.decode(line, type=dict[str, object]) for line in messages.splitlines()]
    times = [datetime.fromisoformat(str(row["sent_at"])) for row in rows]
    shift = datetime.now(UTC) - _NEWEST - max(times)
    return b"".join(
        msgspec.json.encode({**row, "sent_at": at + shift}) + b"\n" for row, at in zip(rows, times, strict=True)
    )
