"""RFC 6455, section 4: the opening handshake."""

import asyncio
from base64 import b64encode
from hashlib import sha1

import pytest

from tests.realtime.protocol.conftest import Serve, echo_server
from tests.realtime.protocol.wire import Answer, Door, Hung, Refused, WebSocket, upgrade


async def refusal(door: Door, **headers: str | None) -> Answer:
    with pytest.raises(Refused) as caught:
        await door.websocket(**headers)
    return caught.value.answer


async def test_the_key_is_proved_to_have_been_read(echo: Door) -> None:
    key = b64encode(b"sixteen bytes ok").decode()
    socket = await echo.websocket(sec_websocket_key=key)
    proof = b64encode(sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
    assert socket.answer.headers["sec-websocket-accept"] == proof
    assert socket.answer.headers["upgrade"].lower() == "websocket"
    assert socket.answer.headers["connection"].lower() == "upgrade"


@pytest.mark.parametrize("version", ["8", "12", "14", "", "x", None])
async def test_another_version_is_refused_with_the_one_that_is_spoken(echo: Door, version: str | None) -> None:
    answer = await refusal(echo, sec_websocket_version=version)
    assert answer.status in (400, 426)
    assert answer.headers["sec-websocket-version"] == "13"


@pytest.mark.parametrize(
    "key",
    [None, "", "short", "not base64 at all!!!", b64encode(b"fifteen bytes..").decode(), b64encode(b"x" * 17).decode()],
)
async def test_a_key_that_is_missing_or_not_sixteen_bytes_is_refused(echo: Door, key: str | None) -> None:
    assert (await refusal(echo, sec_websocket_key=key)).status == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "HEAD"])
async def test_only_get_opens_a_websocket(echo: Door, method: str) -> None:
    with pytest.raises(Refused) as caught:
        await WebSocket.open(echo.port, echo.target("websocket"), method=method)
    assert caught.value.answer.status in (400, 405)


async def test_tokens_of_the_headers_are_compared_without_case_and_in_lists(echo: Door) -> None:
    socket = await echo.websocket(upgrade="WebSocket", connection="keep-alive, UPGRADE")
    assert str(await socket.message()).startswith("0")


async def test_compression_is_offered_in_vain(echo: Door) -> None:
    offer = "permessage-deflate; client_max_window_bits, x-webkit-deflate-frame"
    socket = await echo.websocket(sec_websocket_extensions=offer)
    assert "sec-websocket-extensions" not in socket.answer.headers


async def test_no_subprotocol_is_chosen(echo: Door) -> None:
    socket = await echo.websocket(sec_websocket_protocol="chat, superchat")
    assert "sec-websocket-protocol" not in socket.answer.headers


async def test_a_request_may_arrive_in_pieces(echo: Door) -> None:
    socket = await echo.websocket()
    socket.hang_up()
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.port)
    head = upgrade(echo.port, echo.target("websocket"))
    for start in range(0, len(head), 7):
        writer.write(head[start : start + 7])
        await asyncio.sleep(0)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    writer.transport.abort()


async def test_a_path_that_is_nobodys_is_refused(echo: Door) -> None:
    with pytest.raises(Refused) as caught:
        await WebSocket.open(echo.port, "/elsewhere/?EIO=4&transport=websocket")
    assert caught.value.answer.status in (403, 404)


async def test_a_client_that_hangs_up_during_the_handshake_leaves_nothing_behind(serve: Serve) -> None:
    sio = echo_server()
    door = await serve(sio)
    for _ in range(20):
        socket = await WebSocket.open(door.port, door.target("websocket"))
        socket.hang_up()
    for_comparison, _ = await door.websocket_session()
    for_comparison.send("4hello")
    assert await for_comparison.message() == "4hello"
    assert len(sio.eio.sockets) == 1


async def test_a_refused_handshake_ends_the_connection(echo: Door) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.port)
    writer.write(upgrade(echo.port, echo.target("websocket"), {"sec_websocket_version": "8"}))
    said = await asyncio.wait_for(reader.read(), 5)
    assert said.startswith(b"HTTP/1.1 4")
    writer.close()


async def test_the_open_packet_comes_right_behind_the_answer(echo: Door) -> None:
    socket = await echo.websocket()
    try:
        assert str(await socket.message()).startswith("0{")
    except Hung:
        pytest.fail("the session was not opened")
