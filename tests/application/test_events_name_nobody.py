"""Events hold ids, enums, numbers and instants: whatever people type is searched for in them, and never found."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from queue_server.application import desk_bodies as bodies
from queue_server.application.doctors.bodies import (
    DeactivateBody,
    DraftDoctor,
    LicenceBody,
    QualificationBody,
    VerificationBody,
    VerificationResult,
)
from queue_server.application.enrolment import Enrolment, Visit
from queue_server.application.resources.bodies import ClinicDaysBody, ClosedDayBody, NewDepartment, NewMaintenance
from queue_server.application.schedules.bodies import NewLeave
from queue_server.application.schedules.views import LeaveView
from queue_server.store.db import Database
from scheduling_core.calendar.sources import LeaveType
from scheduling_core.ids import DoctorId, EntryId, PatientId
from scheduling_core.live_queue.state import Priority
from scheduling_core.permissions import Role
from tests.application.doctors.house import House as DoctorsHouse
from tests.application.resources.house import House as ResourcesHouse
from tests.application.schedules.practice import Practice, read
from tests.factories import Clinic, at, from_now, in_days, today
from tests.graph import Graph

VERIFIED = VerificationResult.VERIFIED

NAME, PHONE, EMAIL = "Canary Quetzal", "+44 20 7946 0999", "canary@quetzal.example"
REASON, MESSAGE = "canary reason: faint in the hall", "canary message: the lift is stuck"


async def test_a_day_leaves_no_word_of_anybody_in_its_events(graph: Graph, clinic: Clinic) -> None:
    person = bodies.PatientBody(name=NAME, phone=PHONE, email=EMAIL)
    visits = [
        Visit(
            id=EntryId(uuid4()),
            doctor=clinic.doctors[0],
            date=today(),
            start=start,
            patient_id=PatientId(uuid4()),
            patient=person,
        )
        for start in from_now(3, minutes=1)
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
    for canary in ("canary", "quetzal", "20 7946", "7946 0999", "79460999", "faint", "lift"):
        assert canary not in everything
        assert all(canary.encode() not in (row["state"] or b"") for row in states)
    # They are kept, just apart: where they can be erased.
    assert {row["body"] for row in words} == {REASON, MESSAGE}


async def test_doctors_leave_and_rooms_leave_no_word_of_anybody_in_their_events(
    database: Database, graph: Graph, clinic: Clinic
) -> None:
    doctors, practice, house = (
        DoctorsHouse(database, graph, clinic),
        Practice(graph, clinic),
        ResourcesHouse(graph, clinic),
    )
    admin = clinic.actor(Role.ADMIN)
    draft = DraftDoctor(
        name=NAME,
        bio="Canary who looks after hearts.",
        specialty_label="Canary medicine",
        specialties=("cardiology",),
        qualifications=(QualificationBody(title="Canary diploma", institution="Quetzal College", year=2004),),
        languages=("en",),
        licence=LicenceBody(number="CANARY-7301852", authority="Quetzal Council"),
        room="Canary room",
        clinic_ids=(clinic.id,),
    )
    made = await doctors.create(draft)
    doctor = DoctorId(made.id)
    await doctors.doctors.record_verification(admin, doctor, VerificationBody(result=VERIFIED, note=REASON))
    await doctors.doctors.deactivate(admin, doctor, DeactivateBody(reason=REASON))
    schedule = await practice.schedule(doctor=doctor)
    await practice.override(schedule, in_days(3), reason=REASON)
    await practice.close(schedule, at(in_days(4), 9), at(in_days(4), 12), reason=MESSAGE)
    asked = NewLeave(doctor_id=doctor, type=LeaveType.SICK, first=in_days(9), last=in_days(9), reason=REASON)
    leave = read(await practice.leave.request(clinic.actor(Role.ADMIN), asked), LeaveView)
    await practice.approves(admin, leave.id, reason=MESSAGE)
    room = await house.room(name="Canary room")
    start = datetime.now(UTC) + timedelta(days=1)
    broken = NewMaintenance(start=start, end=start + timedelta(hours=1), reason=REASON)
    await house.rooms.plan_maintenance(admin, room.id, broken)
    await house.device(name="Quetzal scanner")
    await house.departments.create(admin, NewDepartment(name="Canary department"))
    await house.days.set_days(
        admin, clinic.id, ClinicDaysBody(closed=(ClosedDayBody(date=in_days(20), name="Canary day"),))
    )

    async with graph.db.tenant(clinic.tenant) as tx:
        rows = await tx.rows("SELECT e::text AS whole FROM event_store e WHERE tenant_id = $1", clinic.tenant)
        states = await tx.rows("SELECT kind, state FROM stream WHERE tenant_id = $1", clinic.tenant)
    everything = "\n".join(row["whole"] for row in rows).casefold()
    kinds = {row["kind"] for row in states}
    assert kinds >= {"doctor", "calendar", "slots", "room", "equipment", "department", "clinic"}
    for canary in ("canary", "quetzal", "7301852", "faint", "lift", "scanner", "hearts"):
        assert canary not in everything
        assert all(canary.encode() not in (row["state"] or b"").lower() for row in states)
