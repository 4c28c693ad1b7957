"""Connections before they are anything to the application, and what of uvicorn that rests on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from structlog.testing import capture_logs

from queue_server import connections
from queue_server.app import ACCEPT_BACKLOG, uvicorn_config
from queue_server.connections import LONGEST_HEAD, MOST_HEADERS, Doorstep, http_protocol
from queue_server.settings import Settings, load
from tests.own_redis import until

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
REQUEST = b"GET / HTTP/1.1\r\nhost: x\r\n"


def settings_with(**changes: str) -> Settings:
    """Return settings of a server that is never asked for anything but HTTP."""
    fixed = {"DATABASE_URL": "postgresql://x:x@localhost/x", "JWT_KEYS": "test:" + "0123456789abcdef" * 4}
    return load({**fixed, "SOCKET_IDLE_SECONDS": "1", "SOCKET_CONNECTIONS_PER_ADDRESS": "2", **changes})


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[tuple[int, Doorstep]]:
    """Serve an application that reads bodies, and yield its port and its doorstep."""

    async def application(scope: uvicorn._types.Scope, receive: object, send: object) -> None:
        event = {"more_body": True}
        while event.get("more_body"):
            event = await receive()  # type: ignore[operator]
        await send({"type": "http.response.start", "status": 204, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body"})  # type: ignore[operator]

    protocol = http_protocol(settings)
    config = uvicorn.Config(application, port=0, http=protocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1], protocol.doorstep
    server.should_exit = True
    await task


async def said(reader: asyncio.StreamReader) -> bytes:
    """Return everything until the server hangs up."""
    async with asyncio.timeout(60):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


async def test_a_request_that_is_never_finished_is_cut_off() -> None:
    async with serving(settings_with()) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST)
        assert await said(reader) == b""


async def test_blank_lines_keep_no_connection_open() -> None:
    async with serving(settings_with()) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST + b"\r\n")
        assert await reader.readuntil(b"\r\n\r\n")
        told = asyncio.create_task(said(reader))
        for _ in range(100):
            if told.done():
                break
            writer.write(b"\r\n")
            await asyncio.wait([told], timeout=0.1)
        assert told.done()


async def test_a_body_that_never_comes_is_waited_for_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.3)
    async with serving(settings_with()) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST.replace(b"GET", b"POST") + b"content-length: 100\r\n\r\nx")
        assert await said(reader) == b""


async def test_requests_one_after_the_other_are_answered_on_one_connection() -> None:
    async with serving(settings_with()) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(REQUEST.replace(b"GET", b"POST") + b"content-length: 3\r\n\r\n")
            writer.write(b"abc")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
        writer.close()


@pytest.mark.parametrize(
    "more",
    [
        b"x: y\r\n" * (MOST_HEADERS + 1) + b"\r\n",
        b"x: " + b"y" * (LONGEST_HEAD + 1) + b"\r\n\r\n",
        b"x: " + b"y" * (LONGEST_HEAD + 1),
    ],
)
async def test_a_head_that_is_too_large_is_refused(more: bytes) -> None:
    async with serving(settings_with()) as (port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST + more)
        assert (await said(reader)).startswith(b"HTTP/1.1 431")


async def test_an_address_has_so_many_connections_and_gets_back_what_it_gives_up() -> None:
    async with serving(settings_with()) as (port, doorstep):
        streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2 * connections.EACH)]
        await until(lambda: doorstep._open["127.0.0.1"] == len(streams))
        reader, _ = await asyncio.open_connection("127.0.0.1", port)
        assert await said(reader) == b""
        streams[0][1].close()
        await until(lambda: doorstep._open["127.0.0.1"] < len(streams))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST + b"\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
        for _, each in (*streams, (reader, writer)):
            each.close()


def test_a_trusted_proxy_has_as_many_connections_as_it_wants() -> None:
    doorstep = Doorstep(settings_with(TRUSTED_PROXIES="10.0.0.0/8"))
    assert all(doorstep.enter("10.0.0.1") for _ in range(100))
    assert not all(doorstep.enter("203.0.113.5") for _ in range(100))


def test_a_network_of_ipv6_counts_as_one_address() -> None:
    doorstep = Doorstep(settings_with())
    assert [doorstep.enter(f"2001:db8::{number}") for number in range(9)] == [True] * 8 + [False]
    doorstep.leave("2001:db8::1")
    assert doorstep.enter("2001:db8::99")
    assert doorstep.enter("2001:db8:1::1")


async def test_any_number_of_requests_that_are_none_are_one_line_in_the_log() -> None:
    with capture_logs() as lines:
        async with serving(settings_with(SOCKET_CONNECTIONS_PER_ADDRESS="1000")) as (port, _):
            for _ in range(20):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"\x16\x03\x01 no HTTP\r\n\r\n")
                assert (await said(reader)).startswith(b"HTTP/1.1 400")
                writer.close()
    assert [line["event"] for line in lines] == ["requests_malformed"]


def test_a_storm_of_connections_waits_to_be_taken_in_instead_of_being_dropped() -> None:
    config = uvicorn_config(settings_with())
    assert config.backlog == ACCEPT_BACKLOG >= 16_000
