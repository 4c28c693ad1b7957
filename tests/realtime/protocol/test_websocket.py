"""Engine.IO over a websocket from the start."""

import asyncio
from time import monotonic
from typing import Any

import pytest

from tests.realtime.conftest import until
from tests.realtime.protocol.conftest import Serve, configured, echo_server, port_of, socket_server, started
from tests.realtime.protocol.wire import Door, Refused, WebSocket


async def refused(door: Door, target: str, **headers: str | None) -> int:
    with pytest.raises(Refused) as caught:
        await WebSocket.open(door.port, target, headers)
    return caught.value.answer.status


async def test_a_session_opens_without_further_upgrades(serve: Serve) -> None:
    door = await serve(echo_server(ping_interval=0.3, ping_timeout=0.2, max_payload=1_000_000))
    _, handshake = await door.websocket_session()
    expected = {"upgrades": [], "pingInterval": 300, "pingTimeout": 200, "maxPayload": 1_000_000}
    assert handshake.fields == {"sid": handshake.sid, **expected}


@pytest.mark.parametrize("version", [None, "", "3", "5", "abc"])
async def test_another_version_of_the_protocol_is_refused(echo: Door, version: str | None) -> None:
    assert await refused(echo, echo.target("websocket", version=version)) == 400


@pytest.mark.parametrize("transport", [None, "", "abc", "polling"])
async def test_another_transport_is_refused(echo: Door, transport: str | None) -> None:
    assert await refused(echo, echo.target(transport)) == 400


async def test_an_unknown_session_is_refused(echo: Door) -> None:
    assert await refused(echo, echo.target("websocket", "unknown")) == 400


async def test_a_foreign_origin_is_refused(serve: Serve) -> None:
    door = await serve(echo_server(cors_allowed_origins=["https://clinic.example"]))
    assert await refused(door, door.target("websocket"), origin="https://evil.example") in (400, 403)
    socket = await door.websocket(origin="https://clinic.example")
    assert str(await socket.message()).startswith("0")


async def test_an_application_that_refuses_is_obeyed(serve: Serve) -> None:
    sio = socket_server()
    sio.eio.on("connect", lambda sid, environ: False)
    door = await serve(sio)
    assert await refused(door, door.target("websocket")) in (401, 403)
    assert len(sio.eio.sockets) == 0


@pytest.mark.parametrize("message", ["4hello", "4", "4€ 𝄞 é", "4\x1e", "4\0", b"\x01\x02\x03\x04", b"", b"4hello"])
async def test_messages_come_back_as_they_were(echo: Door, message: str | bytes) -> None:
    socket, _ = await echo.websocket_session()
    socket.send(message)
    assert await socket.message() == message


async def test_each_packet_has_a_frame_of_its_own(serve: Serve) -> None:
    sio = echo_server()
    socket, handshake = await (await serve(sio)).websocket_session()
    for number in range(3):
        await sio.eio.send(handshake.sid, f"{number}")
    assert [await socket.message() for _ in range(3)] == ["40", "41", "42"]


async def test_a_thousand_messages_are_echoed_in_order(echo: Door) -> None:
    socket, _ = await echo.websocket_session()
    messages: list[str | bytes] = [b"%d" % n if n % 3 == 0 else f"4{n}" for n in range(1_000)]
    for message in messages:
        socket.send(message)
    assert [await socket.message() for _ in messages] == messages


@pytest.mark.parametrize("packet", ["abc", "", "7", "9hello", " 4hello", "bAQIDBA==", "\x1e"])
async def test_a_malformed_packet_closes_the_session(serve: Serve, packet: str) -> None:
    sio = echo_server()
    socket, _ = await (await serve(sio)).websocket_session()
    socket.send(packet)
    await socket.closing()
    assert await socket.is_cut()
    await until(lambda: len(sio.eio.sockets) == 0)


async def test_a_message_over_the_limit_closes_with_1009(echo: Door) -> None:
    socket, _ = await echo.websocket_session()
    socket.send("4" + "x" * 99_999)
    assert len(await socket.message()) == 100_000
    socket.send("4" + "x" * 100_000)
    assert await socket.closing() == 1009


