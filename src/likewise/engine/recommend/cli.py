"""`likewise recommend load | feed | similar-users | profile | trending | rebuild | evaluate | forget`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from likewise.engine.recommend.model import FeedRequest
from likewise.platform.commands import Context, confirm, emit, emit_rows, note, progress, run_with_app

if TYPE_CHECKING:
    from rich.console import RenderableType

    from likewise.engine.recommend.model import Evaluation, Feed, Profile, SimilarUsers
    from likewise.engine.recommend.service import Loaded
    from likewise.platform.feature import App

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_recommend = typer.Typer(help="What people did, who is alike, what to show and why.", no_args_is_help=True)
COMMANDS.add_typer(_recommend, name="recommend")

Collection = Annotated[str, typer.Option("--collection", "-c", help="The collection the items are in.")]
Count = Annotated[int, typer.Option("--results", "-k", min=1, max=100, help="How many.")]
_PROBLEMS_SHOWN = 10
_BAR_CELLS = 24
_FULL, _EMPTY = "█", "░"


class LikenessName(StrEnum):
    """The likenesses, as the command line offers them."""

    MEANING = "meaning"
    CATEGORIES = "categories"
    TASTE = "taste"


class KindName(StrEnum):
    """The kinds of interaction, as the command line offers them."""

    VIEW = "view"
    LIKE = "like"
    UPVOTE = "upvote"
    COMMENT = "comment"
    DISLIKE = "dislike"
    LESS = "less"


class SplitName(StrEnum):
    """The ways to split the past."""

    TIME = "time"
    SHARE = "share"


@_recommend.command()
def load(
    file: Annotated[Path, typer.Argument(help="CSV, TSV or JSONL; .gz is unpacked")],
    collection: Collection,
    user: Annotated[str, typer.Option(help="column of the user")] = "user",
    item: Annotated[str, typer.Option(help="column of the item's key")] = "item",
    kind: Annotated[str | None, typer.Option(help="column of the kind: like, view, comment ...")] = None,
    all_are: Annotated[
        KindName, typer.Option("--all-are", help="the kind of every row, without a column")
    ] = KindName.LIKE,
    weight: Annotated[str | None, typer.Option(help="column of how much it was, such as a rating")] = None,
    weight_max: Annotated[float, typer.Option("--weight-max", min=0.001, help="the most a weight can be")] = 1.0,
    time: Annotated[str | None, typer.Option(help="column of the time: ISO 8601, or seconds since 1970")] = None,
    rebuild: Annotated[bool, typer.Option(help="learn the collection anew afterwards")] = True,
) -> None:
    """Load what people did. The items must be there already. Run it again: what is known does no work."""

    async def go(app: "App", context: Context) -> int:
        from likewise.engine.recommend import service
        from likewise.engine.recommend.reading import Columns, read_interactions
        from likewise.platform.events import caught_up

        columns = Columns(
            user=user,
            item=item,
            kind=kind,
            weight=weight,
            time=time,
            kind_of_all=all_are.value,
            weight_max=weight_max,
        )
        with progress("interactions") as move:

            async def tell(rows: int) -> None:
                move(rows, None)

            found = await service.load_interactions(
                app, context.tenant_id, collection=collection, rows=read_interactions(file, columns), tell=tell
            )
        await caught_up(app.db, service.CONSUMER, context.tenant_id, timeout_s=3_600)
        if rebuild and found.changed:
            note("Learning what goes with what, and who is like whom.")
            await service.rebuild(app, context.tenant_id, collection=collection)
        for problem in found.problems[:_PROBLEMS_SHOWN]:
            note(f"  line {problem.row}: {problem.reason}")
        emit(found, text=lambda: _loaded(found))
        return 1 if found.rejected and not (found.changed or found.unchanged) else 0

    run_with_app(go, worker=True)


@_recommend.command()
def feed(
    user: Annotated[str, typer.Argument(help="whom it is for")],
    collection: Collection,
    k: Count = 10,
    less: Annotated[list[str], typer.Option("--less", help="the key of an item to show less like of")] = [],  # noqa: B006
    category: Annotated[list[str], typer.Option("--category", help="a followed category; may be repeated")] = [],  # noqa: B006
    explain: Annotated[bool, typer.Option("--explain", help="show what ranking saw")] = False,
) -> None:
    """What to show to a user, and why. Looking from here is not recorded as having been shown."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.recommend import service

        request = FeedRequest(
            collection=collection,
            user=user,
            k=k,
            less=tuple(less),
            categories=tuple(category),
            explain=explain,
            is_recorded=False,
        )
        found = await service.recommend(app, context.tenant_id, request)
        emit(found, text=lambda: _feed_table(found))
        if not found.data:
            note("There is nothing to show yet. Load items first: `likewise load`.")
        note(f"{found.candidates} candidates, {found.weights} weights, {found.took_ms:.0f} ms")

    run_with_app(go)


