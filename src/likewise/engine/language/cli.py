"""`likewise language`: ask, see who answers what, what it costs and what it would cost."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from likewise.platform.commands import Context, emit, emit_rows, note, options, run_with_app

if TYPE_CHECKING:
    from collections.abc import Sequence

    from likewise.engine.language.model import ChatRequest, MonthCosts, Passage, Routing, RoutingInfo, WhatIf
    from likewise.platform.feature import App

__all__ = ["COMMANDS"]

COMMANDS = typer.Typer()
_language = typer.Typer(help="Chat models: ask them, route tasks to them, see what they cost.", no_args_is_help=True)
COMMANDS.add_typer(_language, name="language")

_PARAGRAPH = "\n\n"
_TEXT_TITLE = "passage {number}"
TableFile = Annotated[Path, typer.Argument(help="A JSON file with a routing table; `routes --json` writes one.")]


@_language.command()
def chat(
    question: Annotated[str, typer.Argument(help="What to ask.")],
    *,
    passages: Annotated[
        Path | None,
        typer.Option("--passages", help="Text to answer from: .jsonl with id, text, title; else paragraphs."),
    ] = None,
    task: Annotated[str, typer.Option("--task", help="The task, by which the table picks a model.")] = "answer",
    system: Annotated[str | None, typer.Option("--system", help="Instructions before the question.")] = None,
) -> None:
    """Ask a question; the answer comes as it is written. Without a chat model it is made of the passages' sentences."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.language.model import ChatRequest, Message

        before = (Message("system", system),) if system else ()
        sources = _read_passages(passages) if passages is not None else ()
        request = ChatRequest(task=task, messages=(*before, Message("user", question)), passages=tuple(sources))
        await _answer(app, context, request)

    run_with_app(go)


@_language.command()
def models() -> None:
    """Every model a routing table may name, whether it is configured, and its price."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.language import service

        rows = await service.list_models(app, context.tenant_id)
        if options().machine_readable:
            emit({"data": rows})
            return
        emit_rows(
            [_ModelLine(row) for row in rows], columns=("model", "configured", "tiers", "input", "output", "as_of")
        )
        note("Prices are US dollars per million tokens.")

    run_with_app(go)


@_language.command()
def routes(
    *,
    table: Annotated[Path | None, typer.Option("--set", help="Put the table of this JSON file in force.")] = None,
    budget: Annotated[float | None, typer.Option("--budget", min=0, help="Set the month's budget, US dollars.")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Back to the settings' table.")] = False,
) -> None:
    """Which tier answers which task, and the models of each tier; or put another table in force."""

    async def go(app: "App", context: Context) -> None:
        import msgspec

        from likewise.engine.language import service

        info = await service.reset_routing(app, context.tenant_id) if reset else None
        if table is not None:
            info = await service.put_routing(app, context.tenant_id, _read_table(table))
        if budget is not None:
            known = info or await service.get_routing(app, context.tenant_id)
            changed = msgspec.structs.replace(known.routing, budget_month_usd=budget)
            info = await service.put_routing(app, context.tenant_id, changed)
        _show_routing(info or await service.get_routing(app, context.tenant_id))

    run_with_app(go)


@_language.command()
def costs(
    *, months: Annotated[int, typer.Option("--months", min=1, help="Months to show, this one first.")] = 1
) -> None:
    """What chat models cost, by task and model."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.language import service

        found = await service.list_costs(app, context.tenant_id, months=months)
        if options().machine_readable:
            emit({"data": found})
            return
        for month in found:
            _show_month(month)

    run_with_app(go)


@_language.command("what-if")
def what_if(
    table: TableFile,
    *,
    month: Annotated[str | None, typer.Option("--month", help="2026-10; default: the last whole month.")] = None,
) -> None:
    """What a month would have cost under another table. Nothing is changed."""

    async def go(app: "App", context: Context) -> None:
        from likewise.engine.language import service

        found = await service.what_if(app, context.tenant_id, routing=_read_table(table), month=month)
        emit(found) if options().machine_readable else _show_what_if(found)

    run_with_app(go)


class _ModelLine:
    """A model as a row of a table."""

    def __init__(self, row: object) -> None:
        from likewise.engine.language.model import ChatModelInfo

        assert isinstance(row, ChatModelInfo)
        self.model = row.model
        self.configured = "yes" if row.is_configured else "no"
        self.tiers = row.tiers
        self.input = "unknown" if row.price is None else f"{row.price.input_usd:g}"
        self.output = "unknown" if row.price is None else f"{row.price.output_usd:g}"
        self.as_of = row.price_as_of or ("" if row.price is None else "settings")


