"""Servers as a stranger would write them on `create_socket_server`."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
import socketio
import uvicorn

from queue_server.realtime import WebSocketProtocol, create_socket_server
from tests.realtime.protocol.wire import Door

Serve = Callable[..., Awaitable[Door]]
LONG = 60.0
"""Seconds no test lasts: intervals that must play no part."""


def configured(sio: Any, path: str = "/socket.io/", **config: Any) -> uvicorn.Config:
    """Return how a server is served, on a free port."""
    application = socketio.ASGIApp(sio, socketio_path=path.strip("/"))
    settings: dict[str, Any] = {"lifespan": "off", "access_log": False, "log_config": None} | config
    return uvicorn.Config(application, port=0, ws=WebSocketProtocol, timeout_graceful_shutdown=1, **settings)


async def started(config: uvicorn.Config) -> uvicorn.Server:
    """Serve in this loop."""
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    return server


@asynccontextmanager
async def running(config: uvicorn.Config) -> AsyncIterator[uvicorn.Server]:
    """Serve until the block ends, which cuts all connections: uvicorn's own shutdown takes a tenth of a second."""
    server = await started(config)
    try:
        yield server
    finally:
        for listener in server.servers:
            listener.close()
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await _ended(server.server_state.tasks)


@asynccontextmanager
async def serving(sio: Any, path: str = "/socket.io/", **config: Any) -> AsyncIterator[Door]:
    """Serve a Socket.IO server until the block ends."""
    async with running(configured(sio, path, **config)) as server:
        door = Door(port_of(server), path, sio.eio.sockets)
        try:
            yield door
        finally:
            await door.close()


async def _ended(tasks: Iterable["asyncio.Task[None]"]) -> None:
    _, pending = await asyncio.wait(tasks, timeout=1) if (tasks := list(tasks)) else (None, ())
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)


def port_of(server: uvicorn.Server) -> int:
    """Return the port that a started server listens on."""
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Return a way to serve, until the end of the test."""
    async with AsyncExitStack() as stack:

        async def starting(sio: Any, path: str = "/socket.io/", **config: Any) -> Door:
            return await stack.enter_async_context(serving(sio, path, **config))

        yield starting


def socket_server(**options: Any) -> Any:
    """Return a server whose timers play no part unless they are given."""
    patient = {"ping_interval": LONG, "ping_timeout": LONG, "connect_timeout": LONG, "max_payload": 100_000}
    return create_socket_server(**(patient | {"cors_allowed_origins": "*"} | options))


def echo_server(**options: Any) -> Any:
    """Return a server that speaks Engine.IO only, and sends back every message."""
    sio = socket_server(**options)

    async def echo(sid: str, message: str | bytes) -> None:
        await sio.eio.send(sid, message)

    sio.eio.on("message", echo)
    sio.eio.on("connect", lambda sid, environ: None)
    return sio


def mirror_server(**options: Any) -> Any:
    """Return a Socket.IO server with the namespaces `/` and `/custom` that tells what it was told."""
    sio = socket_server(**options)
    for namespace in ("/", "/custom"):
        mirror(sio, namespace)
    return sio


def mirror(sio: Any, namespace: str) -> None:
    """Let a namespace emit `auth` on connect, say `message-back` to `message`, acknowledge `message-with-ack`."""

    async def connect(sid: str, environ: Any, auth: Any = None) -> None:
        await sio.emit("auth", auth or {}, to=sid, namespace=namespace)

    async def message(sid: str, *arguments: Any) -> None:
        await sio.emit("message-back", arguments, to=sid, namespace=namespace)

    async def message_with_ack(sid: str, *arguments: Any) -> Any:
        return arguments

    sio.on("connect", connect, namespace=namespace)
    sio.on("message", message, namespace=namespace)
    sio.on("message-with-ack", message_with_ack, namespace=namespace)


@pytest.fixture
async def echo(serve: Serve) -> Door:
    """An Engine.IO server that sends back every message."""
    return await serve(echo_server())


@pytest.fixture
async def mirrored(serve: Serve) -> Door:
    """A Socket.IO server that tells what it was told."""
    return await serve(mirror_server())


@pytest.fixture(autouse=True)
def no_tracebacks(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a client sends, no traceback is logged."""
    caplog.set_level(logging.INFO)
    # Whoever configured logging in a test before did so for the rest of the process.
    for name in ("uvicorn", "uvicorn.error"):
        monkeypatch.setattr(logging.getLogger(name), "disabled", False)
        monkeypatch.setattr(logging.getLogger(name), "propagate", True)
        caplog.set_level(logging.INFO, logger=name)
    yield
    traced = [record for record in caplog.get_records("call") if record.exc_info or "Traceback" in record.getMessage()]
    assert traced == []
