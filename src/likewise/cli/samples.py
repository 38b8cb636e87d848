"""Load the sample sets, for `likewise demo`."""

from typing import TYPE_CHECKING

from likewise.platform.commands import note, progress
from likewise.samples import SETS, TRY, SampleSet

if TYPE_CHECKING:
    from likewise.engine.collections import LoadReport
    from likewise.platform.feature import App

__all__ = ["load_samples", "suggestion"]


async def load_samples(app: "App") -> None:
    """Every sample set into its collection of the default tenant, and wait until all can be searched."""
    from likewise.engine.collections import wait_until_searchable
    from likewise.platform.tenancy import DEFAULT_TENANT

    reports = [await _load(app, one) for one in SETS]
    with progress("embedding", total=None) as move:
        longest = 0

        def tell(waiting: int) -> None:
            nonlocal longest
            longest = max(longest, waiting)
            move(longest - waiting, longest)

        for one in SETS:
            await wait_until_searchable(app, DEFAULT_TENANT, collection=one.collection, on_waiting=tell)
    fresh = sum(report.created for report in reports)
    total = sum(report.created + report.updated + report.unchanged for report in reports)
    note(f"{total} sample texts in {len(SETS)} collections, {fresh} of them new.")


async def suggestion(_: "App") -> str:
    """A search worth typing first."""
    first = TRY[0]
    return f'Try: likewise search "{first.text}" -c {first.collection}'


async def _load(app: "App", one: SampleSet) -> "LoadReport":
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
        return await load_rows(
            app,
            DEFAULT_TENANT,
            reader=reader,
            collection=one.collection,
            mapping=mapping,
            on_progress=lambda now: move(min(now.bytes_read, size), size),
        )
