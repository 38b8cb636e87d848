"""`likewise inbox channels`: where messages come from, and where answers go."""

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from likewise.apps.inbox.cli.shared import Count, tell
from likewise.platform.commands import Context, emit, run_with_app

if TYPE_CHECKING:
    from likewise.apps.inbox.model import Channel
    from likewise.apps.inbox.views import ChannelView
    from likewise.platform.feature import App

__all__ = ["CHANNELS"]

CHANNELS = typer.Typer(
    help="Channels: where messages come from, where answers go, what both are signed with.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The channel's name.")]
Url = Annotated[str | None, typer.Option("--url", help="Address that answers are sent to; without one you fetch them.")]


class _ChannelRow(msgspec.Struct, frozen=True):
    name: str
    answers_go_to: str
    hook_path: str


@CHANNELS.command("list")
def list_channels(limit: Count = 100) -> None:
    """Every channel, by name."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service

        found = await service.list_channels(app, context.tenant_id, limit=limit)
        tell(
            [_view(app, context, channel) for channel in found],
            lambda view: _ChannelRow(view.name, view.delivery_url or "(fetched)", view.hook_path),
            columns=("name", "answers_go_to", "hook_path"),
            empty="No channel yet; the first message makes `api`.",
        )

    run_with_app(go)


@CHANNELS.command("create")
def create_channel(name: Name, *, url: Url = None) -> None:
    """A new channel. Messages name it; signed webhooks go to its path on the server."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service

        made = await service.create_channel(app, context.tenant_id, name=name, delivery_url=url or None)
        _show(_view(app, context, made))

    run_with_app(go)


@CHANNELS.command("change")
def change_channel(
    name: Name,
    *,
    url: Annotated[str, typer.Option("--url", help='Address that answers are sent to; "" for none.')],
) -> None:
    """Send a channel's answers elsewhere from now on."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service

        _show(_view(app, context, await service.update_channel(app, context.tenant_id, name=name, delivery_url=url)))

    run_with_app(go)


@CHANNELS.command("secret")
def secret(
    name: Name,
    *,
    rotate: Annotated[bool, typer.Option("--rotate", help="Make a new one; the old one signs nothing more.")] = False,
) -> None:
    """What webhooks in and answers out are signed with, by the Standard Webhooks scheme."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.inbox import service
        from likewise.apps.inbox.views import ChannelSecret

        read = service.rotate_secret if rotate else service.get_channel
        channel = await read(app, context.tenant_id, name=name)
        value = service.secret_of(app, context.tenant_id, channel.id, version=channel.secret_version)
        emit(ChannelSecret(value), text=lambda: value)

    run_with_app(go)


def _view(app: "App", context: Context, channel: "Channel") -> "ChannelView":
    from likewise.apps.inbox import service
    from likewise.apps.inbox.views import channel_view

    return channel_view(channel, hook_path=service.hook_path(app, context.tenant_id, channel.id))


def _show(view: "ChannelView") -> None:
    url = view.delivery_url or "nowhere: fetch them with `likewise inbox deliveries --state ready`"
    emit(view, text=lambda: f"{view.name}\n  messages in, signed: POST {view.hook_path}\n  answers out: {url}")
