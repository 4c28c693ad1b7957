"""Socket.IO packets of the queue's two namespaces, read strictly and written by msgspec."""

from typing import Any

import msgspec

from queue_server.realtime.packet_text import CONNECT, MalformedPacket, check, read_content, read_namespace

PATIENTS = "/"
STAFF = "/staff"
NAMESPACES = (PATIENTS, STAFF)

LONGEST_NAMESPACE = 128
"""Of a namespace that is not there; its name comes back with the refusal."""
_encode = msgspec.json.Encoder().encode


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
    kind = int(text[0])
    namespace, rest = read_namespace(text[1:])
    if len(namespace) > LONGEST_NAMESPACE or (namespace not in NAMESPACES and kind != CONNECT):
        raise MalformedPacket
    identity, data = read_content(rest)
    check(kind, identity, data)
    return Incoming(kind, namespace, identity, data)


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
