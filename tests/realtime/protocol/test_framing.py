"""RFC 6455, section 5 to 7: what frames may look like, and how a connection ends whose frames do not."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.realtime.protocol.conftest import Serve, echo_server
from tests.realtime.protocol.wire import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Door,
    Frame,
    WebSocket,
    close_payload,
    frame,
    length_field,
)

PROTOCOL_ERROR, INVALID_DATA, TOO_BIG = 1002, 1007, 1009
MASK = b"mask"
ANSWER = b"\x81\x064hello"


async def opened(door: Door) -> WebSocket:
    socket, _ = await door.websocket_session()
    return socket


async def turns(count: int = 3) -> None:
    """Let the server, which shares this loop, read what was written."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_frame_split_at_any_byte_is_read_all_the_same(echo: Door) -> None:
    whole = frame(TEXT, b"4hello", mask=MASK)
    socket = await opened(echo)
    for cut in range(1, len(whole)):
        socket.write(whole[:cut])
        await turns()
        socket.write(whole[cut:])
        assert await socket.message() == "4hello"


async def test_a_frame_may_arrive_byte_by_byte(echo: Door) -> None:
    socket = await opened(echo)
    for byte in frame(BINARY, bytes(range(200))):
        socket.write(bytes([byte]))
        await turns()
    assert await socket.message() == bytes(range(200))


async def test_many_frames_in_one_segment_are_all_read(echo: Door) -> None:
    socket = await opened(echo)
    socket.write(b"".join(frame(TEXT, b"4%d" % number) for number in range(500)))
    assert [await socket.message() for _ in range(500)] == [f"4{number}" for number in range(500)]


@pytest.mark.parametrize("length", [0, 1, 124, 125, 126, 127, 65535, 65536, 99_999])
async def test_each_form_of_the_length_is_read_and_written(echo: Door, length: int) -> None:
    socket = await opened(echo)
    socket.send(b"\xff" * length)
    assert await socket.message() == b"\xff" * length


async def test_a_length_may_be_written_longer_than_needed(echo: Door) -> None:
    # Forbidden to senders (5.2), yet every server reads it.
    socket = await opened(echo)
    socket.write(b"\x81\xfe\x00\x02\x00\x00\x00\x004!" + frame(TEXT, b"4next"))
    assert [await socket.message(), await socket.message()] == ["4!", "4next"]


async def test_every_mask_is_taken_off(echo: Door) -> None:
    socket = await opened(echo)
    for mask in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x01\x02\x03\x04"):
        for size in range(9):
            socket.write(frame(TEXT, b"4" + b"x" * size, mask=mask))
            assert await socket.message() == "4" + "x" * size


async def test_fragments_are_one_message(echo: Door) -> None:
    socket = await opened(echo)
    socket.write(frame(TEXT, b"4he", fin=False) + frame(CONTINUATION, b"ll", fin=False) + frame(CONTINUATION, b"o"))
    assert await socket.message() == "4hello"
    socket.write(frame(BINARY, b"\0", fin=False) + frame(CONTINUATION, b"", fin=False) + frame(CONTINUATION, b"\1"))
    assert await socket.message() == b"\0\1"


async def test_fragments_may_be_empty(echo: Door) -> None:
    socket = await opened(echo)
    socket.write(frame(TEXT, b"", fin=False) + frame(CONTINUATION, b"4hello", fin=False) + frame(CONTINUATION, b""))
    assert await socket.message() == "4hello"


async def test_control_frames_may_come_between_fragments(echo: Door) -> None:
    socket = await opened(echo)
    socket.write(frame(TEXT, b"4he", fin=False) + frame(PING, b"mid") + frame(PONG) + frame(CONTINUATION, b"llo"))
    assert await socket.frame() == Frame(PONG, b"mid", fin=True, reserved=0, is_masked=False)
    assert await socket.message() == "4hello"


async def test_a_character_may_be_split_between_fragments(echo: Door) -> None:
    socket = await opened(echo)
    text = "4€𝄞é".encode()
    for cut in range(len(text) + 1):
        socket.write(frame(TEXT, text[:cut], fin=False) + frame(CONTINUATION, text[cut:]))
        assert await socket.message() == "4€𝄞é"


async def test_the_server_never_masks_and_never_fragments(echo: Door) -> None:
    socket = await opened(echo)
    socket.send("4" + "x" * 90_000)
    answer = await socket.frame()
    assert (answer.opcode, answer.fin, answer.reserved, answer.is_masked) == (TEXT, True, 0, False)
    assert len(answer.payload) == 90_001


@pytest.mark.parametrize("payload", [b"", b"x", b"y" * 125])
async def test_a_ping_is_answered_with_the_same_payload(echo: Door, payload: bytes) -> None:
    socket = await opened(echo)
    socket.write(frame(PING, payload))
    assert await socket.frame() == Frame(PONG, payload, fin=True, reserved=0, is_masked=False)


