"""What is sent: a queue's update of exactly 400 bytes of JSON, whichever server encodes it.

Numbers have as many digits in every message, so that all frames of a run have one size and a client can count bytes.
"""

import json
from typing import Any

EVENT = "queue_update"
PAYLOAD_BYTES = 400
FIRST_SEQUENCE = 1_000_000_000
SEQUENCE_DIGITS = 10
ROOM = "room-{:04}"


def _template() -> dict[str, Any]:
    payload: dict[str, Any] = {
        "sequence": FIRST_SEQUENCE,
        "position": 1000,
        "epoch": 24_680_135,
        "doctor": "0f8b6f0e-5f0f-4d6f-9a39-3b1de7a0c1d4",
        "status": "waiting",
        "estimate": {"low": 15, "high": 35, "unit": "minutes"},
        "called": [{"ticket": "A-17", "room": "Room 3"}, {"ticket": "A-18", "room": "Room 5"}],
        "delayed": False,
        "note": "",
    }
    room = PAYLOAD_BYTES - len(compact(payload))
    notice = "Please stay near the waiting room; your turn is shown here and on the display. "
    payload["note"] = (notice * 9)[:room]
    return payload


def compact(payload: object) -> bytes:
    """Return the JSON that every server makes of a payload: no spaces."""
    return json.dumps(payload, separators=(",", ":")).encode()


TEMPLATE = _template()


def shared(sequence: int) -> dict[str, Any]:
    """Return what all members of a room get in broadcast number `sequence`."""
    return {**TEMPLATE, "sequence": sequence}


def personal(sequence: int, member: int) -> dict[str, Any]:
    """Return what one member alone gets in broadcast number `sequence`: its own place, another each time."""
    return {**TEMPLATE, "sequence": sequence, "position": 1000 + (member + sequence) % 9000}


def packet(payload: object) -> bytes:
    """Return the Engine.IO message that carries a payload: `42["queue_update",{…}]`."""
    return b'42["' + EVENT.encode() + b'",' + compact(payload) + b"]"


def frame(text: bytes) -> bytes:
    """Return the server's RFC 6455 text frame around 126 to 65,535 bytes."""
    return b"\x81\x7e" + len(text).to_bytes(2, "big") + text


FRAME_BYTES = len(frame(packet(TEMPLATE)))
SEQUENCE_OFFSET = frame(packet(TEMPLATE)).index(str(FIRST_SEQUENCE).encode())
"""Where in a frame the sequence number stands."""
