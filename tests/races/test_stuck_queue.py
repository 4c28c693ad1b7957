"""One queue whose row somebody holds: its own commands wait and give up, everything else goes on."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.answers import Precondition
from queue_server.application.turns import AT_ONCE, Turns
from queue_server.settings import Settings
from queue_server.store import event_store
from queue_server.store.db import Database
from queue_server.store.idempotency import Idempotency
from scheduling_core.errors import Unavailable
from scheduling_core.ids import DoctorId, queue_stream
from tests.factories import Clinic, today
from tests.graph import Graph

CONNECTIONS, COMMANDS = 6, 12


@pytest.fixture
async def served(settings: Settings) -> AsyncIterator[Graph]:
    """The write side on a pool as a server has it."""
    db = Database(settings.database_url, pool_size=CONNECTIONS, application="tests-served", serves=True)
    await db.open()
    yield Graph(settings, db)
    await db.close()


async def pause(graph: Graph, clinic: Clinic, doctor: DoctorId, key: str | None = None) -> None:
    precondition = Precondition(idempotency=Idempotency(key, b"x")) if key else Precondition()
    await graph.queue.run(clinic.receptionist, "pause", doctor, bodies.DayBody(), precondition)


@pytest.mark.parametrize("same_key", [False, True])
async def test_a_held_queue_leaves_the_others_alone(
    served: Graph, database: Database, clinic: Clinic, same_key: bool
) -> None:
    stuck, free = clinic.doctors
    await pause(served, clinic, stuck)
    await pause(served, clinic, free)
    async with database.tenant(clinic.tenant) as tx:
        await event_store.lock(tx, queue_stream(clinic.tenant, stuck, today()), "queue", create=False)
        key = "again" if same_key else None
        waiting = [asyncio.create_task(pause(served, clinic, stuck, key)) for _ in range(COMMANDS)]
        await asyncio.sleep(0.3)
        busy = served.db.readings()
        assert busy["connections"] - busy["idle"] <= AT_ONCE
        async with asyncio.timeout(60):
            await served.queue.run(clinic.receptionist, "resume", free, bodies.DayBody())
            await served.people.search(clinic.receptionist, "a", limit=5, after=None)
            assert (await served.db.check())["migrated"]
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(one) for one in outcomes] == [Unavailable] * COMMANDS
        assert all(one.retry_after for one in outcomes if isinstance(one, Unavailable))
    await served.queue.run(clinic.receptionist, "resume", stuck, bodies.DayBody())


async def test_health_has_a_connection_of_its_own(served: Graph, clinic: Clinic) -> None:
    async def occupy(until: asyncio.Event) -> None:
        async with served.db.tenant(clinic.tenant):
            await until.wait()

    done = asyncio.Event()
    tasks = [asyncio.create_task(occupy(done)) for _ in range(CONNECTIONS)]
    await asyncio.sleep(0.2)
    async with asyncio.timeout(60):
        assert (await served.db.check())["safe"]
    done.set()
    await asyncio.gather(*tasks)


async def test_a_connection_that_serves_has_limits_and_notices_the_dead(served: Graph, clinic: Clinic) -> None:
    async with served.db.tenant(clinic.tenant) as tx:
        for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            row = await tx.row("SELECT current_setting($1) AS value", name)
            assert row is not None
            assert row["value"] != "0", name


async def test_a_released_connection_carries_nothing_over(served: Graph, clinic: Clinic) -> None:
    async with served.db.tenant(clinic.tenant):
        pass
    for _ in range(CONNECTIONS):
        async with served.db.anonymous() as connection:
            assert not await connection.fetchval("SELECT current_setting('app.tenant_id', true)")
            assert await connection.fetchval("SELECT count(*) FROM clinic") == 0


async def test_turns_are_given_back_and_forgotten() -> None:
    turns = Turns(at_once=1)
    loop = asyncio.get_running_loop()
    name: UUID = uuid4()
    async with turns.waited_for([name], loop.time() + 60):
        with pytest.raises(Unavailable):
            async with turns.waited_for([name], loop.time() + 0.05):
                pass
        assert turns.is_full(name)
    assert not turns.is_full(name)
    async with turns.waited_for([name], loop.time() + 60):
        pass
    assert turns._gates == {}
