"""`/api/v1/settings`: what this installation is set to, and why."""

import msgspec
from litestar import get

from likewise.http.guards import operator_only
from likewise.http.surface import Surface
from likewise.platform.feature import App
from likewise.platform.web import Page

__all__ = ["ROUTES"]


class SettingView(msgspec.Struct, frozen=True):
    """One setting: its value (masked where it is a secret), where that came from, and the variable that sets it."""

    name: str
    value: str
    origin: str
    variable: str
    description: str


@get(
    "/settings",
    tags=["installation"],
    guards=[operator_only],
    operation_id="list_settings",
    summary="List settings",
)
async def list_settings(app: App, surface: Surface) -> Page[SettingView]:
    """Every setting with its origin: a flag, the environment, the file, or its default."""
    return Page(
        data=[
            SettingView(one.name, one.value, one.origin, one.variable, one.description)
            for section in surface.sections
            for one in app.settings.describe(section)
        ]
    )


ROUTES = (list_settings,)
