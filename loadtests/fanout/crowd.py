"""The members: thousands of connections in one process that count bytes and know by them how many messages came."""

import select
import socket
import time

import msgspec

from loadtests.fanout.handshake import Handshakes
from loadtests.fanout.payload import FRAME_BYTES, ROOM, SEQUENCE_DIGITS, SEQUENCE_OFFSET
from loadtests.fanout.websocket import LONGEST_SHORT_FRAME, PING, PONG, TEXT, masked

BUFFER_BYTES = 512 * FRAME_BYTES
EVENTS = 4_096
ENGINE_IO_PING = b"2"
ENGINE_IO_PONG = b"3"


class CrowdFailed(Exception):
    """A member lost its connection, or got what cannot be counted; the message says so."""


class Arrivals(msgspec.Struct):
    """When one broadcast reached its first and its last member so far, in CLOCK_MONOTONIC nanoseconds."""

    first: int
    last: int
    members: int = 0


class Crowd:
    """Members 0 … n-1, member i in room i % rooms; all frames that carry a payload are `FRAME_BYTES` long."""

    def __init__(self, port: int, rooms: int) -> None:
        self._port = port
        self._rooms = rooms
        self._epoll = select.epoll()
        self._buffer = bytearray(BUFFER_BYTES)
        self.sockets: list[socket.socket] = []
        self._fds: list[int] = []
        # By file descriptor: lists are the quickest to reach into, and descriptors are small numbers.
        self._by_fd: list[socket.socket | None] = []
        self._received: list[int] = []
        self.pings = 0

    def connect(self, members: int) -> float:
        """Bring members in up to this number; returns the seconds it took. Raises `HandshakeFailed`."""
        present = len(self.sockets)
        started = time.monotonic()
        wanted = ((member, ROOM.format(member % self._rooms)) for member in range(present, members))
        connected = Handshakes(self._port).run(wanted)
        seconds = time.monotonic() - started
        for _, client in sorted(connected, key=lambda pair: pair[0]):
            self.admit(client)
        return seconds

    def admit(self, client: socket.socket) -> None:
        """Take a connected, non-blocking socket in as the next member."""
        fd = client.fileno()
        missing = fd + 1 - len(self._by_fd)
        self._by_fd.extend([None] * missing)
        self._received.extend([0] * missing)
        self._by_fd[fd] = client
        self._received[fd] = 0
        self.sockets.append(client)
        self._fds.append(fd)
        # Edge-triggered: a read that does not fill the buffer has emptied the socket, and nothing is looked at twice.
        self._epoll.register(fd, select.EPOLLIN | select.EPOLLET)

    def close(self) -> None:
        """Close every connection."""
        self._epoll.close()
        for client in self.sockets:
            client.close()

    def messages(self, member: int) -> float:
        """Return how many messages a member got; a fraction means that one is on its way."""
        return self._received[self._fds[member]] / FRAME_BYTES

    def receive(self, timeout: float) -> int:
        """Take what has come, waiting at most so many seconds for the first; returns the bytes of payload frames."""
        by_fd, received, buffer = self._by_fd, self._received, self._buffer
        total = 0
        for fd, _ in self._epoll.poll(timeout, EVENTS):
            count = by_fd[fd].recv_into(buffer)  # type: ignore[union-attr]
            if count % FRAME_BYTES or not 0 < count < BUFFER_BYTES:
                count = self._read_closely(fd, count)
            received[fd] += count
            total += count
        return total

    def receive_timed(self, timeout: float, arrivals: dict[int, Arrivals]) -> None:
        """Take what has come, as `receive` does, and note when under the sequence number of each frame."""
        for fd, _ in self._epoll.poll(timeout, EVENTS):
            client = self._by_fd[fd]
            assert client is not None
            count = client.recv_into(self._buffer)
            now = time.monotonic_ns()
            if count % FRAME_BYTES or not 0 < count < BUFFER_BYTES:
                count = self._read_closely(fd, count)
                if count % FRAME_BYTES:
                    raise CrowdFailed("A paced broadcast came in pieces.")
            self._received[fd] += count
            for start in range(SEQUENCE_OFFSET, count, FRAME_BYTES):
                sequence = int(self._buffer[start : start + SEQUENCE_DIGITS])
                arrival = arrivals.setdefault(sequence, Arrivals(now, now))
                arrival.last = now
                arrival.members += 1

    def take_frames(self, seconds: float, wanted: int) -> dict[int, bytes]:
        """Take so many messages and return the bytes of each member, for a check of what is in them."""
        numbers = {fd: member for member, fd in enumerate(self._fds)}
        frames: dict[int, bytes] = {}
        deadline = time.monotonic() + seconds
        taken = 0
        while taken < wanted * FRAME_BYTES and time.monotonic() < deadline:
            for fd, _ in self._epoll.poll(0.5, EVENTS):
                client = self._by_fd[fd]
                assert client is not None
                count = client.recv_into(self._buffer)
                if count % FRAME_BYTES or not 0 < count < BUFFER_BYTES:
                    count = self._read_closely(fd, count)
                self._received[fd] += count
                taken += count
                frames[numbers[fd]] = frames.get(numbers[fd], b"") + self._buffer[:count]
        return frames

    def _read_closely(self, fd: int, count: int) -> int:
        """Return how many of the bytes just read belong to payload frames; answer what pings are among the others."""
        if count == 0:
            raise CrowdFailed("A member was disconnected.")
        if count == BUFFER_BYTES:
            raise CrowdFailed("A member had more waiting than the window allows.")
        position = -self._received[fd] % FRAME_BYTES  # the rest of a frame that came in part
        while position < count:
            opcode, length = self._buffer[position], self._buffer[position + 1] if position + 1 < count else 126
            if length > LONGEST_SHORT_FRAME:
                position += FRAME_BYTES
                continue
            end = position + 2 + length
            if end > count:
                raise CrowdFailed("A control frame came in pieces.")
            self._answer(fd, opcode, bytes(self._buffer[position + 2 : end]))
            # Close the gap and keep the buffer's size.
            del self._buffer[position:end]
            self._buffer.extend(bytes(end - position))
            count -= end - position
        return count

    def _answer(self, fd: int, opcode: int, payload: bytes) -> None:
        client = self._by_fd[fd]
        assert client is not None
        if opcode == PING:
            client.send(masked(payload, PONG))
        elif opcode == TEXT and payload == ENGINE_IO_PING:
            client.send(masked(ENGINE_IO_PONG))
        else:
            raise CrowdFailed(f"An unexpected frame came: opcode {opcode & 0xF}, {payload[:40]!r}.")
        self.pings += 1
