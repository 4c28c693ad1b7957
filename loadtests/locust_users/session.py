"""One Socket.IO session over a websocket of its own, driven by one greenlet (or thread): nothing runs beside it.

Packets are left as bytes. Who holds the session says what is worth decoding.
"""

import socket
from collections import deque
from time import monotonic
from typing import NamedTuple

from loadtests import wire
from loadtests.locust_users.address import CONNECT_SECONDS, Address

CONNECTED, DISCONNECT, EVENT, ACK, CONNECT_ERROR = b"0", b"1", b"2", b"3", b"4"
"""Types of Socket.IO packets."""
SILENCE_SECONDS = 60.0
"""Longer than a heartbeat and its timeout: a server that is silent for so long is gone."""
READ_BYTES = 65_536


class Lost(Exception):
    """The connection is gone, or was never made; the message says how."""


class Dismissed(Lost):
    """The server has sent the client away in a way after which it should not come back."""


class Packet(NamedTuple):
    """A Socket.IO packet of the session's namespace; `id` is that of an acknowledgement, `body` is JSON."""

    kind: bytes
    id: int
    body: bytes


class Session:
    """A client of one namespace. Every method but `cut` belongs to the greenlet that made it."""

    __slots__ = ("_frames", "_heard", "_namespace", "_packets", "_patience", "_prefix", "_socket", "bytes", "packets")

    def __init__(self, address: Address, *, source: str | None, namespace: str = "/", auth: object = None) -> None:
        """Connect to the namespace; raises `Lost` when that cannot be done."""
        self._namespace = namespace
        self._prefix = b"" if namespace == "/" else namespace.encode() + b","
        self._frames = wire.Frames()
        self._packets: deque[Packet] = deque()
        self._heard = monotonic()
        self._patience: float | None = CONNECT_SECONDS
        self.bytes = self.packets = 0
        """What was received so far."""
        try:
            self._socket = address.connect(source)
        except OSError as error:
            raise Lost(f"no connection: {error.strerror or type(error).__name__}") from None
        try:
            self._open(address, auth)
        except BaseException:
            self._socket.close()
            raise

    def emit(self, name: str, payload: object, ack: int | None = None) -> None:
        """Send an event, with an acknowledgement asked for when `ack` is given; raises `Lost`."""
        self._send(wire.event(name, payload, namespace=self._namespace, ack=ack))

    def receive(self, until: float | None = None) -> Packet | None:
        """Return the next event or acknowledgement, None when there is none `until` then (monotonic); raises `Lost`.

        Heartbeats are answered on the way, so a session lives only while somebody receives. Without `until` no timer is
        armed, which would cost a quarter of the work for each packet: `is_silent` is looked at from outside instead.
        """
        while not self._packets:
            if until is None:
                self._read(None)
            elif (left := until - monotonic()) > 0:
                self._read(left)
            else:
                return None
        return self._packets.popleft()

    @property
    def is_silent(self) -> bool:
        """Whether nothing was heard of the server for so long that it is gone."""
        return monotonic() - self._heard > SILENCE_SECONDS

    def cut(self) -> None:
        """Cut the wire; whoever receives at this moment learns that the connection is lost."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it was gone already

    def close(self) -> None:
        """Say good-bye if that is still possible, and let go of the socket."""
        try:
            self._socket.settimeout(1)
            self._socket.sendall(wire.frame(wire.CLOSE, b"\x03\xe8"))
        except OSError:
            pass
        finally:
            self._socket.close()

    # ---- the wire ---------------------------------------------------------------------------------------------------

    def _open(self, address: Address, auth: object) -> None:
        upgrade = wire.Upgrade(address.authority)
        until = monotonic() + CONNECT_SECONDS
        try:
            self._socket.sendall(upgrade.request)
            rest = None
            while rest is None:
                data = self._socket.recv(READ_BYTES)
                if not data:
                    raise Lost("hung up during the upgrade")
                rest = upgrade.answered(data)
        except OSError as error:
            raise Lost(f"no upgrade: {error.strerror or type(error).__name__}") from None
        except wire.ProtocolFault as fault:
            raise Lost(str(fault)) from None
        self._take(rest)
        self._send(wire.connect(self._namespace, auth))
        first = self.receive(until)
        if first is None or first.kind != CONNECTED:
            raise Lost("refused by the namespace" if first is not None else "no answer from the namespace")

    def _send(self, packet: bytes) -> None:
        try:
            self._socket.sendall(wire.frame(wire.TEXT, packet))
        except OSError as error:
            raise Lost(f"not sent: {error.strerror or type(error).__name__}") from None

    def _read(self, seconds: float | None) -> None:
        try:
            if seconds is not None or self._patience is not None:
                self._patience = seconds
                self._socket.settimeout(seconds)
            data = self._socket.recv(READ_BYTES)
        except TimeoutError:
            return
        except OSError as error:
            raise Lost(f"cut: {error.strerror or type(error).__name__}") from None
        if not data:
            raise Lost("the server hung up")
        self._heard = monotonic()
        self._take(data)

    def _take(self, data: bytes) -> None:
        self.bytes += len(data)
        try:
            messages = self._frames.feed(data)
        except wire.ProtocolFault as fault:
            raise Lost(str(fault)) from None
        for opcode, payload in messages:
            if opcode == wire.TEXT:
                self._engine(payload)
            elif opcode == wire.CLOSE:
                raise Lost(f"closed by the server with {int.from_bytes(payload[:2]) or 'no code'}")
            elif opcode == wire.PING:
                self._socket.sendall(wire.frame(wire.PONG, payload))

    def _engine(self, payload: bytes) -> None:
        kind = payload[:1]
        if kind == wire.MESSAGE:
            self._packet(payload[1:2], payload[2:])
        elif kind == wire.HEARTBEAT:
            self._send(wire.HEARTBEAT_ANSWER)
        elif kind == wire.END:
            raise Lost("the session was ended by the server")

    def _packet(self, kind: bytes, rest: bytes) -> None:
        if not rest.startswith(self._prefix):
            return
        self.packets += 1
        body = rest[len(self._prefix) :]
        if kind == DISCONNECT:
            raise Dismissed("dismissed by the server")
        identity = -1
        if kind == ACK:
            digits, _, body = body.partition(b"[")
            identity, body = int(digits), b"[" + body
        self._packets.append(Packet(kind, identity, body))
