"""Patients handed to other doctors: whose queues that may reach."""

from collections.abc import Sequence
from uuid import uuid4

import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.store.db import Database
from scheduling_core.errors import Conflict, NotFound
from scheduling_core.ids import EntryId, PatientId
from scheduling_core.permissions import Role
from tests.factories import NAMES, Clinic, new_clinic, noon, today
from tests.graph import Graph


async def booked(graph: Graph, clinic: Clinic, count: int = 1, *, doctor: int = 0) -> Sequence[EntryId]:
    """Enrol so many visits with one doctor and return their ids."""
    visits = [
        Visit(
            id=EntryId(uuid4()),
            doctor=clinic.doctors[doctor],
            date=today(),
            start=noon(n),
            patient_id=PatientId(uuid4()),
            patient=bodies.PatientBody(name=NAMES[n % len(NAMES)]),
        )
        for n in range(count)
    ]
    await Enrolment(graph.writes, graph.directory, 15).enrol(clinic.receptionist, visits)
    return [visit.id for visit in visits]


async def test_nobody_hands_patients_to_a_clinic_outside_their_scope(graph: Graph, clinic: Clinic) -> None:
    other = await new_clinic(graph.db, tenant=clinic.tenant)
    (entry,), (theirs,) = await booked(graph, clinic), await booked(graph, other)
    limited = clinic.actor(Role.RECEPTIONIST, clinics=(clinic.id,))
    before = await graph.state(clinic), await graph.state(other)
    with pytest.raises(NotFound):
        await graph.queue.run(limited, "transfer", entry, bodies.TransferBody(doctor_id=other.doctors[0]))
    absent = bodies.AbsentBody(doctor_ids=(clinic.doctors[1], other.doctors[0]))
    with pytest.raises(NotFound):
        await graph.queue.run(limited, "absent", clinic.doctors[0], absent)
    # Nor may they take somebody from there, or learn whose queue the patient is in.
    for doctor in (clinic.doctors[0], other.doctors[0]):
        with pytest.raises(NotFound):
            await graph.queue.run(limited, "transfer", theirs, bodies.TransferBody(doctor_id=doctor))
    assert (await graph.state(clinic), await graph.state(other)) == before
    both = clinic.actor(Role.RECEPTIONIST, clinics=(clinic.id, other.id))
    await graph.queue.run(both, "transfer", entry, bodies.TransferBody(doctor_id=other.doctors[0]))
    assert entry in (await graph.state(other)).line


async def test_nobody_is_handed_to_a_doctor_who_does_not_work(graph: Graph, clinic: Clinic, database: Database) -> None:
    (entry,) = await booked(graph, clinic)
    async with database.tenant(clinic.tenant) as tx:
        await tx.run("UPDATE doctor SET active = false WHERE doctor_id = $1", clinic.doctors[1])
    with pytest.raises(Conflict):
        await graph.queue.run(clinic.receptionist, "transfer", entry, bodies.TransferBody(doctor_id=clinic.doctors[1]))
    others = bodies.AbsentBody(doctor_ids=(clinic.doctors[1],))
    with pytest.raises(Conflict):
        await graph.queue.run(clinic.receptionist, "absent", clinic.doctors[0], others)
