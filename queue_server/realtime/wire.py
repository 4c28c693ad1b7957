"""Socket.IO packets as text (protocol revision 5), read strictly and written by msgspec."""

from typing import Any

import msgspec

PATIENTS = "/"
STAFF = "/staff"
NAMESPACES = (PATIENTS, STAFF)

CONNECT, DISCONNECT, EVENT, ACK = 0, 1, 2, 3
LONGEST_ID = 15
"""Digits of an acknowledgement's id; clients count up from 0."""
RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})
"""Names that an event may not have, because they mean something to clients or servers."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class MalformedPacket(Exception):
    """Not a packet, or not one that a client may send."""


class Incoming(msgspec.Struct, frozen=True):
    """A packet from a client."""

    kind: int
    namespace: str
    id: int | None
    data: Any


def read(text: str) -> Incoming:
    """Return the packet that `text` is.

    Raises `MalformedPacket` for everything else, for unknown namespaces excepted CONNECT (whose refusal is the
    server's to say), and for binary packets: nobody has a reason to send attachments here.
    """
    if not text or text[0] not in "0123":
        raise MalformedPacket
    kind, rest = int(text[0]), text[1:]
    namespace = PATIENTS
    if rest.startswith("/"):
        namespace, _, rest = rest.partition(",")
        namespace = namespace.partition("?")[0]
    if namespace not in NAMESPACES and kind != CONNECT:
        raise MalformedPacket
    digits = len(rest) - len(rest.lstrip("0123456789"))
    if digits > LONGEST_ID:
        raise MalformedPacket
    identity, rest = (int(rest[:digits]) if digits else None), rest[digits:]
    try:
        data = _decode(rest) if rest else None
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise MalformedPacket from None
    return _checked(Incoming(kind, namespace, identity, data))


def _checked(packet: Incoming) -> Incoming:
    data, is_valid = packet.data, True
    match packet.kind:
        case 0:
            is_valid = packet.id is None and (data is None or isinstance(data, dict))
        case 1:
            is_valid = packet.id is None and data is None
        case 2:
            is_valid = isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] not in RESERVED
        case 3:
            is_valid = packet.id is not None and isinstance(data, list)
    if not is_valid:
        raise MalformedPacket
    return packet


def event(namespace: str, name: str, payload: object) -> str:
    """Return the packet of an event with one argument, which may be anything that msgspec encodes."""
    return f"2{_prefix(namespace)}{_encode((name, payload)).decode()}"


def acknowledgement(namespace: str, identity: int, payload: object) -> str:
    """Return the packet that answers the event which came with `identity`."""
    return f"3{_prefix(namespace)}{identity}{_encode((payload,)).decode()}"


def encoded(payload: object) -> str:
    """Return `payload` as JSON."""
    return _encode(payload).decode()


def _prefix(namespace: str) -> str:
    return "" if namespace == PATIENTS else namespace + ","