@_recommend.command("similar-users")
def similar_users(
    user: Annotated[str, typer.Argument(help="whom the others are like")],
    collection: Collection,
    by: Annotated[LikenessName, typer.Option("--by", help="how they are alike")] = LikenessName.MEANING,
    k: Count = 10,
) -> None:
    """The users most alike one, and what they share."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.recommend import service

        found = await service.list_similar_users(
            app, context.tenant_id, collection=collection, user=user, by=by.value, k=k
        )
        emit(found, text=lambda: _people_table(found))
        if not found.data:
            note(f"Nobody is known to be like {user} by {by.value} yet. `likewise recommend rebuild` looks anew.")

    run_with_app(go)


@_recommend.command()
def profile(user: Annotated[str, typer.Argument(help="who")], collection: Collection) -> None:
    """Who somebody is by what they did: their categories."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.recommend import service

        found = await service.get_profile(app, context.tenant_id, collection=collection, user=user)
        emit(found, text=lambda: _profile_text(found))

    run_with_app(go)


@_recommend.command()
def trending(collection: Collection, k: Count = 20) -> None:
    """What people turn to now."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.recommend import service

        rows = await service.list_trending(app, context.tenant_id, collection=collection, k=k)
        emit_rows(
            rows,
            columns=("score", "key", "title", "upvotes", "comments", "views", "age_hours"),
            empty="Nothing of the last days has drawn anybody yet.",
        )

    run_with_app(go)


@_recommend.command()
def rebuild(collection: Collection) -> None:
    """Learn a collection anew: what goes with what, everybody's neighbours, ranking weights."""

    async def go(app: "App", context: Context) -> None:
        import msgspec

        from likewise.engine.recommend import service
        from likewise.platform.jobs import foreground

        async with foreground(app.db, context.tenant_id, kind=service.REBUILD, unit="users") as operation:
            with progress("rebuilding") as move:

                async def tell(stage: str, done: int, total: int) -> None:
                    move(done, total)
                    await operation.progress(done=done, total=total, message=stage)
                    await operation.checkpoint()

                found = await service.rebuild(app, context.tenant_id, collection=collection, tell=tell)
            async with operation.effects() as tx:
                await operation.finish(tx, msgspec.to_builtins(found))
        emit(
            found,
            text=lambda: (
                f"{found.interactions} interactions of {found.users} users with {found.items} items; "
                f"{max(found.matched.values())} users matched; ranking weights: {found.weights}"
            ),
        )

    run_with_app(go)


@_recommend.command()
def evaluate(
    collection: Collection,
    split: Annotated[
        SplitName, typer.Option("--split", help="the latest part of each past, or one by lot")
    ] = SplitName.TIME,
    k: Count = 10,
) -> None:
    """How well recommendations would have predicted what people did, beside popularity and chance."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.recommend import service

        found = await service.evaluate(app, context.tenant_id, collection=collection, k=k, split=split.value)
        _show_evaluation(found)

    run_with_app(go)


@_recommend.command()
def forget(user: Annotated[str, typer.Argument(help="whose deeds shall go")]) -> None:
    """Remove what a user did and what was shown to them, and print a receipt."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.recommend import service

        confirm(f"Remove everything {user} did, for good?")
        receipt = await service.forget_user(app, context.tenant_id, user=user)
        emit(receipt, text=lambda: f"{receipt['interactions']} interactions, {receipt['impressions']} impressions")

    run_with_app(go)


def _loaded(found: "Loaded") -> str:
    return (
        f"{found.rows} rows: {found.changed} new or changed, {found.unchanged} known already, {found.rejected} refused"
    )


def _feed_table(found: "Feed") -> "RenderableType":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, ratio in (("score", None), ("key", None), ("item", 2), ("because", 2)):
        table.add_column(name, ratio=ratio, no_wrap=ratio is None)
    for one in found.data:
        why = "\n".join(f"{reason.share:4.0%} {reason.text}" for reason in one.reasons)
        seen = "" if one.features is None else "\n" + " ".join(f"{n} {v:.2f}" for n, v in one.features.items())
        table.add_row(f"{one.score:.3f}", one.key, (one.title or one.text[:160]) + seen, why)
    return table


def _people_table(found: "SimilarUsers") -> "RenderableType":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, ratio in (("similarity", None), ("user", None), ("shared categories", 1), ("both liked", 2)):
        table.add_column(name, ratio=ratio, no_wrap=ratio is None)
    for one in found.data:
        shared = one.shared
        table.add_row(
            f"{one.similarity:.3f}",
            one.user,
            ", ".join(shared.categories) if shared else "",
            "; ".join(item.title for item in shared.items) if shared else "",
        )
    return table


def _profile_text(found: "Profile") -> str:
    most = max(found.categories.values(), default=1.0)
    bars = [
        f"{_FULL * round(_BAR_CELLS * share / most):{_EMPTY}<{_BAR_CELLS}} {share:6.1%} {name}"
        for name, share in found.categories.items()
    ]
    return "\n".join([f"{found.user}: {found.liked} liked, {found.written} written", *bars])


def _show_evaluation(found: "Evaluation") -> None:
    emit_rows(found.data, columns=("name", "ndcg", "recall", "coverage", "novelty"))
    note(
        f"{found.users} users, {found.items} items; learned from {found.trained_on} interactions, "
        f"tested on {found.tested_on}, first {found.k} places, split by {found.split}"
    )
