"""The worker's side of the database, and visits that are about to be missed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import uuid4

import asyncpg
import pytest

from queue_server.application.desk_bodies import PatientBody
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.store.db import Database
from scheduling_core.ids import EntryId, PatientId
from tests.conftest import RunningServices
from tests.factories import Clinic, new_clinic, noon_zone, today
from tests.graph import Graph

T = TypeVar("T")


@pytest.fixture(autouse=True)
async def nothing_left(services: RunningServices) -> None:
    """Forget the jobs that other tests have left: workers here would do them all, for as long as that takes."""
    address, _, _ = services.services.admin_url.rpartition("/")
    connection = await asyncpg.connect(f"{address}/clinic_queue", ssl=False)
    await connection.execute("DELETE FROM job")
    await connection.close()


@pytest.fixture
async def jobs_database(services: RunningServices) -> AsyncIterator[Database]:
    """A pool as the jobs role."""
    db = Database(services.urls["DATABASE_JOBS_URL"], pool_size=2, application="tests-jobs")
    await db.open()
    yield db
    await db.close()


@pytest.fixture
async def owner_database(services: RunningServices) -> AsyncIterator[Database]:
    """A pool as the owner of the schema."""
    db = Database(services.urls["DATABASE_OWNER_URL"], pool_size=2, application="tests-owner")
    await db.open()
    yield db
    await db.close()


@pytest.fixture
async def clinic(database: Database) -> Clinic:
    """A clinic where it is about noon: visits of today may have begun twenty minutes ago."""
    return await new_clinic(database, timezone=noon_zone())


async def missed_in(graph: Graph, clinic: Clinic, seconds: float, *, doctor: int = 0) -> tuple[EntryId, datetime]:
    """Enrol somebody whom the queue's timers release as not shown so many seconds from now; returns when, too."""
    release = datetime.now(UTC) + timedelta(seconds=seconds)
    visit = Visit(
        id=EntryId(uuid4()),
        doctor=clinic.doctors[doctor],
        date=today(clinic.timezone),
        start=release - timedelta(minutes=20),
        patient_id=PatientId(uuid4()),
        patient=PatientBody(name="Asha Rao"),
        booked_at=release - timedelta(days=1),
    )
    await Enrolment(graph.writes, graph.directory, 15).enrol(clinic.receptionist, [visit])
    return visit.id, release


async def until(look: Callable[[], Awaitable[T | None]], seconds: float = 60.0) -> T:
    """Return what `look` finds as soon as it finds something true; fails when it does not in time."""
    async with asyncio.timeout(seconds):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.05)
