"""Socket.IO packets as text (protocol revision 5), read strictly and written by msgspec."""

from typing import Any

import msgspec

PATIENTS = "/"
STAFF = "/staff"
NAMESPACES = (PATIENTS, STAFF)

CONNECT, DISCONNECT, EVENT, ACK = 0, 1, 2, 3
LONGEST_ID = 15
"""Digits of an acknowledgement's id; clients count up from 0."""
LONGEST_NAMESPACE = 128
"""Of a namespace that is not there; its name comes back with the refusal."""
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
        if len(namespace) > LONGEST_NAMESPACE:
            raise MalformedPacket
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


def event(namespace: str, name: str, payload: object) -> bytes:
    """Return the packet of an event with one argument, which may be anything that msgspec encodes."""
    return b"2" + _PREFIXES[namespace] + _encode((name, payload))


def acknowledgement(namespace: str, identity: int, payload: object) -> bytes:
    """Return the packet that answers the event which came with `identity`."""
    return b"3%s%d%s" % (_PREFIXES[namespace], identity, _encode((payload,)))


def connected(namespace: str, sid: str) -> bytes:
    """Return the packet that lets a client into a namespace."""
    return b'0%s{"sid":"%s"}' % (_PREFIXES[namespace], sid.encode())


def refused(namespace: str, told: object) -> bytes:
    """Return the packet that keeps a client out of a namespace, which need not be one of ours."""
    prefix = _PREFIXES.get(namespace)
    return b"4" + (namespace.encode() + b"," if prefix is None else prefix) + _encode(told)


def dismissed(namespace: str) -> bytes:
    """Return the packet that ends a client's stay in a namespace; official clients do not come back by themselves."""
    return b"1" + _PREFIXES[namespace]


_PREFIXES = {PATIENTS: b"", STAFF: STAFF.encode() + b","}
