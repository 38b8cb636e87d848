"""The guard of what concerns the whole installation, not one tenant."""

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from likewise.platform.errors import Denied
from likewise.platform.tenancy import DEFAULT_TENANT, Caller, Scope

__all__ = ["OperatorOnly", "operator_only"]


class OperatorOnly(Denied):
    """Only an admin key of the default tenant may do this: it concerns the whole installation. Make one with
    `likewise keys create NAME --scope admin`."""


async def operator_only(
    connection: "ASGIConnection[BaseRouteHandler, Caller, None, State]", _: BaseRouteHandler
) -> None:
    """Guard: an admin of the default tenant, who is whoever runs this server."""
    caller: Caller = connection.scope["user"]
    if caller.tenant_id != DEFAULT_TENANT or not caller.may(Scope.ADMIN):
        raise OperatorOnly
