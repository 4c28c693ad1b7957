"""Socket.IO over python-engineio: connections, namespaces, events in order, and who is shown out.

The Socket.IO layer of python-socketio is left aside: its table of rooms costs time in proportion to all clients for
each one that leaves, it takes events named `connect`, and it prints a trace for whatever it cannot read. What of it a
server of two namespaces needs is small and stands here; transports stay those of python-engineio.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from time import monotonic
from typing import Any, Protocol

import engineio
import structlog
from engineio.packet import CLOSE, MESSAGE, NOOP, Packet
from engineio.payload import Payload

from queue_server.application.problems import problem_of
from queue_server.realtime import wire
from queue_server.realtime.door import ADDRESS, MOST_PACKETS
from queue_server.realtime.limits import Admission, Bucket
from queue_server.realtime.socket import MOST_QUEUED, Connection, Socket
from queue_server.realtime.statistics import Statistics
from queue_server.settings import Settings
from scheduling_core.errors import DomainError, MalformedRequest, TooManyRequests

log = structlog.stdlib.get_logger("sockets")

PING_SECONDS, PING_TIMEOUT_SECONDS = 25, 20
EVENTS_PER_SECOND, EVENT_BURST = 10.0, 60.0
"""What anybody may send; a namespace enlarges it for those it knows."""
MOST_PENDING = 600
"""Events of one connection that wait for those before them."""
MOST_FAULTS = 50
"""After so many malformed or superfluous packets a connection is ended."""
LONGEST_IDLE = 10
"""Times the idle seconds: the longest that a client may stay that only sends heartbeats."""


class Namespace(Protocol):
    """What is spoken at one address of the socket server."""

    name: str

    async def connect(self, socket: Socket, auth: Mapping[str, Any] | None) -> None:
        """Let a client in; raises a `DomainError` to refuse it."""
        ...

    def connected(self, socket: Socket) -> None:
        """The client knows that it is connected: now events may be sent."""
        ...

    async def handle(self, socket: Socket, event: str, payload: Any) -> object:
        """Do what an event asks and return what it is acknowledged with; raises a `DomainError` to refuse."""
        ...

    def refusal(self, socket: Socket, event: str, error: DomainError | None) -> object:
        """Tell the client of a refusal (None: a fault of ours) and return what the event is acknowledged with."""
        ...

    def disconnected(self, socket: Socket) -> None:
        """The client is gone."""
        ...


class SocketServer:
    """Every connection of this process."""

    def __init__(
        self,
        settings: Settings,
        statistics: Statistics,
        admission: Admission,
        allows_origin: Callable[[str | None, Any], bool],
    ) -> None:
        Payload.max_decode_packets = MOST_PACKETS
        self._statistics = statistics
        self._admission = admission
        self._idle_seconds = settings.socket_idle_seconds
        self._namespaces: dict[str, Namespace] = {}
        self._connections: dict[str, Connection] = {}
        self._engine = engineio.AsyncServer(
            async_mode="asgi",
            async_handlers=False,  # packets of one connection stay in order
            ping_interval=PING_SECONDS,
            ping_timeout=PING_TIMEOUT_SECONDS,
            max_http_buffer_size=settings.socket_max_message_bytes,
            cors_allowed_origins=allows_origin,
            logger=_quiet_logger(),
        )
        self._engine.on("connect", self._opened)
        self._engine.on("message", self._received)
        self._engine.on("disconnect", self._closed)

    def add(self, namespace: Namespace) -> None:
        """Serve `namespace`."""
        self._namespaces[namespace.name] = namespace

    @property
    def connections(self) -> list[Connection]:
        """All connections there are."""
        return list(self._connections.values())

    def sockets(self, namespace: str) -> list[Socket]:
        """All clients of a namespace."""
        return [c.sockets[namespace] for c in self._connections.values() if namespace in c.sockets]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a request or websocket at the address of Engine.IO."""
        await self._engine.handle_request(scope, receive, send)

    # ---- ends -------------------------------------------------------------------------------------------------

    async def end(self, connection: Connection, reason: str) -> None:
        """End a connection at once; official clients connect again by themselves."""
        self._statistics.closed[reason] += 1
        await self._end(connection)

    async def dismiss(self, connection: Connection, reason: str) -> None:
        """End a connection in a way after which official clients do not connect again by themselves."""
        self._statistics.closed[reason] += 1
        for namespace in list(connection.sockets):
            self.leave(connection, namespace, tell=True)
        # The client hangs up when it has read this. One that does not is cut off with the next look for idlers.
        await asyncio.sleep(0)

    def leave(self, connection: Connection, namespace: str, *, tell: bool) -> None:
        """Take a client out of a namespace."""
        socket = connection.sockets.pop(namespace, None)
        if socket is None:
            return
        self._namespaces[namespace].disconnected(socket)
        if tell:
            prefix = "" if namespace == wire.PATIENTS else namespace + ","
            connection.put(Packet(MESSAGE, data=f"1{prefix}"))

    async def _end(self, connection: Connection) -> None:
        engine: Any = connection.engine
        with suppress(Exception):  # whatever state its transport is in
            await engine.close(wait=False, abort=True)
        await self._closed(engine.sid)
        # Without waiting behind what a client that does not read was sent before.
        engine.queue.put_nowait(Packet(CLOSE))
        engine.queue.put_nowait(None)

    async def sweep(self) -> None:
        """End connections that are idle, that never became anything, or that do not read."""
        now = monotonic()
        for connection in self.connections:
            if not connection.is_open:
                continue
            if connection.engine.queue.qsize() >= MOST_QUEUED:
                await self.end(connection, "not_reading")
            elif not connection.is_wanted:
                silent, age = now - max(connection.active, connection.opened), now - connection.opened
                if not connection.sockets:
                    if silent > self._idle_seconds + 2:
                        await self.end(connection, "idle")
                elif silent > self._idle_seconds or age > LONGEST_IDLE * self._idle_seconds:
                    connection.active = connection.opened = now
                    for socket in connection.sockets.values():
                        socket.send("error", _idle_error())
                    await self.dismiss(connection, "idle")

    async def stop(self) -> None:
        """End every connection."""
        for connection in self.connections:
            await self.end(connection, "stopping")
        with suppress(asyncio.CancelledError):
            await self._engine.shutdown()

    # ---- what Engine.IO tells ---------------------------------------------------------------------------------

    async def _opened(self, sid: str, environ: Mapping[str, Any]) -> None:
        address = environ["asgi.scope"][ADDRESS]
        now = monotonic()
        self._admission.opened(address)
        self._connections[sid] = Connection(
            self._engine.sockets[sid], address, now, Bucket(EVENTS_PER_SECOND, EVENT_BURST, now)
        )

    async def _closed(self, sid: str, _reason: str = "") -> None:
        connection = self._connections.pop(sid, None)
        if connection is None:
            return
        self._admission.closed(connection.address)
        connection.inbox.clear()
        engine: Any = connection.engine
        if not engine.upgraded:
            # A poll that waits would else wait on for nobody.
            engine.queue.put_nowait(Packet(NOOP))
        for namespace in list(connection.sockets):
            self.leave(connection, namespace, tell=False)

    async def _received(self, sid: str, data: str | bytes) -> None:
        connection = self._connections.get(sid)
        if connection is None:
            return
        self._statistics.count_received()
        try:
            packet = wire.read(data if isinstance(data, str) else "")
        except wire.MalformedPacket:
            await self._fault(connection, MalformedRequest("This is not a packet that can be read."))
            return
        is_flood = not connection.bucket.take(monotonic()) or len(connection.inbox) >= MOST_PENDING
        if is_flood:
            await self._fault(connection, TooManyRequests(retry_after=1), packet)
            return
        connection.inbox.append(packet)
        if connection.worker is None or connection.worker.done():
            connection.worker = asyncio.create_task(self._work(connection))

    async def _fault(self, connection: Connection, error: DomainError, packet: wire.Incoming | None = None) -> None:
        connection.faults += 1
        if connection.faults > MOST_FAULTS:
            await self.end(connection, "too_many_faults")
            return
        namespace = packet.namespace if packet is not None else next(iter(connection.sockets), "")
        socket = connection.sockets.get(namespace)
        if socket is not None:
            self._refuse(socket, packet, error)

    # ---- packets, one after the other -----------------------------------------------------------------------------

    async def _work(self, connection: Connection) -> None:
        while connection.inbox:
            packet = connection.inbox.popleft()
            if packet.kind == wire.CONNECT:
                await self._connect(connection, packet)
            elif packet.kind == wire.DISCONNECT:
                self.leave(connection, packet.namespace, tell=False)
            elif packet.kind == wire.EVENT and (socket := connection.sockets.get(packet.namespace)) is not None:
                connection.active = monotonic()
                await self._event(socket, packet)

    async def _connect(self, connection: Connection, packet: wire.Incoming) -> None:
        name = packet.namespace
        prefix = "" if name == wire.PATIENTS else name + ","
        namespace = self._namespaces.get(name)
        if namespace is None:
            connection.put(Packet(MESSAGE, data=f'4{prefix}{{"message":"Invalid namespace"}}'))
            return
        if name in connection.sockets:
            return
        socket = Socket(self._engine.generate_id(), name, connection, self._statistics)
        error = await self._asked(namespace.connect(socket, packet.data))
        if error is not None:
            self._statistics.refused[error.code] += 1
            told = {"message": error.detail, "data": problem_of(error)}
            connection.put(Packet(MESSAGE, data=f"4{prefix}{wire.encoded(told)}"))
        elif connection.is_open and connection.engine.sid in self._connections:
            connection.sockets[name] = socket
            connection.put(Packet(MESSAGE, data=f'0{prefix}{{"sid":"{socket.id}"}}'))
            namespace.connected(socket)
        else:
            namespace.disconnected(socket)

    @staticmethod
    async def _asked(work: Awaitable[None]) -> DomainError | None:
        try:
            await work
        except DomainError as error:
            return error
        except Exception:
            log.exception("socket_connect_failed")
            return DomainError("Something went wrong on our side.")
        return None

    async def _event(self, socket: Socket, packet: wire.Incoming) -> None:
        name, payload = packet.data[0], packet.data[1] if len(packet.data) > 1 else None
        try:
            answer = await self._namespaces[socket.namespace].handle(socket, name, payload)
        except DomainError as error:
            self._refuse(socket, packet, error)
        except Exception:
            log.exception("socket_event_failed", namespace=socket.namespace)
            self._refuse(socket, packet, None)
        else:
            self._acknowledge(socket, packet, answer)

    def _refuse(self, socket: Socket, packet: wire.Incoming | None, error: DomainError | None) -> None:
        self._statistics.errors[error.code if error is not None else "internal_error"] += 1
        event = packet.data[0] if packet is not None and packet.kind == wire.EVENT else ""
        answer = self._namespaces[socket.namespace].refusal(socket, event, error)
        if event and packet is not None:
            self._acknowledge(socket, packet, answer)

    def _acknowledge(self, socket: Socket, packet: wire.Incoming, answer: object) -> None:
        if packet.id is not None:
            socket.put(Packet(MESSAGE, data=wire.acknowledgement(socket.namespace, packet.id, answer)))


def _idle_error() -> dict[str, object]:
    return {"code": "idle", "message": "Nothing was followed for too long.", "retryable": True}


def _quiet_logger() -> logging.Logger:
    """A logger for Engine.IO, which would else add a handler of its own and tell of every client's mistake."""
    logger = logging.getLogger("engineio.server")
    logger.setLevel(logging.CRITICAL)
    return logger
