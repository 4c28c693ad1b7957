"""Slots made by jobs: for one doctor, for everybody day by day, and by hand from the command line."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from jobs import generate_slots
from jobs.house import House
from jobs.worker import lanes
from queue_server.application.actor import system
from queue_server.application.due_work import DueWork
from queue_server.application.schedules.model import CALENDAR
from queue_server.application.schedules.sources import sources_of
from queue_server.application.slots.demand import doctors
from queue_server.application.slots.generation import enqueue_generation, regenerate
from queue_server.application.unit import Unit, WritePath
from queue_server.operations import generate_slots as operation
from queue_server.settings import Settings
from queue_server.store import job_store
from queue_server.store.db import Database
from scheduling_core.calendar.events import ScheduleCreated
from scheduling_core.calendar.sources import Hours
from scheduling_core.errors import Conflict
from scheduling_core.ids import DoctorId, ScheduleId
from tests.factories import Clinic
from tests.graph import Graph, Published
from tests.jobs.conftest import until


@pytest.fixture
def work(graph: Graph, jobs_database: Database) -> DueWork:
    """What a worker has to do."""
    house = House(db=graph.db, jobs=jobs_database, writes=WritePath(graph.db, Published()), signer=None)
    return DueWork(graph.db, jobs_database, lanes(house))


async def run_due(work: DueWork) -> None:
    while await work.start_due():
        await work.drain(120)


async def sits(graph: Graph, clinic: Clinic, doctor: DoctorId) -> None:
    """Give a doctor two hours a day, without any slots yet."""

    async def work(unit: Unit) -> tuple[object, int | None]:
        target = await unit.lock_aggregate(CALENDAR, doctor)
        target.add(schedule(clinic, doctor))
        return None, None

    await graph.writes.run(system(clinic.tenant), "create-schedule", work)


def schedule(clinic: Clinic, doctor: DoctorId) -> ScheduleCreated:
    """Return the beginning of a schedule of two hours a day."""
    hours = Hours(start=9 * 60, end=11 * 60, slot_minutes=60)
    return ScheduleCreated(
        doctor=doctor,
        schedule=ScheduleId(uuid4()),
        clinic=clinic.id,
        effective_from=date(2020, 1, 1),
        week=((hours,),) * 7,
    )


async def count(graph: Graph, clinic: Clinic) -> int:
    async with graph.db.tenant(clinic.tenant) as tx:
        row = await tx.row("SELECT count(*) AS slots FROM slot WHERE start > now() + interval '1 day'")
    assert row is not None
    slots: int = row["slots"]
    return slots


async def test_a_job_generates_a_doctors_slots_once_and_up_to_the_horizon(
    graph: Graph, work: DueWork, clinic: Clinic
) -> None:
    await sits(graph, clinic, clinic.doctors[0])
    async with graph.db.tenant(clinic.tenant) as tx:
        for _ in range(2):
            await enqueue_generation(tx, [clinic.doctors[0]], "version:7")
    await run_due(work)
    assert 2 * 88 <= await count(graph, clinic) <= 2 * 90
    async with graph.db.tenant(clinic.tenant) as tx:
        jobs = await tx.rows("SELECT state FROM job WHERE kind = 'generate_slots'")
        last = await tx.row("SELECT max(date) AS date FROM slot")
    assert [job["state"] for job in jobs] == ["done"]
    assert last is not None
    assert last["date"] == datetime.now(UTC).date() + timedelta(days=90)


async def test_a_job_that_comes_while_the_first_schedule_is_made_waits_for_it(
    graph: Graph, work: DueWork, clinic: Clinic
) -> None:
    doctor, made, may_commit = clinic.doctors[0], asyncio.Event(), asyncio.Event()

    async def first_schedule(unit: Unit) -> tuple[object, int | None]:
        target = await unit.lock_aggregate(CALENDAR, doctor)
        target.add(schedule(clinic, doctor))
        await regenerate(unit.tx, doctor, await sources_of(unit.tx, target.state), date.min, date.max)
        made.set()
        await may_commit.wait()
        return None, None

    async def is_waited_for() -> bool:
        async with graph.db.anonymous() as connection:
            return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))

    making = asyncio.create_task(graph.writes.run(system(clinic.tenant), "create-schedule", first_schedule))
    await made.wait()
    async with graph.db.tenant(clinic.tenant) as tx:
        await enqueue_generation(tx, [doctor], "clinic:1")
    assert await work.start_due()
    await until(is_waited_for)
    may_commit.set()
    await making
    await work.drain(120)
    assert await count(graph, clinic) >= 2 * 88


async def test_a_change_that_is_rolled_back_leaves_no_job(graph: Graph, clinic: Clinic) -> None:
    async def refused() -> None:
        async with graph.db.tenant(clinic.tenant) as tx:
            await enqueue_generation(tx, [clinic.doctors[0]], "version:7")
            raise Conflict

    with pytest.raises(Conflict):
        await refused()
    async with graph.db.tenant(clinic.tenant) as tx:
        assert await tx.rows("SELECT 1 FROM job WHERE kind = 'generate_slots'") == []


async def test_every_day_each_doctor_with_a_schedule_gets_the_next_days_slots(
    graph: Graph, work: DueWork, jobs_database: Database, clinic: Clinic
) -> None:
    for doctor in clinic.doctors:
        await sits(graph, clinic, doctor)
    await job_store.enqueue_recurring(jobs_database, [generate_slots.EXTEND_KIND])
    async with graph.db.tenant(clinic.tenant) as tx:
        await tx.run("UPDATE job SET due_at = now() - interval '1 s' WHERE kind = 'extend_slots'")
    await run_due(work)
    whole = await count(graph, clinic)
    assert 2 * 2 * 88 <= whole <= 2 * 2 * 90
    async with graph.db.tenant(clinic.tenant) as tx:
        row = await tx.row("SELECT state, due_at - now() AS ahead FROM job WHERE kind = 'extend_slots'")
        # A day later: what was the last day is one short of the horizon.
        await tx.run("DELETE FROM slot WHERE date = (SELECT max(date) FROM slot)")
        await tx.run("DELETE FROM job WHERE kind = 'generate_slots'")
        await tx.run("UPDATE job SET due_at = now() - interval '1 s' WHERE kind = 'extend_slots'")
    assert row is not None
    assert row["state"] == "ready"
    assert timedelta(hours=23) < row["ahead"] <= timedelta(hours=24)
    await run_due(work)
    assert await count(graph, clinic) == whole


async def test_the_command_generates_for_one_tenant_or_for_all(
    graph: Graph, clinic: Clinic, settings: Settings
) -> None:
    await sits(graph, clinic, clinic.doctors[0])
    assert [doctor async for doctor in doctors(graph.db, clinic.tenant)] == [clinic.doctors[0]]
    report = await operation.generate_slots(settings, clinic.tenant, quiet=True)
    assert (report.tenants, report.doctors, report.removed) == (1, 1, 0)
    assert report.added == len(await _all(graph, clinic))
    again = await operation.generate_slots(settings, None, quiet=True)
    assert again.tenants >= 1
    # Other tests leave tenants behind for whom there is something to do; this one had it all.
    assert report.added == len(await _all(graph, clinic))


async def test_a_shorter_horizon_of_the_installation_counts_where_a_tenant_has_none(
    graph: Graph, clinic: Clinic, settings: Settings
) -> None:
    await sits(graph, clinic, clinic.doctors[0])
    db = Database(settings.database_url, pool_size=1, application="tests", parameters={"app.slot_horizon_days": "5"})
    await db.open()
    try:
        report = operation.GenerationReport()
        await operation.generate(db, clinic.tenant, report)
    finally:
        await db.close()
    assert max(row["date"] for row in await _all(graph, clinic)) == datetime.now(UTC).date() + timedelta(days=5)


async def _all(graph: Graph, clinic: Clinic) -> list[dict[str, date]]:
    async with graph.db.tenant(clinic.tenant) as tx:
        return [dict(row) for row in await tx.rows("SELECT date FROM slot")]