async def test_a_session_over_a_websocket_cannot_be_polled(echo: Door) -> None:
    socket, handshake = await echo.websocket_session()
    assert (await echo.get(sid=handshake.sid)).status_code == 400
    answer = await echo.http.post(echo.target("polling", handshake.sid), content=b"4sneaked in")
    assert answer.status_code == 400
    socket.send("4hello")
    assert await socket.message() == "4hello"


async def test_a_client_is_pinged_after_each_interval(serve: Serve) -> None:
    door, begun = await serve(echo_server(ping_interval=0.2, ping_timeout=60)), monotonic()
    socket, _ = await door.websocket_session()
    for _ in range(3):
        assert await socket.message() == "2"
        assert monotonic() - begun >= 0.19
        begun = monotonic()
        socket.send("3")


async def test_a_client_that_does_not_answer_a_ping_is_closed(serve: Serve) -> None:
    told: list[Any] = []
    sio = echo_server(ping_interval=0.1, ping_timeout=0.15)
    sio.eio.on("disconnect", lambda sid, reason: told.append(reason))
    begun = monotonic()
    socket, _ = await (await serve(sio)).websocket_session()
    assert await socket.message() == "2"
    await socket.closing()
    assert monotonic() - begun >= 0.15
    await until(lambda: told == [sio.eio.reason.PING_TIMEOUT])


async def test_messages_do_not_replace_the_pong(serve: Serve) -> None:
    socket, _ = await (await serve(echo_server(ping_interval=0.1, ping_timeout=0.15))).websocket_session()
    begun = monotonic()

    async def chatter() -> None:
        while monotonic() - begun < 30:
            socket.send("4hello")
            await asyncio.sleep(0.02)

    talking = asyncio.create_task(chatter())
    await socket.closing()
    talking.cancel()
    assert monotonic() - begun < 30  # not only when the talking ended


async def test_a_client_that_answers_lives_on(serve: Serve) -> None:
    socket, _ = await (await serve(echo_server(ping_interval=0.05, ping_timeout=60))).websocket_session()
    for _ in range(8):
        assert await socket.message() == "2"
        socket.send("3")
    socket.send("4hello")
    assert await socket.message() in ("4hello", "2")


async def test_a_close_packet_ends_the_session(serve: Serve) -> None:
    told: list[Any] = []
    sio = echo_server()
    sio.eio.on("disconnect", lambda sid, reason: told.append(reason))
    socket, _ = await (await serve(sio)).websocket_session()
    socket.send("1")
    await socket.closing()
    assert await socket.is_cut()
    await until(lambda: told == [sio.eio.reason.CLIENT_DISCONNECT])


async def test_a_broken_connection_ends_the_session(serve: Serve) -> None:
    told: list[Any] = []
    sio = echo_server()
    sio.eio.on("disconnect", lambda sid, reason: told.append(reason))
    socket, _ = await (await serve(sio)).websocket_session()
    socket.hang_up()
    await until(lambda: len(told) == 1 and len(sio.eio.sockets) == 0)


async def test_the_server_can_end_a_session(serve: Serve) -> None:
    told: list[Any] = []
    sio = echo_server()
    sio.eio.on("disconnect", lambda sid, reason: told.append(reason))
    socket, handshake = await (await serve(sio)).websocket_session()
    await sio.eio.disconnect(handshake.sid)
    await socket.closing()
    assert await socket.is_cut()
    await until(lambda: told == [sio.eio.reason.SERVER_DISCONNECT])
    assert len(sio.eio.sockets) == 0


async def test_sending_to_a_session_that_has_gone_goes_nowhere(serve: Serve) -> None:
    sio = echo_server()
    await serve(sio)
    await sio.eio.send("nobody", "hello")


async def test_an_error_of_a_handler_does_not_end_the_session(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    sio = echo_server()

    async def fail(sid: str, message: str) -> None:
        if message == "fail":
            raise ValueError(message)
        await sio.eio.send(sid, message)

    sio.eio.on("message", fail)
    socket, _ = await (await serve(sio)).websocket_session()
    socket.send("4fail")
    socket.send("4hello")
    assert await socket.message() == "4hello"
    caplog.clear()  # here a traceback is right: the fault is the application's


async def test_a_server_that_stops_closes_with_a_code_that_lets_clients_come_back() -> None:
    server = await started(configured(echo_server()))
    socket, _ = await Door(port_of(server)).websocket_session()
    await server.shutdown()
    assert await socket.closing() in (1001, 1012)
