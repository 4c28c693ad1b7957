"""Several servers behind the proxy that is shipped: who stays with whom, who is asked when, what a restart costs."""

import asyncio
import itertools
import os
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from loadtests.desks import Desks
from loadtests.house import link_token
from loadtests.servers import Site, figures_of, site, watched
from tests.realtime.conftest import until
from tests.realtime.proxy import CONFIGURATION, binary, proxied
from tests.realtime.test_official_client import LIBRARY, OfficialClient, node_binary

PHONE = Path(__file__).with_name("many_servers_client.cjs")
SHUTDOWN_SECONDS = 5


def test_the_shipped_configuration_is_valid() -> None:
    answer = subprocess.run(
        [binary(), "-c", "-f", str(CONFIGURATION)], capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert "WARNING" not in answer.stderr


class StandIn:
    """Something that answers where a server would; `status` is for everything, `ready` for the health check."""

    def __init__(self, *, ready: int = 200, status: int = 200) -> None:
        self.ready = ready
        self.status = status
        self.asked: Counter[str] = Counter()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        request = (await reader.readline()).decode().split(" ")
        while (await reader.readline()).strip():
            pass
        is_check = request[1] == "/health/ready"
        if not is_check:
            self.asked[request[0]] += 1
        writer.write(f"HTTP/1.1 {self.ready if is_check else self.status} x\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def behind_the_proxy(folder: Path, *servers: StandIn) -> AsyncIterator[httpx.AsyncClient]:
    async with AsyncExitStack() as stack:
        for server in servers:
            listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
            stack.callback(listening.close)
            server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        proxy = await stack.enter_async_context(proxied([s.url for s in servers], folder))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=proxy.url, trust_env=False, timeout=60))

        async def is_up() -> bool:
            try:
                return (await client.get("/")).status_code > 0
            except httpx.TransportError:
                return False

        await until(is_up)
        client.cookies.clear()
        yield client


async def test_a_client_stays_with_its_server(tmp_path: Path) -> None:
    one, two = StandIn(), StandIn()
    async with behind_the_proxy(tmp_path, one, two) as client:
        await client.get("/socket.io/")
        first = one if one.asked["GET"] > two.asked["GET"] else two
        before = first.asked["GET"]
        for _ in range(8):
            await client.get("/socket.io/?sid=x")
        assert first.asked["GET"] == before + 8
        first.asked.clear()
        client.cookies.clear()
        for _ in range(8):
            await client.get("/socket.io/")
            client.cookies.clear()
        assert one.asked["GET"] > 1
        assert two.asked["GET"] > 1


async def test_a_new_socket_that_one_server_refuses_is_the_others_and_stays_there(tmp_path: Path) -> None:
    one, two = StandIn(), StandIn()
    async with behind_the_proxy(tmp_path, one, two) as client:
        await client.get("/socket.io/")
        refusing, other = (one, two) if client.cookies["server"] == "s1" else (two, one)
        refusing.status = 503
        assert (await client.get("/socket.io/")).status_code == 200
        refused = refusing.asked["GET"]
        assert (await client.get("/socket.io/?sid=x")).status_code == 200
        assert refusing.asked["GET"] == refused
        assert other.asked["GET"] >= 2


async def test_a_command_that_was_refused_is_not_sent_to_another_server(tmp_path: Path) -> None:
    one, two = StandIn(status=503), StandIn(status=503)
    async with behind_the_proxy(tmp_path, one, two) as client:
        one.asked.clear()
        two.asked.clear()
        assert (await client.post("/api/appointments/queue/pause/x")).status_code == 503
        assert one.asked["POST"] + two.asked["POST"] == 1


async def test_a_server_that_is_not_ready_leaves_the_rotation_and_comes_back(tmp_path: Path) -> None:
    one, two = StandIn(), StandIn()
    async with behind_the_proxy(tmp_path, one, two) as client:

        async def asked(count: int = 6) -> tuple[bool, bool]:
            one.asked.clear()
            two.asked.clear()
            for _ in range(count):
                await client.get("/")
                client.cookies.clear()
            return one.asked["GET"] > 0, two.asked["GET"] > 0

        async def only_two() -> bool:
            return await asked() == (False, True)

        async def both() -> bool:
            return await asked() == (True, True)

        one.ready = 503
        await until(only_two)
        one.ready = 200
        await until(both)


async def test_when_none_is_ready_they_are_asked_all_the_same(tmp_path: Path) -> None:
    one, two = StandIn(), StandIn()
    async with behind_the_proxy(tmp_path, one, two) as client:
        one.ready = two.ready = 503
        await asyncio.sleep(4)  # longer than the checks take to find both out
        assert (await client.get("/t/some-link")).status_code == 200


