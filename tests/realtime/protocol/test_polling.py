"""Engine.IO over HTTP: the handshake, payloads, polls, the heartbeat and the end."""

import asyncio
from time import monotonic
from typing import Any

import httpx
import pytest

from tests.realtime.conftest import until
from tests.realtime.protocol.conftest import Serve, echo_server, socket_server
from tests.realtime.protocol.wire import SEPARATOR, Door, Handshake, request

REFUSED = 400


# ---- handshake -------------------------------------------------------------------------------------------------------


async def test_a_session_opens_with_what_the_client_must_know(serve: Serve) -> None:
    door = await serve(echo_server(ping_interval=0.3, ping_timeout=0.2, max_payload=1_000_000))
    answer = await door.get()
    assert answer.status_code == 200
    assert answer.headers["content-type"].lower().replace(" ", "") == "text/plain;charset=utf-8"
    handshake = Handshake.read(answer.text)
    expected = {"upgrades": ["websocket"], "pingInterval": 300, "pingTimeout": 200, "maxPayload": 1_000_000}
    assert handshake.fields == {"sid": handshake.sid, **expected}


@pytest.mark.parametrize(("seconds", "milliseconds"), [(0.3, 300), (1.25, 1250), (25, 25_000), (25.0, 25_000)])
async def test_intervals_are_told_in_milliseconds(serve: Serve, seconds: float, milliseconds: int) -> None:
    door = await serve(echo_server(ping_interval=seconds, ping_timeout=seconds))
    fields = Handshake.read((await door.get()).text).fields
    assert (fields["pingInterval"], fields["pingTimeout"]) == (milliseconds, milliseconds)
    assert isinstance(fields["pingInterval"], int)


async def test_every_session_has_an_id_that_cannot_be_guessed(echo: Door) -> None:
    sids = {(await echo.polling_session()).sid for _ in range(50)}
    assert len(sids) == 50
    assert all(len(sid) >= 20 for sid in sids)


@pytest.mark.parametrize("version", [None, "", "3", "5", "abc", "44"])
async def test_another_version_of_the_protocol_is_refused(echo: Door, version: str | None) -> None:
    assert (await echo.http.get(echo.target("polling", version=version))).status_code == REFUSED


@pytest.mark.parametrize("transport", [None, "", "abc", "Polling", "flashsocket"])
async def test_another_transport_is_refused(echo: Door, transport: str | None) -> None:
    assert (await echo.http.get(echo.target(transport))).status_code == REFUSED


