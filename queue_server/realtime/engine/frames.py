"""Frames of RFC 6455 as a server sees them: bytes in, messages out, nothing is read or written here.

What comes back from `FrameReader.feed` is in order and complete: fragments are joined, masks are off, text is text.
"""

from collections.abc import Iterator
from enum import IntEnum
from struct import Struct


class Opcode(IntEnum):
    """What a frame carries (RFC 6455, 5.2)."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class CloseCode(IntEnum):
    """Why a websocket ends (RFC 6455, 7.4.1, and the registry it founded).

    Clients may come back after all of them but `POLICY`, which says that it would be in vain.
    """

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    NO_STATUS = 1005
    """Never sent: the peer gave none."""
    ABNORMAL = 1006
    """Never sent: the connection broke."""
    INVALID_DATA = 1007
    POLICY = 1008
    TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013


class Violation(Exception):
    """What came is no websocket; `code` is what the connection ends with."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(code.name)
        self.code = code


Message = tuple[Opcode, str | bytes]
"""TEXT with str, BINARY, PING and PONG with bytes, CLOSE with the two bytes of a valid code, or none.

CONTINUATION stands for a fragment of a message that is not complete yet, and carries nothing.
"""

_TEXT, _BINARY, _CLOSE, _PING, _PONG = Opcode.TEXT, Opcode.BINARY, Opcode.CLOSE, Opcode.PING, Opcode.PONG
_LONGEST_CONTROL = 125
_INCOMPLETE: Message = Opcode.CONTINUATION, b""


class FrameReader:
    """Reads what one client sends. `limit` is the most bytes that a message may have, whole or in fragments."""

    __slots__ = ("_begun", "_fragments", "_limit", "_rest")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest: bytes | bytearray = b""
        self._begun: Opcode | None = None
        """What the fragments so far are part of."""
        self._fragments: bytearray | None = None

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield what each frame in `data` completes; iterate to the end before the next call.

        Raises `Violation` where the bytes break the protocol, after the messages before it. A frame that is too long
        is refused by its head: its payload is neither awaited nor kept.
        """
        buffer: bytes | bytearray = data
        if self._rest:
            assert isinstance(self._rest, bytearray)
            self._rest += data
            buffer = self._rest
        at, end = 0, len(buffer)
        while end - at >= 2:
            first, second = buffer[at], buffer[at + 1]
            self._check(first, second)
            length, start = second & 0x7F, at + 6
            if length >= 126:
                size = 2 if length == 126 else 8
                if end - at < 2 + size:
                    break
                length, start = int.from_bytes(buffer[at + 2 : at + 2 + size], "big"), start + size
            if length + len(self._fragments or b"") > self._limit and not first & 0x08:
                raise Violation(CloseCode.TOO_BIG)
            if end - start < length:
                break
            payload = _unmasked(bytes(buffer[start : start + length]), bytes(buffer[start - 4 : start]))
            at = start + length
            yield self._message(first, payload)
        self._keep(buffer, at, end)

    def _keep(self, buffer: bytes | bytearray, at: int, end: int) -> None:
        if at == end:
            self._rest = b""
        elif buffer is self._rest:
            assert isinstance(buffer, bytearray)
            del buffer[:at]
        else:
            self._rest = bytearray(buffer[at:])

    def _check(self, first: int, second: int) -> None:
        opcode = first & 0x0F
        is_known = opcode <= _BINARY or _CLOSE <= opcode <= _PONG
        if first & 0x70 or not is_known or not second & 0x80:
            raise Violation(CloseCode.PROTOCOL_ERROR)
        if opcode & 0x08:
            if not first & 0x80 or second & 0x7F > _LONGEST_CONTROL:
                raise Violation(CloseCode.PROTOCOL_ERROR)
        elif (opcode == 0) is (self._begun is None):
            # A continuation of nothing, or something new before the last has ended.
            raise Violation(CloseCode.PROTOCOL_ERROR)

    def _message(self, first: int, payload: bytes) -> Message:
        if first == 0x81:
            return _TEXT, _text(payload)
        opcode = first & 0x0F
        if opcode & 0x08:
            return _control(opcode, payload)
        if opcode:
            if first & 0x80:
                return _BINARY, payload
            self._begun, self._fragments = Opcode(opcode), bytearray(payload)
            return _INCOMPLETE
        assert self._fragments is not None
        assert self._begun is not None
        self._fragments += payload
        if not first & 0x80:
            return _INCOMPLETE
        begun, whole = self._begun, bytes(self._fragments)
        self._begun = self._fragments = None
        return (begun, _text(whole)) if begun is _TEXT else (begun, whole)


def _control(opcode: int, payload: bytes) -> Message:
    if opcode == _PING:
        return _PING, payload
    if opcode == _PONG:
        return _PONG, payload
    if not payload:
        return _CLOSE, b""
    if len(payload) == 1 or not _may_be_sent(int.from_bytes(payload[:2], "big")):
        raise Violation(CloseCode.PROTOCOL_ERROR)
    _text(payload[2:])
    return _CLOSE, payload[:2]


def _may_be_sent(code: int) -> bool:
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise Violation(CloseCode.INVALID_DATA) from None


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    # One exclusive-or of two large numbers is the fastest that Python has without an extension.
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def text_frame(payload: bytes) -> bytes:
    """Return a whole text message, unmasked as servers send it, so that the same bytes do for any number of clients."""
    return _head(0x81, len(payload)) + payload


def prefixed_frame(prefix: bytes, payload: bytes) -> bytes:
    """Return a whole text message that begins with the one byte `prefix`, as `text_frame` does of both."""
    size = len(payload) + 1
    if 125 < size < 65536:  # nearly all: the fewest copies
        return _middling(0x81, 126, size, prefix) + payload
    return text_frame(prefix + payload)


def binary_frame(payload: bytes) -> bytes:
    """Return a whole binary message."""
    return _head(0x82, len(payload)) + payload


def pong_frame(payload: bytes) -> bytes:
    """Return the answer to a ping that carried `payload`, of at most 125 bytes."""
    return bytes((0x8A, len(payload))) + payload


def close_frame(code: int | None) -> bytes:
    """Return the frame that ends a connection, with `code` or without any."""
    return b"\x88\x00" if code is None else b"\x88\x02" + code.to_bytes(2, "big")


_middling = Struct("!BBHc").pack


def _head(first: int, size: int) -> bytes:
    if size < 126:
        return bytes((first, size))
    if size < 65536:
        return bytes((first, 126)) + size.to_bytes(2, "big")
    return bytes((first, 127)) + size.to_bytes(8, "big")
