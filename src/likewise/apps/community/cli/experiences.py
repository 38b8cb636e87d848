"""`likewise community load | add | list | show | delete | forget`: experiences come in, are looked at, go."""

import sys
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from likewise.apps.community.cli.finding import Categories, Count, Wishes, line_of, read_place, tell, wish_of
from likewise.platform.commands import Context, confirm, emit, emit_rows, note, options, progress, run_with_app
from likewise.platform.ids import decode_id

if TYPE_CHECKING:
    from likewise.apps.community.model import ExperienceAttribute
    from likewise.apps.community.service import ExperienceColumns, ExperienceLoad
    from likewise.apps.community.views import ExperienceView
    from likewise.platform.feature import App

__all__ = ["EXPERIENCES"]

EXPERIENCES = typer.Typer()
ExperienceId = Annotated[str, typer.Argument(metavar="EXPERIENCE", help="An experience's id, exp_...")]
_PROBLEMS_SHOWN_MAX = 20


class OrderName(StrEnum):
    """The orders of a list, as the command line offers them."""

    NEWEST = "newest"
    HAPPENED = "happened"
    UPVOTES = "upvotes"
    COMMENTS = "comments"
    VIEWS = "views"


class _ExperienceRow(msgspec.Struct, frozen=True):
    id: str
    category: str
    author: str
    happened: str
    upvotes: int
    text: str


class _AttributeRow(msgspec.Struct, frozen=True):
    key: str
    value: str
    sure: str
    source: str
    words: str


