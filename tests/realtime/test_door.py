"""Strangers, floods and rubbish at the door: refused, counted, never traced; the server stays."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed, InvalidStatus

from queue_server.realtime.limits import Admission, Bucket, client_address, networks
from queue_server.realtime.origins import Origins
from queue_server.settings import Settings
from scheduling_core.permissions import Role
from tests.http.world import World
from tests.realtime.conftest import Client, Node, serving, until, with_settings

Connect = Callable[..., Awaitable[Client]]


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Any:
    """Whatever clients do, nothing of it ends in a trace."""
    with caplog.at_level(logging.DEBUG):
        yield
    assert [r.getMessage() for r in caplog.records if r.exc_info or r.levelno >= logging.ERROR] == []


@asynccontextmanager
async def raw(node: Node, *, greeted: bool = True, **options: Any) -> AsyncIterator[ClientConnection]:
    """A websocket that speaks Engine.IO by hand."""
    url = node.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    async with open_websocket(url, **options) as socket:
        assert str(await socket.recv()).startswith("0{")
        if greeted:
            await socket.send("40")
            assert str(await socket.recv()).startswith('40{"sid"')
            assert str(await socket.recv()).startswith('42["connected"')
        yield socket


async def ends(socket: ClientConnection, *frames: str) -> None:
    """Fail unless the server ends the connection, at the latest after these frames."""

    async def talk() -> None:
        for frame in frames:
            await socket.send(frame)
        while True:
            await socket.recv()

    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(talk(), 60)


async def alive(socket: ClientConnection) -> None:
    """Fail unless the socket still answers."""
    await socket.send('427["heartbeat"]')
    async with asyncio.timeout(60):
        while not str(await socket.recv()).startswith("437["):
            pass


# ---- origins --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        (None, True),
        ("{own}", True),
        ("https://desk.example.org", True),
        ("https://DESK.example.org", True),
        ("https://queue.example.org", True),
        ("https://evil.example.org", False),
        ("https://desk.example.org.evil.org", False),
        ("null", False),
        ("garbage", False),
    ],
)
async def test_pages_of_other_sites_get_no_socket(settings: Settings, origin: str | None, is_allowed: bool) -> None:
    allowing = with_settings(
        settings, cors_origins=("https://desk.example.org",), public_url="https://queue.example.org"
    )
    async with serving(allowing) as node, httpx.AsyncClient(base_url=node.url, timeout=60) as client:
        headers = {"Origin": origin.format(own=node.url)} if origin else {}
        polled = await client.get("/socket.io/?EIO=4&transport=polling", headers=headers)
        assert polled.status_code == (200 if is_allowed else 403)
        if is_allowed:
            assert polled.headers.get("access-control-allow-origin") == headers.get("Origin")
            async with raw(node, additional_headers=headers) as socket:
                await alive(socket)
        else:
            assert "access-control-allow-origin" not in polled.headers
            with pytest.raises(InvalidStatus) as refused:
                async with raw(node, additional_headers=headers):
                    pass
            assert refused.value.response.status_code == 403
            assert node.stats()["refusedByReason"] == {"origin": 2}


@pytest.mark.parametrize(
    ("headers", "through_proxy", "is_allowed"),
    [
        ({"origin": "https://clinic.example", "host": "10.0.0.7", "x-forwarded-host": "clinic.example"}, True, True),
        ({"origin": "https://clinic.example", "host": "10.0.0.7", "x-forwarded-host": "clinic.example"}, False, False),
        ({"origin": "https://clinic.example", "host": "clinic.example"}, False, True),
        ({"origin": "https://clinic.example:8443", "host": "clinic.example"}, False, False),
        ({"origin": "http://[::1]:8000", "host": "[::1]:8000"}, False, True),
        ({"origin": "http://clinic.example:99999", "host": "clinic.example"}, False, False),
    ],
)
def test_the_own_site_is_known_behind_proxies(headers: dict[str, str], through_proxy: bool, is_allowed: bool) -> None:
    assert Origins((), "http://localhost:8000").is_allowed(headers, through_proxy=through_proxy) is is_allowed


def test_any_site_may_when_the_settings_say_so() -> None:
    assert Origins(("*",), "http://localhost").is_allowed({"origin": "https://any.example"}, through_proxy=False)


# ---- limits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nearest", "forwarded", "address"),
    [
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "rubbish", "10.0.0.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ],
)
def test_addresses_are_taken_from_trusted_proxies_only(nearest: str, forwarded: str, address: str) -> None:
    trusted = networks(("10.0.0.0/8",))
    assert client_address({"client": (nearest, 1)}, {"x-forwarded-for": forwarded}, trusted) == address


def test_a_bucket_refills_with_time() -> None:
    bucket = Bucket(rate=1, burst=2, now=0)
    assert [bucket.take(0), bucket.take(0), bucket.take(0), bucket.take(1), bucket.take(1.5)] == [
        True, True, False, True, False,
    ]  # fmt: skip


def test_an_address_gets_back_what_it_gives_up() -> None:
    admission = Admission(at_once=2, per_minute=100)
    for _ in range(2):
        assert admission.admit("a", 0) is None
        admission.opened("a")
    assert admission.admit("a", 0) == "too_many_connections"
    assert admission.admit("b", 0) is None
    admission.closed("a")
    assert admission.admit("a", 0) is None


def test_what_is_asked_in_vain_and_upgrades_are_counted_apart_from_connections() -> None:
    admission = Admission(at_once=2, per_minute=2)
    for _ in range(2):
        assert admission.admit_request("a", 0) is None
        admission.in_vain("a", 0)
        assert admission.admit_upgrade("a", 0) is None
    assert admission.admit_request("a", 0) == "too_many_refused"
    assert admission.admit_upgrade("a", 0) == "too_many_upgrades"
    assert admission.admit("a", 0) is None
    assert admission.admit_request("b", 0) is None
    assert admission.admit_request("a", 30) is None


async def test_one_address_gets_so_many_connections_and_the_others_a_reason(settings: Settings) -> None:
    async with serving(with_settings(settings, socket_connections_per_address=3)) as node:
        async with raw(node), raw(node), raw(node):
            with pytest.raises(InvalidStatus) as refused:
                async with raw(node):
                    pass
            assert refused.value.response.status_code == 429
            assert refused.value.response.headers["Retry-After"]
        await until(lambda: node.stats()["connectedClients"] == 0)
        async with raw(node) as socket:
            await alive(socket)


async def test_one_address_may_connect_so_often_a_minute(settings: Settings) -> None:
    async with (
        serving(with_settings(settings, socket_connects_per_minute=5)) as node,
        httpx.AsyncClient(base_url=node.url, timeout=60) as client,
    ):
        statuses = [(await client.get("/socket.io/?EIO=4&transport=polling")).status_code for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2


async def test_who_floods_is_told_and_then_shown_out(node: Node, connect: Connect) -> None:
    client = await connect()
    for _ in range(200):
        await client.emit("heartbeat")
    told = await client.heard.next("error")
    assert told["code"] == "too_many_requests"
    assert told["retryable"] is True
    await until(lambda: node.stats()["connectedClients"] == 0)
    assert node.stats()["endedByReason"] == {"too_many_faults": 1}


# ---- idlers ---------------------------------------------------------------------------------------------------------


async def test_who_follows_nothing_is_shown_out_and_who_does_stays(
    settings: Settings, connect: Connect, world: World
) -> None:
    async with serving(with_settings(settings, socket_idle_seconds=1)) as node:
        idle, follower = await connect(node), await connect(node)
        await follower.call("join-queue", {"token": await world.link(0)})
        assert (await idle.heard.next("error"))["code"] == "idle"
        await until(lambda: not idle.socket.connected)
        async with raw(node, greeted=False) as never_connected:
            await ends(never_connected)
        assert follower.socket.connected
        assert (await follower.call("heartbeat"))["serverTime"]


# ---- rubbish --------------------------------------------------------------------------------------------------------

RUBBISH = [
    '42["connect",{}]',
    '42["disconnect"]',
    '42["connect_error",1]',
    "42",
    "42{}",
    "42[]",
    "42[5]",
    "42null",
    '42["join-queue",{"token":',
    '42["a"' + "[" * 5000,
    '4299999999999999999999999["heartbeat"]',
    "43",
    "431{}",
    "44{}",
    "45",
    '451-["x",{"_placeholder":true,"num":0}]',
    '459999999999-["x"]',
    "461-[]",
    "47",
    "4x",
    "4",
    "42/unknown,[1]",
    '42["\\ud800"]',
    "40[]",
    "41{}",
]


@pytest.mark.parametrize("packet", RUBBISH)
async def test_a_packet_that_cannot_be_is_answered_with_an_error_and_the_socket_stays(node: Node, packet: str) -> None:
    async with raw(node) as socket:
        await socket.send(packet)
        told = json.loads(str(await asyncio.wait_for(socket.recv(), 60))[2:])
        assert told[0] == "error"
        assert told[1]["code"] == "malformed_request"
        await alive(socket)


async def test_phones_have_no_use_for_long_messages_and_desks_may_send_them(
    node: Node, desk: Callable[..., Awaitable[Client]]
) -> None:
    async with raw(node) as socket:
        await socket.send('427["heartbeat","' + "x" * 10_000 + '"]')
        assert "malformed_request" in str(await socket.recv())
        await alive(socket)
    assert (await (await desk()).call("heartbeat", {"more": "x" * 10_000}))["ok"]


async def test_binary_messages_are_refused(node: Node) -> None:
    async with raw(node) as socket:
        for _ in range(3):
            await socket.send(b"\x00" * 1000)
            assert "malformed_request" in str(await socket.recv())
        await alive(socket)


@pytest.mark.parametrize("frame", ["", "x", "9", "é", "0", "b"])
async def test_a_frame_that_engine_io_does_not_know_ends_the_connection(node: Node, frame: str) -> None:
    async with raw(node) as socket:
        await socket.send(frame)
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 60)
    async with raw(node) as socket:
        await alive(socket)


async def test_a_frame_larger_than_allowed_ends_the_connection(node: Node) -> None:
    async with raw(node) as socket:
        await ends(socket, '42["join-queue",{"token":"' + "x" * 70_000 + '"}]')


async def test_rubbish_without_end_ends_the_connection(node: Node) -> None:
    async with raw(node) as socket:
        await ends(socket, *["42nonsense"] * 500)
    await until(lambda: node.stats()["connectedClients"] == 0)


async def test_nothing_is_said_in_a_namespace_before_it_is_connected(node: Node, world: World) -> None:
    async with raw(node, greeted=False) as socket:
        await socket.send('42["join-queue",{"token":"' + await world.link(0) + '"}]')
        await socket.send('42/staff,1["pause",{"doctorId":"' + str(world.doctor) + '"}]')
        await socket.send("40")
        assert str(await socket.recv()).startswith('40{"sid"')
        assert str(await socket.recv()).startswith('42["connected"')
        assert node.stats()["patients"] == 0


async def test_an_unknown_namespace_is_refused_with_a_message(node: Node) -> None:
    async with raw(node) as socket:
        await socket.send("40/admin,")
        assert str(await socket.recv()) == '44/admin,{"message":"Invalid namespace"}'
        await alive(socket)


# ---- polling --------------------------------------------------------------------------------------------------------


async def polling_session(client: httpx.AsyncClient) -> str:
    opened = await client.get("/socket.io/?EIO=4&transport=polling")
    sid: str = json.loads(opened.text[1:])["sid"]
    return f"/socket.io/?EIO=4&transport=polling&sid={sid}"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"x", 400),
        (b"\xff\xfe", 400),
        (b"4\x1e", 400),
        (b"d=40", 400),
        (b"bA", 400),
        (b"bAAAA", 200),
        (b"\x1e".join([b"2"] * 300), 400),
        (b'42["x","' + b"y" * 70_000 + b'"]', 413),
        (b'40\x1e42["heartbeat"]', 200),
    ],
)
async def test_bodies_of_polling_clients_are_checked(node: Node, body: bytes, status: int) -> None:
    async with httpx.AsyncClient(base_url=node.url, timeout=60) as client:
        session = await polling_session(client)
        assert (await client.post(session, content=body)).status_code == status
        # Who sends what cannot be has to begin anew.
        assert (await client.post(session, content=b"40")).status_code == min(status, 400)


@pytest.mark.parametrize(
    ("method", "query", "status"),
    [
        ("GET", "", 400),
        ("GET", "EIO=3&transport=polling", 400),
        ("GET", "EIO=4&transport=carrier-pigeon", 400),
        ("GET", "EIO=4&transport=polling&sid=unknown", 400),
        ("POST", "EIO=4&transport=polling&sid=unknown", 400),
        ("POST", "EIO=4&transport=polling", 400),
        ("GET", "EIO=4&transport=websocket", 400),
        ("GET", "EIO=4&transport=polling&j=x", 400),
        ("DELETE", "EIO=4&transport=polling", 400),
    ],
)
async def test_requests_that_engine_io_does_not_know_are_refused(
    node: Node, method: str, query: str, status: int
) -> None:
    async with httpx.AsyncClient(base_url=node.url, timeout=60) as client:
        answer = await client.request(method, f"/socket.io/?{query}", content=b"40" if method == "POST" else None)
        assert answer.status_code == status


async def test_chunked_bodies_are_read_whole(node: Node) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"4"
        yield b"0"

    async with httpx.AsyncClient(base_url=node.url, timeout=60) as client:
        session = await polling_session(client)
        assert (await client.post(session, content=chunks())).status_code == 200
        assert '42["connected"' in (await client.get(session)).text


# ---- who does not read ----------------------------------------------------------------------------------------------


async def test_who_does_not_read_is_cut_off_and_the_others_are_told_in_time(
    settings: Settings, world: World, connect: Connect
) -> None:
    async with serving(with_settings(settings, socket_idle_seconds=2)) as node:
        reader = await connect(node)
        await reader.call("join-queue", {"token": await world.link(0)})
        async with raw(node, max_queue=1, close_timeout=0.1) as stuck:
            await stuck.send('42["join-queue",{"token":"' + await world.link(1) + '"}]')
            await until(lambda: node.stats()["patients"] == 2)
            transport = stuck.transport
            transport.pause_reading()
            connection = next(
                c for c in node.realtime._sockets.connections if c.sockets and not reader_is(node, c, reader)
            )
            filler = "x" * 60_000

            def cut_off() -> bool:
                for socket in list(connection.sockets.values()):
                    socket.send("filler", filler)
                return bool(node.stats()["connectedClients"] == 1)

            await until(cut_off)
            transport.resume_reading()
        version = (await world.done("pause", world.doctor))["version"]
        await until(lambda: [b for b in reader.heard.of("queue-broadcast") if b["version"] == version])
        assert node.stats()["endedByReason"].get("not_reading")


def reader_is(node: Node, connection: Any, client: Client) -> bool:
    return any(socket.id == client.socket.get_sid("/") for socket in connection.sockets.values())


async def test_the_figures_say_what_passes(node: Node, connect: Connect, world: World) -> None:
    client = await connect()
    await client.call("join-queue", {"token": await world.link(0)})
    await client.call("join-queue", {"token": "forged"})
    answer = await world.send("GET", "/api/appointments/websocket/stats", role=None)
    assert answer.status_code == 401
    figures = (await world.send("GET", "/api/appointments/websocket/stats", role=Role.ADMIN)).json()["data"]
    assert figures["connectedClients"] == 1
    assert figures["activeRooms"] == 1
    assert figures["errors"] == 1
    assert figures["messagesPerSecond"] > 0
    assert figures["uptimeSeconds"] >= 0
    metrics = (await world.send("GET", "/metrics", role=None)).text
    assert "socket_connections 1.0" in metrics
