"""Budgets that several processes share through a real Redis, whatever happens to it."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from queue_server.embedded.redis import redis_binary
from queue_server.embedded.users import service_user
from queue_server.rate_limits import single
from queue_server.rate_limits.cluster import Cluster
from queue_server.rate_limits.gcra import Draw, Rate
from queue_server.rate_limits.shared import SharedLimiter
from queue_server.rate_limits.single import SingleServer
from tests.own_redis import OwnRedis, until

UNHURRIED = 10.0
"""Seconds of patience where a busy machine must not open the circuit."""
HOURLY = 1
"""So few draws a minute that none comes back during a test."""


def draw(key: str = "k", *, burst: int, per_minute: int = HOURLY, group: str = "g") -> Draw:
    return Draw("test", group, f"limit:{{{group}}}:{key}", Rate(per_minute, burst))


@asynccontextmanager
async def limiters(url: str, count: int, *, patience: float = UNHURRIED) -> AsyncIterator[list[SharedLimiter]]:
    """Run as many limiters, each with a connection of its own, as so many processes would have."""
    async with AsyncExitStack() as stack:
        found = [SharedLimiter(SingleServer(url, patience_seconds=patience)) for _ in range(count)]
        for limiter in found:
            await limiter.start()
            stack.push_async_callback(limiter.stop)
        await until(lambda: all(limiter.is_shared for limiter in found))
        yield found


async def allowed(limiter: SharedLimiter, times: int, *draws: Draw) -> int:
    """Take so many times at once and return how often that was allowed."""
    return sum(verdict.allowed for verdict in await asyncio.gather(*(limiter.take(*draws) for _ in range(times))))


async def test_several_processes_together_get_exactly_the_bound(redis: OwnRedis) -> None:
    one = draw(burst=260)
    async with limiters(redis.url, 4) as four:
        passed = await asyncio.gather(*(allowed(limiter, 300, one) for limiter in four))
    assert sum(passed) == 260
    assert all(limiter.readings.in_process == 0 for limiter in four)


async def test_a_flood_gets_the_burst_and_what_the_rate_gives_meanwhile(redis: OwnRedis) -> None:
    one, passed = draw(burst=200, per_minute=6000), 0
    async with limiters(redis.url, 4) as four:
        began = perf_counter()
        while perf_counter() - began < 0.6 or passed <= 200:
            passed += sum(await asyncio.gather(*(allowed(limiter, 20, one) for limiter in four)))
        bound = 200 + int((perf_counter() - began) * 100)
    assert 200 < passed <= bound


async def test_all_budgets_of_a_request_are_drawn_on_or_none(redis: OwnRedis) -> None:
    wide, narrow = draw("wide", burst=50), draw("narrow", burst=5)
    async with limiters(redis.url, 2) as (first, second):
        assert await allowed(first, 20, wide, narrow) == 5
        assert await allowed(second, 20, wide, narrow) == 0
        assert await allowed(second, 60, wide) == 45


async def test_keys_expire_by_themselves(redis: OwnRedis) -> None:
    async with limiters(redis.url, 1) as (limiter,), Redis.from_url(redis.url) as client:
        await limiter.take(draw("quick", burst=10, per_minute=600_000), draw("slow", burst=10, per_minute=60))
        assert 0 < await client.pttl("limit:{g}:slow") <= 1002
        async with asyncio.timeout(60):
            while await client.exists("limit:{g}:quick"):
                await asyncio.sleep(0.001)


async def test_a_script_that_redis_has_forgotten_is_loaded_again(redis: OwnRedis) -> None:
    async with limiters(redis.url, 1) as (limiter,), Redis.from_url(redis.url) as client:
        await client.script_flush()
        assert await allowed(limiter, 30, draw(burst=10)) == 10
        assert limiter.readings.in_process == 0


async def test_whoever_has_nothing_left_is_refused_without_asking_redis(redis: OwnRedis) -> None:
    one = draw(burst=5)
    async with limiters(redis.url, 1) as (limiter,):
        assert await allowed(limiter, 5, one) == 5
        before = limiter.readings.shared
        assert await allowed(limiter, 1000, one) == 0
        assert (limiter.readings.shared, limiter.readings.known) == (before, 1000)


# ---- faults ----------------------------------------------------------------------------------------------------------


async def test_when_redis_is_killed_nobody_waits_and_nobody_begins_anew(redis: OwnRedis) -> None:
    one = draw(burst=100)
    async with limiters(redis.url, 2) as (first, second):
        assert await allowed(first, 60, one) == 60
        assert await allowed(second, 30, one) == 30
        flood = [asyncio.ensure_future(allowed(limiter, 1, draw("other", burst=10**6))) for limiter in (first, second)]
        await redis.kill()
        assert [await one for one in flood] == [1, 1]
        await until(lambda: not first.is_shared and not second.is_shared)
        # The first knows of its own 60 only, the second of all 90.
        assert (await allowed(first, 100, one), await allowed(second, 100, one)) == (40, 10)


async def test_a_redis_that_goes_while_nobody_asks_is_noticed(redis: OwnRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single, "IDLE_SECONDS", 0.02)
    async with limiters(redis.url, 1) as (limiter,):
        await asyncio.sleep(0.1)
        assert limiter.is_shared
        await redis.kill()
        await until(lambda: not limiter.is_shared)


async def test_a_redis_that_comes_back_empty_is_told_what_was_used(redis: OwnRedis) -> None:
    one = draw(burst=100)
    async with limiters(redis.url, 2) as (first, second):
        assert await allowed(first, 60, one) == 60
        await redis.kill()
        await asyncio.gather(*(allowed(limiter, 1, draw("other", burst=10)) for limiter in (first, second)))
        assert not first.is_shared
        assert not second.is_shared
        await redis.start()
        await until(lambda: first.is_shared and second.is_shared)
        assert await allowed(first, 1, one) == 1
        assert await allowed(second, 100, one) == 39


async def test_a_redis_that_hangs_costs_a_few_milliseconds_once(redis: OwnRedis) -> None:
    wide = draw(burst=10**6)
    async with limiters(redis.url, 1, patience=0.3) as (limiter,):
        redis.freeze()
        assert await allowed(limiter, 1, wide) == 1
        assert not limiter.is_shared  # to have waited once is enough
        began = perf_counter()
        assert await allowed(limiter, 1000, wide) == 1000
        assert perf_counter() - began < 60  # at three tenths of a second each it would be five minutes
        assert limiter.readings.shared == 0
        redis.thaw()
        await until(lambda: limiter.is_shared)
        assert await allowed(limiter, 1, wide) == 1
        assert limiter.readings.shared == 1


async def test_a_loop_that_stood_still_does_not_take_redis_for_slow(redis: OwnRedis) -> None:
    async with limiters(redis.url, 1, patience=0.3) as (limiter,):
        for _ in range(3):
            asked = asyncio.ensure_future(allowed(limiter, 1, draw(burst=10**6)))
            await asyncio.sleep(0)
            stall = perf_counter() + 0.4
            while perf_counter() < stall:
                pass
            await asked
        assert limiter.is_shared
        assert limiter.readings.in_process == 0


async def test_a_redis_that_takes_no_writes_is_as_good_as_away(redis: OwnRedis) -> None:
    async with limiters(redis.url, 1) as (limiter,), Redis.from_url(redis.url) as client:
        await client.config_set("maxmemory", "1")
        assert await allowed(limiter, 20, draw(burst=10)) == 10
        assert limiter.readings.shared == 0


async def test_without_any_redis_a_process_counts_by_itself() -> None:
    limiter = SharedLimiter(SingleServer("unix:///nowhere/redis.sock"))
    await limiter.start()
    assert await allowed(limiter, 50, draw(burst=10)) == 10
    await limiter.stop()


# ---- a cluster -------------------------------------------------------------------------------------------------------


def free_ports(count: int) -> list[int]:
    """Return ports that are free, with those of the cluster's own bus, which are 10,000 higher."""
    found: list[int] = []
    for port in random.sample(range(21_000, 29_000), 1000):
        with socket.socket() as one, socket.socket() as bus:
            try:
                one.bind(("127.0.0.1", port))
                bus.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
            found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free ports")


