"""The worker with arq, without Redis, while Redis dies, and when it is asked to stop."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from arq.worker import Worker as ArqWorker
from redis.asyncio import Redis

from jobs.worker import QUEUE_NAME, Worker, WorkerSettings
from queue_server.application.snapshots.state import RoomKey, Snapshot
from queue_server.broker.redis import RedisBroker
from queue_server.settings import Settings
from scheduling_core.live_queue import codec
from scheduling_core.live_queue.state import EntryState
from tests.conftest import RunningServices
from tests.factories import Clinic, new_clinic, noon_zone, today
from tests.graph import Graph
from tests.jobs.conftest import missed_in, until
from tests.own_redis import own_redis


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[Worker]:
    worker = Worker(settings)
    await worker.start()
    task = asyncio.create_task(worker.work())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(task, 60)
        await worker.close()


async def released_at(graph: Graph, clinic: Clinic, entry: UUID) -> datetime:
    """Wait until a timer has released the entry and return when it did."""

    async def look() -> datetime | None:
        async with graph.db.tenant(clinic.tenant) as tx:
            rows = await tx.rows("SELECT data, occurred_at FROM event_store WHERE type = 'entry_marked_no_show'")
        return next((r["occurred_at"] for r in rows if str(entry) in r["data"]), None)

    return await until(look)


async def assert_timers_fire(graph: Graph, clinic: Clinic) -> None:
    """Check that a timer fires, and not early. How late one may be is the benchmarks' business (loadtests/chaos)."""
    entry, release = await missed_in(graph, clinic, 1.5)
    assert await released_at(graph, clinic, entry) >= release


async def test_timers_fire_and_never_early_without_redis(graph: Graph, clinic: Clinic, settings: Settings) -> None:
    async with working(msgspec.structs.replace(settings, redis_url=None)) as worker:
        await assert_timers_fire(graph, clinic)
    assert worker.pumped_by_arq == 0


@pytest.fixture
def with_redis(settings: Settings) -> Settings:
    """Settings with a Redis; skips where there is none to run."""
    if settings.redis_url is None:
        pytest.skip("no Redis here")
    return settings


async def test_arq_runs_the_pump_while_redis_is_there(graph: Graph, clinic: Clinic, with_redis: Settings) -> None:
    async with working(with_redis) as worker:
        await until(lambda: _true(worker.pumped_by_arq >= 2))
        await assert_timers_fire(graph, clinic)
        before = worker.pumped_by_arq
        await until(lambda: _true(worker.pumped_by_arq > before))


async def test_what_a_timer_did_is_published_to_the_room(graph: Graph, clinic: Clinic, with_redis: Settings) -> None:
    assert with_redis.redis_url is not None
    room = RoomKey(clinic.tenant, clinic.doctors[0], today(clinic.timezone))
    broker, heard = RedisBroker([with_redis.redis_url]), list[bytes]()
    await broker.start()
    broker.subscribe(room.channel, heard.append)
    await until(lambda: _true(broker.is_connected))
    async with working(with_redis):
        entry, _ = await missed_in(graph, clinic, 1.5)
        await released_at(graph, clinic, entry)
        await until(lambda: _true(len(heard) >= 2))
    await broker.stop()
    newest = msgspec.msgpack.decode(heard[-1], type=Snapshot)
    assert (newest.version, newest.reason) == ((await graph.state(clinic)).version, "queue_tick")
    assert codec.decode_state(newest.state).entries[entry].state is EntryState.NO_SHOW


async def test_timers_fire_while_redis_is_killed_and_arq_takes_over_again(
    graph: Graph, clinic: Clinic, with_redis: Settings, services: RunningServices
) -> None:
    async with working(with_redis) as worker:
        await until(lambda: _true(worker.pumped_by_arq >= 1))
        pid = services.pid("redis")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await assert_timers_fire(graph, clinic)
        before = worker.pumped_by_arq
        await until(lambda: _true(worker.pumped_by_arq > before + 1))


async def test_a_worker_that_stops_just_after_redis_leaves_no_failure_unheard(
    graph: Graph, clinic: Clinic, settings: Settings
) -> None:
    unheard: list[dict[str, Any]] = []
    before = asyncio.all_tasks()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
    async with own_redis() as redis:
        async with working(msgspec.structs.replace(settings, redis_url=redis.url)) as worker:
            await until(lambda: _true(worker.pumped_by_arq >= 2))
            await redis.kill()
            await asyncio.sleep(0.3)  # arq has noticed, and what it had begun is still under way
        await until(lambda: _true(asyncio.all_tasks() <= before))
        gc.collect()
    assert unheard == []


async def test_a_worker_ends_although_arq_took_no_notice_when_it_was_told_to(
    with_redis: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, told = asyncio.Event(), 0

    async def deaf(_: object) -> None:
        """As arq is where an answer of Redis comes in the same moment."""
        nonlocal told
        begun.set()
        while told < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                told += 1

    monkeypatch.setattr(ArqWorker, "main", deaf)
    async with working(with_redis):
        await begun.wait()
    assert told == 2


async def test_timers_fire_while_redis_hangs(
    graph: Graph, clinic: Clinic, with_redis: Settings, services: RunningServices
) -> None:
    async with working(with_redis) as worker:
        await until(lambda: _true(worker.pumped_by_arq >= 1))
        pid = services.pid("redis")
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            await assert_timers_fire(graph, clinic)
        finally:
            os.kill(pid, signal.SIGCONT)


async def test_what_somebody_puts_into_redis_is_never_unpickled(with_redis: Settings, tmp_path: Path) -> None:
    import pickle

    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str, str]]:
            return (open, (str(tmp_path / "burst"), "w"))

    assert with_redis.redis_url is not None
    redis = Redis.from_url(with_redis.redis_url)
    await redis.set("arq:job:bomb", pickle.dumps({"t": 1, "f": "pump", "a": Bomb(), "k": {}, "et": 1}))
    await redis.zadd(QUEUE_NAME, {"bomb": 1})
    async with working(with_redis):

        async def taken() -> bool:
            return await redis.zscore(QUEUE_NAME, "bomb") is None

        await until(taken)
    await redis.aclose()
    assert not (tmp_path / "burst").exists()
    assert WorkerSettings.job_deserializer(WorkerSettings.job_serializer({"a": ()})) == {"a": []}


async def test_sigterm_lets_the_worker_finish_and_end(
    graph: Graph, clinic: Clinic, settings: Settings, services: RunningServices, tmp_path: Path
) -> None:
    other = await new_clinic(graph.db, timezone=noon_zone())
    env = {
        **os.environ,
        **services.urls,
        "JWT_KEYS": "test:" + "0123456789abcdef" * 4,
        "AUDIT_SIGNING_KEY": "ab" * 16 + "cd" * 16,
        "DATA_DIR": str(tmp_path),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import os; from queue_server.settings import load; from jobs.worker import run; run(load(os.environ))",
        env=env,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        entry, _ = await missed_in(graph, other, 0.5)
        await released_at(graph, other, entry)
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, errors.decode()
        assert b"Traceback" not in errors
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    queue = await graph.state(other)
    assert queue.entries[entry].state is EntryState.NO_SHOW
    assert queue.updated_at <= datetime.now(UTC)


async def _true(value: bool) -> bool:
    return value
