"""Engine.IO packets (protocol revision 4): text and binary messages, and the payloads of long-polling."""

from base64 import b64decode, b64encode
from collections.abc import Sequence

from queue_server.realtime.engine.frames import binary_frame, text_frame

OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = b"0", b"1", b"2", b"3", b"4", b"5", b"6"
SEPARATOR = b"\x1e"


class MalformedPayload(Exception):
    """The body of a request is no sequence of packets."""


class Message:
    """A message made ready once: any number of clients can be sent it, over whatever transport they have."""

    __slots__ = ("attachments", "frames", "text")

    def __init__(self, text: bytes, attachments: Sequence[bytes] = ()) -> None:
        """Take a text message, UTF-8 encoded, and the binary messages that follow it."""
        self.text = text
        self.attachments = tuple(attachments)
        self.frames = text_frame(MESSAGE + text)
        """As websockets send them, in one piece."""
        if attachments:
            self.frames += b"".join(map(binary_frame, attachments))

    @classmethod
    def binary(cls, data: bytes) -> "Message":
        """Return a binary message without any text before it."""
        message = cls.__new__(cls)
        message.text, message.attachments = b"", (data,)
        message.frames = binary_frame(data)
        return message

    @property
    def packets(self) -> tuple[bytes, ...]:
        """As long-polling sends them."""
        attached = tuple(b"b" + b64encode(attachment) for attachment in self.attachments)
        return (MESSAGE + self.text, *attached) if self.text or not attached else attached


Packet = tuple[str, str | bytes]
"""A client's packet: its type and what follows; binary messages have type "4"."""


def read_packet(data: str | bytes) -> Packet:
    """Return the packet of one websocket message; raises `MalformedPayload`."""
    if isinstance(data, bytes):
        return "4", data
    kind = data[:1]
    # Clients open nothing, ping only to probe an upgrade, and answer nothing with NOOP.
    if kind not in ("1", "3", "4"):
        raise MalformedPayload
    return kind, data[1:]


def read_payload(body: bytes, most: int) -> list[Packet]:
    """Return the packets in the body of a polling client's request.

    Raises `MalformedPayload` for anything else, and for more than `most` packets.
    """
    parts = body.split(SEPARATOR, most)
    if len(parts) > most:
        raise MalformedPayload
    return [_polled(part) for part in parts]


def _polled(part: bytes) -> Packet:
    try:
        if part[:1] == b"b":
            return "4", b64decode(part[1:], validate=True)
        return read_packet(part.decode())
    except ValueError:
        raise MalformedPayload from None
