"""Doctors and clinics that do not work at present take nobody; every server knows it at once."""

from typing import cast

import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.enrolment import Enrolment, VisitRefused
from queue_server.application.reading import QueueReading
from queue_server.application.snapshots.service import QueueSnapshots
from queue_server.settings import Settings
from queue_server.store.db import Database
from scheduling_core.errors import CapacityReached, Conflict, NotFound
from scheduling_core.estimates.waits import RecentMean
from scheduling_core.live_queue.state import EntryState
from tests.application.test_enrolment import visit
from tests.factories import Clinic
from tests.graph import Graph

WALK_IN = bodies.WalkInBody(patient=bodies.PatientBody(name="Mei Chen"))
AT_REST = [
    "UPDATE clinic SET active = false WHERE clinic_id = $1",
    "UPDATE doctor SET active = false WHERE clinic_id = $1 AND ticket_prefix = 'P'",
]


async def change(db: Database, clinic: Clinic, statement: str) -> None:
    """Change clinic or doctors as another server does: nobody here is told."""
    async with db.tenant(clinic.tenant) as tx:
        await tx.run(statement, clinic.id)


@pytest.mark.parametrize("statement", AT_REST)
async def test_who_does_not_work_takes_nobody(graph: Graph, clinic: Clinic, database: Database, statement: str) -> None:
    enrolment, known = Enrolment(graph.writes, graph.directory, 15), visit(clinic, 1)
    moved = visit(clinic, 0)
    await enrolment.enrol(clinic.receptionist, [known, moved])
    await change(database, clinic, statement)
    with pytest.raises(Conflict):
        await graph.queue.run(clinic.receptionist, "walk-in", clinic.doctors[1], WALK_IN)
    with pytest.raises(VisitRefused) as refused:
        await enrolment.enrol(clinic.receptionist, [known, visit(clinic, 1)])
    assert (refused.value.index, type(refused.value.error)) == (1, Conflict)
    with pytest.raises(Conflict):
        await graph.queue.run(
            clinic.receptionist, "transfer", moved.id, bodies.TransferBody(doctor_id=clinic.doctors[1])
        )
    others = bodies.AbsentBody(doctor_ids=(clinic.doctors[1],))
    with pytest.raises(Conflict):
        await graph.queue.run(clinic.receptionist, "absent", clinic.doctors[0], others)
    # Who is there already can still be seen to.
    await graph.queue.run(clinic.receptionist, "check-in", known.id, bodies.Empty())


@pytest.mark.parametrize("statement", AT_REST)
async def test_the_public_is_suggested_nothing_where_nobody_works(
    graph: Graph, clinic: Clinic, database: Database, statement: str
) -> None:
    await change(database, clinic, statement)
    # Refused before any queue is read.
    nothing = cast(QueueSnapshots, None)
    reading = QueueReading(database, graph.directory, graph.people, nothing, RecentMean(), 15)
    with pytest.raises(NotFound):
        await reading.suggestions(clinic.doctors[1], None, None, clinic.tenant)


async def test_what_another_server_changed_counts_at_once(
    graph: Graph, clinic: Clinic, database: Database, settings: Settings
) -> None:
    """Both servers have read the doctors a moment ago; then clinic and policy change behind their backs."""
    other = Graph(settings, database)
    for server in (graph, other):
        for doctor in clinic.doctors:
            await server.directory.doctor(clinic.tenant, doctor)
    changed = (
        """UPDATE clinic SET queue_policy = '{"graceMinutes": 7}', capacity = '{"per_day": 1}' WHERE clinic_id = $1"""
    )
    await change(database, clinic, changed)
    await graph.queue.run(clinic.receptionist, "pause", clinic.doctors[0], bodies.DayBody())
    assert (await graph.state(clinic)).policy.grace_minutes == 7
    await other.queue.run(clinic.receptionist, "walk-in", clinic.doctors[1], WALK_IN)
    state = await graph.state(clinic, 1)
    assert state.policy.grace_minutes == 7
    assert [entry.state for entry in state.entries.values()] == [EntryState.WAITING]
    for server in (graph, other):
        with pytest.raises(CapacityReached):
            await server.queue.run(clinic.receptionist, "walk-in", clinic.doctors[1], WALK_IN)
        with pytest.raises(VisitRefused):
            await Enrolment(server.writes, server.directory, 15).enrol(clinic.receptionist, [visit(clinic)])
