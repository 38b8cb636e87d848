"""`likewise models`: which there are, which serves, the way from one to another, and what embedding costs."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from likewise.platform.commands import Context, confirm, emit, emit_rows, note, progress, run_with_app

if TYPE_CHECKING:
    from likewise.engine.embedding.model import Comparison, Estimate, Usage
    from likewise.platform.feature import App
    from likewise.platform.jobs import JobContext

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_models = typer.Typer(
    help="Embedding models: list them, change to another while searches go on, see what they cost.",
    no_args_is_help=True,
)
COMMANDS.add_typer(_models, name="models")
Model = Annotated[str, typer.Argument(help="minilm, static, openai or fake")]
_MIB = 2**20


@_models.command("list")
def list_models() -> None:
    """Every vector space this database knows, and what each is to the tenant."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.embedding import service

        emit_rows(
            await service.list_models(app, context.tenant_id),
            columns=("space_id", "model", "dimension", "state", "waiting", "failed", "description"),
        )

    run_with_app(go)


@_models.command("retry")
def retry() -> None:
    """Queue the texts that could not be embedded again."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.embedding import service

        count = await service.retry_failed(app, context.tenant_id)
        emit({"retried": count}, text=lambda: f"{count:,} texts are queued again.")

    run_with_app(go)


@_models.command("change")
def change(
    model: Model,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only tell what it would take and cost")] = False,
) -> None:
    """Embed everything with another model while the present one serves. Then compare, and cut over."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.embedding import service

        if dry_run:
            estimate = await service.estimate_change(app, context.tenant_id, model=model)
            emit(estimate, text=lambda: _estimate_sentence(estimate))
            return
        space = await service.find_target(app, model=model)
        async with app.db.tenant(context.tenant_id) as tx:
            await service.begin_change(tx, space=space)
        await _fill(app, context.tenant_id, space_id=space.space_id)
        emit(
            {"space_id": space.space_id, "model": space.model},
            text=lambda: f"{model} is ready. Next: likewise models compare -c COLLECTION, likewise models cut-over",
        )

    run_with_app(go, worker=not dry_run)


@_models.command("compare")
def compare(
    collection: Annotated[str, typer.Option("--collection", "-c", help="the collection's name")],
    queries: Annotated[int, typer.Option(help="recent queries, or passages where there are none")] = 20,
    k: Annotated[int, typer.Option(help="results of each query")] = 10,
) -> None:
    """How much of what the model that serves finds the other one finds too."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.embedding import service

        found = await service.compare_spaces(app, context.tenant_id, collection=collection, queries_max=queries, k=k)
        emit(found, text=lambda: _comparison_text(found))

    run_with_app(go)


@_models.command("cut-over")
def cut_over(
    accept_failed: Annotated[
        bool, typer.Option("--accept-failed", help="although some passages could not be embedded")
    ] = False,
) -> None:
    """Search with the other model from now on; again, to go back."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.embedding import service

        space = await service.cut_over(app, context.tenant_id, accept_failed=accept_failed)
        emit(
            {"space_id": space.space_id, "model": space.model},
            text=lambda: f"{space.model} serves now. `likewise models drop` removes what served before.",
        )

    run_with_app(go)


@_models.command("drop")
def drop() -> None:
    """Remove the vectors of the model that does not serve."""
    confirm("Drop the vectors of the model that does not serve?")

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.embedding import service

        async with app.db.tenant(context.tenant_id) as tx:
            space = await service.begin_drop(tx, at=app.clock.now())
        await _drop(app, context.tenant_id, space_id=space.space_id)
        emit({"space_id": space.space_id, "model": space.model}, text=lambda: f"{space.model} is dropped.")

    run_with_app(go)


@_models.command("use")
def use(model: Model) -> None:
    """Change every tenant to another model, one after the other, while searches go on; new tenants begin with it.

    Afterwards set LIKEWISE_EMBEDDING_MODEL (or [embedding] model in likewise.toml) to the same name.
    """
    confirm(f"Embed everything of every tenant with {model!r}, and drop what other models made?")

    async def go(app: "App", _: Context) -> None:
        from likewise.engine.embedding import service

        space = await service.find_target(app, model=model)
        tenants = await service.change_everybody(
            app, space=space, fill=lambda tenant_id: _fill(app, tenant_id, space_id=space.space_id), drop=_dropper(app)
        )
        note(f"Set LIKEWISE_EMBEDDING_MODEL={model} from here on.")
        emit({"tenants": tenants, "model": model}, text=lambda: f"{tenants:,} tenants are served by {model}.")

    run_with_app(go, worker=True)


