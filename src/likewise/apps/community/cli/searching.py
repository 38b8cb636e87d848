"""`likewise community search | similar | feed | trending`."""

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from likewise.apps.community.cli.finding import Categories, Count, Wishes, line_of, read_place, tell, wish_of
from likewise.platform.commands import Context, note, run_with_app
from likewise.platform.ids import decode_id

if TYPE_CHECKING:
    from likewise.apps.community.service import ExperiencesFound
    from likewise.apps.community.views import ExperienceFoundView, FeedEntryView, TrendingView
    from likewise.platform.feature import App

__all__ = ["SEARCHING"]

SEARCHING = typer.Typer()
Person = Annotated[str, typer.Argument(metavar="PERSON", help="Your own id of them.")]


class _FoundRow(msgspec.Struct, frozen=True):
    id: str
    score: str
    category: str
    title: str
    passage: str


class _FeedRow(msgspec.Struct, frozen=True):
    id: str
    score: str
    category: str
    title: str
    why: str


class _TrendRow(msgspec.Struct, frozen=True):
    id: str
    score: str
    upvotes: int
    comments: int
    views: int
    hours: str
    title: str


@SEARCHING.command("search")
def search(
    words: Annotated[str, typer.Argument(metavar="WORDS", help='What to look for; "" for the wishes alone.')] = "",
    *,
    where: Wishes = [],  # noqa: B006 - typer reads it, nobody writes to it
    category: Categories = [],  # noqa: B006
    tag: Annotated[list[str], typer.Option("--tag", help="With this tag; may be repeated.")] = [],  # noqa: B006
    author: Annotated[list[str], typer.Option("--author", help="By this person; may be repeated.")] = [],  # noqa: B006
    near: Annotated[str | None, typer.Option("--near", help="Near a point: 40.7,-74.0.")] = None,
    radius_km: Annotated[float, typer.Option("--radius-km", min=0.1, help="How near, kilometres.")] = 50.0,
    limit: Count = 10,
) -> None:
    """Search experiences by meaning and by words, within wishes."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service

        wish = wish_of(where=where, category=category, tag=tag, author=author, near=near, radius_km=radius_km)
        found = await service.search_experiences(app, context.tenant_id, words=words, wish=wish, k=limit)
        _tell_found(found)

    run_with_app(go)


@SEARCHING.command("similar")
def similar(
    experience: Annotated[str, typer.Argument(metavar="EXPERIENCE", help="An experience's id, exp_...")],
    *,
    limit: Count = 10,
) -> None:
    """Experiences that tell of the like."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service

        wanted = decode_id("exp", experience)
        _tell_found(await service.similar_experiences(app, context.tenant_id, experience_id=wanted, k=limit))

    run_with_app(go)


@SEARCHING.command("feed")
def feed(
    person: Person,
    *,
    near: Annotated[str | None, typer.Option("--near", help="Where they are: 40.7,-74.0.")] = None,
    category: Categories = [],  # noqa: B006 - typer reads it, nobody writes to it
    less: Annotated[
        list[str], typer.Option("--less", metavar="EXP", help="Show less like this one, here; may be repeated.")
    ] = [],  # noqa: B006
    limit: Count = 10,
) -> None:
    """What to show to somebody, and why."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import feed_view

        found = await service.feed_of(
            app,
            context.tenant_id,
            user=person,
            k=limit,
            place=None if near is None else read_place(near),
            categories=category,
            less=[decode_id("exp", one) for one in less],
            is_recorded=False,
        )
        tell(
            feed_view(found).data,
            _feed_row,
            columns=("id", "score", "category", "title", "why"),
            empty="Nothing is here yet to show.",
        )

    run_with_app(go)


@SEARCHING.command("trending")
def trending(
    *,
    category: Annotated[str | None, typer.Option("--category", help="Only of this category.")] = None,
    limit: Count = 10,
) -> None:
    """What people turn to now."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import trending_view

        found = await service.list_trending(app, context.tenant_id, category=category, k=limit)
        tell(
            [trending_view(one) for one in found],
            _trend_row,
            columns=("id", "score", "upvotes", "comments", "views", "hours", "title"),
            empty="Nobody has turned to anything these days.",
        )

    run_with_app(go)


def _tell_found(found: "ExperiencesFound") -> None:
    from likewise.apps.community.views import found_view

    tell(
        found_view(found, next_cursor=None).data,
        _found_row,
        columns=("id", "score", "category", "title", "passage"),
        empty="Nothing was found.",
    )
    if found.corrected:
        note(f"Also looked for: {found.corrected}")


def _found_row(one: "ExperienceFoundView") -> _FoundRow:
    told = one.experience
    return _FoundRow(told.id, f"{one.score:.3f}", told.category, line_of(told.title, 60), line_of(one.passage, 80))


def _feed_row(one: "FeedEntryView") -> _FeedRow:
    told = one.experience
    why = "; ".join(reason.text for reason in one.reasons)
    return _FeedRow(told.id, f"{one.score:.3f}", told.category, line_of(told.title or told.text, 60), why)


def _trend_row(one: "TrendingView") -> _TrendRow:
    told = one.experience
    counts = told.counters
    return _TrendRow(
        told.id,
        f"{one.score:.3f}",
        counts.upvotes,
        counts.comments,
        counts.views,
        f"{one.age_hours:.1f}",
        line_of(told.title or told.text, 60),
    )
