"""Clients of every kind at once, slow ones among them: everything arrives, once, in order."""

import asyncio
import json
import socket
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import socketio

from tests.realtime.conftest import until
from tests.realtime.protocol.conftest import Serve, socket_server
from tests.realtime.protocol.wire import Door, Handshake, Polling, WebSocket, content, event, upgrade
from tests.realtime.test_official_client import LIBRARY, node_binary

BROADCASTS = 2_000
ECHOES = 100
ROOM = "everybody"
PADDING = "x" * 150
SCRIPT = Path(__file__).with_name("mixed_clients.cjs")

Heard = list[tuple[str, Any]]


class Source:
    """A server that broadcasts, speaks to one, asks and echoes, and notes what each client has to hear."""

    def __init__(self, clients: int) -> None:
        self.sio = socket_server(ping_interval=0.5, ping_timeout=20.0, max_payload=1_000_000)
        self.sids: dict[str, str] = {}
        self.expected: dict[str, Heard] = defaultdict(list)
        self.asked: dict[str, list[int]] = defaultdict(list)
        self.answered: dict[str, list[int]] = defaultdict(list)
        self.are_all_here = asyncio.Event()
        self._count = clients
        self.sio.on("connect", self._connect)
        self.sio.on("echo", self._echo)

    async def _connect(self, sid: str, environ: Any, auth: dict[str, str]) -> None:
        self.sids[sid] = auth["name"]
        await self.sio.enter_room(sid, ROOM)
        if len(self.sids) == self._count:
            self.are_all_here.set()

    async def _echo(self, sid: str, number: int) -> int:
        await self.sio.emit("echoed", number, to=sid)
        return number

    async def run(self) -> None:
        """Wait for everybody, then send."""
        async with asyncio.timeout(60):
            await self.are_all_here.wait()
        sids = list(self.sids)
        for number in range(BROADCASTS):
            news = {"number": number, "padding": PADDING}
            self._note(sids, "news", news)
            await self.sio.emit("news", news, room=ROOM)
            one = sids[number % len(sids)]
            if number % 3 == 0:
                self._note([one], "mine", number)
                await self.sio.emit("mine", number, to=one)
            if number % 5 == 0:
                self._note([one], "ask", number)
                self.asked[self.sids[one]].append(number)
                await self.sio.emit("ask", number, to=one, callback=self.answered[self.sids[one]].append)
            if number % 20 == 0:
                own = {sid: {"number": number, "of": sid} for sid in sids}
                for sid, payload in own.items():
                    self._note([sid], "yours", payload)
                await self.sio.emit_each("yours", own)
            await asyncio.sleep(0.001 if number % 20 == 0 else 0)
        await self.sio.emit("end", room=ROOM)

    def _note(self, sids: list[str], name: str, payload: Any) -> None:
        for sid in sids:
            self.expected[self.sids[sid]].append((name, payload))


class Listener:
    """What one client has heard."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.heard: Heard = []
        self.echoed: list[int] = []
        self.answers: list[int] = []
        self.has_ended = False

    def hear(self, name: str, payload: Any = None) -> Any:
        """Note an event; return what a question is answered with."""
        if name == "end":
            self.has_ended = True
        elif name == "echoed":
            self.echoed.append(payload)
        else:
            self.heard.append((name, payload))
        return payload if name == "ask" else None

    @property
    def is_done(self) -> bool:
        """Whether nothing more will come."""
        return self.has_ended and len(self.echoed) >= ECHOES and len(self.answers) >= ECHOES


async def official(door: Door, listener: Listener, transports: list[str] | None) -> socketio.AsyncClient:
    """Connect python-socketio's client and have it ask for its echoes."""
    client = socketio.AsyncClient(reconnection=False)
    client.on("*", listener.hear)
    address = f"http://127.0.0.1:{door.port}"
    await client.connect(address, transports=transports, auth={"name": listener.name}, wait_timeout=60)
    return client


async def ask_for_echoes(client: socketio.AsyncClient, listener: Listener) -> None:
    """Ask without waiting for answers."""
    for number in range(ECHOES):
        await client.emit("echo", number, callback=listener.answers.append)
        await asyncio.sleep(0)


def hear(listener: Listener, said: str | bytes) -> str | None:
    """Take a packet of Engine.IO; return what it has to be answered with."""
    assert isinstance(said, str)
    if said == "2":
        return "3"
    if said.startswith("43"):
        listener.answers += content(said)
    elif said.startswith("42"):
        answer = listener.hear(*content(said))
        number = said[2 : said.index("[")]
        return f"43{number}[{json.dumps(answer)}]" if number else None
    return None


