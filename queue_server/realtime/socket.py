"""A client's connection and its sockets, one per namespace: in order, bounded, and sent to without waiting."""

import asyncio
from collections import deque
from typing import Any, Protocol

from engineio.packet import MESSAGE, Packet

from queue_server.realtime import wire
from queue_server.realtime.limits import Bucket
from queue_server.realtime.statistics import Statistics

MOST_QUEUED = 256
"""Packets that may wait for a client; beyond, it is taken as not reading."""
ROOM_LEFT = 32
"""Up to here there is room for updates that a newer one makes superfluous."""


class Engine(Protocol):
    """The part of an Engine.IO socket that is used: the queue its transport sends from, and whether it ends."""

    sid: str
    queue: asyncio.Queue[Any]
    closed: bool
    closing: bool


class Connection:
    """One Engine.IO session."""

    __slots__ = ("active", "address", "bucket", "engine", "faults", "inbox", "opened", "sockets", "worker")

    def __init__(self, engine: Engine, address: str, now: float, bucket: Bucket) -> None:
        self.engine = engine
        self.address = address
        self.opened = now
        self.active = now
        """When the client last sent an event."""
        self.bucket = bucket
        self.faults = 0
        """Malformed or superfluous packets so far."""
        self.inbox: deque[wire.Incoming] = deque()
        self.worker: asyncio.Task[None] | None = None
        self.sockets: dict[str, Socket] = {}

    @property
    def is_open(self) -> bool:
        """Whether anything sent may still arrive."""
        return not (self.engine.closed or self.engine.closing)

    @property
    def is_wanted(self) -> bool:
        """Whether one of its sockets follows something, so that the connection is not idle."""
        return any(socket.is_wanted for socket in self.sockets.values())

    def put(self, packet: Packet) -> bool:
        """Queue a packet; False when the client is gone or reads too slowly."""
        if not self.is_open or self.engine.queue.qsize() >= MOST_QUEUED:
            return False
        self.engine.queue.put_nowait(packet)
        return True


class Socket:
    """A client within one namespace."""

    __slots__ = ("_statistics", "connection", "id", "is_wanted", "namespace", "state")

    def __init__(self, identity: str, namespace: str, connection: Connection, statistics: Statistics) -> None:
        self.id = identity
        self.namespace = namespace
        self.connection = connection
        self.is_wanted = False
        """Set by the namespace while the client follows something."""
        self.state: Any = None
        """What the namespace keeps of this client."""
        self._statistics = statistics

    @property
    def is_open(self) -> bool:
        """Whether the client is still here: any await may have seen it go."""
        return self.connection.sockets.get(self.namespace) is self and self.connection.is_open

    @property
    def is_congested(self) -> bool:
        """Whether so much waits for the client that a snapshot had better be sent later."""
        return self.connection.engine.queue.qsize() >= ROOM_LEFT

    def send(self, name: str, payload: object) -> bool:
        """Send an event; False when the client is gone or reads too slowly."""
        return self.put(frame(self.namespace, name, payload))

    def put(self, packet: Packet) -> bool:
        """Send a packet made by `frame`, which may be the same for many."""
        if self.connection.put(packet):
            self._statistics.count_sent()
            return True
        return False


def frame(namespace: str, name: str, payload: object) -> Packet:
    """Return an event as a packet that any number of sockets of the namespace can be sent."""
    return Packet(MESSAGE, data=wire.event(namespace, name, payload))
