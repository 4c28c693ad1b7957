"""What the engine relies on of other projects' insides; a version that moves one of them fails here first, by name.

Before a pin of pyproject.toml is raised: read what changed against the docstrings of `queue_server.realtime.engine` and
of `queue_server.realtime.pysocketio`, then raise it here.
"""

import asyncio
import inspect
import os
import re
import socket
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, ClassVar

import engineio
import pytest
import socketio
import uvicorn
import uvloop
from engineio.async_drivers.asgi import ASGIApp
from socketio.async_manager import AsyncManager
from socketio.base_manager import BaseManager
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from queue_server.realtime.pysocketio.engineio_server import EngineIOServer
from queue_server.realtime.pysocketio.manager import DirectManager
from queue_server.realtime.pysocketio.server import SocketIOServer
from tests.realtime.protocol.wire import upgrade

LOOPS = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])


@pytest.mark.parametrize(
    ("package", "minor"), [("uvicorn", "0.54"), ("python-engineio", "4.15"), ("python-socketio", "5.18")]
)
def test_the_version_is_one_whose_insides_were_read(package: str, minor: str) -> None:
    assert version(package).startswith(f"{minor}.")


# ---- uvicorn ---------------------------------------------------------------------------------------------------------


class Recorder(asyncio.Protocol):
    """A websocket protocol that notes what uvicorn does with it."""

    made: ClassVar["list[Recorder]"] = []

    def __init__(self, config: uvicorn.Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        self.arguments = (config, server_state, app_state)
        self.calls: list[tuple[str, Any]] = []
        Recorder.made.append(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.previous = transport.get_protocol()
        state: Any = self.arguments[1]
        state.connections.add(self)
        self.calls.append(("connection_made", transport.get_protocol() is self))

    def data_received(self, data: bytes) -> None:
        self.calls.append(("data_received", data))

    def shutdown(self) -> None:
        self.calls.append(("shutdown", None))
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        state: Any = self.arguments[1]
        state.connections.discard(self)


@pytest.mark.parametrize("http", ["httptools", "h11"])
async def test_uvicorn_hands_over_the_whole_head_at_once_and_stops_by_shutdown(http: Any) -> None:
    Recorder.made = []
    config = uvicorn.Config(_nothing, port=0, http=http, ws=Recorder, lifespan="off", log_config=None)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = upgrade(port, "/a%20path?b=c", {"X-Mixed-CASE": "Value:  with  spaces ", "x-empty": ""})
    writer.write(head[:50])
    await asyncio.sleep(0.01)
    writer.write(head[50:])
    async with asyncio.timeout(60):
        while not Recorder.made or len(Recorder.made[0].calls) < 2:
            await asyncio.sleep(0.005)
    (recorder,) = Recorder.made

    assert recorder.arguments[0] is config
    assert recorder.arguments[1] is server.server_state
    assert isinstance(recorder.arguments[2], dict)
    # The transport still belongs to the HTTP protocol while both calls are made.
    assert recorder.calls[0] == ("connection_made", False)
    name, data = recorder.calls[1]
    assert name == "data_received"
    assert data.endswith(b"\r\n\r\n")
    assert data.count(b"\r\n\r\n") == 1
    request_line, *lines = data[:-4].split(b"\r\n")
    assert request_line == b"GET /a%20path?b=c HTTP/1.1"
    assert all(line.partition(b": ")[0] == line.partition(b": ")[0].lower() for line in lines)
    assert b"x-mixed-case: Value:  with  spaces" in [line.rstrip() for line in lines]
    assert b"x-empty: " in lines
    assert recorder.transport.get_protocol() is recorder
    assert recorder.previous not in server.server_state.connections

    await server.shutdown()
    assert recorder.calls[-1] == ("shutdown", None)
    assert await reader.read() == b""
    writer.close()


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("the protocol alone talks to the application")


def test_uvicorns_http_protocol_and_its_parser_keep_each_other_alive() -> None:
    config = uvicorn.Config(_nothing, log_config=None)
    loop = asyncio.new_event_loop()
    protocol = HttpToolsProtocol(config=config, server_state=ServerState(), app_state={}, _loop=loop)
    assert type(protocol.parser).__module__.startswith("httptools")
    loop.close()


def test_uvicorns_settings_that_the_engine_reads_exist() -> None:
    config = uvicorn.Config(_nothing, ws=Recorder, ws_max_size=123, root_path="/root", log_config=None)
    config.load()
    assert config.ws_protocol_class is Recorder
    assert config.ws_max_size == 123
    assert config.root_path == "/root"
    assert config.asgi_version == "3.0"
    assert callable(config.loaded_app)


# ---- transports ------------------------------------------------------------------------------------------------------


class Connected(asyncio.Protocol):
    """The server's end of a connection."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.is_paused = False
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def pause_writing(self) -> None:
        self.is_paused = True

    def resume_writing(self) -> None:
        self.is_paused = False

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()


def on_loop(loop: Callable[[], asyncio.AbstractEventLoop], test: Callable[[Connected, socket.socket], Any]) -> None:
    """Run a test with both ends of a connection, the client's a plain socket that reads only when told to."""

    async def run() -> None:
        running, ends = asyncio.get_running_loop(), list[Connected]()

        def accept() -> Connected:
            ends.append(Connected())
            return ends[-1]

        server = await running.create_server(accept, "127.0.0.1", 0)
        client = socket.create_connection(server.sockets[0].getsockname())
        try:
            async with asyncio.timeout(60):
                while not ends or ends[0].transport is None:
                    await asyncio.sleep(0)
                await test(ends[0], client)
        finally:
            client.close()
            server.close()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(run())


@LOOPS
def test_what_was_given_to_a_transport_is_counted_until_it_is_written(loop: Any) -> None:
    async def test(end: Connected, client: socket.socket) -> None:
        transport = end.transport
        assert transport.get_write_buffer_size() == 0
        transport.write(b"x" * 20_000_000)  # more than the kernel takes
        assert transport.get_write_buffer_size() > 10_000_000
        await asyncio.sleep(0)
        waiting = transport.get_write_buffer_size()
        assert waiting > 0
        transport.write(b"y" * 1_000)
        assert transport.get_write_buffer_size() >= waiting + 1_000
        client.setblocking(False)
        received = bytearray()
        while len(received) < 20_001_000:
            try:
                received += client.recv(1 << 20)
            except BlockingIOError:
                await asyncio.sleep(0)
        assert transport.get_write_buffer_size() == 0
        assert received.endswith(b"xy" + b"y" * 999)

    on_loop(loop, test)


@LOOPS
def test_bytes_written_beside_a_transport_that_holds_none_do_not_overtake_its_own(loop: Any) -> None:
    async def test(end: Connected, client: socket.socket) -> None:
        transport, expected = end.transport, bytearray()
        fd = transport.get_extra_info("socket").fileno()
        for number in range(2_000):
            piece = b"%d," % number
            expected += piece
            if transport.get_write_buffer_size() or number % 3 == 0:
                transport.write(piece)
            else:
                assert os.write(fd, piece) == len(piece)
            if number % 7 == 0:
                await asyncio.sleep(0)
        while transport.get_write_buffer_size():
            await asyncio.sleep(0)
        received = bytearray()
        while len(received) < len(expected):
            received += client.recv(65536)
        assert received == expected

    on_loop(loop, test)


@LOOPS
def test_a_transport_says_that_it_closes_before_its_socket_does(loop: Any) -> None:
    async def test(end: Connected, client: socket.socket) -> None:
        transport = end.transport
        fd = transport.get_extra_info("socket").fileno()
        for close in (transport.close, transport.abort):
            close()
            assert transport.is_closing()
            if not end.lost.is_set():
                os.fstat(fd)  # still open: nobody else can have been given the number
        await end.lost.wait()
        assert transport.is_closing()

    on_loop(loop, test)


@LOOPS
def test_a_transport_closes_when_its_client_has_gone(loop: Any) -> None:
    async def test(end: Connected, client: socket.socket) -> None:
        client.close()
        await end.lost.wait()
        assert end.transport.is_closing()

    on_loop(loop, test)


@LOOPS
def test_a_transport_tells_when_more_waits_than_it_should(loop: Any) -> None:
    async def test(end: Connected, client: socket.socket) -> None:
        end.transport.set_write_buffer_limits(high=32 * 1024)
        end.transport.write(b"x" * 20_000_000)
        while not end.is_paused:
            await asyncio.sleep(0)
        client.setblocking(False)
        while end.is_paused:
            try:
                client.recv(1 << 20)
            except BlockingIOError:
                await asyncio.sleep(0)

    on_loop(loop, test)


# ---- python-socketio and python-engineio -----------------------------------------------------------------------------

SERVER_HOOKS = {
    "_engineio_server_class": [],
    "_handle_eio_connect": ["eio_sid", "environ"],
    "_handle_eio_message": ["eio_sid", "data"],
    "_handle_eio_disconnect": ["eio_sid", "reason"],
    "_handle_connect": ["eio_sid", "namespace", "data"],
    "_handle_disconnect": ["eio_sid", "namespace", "reason"],
    "_handle_event": ["eio_sid", "namespace", "id", "data"],
    "_send_packet": ["eio_sid", "pkt"],
}
"""Methods of `socketio.AsyncServer` that we replace or call, and what they take."""
MANAGER_CALLS = {
    "can_disconnect", "close_room", "connect", "disconnect", "emit", "enter_room", "eio_sid_from_sid", "get_namespaces",
    "get_rooms", "initialize", "is_connected", "leave_room", "pre_connect", "pre_disconnect", "set_server",
    "sid_from_eio_sid", "trigger_callback",
}  # fmt: skip
"""Methods of the manager that python-socketio's server calls."""
NOT_OURS = {"can_disconnect", "initialize", "set_server", "trigger_callback"}
"""Of these, what we leave to the base class, or never reach."""
EIO_CALLS = {
    "async_mode", "attach", "create_event", "get_session", "handle_request", "on", "send",
    "send_packet", "shutdown", "sleep", "start_background_task", "transport",
}  # fmt: skip
"""Members of the Engine.IO server that python-socketio's server uses."""


def parameters(function: Any) -> list[str]:
    """Return the names of a method's parameters without `self`."""
    return [name for name in inspect.signature(function).parameters if name != "self"]


def used(owner: str, *classes: Any) -> set[str]:
    """Return the members of `self.<owner>` that the source of some classes mentions."""
    source = "".join(inspect.getsource(one) for one in classes)
    return set(re.findall(rf"self\.{owner}\.(\w+)", source))


@pytest.mark.parametrize("name", SERVER_HOOKS)
def test_a_method_of_python_socketios_server_is_as_we_replace_it(name: str) -> None:
    assert parameters(getattr(socketio.AsyncServer, name)) == SERVER_HOOKS[name]
    assert parameters(getattr(SocketIOServer, name)) == SERVER_HOOKS[name]


def test_python_socketios_server_calls_what_our_manager_has() -> None:
    bases = (socketio.AsyncServer, socketio.AsyncServer.__mro__[1])
    assert used("manager", *bases) == MANAGER_CALLS
    assert {name for name in MANAGER_CALLS if name in vars(DirectManager)} == MANAGER_CALLS - NOT_OURS


@pytest.mark.parametrize("name", sorted(MANAGER_CALLS - NOT_OURS))
def test_our_manager_takes_what_python_socketios_takes(name: str) -> None:
    theirs = inspect.signature(getattr(AsyncManager, name)).parameters
    ours = inspect.signature(getattr(DirectManager, name)).parameters
    takes_any = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in ours.values())
    accepted = {one for one in theirs if theirs[one].kind is not inspect.Parameter.VAR_KEYWORD}
    assert takes_any or accepted <= set(ours)


def test_can_disconnect_asks_is_connected() -> None:
    assert "self.is_connected(" in inspect.getsource(AsyncManager.can_disconnect)
    assert "self.is_connected(" not in inspect.getsource(BaseManager.is_connected)


def test_python_socketios_server_uses_what_our_engine_has() -> None:
    bases = (socketio.AsyncServer, socketio.AsyncServer.__mro__[1])
    assert used("eio", *bases) == EIO_CALLS
    assert all(hasattr(EngineIOServer, name) for name in EIO_CALLS - {"async_mode"})


def test_python_engineios_application_hands_requests_to_handle_request() -> None:
    assert used("engineio_server", ASGIApp) == {"handle_request"}


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("_trigger_event", ["event", "args", "kwargs"]),
        ("_cors_allowed_origins", ["environ"]),
        ("_cors_headers", ["environ"]),
        ("generate_id", []),
        ("on", ["event", "handler"]),
    ],
)
def test_a_method_of_python_engineios_server_is_as_we_call_it(name: str, taken: list[str]) -> None:
    assert parameters(getattr(engineio.AsyncServer, name)) == taken


def test_python_engineio_has_the_words_for_ends_that_we_use() -> None:
    reason = engineio.AsyncServer.reason
    assert reason.CLIENT_DISCONNECT == "client disconnect"
    assert reason.SERVER_DISCONNECT == "server disconnect"
    assert reason.PING_TIMEOUT == "ping timeout"
    assert reason.TRANSPORT_CLOSE == "transport close"
    assert reason.TRANSPORT_ERROR == "transport error"