async def slow_websocket(door: Door, listener: Listener) -> None:
    """Read in bursts, with little room for what comes in between, so that the server has to keep it."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", door.port))
    head = upgrade(door.port, door.target("websocket"))
    client = await WebSocket.over(await asyncio.open_connection(sock=raw, limit=4096), head)
    Handshake.read(await client.message())
    client.send(f"40{json.dumps({'name': listener.name})}")
    for number in range(ECHOES):
        client.send(event("echo", number, id=number))
    count = 0
    while not listener.is_done:
        answer = hear(listener, await client.message())
        if answer is not None:
            client.send(answer)
        count += 1
        if count % 100 == 0:
            await asyncio.sleep(0.03)
    client.hang_up()


async def slow_polling(door: Door, listener: Listener) -> None:
    """Take a rest before each poll."""
    client: Polling = await door.polling_session()
    await client.send(f"40{json.dumps({'name': listener.name})}")
    for number in range(0, ECHOES, 10):
        await client.send(*(event("echo", one, id=one) for one in range(number, number + 10)))
    while not listener.is_done:
        answers = [hear(listener, said) for said in await client.poll()]
        owed = [answer for answer in answers if answer is not None]
        if owed:
            await client.send(*owed)
        await asyncio.sleep(0.05)


@pytest.mark.timeout(240)
async def test_official_python_clients_and_slow_readers_hear_everything_in_order(serve: Serve) -> None:
    kinds: dict[str, list[str] | None] = {"websocket": ["websocket"], "polling": ["polling"], "upgrading": None}
    listeners = {kind: [Listener(f"{kind} {number}") for number in range(5)] for kind in kinds}
    slow: dict[Listener, Callable[[Door, Listener], Any]] = {
        Listener("slow websocket"): slow_websocket,
        Listener("slow polling"): slow_polling,
    }
    source = Source(15 + len(slow))
    door = await serve(source.sio)
    clients = {one: await official(door, one, kinds[kind]) for kind in kinds for one in listeners[kind]}
    assert {client.transport() for client in clients.values()} == {"websocket", "polling"}
    async with asyncio.TaskGroup() as group:
        for one, read in slow.items():
            group.create_task(read(door, one))
        for one, client in clients.items():
            group.create_task(ask_for_echoes(client, one))
        group.create_task(source.run())
        group.create_task(until(lambda: all(one.is_done for one in clients), 150))
    for one in (*clients, *slow):
        told = (one.heard, one.echoed, one.answers)
        assert told == (source.expected[one.name], list(range(ECHOES)), list(range(ECHOES))), one.name
    await until(lambda: source.answered == source.asked)
    for client in clients.values():
        await client.disconnect()


@pytest.mark.timeout(240)
async def test_official_javascript_clients_hear_everything_in_order(serve: Serve) -> None:
    binary = node_binary()
    if binary is None or not LIBRARY.is_dir():
        pytest.skip("needs Node.js and the packages of queue_server/web")
    source = Source(15)
    door = await serve(source.sio)
    arguments = (str(SCRIPT), str(LIBRARY), f"http://127.0.0.1:{door.port}", str(ECHOES))
    node = await asyncio.create_subprocess_exec(binary, *arguments, stdout=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(150):
            running = asyncio.create_task(source.run())
            said, _ = await node.communicate()
            await running
    finally:
        if node.returncode is None:
            node.kill()
    told = {one["name"]: one for one in json.loads(said)}
    assert len(told) == 15
    for name, one in told.items():
        heard = [tuple(pair) for pair in one["heard"]]
        assert heard == source.expected[name], name
        assert (one["echoed"], one["answers"], one["faults"]) == (list(range(ECHOES)), list(range(ECHOES)), []), name
        assert one["transport"] == ("polling" if name.startswith("polling") else "websocket")
    assert source.answered == source.asked


async def test_a_client_that_reads_nothing_is_closed_and_the_others_hear_everything(serve: Serve) -> None:
    source = Source(2)
    door = await serve(source.sio)
    deaf, _ = await door.connected(auth={"name": "deaf"})
    other, _ = await door.connected(auth={"name": "other"})
    deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]
    heard: list[int] = []

    async def listen() -> None:
        while len(heard) < 400:
            said = await other.message()
            if said == "2":
                other.send("3")
            else:
                heard.append(content(said)[1])

    async with asyncio.TaskGroup() as group:
        group.create_task(listen())
        for number in range(400):
            await source.sio.emit("large", (number, "x" * 10_000), room=ROOM)
            await asyncio.sleep(0)
    assert heard == list(range(400))
    await until(lambda: len(source.sio.eio.sockets) == 1)
    deaf.writer.transport.resume_reading()  # type: ignore[attr-defined]
    await deaf.closing()
