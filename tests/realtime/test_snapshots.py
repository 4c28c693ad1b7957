"""Where the newest state of a queue comes from, and that it always comes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from queue_server.application.snapshots.service import QueueSnapshots
from queue_server.application.snapshots.state import RoomKey, RoomState
from queue_server.broker import Broker
from queue_server.broker.in_process import Bus, InProcessBroker
from queue_server.broker.redis import RedisBroker
from queue_server.settings import Settings
from queue_server.store import event_store
from queue_server.store.db import Database
from queue_server.store.notifications import Notifications
from scheduling_core.errors import Unavailable
from scheduling_core.ids import queue_stream
from scheduling_core.live_queue import codec
from scheduling_core.live_queue.state import Priority
from tests.factories import Clinic, today
from tests.graph import Graph
from tests.realtime.conftest import OwnRedis, act, cut, until


class Server:
    """The snapshots of one server process with what they hang on."""

    def __init__(self, settings: Settings, broker: Broker, **options: int) -> None:
        self.application = f"snapshots-{id(self)}"
        self.db = Database(settings.database_url, pool_size=3)
        self.broker = broker
        self.notifications = Notifications(settings.database_url, application=self.application)
        self.snapshots = QueueSnapshots(self.db, broker, self.notifications, **{"ttl_seconds": 60, **options})

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Server"]:
        await self.db.open()
        await self.snapshots.start()
        await until(lambda: self.notifications.is_listening and self.broker.is_connected)
        await until(lambda: self.snapshots._rereading is None)
        yield self
        await self.snapshots.stop()
        await self.db.close()


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[Server]:
    """A server that hears of commits from Postgres alone."""
    async with Server(settings, InProcessBroker()).running() as running:
        yield running


@pytest.fixture
def key(clinic: Clinic) -> RoomKey:
    return RoomKey(clinic.tenant, clinic.doctors[0], today())


def reached(seen: list[RoomState], version: int) -> bool:
    """Whether the newest state seen is that of `version`."""
    return bool(seen) and seen[-1].version == version


async def toggle(graph: Graph, clinic: Clinic) -> int:
    """Commit anything; returns the version."""
    paused = False
    with suppress(AssertionError):
        paused = (await graph.state(clinic)).paused
    return await act(graph, clinic, "resume" if paused else "pause", clinic.doctors[0])


async def test_what_is_cached_is_not_read_again_until_a_commit_is_told_of(
    server: Server, graph: Graph, clinic: Clinic, key: RoomKey
) -> None:
    await toggle(graph, clinic)
    first = await server.snapshots.get(*key)
    assert first is not None
    assert first.version == 1
    await server.snapshots.get(*key)
    assert server.snapshots.reads == 1
    await toggle(graph, clinic)

    async def newer() -> bool:
        state = await server.snapshots.get(*key)
        return state is not None and state.version == 2

    await until(newer)


async def test_many_who_ask_at_once_share_one_read(server: Server, graph: Graph, clinic: Clinic, key: RoomKey) -> None:
    await toggle(graph, clinic)
    await asyncio.gather(*(server.snapshots.get(*key) for _ in range(100)))
    assert server.snapshots.reads == 1


async def test_a_queue_that_nobody_opened_is_none(server: Server, key: RoomKey) -> None:
    assert await server.snapshots.get(*key) is None


async def test_fresh_goes_past_the_cache(server: Server, graph: Graph, clinic: Clinic, key: RoomKey) -> None:
    await toggle(graph, clinic)
    await server.snapshots.get(*key)
    await server.snapshots.get(*key, fresh=True)
    assert server.snapshots.reads == 2


async def test_a_claim_of_a_newer_version_is_looked_up(
    server: Server, graph: Graph, clinic: Clinic, key: RoomKey
) -> None:
    await toggle(graph, clinic)
    first = await server.snapshots.get(*key)
    assert first is not None
    state = await server.snapshots.get(*key, at_least=(first.epoch, 9))
    assert state is not None
    assert state.version == 1
    assert server.snapshots.reads == 2


async def test_without_the_way_to_hear_of_commits_nothing_cached_is_trusted(
    server: Server, graph: Graph, clinic: Clinic, key: RoomKey
) -> None:
    await toggle(graph, clinic)
    await server.snapshots.get(*key)
    await server.notifications.stop()
    await toggle(graph, clinic)
    state = await server.snapshots.get(*key)
    assert state is not None
    assert state.version == 2


async def test_without_postgres_what_is_cached_is_stale_and_what_is_not_is_unavailable(
    server: Server, graph: Graph, clinic: Clinic, key: RoomKey
) -> None:
    await toggle(graph, clinic)
    await server.snapshots.get(*key)
    await server.notifications.stop()
    await server.db.close()
    state = await server.snapshots.get(*key)
    assert state is not None
    assert state.stale
    assert state.version == 1
    with pytest.raises(Unavailable):
        await server.snapshots.get(clinic.tenant, clinic.doctors[1], today())
    await server.db.open()

    async def is_fresh() -> bool:
        again = await server.snapshots.get(*key)
        return again is not None and not again.stale

    await until(is_fresh)


async def test_a_watcher_is_told_of_each_commit_without_any_broker(
    server: Server, graph: Graph, clinic: Clinic, key: RoomKey
) -> None:
    seen: list[RoomState] = []
    server.snapshots.watch(key, seen.append)
    for version in range(1, 6):
        await toggle(graph, clinic)
        await until(partial(reached, seen, version))
    assert [s.version for s in seen] == [1, 2, 3, 4, 5]
    assert seen[-1].reason in ("pause", "resume")


async def test_another_servers_commit_comes_over_the_broker_without_a_read(
    settings: Settings, graph: Graph, clinic: Clinic, key: RoomKey
) -> None:
    bus = Bus()
    async with (
        Server(settings, InProcessBroker(bus)).running() as here,
        Server(settings, InProcessBroker(bus)).running() as there,
    ):
        graph.writes._publisher = there.snapshots
        seen: list[RoomState] = []
        here.snapshots.watch(key, seen.append)
        for _ in range(20):
            await toggle(graph, clinic)
        await until(lambda: seen and seen[-1].version == 20)
        await asyncio.sleep(0.1)
        assert [s.version for s in seen] == list(range(1, 21))
        assert here.snapshots.reads == 0
        assert seen[-1].queue == await graph.state(clinic)


async def test_versions_never_go_backwards(server: Server, graph: Graph, clinic: Clinic, key: RoomKey) -> None:
    await toggle(graph, clinic)
    old = await graph.state(clinic)
    await toggle(graph, clinic)
    new = await graph.state(clinic)
    seen: list[RoomState] = []
    server.snapshots.watch(key, seen.append)
    for queue, epoch in ((new, 1), (old, 1), (new, 1), (old, 2), (new, 1)):
        server.snapshots.committed(clinic.tenant, queue, epoch, codec.encode_state(queue), "pause")
    assert [s.order for s in seen] == [(1, 2), (2, 1)]


async def test_rubbish_on_a_channel_is_passed_over(
    settings: Settings, graph: Graph, clinic: Clinic, key: RoomKey
) -> None:
    bus = Bus()
    async with Server(settings, InProcessBroker(bus)).running() as here:
        seen: list[RoomState] = []
        here.snapshots.watch(key, seen.append)
        for payload in (b"", b"\xc1", b"\x94\x01\x01\xa1x\xc4\x01\x00", b"\x90"):
            InProcessBroker(bus).publish(key.channel, payload)
        await toggle(graph, clinic)
        await until(lambda: seen)
        assert seen[0].version == 1


async def test_a_watched_room_is_reread_when_the_connection_that_listens_was_cut(
    server: Server, graph: Graph, clinic: Clinic, key: RoomKey, database: Database
) -> None:
    seen: list[RoomState] = []
    server.snapshots.watch(key, seen.append)
    await toggle(graph, clinic)
    await until(lambda: seen)
    for _ in range(3):
        await cut(database, server.application)
        version = await toggle(graph, clinic)
        await until(partial(reached, seen, version))


async def test_notices_come_with_their_words_on_every_way(
    settings: Settings, graph: Graph, clinic: Clinic, key: RoomKey
) -> None:
    bus = Bus()
    async with (
        Server(settings, InProcessBroker(bus)).running() as here,
        Server(settings, InProcessBroker(bus)).running() as there,
    ):
        graph.writes._publisher = there.snapshots
        seen_here: list[RoomState] = []
        seen_there: list[RoomState] = []
        here.snapshots.watch(key, seen_here.append)
        there.snapshots.watch(key, seen_there.append)
        await act(graph, clinic, "emergency", key.doctor, message="Lift broken", priority=Priority.HIGH)
        for seen in (seen_here, seen_there):
            await until(partial(bool, seen))
            assert list(seen[-1].texts.values()) == ["Lift broken"]
        read = await here.snapshots.get(*key, fresh=True)
        assert read is not None
        assert list(read.texts.values()) == ["Lift broken"]


async def test_the_cache_is_bounded_but_never_drops_what_is_watched(settings: Settings, clinic: Clinic) -> None:
    server = Server(settings, InProcessBroker(), capacity=50)
    watched = RoomKey(clinic.tenant, clinic.doctors[0], "2030-01-01")
    server.snapshots.watch(watched, lambda _: None)
    for number in range(500):
        server.snapshots._room(RoomKey(clinic.tenant, clinic.doctors[1], str(number)))
    assert len(server.snapshots._rooms) <= 51
    assert watched in server.snapshots._rooms
    server.snapshots.watch(watched, lambda _: None)
    assert server.snapshots.watched == 1


async def test_with_redis_dead_frozen_and_back_nothing_is_missed(
    settings: Settings, graph: Graph, clinic: Clinic, key: RoomKey, redis: OwnRedis, record_property: Any
) -> None:
    async with (
        Server(settings, RedisBroker([redis.url])).running() as here,
        Server(settings, RedisBroker([redis.url])).running() as there,
    ):
        graph.writes._publisher = there.snapshots
        seen: dict[int, float] = {}

        def note(state: RoomState) -> None:
            seen.setdefault(state.version, perf_counter())

        here.snapshots.watch(key, note)

        async def delays(count: int) -> list[float]:
            found = []
            for _ in range(count):
                version = await toggle(graph, clinic)
                committed = perf_counter()
                await until(partial(seen.__contains__, version))
                found.append((seen[version] - committed) * 1000)
            return sorted(found)

        await delays(3)
        figures = {"with redis": await delays(30)}
        reads = here.snapshots.reads
        redis.freeze()
        figures["redis frozen"] = await delays(30)
        assert here.snapshots.reads > reads
        redis.thaw()
        await redis.kill()
        figures["redis dead"] = await delays(30)
        await redis.start()
        await until(lambda: here.broker.is_connected and there.broker.is_connected)
        await delays(1)
        figures["redis back"] = await delays(30)
        for name, found in figures.items():
            text = f"p50 {found[len(found) // 2]:.1f} ms, max {found[-1]:.1f} ms"
            record_property(name, text)
            print(f"{name}: {text}")


async def without_hearing(server: Server, commit: Awaitable[int]) -> int:
    """Commit while the server hears nothing of it, and let it hear again."""
    await server.notifications.stop()
    version = await commit
    await server.notifications.start()
    await until(lambda: server.notifications.is_listening)
    return version


async def test_who_follows_first_and_asks_then_sees_what_was_missed_before(
    server: Server, graph: Graph, clinic: Clinic, key: RoomKey
) -> None:
    await toggle(graph, clinic)
    await server.snapshots.get(*key)
    version = await without_hearing(server, toggle(graph, clinic))
    server.snapshots.watch(key, lambda state: None)
    state = await server.snapshots.get(*key)
    assert state is not None
    assert state.version == version


async def test_a_read_from_before_the_end_of_a_gap_does_not_count_as_the_read_after_it(
    server: Server, graph: Graph, clinic: Clinic, key: RoomKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    await toggle(graph, clinic)
    seen: list[RoomState] = []
    server.snapshots.watch(key, seen.append)
    read_stream, has_read, may_answer = event_store.read_stream, asyncio.Event(), asyncio.Event()

    async def slowly(*arguments: Any) -> Any:
        row = await read_stream(*arguments)
        has_read.set()
        await may_answer.wait()
        return row

    monkeypatch.setattr(event_store, "read_stream", slowly)
    early = asyncio.create_task(server.snapshots.get(*key))
    await has_read.wait()
    version = await without_hearing(server, act(graph, clinic, "resume", key.doctor))
    may_answer.set()
    await early
    await until(partial(reached, seen, version))


async def test_a_queue_that_cannot_be_read_keeps_no_other_from_being_read_again(
    server: Server, graph: Graph, clinic: Clinic, key: RoomKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[RoomState] = []
    server.snapshots.watch(RoomKey(clinic.tenant, clinic.doctors[1], today()), lambda state: None)
    server.snapshots.watch(key, seen.append)
    read_stream, bad = event_store.read_stream, queue_stream(clinic.tenant, clinic.doctors[1], today())

    async def broken(tx: Any, stream: Any) -> Any:
        if stream == bad:
            raise msgspec.ValidationError("another release's state")
        return await read_stream(tx, stream)

    monkeypatch.setattr(event_store, "read_stream", broken)
    for _ in range(2):
        version = await without_hearing(server, toggle(graph, clinic))
        await until(partial(reached, seen, version))


async def test_redis_coming_back_has_nothing_read_again(
    settings: Settings, graph: Graph, clinic: Clinic, key: RoomKey, redis: OwnRedis
) -> None:
    async with Server(settings, RedisBroker([redis.url])).running() as here:
        seen: list[RoomState] = []
        here.snapshots.watch(key, seen.append)
        version = await toggle(graph, clinic)
        await until(partial(reached, seen, version))
        reads = here.snapshots.reads
        for _ in range(3):
            await redis.kill()
            await until(lambda: not here.broker.is_connected)
            await redis.start()
            await until(lambda: here.broker.is_connected)
        assert here.snapshots.reads == reads


async def test_a_version_that_is_told_of_but_not_there_yet_blocks_nobody(
    server: Server, graph: Graph, clinic: Clinic, key: RoomKey
) -> None:
    """Whoever waits for a read that is done already must start another, and let others have their turn meanwhile."""
    await toggle(graph, clinic)
    server.snapshots.watch(key, lambda state: None)
    await server.snapshots.get(*key)
    room = server.snapshots._rooms[key]
    room.expected = (room.expected[0], room.expected[1] + 1)
    readers = [asyncio.create_task(server.snapshots._refetch(key)) for _ in range(3)]
    async with asyncio.timeout(60):
        await asyncio.sleep(0.2)
        await toggle(graph, clinic)
        await asyncio.gather(*readers)


async def test_a_stale_state_says_since_when(server: Server, graph: Graph, clinic: Clinic, key: RoomKey) -> None:
    await toggle(graph, clinic)
    state = await server.snapshots.get(*key)
    assert state is not None
    assert not state.stale
    assert replace(state, stale_since=datetime.now(UTC)).stale
