"""Many desks on one queue: versions without gaps, no update lost, and a stale `If-Match` never wins."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.answers import Answer, Precondition
from queue_server.application.enrolment import Enrolment, Visit
from scheduling_core.errors import StaleVersion
from scheduling_core.ids import EntryId, PatientId
from tests.factories import Clinic, from_now, today
from tests.graph import Graph

DESKS, COMMANDS = 8, 12


@pytest.fixture
async def entries(graph: Graph, clinic: Clinic) -> list[EntryId]:
    """One patient for each desk."""
    starts = from_now(DESKS)
    visits = [
        Visit(
            id=EntryId(uuid4()),
            doctor=clinic.doctors[0],
            date=today(),
            start=start,
            patient_id=PatientId(uuid4()),
            patient=bodies.PatientBody(name="Priya Nair"),
            booked_at=starts[0] - timedelta(days=1),
        )
        for start in starts
    ]
    await Enrolment(graph.writes, graph.directory, 15).enrol(clinic.receptionist, visits)
    return [visit.id for visit in visits]


async def test_eight_desks_lose_nothing(graph: Graph, clinic: Clinic, entries: list[EntryId]) -> None:
    versions: list[int] = []
    wanted: dict[EntryId, int] = {}

    async def desk(entry: EntryId) -> None:
        for count in range(COMMANDS):
            triage = 1 + count % 5 if count % 5 != 3 else 5
            answer = await graph.queue.run(clinic.receptionist, "triage", entry, bodies.TriageBody(triage=triage))
            assert answer.version is not None
            versions.append(answer.version)
            wanted[entry] = triage

    await asyncio.gather(*map(desk, entries))
    queue = await graph.state(clinic)
    assert queue.version == max(versions)
    async with graph.db.tenant(clinic.tenant) as tx:
        rows = await tx.rows("SELECT DISTINCT version FROM event_store ORDER BY 1")
    assert [row["version"] for row in rows] == list(range(1, queue.version + 1))
    assert {entry: queue.entries[entry].triage for entry in entries} == wanted


async def test_of_desks_that_saw_the_same_version_exactly_one_wins(
    graph: Graph, clinic: Clinic, entries: list[EntryId]
) -> None:
    for triage in (1, 2, 3, 5):  # another one each time, so that every command changes something
        seen = (await graph.state(clinic)).version
        results = await asyncio.gather(
            *(
                graph.queue.run(
                    clinic.receptionist,
                    "triage",
                    entry,
                    bodies.TriageBody(triage=triage),
                    Precondition(if_match=seen),
                )
                for entry in entries
            ),
            return_exceptions=True,
        )
        assert sum(isinstance(result, StaleVersion) for result in results) == DESKS - 1
        assert sum(isinstance(result, Answer) for result in results) == 1
        assert (await graph.state(clinic)).version == seen + 1
