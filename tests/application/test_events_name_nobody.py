"""Events hold ids, enums, numbers and instants: whatever people type is searched for in them, and never found."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from queue_server.application import desk_bodies as bodies
from queue_server.application.enrolment import Enrolment, Visit
from scheduling_core.ids import EntryId, PatientId
from scheduling_core.live_queue.state import Priority
from tests.factories import Clinic, today
from tests.graph import Graph

NAME, PHONE, EMAIL = "Canary Quetzal", "+44 20 7946 0999", "canary@quetzal.example"
REASON, MESSAGE = "canary reason: faint in the hall", "canary message: the lift is stuck"


async def test_a_day_leaves_no_word_of_anybody_in_its_events(graph: Graph, clinic: Clinic) -> None:
    person = bodies.PatientBody(name=NAME, phone=PHONE, email=EMAIL)
    visits = [
        Visit(
            id=EntryId(uuid4()),
            doctor=clinic.doctors[0],
            date=today(),
            start=datetime.now(UTC) + timedelta(minutes=minutes),
            patient_id=PatientId(uuid4()),
            patient=person,
        )
        for minutes in (0, 1, 2)
    ]
    desk = clinic.receptionist
    await Enrolment(graph.writes, graph.directory, 15).enrol(desk, visits)
    first, _, last = (visit.id for visit in visits)
    await graph.queue.run(desk, "walk-in", clinic.doctors[0], bodies.WalkInBody(patient=person))
    await graph.queue.run(desk, "check-in", first, bodies.Empty())
    await graph.queue.run(desk, "move", last, bodies.MoveBody(new_position=1, reason=REASON))
    emergency = bodies.EmergencyBody(message=MESSAGE, priority=Priority.HIGH, estimated_delay=10)
    await graph.queue.run(desk, "emergency", clinic.doctors[0], emergency)
    await graph.queue.run(desk, "transfer", last, bodies.TransferBody(doctor_id=clinic.doctors[1]))

    async with graph.db.tenant(clinic.tenant) as tx:
        rows = await tx.rows("SELECT e::text AS whole FROM event_store e WHERE tenant_id = $1", clinic.tenant)
        words = await tx.rows("SELECT body FROM free_text WHERE tenant_id = $1", clinic.tenant)
        states = await tx.rows("SELECT state FROM stream WHERE tenant_id = $1", clinic.tenant)
    everything = "\n".join(row["whole"] for row in rows).casefold()
    assert len(rows) >= 8
    for canary in ("canary", "quetzal", "7946", "0999", "faint", "lift"):
        assert canary not in everything
        assert all(canary.encode() not in (row["state"] or b"") for row in states)
    # They are kept, just apart: where they can be erased.
    assert {row["body"] for row in words} == {REASON, MESSAGE}