@asynccontextmanager
async def running_cluster(folder: Path) -> AsyncIterator[tuple[list[int], Callable[[int], Awaitable[None]]]]:
    """Run a cluster of two nodes, half of the slots each; yields their ports and a way to kill one."""
    binary = redis_binary(service_user())
    if binary is None:
        pytest.skip("no Redis on this machine")
    ports, processes = free_ports(2), []
    for port in ports:
        home = folder / str(port)
        home.mkdir()
        argv = [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--save", ""]
        processes.append(await asyncio.create_subprocess_exec(*argv, cwd=home, stdout=asyncio.subprocess.DEVNULL))

    async def kill(number: int) -> None:
        processes[number].kill()
        await processes[number].wait()

    clients: list[Any] = [Redis(port=port) for port in ports]
    try:
        async with asyncio.timeout(60):
            for client in clients:
                await _answers(client)
            await clients[0].execute_command("CLUSTER", "ADDSLOTS", *range(8192))
            await clients[1].execute_command("CLUSTER", "ADDSLOTS", *range(8192, 16384))
            await clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", ports[1])
            for client in clients:
                await _stands(client)
        yield ports, kill
    finally:
        for client in clients:
            await client.aclose()
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _answers(client: Any) -> None:
    while True:
        try:
            await client.ping()
        except RedisError:
            await asyncio.sleep(0.05)
        else:
            return


async def _stands(client: Any) -> None:
    while True:
        known = await client.execute_command("CLUSTER INFO")
        if known["cluster_state"] == "ok" and known["cluster_known_nodes"] == "2":
            return
        await asyncio.sleep(0.05)


async def test_in_a_cluster_each_group_is_asked_where_its_keys_are(tmp_path: Path) -> None:
    address, tenant = draw("address", burst=30, group="a"), draw("tenant", burst=20, group="b")
    user = draw("user", burst=10, group="b")
    async with running_cluster(tmp_path) as (ports, kill), AsyncExitStack() as stack:
        found = [
            SharedLimiter(Cluster(f"redis://127.0.0.1:{port}", patience_seconds=UNHURRIED), slotted=True)
            for port in ports
        ]
        for limiter in found:
            await limiter.start()
            stack.push_async_callback(limiter.stop)
        await until(lambda: all(limiter.is_shared for limiter in found))
        nodes = [Redis(port=port) for port in ports]
        passed = await asyncio.gather(*(allowed(limiter, 12, address, tenant, user) for limiter in found))
        assert sum(passed) == 10
        keys = [set(await node.keys()) for node in nodes]
        assert sorted(map(len, keys)) == [1, 2]
        for node in nodes:
            await node.aclose()
        assert all(limiter.readings.in_process == 0 for limiter in found)
        await kill(1)
        one_of_each = await asyncio.gather(*(found[0].take(draw(str(n), burst=1, group=str(n))) for n in range(20)))
        assert all(verdict.allowed for verdict in one_of_each)
        await until(lambda: not found[0].is_shared)
        assert await allowed(found[0], 5, user) == 0
