"""A server with tiny routes: what the adapter does shows best where handlers do nothing."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import SimpleNamespace
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from queue_server.app import create_app
from queue_server.application.actor import Actor
from queue_server.application.budgets import Budgets
from queue_server.application.tenant_limits import TenantLimits
from queue_server.application.unit import Recorder
from queue_server.http.adapter import PathApp
from queue_server.http.endpoint import Endpoint
from queue_server.http.middleware import middleware
from queue_server.http.routes import exception_handlers
from queue_server.metrics import Metrics
from queue_server.rate_limits.in_process import InProcessLimiter
from queue_server.settings import Settings, load
from queue_server.store.db import Database
from scheduling_core.errors import Forbidden, Unauthenticated
from scheduling_core.ids import AccountId, TenantId
from scheduling_core.permissions import Role
from tests.graph import Graph
from tests.http.world import World, new_world

TENANT = TenantId(UUID("018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e01"))
ENVIRONMENT = {
    "DATABASE_URL": "postgresql://queue_app@localhost/clinic_queue",
    "JWT_KEYS": "k1:0123456789abcdefghijklmnopqrstuvwxyz",
    "MAX_BODY_BYTES": "2048",
    "PUBLIC_REQUESTS_PER_MINUTE": "6",
    "CORS_ORIGIN": "https://desk.example.org",
}

Serve = Callable[[Sequence[Endpoint]], AbstractAsyncContextManager[httpx.AsyncClient]]


class RoleAsToken:
    """Authenticates a token that is the name of a role."""

    async def authenticate(self, token: str, *, tenant: str | None, request_id: str | None) -> Actor:
        if token not in set(Role):
            raise Unauthenticated
        if tenant not in (None, str(TENANT)):
            raise Forbidden
        return Actor(tenant=TENANT, account=AccountId(UUID(int=7)), role=Role(token), request_id=request_id)


class NoTracking:
    """Knows no link."""

    def tenant_of(self, token: str) -> TenantId | None:
        return None


@pytest.fixture
def serve() -> Serve:
    """Return a way to serve endpoints in this process."""

    @asynccontextmanager
    async def serving(endpoints: Sequence[Endpoint]) -> AsyncIterator[httpx.AsyncClient]:
        settings = load(ENVIRONMENT)
        by_path: dict[str, list[Endpoint]] = {}
        for endpoint in endpoints:
            by_path.setdefault(endpoint.path, []).append(endpoint)
        app = Starlette(
            routes=[Route(path, PathApp(path, group)) for path, group in by_path.items()],
            middleware=middleware(settings),
            exception_handlers=exception_handlers(),
        )
        app.router.redirect_slashes = False  # as in the real one: a Host header must not steer anybody
        # No route here is a tenant's own, and a database that is not open says so at once.
        tenants = TenantLimits(settings=settings, db=Database(settings.database_url), recorder=Recorder())
        app.state.services = SimpleNamespace(
            settings=settings,
            access=RoleAsToken(),
            metrics=Metrics(),
            limiter=InProcessLimiter(),
            budgets=Budgets(settings, tenants),
            tracking=NoTracking(),
        )
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://queue") as client:
            client.app = app  # type: ignore[attr-defined]
            yield client

    return serving


@pytest.fixture
async def app_client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole server, in this process."""
    server = create_app(settings)
    async with server.http.router.lifespan_context(server.http):
        transport = httpx.ASGITransport(server)
        async with httpx.AsyncClient(transport=transport, base_url="http://queue") as client:
            client.server = server  # type: ignore[attr-defined]
            yield client


@pytest.fixture
async def world(app_client: httpx.AsyncClient, settings: Settings, database: Database, graph: Graph) -> World:
    """A server with a clinic, four people in line and somebody of every role."""
    return await new_world(app_client, settings, database, graph)


@pytest.fixture
async def neighbour(world: World, settings: Settings, database: Database, graph: Graph) -> World:
    """Another tenant on the same server."""
    return await new_world(world.client, settings, database, graph)
