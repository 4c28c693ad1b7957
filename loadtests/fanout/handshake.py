"""Many clients at once through the whole handshake: TCP, upgrade, Engine.IO open, Socket.IO CONNECT acknowledged."""

import select
import socket
import time
from collections.abc import Iterator

import msgspec

from loadtests.fanout.payload import compact
from loadtests.fanout.websocket import LONGEST_SHORT_FRAME, TEXT, masked, upgrade_request

CONCURRENCY = 128
SILENCE_SECONDS = 20.0
CLIENTS_PER_ADDRESS = 5_000
"""Then the next loopback address: ports of one address to one server end somewhere below 28,000."""
IP_BIND_ADDRESS_NO_PORT = getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24)


class HandshakeFailed(Exception):
    """A client was refused, or nothing came for long; the message says which."""


class Connecting(msgspec.Struct):
    """A client on its way in."""

    client: socket.socket
    member: int
    room: str
    received: bytes = b""
    asked: bool = False
    """Whether CONNECT was sent."""


class Handshakes:
    """Brings clients in, never more than `CONCURRENCY` at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._request = upgrade_request(port)
        self._epoll = select.epoll()
        self._connecting: dict[int, Connecting] = {}
        self._done: list[tuple[int, socket.socket]] = []

    def run(self, members: Iterator[tuple[int, str]]) -> list[tuple[int, socket.socket]]:
        """Connect members (number, room) and return their sockets by number. Raises `HandshakeFailed`."""
        last = time.monotonic()
        waiting = True
        try:
            while waiting or self._connecting:
                while waiting and len(self._connecting) < CONCURRENCY:
                    waiting = self._start_next(members)
                if self._step():
                    last = time.monotonic()
                elif time.monotonic() - last > SILENCE_SECONDS:
                    raise HandshakeFailed(f"Nothing came for {SILENCE_SECONDS:.0f} s during the handshakes.")
        finally:
            self._epoll.close()
        return self._done

    def _start_next(self, members: Iterator[tuple[int, str]]) -> bool:
        following = next(members, None)
        if following is None:
            return False
        member, room = following
        client = socket.socket()
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setsockopt(socket.SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        client.bind((f"127.0.0.{2 + member // CLIENTS_PER_ADDRESS}", 0))
        client.connect_ex(("127.0.0.1", self._port))
        self._connecting[client.fileno()] = Connecting(client, member, room)
        self._epoll.register(client, select.EPOLLOUT)
        return True

    def _step(self) -> bool:
        """Take one round of events; returns whether there were any."""
        ready = self._epoll.poll(1.0)
        for fd, events in ready:
            one = self._connecting[fd]
            if events & select.EPOLLOUT:
                self._connected(fd, one)
            else:
                self._received(fd, one)
        return bool(ready)

    def _connected(self, fd: int, one: Connecting) -> None:
        error = one.client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise HandshakeFailed(f"Connection {one.member} was refused: {OSError(error)}.")
        one.client.send(self._request)
        self._epoll.modify(fd, select.EPOLLIN)

    def _received(self, fd: int, one: Connecting) -> None:
        try:
            received = one.client.recv(4096)
        except ConnectionError as error:
            raise HandshakeFailed(f"Connection {one.member} was cut: {error}.") from error
        if not received:
            raise HandshakeFailed(f"Connection {one.member} was closed after {one.received[:80]!r}.")
        one.received += received
        texts = server_texts(one.received)
        if texts and not one.asked:
            one.asked = True
            one.client.send(masked(b"40" + compact({"room": one.room, "member": one.member})))
        if len(texts) > 1:
            self._finish(fd, one, texts)

    def _finish(self, fd: int, one: Connecting, texts: list[bytes]) -> None:
        if not texts[0].startswith(b"0{") or not texts[1].startswith(b"40{") or len(texts) > 2:
            raise HandshakeFailed(f"Connection {one.member} was answered {texts!r}.")
        self._epoll.unregister(fd)
        del self._connecting[fd]
        self._done.append((one.member, one.client))


def server_texts(received: bytes) -> list[bytes]:
    """Return the whole short text frames after a 101 answer. Raises `HandshakeFailed` on any other answer."""
    head, end, rest = received.partition(b"\r\n\r\n")
    if not end:
        return []
    if not head.startswith(b"HTTP/1.1 101"):
        raise HandshakeFailed(f"The upgrade was answered {head.splitlines()[0].decode(errors='replace')}.")
    texts = []
    while len(rest) >= 2 and len(rest) >= 2 + rest[1]:
        if rest[0] != TEXT or rest[1] > LONGEST_SHORT_FRAME:
            raise HandshakeFailed(f"An unexpected frame came during the handshake: {rest[:8].hex()}.")
        texts.append(rest[2 : 2 + rest[1]])
        rest = rest[2 + rest[1] :]
    return texts
