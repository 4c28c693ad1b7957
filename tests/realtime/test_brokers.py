"""One suite for every broker; then what only Redis can do to us."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from time import perf_counter
from typing import Any

import pytest
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from queue_server.broker import Broker
from queue_server.broker.in_process import Bus, InProcessBroker
from queue_server.broker.redis import MOST_WAITING, RedisBroker, responsible
from tests.realtime.conftest import OwnRedis, own_redis, until

MakeBroker = Callable[[], Broker]


@pytest.fixture(params=["in_process", "redis", "two_redis"])
async def make(request: pytest.FixtureRequest) -> AsyncIterator[MakeBroker]:
    """Return a way to make brokers that can hear each other."""
    if request.param == "in_process":
        bus = Bus()
        yield lambda: InProcessBroker(bus)
        return
    async with own_redis() as first, own_redis() as second:
        urls = [first.url] if request.param == "redis" else [first.url, second.url]
        yield lambda: RedisBroker(urls)


@asynccontextmanager
async def running(*brokers: Broker) -> AsyncIterator[None]:
    for broker in brokers:
        await broker.start()
    await until(lambda: all(b.is_connected for b in brokers))
    yield
    for broker in brokers:
        await broker.stop()


async def test_what_one_publishes_the_others_hear_in_order(make: MakeBroker) -> None:
    first, second = make(), make()
    heard: list[bytes] = []
    async with running(first, second):
        second.subscribe("room", heard.append)
        await heard_from(first, heard)
        for number in range(500):
            first.publish("room", b"%d" % number)
        await until(lambda: heard[-1:] == [b"499"])
        assert heard[-500:] == [b"%d" % n for n in range(500)]


async def heard_from(broker: Broker, heard: list[bytes]) -> None:
    """Wait until a subscription is in force, which nobody promises to be at once."""

    def asked() -> bool:
        broker.publish("room", b"?")
        return bool(heard)

    await until(asked)


async def test_a_channel_that_was_left_is_heard_no_longer(make: MakeBroker) -> None:
    first, second = make(), make()
    heard: list[bytes] = []
    others: list[bytes] = []
    async with running(first, second):
        second.subscribe("room", heard.append)
        await heard_from(first, heard)
        second.unsubscribe("room")
        second.subscribe("other", others.append)
        await asyncio.sleep(0.05)
        heard.clear()
        first.publish("room", b"late")

        def heard_elsewhere() -> bool:
            first.publish("other", b"!")
            return bool(others)

        await until(heard_elsewhere)
        assert heard == []


async def test_publishing_without_a_server_neither_waits_nor_raises(tmp_path: object) -> None:
    broker = RedisBroker(["unix:///nowhere/redis.sock"])
    await broker.start()
    started = perf_counter()
    for _ in range(10_000):
        broker.publish("room", b"x" * 1000)
    assert perf_counter() - started < 60  # a single attempt that waited ten thousand times over would take hours
    assert not broker.is_connected
    assert broker.dropped == 10_000
    await broker.stop()


async def test_a_killed_server_is_noticed_and_found_again_with_its_subscriptions(redis: OwnRedis) -> None:
    first, second = RedisBroker([redis.url]), RedisBroker([redis.url])
    heard: list[bytes] = []
    gaps: list[str] = []
    second.on_gap(lambda: gaps.append("gap"))
    async with running(first, second):
        second.subscribe("room", heard.append)
        await heard_from(first, heard)
        await redis.kill()
        await until(lambda: not first.is_connected and not second.is_connected)
        first.publish("room", b"lost")
        await redis.start()
        await until(lambda: first.is_connected and second.is_connected)
        heard.clear()
        await heard_from(first, heard)
        assert gaps == ["gap"]
        assert b"lost" not in heard


async def test_a_receiver_that_raises_ends_nothing(redis: OwnRedis) -> None:
    first, second = RedisBroker([redis.url]), RedisBroker([redis.url])
    heard: list[bytes] = []

    def refuse(payload: bytes) -> None:
        raise ValueError(payload)

    async with running(first, second):
        second.subscribe("bad", refuse)
        second.subscribe("room", heard.append)
        await heard_from(first, heard)
        first.publish("bad", b"?")
        first.publish("room", b"after")
        await until(lambda: heard[-1:] == [b"after"])


async def test_a_gap_callback_that_raises_keeps_nobody_from_hearing(redis: OwnRedis) -> None:
    first, second = RedisBroker([redis.url]), RedisBroker([redis.url])
    heard: list[bytes] = []
    gaps: list[str] = []

    def refuse() -> None:
        raise KeyError("room")

    second.on_gap(refuse)
    second.on_gap(lambda: gaps.append("gap"))
    async with running(first, second):
        second.subscribe("room", heard.append)
        await heard_from(first, heard)
        await redis.kill()
        await until(lambda: not first.is_connected and not second.is_connected)
        await redis.start()
        await until(lambda: first.is_connected and second.is_connected)
        heard.clear()
        with capture_logs() as lines:
            await heard_from(first, heard)
        assert gaps == ["gap"]
        assert lines == []


async def test_an_unexpected_fault_of_a_link_is_one_line_and_it_connects_again(
    redis: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = RedisBroker([redis.url]), RedisBroker([redis.url])
    heard: list[bytes] = []
    (link,) = second._links
    carry, faults = link._carry, [KeyError("key")] * 3

    async def fail(*connections: Any, gap: bool) -> None:
        if faults:
            raise faults.pop()
        await carry(*connections, gap=gap)

    monkeypatch.setattr(link, "_carry", fail)
    second.subscribe("room", heard.append)
    with capture_logs() as lines:
        async with running(first, second):
            await heard_from(first, heard)
    assert [line["event"] for line in lines] == ["redis_link_failed"]
    assert not faults


async def test_one_of_two_servers_away_stops_only_its_own_channels() -> None:
    async with own_redis() as one, own_redis() as two:
        urls = [one.url, two.url]
        by_server = [next(f"c{n}" for n in range(100) if responsible(f"c{n}", urls) == server) for server in (0, 1)]
        first, second = RedisBroker(urls), RedisBroker(urls)
        heard: list[bytes] = []
        async with running(first, second):
            second.subscribe(by_server[1], heard.append)
            await one.kill()
            await until(lambda: not first.is_connected and not second.is_connected)
            assert [first.carries(channel) for channel in by_server] == [False, True]

            def passes() -> bool:
                first.publish(by_server[1], b"!")
                return bool(heard)

            await until(passes)


async def test_a_server_that_lets_in_and_throws_out_is_not_run_at() -> None:
    greetings = 0

    async def throw_out(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal greetings
        greetings += 1
        # Agree to whatever redis-py says about itself on connecting, for a moment.
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(0.05):
                while said := await reader.read(1000):
                    writer.write(b"+OK\r\n" * said.count(b"SETINFO"))
        writer.close()

    server = await asyncio.start_server(throw_out, "127.0.0.1", 0)
    broker = RedisBroker([f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"])
    await broker.start()
    await until(lambda: greetings >= 2)
    await asyncio.sleep(1)
    await broker.stop()
    server.close()
    assert greetings <= 20


async def test_a_server_that_hangs_is_given_up_and_what_waits_is_bounded(redis: OwnRedis) -> None:
    broker = RedisBroker([redis.url])
    async with running(broker):
        redis.freeze()
        for _ in range(3 * MOST_WAITING):
            broker.publish("room", b"x" * 200)
        await asyncio.sleep(0)
        assert broker.dropped >= MOST_WAITING
        await until(lambda: not broker.is_connected)
        redis.thaw()
        await until(lambda: broker.is_connected)


def test_channels_are_spread_evenly_and_few_move_when_a_server_joins() -> None:
    channels = [f"queue:{number}" for number in range(3000)]
    three = ["redis://a", "redis://b", "redis://c"]
    before = {c: three[responsible(c, three)] for c in channels}
    shares = Counter(before.values())
    assert all(800 < share < 1200 for share in shares.values())
    four = ["redis://d", *three]
    moved = [c for c in channels if four[responsible(c, four)] != before[c]]
    assert all(four[responsible(c, four)] == "redis://d" for c in moved)
    assert 600 < len(moved) < 900


async def test_no_more_connections_than_the_pool_may_have() -> None:
    with pytest.raises(ValueError, match="connections"):
        RedisBroker(["redis://localhost"], pool_size=1)
    async with own_redis() as redis:
        broker = RedisBroker([redis.url], pool_size=2)
        async with running(broker):
            (link,) = broker._links
            assert link._pool.max_connections == 2
            with pytest.raises(RedisError):
                link._connection()