async def test_a_pong_that_nobody_asked_for_is_ignored(echo: Door) -> None:
    socket = await opened(echo)
    socket.write(frame(PONG, b"unasked"))
    socket.send("4hello")
    assert await socket.message() == "4hello"


async def test_pings_and_messages_are_answered_in_order(echo: Door) -> None:
    socket = await opened(echo)
    socket.write(frame(PING, b"1") + frame(PING, b"2"))
    assert [(await socket.frame()).payload for _ in range(2)] == [b"1", b"2"]


BROKEN = {
    "unmasked text": frame(TEXT, b"4hello", mask=b""),
    "unmasked ping": frame(PING, b"", mask=b""),
    "unmasked close": frame(CLOSE, b"", mask=b""),
    "first reserved bit (compressed)": frame(TEXT, b"4hello", reserved=0b100),
    "second reserved bit": frame(TEXT, b"4hello", reserved=0b010),
    "third reserved bit": frame(TEXT, b"4hello", reserved=0b001),
    "reserved bit of a ping": frame(PING, b"", reserved=0b100),
    "reserved bit of a continuation": frame(TEXT, b"4", fin=False) + frame(CONTINUATION, b"x", reserved=0b100),
    "fragmented ping": frame(PING, b"", fin=False),
    "fragmented close": frame(CLOSE, b"", fin=False),
    "ping of 126 bytes": frame(PING, b"x" * 126),
    "pong of 126 bytes": frame(PONG, b"x" * 126),
    "close of 126 bytes": frame(CLOSE, close_payload(1000, b"x" * 124)),
    "continuation of nothing": frame(CONTINUATION, b"4hello"),
    "continuation after a whole message": frame(PING) + frame(CONTINUATION, b"x", fin=False),
    "text within a text": frame(TEXT, b"4", fin=False) + frame(TEXT, b"x"),
    "binary within a text": frame(TEXT, b"4", fin=False) + frame(BINARY, b"x"),
    "close of one byte": frame(CLOSE, b"\x03"),
} | {f"reserved opcode {opcode}": frame(opcode, b"") for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
async def test_a_frame_that_breaks_the_protocol_closes_with_1002(echo: Door, broken: bytes) -> None:
    socket = await opened(echo)
    socket.write(broken)
    assert await socket.closing() == PROTOCOL_ERROR
    assert await socket.is_cut()


async def test_nothing_is_read_after_a_frame_that_broke_the_protocol(serve: Serve) -> None:
    heard: list[str | bytes] = []
    sio = echo_server()
    sio.eio.on("message", lambda sid, message: heard.append(message))
    socket = await opened(await serve(sio))
    socket.write(frame(TEXT, b"4before") + frame(TEXT, b"4broken", reserved=1) + frame(TEXT, b"4after"))
    assert await socket.closing() == PROTOCOL_ERROR
    assert heard == ["before"]


BAD_TEXT = {
    "lone continuation byte": b"4\x80",
    "cut character": b"4\xe2\x82",
    "overlong form": b"4\xc0\xaf",
    "surrogate": b"4\xed\xa0\x80",
    "beyond U+10FFFF": b"4\xf4\x90\x80\x80",
    "never a byte": b"4\xff",
}


@pytest.mark.parametrize("text", BAD_TEXT.values(), ids=BAD_TEXT)
async def test_text_that_is_not_utf_8_closes_with_1007(echo: Door, text: bytes) -> None:
    socket = await opened(echo)
    socket.write(frame(TEXT, text))
    assert await socket.closing() == INVALID_DATA


@pytest.mark.parametrize("text", BAD_TEXT.values(), ids=BAD_TEXT)
async def test_text_that_is_not_utf_8_closes_with_1007_however_it_is_fragmented(echo: Door, text: bytes) -> None:
    for cut in range(1, len(text) + 1):
        socket = await opened(echo)
        socket.write(frame(TEXT, text[:cut], fin=False) + frame(CONTINUATION, text[cut:]))
        assert await socket.closing() == INVALID_DATA


async def test_binary_messages_may_hold_any_bytes(echo: Door) -> None:
    socket = await opened(echo)
    socket.send(b"\x80\xff\xfe")
    assert await socket.message() == b"\x80\xff\xfe"


@pytest.mark.parametrize("length", [100_001, 1 << 20, 1 << 40, (1 << 63) - 1])
async def test_a_frame_that_is_too_long_is_refused_by_its_head(echo: Door, length: int) -> None:
    socket = await opened(echo)
    socket.write(b"\x82" + length_field(length))  # not even the mask follows, let alone the payload
    if length == 100_001:
        socket.write(b"mask")
    assert await socket.closing() == TOO_BIG


async def test_a_length_of_64_bits_with_the_first_set_is_refused(echo: Door) -> None:
    socket = await opened(echo)
    socket.write(b"\x82" + length_field(1 << 63) + MASK)
    assert await socket.closing() in (PROTOCOL_ERROR, TOO_BIG)


async def test_fragments_that_are_too_long_together_are_refused(echo: Door) -> None:
    socket = await opened(echo)
    socket.write(frame(BINARY, b"x" * 60_000, fin=False) + frame(CONTINUATION, b"x" * 40_000, fin=False))
    socket.write(b"\x80" + length_field(1) + MASK)
    assert await socket.closing() == TOO_BIG


async def test_uvicorns_own_limit_holds_too(serve: Serve) -> None:
    socket = await opened(await serve(echo_server(max_payload=100_000), ws_max_size=1_000))
    socket.send(b"x" * 1_000)
    assert await socket.message() == b"x" * 1_000
    socket.send(b"x" * 1_001)
    assert await socket.closing() == TOO_BIG


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1008, 1011, 1012, 1013, 3000, 3999, 4000, 4999])
async def test_a_close_is_answered_with_its_code_and_the_connection_ends(echo: Door, code: int) -> None:
    socket = await opened(echo)
    socket.write(frame(CLOSE, close_payload(code, "späßchen".encode())))
    answer = await socket.frame()
    assert (answer.opcode, answer.code) == (CLOSE, code)
    assert await socket.is_cut()


