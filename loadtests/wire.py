"""A client's side of RFC 6455, Engine.IO 4 and Socket.IO 5 over one websocket, without I/O: bytes in, messages out.

Only what a phone or a desk needs, and as little work as possible for each frame: ten thousand clients are to fit into
one process beside the server they measure. Nothing here is asynchronous, so any kind of loop may drive it.
"""

import random
import re
from base64 import b64encode
from hashlib import sha1
from struct import Struct
from typing import NamedTuple

import msgspec

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
"""Opcodes of websocket frames."""
FIN, MASKED = 0x80, 0x80
LARGEST_FRAME = 4_000_000
"""Bytes; a server that announces more has lost its place in the stream."""
LARGEST_HEAD = 16_384
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

_SHORT, _LONG = Struct("!H"), Struct("!Q")
_ORDER = re.compile(rb'"epoch":(\d+),"version":(\d+)')
_encode = msgspec.json.Encoder().encode


class ProtocolFault(Exception):
    """The server sent what the protocol forbids."""


class Message(NamedTuple):
    """A whole websocket message, or a control frame."""

    opcode: int
    payload: bytes


class Frames:
    """Cuts a server's bytes into messages. Bytes that are no whole frame yet are kept for the next call."""

    __slots__ = ("_kept", "_opcode", "_parts")

    def __init__(self) -> None:
        self._kept = b""
        self._parts: list[bytes] = []
        self._opcode = 0

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that are complete with `data`; raises `ProtocolFault`."""
        if self._kept:
            data = self._kept + data
        messages: list[Message] = []
        at, end = 0, len(data)
        while end - at >= 2:
            first, size, start = data[at], data[at + 1], at + 2
            if size == 126:
                start += 2
                size = _SHORT.unpack_from(data, at + 2)[0] if start <= end else LARGEST_FRAME
            elif size == 127:
                start += 8
                size = _LONG.unpack_from(data, at + 2)[0] if start <= end else LARGEST_FRAME
            elif size & MASKED:
                raise ProtocolFault("a masked frame")
            if size > LARGEST_FRAME or first & 0x70:
                raise ProtocolFault("not a frame")
            if start + size > end:
                break
            at = start + size
            if first & FIN and first & 0x0F:
                messages.append(Message(first & 0x0F, data[start:at]))
            else:
                self._fragment(first, data[start:at], messages)
        self._kept = data[at:]
        return messages

    def _fragment(self, first: int, payload: bytes, messages: list[Message]) -> None:
        opcode = first & 0x0F
        if bool(opcode) is bool(self._parts) or opcode >= CLOSE:
            raise ProtocolFault("a fragment out of order")
        self._opcode = opcode or self._opcode
        self._parts.append(payload)
        if first & FIN:
            messages.append(Message(self._opcode, b"".join(self._parts)))
            self._parts = []


def frame(opcode: int, payload: bytes) -> bytes:
    """Return one whole frame as a client sends it: masked with a key of its own."""
    size = len(payload)
    if size < 126:
        head = bytes((FIN | opcode, MASKED | size))
    elif size < 65_536:
        head = bytes((FIN | opcode, MASKED | 126)) + _SHORT.pack(size)
    else:
        head = bytes((FIN | opcode, MASKED | 127)) + _LONG.pack(size)
    key = random.getrandbits(32).to_bytes(4)
    pad = (key * (size // 4 + 1))[:size]
    return head + key + (int.from_bytes(payload) ^ int.from_bytes(pad)).to_bytes(size)


# ---- the upgrade ---------------------------------------------------------------------------------------------------


class Upgrade:
    """The handshake of one connection: `request` is sent, `answered` reads until the server has agreed."""

    __slots__ = ("_head", "_key", "request")

    def __init__(self, host: str) -> None:
        self._key = b64encode(random.randbytes(16))
        self._head = b""
        self.request = (
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: "
            + host.encode()
            + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
            + self._key
            + b"\r\n\r\n"
        )

    def answered(self, data: bytes) -> bytes | None:
        """Return what follows the answer's head, None while it is not there; raises `ProtocolFault` for a refusal."""
        self._head += data
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            if len(head) > LARGEST_HEAD:
                raise ProtocolFault("an endless head")
            return None
        status, *lines = head.split(b"\r\n")
        if status.split(b" ", 2)[1] != b"101":
            raise ProtocolFault(f"refused with {status.decode('latin-1')}")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        if headers.get(b"sec-websocket-accept") != b64encode(sha1(self._key + GUID).digest()):
            raise ProtocolFault("accepted somebody else")
        return rest


# ---- Engine.IO and Socket.IO ---------------------------------------------------------------------------------------

OPEN, END, HEARTBEAT, HEARTBEAT_ANSWER, MESSAGE = b"0", b"1", b"2", b"3", b"4"
"""Types of Engine.IO packets, the first byte of each."""


def connect(namespace: str = "/", auth: object = None) -> bytes:
    """Return the packet that connects to a namespace."""
    return b"40" + _prefix(namespace) + (_encode(auth) if auth is not None else b"")


def event(name: str, payload: object, *, namespace: str = "/", ack: int | None = None) -> bytes:
    """Return the packet of an event with one argument; with `ack` the server is asked to acknowledge it."""
    number = b"" if ack is None else str(ack).encode()
    return b"42" + _prefix(namespace) + number + _encode((name, payload))


def order(packet: bytes) -> tuple[int, int] | None:
    """Return epoch and version that a packet for a phone carries, the last ones where it has several; else None."""
    found = _ORDER.match(packet, max(0, packet.rfind(b'"epoch":')))
    return (int(found[1]), int(found[2])) if found is not None else None


def _prefix(namespace: str) -> bytes:
    return b"" if namespace == "/" else namespace.encode() + b","
