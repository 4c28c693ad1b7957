"""As much of RFC 6455 as a client that counts bytes needs: the upgrade request, masked frames out, small frames in."""

import base64
import hashlib
import os

TEXT, PING, PONG = 0x81, 0x89, 0x8A
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
MASK = b"\x3a\x9c\x51\xe7"
"""One for all frames: it protects proxies from hostile scripts, of which there are none here."""
LONGEST_SHORT_FRAME = 125

UPGRADE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
    b"Host: 127.0.0.1:%d\r\n"
    b"User-Agent: Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36\r\n"
    b"Upgrade: websocket\r\n"
    b"Connection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: %s\r\n"
    b"\r\n"
)
"""No compression is offered: Node's Socket.IO has it off, and what is measured is fan-out."""


def upgrade_request(port: int) -> bytes:
    """Return the request that opens an Engine.IO connection straight over websocket."""
    return UPGRADE % (port, base64.b64encode(os.urandom(16)))


def accept_key(key: bytes) -> bytes:
    """Return the value of `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`."""
    return base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())


def masked(payload: bytes, opcode: int = TEXT) -> bytes:
    """Return a client's frame around at most 125 bytes."""
    if len(payload) > LONGEST_SHORT_FRAME:
        raise ValueError("Only short frames are sent here.")
    return bytes([opcode, 0x80 | len(payload)]) + MASK + _masking(payload)


def unmasked(frame: bytes) -> bytes:
    """Return what one short, masked frame carries."""
    key, payload = frame[2:6], frame[6 : 6 + (frame[1] & 0x7F)]
    return bytes(byte ^ key[position % 4] for position, byte in enumerate(payload))


def _masking(payload: bytes) -> bytes:
    key = (MASK * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(len(payload), "big")
