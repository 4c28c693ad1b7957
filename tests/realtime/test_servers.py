"""Two servers and a Redis that comes and goes: what is committed on one is on the phones of the other."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from time import perf_counter
from typing import Any

import httpx
import pytest

from queue_server.settings import Settings
from tests.http.world import World
from tests.realtime.conftest import Client, Node, OwnRedis, act, cut, serving, until, with_settings

Connect = Callable[..., Awaitable[Client]]


def newest_is(client: Client, version: int) -> bool:
    """Whether the newest broadcast that the client heard is of `version`."""
    return [b["version"] for b in client.heard.of("queue-broadcast")][-1:] == [version]


class Clock:
    """Measures from a commit's answer to each client's screen."""

    def __init__(self, clients: list[Client]) -> None:
        self._clients = clients
        self.seen: dict[int, list[float]] = {}
        for client in clients:
            client.socket.on("queue-broadcast", self._hear)

    async def _hear(self, payload: Any) -> None:
        self.seen.setdefault(payload["version"], []).append(perf_counter())

    def _all_have_seen(self, version: int) -> bool:
        return len(self.seen.get(version, [])) == len(self._clients)

    async def delays(self, world: World, rounds: int, name: str) -> None:
        """Commit so many times, each once all clients have seen the one before, and print how long that took.

        Figures are the benchmarks' (loadtests/servers): here nobody may wait for ever.
        """
        found: list[float] = []
        for number in range(rounds):
            command = "resume" if number % 2 else "pause"
            version = await act(world.graph, world.clinic, command, world.doctor)
            committed = perf_counter()
            await until(partial(self._all_have_seen, version))
            found += [(at - committed) * 1000 for at in self.seen[version]]
            await asyncio.sleep(0.03)
        found.sort()
        print(
            f"{name}: {len(found)} deliveries, p50 {found[len(found) // 2]:.1f} ms,"
            f" p99 {found[int(len(found) * 0.99)]:.1f} ms, max {found[-1]:.1f} ms"
        )


async def test_phones_move_while_redis_is_away_and_when_it_is_back(
    settings: Settings, redis: OwnRedis, world: World, connect: Connect
) -> None:
    with_redis = with_settings(settings, redis_url=redis.url)
    async with serving(with_redis) as near, serving(with_redis) as far:
        world.graph.writes._publisher = near.services.snapshots
        clients = []
        for server in (near, far):
            for index in range(4):
                client = await connect(server)
                await client.call("join-queue", {"token": await world.link(index)})
                clients.append(client)
        clock = Clock(clients)
        await clock.delays(world, 2, "warm-up")
        await clock.delays(world, 20, "with Redis")
        await redis.kill()
        await until(lambda: not far.services.broker.is_connected)
        await clock.delays(world, 20, "Redis dead")
        await redis.start()
        await until(lambda: near.services.broker.is_connected and far.services.broker.is_connected)
        await clock.delays(world, 20, "Redis back")
        redis.freeze()
        await clock.delays(world, 20, "Redis frozen")
        redis.thaw()


async def test_phones_move_on_servers_that_share_nothing_but_postgres(
    settings: Settings, world: World, connect: Connect
) -> None:
    alone = with_settings(settings, redis_url=None)
    async with serving(alone) as far:
        client = await connect(far)
        await client.call("join-queue", {"token": await world.link(0)})
        await Clock([client]).delays(world, 10, "no Redis at all")


async def test_what_is_committed_while_nobody_listens_is_told_afterwards(
    node: Node, world: World, connect: Connect, settings: Settings
) -> None:
    alone = with_settings(settings, redis_url=None)
    async with serving(alone) as far:
        client = await connect(far)
        await client.call("join-queue", {"token": await world.link(0)})
        for number in range(4):
            await cut(world.graph.db, "queue-server-listen")
            command = "resume" if number % 2 else "pause"
            version = await act(world.graph, world.clinic, command, world.doctor)
            await until(partial(newest_is, client, version))


@pytest.mark.slow
async def test_a_storm_of_reconnects_is_one_read_per_room(
    settings: Settings, node: Node, world: World, connect: Connect
) -> None:
    async with serving(settings) as fresh:
        clients = await asyncio.gather(*(connect(fresh) for _ in range(100)))
        tokens = [await world.link(index % 4) for index in range(100)]
        await asyncio.gather(*(c.call("join-queue", {"token": t}) for c, t in zip(clients, tokens, strict=True)))
        assert fresh.stats()["patients"] == 100
        assert fresh.stats()["snapshotReads"] == 1


async def test_a_server_that_stops_says_so_and_its_clients_go_on_elsewhere(
    settings: Settings, node: Node, world: World, connect: Connect
) -> None:
    async with serving(settings) as going:
        client = await connect(going)
        await client.call("join-queue", {"token": await world.link(0)})
    assert (await client.heard.next("server-restarting"))["withinMs"] >= 0
    await until(lambda: not client.socket.connected)
    again = await connect(node)
    queue = client.heard.of("queue-joined")[0]["data"]["queue"]
    claim = {"epoch": queue["epoch"], "version": queue["version"]}
    assert (await again.call("join-queue", {"token": await world.link(0), **claim}))["recovered"] is True


async def test_a_server_that_sends_its_clients_away_is_not_ready_for_others(node: Node) -> None:
    async with httpx.AsyncClient(base_url=node.url, timeout=60) as client:
        assert (await client.get("/health/ready")).status_code == 200
        await node.realtime.drain()
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert (await client.get("/health")).status_code == 200
        opened = await client.get("/socket.io/?EIO=4&transport=polling")
        assert (opened.status_code, opened.json()["code"]) == (503, "draining")
