"""`likewise models`: which models there are, which is used, and texts that failed."""

from typing import TYPE_CHECKING, Annotated

import typer

from likewise.platform.commands import Context, confirm, emit, emit_rows, run_with_app

if TYPE_CHECKING:
    from likewise.platform.feature import App

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_models = typer.Typer(
    help="Embedding models: list them, change to another, try failed texts again.", no_args_is_help=True
)
COMMANDS.add_typer(_models, name="models")


@_models.command("list")
def list_models() -> None:
    """Every vector space this database knows; the active one is searched."""

    async def go(app: "App", _: Context) -> None:
        from likewise.engine.embedding import service

        emit_rows(
            await service.list_models(app),
            columns=("space_id", "model", "dimension", "active", "description"),
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


@_models.command("use")
def use(model: Annotated[str, typer.Argument(help="minilm, static, openai or fake")]) -> None:
    """Change to another model: everything is embedded anew, and then searched with it.

    Set LIKEWISE_EMBEDDING_MODEL (or [embedding] model in likewise.toml) to the same name.
    """
    confirm(f"Embed everything anew with {model!r}?")

    async def go(app: "App", _: Context) -> None:
        from likewise.engine.embedding import service

        queued = await service.change_model(app)
        emit({"queued": queued}, text=lambda: f"{queued:,} passages were embedded with {model}.")

    _use_model(model)
    run_with_app(go, worker=True)


def _use_model(model: str) -> None:
    """From here on this process is configured for the new model and may open the database with it."""
    import os

    os.environ["LIKEWISE_EMBEDDING_MODEL"] = model
    os.environ["LIKEWISE_EMBEDDING_ADOPT"] = "true"