async def _answer(app: "App", context: Context, request: "ChatRequest") -> None:
    from likewise.engine.language import service
    from likewise.engine.language.model import Finished, TextDelta, ToolCall

    if options().machine_readable:
        from likewise.engine.language.views import chat_reply

        emit(chat_reply(await service.chat(app, context.tenant_id, request)))
        return
    async for event in service.stream_chat(app, context.tenant_id, request):
        if isinstance(event, TextDelta):
            sys.stdout.write(event.text)
            sys.stdout.flush()
        elif isinstance(event, ToolCall):
            sys.stdout.write(f"\n{event.name}({event.arguments})")
        elif isinstance(event, Finished):
            sys.stdout.write("\n")
            sys.stdout.flush()
            cost = "unknown cost" if event.cost_usd is None else f"{event.cost_usd:.6f} US dollars"
            said = "" if event.trouble is None else f"; not the first choice: {event.trouble}"
            counted = "about " if event.is_estimated else ""
            note(
                f"{event.model} ({event.tier}, {event.difficulty}): {counted}{event.input_tokens} tokens in,"
                f" {event.output_tokens} out, {cost}{said}"
            )


def _read_passages(path: Path) -> "Sequence[Passage]":
    """Passages of a file: rows of .jsonl, or the paragraphs of a text."""
    import msgspec

    from likewise.engine.language.errors import ChatRequestRefused
    from likewise.engine.language.model import Passage

    text = path.read_text("utf-8")
    if path.suffix != ".jsonl":
        parts = [part.strip() for part in text.split(_PARAGRAPH) if part.strip()]
        return [Passage(str(number), part) for number, part in enumerate(parts, 1)]
    found: list[Passage] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                found.append(msgspec.json.decode(line, type=Passage))
            except msgspec.MsgspecError as error:
                raise ChatRequestRefused(reason=f"line {number} of {path} is no passage: {error}.") from None
    return found


def _read_table(path: Path) -> "Routing":
    import msgspec

    from likewise.engine.language.errors import RoutingRefused
    from likewise.engine.language.model import Routing, RoutingInfo

    text = path.read_bytes()
    try:
        return msgspec.json.decode(text, type=RoutingInfo).routing  # as `routes --json` writes it
    except msgspec.MsgspecError:
        pass
    try:
        return msgspec.json.decode(text, type=Routing)
    except msgspec.MsgspecError as error:
        raise RoutingRefused(reason=f"{path} holds none: {error}.") from None


def _show_routing(info: "RoutingInfo") -> None:
    if options().machine_readable:
        emit(info)
        return
    routing = info.routing
    emit_rows(routing.routes, columns=("task", "easy", "normal", "hard", "otherwise"))
    for tier in ("cheap", "standard", "strong"):
        note(f"{tier}: {', '.join(getattr(routing.tiers, tier)) or 'no model'}")
    budget = "the settings'" if routing.budget_month_usd is None else f"{routing.budget_month_usd:g} US dollars a month"
    note(f"budget: {budget}; table: {'its own' if info.is_own else 'the settings'}")


def _show_month(month: "MonthCosts") -> None:
    columns = ("task", "tier", "model", "calls", "failed_calls", "input_tokens", "output_tokens", "cost_usd")
    emit_rows(month.rows, columns=columns, empty=f"{month.month}: nothing was asked.")
    bound = "no budget" if month.budget_usd is None else f"of {month.budget_usd:g}"
    note(f"{month.month}: {month.spent_usd:.6f} US dollars, {bound}")
    unpriced = sum(row.unpriced_calls for row in month.rows)
    if unpriced:
        note(f"{unpriced} calls have no known price; state it in LIKEWISE_LANGUAGE_PRICES.")


def _show_what_if(found: "WhatIf") -> None:
    columns = ("task", "difficulty", "calls", "input_tokens", "output_tokens", "actual_usd", "model", "what_if_usd")
    emit_rows(found.rows, columns=columns, empty=f"{found.month}: nothing was asked.")
    note(f"{found.month}: {found.actual_usd:.6f} US dollars were paid; {found.what_if_usd:.6f} would be.")
    if found.is_over_budget:
        note(f"That is over the budget of {found.budget_usd:g} US dollars.")
    if found.models_without_price:
        note(f"Without a known price, thus left out: {', '.join(found.models_without_price)}.")
