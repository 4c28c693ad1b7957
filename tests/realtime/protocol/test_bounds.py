"""What one client can make a server keep for it, or run for it, has an end."""

import asyncio
from typing import Any

import pytest

from queue_server.realtime.pysocketio import client
from tests.realtime.conftest import until
from tests.realtime.protocol.conftest import Serve, mirror_server, socket_server
from tests.realtime.protocol.wire import CLOSE, Hung, event, frame, packet, prefix

LARGE = event("say", "x" * 90_000)


class Gated:
    """A server whose handler of `connect` or of `say` ends when the gate opens."""

    def __init__(self, gated: str, **options: Any) -> None:
        self.sio = socket_server(**options)
        self.gate = asyncio.Event()
        self.heard = self.running = self.most = 0
        self.ends: list[str] = []
        self._gated = gated
        self.sio.on("connect", self._connect)
        self.sio.on("say", self._say)
        self.sio.on("disconnect", self._disconnect)

    async def _connect(self, sid: str, environ: Any, auth: Any) -> None:
        if self._gated == "connect":
            await self.gate.wait()

    async def _say(self, sid: str, *said: Any) -> None:
        self.heard, self.running = self.heard + 1, self.running + 1
        self.most = max(self.most, self.running)
        if self._gated == "say":
            await self.gate.wait()
        self.running -= 1

    async def _disconnect(self, sid: str, reason: str) -> None:
        self.ends.append(reason)

    @property
    def is_read(self) -> bool:
        """Whether the one client's websocket is read."""
        (session,) = self.sio.eio.sockets.values()
        return bool(session.websocket.transport.is_reading())


async def test_large_messages_are_not_read_while_the_handler_of_connect_runs(serve: Serve) -> None:
    gated = Gated("connect")
    socket, _ = await (await serve(gated.sio)).websocket_session()
    socket.send("40")
    for _ in range(30):
        socket.send(LARGE)
    await until(lambda: not gated.is_read)
    gated.gate.set()
    await until(lambda: gated.heard == 30)
    assert gated.is_read


async def test_many_small_messages_are_not_read_either_while_it_runs(serve: Serve) -> None:
    gated = Gated("connect")
    socket, _ = await (await serve(gated.sio)).websocket_session()
    socket.send("40")
    for _ in range(3_000):
        socket.send(event("say"))
    await until(lambda: not gated.is_read)
    gated.gate.set()
    await until(lambda: gated.heard == 3_000)


async def test_a_polling_client_with_more_bytes_waiting_than_may_is_shown_out(serve: Serve) -> None:
    gated = Gated("connect")
    polling = await (await serve(gated.sio)).polling_session()
    await polling.send("40")
    taken = 0
    while (await polling.post(LARGE)).status_code == 200 and taken < 200:
        taken += 1
    assert 11 < taken < 100
    assert gated.sio.eio.sockets == {}
    gated.gate.set()
    await until(lambda: not gated.sio.environ)
    assert gated.heard == 0


async def test_so_many_handlers_of_one_client_run_at_the_same_time(serve: Serve) -> None:
    gated = Gated("say")
    socket, _ = await (await serve(gated.sio)).connected()
    socket.write(frame(1, event("say").encode()) * 5_000)
    await until(lambda: gated.running >= 1_000)
    for _ in range(200):
        await asyncio.sleep(0)
    assert not gated.is_read
    gated.gate.set()
    await until(lambda: gated.heard == 5_000)
    assert gated.most <= 1_050


async def test_a_client_whose_handlers_never_end_is_forgotten_when_it_goes(serve: Serve) -> None:
    gated = Gated("say")
    socket, _ = await (await serve(gated.sio)).connected()
    socket.write(frame(1, event("say").encode()) * 5_000)
    await until(lambda: not gated.is_read)
    for session in list(gated.sio.eio.sockets.values()):
        session.close()
    await until(lambda: gated.ends)
    assert gated.most <= 1_050
    assert list(gated.sio.manager.get_participants("/", None)) == []
    gated.gate.set()


async def test_only_the_last_acknowledgements_are_waited_for(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST_CALLBACKS", 2)
    sio, answers = mirror_server(), list[str]()
    socket, sid = await (await serve(sio)).connected()
    await packet(socket)
    for number in range(3):
        await sio.emit("ask", number, to=sid, callback=answers.append)
        await packet(socket)
    for number in (1, 2, 3):
        socket.send(f'43{number}["{number}"]')
    await until(lambda: "3" in answers)
    assert answers == ["2", "3"]


async def test_a_client_may_be_in_so_many_namespaces(serve: Serve) -> None:
    sio = socket_server(namespaces="*")
    socket, _ = await (await serve(sio)).websocket_session()
    for number in range(101):
        socket.send(f"40{prefix(f'/{number}')}")
    said = [str(await packet(socket)) for _ in range(101)]
    assert all(one.startswith(f"40/{number},") for number, one in enumerate(said[:100]))
    assert said[100] == '44/100,{"message":"Too many namespaces"}'
    socket.send("41/0,")
    socket.send("40/100,")
    assert str(await packet(socket)).startswith("40/100,")


@pytest.mark.parametrize("depth", [100, 700, 900])
async def test_an_event_with_attachments_is_heard_or_when_it_is_too_deep_ends_the_connection(
    serve: Serve, depth: int
) -> None:
    sio, heard = mirror_server(), list[bytes]()
    sio.on("deep", lambda sid, value, attachment: heard.append(attachment))
    socket, _ = await (await serve(sio)).connected()
    await packet(socket)
    socket.send(f'451-["deep",{"[" * depth}{"]" * depth},{{"_placeholder":true,"num":0}}]')
    socket.send(b"x")
    socket.send(event("message", 1))
    if depth > 100:
        with pytest.raises(Hung):
            await packet(socket)
    else:
        assert await packet(socket) == event("message-back", 1)
    assert heard == ([b"x"] if depth == 100 else [])


async def test_nothing_is_kept_for_a_client_that_went_while_its_handler_of_connect_ran(serve: Serve) -> None:
    gated = Gated("connect")
    socket, _ = await (await serve(gated.sio)).websocket_session()
    socket.send("40")
    await until(lambda: list(gated.sio.manager.get_participants("/", None)))
    socket.write(frame(CLOSE))
    await until(lambda: not gated.sio.eio.sockets)
    await gated.sio.emit("news")
    (waiting,) = (one.waiting for one in gated.sio.manager._namespaces["/"].all.clients.values())
    assert waiting == []
    gated.gate.set()
    await until(lambda: not gated.sio.environ)
    assert list(gated.sio.manager.get_participants("/", None)) == []
