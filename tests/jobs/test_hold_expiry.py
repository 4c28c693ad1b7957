"""Holds that end together are ended together, and each by no later job once more."""

from datetime import timedelta
from uuid import UUID

import pytest

from jobs import sweep
from jobs.house import House
from jobs.worker import lanes
from queue_server.application import upkeep
from queue_server.application.booking import expiry
from queue_server.application.booking.bodies import HoldBody
from queue_server.application.booking.guests import guest, new_token
from queue_server.application.booking.holding import Holding
from queue_server.application.due_work import DueWork
from queue_server.store import job_store
from queue_server.store.db import Database
from scheduling_core.booking.holds import HELD_FOR
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.events import HolderKind
from tests.application.slots.conftest import Practice
from tests.factories import Clinic, in_days
from tests.graph import Graph
from tests.jobs.conftest import until

LEASE = timedelta(minutes=5)


@pytest.fixture
async def practice(database: Database, clinic: Clinic) -> Practice:
    """A doctor with six free times."""
    doctor = Practice(database, clinic)
    await doctor.regenerate(in_days(2), in_days(3))
    await doctor.takes_patients()
    return doctor


class Holds:
    """Guests who hold times of the practice, each one of their own."""

    def __init__(self, graph: Graph, practice: Practice, jobs: Database, patch: pytest.MonkeyPatch) -> None:
        self._holding = Holding(graph.db, graph.writes, graph.directory)
        self._practice = practice
        self._jobs = jobs
        self._patch = patch

    async def make(self, slots: list[UUID], lasting: timedelta) -> None:
        with self._patch.context() as patched:
            patched.setitem(HELD_FOR, HolderKind.GUEST, lasting)
            for slot in slots:
                who = guest(self._practice.clinic.tenant, new_token())
                await self._holding.create(who, slot, HoldBody(mode=Mode.IN_PERSON))

    async def claimed(self) -> job_store.Job:
        """Wait for one job that is due, and take it."""

        async def look() -> job_store.Job | None:
            jobs = await job_store.claim(self._jobs, [expiry.EXPIRY_JOB], 1, LEASE)
            # What other tests have left to be done is not ours.
            return next((job for job in jobs if job.tenant == self._practice.clinic.tenant), None)

        return await until(look)

    async def jobs(self) -> list[str]:
        """Return how the jobs stand, in the order in which they are due."""
        query = "SELECT state FROM job WHERE kind = $1 ORDER BY due_at"
        return [row["state"] for row in await self._practice.rows(query, expiry.EXPIRY_JOB)]

    async def outcomes(self) -> list[str | None]:
        """Return how the holds ended, in the order in which they were to."""
        return [row["outcome"] for row in await self._practice.rows("SELECT outcome FROM hold ORDER BY expires_at")]

    async def all_over(self, holds: int) -> None:
        """Wait until so many jobs are due."""

        async def look() -> bool:
            query = "SELECT FROM job WHERE kind = $1 AND due_at <= clock_timestamp()"
            return len(await self._practice.rows(query, expiry.EXPIRY_JOB)) >= holds

        await until(look)


@pytest.fixture
def holds(graph: Graph, practice: Practice, jobs_database: Database, monkeypatch: pytest.MonkeyPatch) -> Holds:
    """Holds of the practice's times."""
    return Holds(graph, practice, jobs_database, monkeypatch)


async def test_one_job_does_what_those_of_all_holds_that_are_over_are_for(
    graph: Graph, practice: Practice, holds: Holds
) -> None:
    slots = [row["slot_id"] for row in await practice.slots()]
    await holds.make(slots[:3], timedelta(milliseconds=300))
    await holds.make(slots[3:4], timedelta(minutes=10))
    await holds.all_over(3)
    await expiry.expire(graph.db, await holds.claimed())
    assert await holds.outcomes() == ["expired", "expired", "expired", None]
    assert await holds.jobs() == ["done", "done", "done", "ready"]


async def test_a_job_in_another_workers_hands_is_left_to_it(graph: Graph, practice: Practice, holds: Holds) -> None:
    slots = [row["slot_id"] for row in await practice.slots()]
    await holds.make(slots[:2], timedelta(milliseconds=300))
    await holds.all_over(2)
    mine, other = await holds.claimed(), await holds.claimed()
    async with graph.db.tenant(practice.clinic.tenant) as tx:
        assert await job_store.fence(tx, other)
        await expiry.expire(graph.db, mine)  # and does not wait for it
        await job_store.finish(tx, other)
    assert await holds.jobs() == ["done", "done"]
    assert await holds.outcomes() == ["expired", "expired"]


async def test_a_hold_whose_job_went_missing_is_swept_up(
    graph: Graph, practice: Practice, holds: Holds, jobs_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "SWEPT_AFTER", timedelta())
    slots = [row["slot_id"] for row in await practice.slots()]
    await holds.make(slots[:1], timedelta(milliseconds=300))
    await holds.make(slots[1:2], timedelta(minutes=10))
    await holds.all_over(1)
    await practice.rows("DELETE FROM job RETURNING 1")
    await job_store.enqueue_recurring(jobs_database, [sweep.KIND])
    await practice.rows("UPDATE job SET due_at = now() - interval '1 s' RETURNING 1")
    work = DueWork(
        graph.db, jobs_database, lanes(House(db=graph.db, jobs=jobs_database, writes=graph.writes, signer=None))
    )

    async def is_over() -> bool:
        while await work.start_due():
            await work.drain(60)
        return await holds.outcomes() == ["expired", None]

    await until(is_over)
    first, second, *_ = await practice.slots()
    assert (first["held"], first["held_until"], second["held"]) == (0, None, 1)