# ---- real servers ------------------------------------------------------------------------------------------------


async def restart(at: Site, number: int, how: signal.Signals) -> None:
    """End a server, by SIGTERM as a rolling restart does or by SIGKILL, and wait until its successor is ready."""
    name, url = f"server-{number}", at.house.urls[number - 1]
    old = at.house.pid(name)
    assert old is not None
    os.kill(old, how)
    await until(lambda: at.house.pid(name) not in (None, old))
    async with httpx.AsyncClient(trust_env=False) as http:

        async def is_ready() -> bool:
            try:
                return (await http.get(f"{url}/health/ready")).status_code == 200
            except httpx.TransportError:
                return False

        await until(is_ready)


@asynccontextmanager
async def official_phones(at: Site, url: str) -> AsyncIterator[list[OfficialClient]]:
    """Start phones with the official JavaScript client, one for each way to connect."""
    node, pipe = node_binary(), asyncio.subprocess.PIPE
    phones: list[OfficialClient] = []
    if node is None or not LIBRARY.is_dir():
        yield phones
        return
    for transports, (doctor, entries) in zip(
        ("websocket", "polling", "polling,websocket"), itertools.cycle(at.entries.items()), strict=False
    ):
        token = link_token(at.services, at.clinic, entries[-1], doctor)
        process = await asyncio.create_subprocess_exec(
            node, str(PHONE), str(LIBRARY), url, transports, token, stdin=pipe, stdout=pipe
        )
        phones.append(OfficialClient(process))
    try:
        for phone in phones:
            await phone.hears("joined")
        yield phones
    finally:
        for phone in phones:
            assert phone._process.stdin is not None
            phone._process.stdin.close()
            await asyncio.wait_for(phone._process.wait(), 60)
            await phone._reading


def orders(phone: OfficialClient, *what: str) -> list[tuple[int, int]]:
    """Return the versions that a phone was told of in such words."""
    return [(data["epoch"], data["version"]) for said, data in phone.told if said in what]


def shows(phone: OfficialClient, version: int) -> bool:
    return orders(phone, "joined", "broadcast")[-1][1] == version


def never_goes_back(found: Sequence[tuple[int, int]]) -> bool:
    return all(before <= after for before, after in itertools.pairwise(found))


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_clients_of_every_kind_resume_while_servers_are_restarted_one_by_one_and_one_is_killed(
    tmp_path: Path,
) -> None:
    binary()
    environment = {"TRUSTED_PROXIES": "127.0.0.1", "SHUTDOWN_SECONDS": str(SHUTDOWN_SECONDS)}
    async with (
        site(servers=2, redis=1, queues=3, environment=environment) as at,
        proxied(at.house.urls, tmp_path) as proxy,
        official_phones(at, proxy.url) as officials,
        watched(at, [proxy.url], phones_each=4) as witnesses,
    ):
        desks = Desks(at.clinic, (proxy.url,), at.entries)
        work = asyncio.create_task(desks.work(4, pause=0.2))
        try:
            for number, how in ((1, signal.SIGTERM), (2, signal.SIGTERM), (1, signal.SIGKILL)):
                await asyncio.sleep(1)
                await restart(at, number, how)
            await asyncio.sleep(2)
        finally:
            desks.stop()
            await asyncio.wait_for(work, 60)
        assert await witnesses.disagreements(at.house.urls[0]) == []
        figures = figures_of(desks.acknowledged, witnesses, [])
        newest = {command.doctor: command.version for command in desks.acknowledged}
        for phone, doctor in zip(officials, itertools.cycle(at.entries), strict=False):
            await until(partial(shows, phone, newest[doctor]))
        away = [data for phone in officials for data in phone.of("back")]
        print({name: figures[name] for name in ("commands", "updates", "away", "warned", "sent_away")})
        print(f"official JavaScript clients: away {sorted(away)} ms; commands repeated: {dict(desks.retries)}")

    assert figures["client_faults"] == {}
    # Nobody was told to stay away: all came back by themselves.
    assert figures["sent_away"] == 0
    assert figures["never_shown"] == 0
    assert desks.refused == Counter()
    assert desks.unanswered == 0
    # Whoever was on the first server moves to the second and is sent away again: nobody misses both restarts.
    assert figures["away"]["count"] >= len(witnesses.all)
    for phone in officials:
        assert phone.of("back")
        assert phone.of("error") == []
        assert never_goes_back(orders(phone, "joined", "broadcast"))
        assert never_goes_back(orders(phone, "joined", "update"))