@EXPERIENCES.command("load")
def load(
    file: Annotated[str, typer.Argument(help="CSV, JSON lines, a JSON array or Parquet, packed or not; -: stdin.")],
    *,
    text: Annotated[
        str | None, typer.Option("--text", help="The column of the text; without it rows are whole.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="The column of the title.")] = None,
    key: Annotated[str | None, typer.Option("--key", help="The column of your own ids.")] = None,
    author: Annotated[str | None, typer.Option("--author", help="The column of who told it.")] = None,
    default_author: Annotated[str, typer.Option("--default-author", help="Who told it where no row says.")] = "unknown",
    category: Annotated[str | None, typer.Option("--category", help="The column of the category.")] = None,
    default_category: Annotated[
        str, typer.Option("--default-category", help="The category where no row says.")
    ] = "other",
    attribute: Annotated[
        list[str] | None,
        typer.Option("--attribute", "-a", metavar="KEY=COLUMN", help="A column that says an attribute; repeatable."),
    ] = None,
    tags: Annotated[str | None, typer.Option("--tags", help="The column of tags, parted by , or ;.")] = None,
    time: Annotated[str | None, typer.Option("--time", help="The column of when it happened.")] = None,
    place: Annotated[
        str | None, typer.Option("--place", metavar="LAT,LON", help="The columns of latitude and longitude.")
    ] = None,
    place_name: Annotated[str | None, typer.Option("--place-name", help="The column of the place's name.")] = None,
    visibility: Annotated[str | None, typer.Option("--visibility", help="The column of public or private.")] = None,
    metadata: Annotated[bool, typer.Option("--metadata", help="Keep the columns that are not named here.")] = False,
    day_first: Annotated[bool, typer.Option("--day-first", help="Read 03/04/2013 as the 3rd of April.")] = False,
) -> None:
    """Load the experiences of a file. The same file again changes nothing. What is wrong with a row is told with its
    line; the others go in."""
    columns = None
    if text is not None:
        named = {"text": text, "title": title, "key": key, "author": author, "category": category, "tags": tags}
        columns = _columns(
            {**named, "time": time, "place_name": place_name, "visibility": visibility},
            default_author=default_author,
            default_category=default_category,
            attribute=attribute or [],
            place=place,
            has_rest=metadata,
            day_first=day_first,
        )
    _load(file, columns)


@EXPERIENCES.command("add")
def add(
    author: Annotated[str, typer.Argument(metavar="PERSON", help="Your own id of who tells it.")],
    text: Annotated[str, typer.Argument(help="What happened.")],
    *,
    title: Annotated[str, typer.Option("--title", help="A title.")] = "",
    category: Annotated[
        str, typer.Option("--category", help="What it is about; see `likewise community categories`.")
    ] = ("other"),
    key: Annotated[str | None, typer.Option("--key", help="Your own id; the same again is an edit.")] = None,
    attribute: Annotated[
        list[str] | None, typer.Option("--attribute", "-a", metavar="KEY=VALUE", help="What they say; repeatable.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="A tag; repeatable.")] = None,
    place: Annotated[str | None, typer.Option("--place", metavar="LAT,LON", help="Where, like 40.7,-74.0.")] = None,
    happened_at: Annotated[datetime | None, typer.Option("--happened-at", help="When it happened (UTC).")] = None,
    private: Annotated[bool, typer.Option("--private", help="Only its author sees it.")] = False,
) -> None:
    """Tell one experience, and see what is known of it from now on."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.model import ExperienceDraft, GivenAttribute
        from likewise.apps.community.views import written_view

        wishes = wish_of(where=attribute or [])
        draft = ExperienceDraft(
            author=author,
            text=text,
            title=title,
            category=category,
            key=key,
            tags=tuple(tag or ()),
            attributes=tuple(
                GivenAttribute(key=one.key, value=value) for one in wishes.attributes for value in one.values
            ),
            place=None if place is None else read_place(place),
            happened_at=happened_at,
            visibility="private" if private else "public",
        )
        made = written_view(await service.write_experience(app, context.tenant_id, draft=draft))
        if options().machine_readable:
            emit(made)
            return
        note(f"{made.id} is {made.status}; {len(made.attributes)} attributes are known of it.")
        _tell_attributes(made.attributes)

    run_with_app(go, worker=True)


@EXPERIENCES.command("list")
def list_experiences(
    *,
    category: Categories = [],  # noqa: B006 - typer copies it
    where: Wishes = [],  # noqa: B006 - typer copies it
    tag: Annotated[list[str], typer.Option("--tag", help="With this tag; repeatable.")] = [],  # noqa: B006 - see above
    author: Annotated[list[str], typer.Option("--author", help="Told by them; repeatable.")] = [],  # noqa: B006 - see above
    near: Annotated[str | None, typer.Option("--near", metavar="LAT,LON", help="Around a point.")] = None,
    radius_km: Annotated[float, typer.Option("--radius-km", min=0.001, help="How far around it.")] = 50.0,
    order: Annotated[OrderName, typer.Option("--order", help="In which order.")] = OrderName.NEWEST,
    viewer: Annotated[str | None, typer.Option("--viewer", help="As this person sees them.")] = None,
    limit: Count = 20,
) -> None:
    """Public experiences that are as wished."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import experience_view

        wish = wish_of(where=where, category=category, tag=tag, author=author, near=near, radius_km=radius_km)
        found = await service.list_experiences(
            app, context.tenant_id, wish=wish, order=order.value, viewer=viewer, limit=limit
        )
        tell(
            [experience_view(one) for one in found],
            _row,
            columns=("id", "category", "author", "happened", "upvotes", "text"),
            empty="No experience is like this. `likewise community load FILE` brings some.",
        )

    run_with_app(go)


@EXPERIENCES.command("show")
def show(
    experience: ExperienceId,
    *,
    viewer: Annotated[str | None, typer.Option("--viewer", help="As this person sees it.")] = None,
) -> None:
    """One experience with all that is known of it."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import experience_view

        wanted = decode_id("exp", experience)
        found = await service.get_experience(app, context.tenant_id, experience_id=wanted, viewer=viewer)
        known = (await service.list_attributes_of(app, context.tenant_id, experience_ids=[wanted]))[wanted]
        view = experience_view(found)
        if options().machine_readable:
            emit({**msgspec.structs.asdict(view), "attributes": known})
            return
        note(_head(view))
        note(view.text)
        _tell_attributes(known)

    run_with_app(go)


@EXPERIENCES.command("delete")
def delete(experience: ExperienceId) -> None:
    """Remove an experience with its comments, pictures and attributes."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service

        receipt = await service.delete_experience(app, context.tenant_id, experience_id=decode_id("exp", experience))
        emit(receipt, text=lambda: f"{experience} is gone, with {receipt.get('attributes', 0)} attributes.")

    run_with_app(go)


@EXPERIENCES.command("forget")
def forget(person: Annotated[str, typer.Argument(metavar="PERSON", help="Your own id of them.")]) -> None:
    """Remove everything somebody told, said, did and reported, and their name."""
    confirm(f"Everything of {person} goes for good. Go on?")

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service

        receipt = await service.forget_person(app, context.tenant_id, user=person)
        gone = ", ".join(f"{count:,} {kind}" for kind, count in receipt.items() if count)
        emit(receipt, text=lambda: f"Gone: {gone or 'nothing'}.")

    run_with_app(go, worker=True)


def _columns(
    named: "dict[str, str | None]",
    *,
    default_author: str,
    default_category: str,
    attribute: list[str],
    place: str | None,
    has_rest: bool,
    day_first: bool,
) -> "ExperienceColumns":
    from likewise.apps.community.service import ExperienceColumns

    lat, comma, lon = (place or "").partition(",")
    if place is not None and not (lat and comma and lon):
        raise typer.BadParameter("--place names two columns: --place latitude,longitude")
    pairs = [one.partition("=") for one in attribute]
    given = {key: column for key, _, column in pairs}
    if not all(given.values()):
        raise typer.BadParameter("--attribute names a key and a column: --attribute shape=Shape")
    return msgspec.convert(
        {
            **{name: column for name, column in named.items() if column is not None},
            "default_author": default_author,
            "default_category": default_category,
            "attributes": given,
            "place": (lat, lon) if place else None,
            "metadata": "rest" if has_rest else "none",
            "day_first": day_first,
        },
        ExperienceColumns,
    )


def _load(file: str, columns: "ExperienceColumns | None") -> None:
    async def go(app: "App", context: Context) -> int:
        from likewise.apps.community import service
        from likewise.apps.community.model import COLLECTION
        from likewise.engine.collections import wait_until_searchable

        with progress("reading") as move:
            report = await service.load_experiences(
                app,
                context.tenant_id,
                file=sys.stdin.buffer if file == "-" else file,
                columns=columns,
                on_progress=lambda now: move(now.bytes_read, now.bytes_total),
            )
        if report.created or report.updated:
            most = 0

            def waiting(left: int) -> None:
                nonlocal most
                most = max(most, left)
                move(most - left, most)

            with progress("embedding") as move:
                await wait_until_searchable(app, context.tenant_id, collection=COLLECTION, on_waiting=waiting)
        for problem in report.problems[:_PROBLEMS_SHOWN_MAX]:
            what = "refused" if problem.refused else "left out"
            note(f"{what}: line {problem.line}{' ' + problem.pointer if problem.pointer else ''}: {problem.reason}")
        more = report.rejected + report.warnings - min(len(report.problems), _PROBLEMS_SHOWN_MAX)
        if more > 0:
            note(f"... and {more:,} more; `--json` lists the first {len(report.problems):,}.")
        emit(report, text=lambda: _sentence(report))
        return 1 if report.rejected and not (report.created or report.updated or report.unchanged) else 0

    run_with_app(go, worker=True)


def _sentence(report: "ExperienceLoad") -> str:
    told = (
        f"{report.created:,} new, {report.updated:,} changed, {report.unchanged:,} unchanged,"
        f" {report.rejected:,} refused in {report.seconds:.1f} s."
    )
    return f"{told}\nTry: likewise community search WORDS"


def _row(view: "ExperienceView") -> _ExperienceRow:
    return _ExperienceRow(
        id=view.id,
        category=view.category,
        author=view.author_name or view.author,
        happened="" if view.happened_at is None else f"{view.happened_at:%Y-%m-%d}",
        upvotes=view.counters.upvotes,
        text=line_of(view.title or view.text, 70),
    )


def _head(view: "ExperienceView") -> str:
    when = "" if view.happened_at is None else f", {view.happened_at:%Y-%m-%d %H:%M}"
    where = f", {view.place_name}" if view.place_name else ""
    state = "" if view.state == "public" else f" ({view.state})"
    told = f"{view.title or view.id}{state}: {view.category} by {view.author_name or view.author}{when}{where}"
    counts = view.counters
    return f"{told}\n{counts.upvotes:,} upvotes, {counts.comments:,} comments, {counts.views:,} views"


def _tell_attributes(known: "list[ExperienceAttribute]") -> None:
    rows = [
        _AttributeRow(
            key=one.key,
            value=str(one.value).lower() if isinstance(one.value, bool) else f"{one.value}",
            sure=f"{one.confidence:.2f}{'' if one.is_counted else ' (not counted)'}",
            source=one.source,
            words=line_of(one.words, 40),
        )
        for one in known
    ]
    emit_rows(rows, columns=("key", "value", "sure", "source", "words"), empty="Nothing is known of it.")
