"""One light websocket connection on an asyncio loop: upgrade, heartbeats, packets out of frames; what they mean is
left to its subclasses."""

import asyncio
from typing import cast
from urllib.parse import urlsplit

from loadtests import wire

CONNECT_SECONDS = 20.0
"""The official client's own patience with a connection attempt."""


class Connection(asyncio.Protocol):
    """Speaks websocket and Engine.IO. `transport` is None before the connection stands and after it has ended."""

    def __init__(self, host: str) -> None:
        self._upgrade: wire.Upgrade | None = wire.Upgrade(host)
        self._frames = wire.Frames()
        self.transport: asyncio.Transport | None = None
        self.fault: str | None = None
        """What the server did wrong, if that ended the connection."""

    async def open(self, url: str) -> None:
        """Connect to the server at `url`; raises `OSError` when nobody is there."""
        parts = urlsplit(url)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_SECONDS):
            await loop.create_connection(lambda: self, parts.hostname or "", parts.port or 80)

    def send(self, packet: bytes) -> None:
        """Send an Engine.IO packet; does nothing once the connection has ended."""
        if self.transport is not None:
            self.transport.write(wire.frame(wire.TEXT, packet))

    def abort(self) -> None:
        """End the connection without a word, as a phone in a lift does."""
        if self.transport is not None:
            self.transport.abort()

    def hang_up(self) -> None:
        """End the connection with a close frame."""
        if self.transport is not None:
            self.transport.write(wire.frame(wire.CLOSE, b"\x03\xe8"))
            self.transport.close()

    # ---- for subclasses -------------------------------------------------------------------------------------------

    def opened(self) -> None:
        """The Engine.IO session is open: connect to a namespace."""

    def packet(self, packet: bytes) -> None:
        """A Socket.IO packet has come, without Engine.IO's type."""

    def ended(self) -> None:
        """The connection is gone."""

    # ---- asyncio's side -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        assert self._upgrade is not None
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._upgrade.request)

    def data_received(self, data: bytes) -> None:
        """Take what the server sent."""
        try:
            if self._upgrade is not None:
                rest = self._upgrade.answered(data)
                if rest is None:
                    return
                self._upgrade, data = None, rest
            for opcode, payload in self._frames.feed(data):
                if opcode == wire.TEXT:
                    self._engine(payload)
                else:
                    self._control(opcode, payload)
        except wire.ProtocolFault as fault:
            self.fault = str(fault)
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the subclass."""
        self.transport = None
        self.ended()

    def _engine(self, payload: bytes) -> None:
        kind = payload[:1]
        if kind == wire.MESSAGE:
            self.packet(payload[1:])
        elif kind == wire.HEARTBEAT:
            self.send(wire.HEARTBEAT_ANSWER)
        elif kind == wire.OPEN:
            self.opened()
        elif kind == wire.END:
            self.hang_up()

    def _control(self, opcode: int, payload: bytes) -> None:
        if self.transport is None:
            return
        if opcode == wire.PING:
            self.transport.write(wire.frame(wire.PONG, payload))
        elif opcode == wire.CLOSE:
            self.transport.write(wire.frame(wire.CLOSE, payload[:2]))
            self.transport.close()
