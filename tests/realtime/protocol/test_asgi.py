"""`WebSocketProtocol` under an application that knows nothing but ASGI, as Starlette's do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import uvicorn

from queue_server.realtime import WebSocketProtocol
from tests.realtime.conftest import until
from tests.realtime.protocol.conftest import port_of, running
from tests.realtime.protocol.wire import CLOSE, CONTINUATION, PING, TEXT, Refused, WebSocket, close_payload, frame

Application = Callable[[Any, Any, Any], Awaitable[None]]
Open = Callable[..., Awaitable[WebSocket]]
ECHO = "/echo?a=b"


@pytest.fixture
async def opening() -> AsyncIterator[Callable[[Application], Awaitable[Open]]]:
    """Return a way to serve an application, which returns a way to open websockets to it."""
    async with AsyncExitStack() as stack:

        async def serve(application: Application) -> Open:
            config = uvicorn.Config(application, port=0, ws=WebSocketProtocol, lifespan="off", log_config=None)
            port = port_of(await stack.enter_async_context(running(config)))

            async def open_(**headers: str | None) -> WebSocket:
                return await WebSocket.open(port, ECHO, headers)

            return open_

        yield serve


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Send back every message until the client goes."""
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send"} | {name: event[name] for name in ("text", "bytes") if name in event})


Opening = Callable[[Application], Awaitable[Open]]


async def test_messages_come_back(opening: Opening) -> None:
    socket = await (await opening(echo))()
    for message in ("hello", "", b"\0\xff", "x" * 70_000):
        socket.send(message)
        assert await socket.message() == message


async def test_a_fast_client_waits_for_a_slow_application_and_nothing_is_lost(opening: Opening) -> None:
    begin = asyncio.Event()

    async def later(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await begin.wait()
        while (event := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": event["text"]})

    socket = await (await opening(later))()
    for number in range(2_000):
        socket.send(f"{number}")
    await asyncio.sleep(0.02)
    begin.set()
    assert [await socket.message() for _ in range(2_000)] == [f"{number}" for number in range(2_000)]


async def test_a_fast_application_waits_for_a_slow_client_and_nothing_is_lost(opening: Opening) -> None:
    sent = 0

    async def talk(scope: Any, receive: Any, send: Any) -> None:
        nonlocal sent
        await receive()
        await send({"type": "websocket.accept"})
        for number in range(1_000):
            await send({"type": "websocket.send", "text": f"{number:05}" + "x" * 20_000})
            sent = number + 1
        await receive()

    socket = await (await opening(talk))()
    socket.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await until(lambda: sent > 0)
    await asyncio.sleep(0.1)
    assert sent < 1_000
    socket.writer.transport.resume_reading()  # type: ignore[attr-defined]
    assert [str(await socket.message())[:5] for _ in range(1_000)] == [f"{number:05}" for number in range(1_000)]


async def test_the_scope_tells_what_was_asked_for(opening: Opening) -> None:
    seen: list[dict[str, Any]] = []

    async def look(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)
        await echo(scope, receive, send)

    await (await opening(look))(x_special="value", sec_websocket_protocol="one, two")
    (scope,) = seen
    assert (scope["type"], scope["scheme"], scope["path"], scope["query_string"]) == (
        "websocket",
        "ws",
        "/echo",
        b"a=b",
    )
    assert scope["subprotocols"] == ["one", "two"]
    assert (b"x-special", b"value") in scope["headers"]
    assert scope["client"][0] == "127.0.0.1"
    assert scope["asgi"]["version"] == "3.0"


async def test_the_application_chooses_subprotocol_and_headers(opening: Opening) -> None:
    async def choose(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "two", "headers": [(b"x-own", b"yes")]})
        await receive()

    socket = await (await opening(choose))(sec_websocket_protocol="one, two")
    assert socket.answer.headers["sec-websocket-protocol"] == "two"
    assert socket.answer.headers["x-own"] == "yes"


@pytest.mark.parametrize(
    ("goodbye", "code"),
    [
        (frame(CLOSE, close_payload(1000)), 1000),
        (frame(CLOSE, close_payload(3001, b"bye")), 3001),
        (frame(CLOSE), 1005),
        (b"", 1006),
        (frame(TEXT, b"x", mask=b""), 1002),
        (frame(TEXT, b"\xff"), 1007),
    ],
    ids=["normal", "of its own", "without a code", "without a word", "breach", "not utf-8"],
)
async def test_the_application_is_told_how_the_client_went(opening: Opening, goodbye: bytes, code: int) -> None:
    told: list[Any] = []

    async def wait(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        told.append(await receive())

    socket = await (await opening(wait))()
    socket.write(goodbye)
    if goodbye:
        await socket.closing()
    socket.hang_up()
    await until(lambda: told)
    assert (told[0]["type"], told[0]["code"]) == ("websocket.disconnect", code)


async def test_messages_before_the_end_are_received_before_it(opening: Opening) -> None:
    told: list[Any] = []

    async def listen(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while True:
            told.append(await receive())
            if told[-1]["type"] == "websocket.disconnect":
                return

    socket = await (await opening(listen))()
    pieces = (frame(TEXT, b"a", fin=False), frame(PING), frame(CONTINUATION, b"b"), frame(CLOSE, close_payload(1000)))
    socket.write(b"".join(pieces))
    await socket.closing()
    await until(lambda: len(told) == 2)
    assert told[0]["text"] == "ab"


async def test_the_application_may_close_with_a_code(opening: Opening) -> None:
    async def close(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 4003})

    socket = await (await opening(close))()
    assert await socket.closing() == 4003


async def test_an_application_that_returns_closes_normally(opening: Opening) -> None:
    async def leave(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})

    assert await (await (await opening(leave))()).closing() == 1000


async def test_a_close_instead_of_an_accept_is_403(opening: Opening) -> None:
    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.close", "code": 1008})

    with pytest.raises(Refused) as caught:
        await (await opening(refuse))()
    assert caught.value.answer.status == 403


async def test_an_application_may_refuse_with_an_answer_of_its_own(opening: Opening) -> None:
    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        assert "websocket.http.response" in scope["extensions"]
        await receive()
        await send({"type": "websocket.http.response.start", "status": 429, "headers": [(b"retry-after", b"7")]})
        await send({"type": "websocket.http.response.body", "body": b"slow ", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"down"})

    with pytest.raises(Refused) as caught:
        await (await opening(refuse))()
    answer = caught.value.answer
    assert (answer.status, answer.headers["retry-after"], answer.headers["content-length"]) == (429, "7", "9")


async def test_an_application_that_fails_is_1011_or_500(opening: Opening, caplog: pytest.LogCaptureFixture) -> None:
    async def fail(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        if b"x-accept" in dict(scope["headers"]):
            await send({"type": "websocket.accept"})
        raise ValueError("the application's fault")

    open_ = await opening(fail)
    assert await (await open_(x_accept="yes")).closing() == 1011
    with pytest.raises(Refused) as caught:
        await open_()
    assert caught.value.answer.status == 500
    assert [record.getMessage() for record in caplog.records if record.exc_info and record.name == "uvicorn.error"] == [
        "Exception in ASGI application"
    ] * 2
    caplog.clear()


async def test_sending_to_a_client_that_has_gone_is_an_oserror(opening: Opening) -> None:
    caught: list[BaseException] = []

    async def talk(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        try:
            await send({"type": "websocket.send", "text": "too late"})
        except OSError as error:
            caught.append(error)

    socket = await (await opening(talk))()
    socket.hang_up()
    await until(lambda: caught)