@_models.command("usage")
def usage(days: Annotated[int, typer.Option(help="how far back, in days", min=1, max=366)] = 30) -> None:
    """What was embedded, what the cache saved of it, and what is spent of the caps."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.embedding import service

        found = await service.read_usage(app, context.tenant_id, days=days)
        emit(found, text=lambda: _usage_text(found))

    run_with_app(go)


async def _fill(app: "App", tenant_id: UUID, *, space_id: int) -> None:
    """Fill a space in the foreground, as an operation that others can watch and cancel."""
    from likewise.engine.embedding import service
    from likewise.engine.embedding.jobs import CHANGE_MODEL

    with progress("embedding anew") as move:
        await _work(
            app,
            tenant_id,
            CHANGE_MODEL,
            lambda context: service.fill_other_space(app, context, space_id=space_id),
            move,
        )


async def _drop(app: "App", tenant_id: UUID, *, space_id: int) -> None:
    from likewise.engine.embedding import service
    from likewise.engine.embedding.jobs import DROP_MODEL

    with progress("dropping") as move:
        await _work(
            app, tenant_id, DROP_MODEL, lambda context: service.drop_other_space(app, context, space_id=space_id), move
        )


def _dropper(app: "App") -> "Callable[[UUID, int], Awaitable[None]]":
    return lambda tenant_id, space_id: _drop(app, tenant_id, space_id=space_id)


async def _work(
    app: "App",
    tenant_id: UUID,
    kind: str,
    act: "Callable[[JobContext], Awaitable[None]]",
    move: Callable[[int, int | None], None],
) -> None:
    """Run the body of a job as an operation of this process, with its bar."""
    import asyncio

    from likewise.platform.jobs import foreground

    async def show(context: "JobContext") -> None:
        while True:
            now, _ = context.state()
            move(now.done, now.total)
            await asyncio.sleep(_BAR_S)

    async with foreground(app.db, tenant_id, kind=kind) as context:
        showing = asyncio.create_task(show(context))
        try:
            await act(context)
        finally:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)


_BAR_S = 0.2


def _estimate_sentence(estimate: "Estimate") -> str:
    minutes = "an unknown time" if estimate.minutes is None else f"about {estimate.minutes:.1f} minutes"
    return (
        f"{estimate.texts:,} texts, {estimate.unique_texts:,} of them different, {estimate.cached_texts:,} cached."
        f" To embed: {estimate.tokens:,} tokens, {estimate.cost_usd:.4f} US dollars, {minutes};"
        f" {estimate.vector_bytes / _MIB:.1f} MiB of vectors, {estimate.index_bytes / _MIB:.1f} MiB of indexes."
        " Nothing was done."
    )


def _comparison_text(found: "Comparison") -> str:
    head = (
        f"{found.collection}: of the first {found.k}, {found.overlap:.0%} are the same in {found.serving} and"
        f" {found.other}, {found.overlap_least:.0%} at least ({found.queries} {found.source})."
    )
    lines = [head]
    for example in found.examples:
        lines.append(f"\n{example.overlap:.0%}  {example.query}")
        lines += [f"  - {text}" for text in example.only_serving]
        lines += [f"  + {text}" for text in example.only_other]
    return "\n".join(lines)


def _usage_text(found: "Usage") -> str:
    head = (
        f"{found.texts:,} texts, {found.hit_rate:.0%} from the cache; {found.calls:,} calls of a model,"
        f" {found.saved_calls:,} saved; {found.saved_usd:.4f} US dollars saved."
    )
    lines = [head]
    for spent in found.spending:
        cap = "no cap" if spent.cap_usd is None else f"of {spent.cap_usd:g}"
        lines.append(f"This {spent.period}: {spent.spent_usd:.4f} US dollars {cap}.")
    return "\n".join(lines)