async def test_a_close_without_a_code_is_answered(echo: Door) -> None:
    socket = await opened(echo)
    socket.write(frame(CLOSE))
    answer = await socket.frame()
    assert (answer.opcode, answer.code) in ((CLOSE, None), (CLOSE, 1000))
    assert await socket.is_cut()


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
async def test_a_close_code_that_may_not_be_sent_closes_with_1002(echo: Door, code: int) -> None:
    socket = await opened(echo)
    socket.write(frame(CLOSE, close_payload(code)))
    assert await socket.closing() == PROTOCOL_ERROR


async def test_a_reason_that_is_not_utf_8_closes_with_1007(echo: Door) -> None:
    socket = await opened(echo)
    socket.write(frame(CLOSE, close_payload(1000, b"\xff")))
    assert await socket.closing() == INVALID_DATA


async def test_nothing_is_heard_after_a_close(serve: Serve) -> None:
    heard: list[str | bytes] = []
    sio = echo_server()
    sio.eio.on("message", lambda sid, message: heard.append(message))
    socket = await opened(await serve(sio))
    socket.write(frame(TEXT, b"4before") + frame(CLOSE, close_payload(1000)) + frame(TEXT, b"4after"))
    assert await socket.closing() == 1000
    assert await socket.is_cut()
    assert heard == ["before"]


async def test_a_close_of_the_server_ends_the_connection_even_when_it_is_not_answered(serve: Serve) -> None:
    sio = echo_server()
    door = await serve(sio)
    socket, handshake = await door.websocket_session()
    await sio.eio.disconnect(handshake.sid)
    assert (await socket.frame()).opcode == CLOSE
    assert await socket.is_cut()


MESSAGES = st.lists(
    st.one_of(st.text(max_size=40).map(lambda text: "4" + text), st.binary(max_size=300)), min_size=1, max_size=8
)


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[str | bytes], list[bytes]]:
    """Messages, and their frames – fragmented, with pings in between – cut into pieces anywhere."""
    messages, stream = draw(MESSAGES), bytearray()
    for message in messages:
        payload = message.encode() if isinstance(message, str) else message
        cuts = sorted(draw(st.lists(st.integers(0, len(payload)), max_size=3)))
        parts = [payload[begin:end] for begin, end in pairwise([0, *cuts, len(payload)])]
        for number, part in enumerate(parts):
            opcode = CONTINUATION if number else TEXT if isinstance(message, str) else BINARY
            if draw(st.booleans()):
                stream += frame(PING, draw(st.binary(max_size=5)), mask=MASK)
            stream += frame(opcode, part, fin=number == len(parts) - 1, mask=draw(st.binary(min_size=4, max_size=4)))
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    return messages, [bytes(stream[begin:end]) for begin, end in pairwise([0, *cuts, len(stream)])]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(streams())
async def test_however_frames_are_fragmented_and_cut_the_messages_are_the_same(
    echo: Door, stream: tuple[list[str | bytes], list[bytes]]
) -> None:
    messages, pieces = stream
    socket = await opened(echo)
    for piece in pieces:
        socket.write(piece)
        await turns()
    answers: list[str | bytes] = []
    while len(answers) < len(messages):
        answer = await socket.frame()
        if answer.opcode != PONG:
            answers.append(answer.payload.decode() if answer.opcode == TEXT else answer.payload)
    assert answers == messages
    socket.hang_up()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=5))
async def test_garbage_hurts_nobody_else(echo: Door, pieces: list[bytes]) -> None:
    other, socket = await opened(echo), await opened(echo)
    for piece in pieces:
        socket.write(piece)
        await turns()
    other.send("4hello")
    assert await other.message() == "4hello"
    other.hang_up()
    socket.hang_up()
