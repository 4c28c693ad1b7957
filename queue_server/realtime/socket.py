"""A client's connection and its sockets, one per namespace: in order, bounded, and sent to without waiting."""

import asyncio
from collections import deque
from typing import Any

from queue_server.realtime import wire
from queue_server.realtime.engine.packets import Message
from queue_server.realtime.engine.session import Session
from queue_server.realtime.limits import Bucket
from queue_server.realtime.statistics import Statistics


class Connection:
    """One Engine.IO session."""

    __slots__ = (
        "active",
        "address",
        "bucket",
        "faults",
        "inbox",
        "longest",
        "opened",
        "pending",
        "session",
        "sockets",
        "worker",
    )

    def __init__(self, session: Session, address: str, now: float, bucket: Bucket, *, longest: int) -> None:
        self.session = session
        self.address = address
        self.opened = now
        self.active = now
        """When the client last sent an event."""
        self.bucket = bucket
        self.longest = longest
        """Characters that one message may have; decoded, which is at once, they may weigh twenty times as much."""
        self.pending = 0
        """Characters of what waits in the inbox, and of what is being handled."""
        self.faults = 0
        """Malformed or superfluous packets so far."""
        self.inbox: deque[tuple[wire.Incoming, int]] = deque()
        self.worker: asyncio.Task[None] | None = None
        self.sockets: dict[str, Socket] = {}

    @property
    def is_open(self) -> bool:
        """Whether anything sent may still arrive."""
        return not self.session.is_closed

    @property
    def is_wanted(self) -> bool:
        """Whether one of its sockets follows something, so that the connection is not idle."""
        return any(socket.is_wanted for socket in self.sockets.values())


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
        return self.connection.session.is_paused

    def send(self, name: str, payload: object) -> bool:
        """Send an event; False when the client is gone."""
        if not self._may_send():
            return False
        self.connection.session.send(wire.event(self.namespace, name, payload))
        return True

    def put(self, message: Message) -> bool:
        """Send a message made by `frame`, which may be the same for many; False when the client is gone."""
        if not self._may_send():
            return False
        self.connection.session.put(message)
        return True

    def acknowledge(self, identity: int, answer: object) -> None:
        """Answer the event that came with `identity`."""
        if self._may_send():
            self.connection.session.send(wire.acknowledgement(self.namespace, identity, answer))

    def _may_send(self) -> bool:
        if self.connection.session.is_closed:
            self._statistics.dropped += 1
            return False
        self._statistics.count_sent()
        return True


def frame(namespace: str, name: str, payload: object) -> Message:
    """Return an event as a message that any number of sockets of the namespace can be sent."""
    return Message(wire.event(namespace, name, payload))