@pytest.mark.parametrize("transport", [None, "", "abc"])
async def test_another_transport_is_refused_within_a_session_too(echo: Door, transport: str | None) -> None:
    polling = await echo.polling_session()
    assert (await echo.get(transport, polling.sid)).status_code == REFUSED
    await polling.send("4still here")
    assert await polling.poll() == ["4still here"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD"])
async def test_a_session_is_opened_with_get_only(echo: Door, method: str) -> None:
    answer = await echo.http.request(method, echo.target("polling"))
    assert answer.status_code == REFUSED


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused_within_a_session(echo: Door, method: str) -> None:
    polling = await echo.polling_session()
    assert (await echo.http.request(method, echo.target("polling", polling.sid))).status_code == REFUSED


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("sid", ["", "unknown", "x" * 5000, "../..", "\u20ac"])
async def test_an_unknown_session_is_refused(echo: Door, method: str, sid: str) -> None:
    assert (await echo.http.request(method, echo.target("polling", sid))).status_code == REFUSED


async def test_a_websocket_without_an_upgrade_is_refused(echo: Door) -> None:
    assert (await echo.get("websocket")).status_code == REFUSED


async def test_a_handshake_that_the_application_refuses_leaves_no_session(serve: Serve) -> None:
    sio = socket_server()
    sio.eio.on("connect", lambda sid, environ: False)
    door = await serve(sio)
    assert (await door.get()).status_code in (401, 403)
    assert len(sio.eio.sockets) == 0


# ---- origins ---------------------------------------------------------------------------------------------------------


async def test_any_origin_is_allowed_where_all_are(serve: Serve) -> None:
    door = await serve(echo_server(cors_allowed_origins="*"))
    answer = await door.get(headers={"origin": "https://anywhere.example"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] in ("*", "https://anywhere.example")


async def test_only_listed_origins_may_open_sessions(serve: Serve) -> None:
    door = await serve(echo_server(cors_allowed_origins=["https://clinic.example"]))
    assert (await door.get(headers={"origin": "https://clinic.example"})).status_code == 200
    assert (await door.get(headers={"origin": "https://evil.example"})).status_code in (400, 403)
    assert (await door.get()).status_code == 200


async def test_a_preflight_request_is_answered(serve: Serve) -> None:
    door = await serve(echo_server(cors_allowed_origins="*"))
    headers = {"origin": "https://anywhere.example", "access-control-request-method": "POST"}
    answer = await door.http.options(door.target("polling"), headers=headers)
    assert answer.status_code in (200, 204)
    assert answer.headers["access-control-allow-origin"] in ("*", "https://anywhere.example")


# ---- payloads --------------------------------------------------------------------------------------------------------


async def test_a_post_is_answered_with_ok(echo: Door) -> None:
    polling = await echo.polling_session()
    answer = await polling.post("4hello")
    assert (answer.status_code, answer.text) == (200, "ok")


@pytest.mark.parametrize("text", ["hello", "", "€ 𝄞 é", "4", "b", "a\nb\r\n", "\0", "x" * 50_000])
async def test_text_comes_back_as_it_was(echo: Door, text: str) -> None:
    polling = await echo.polling_session()
    await polling.send("4" + text)
    assert await polling.poll() == ["4" + text]


async def test_several_packets_share_a_payload_in_order(echo: Door) -> None:
    polling = await echo.polling_session()
    await polling.send("4test1", "4test2", "4test3")
    assert (await polling.get()).text == "4test1\x1e4test2\x1e4test3"


async def test_binary_messages_are_base64_in_both_directions(echo: Door) -> None:
    polling = await echo.polling_session()
    await polling.send("4hello", "bAQIDBA==", "b")
    assert await polling.poll() == ["4hello", "bAQIDBA==", "b"]


async def test_binary_messages_reach_the_application_as_bytes(serve: Serve) -> None:
    heard: list[Any] = []
    sio = socket_server()
    sio.eio.on("connect", lambda sid, environ: None)
    sio.eio.on("message", lambda sid, message: heard.append(message))
    polling = await (await serve(sio)).polling_session()
    await polling.send("4text", "bAAEC/w==")
    await until(lambda: heard == ["text", b"\x00\x01\x02\xff"])


async def test_packets_wait_for_the_next_poll(serve: Serve) -> None:
    sio = echo_server()
    polling = await (await serve(sio)).polling_session()
    for number in range(3):
        await sio.eio.send(polling.sid, f"{number}")
    await sio.eio.send(polling.sid, b"\x01\x02\x03\x04")
    assert await polling.poll() == ["40", "41", "42", "bAQIDBA=="]


async def test_a_payload_has_no_more_packets_than_every_official_client_reads(serve: Serve) -> None:
    sio = echo_server()
    polling = await (await serve(sio)).polling_session()
    for number in range(100):
        await sio.eio.send(polling.sid, f"{number}")
    payloads: list[list[str]] = []
    while sum(map(len, payloads)) < 100:
        payloads.append(await polling.poll())
    assert max(map(len, payloads)) <= 16
    assert [packet for payload in payloads for packet in payload] == [f"4{number}" for number in range(100)]


async def test_what_was_sent_before_the_server_closed_is_told_to_the_end(serve: Serve) -> None:
    sio = echo_server()
    polling = await (await serve(sio)).polling_session()
    for number in range(40):
        await sio.eio.send(polling.sid, f"{number}")
    await sio.eio.disconnect(polling.sid)
    told: list[str] = []
    while "1" not in told:
        told += await polling.poll()
    assert told == [*(f"4{number}" for number in range(40)), "1"]
    assert await polling.is_closed()


async def test_a_pending_poll_is_answered_as_soon_as_there_is_something(serve: Serve) -> None:
    sio = echo_server()
    polling = await (await serve(sio)).polling_session()
    poll = await polling.pending()
    await sio.eio.send(polling.sid, "now")
    assert (await poll).text == "4now"


MALFORMED = {
    "no packet type": b"abc",
    "type beyond the last": b"7",
    "nothing": b"",
    "nothing between separators": b"4a\x1e\x1e4b",
    "trailing separator": b"4a\x1e",
    "leading separator": b"\x1e4a",
    "unknown type behind a known": b"4a\x1exyz",
    "bad base64": b"b!!!!",
    "cut base64": b"bAQIDB",
    "not utf-8": b"4\xff\xfe",
    "form of the third version": b"6:4hello",
    "form of JSONP": b"d=4hello",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_payload_closes_the_session_with_400(echo: Door, body: bytes) -> None:
    polling = await echo.polling_session()
    assert (await polling.post(body)).status_code == REFUSED
    assert (await polling.get()).status_code == REFUSED


async def test_a_malformed_payload_ends_the_pending_poll(echo: Door) -> None:
    polling = await echo.polling_session()
    poll = await polling.pending()
    assert (await polling.post("abc")).status_code == REFUSED
    await poll
    assert await polling.is_closed()


async def test_a_malformed_payload_tells_the_application_that_the_client_has_gone(serve: Serve) -> None:
    gone: list[str] = []
    sio = echo_server()
    sio.eio.on("disconnect", lambda sid, reason: gone.append(sid))
    polling = await (await serve(sio)).polling_session()
    await polling.post("abc")
    await until(lambda: gone == [polling.sid])
    assert len(sio.eio.sockets) == 0


async def test_a_body_over_the_limit_is_413(echo: Door) -> None:
    polling = await echo.polling_session()
    assert (await polling.post("4" + "x" * 99_999)).status_code == 200
    assert (await polling.post("4" + "x" * 100_000)).status_code == 413


async def test_a_body_over_the_limit_is_refused_before_it_is_sent(echo: Door) -> None:
    polling = await echo.polling_session()
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.port)
    head = f"POST {echo.target('polling', polling.sid)} HTTP/1.1\r\nhost: x\r\ncontent-length: 100001\r\n\r\n"
    assert (await request(reader, writer, head.encode())).status == 413
    writer.transport.abort()


async def test_a_body_of_unknown_length_is_cut_at_the_limit(echo: Door) -> None:
    polling = await echo.polling_session()

    async def endless() -> Any:
        for _ in range(1_000):
            yield b"4" * 10_000

    try:
        answer = await echo.http.post(echo.target("polling", polling.sid), content=endless())
    except httpx.TransportError:
        return  # hung up on while it was still talking
    assert answer.status_code == 413


async def test_a_body_in_chunks_is_read_whole(echo: Door) -> None:
    polling = await echo.polling_session()

    async def chunks() -> Any:
        for piece in (b"4he", b"l", b"lo"):
            yield piece

    answer = await echo.http.post(echo.target("polling", polling.sid), content=chunks())
    assert (answer.status_code, answer.text) == (200, "ok")
    assert await polling.poll() == ["4hello"]


# ---- one at a time ---------------------------------------------------------------------------------------------------


async def test_a_second_poll_beside_the_first_closes_the_session(echo: Door) -> None:
    polling = await echo.polling_session()
    first = await polling.pending()
    assert (await polling.get()).status_code == REFUSED
    answer = await first
    assert (answer.status_code, answer.text) == (200, "1")
    assert (await polling.get()).status_code == REFUSED


async def test_a_second_post_beside_the_first_closes_the_session(echo: Door) -> None:
    polling = await echo.polling_session()
    _, writer = await asyncio.open_connection("127.0.0.1", echo.port)
    head = f"POST {echo.target('polling', polling.sid)} HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\n\r\n4he"
    writer.write(head.encode())
    await until(lambda: polling.known.is_posting)
    assert (await polling.post("4second")).status_code == REFUSED
    assert (await polling.get()).status_code == REFUSED
    writer.transport.abort()


async def test_a_poll_that_is_given_up_closes_the_session(serve: Serve) -> None:
    gone: list[str] = []
    sio = echo_server()
    sio.eio.on("disconnect", lambda sid, reason: gone.append(sid))
    door = await serve(sio)
    polling = await door.polling_session()
    _, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(f"GET {door.target('polling', polling.sid)} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
    await until(lambda: polling.known.poll is not None)
    writer.close()
    await until(lambda: gone == [polling.sid])
    assert (await polling.get()).status_code == REFUSED


# ---- heartbeat -------------------------------------------------------------------------------------------------------


async def test_a_poll_is_pinged_after_each_interval(serve: Serve) -> None:
    door, begun = await serve(echo_server(ping_interval=0.2, ping_timeout=60)), monotonic()
    polling = await door.polling_session()
    for _ in range(3):
        assert await polling.poll() == ["2"]
        assert monotonic() - begun >= 0.19
        begun = monotonic()
        await polling.send("3")


async def test_a_session_that_is_not_polled_is_gone_after_its_timeout(serve: Serve) -> None:
    gone: list[str] = []
    sio = echo_server(ping_interval=0.15, ping_timeout=0.1)
    sio.eio.on("disconnect", lambda sid, reason: gone.append(sid))
    polling = await (await serve(sio)).polling_session()
    await until(lambda: gone == [polling.sid])
    assert (await polling.get()).status_code == REFUSED
    assert len(sio.eio.sockets) == 0


async def test_a_poll_without_a_pong_is_ended_by_the_timeout(serve: Serve) -> None:
    polling = await (await serve(echo_server(ping_interval=0.3, ping_timeout=0.5))).polling_session()
    assert await polling.poll() == ["2"]
    await polling.get()
    assert await polling.is_closed()


async def test_messages_do_not_replace_the_pong(serve: Serve) -> None:
    polling = await (await serve(echo_server(ping_interval=0.3, ping_timeout=0.5))).polling_session()
    assert await polling.poll() == ["2"]
    for _ in range(200):
        if (await polling.post("4hello")).status_code == REFUSED:
            return
        await asyncio.sleep(0.02)
    pytest.fail("the session outlived its timeout")


# ---- the end ---------------------------------------------------------------------------------------------------------


async def test_a_close_of_the_client_ends_its_poll_with_a_noop(echo: Door) -> None:
    polling = await echo.polling_session()
    poll = await polling.pending()
    assert (await polling.post("1")).status_code == 200
    answer = await poll
    assert (answer.status_code, answer.text) == (200, "6")
    assert (await polling.get()).status_code == REFUSED


async def test_a_poll_that_comes_just_before_the_close_is_ended_with_a_noop(echo: Door) -> None:
    for _ in range(20):
        polling = await echo.polling_session()
        poll, _ = await asyncio.gather(polling.get(), polling.post("1"))
        assert (poll.status_code, poll.text) in ((200, "6"), (REFUSED, poll.text))
        assert (await polling.get()).status_code == REFUSED


async def test_packets_behind_a_close_are_not_heard(serve: Serve) -> None:
    heard: list[Any] = []
    sio = socket_server()
    sio.eio.on("connect", lambda sid, environ: None)
    sio.eio.on("message", lambda sid, message: heard.append(message))
    polling = await (await serve(sio)).polling_session()
    await polling.post(SEPARATOR.join(("4before", "1", "4after")))
    assert await polling.is_closed()
    assert heard == ["before"]


async def test_a_close_of_the_server_ends_the_pending_poll(serve: Serve) -> None:
    sio = echo_server()
    polling = await (await serve(sio)).polling_session()
    poll = await polling.pending()
    await sio.eio.disconnect(polling.sid)
    answer = await poll
    assert (answer.status_code, answer.text) == (200, "1")
    assert await polling.is_closed()


async def test_the_application_is_told_once_that_a_client_has_gone(serve: Serve) -> None:
    told: list[tuple[str, str]] = []
    sio = echo_server()
    sio.eio.on("connect", lambda sid, environ: told.append(("connect", sid)))
    sio.eio.on("disconnect", lambda sid, reason: told.append(("disconnect", sid)))
    polling = await (await serve(sio)).polling_session()
    await polling.post("1")
    await polling.post("1")
    assert told == [("connect", polling.sid), ("disconnect", polling.sid)]
