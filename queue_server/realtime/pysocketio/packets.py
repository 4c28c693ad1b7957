"""Socket.IO packets (protocol revision 5) with binary attachments, read strictly."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from queue_server.realtime.engine.packets import Message
from queue_server.realtime.packet_text import ACK, EVENT, MalformedPacket, check, read_content, read_namespace

CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = 4, 5, 6
MOST_ATTACHMENTS = 16
"""Binary parts of one packet."""

encode = msgspec.json.Encoder().encode
"""Return a value as JSON; raises `TypeError` for what msgspec does not know."""


class Incoming:
    """A client's packet; binary ones are complete when `add` says so. `bound` is the most bytes of its attachments."""

    __slots__ = ("_attachments", "_missing", "_room", "data", "id", "kind", "namespace")

    def __init__(self, text: str, bound: int) -> None:
        """Read `text`; raises `MalformedPacket`."""
        kind = text[:1]
        if kind not in ("0", "1", "2", "3", "5", "6"):
            raise MalformedPacket
        self.kind, rest = int(kind), text[1:]
        self._attachments: list[bytes] = []
        self._missing, self._room = 0, bound
        if self.kind >= BINARY_EVENT:
            count, dash, rest = rest.partition("-")
            if not dash or not count.isascii() or not count.isdigit() or len(count) > 3:
                raise MalformedPacket
            self._missing = int(count)
            if not 0 < self._missing <= MOST_ATTACHMENTS:
                raise MalformedPacket
        self.namespace, rest = read_namespace(rest)
        self.id, self.data = read_content(rest)
        base = {BINARY_EVENT: EVENT, BINARY_ACK: ACK}.get(self.kind, self.kind)
        if base == EVENT and isinstance(self.data, list) and self.data and type(self.data[0]) is int:
            self.data[0] = str(self.data[0])  # in JavaScript, the event 1 is the event "1"
        check(base, self.id, self.data)

    @property
    def is_complete(self) -> bool:
        """Whether no attachment is missing."""
        return not self._missing

    def add(self, attachment: bytes) -> None:
        """Take the next attachment; raises `MalformedPacket` for one too many or too large,
        or if what they belong to is too deep.

        With the last one, `data` holds them in their places.
        """
        self._room -= len(attachment)
        if not self._missing or self._room < 0:
            raise MalformedPacket
        self._attachments.append(attachment)
        self._missing -= 1
        if not self._missing:
            try:
                self.data = self._filled(self.data)
            except RecursionError:
                raise MalformedPacket from None

    def _filled(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if not isinstance(value, dict):
            return value
        if value.get("_placeholder") is True:
            number = value.get("num")
            if type(number) is not int or not 0 <= number < len(self._attachments):
                raise MalformedPacket
            return self._attachments[number]
        return {key: self._filled(one) for key, one in value.items()}


def outgoing(
    kind: int,
    namespace: str,
    data: Any = None,
    id: int | None = None,
    *,
    dumps: Callable[..., str] | None = None,
) -> Message:
    """Return a packet; bytes anywhere in `data` become attachments. `dumps` writes what msgspec does not know."""
    attachments: list[bytes] = []
    data = _emptied(data, attachments)
    count = ""
    if attachments:
        kind, count = (BINARY_EVENT if kind == EVENT else BINARY_ACK), f"{len(attachments)}-"
    prefix = "" if namespace == "/" else namespace + ","
    head = f"{kind}{count}{prefix}{'' if id is None else id}".encode()
    return Message(head + (b"" if data is None else _json(data, dumps)), attachments)


def _json(data: Any, dumps: Callable[..., str] | None) -> bytes:
    try:
        return encode(data)
    except TypeError:
        if dumps is None:
            raise
        return dumps(data, separators=(",", ":")).encode()


def _emptied(value: Any, attachments: list[bytes]) -> Any:
    """Return `value` with placeholders for its bytes; the same object if there are none."""
    if isinstance(value, dict):
        changed = {key: _emptied(one, attachments) for key, one in value.items() if type(one) not in _PLAIN}
        return {**value, **changed} if changed else value
    if isinstance(value, (bytes, bytearray, memoryview)):
        attachments.append(bytes(value))
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [one if type(one) in _PLAIN else _emptied(one, attachments) for one in value]
    return value


_PLAIN = frozenset({str, int, float, bool, type(None)})
