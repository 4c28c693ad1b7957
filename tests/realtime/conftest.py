"""Whole servers on free ports, clients of every kind, and a second Redis that a test may hurt."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
import msgspec
import pytest
import socketio
import uvicorn
from redis.asyncio import Redis

from queue_server.app import DrainingServer, uvicorn_config
from queue_server.application.desk_bodies import DESK_COMMANDS
from queue_server.embedded.redis import redis_binary
from queue_server.embedded.users import service_user
from queue_server.settings import Settings
from queue_server.store.db import Database
from queue_server.wiring import Services
from scheduling_core.permissions import Role
from tests.factories import Clinic
from tests.graph import Graph
from tests.http.world import World, new_world

T = TypeVar("T")


async def until(look: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Return what `look` finds as soon as it is true; fails when it is not in time."""
    async with asyncio.timeout(seconds):
        while True:
            found = look()
            result: Any = await found if isinstance(found, Awaitable) else found
            if result:
                return result
            await asyncio.sleep(0.005)


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
    async with httpx.AsyncClient(base_url=node.url) as client:
        yield await new_world(client, settings, database, graph)


class Heard:
    """What a client was sent, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []

    def of(self, name: str) -> list[Any]:
        """Return the payloads of one event."""
        return [payload for event, payload in self.events if event == name]

    async def next(self, name: str, count: int = 1, seconds: float = 10.0) -> Any:
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
            node.url, transports=list(transports), namespaces=[self.namespace], auth=auth, wait_timeout=5, **more
        )
        return self

    async def call(self, event: str, payload: Any = None) -> Any:
        """Emit and return the acknowledgement."""
        return await self.socket.call(event, payload, namespace=self.namespace, timeout=10)

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


class OwnRedis:
    """A Redis of one test, which may be killed, frozen and started again."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it answers."""
        binary = redis_binary(service_user())
        if binary is None:
            pytest.skip("no Redis on this machine")
        self._process = await asyncio.create_subprocess_exec(
            str(binary), "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no",
            cwd=self._folder, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        client = Redis(unix_socket_path=str(self.socket))
        try:
            async with asyncio.timeout(10):
                while True:
                    try:
                        await client.ping()
                    except Exception:
                        await asyncio.sleep(0.02)
                    else:
                        break
        finally:
            await client.aclose()

    async def kill(self) -> None:
        """Kill it."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
        self.socket.unlink(missing_ok=True)

    def freeze(self) -> None:
        """Let it answer nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)


@asynccontextmanager
async def own_redis() -> AsyncIterator[OwnRedis]:
    """Run a Redis for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="cqr-"))
    own = OwnRedis(folder)
    try:
        await own.start()
        yield own
    finally:
        await own.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def redis() -> AsyncIterator[OwnRedis]:
    """A running Redis of this test's own."""
    async with own_redis() as own:
        yield own


def with_settings(settings: Settings, **changes: Any) -> Settings:
    """Return the settings with some of them changed."""
    return msgspec.structs.replace(settings, **changes)
