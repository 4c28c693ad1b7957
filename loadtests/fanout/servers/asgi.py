"""Python servers behind uvicorn: ours and stock python-socketio, with the same handlers.

python -m loadtests.fanout.servers.asgi '{"kind": "ours", …}'
"""

import asyncio
import socket
import time
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Protocol

import msgspec
import socketio
import uvicorn
import uvloop

from loadtests.fanout.servers.orders import Config, Order, config_from_arguments, line, read_order

PING_INTERVAL, PING_TIMEOUT = 25, 20
REDIS_SECONDS = 10.0


class EmitEach(Protocol):
    """How a server gives each client its own payload."""

    async def __call__(self, event: str, payloads: Mapping[str, object]) -> None: ...


class Room(msgspec.Struct):
    """A room and who is in it: session id and the member's number."""

    name: str
    members: list[tuple[str, int]] = msgspec.field(default_factory=list)


class Application:
    """A queue's updates to its rooms, on a python-socketio server."""

    def __init__(self, config: Config, sio: socketio.AsyncServer, emit_each: EmitEach) -> None:
        self._config, self._sio, self._emit_each = config, sio, emit_each
        self._rooms = [Room(name) for name in config.rooms]
        self._by_name = {room.name: room for room in self._rooms}
        self._members = 0
        self._sent: list[int] = []
        sio.on("connect", self._connect)

    async def _connect(self, sid: str, _environ: object, auth: Mapping[str, Any]) -> None:
        await self._sio.enter_room(sid, auth["room"])
        self._by_name[auth["room"]].members.append((sid, auth["member"]))
        self._members += 1

    async def obey(self, order: Order) -> object:
        """Do as told; returns an answer, or None where none is due.

        A broadcast has a turn of the event loop to itself, as it would have if a request of its own had caused it.
        """
        match order.do:
            case "shared":
                for sequence in range(order.first, order.first + order.count):
                    await self._shared(self._room_of(sequence), sequence)
                    await asyncio.sleep(0)
            case "personal":
                for sequence in range(order.first, order.first + order.count):
                    await self._personal(self._room_of(sequence), sequence)
                    await asyncio.sleep(0)
            case "paced":
                self._sent.append(time.monotonic_ns())
                await self._shared(self._rooms[order.room], order.first)
            case "sent":
                sent, self._sent = self._sent, []
                return {"sent": sent}
            case "members":
                return {"members": self._members}
        return None

    def _room_of(self, sequence: int) -> Room:
        return self._rooms[sequence % len(self._rooms)]

    async def _shared(self, room: Room, sequence: int) -> None:
        await self._sio.emit(self._config.event, {**self._config.template, "sequence": sequence}, room=room.name)

    async def _personal(self, room: Room, sequence: int) -> None:
        template = {**self._config.template, "sequence": sequence}
        await self._emit_each(
            self._config.event,
            {sid: {**template, "position": 1000 + (member + sequence) % 9000} for sid, member in room.members},
        )


def stock(config: Config) -> tuple[Application, socketio.AsyncServer, dict[str, Any]]:
    """Return the application on python-socketio as it comes, and uvicorn's options (none: its defaults)."""
    sio = socketio.AsyncServer(async_mode="asgi", ping_interval=PING_INTERVAL, ping_timeout=PING_TIMEOUT)

    async def emit_each(event: str, payloads: Mapping[str, object]) -> None:
        for sid, payload in payloads.items():
            await sio.emit(event, payload, to=sid)

    return Application(config, sio, emit_each), sio, {}


async def ours(config: Config) -> tuple[Application, socketio.AsyncServer, dict[str, Any]]:
    """Return the application on our server, and uvicorn's options. Raises `TimeoutError` if Redis does not answer."""
    # Imported here, so that stock's garbage collector has nothing of ours to look through.
    from queue_server.broker.redis import RedisBroker
    from queue_server.garbage import GarbageCollection
    from queue_server.realtime import WebSocketProtocol, create_socket_server

    more: dict[str, Any] = {}
    if config.redis is not None:
        broker = more["broker"] = RedisBroker([config.redis])
        await broker.start()
        async with asyncio.timeout(REDIS_SECONDS):
            while not broker.is_connected:  # noqa: ASYNC110 – a broker has no event for it
                await asyncio.sleep(0.01)
    sio = create_socket_server(ping_interval=PING_INTERVAL, ping_timeout=PING_TIMEOUT, **more)
    # As `queue_server.app` serves it.
    GarbageCollection().start()
    return Application(config, sio, sio.emit_each), sio, {"ws": WebSocketProtocol}


class Server(uvicorn.Server):
    """uvicorn that says when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepts = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self.accepts.set()


async def serve(config: Config) -> None:
    """Serve and obey until the control channel closes."""
    application, sio, options = stock(config) if config.kind == "stock" else await ours(config)
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    # Only warnings are logged; everything else is uvicorn's default, uvloop and httptools included.
    server = Server(uvicorn.Config(socketio.ASGIApp(sio), log_level="warning", access_log=False, **options))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await server.accepts.wait()
    reader, writer = await asyncio.open_unix_connection(config.control)
    packages = ("python-socketio", "python-engineio", "uvicorn", "uvloop", "websockets", "msgspec")
    writer.write(line({"port": listening.getsockname()[1], "versions": {name: version(name) for name in packages}}))
    while text := await reader.readline():
        answer = await application.obey(read_order(text))
        if answer is not None:
            writer.write(line(answer))
    server.force_exit = server.should_exit = True
    await serving


if __name__ == "__main__":
    uvloop.run(serve(config_from_arguments()))
