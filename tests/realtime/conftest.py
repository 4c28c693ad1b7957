"""Whole servers on free ports, clients of every kind, and a second Redis that a test may hurt."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

import httpx
import msgspec
import pytest
import socketio
import uvicorn

from queue_server.app import DrainingServer, uvicorn_config
from queue_server.application.desk_bodies import DESK_COMMANDS
from queue_server.settings import Settings
from queue_server.store.db import Database
from queue_server.wiring import Services
from scheduling_core.permissions import Role
from tests.factories import Clinic
from tests.graph import Graph
from tests.http.world import World, new_world
from tests.own_redis import PATIENCE
from tests.own_redis import OwnRedis as OwnRedis
from tests.own_redis import own_redis as own_redis
from tests.own_redis import until as until

T = TypeVar("T")


async def act(graph: Graph, clinic: Clinic, name: str, target: UUID, **fields: Any) -> int:
    """Commit a desk command as another process would, and return the version it made."""
    body = DESK_COMMANDS[name].body(**fields)
    answer = await graph.queue.run(clinic.receptionist, name, target, body)
    assert answer.version is not None
    return answer.version


async def cut(database: Database, application: str) -> None:
    """Cut the database connections of an application."""
    async with database.anonymous() as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", application
        )


class Node:
    """A server of its own in this process."""

    def __init__(self, server: uvicorn.Server, settings: Settings) -> None:
        self._server = server
        self.settings = settings
        self.port: int = server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        app: Any = server.config.app
        self.services: Services = app.http.state.services
        self.realtime: Any = self.services._sockets

    def stats(self) -> dict[str, Any]:
        """Return the figures of its sockets."""
        found: dict[str, Any] = self.realtime.stats()
        return found


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Node]:
    """Serve on a free port until the block ends."""
    server = DrainingServer(uvicorn_config(settings, host="127.0.0.1", port=0))
    task = asyncio.create_task(server._serve())
    try:
        await until(lambda: server.started or task.done())
        if task.done():
            await task
        node = Node(server, settings)
        await until(lambda: node.services.notifications.is_listening)
        if settings.redis_url is not None:
            await until(lambda: node.services.broker.is_connected)
        yield node
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def node(settings: Settings) -> AsyncIterator[Node]:
    """One server."""
    async with serving(settings) as running:
        yield running


@pytest.fixture
async def world(node: Node, settings: Settings, database: Database, graph: Graph) -> AsyncIterator[World]:
    """A clinic with a line of four, spoken to through the server; `graph` commits as another process would."""
    async with httpx.AsyncClient(base_url=node.url, timeout=60) as client:
        yield await new_world(client, settings, database, graph)


class Heard:
    """What a client was sent, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []

    def of(self, name: str) -> list[Any]:
        """Return the payloads of one event."""
        return [payload for event, payload in self.events if event == name]

    async def next(self, name: str, count: int = 1, seconds: float = PATIENCE) -> Any:
        """Wait for the `count`-th event of this name and return its payload."""
        await until(lambda: len(self.of(name)) >= count, seconds)
        return self.of(name)[count - 1]


class Client:
    """An official Python client, and what it heard."""

    def __init__(self, namespace: str = "/") -> None:
        self.namespace = namespace
        self.socket = socketio.AsyncClient(reconnection=False)
        self.heard = Heard()
        self.socket.on("*", self._hear, namespace=namespace)

    async def _hear(self, event: str, *payload: Any) -> None:
        self.heard.events.append((event, payload[0] if payload else None))

    async def connect(self, node: Node, *, transports: Any = ("websocket",), auth: Any = None, **more: Any) -> "Client":
        """Connect and return the client."""
        await self.socket.connect(
            node.url, transports=list(transports), namespaces=[self.namespace], auth=auth, wait_timeout=PATIENCE, **more
        )
        return self

    async def call(self, event: str, payload: Any = None) -> Any:
        """Emit and return the acknowledgement."""
        return await self.socket.call(event, payload, namespace=self.namespace, timeout=PATIENCE)

    async def emit(self, event: str, payload: Any = None) -> None:
        """Emit without waiting."""
        await self.socket.emit(event, payload, namespace=self.namespace)


@pytest.fixture
async def connect(node: Node) -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    """Return a way to connect clients, which are disconnected afterwards."""
    clients: list[Client] = []

    async def connecting(to: Node | None = None, namespace: str = "/", **more: Any) -> Client:
        client = Client(namespace)
        clients.append(client)
        return await client.connect(to or node, **more)

    yield connecting
    for client in clients:
        await client.socket.disconnect()


@pytest.fixture
def desk(world: World, connect: Callable[..., Awaitable[Client]]) -> Callable[..., Awaitable[Client]]:
    """Return a way to connect to `/staff` as a role."""

    async def connecting(role: Role = Role.RECEPTIONIST, to: Node | None = None, **more: Any) -> Client:
        return await connect(to, "/staff", auth={"token": world.bearer(role)}, **more)

    return connecting


@pytest.fixture
async def redis() -> AsyncIterator[OwnRedis]:
    """A running Redis of this test's own."""
    async with own_redis() as own:
        yield own


def with_settings(settings: Settings, **changes: Any) -> Settings:
    """Return the settings with some of them changed."""
    return msgspec.structs.replace(settings, **changes)
