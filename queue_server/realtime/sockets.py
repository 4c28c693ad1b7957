"""Socket.IO over our engine: connections, namespaces, events in order, and who is shown out.

What of Socket.IO a server of two namespaces needs stands here; packets are read strictly, a client's events are
handled one after the other, and what is sent goes out at once.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from itertools import islice
from secrets import token_urlsafe
from time import monotonic
from typing import Any, Protocol

import structlog

from queue_server.application.problems import problem_of
from queue_server.realtime import packet_text, wire
from queue_server.realtime.door import ADDRESS, CORSHeaders
from queue_server.realtime.engine.engine import Engine, Receive, Scope, Send
from queue_server.realtime.engine.frames import CloseCode
from queue_server.realtime.engine.session import Reason, Session
from queue_server.realtime.limits import Admission, Bucket
from queue_server.realtime.socket import Connection, Socket
from queue_server.realtime.statistics import Statistics
from queue_server.settings import Settings
from scheduling_core.errors import DomainError, MalformedRequest, TooManyRequests

log = structlog.stdlib.get_logger("sockets")

PING_SECONDS, PING_TIMEOUT_SECONDS = 25, 20
EVENTS_PER_SECOND, EVENT_BURST, LONGEST = 10.0, 60.0, 8_192
"""What anybody may send, and the characters of one message; a namespace enlarges it for those it knows."""
MOST_PENDING, MOST_BYTES_PENDING = 600, 4
"""Events of one connection that wait for those before them; their bytes, as a multiple of the longest it may send."""
BODY_SECONDS = 20.0
"""So long a polling client may take to send a body."""
MOST_FAULTS = 50
"""After so many malformed or superfluous packets a connection is ended."""
LONGEST_IDLE = 10
"""Times the idle seconds: the longest that a client may stay that only sends heartbeats."""
FRAMES_PER_SECOND, FRAME_BURST = 100, 1_500
"""Frames of one websocket, whatever they carry; events are counted once more."""
MOST_PACKETS = 256
"""Packets in one body of a polling client."""
SWEPT_AT_ONCE = 2_000
"""Connections looked at in one sweep; the others have their turn in the next."""
CODES = {
    "draining": CloseCode.SERVICE_RESTART,
    "stopping": CloseCode.SERVICE_RESTART,
    "too_many_faults": CloseCode.POLICY,
    "idle": CloseCode.POLICY,
}
"""What websockets are closed with; after POLICY nobody should come back as they were, after all others they should."""
ENDED = {
    Reason.NOT_READING: "not_reading",
    Reason.MALFORMED: "malformed",
    Reason.PING_TIMEOUT: "ping_timeout",
    Reason.FLOOD: "too_many_messages",
}
"""Ends that the engine has decided on, as the figures name them."""


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
        self, settings: Settings, statistics: Statistics, admission: Admission, cors_headers: CORSHeaders
    ) -> None:
        self._statistics = statistics
        self._admission = admission
        self._longest = settings.socket_max_message_bytes
        self._idle_seconds = settings.socket_idle_seconds
        self._namespaces: dict[str, Namespace] = {}
        self._connections: dict[str, Connection] = {}
        self._swept = 0
        self._engine = Engine(
            self,
            generate_id=lambda: token_urlsafe(15),
            ping_interval=PING_SECONDS,
            ping_timeout=PING_TIMEOUT_SECONDS,
            max_payload=settings.socket_max_message_bytes,
            max_packets=MOST_PACKETS,
            stall_timeout=float(settings.socket_idle_seconds),
            body_timeout=min(BODY_SECONDS, float(settings.socket_idle_seconds)),
            frame_rate=(FRAMES_PER_SECOND, FRAME_BURST),
            cors_headers=cors_headers,
        )

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

    @property
    def backlogs(self) -> list[int]:
        """How many bytes wait for each client that is slow."""
        return [session.buffered for session in self._engine.slow]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or websocket at the address of Engine.IO."""
        await self._engine(scope, receive, send)

    # ---- ends -------------------------------------------------------------------------------------------------

    def end(self, connection: Connection, reason: str) -> None:
        """End a connection at once; official clients connect again by themselves."""
        self._statistics.closed[reason] += 1
        connection.session.close(code=CODES.get(reason))

    def dismiss(self, connection: Connection, reason: str) -> None:
        """End a connection in a way after which official clients do not connect again by themselves."""
        self._statistics.closed[reason] += 1
        for namespace in list(connection.sockets):
            self.leave(connection, namespace, tell=True)
        # The client hangs up when it has read this. One that does not is cut off with the next look for idlers.

    def leave(self, connection: Connection, namespace: str, *, tell: bool) -> None:
        """Take a client out of a namespace."""
        socket = connection.sockets.pop(namespace, None)
        if socket is None:
            return
        self._namespaces[namespace].disconnected(socket)
        if tell:
            connection.session.send(wire.dismissed(namespace))

    def sweep(self) -> None:
        """End connections that are idle or never became anything."""
        now = monotonic()
        if self._swept >= len(self._connections):
            self._swept = 0
        chosen = list(islice(self._connections.values(), self._swept, self._swept + SWEPT_AT_ONCE))
        self._swept += SWEPT_AT_ONCE
        for connection in chosen:
            if not connection.is_wanted and connection.is_open:
                self._look_at(connection, now)

    def _look_at(self, connection: Connection, now: float) -> None:
        silent, age = now - max(connection.active, connection.opened), now - connection.opened
        if not connection.sockets:
            if silent > self._idle_seconds + 2:
                self.end(connection, "idle")
        elif silent > self._idle_seconds or age > LONGEST_IDLE * self._idle_seconds:
            connection.active = connection.opened = now
            for socket in list(connection.sockets.values()):
                socket.send("error", _idle_error())
            if connection.is_open:  # sending may end it, which is counted as what it is
                self.dismiss(connection, "idle")

    def stop(self) -> None:
        """End every connection."""
        for connection in self.connections:
            self.end(connection, "stopping")
        self._engine.stop()

    # ---- what the engine tells ----------------------------------------------------------------------------------

    async def admit(self, session: Session, scope: Scope) -> None:
        """Everybody may open a session whom the door has let in."""
        now = monotonic()
        bucket = Bucket(EVENTS_PER_SECOND, EVENT_BURST, now)
        session.owner = Connection(session, scope[ADDRESS], now, bucket, longest=min(LONGEST, self._longest))

    def opened(self, session: Session) -> None:
        """Count the connection."""
        connection: Connection = session.owner
        self._admission.opened(connection.address)
        self._connections[session.sid] = connection

    def closed(self, session: Session, reason: Reason) -> None:
        """Forget the connection."""
        connection = self._connections.pop(session.sid, None)
        if connection is None:
            return
        if reason in ENDED:
            self._statistics.closed[ENDED[reason]] += 1
        self._admission.closed(connection.address)
        connection.inbox.clear()
        session.owner = None  # the clock keeps closed sessions until their next ping would be due
        for namespace in list(connection.sockets):
            self.leave(connection, namespace, tell=False)

    def is_joined(self, session: Session) -> bool:
        """Whoever follows nothing is found by `sweep`."""
        return True

    def received(self, session: Session, data: str | bytes) -> None:
        """Read a packet and have it handled after those before it."""
        connection: Connection = session.owner
        self._statistics.count_received()
        try:
            packet = wire.read(data if isinstance(data, str) and len(data) <= connection.longest else "")
        except packet_text.MalformedPacket:
            self._fault(connection, MalformedRequest("This is not a packet that can be read."))
            return
        connection.pending += len(data)
        is_too_much = (
            len(connection.inbox) >= MOST_PENDING or connection.pending > MOST_BYTES_PENDING * connection.longest
        )
        if not connection.bucket.take(monotonic()) or is_too_much:
            connection.pending -= len(data)
            self._fault(connection, TooManyRequests(retry_after=1), packet)
            return
        connection.inbox.append((packet, len(data)))
        if connection.worker is None:
            connection.worker = asyncio.get_running_loop().create_task(self._work(connection))

    def _fault(self, connection: Connection, error: DomainError, packet: wire.Incoming | None = None) -> None:
        connection.faults += 1
        if connection.faults > MOST_FAULTS:
            self.end(connection, "too_many_faults")
            return
        namespace = packet.namespace if packet is not None else next(iter(connection.sockets), "")
        socket = connection.sockets.get(namespace)
        if socket is not None:
            self._refuse(socket, packet, error)

    # ---- packets, one after the other -----------------------------------------------------------------------------

    async def _work(self, connection: Connection) -> None:
        try:
            while connection.inbox:
                packet, size = connection.inbox.popleft()
                await self._take(connection, packet)
                connection.pending -= size
        finally:
            connection.worker = None

    async def _take(self, connection: Connection, packet: wire.Incoming) -> None:
        if packet.kind == packet_text.CONNECT:
            await self._connect(connection, packet)
        elif packet.kind == packet_text.DISCONNECT:
            self.leave(connection, packet.namespace, tell=False)
        elif packet.kind == packet_text.EVENT and (socket := connection.sockets.get(packet.namespace)) is not None:
            connection.active = monotonic()
            await self._event(socket, packet)

    async def _connect(self, connection: Connection, packet: wire.Incoming) -> None:
        name, session = packet.namespace, connection.session
        namespace = self._namespaces.get(name)
        if namespace is None:
            session.send(wire.refused(name, {"message": "Invalid namespace"}))
            return
        if name in connection.sockets:
            return
        socket = Socket(token_urlsafe(15), name, connection, self._statistics)
        error = await self._asked(namespace.connect(socket, packet.data))
        if error is not None:
            self._statistics.refused[error.code] += 1
            session.send(wire.refused(name, {"message": error.detail, "data": problem_of(error)}))
        elif connection.is_open:
            connection.sockets[name] = socket
            session.send(wire.connected(name, socket.id))
            if socket.is_open:  # sending may end it, after which nothing would forget it
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
        event = packet.data[0] if packet is not None and packet.kind == packet_text.EVENT else ""
        answer = self._namespaces[socket.namespace].refusal(socket, event, error)
        if event and packet is not None:
            self._acknowledge(socket, packet, answer)

    @staticmethod
    def _acknowledge(socket: Socket, packet: wire.Incoming, answer: object) -> None:
        if packet.id is not None:
            socket.acknowledge(packet.id, answer)


def _idle_error() -> dict[str, object]:
    return {"code": "idle", "message": "Nothing was followed for too long.", "retryable": True}
