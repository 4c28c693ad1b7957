"""The text of Socket.IO packets (protocol revision 5) as clients send it, read strictly.

What the queue's own namespaces (`wire`) and custom handlers (`pysocketio/packets`) read in common.
"""

from typing import Any

import msgspec

CONNECT, DISCONNECT, EVENT, ACK = 0, 1, 2, 3
LONGEST_ID = 15
"""Digits of an acknowledgement's id; clients count up from 0."""
RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})
"""Names that an event may not have, because they mean something to clients or servers."""

_decode = msgspec.json.Decoder().decode


class MalformedPacket(Exception):
    """Not a packet, or not one that a client may send."""


def read_namespace(text: str) -> tuple[str, str]:
    """Return the namespace that what follows a packet's kind begins with, `/` if it names none, and what is left."""
    if not text.startswith("/"):
        return "/", text
    name, _, rest = text.partition(",")
    return name.partition("?")[0], rest


def read_content(text: str) -> tuple[int | None, Any]:
    """Return the acknowledgement's id and the data that a packet ends with, None for what is not there.

    Raises `MalformedPacket` for an id that is too long and for what is no JSON.
    """
    digits = len(text) - len(text.lstrip("0123456789"))
    if digits > LONGEST_ID:
        raise MalformedPacket
    try:
        data = _decode(text[digits:]) if len(text) > digits else None
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise MalformedPacket from None
    return (int(text[:digits]) if digits else None), data


def check(kind: int, identity: int | None, data: Any) -> None:
    """Raise `MalformedPacket` unless a packet of this kind, one of the four above, may have this id and data."""
    match kind:
        case 0:
            is_valid = identity is None and (data is None or isinstance(data, dict))
        case 1:
            is_valid = identity is None and data is None
        case 2:
            is_valid = isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] not in RESERVED
        case _:
            is_valid = identity is not None and isinstance(data, list)
    if not is_valid:
        raise MalformedPacket
