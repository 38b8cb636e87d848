"""The HTTP surface on the tests' database: in process for most tests, on a real socket where the wire matters."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import httpx
import pytest
from tests.brief import brief

from likewise.app import list_features, sections
from likewise.http.asgi import build_asgi
from likewise.http.server import bind, serving, url_of
from likewise.http.surface import Service
from likewise.platform.db import Database
from likewise.platform.feature import App
from likewise.platform.ids import encode_id, new_id
from likewise.platform.tenancy import create_key, create_tenant

ADDRESS = "http://127.0.0.1:8765"
MakeClient = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture(scope="session")
def asgi(app: App) -> Service:
    """As on loopback: without a key, the caller is the machine's owner."""
    return build_asgi(app, list_features(), keyless=True, sections=sections())


@pytest.fixture
async def owner(asgi: Service) -> AsyncIterator[httpx.AsyncClient]:
    """The machine's owner, without a key."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(brief(asgi)), base_url=ADDRESS) as client:
        yield client


@pytest.fixture
async def client_of(asgi: Service, database: Database) -> AsyncIterator[MakeClient]:
    """Clients that carry a fresh key of a tenant."""
    opened: list[httpx.AsyncClient] = []

    async def make(tenant_id: UUID, *scopes: str) -> httpx.AsyncClient:
        made = await create_key(database, tenant_id, name="test", scopes=scopes or ("admin",))
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(brief(asgi)),
            base_url=ADDRESS,
            headers={"Authorization": f"Bearer {made.key}"},
        )
        opened.append(client)
        return client

    yield make
    for client in opened:
        await client.aclose()


@pytest.fixture
async def other_tenant_id(database: Database) -> UUID:
    """A second tenant, to be kept apart from the first."""
    return (await create_tenant(database, name=encode_id("test", new_id()))).tenant_id


@pytest.fixture
async def client(client_of: MakeClient, tenant_id: UUID) -> httpx.AsyncClient:
    """An admin of a fresh tenant."""
    return await client_of(tenant_id)


@pytest.fixture
async def wire(app: App, client: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """The same admin over a real connection, to a server of its own."""
    asgi = build_asgi(app, list_features(), keyless=True)
    listening = bind("127.0.0.1", 0, backlog=128)
    async with (
        serving(app, asgi, listening),
        httpx.AsyncClient(base_url=url_of(listening), headers=client.headers) as connected,
    ):
        yield connected
