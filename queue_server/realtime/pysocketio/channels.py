"""Rooms across servers: what is sent to a room goes out here and, over the broker, where else it has members."""

from collections.abc import Callable, Hashable
from typing import Protocol
from uuid import uuid4

import msgspec

from queue_server.broker import Broker
from queue_server.realtime.engine.packets import Message


class Carried(msgspec.Struct, frozen=True, array_like=True):
    """A packet on its way to the members of a room on other servers."""

    server: str
    text: bytes
    attachments: tuple[bytes, ...]
    skip: tuple[str, ...]


class Deliver(Protocol):
    """Sends to the members of a room on this server."""

    def __call__(self, namespace: str, room: Hashable, message: Message, skip: frozenset[str]) -> None: ...


class Channels:
    """One channel a room, subscribed only while the room has a member here."""

    def __init__(self, broker: Broker, deliver: Deliver) -> None:
        self._broker = broker
        self._deliver = deliver
        self._server = uuid4().hex
        self._encode: Callable[[Carried], bytes] = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Carried).decode

    def opened(self, namespace: str, room: Hashable) -> None:
        """The room has its first member here."""

        def received(payload: bytes) -> None:
            self._received(namespace, room, payload)

        self._broker.subscribe(_channel(namespace, room), received)

    def closed(self, namespace: str, room: Hashable) -> None:
        """The last member here has left."""
        self._broker.unsubscribe(_channel(namespace, room))

    def publish(self, namespace: str, room: Hashable, message: Message, skip: frozenset[str]) -> None:
        """Send to the room's members on other servers."""
        carried = Carried(self._server, message.text, message.attachments, tuple(skip))
        self._broker.publish(_channel(namespace, room), self._encode(carried))

    def _received(self, namespace: str, room: Hashable, payload: bytes) -> None:
        try:
            carried = self._decode(payload)
        except msgspec.MsgspecError:
            return
        if carried.server != self._server:
            self._deliver(namespace, room, Message(carried.text, carried.attachments), frozenset(carried.skip))


def _channel(namespace: str, room: Hashable) -> str:
    # The length says where the namespace ends, for it may hold whatever a room's name holds.
    prefix = f"sockets:{len(namespace)}:{namespace}"
    if room is None:
        return prefix
    return f"{prefix}:{str.__str__(room)}" if isinstance(room, str) else f"{prefix}#{room!r}"
