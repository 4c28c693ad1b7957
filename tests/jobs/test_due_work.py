"""Jobs run once in effect, come back after failures, and are given up with a reason."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from queue_server.application.due_work import FIRST_PAUSE, LONGEST_PAUSE, MAX_ATTEMPTS, DueWork, Handler, Lane, pause
from queue_server.store import job_store
from queue_server.store.db import Database, Row
from queue_server.store.job_store import Job
from scheduling_core.errors import Unavailable
from tests.factories import Clinic, later


@pytest.fixture
def kind() -> str:
    """A kind of job that only this test knows."""
    return f"test_{uuid4().hex[:12]}"


async def enqueue(database: Database, clinic: Clinic, kind: str, key: str = "k", minutes: float = -0.01) -> None:
    async with database.tenant(clinic.tenant) as tx:
        await job_store.enqueue(tx, kind, key, {"n": 1}, later(minutes))


async def row(database: Database, clinic: Clinic, kind: str, key: str = "k") -> Row:
    async with database.tenant(clinic.tenant) as tx:
        found = await tx.row("SELECT *, now() AS now FROM job WHERE kind = $1 AND key = $2", kind, key)
    assert found is not None
    return found


async def make_due(database: Database, clinic: Clinic, kind: str) -> None:
    async with database.tenant(clinic.tenant) as tx:
        await tx.run("UPDATE job SET due_at = now() - interval '1 s', lease_until = NULL WHERE kind = $1", kind)


def work_with(database: Database, jobs: Database, kind: str, handler: Handler, **options: bool) -> DueWork:
    return DueWork(database, jobs, [Lane(handlers={kind: handler}, slots=4, **options)])


async def once(work: DueWork) -> int:
    started = await work.start_due()
    await work.drain(60)
    return started


def finishing(database: Database, seen: list[Job]) -> Handler:
    async def handle(job: Job) -> None:
        async with database.tenant(job.tenant) as tx:
            if await job_store.fence(tx, job):
                seen.append(job)
                await job_store.finish(tx, job)

    return handle


async def test_a_due_job_is_done_once(database: Database, jobs_database: Database, clinic: Clinic, kind: str) -> None:
    seen: list[Job] = []
    await enqueue(database, clinic, kind)
    await enqueue(database, clinic, kind)  # the same key again: nothing
    work = work_with(database, jobs_database, kind, finishing(database, seen))
    assert await once(work) == 1
    assert await once(work) == 0
    assert [(job.key, job.payload, job.attempts) for job in seen] == [("k", {"n": 1}, 1)]
    assert (await row(database, clinic, kind))["state"] == "done"


async def test_a_job_is_never_early(database: Database, jobs_database: Database, clinic: Clinic, kind: str) -> None:
    seen: list[Job] = []
    await enqueue(database, clinic, kind, minutes=0.04)
    work = work_with(database, jobs_database, kind, finishing(database, seen))
    seconds = await work.seconds_to_next()
    assert seconds is not None
    assert 0 < seconds <= 2.4  # what remains of the time, not what the machine took
    assert await once(work) == 0
    await asyncio.sleep(seconds)
    assert await once(work) == 1
    assert seen[0].late >= 0


async def test_two_workers_share_the_work_without_doing_any_of_it_twice(
    database: Database, jobs_database: Database, clinic: Clinic, kind: str
) -> None:
    for number in range(40):
        await enqueue(database, clinic, kind, key=str(number))
    seen: list[Job] = []
    workers = [work_with(database, jobs_database, kind, finishing(database, seen)) for _ in range(2)]
    while any(await asyncio.gather(*(once(worker) for worker in workers))):
        pass
    assert sorted(int(job.key) for job in seen) == list(range(40))


async def test_a_failure_is_tried_again_later_and_says_why(
    database: Database, jobs_database: Database, clinic: Clinic, kind: str
) -> None:
    async def fail(job: Job) -> None:
        raise ValueError("Asha Rao, +44 20 7946 0000")

    await enqueue(database, clinic, kind)
    work = work_with(database, jobs_database, kind, fail)
    before = (await row(database, clinic, kind))["now"]
    await once(work)
    found = await row(database, clinic, kind)
    assert found["state"] == "ready"
    assert found["last_error"] == "ValueError"  # what the message quotes may be personal
    assert found["due_at"] - before >= timedelta(seconds=FIRST_PAUSE)
    assert found["due_at"] - found["now"] <= timedelta(seconds=FIRST_PAUSE * 1.25)
    assert (work.counts.failed, work.counts.done) == (1, 0)


async def test_what_keeps_failing_is_given_up_with_the_reason(
    database: Database, jobs_database: Database, clinic: Clinic, kind: str
) -> None:
    async def fail(job: Job) -> None:
        raise LookupError

    await enqueue(database, clinic, kind)
    work = work_with(database, jobs_database, kind, fail)
    for _ in range(MAX_ATTEMPTS):
        await make_due(database, clinic, kind)
        await once(work)
    found = await row(database, clinic, kind)
    assert (found["state"], found["attempts"], found["last_error"]) == ("dead", MAX_ATTEMPTS, "LookupError")
    depths = {depth.kind: depth for depth in await job_store.depths(database)}
    assert (depths[kind].dead, depths[kind].ready) == (1, 0)


@pytest.mark.parametrize(("recurring", "error"), [(True, LookupError), (False, Unavailable)])
async def test_recurring_work_and_what_met_no_database_are_never_given_up(
    database: Database, jobs_database: Database, clinic: Clinic, kind: str, recurring: bool, error: type[Exception]
) -> None:
    async def fail(job: Job) -> None:
        raise error

    await enqueue(database, clinic, kind)
    work = work_with(database, jobs_database, kind, fail, recurring=recurring)
    for _ in range(2 * MAX_ATTEMPTS + 5):
        await make_due(database, clinic, kind)
        await once(work)
    assert (await row(database, clinic, kind))["state"] == "ready"
    assert work.counts.buried == 0


async def test_what_kills_its_worker_again_and_again_is_given_up(
    database: Database, jobs_database: Database, clinic: Clinic, kind: str
) -> None:
    seen: list[Job] = []
    await enqueue(database, clinic, kind)
    async with database.tenant(clinic.tenant) as tx:
        await tx.run("UPDATE job SET attempts = $1 WHERE kind = $2", 2 * MAX_ATTEMPTS, kind)
    await once(work_with(database, jobs_database, kind, finishing(database, seen)))
    found = await row(database, clinic, kind)
    assert found["state"] == "dead"
    assert "never came to an end" in found["last_error"]
    assert seen == []


async def test_a_worker_that_stalled_past_its_lease_has_no_effect(
    database: Database, jobs_database: Database, clinic: Clinic, kind: str
) -> None:
    seen: list[Job] = []
    await enqueue(database, clinic, kind)
    (stalled,) = await job_store.claim(jobs_database, [kind], 1, timedelta(milliseconds=1))
    await asyncio.sleep(0.01)
    await once(work_with(database, jobs_database, kind, finishing(database, seen)))
    assert [job.attempts for job in seen] == [2]
    await finishing(database, seen)(stalled)
    assert [job.attempts for job in seen] == [2]


async def test_a_job_armed_anew_is_fenced_against_its_former_run(
    database: Database, jobs_database: Database, clinic: Clinic, kind: str
) -> None:
    await enqueue(database, clinic, kind)
    (former,) = await job_store.claim(jobs_database, [kind], 1, timedelta(seconds=5))
    async with database.tenant(clinic.tenant) as tx:
        await job_store.rearm(tx, former, timedelta())
    (newer,) = await job_store.claim(jobs_database, [kind], 1, timedelta(seconds=5))
    assert former.attempts == newer.attempts == 1
    async with database.tenant(clinic.tenant) as tx:
        assert not await job_store.fence(tx, former)
        assert await job_store.fence(tx, newer)


async def test_slow_work_leaves_slots_to_other_lanes(
    database: Database, jobs_database: Database, clinic: Clinic, kind: str
) -> None:
    gate, seen = asyncio.Event(), list[Job]()

    async def slow(job: Job) -> None:
        await gate.wait()

    timers = f"{kind}_timer"
    work = DueWork(
        database,
        jobs_database,
        [
            Lane(handlers={timers: finishing(database, seen)}, slots=1),
            Lane(handlers={kind: slow}, slots=1),
        ],
    )
    for number in range(3):
        await enqueue(database, clinic, kind, key=str(number), minutes=-1)
    assert await work.start_due() == 1
    await enqueue(database, clinic, timers)
    assert await work.start_due() == 1
    async with asyncio.timeout(60):
        while not seen:
            await asyncio.sleep(0.02)
    assert [job.kind for job in seen] == [timers]
    # The full lane is not asked for: else the pump would spin until a slot is free.
    assert await work.seconds_to_next() is None
    gate.set()
    await work.drain(60)


def test_pauses_double_up_to_five_minutes() -> None:
    assert FIRST_PAUSE <= pause(1).total_seconds() <= FIRST_PAUSE * 1.25
    assert 8 <= pause(4).total_seconds() <= 10
    assert LONGEST_PAUSE <= pause(100).total_seconds() <= LONGEST_PAUSE * 1.25
