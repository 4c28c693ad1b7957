"""The light client's side of the protocols, without a connection."""

from base64 import b64encode
from hashlib import sha1

import pytest

from loadtests import wire


def sent(payload: bytes, opcode: int = wire.TEXT, *, fin: bool = True) -> bytes:
    """Return a frame as a server sends it."""
    size = len(payload)
    first = (wire.FIN if fin else 0) | opcode
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65_536:
        return bytes((first, 126)) + size.to_bytes(2) + payload
    return bytes((first, 127)) + size.to_bytes(8) + payload


def unmasked(frame: bytes) -> tuple[int, bytes]:
    """Return opcode and payload of a client's frame."""
    assert frame[1] & wire.MASKED
    size, at = frame[1] & 0x7F, 2
    if size >= 126:
        width = 2 if size == 126 else 8
        size, at = int.from_bytes(frame[at : at + width]), at + width
    key, body = frame[at : at + 4], frame[at + 4 :]
    assert len(body) == size
    return frame[0] & 0x0F, bytes(byte ^ key[place % 4] for place, byte in enumerate(body))


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 70_001])
def test_a_masked_frame_holds_what_was_put_in(size: int) -> None:
    payload = bytes(range(256)) * (size // 256 + 1)
    assert unmasked(wire.frame(wire.TEXT, payload[:size])) == (wire.TEXT, payload[:size])


def test_no_two_frames_are_masked_alike() -> None:
    assert wire.frame(wire.TEXT, b"the same") != wire.frame(wire.TEXT, b"the same")


@pytest.mark.parametrize("step", [1, 2, 3, 7, 100_000])
def test_frames_are_found_however_the_stream_is_cut(step: int) -> None:
    payloads = [b"", b"2", b"x" * 125, b"y" * 126, b"z" * 300, b"w" * 66_000]
    stream = b"".join(sent(payload) for payload in payloads)
    frames = wire.Frames()
    found = [m for at in range(0, len(stream), step) for m in frames.feed(stream[at : at + step])]
    assert found == [(wire.TEXT, payload) for payload in payloads]


def test_a_fragmented_message_is_put_together_past_a_ping_in_between() -> None:
    stream = sent(b"one ", fin=False) + sent(b"?", wire.PING) + sent(b"two ", 0, fin=False) + sent(b"three", 0)
    assert wire.Frames().feed(stream) == [(wire.PING, b"?"), (wire.TEXT, b"one two three")]


@pytest.mark.parametrize(
    "stream",
    [
        sent(b"x", 0),
        sent(b"x", fin=False) + sent(b"y", fin=False),
        sent(b"x", wire.PING, fin=False),
        bytes((wire.FIN | wire.TEXT, wire.MASKED | 1)) + b"0000x",
        bytes((0xC0 | wire.TEXT, 1)) + b"x",
        bytes((wire.FIN | wire.TEXT, 127)) + (2**40).to_bytes(8),
    ],
    ids=["nothing to go on with", "two beginnings", "a ping in parts", "masked", "compressed", "endless"],
)
def test_what_the_protocol_forbids_is_a_fault(stream: bytes) -> None:
    with pytest.raises(wire.ProtocolFault):
        wire.Frames().feed(stream)


def accepted(upgrade: wire.Upgrade, status: bytes = b"101 Switching Protocols") -> bytes:
    """Return a server's answer to an upgrade."""
    key = next(
        line.partition(b": ")[2] for line in upgrade.request.split(b"\r\n") if line.startswith(b"Sec-WebSocket-K")
    )
    accept = b64encode(sha1(key + wire.GUID).digest())
    return b"HTTP/1.1 " + status + b"\r\nUpgrade: websocket\r\nsec-websocket-accept: " + accept + b"\r\n\r\n"


def test_what_follows_the_answer_to_the_upgrade_belongs_to_the_frames() -> None:
    upgrade = wire.Upgrade("localhost:1")
    answer = accepted(upgrade) + sent(b"0{}")
    assert upgrade.answered(answer[:20]) is None
    assert upgrade.answered(answer[20:]) == sent(b"0{}")


def test_a_refused_upgrade_is_a_fault_that_says_why() -> None:
    upgrade = wire.Upgrade("localhost:1")
    with pytest.raises(wire.ProtocolFault, match="429"):
        upgrade.answered(accepted(upgrade, b"429 Too Many Requests"))


def test_an_answer_to_another_key_is_a_fault() -> None:
    with pytest.raises(wire.ProtocolFault):
        wire.Upgrade("localhost:1").answered(accepted(wire.Upgrade("localhost:1")))


def test_events_are_written_as_the_official_client_writes_them() -> None:
    assert wire.connect() == b"40"
    assert wire.connect("/staff", {"token": "t"}) == b'40/staff,{"token":"t"}'
    assert wire.event("join-queue", {"token": "t"}) == b'42["join-queue",{"token":"t"}]'
    assert wire.event("move", {}, namespace="/staff", ack=7) == b'42/staff,7["move",{}]'


def test_the_order_of_an_update_is_read_from_its_end() -> None:
    packet = b'2["queue-joined",{"recovered":false,"data":{"queue":{"position":3,"epoch":17,"version":42,"x":1}}}]'
    assert wire.order(packet) == (17, 42)
    assert wire.order(b'2["connected",{"clientId":"a"}]') is None
