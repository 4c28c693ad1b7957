"""The doctors' side of the application on the test database, and what a doctor needs to be bookable."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.doctors import bodies
from queue_server.application.doctors.adoption import Adoption
from queue_server.application.doctors.bookability import refresh
from queue_server.application.doctors.model import DOCTOR
from queue_server.application.doctors.reading import DoctorReading
from queue_server.application.doctors.service import DoctorService
from queue_server.application.doctors.views import BookabilityView, DoctorDetail, OnboardingView
from queue_server.store.db import Database
from scheduling_core.doctors.bookability import Bookability
from scheduling_core.doctors.onboarding import STAGES
from scheduling_core.ids import DoctorId, StreamId
from scheduling_core.permissions import Role
from tests.factories import Clinic
from tests.graph import Graph

LICENCE = bodies.LicenceBody(number="GMC 7301852", authority="General Medical Council")
WHOLE = bodies.DraftDoctor(
    name="Dr Asha Rao",
    bio="Looks after hearts.",
    specialties=("cardiology",),
    qualifications=(bodies.QualificationBody(title="MD", institution="University of Leeds", year=2004),),
    languages=("en", "hi"),
    licence=LICENCE,
    fees=bodies.FeesBody(currency="EUR", consultation=8000),
    room="Room 7",
)
"""Everything an admin can enter at once, but clinics and departments."""


class House:
    """Adds and changes doctors as an admin of one clinic's tenant."""

    def __init__(self, db: Database, graph: Graph, clinic: Clinic) -> None:
        self.db = db
        self.clinic = clinic
        self.directory = graph.directory
        self.adoption = Adoption(db, graph.writes)
        self.doctors = DoctorService(graph.writes, self.adoption, graph.directory.forget)
        self.reading = DoctorReading(db, graph.directory, self.adoption)
        self.admin = clinic.actor(Role.ADMIN)

    async def create(self, draft: bodies.DraftDoctor | None = None, *, actor: Actor | None = None) -> DoctorDetail:
        """Begin a profile; without a draft a whole one, at the clinic."""
        if draft is None:
            draft = msgspec.structs.replace(WHOLE, clinic_ids=(self.clinic.id,))
        return detail(await self.doctors.create(actor or self.admin, draft))

    async def update(self, doctor: UUID, *, if_match: int | None = None, **change: Any) -> DoctorDetail:
        """Change a profile."""
        body = bodies.DoctorChange(**change)
        return detail(await self.doctors.update(self.admin, doctor, body, Precondition(if_match)))

    async def onboarding(self, doctor: UUID) -> OnboardingView:
        """Return a doctor's onboarding."""
        return await self.reading.onboarding(self.admin, doctor)

    async def complete(self, doctor: UUID, stage: str, *, note: str | None = None) -> OnboardingView:
        """Complete a stage."""
        body = bodies.CompleteStageBody(note=note)
        answer = await self.doctors.complete_stage(self.admin, doctor, stage, body)
        return msgspec.json.decode(answer.body, type=OnboardingView)

    async def verify(self, doctor: UUID, result: str = "verified", *, critical: bool = False) -> DoctorDetail:
        """Record what came out of looking the licence up."""
        body = bodies.VerificationBody(result=bodies.VerificationResult(result), critical=critical)
        return detail(await self.doctors.record_verification(self.admin, doctor, body))

    async def active(self) -> DoctorDetail:
        """Return a doctor who went through all of onboarding and can be booked."""
        made = await self.create()
        await self.add_schedule(made.id)
        await self.verify(made.id)
        for stage in STAGES:
            await self.complete(made.id, stage)
        await self.add_slot(made.id)
        await self.refresh(made.id)
        return await self.reading.get(self.admin, made.id)

    async def bookability(self, doctor: UUID) -> BookabilityView:
        """Return whether a doctor can be booked, looked up now."""
        return await self.reading.bookability(self.admin, doctor)

    async def kept(self, doctor: UUID) -> dict[str, Any]:
        """Return bookability as its row has it."""
        async with self.db.tenant(self.clinic.tenant) as tx:
            row = await tx.row("SELECT * FROM doctor_bookability WHERE doctor_id = $1", doctor)
        assert row is not None
        return dict(row)

    async def refresh(self, doctor: UUID) -> Bookability | None:
        """Judge as others do after they have changed calendar or slots."""
        async with self.db.tenant(self.clinic.tenant) as tx:
            return await refresh(tx, DoctorId(doctor))

    async def rows(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        """Return rows of the tenant."""
        async with self.db.tenant(self.clinic.tenant) as tx:
            return [dict(row) for row in await tx.rows(query, *arguments)]

    async def events(self, doctor: UUID) -> list[dict[str, Any]]:
        """Return a doctor's events as they are kept, in order."""
        stream: StreamId = DOCTOR.stream(self.clinic.tenant, doctor)
        return await self.rows(
            "SELECT type, data, by_system, actor_id FROM event_store WHERE stream_id = $1 ORDER BY version, ordinal",
            stream,
        )

    # ---- what other contexts keep; written past them, for only its facts count here ---------------------------------

    async def add_schedule(self, doctor: UUID, **columns: object) -> UUID:
        """Let a weekly schedule be in effect: a sitting each Monday."""
        schedule = uuid4()
        week = [[{"start": 540, "end": 720, "slot_minutes": 30, "room": None}], [], [], [], [], [], []]
        await self.insert(
            "doctor_schedule",
            {
                "schedule_id": schedule,
                "doctor_id": doctor,
                "clinic_id": self.clinic.id,
                "effective_from": datetime.now(UTC).date() - timedelta(days=1),
                "effective_until": None,
                "ended": False,
                "week": week,
                "version": 1,
                **columns,
            },
        )
        return schedule

    async def add_slot(self, doctor: UUID, *, start: datetime | None = None, **columns: object) -> UUID:
        """Let there be a slot; tomorrow unless `start` says otherwise."""
        slot, begins = uuid4(), start or datetime.now(UTC) + timedelta(days=1)
        await self.insert(
            "slot",
            {
                "slot_id": slot,
                "doctor_id": doctor,
                "clinic_id": self.clinic.id,
                "schedule_id": uuid4(),
                "start": begins,
                "end": begins + timedelta(minutes=15),
                "date": begins.date(),
                "version": 1,
                "part_of_day": 0,
                "in_person": 1,
                "tele": 0,
                "total": 1,
                "taken": 0,
                "in_person_taken": 0,
                "tele_taken": 0,
                "blocked": False,
                "by_hand": False,
                **columns,
            },
            projected=False,
        )
        return slot

    async def add_block(self, doctor: UUID, start: datetime, end: datetime, *, clinic: UUID | None = None) -> None:
        """Let there be a forced block."""
        await self.insert(
            "schedule_exception",
            {
                "exception_id": uuid4(),
                "doctor_id": doctor,
                "clinic_id": clinic,
                "kind": "forced_block",
                "starts_at": start,
                "ends_at": end,
                "reason": None,
            },
        )

    async def add_department(self, *, active: bool = True) -> UUID:
        """Let there be a department."""
        department = uuid4()
        await self.insert(
            "department",
            {
                "department_id": department,
                "name": "Cardiology",
                "clinic_ids": [],
                "head_account_id": None,
                "active": active,
                "version": 1,
            },
        )
        return department

    async def add_room(self, clinic: UUID, *, doctor: UUID | None = None) -> UUID:
        """Let there be a room at a clinic, a doctor's if one is given."""
        room = uuid4()
        await self.insert(
            "room",
            {"room_id": room, "clinic_id": clinic, "name": "7", "type": "consultation", "active": True, "version": 1},
        )
        if doctor is not None:
            await self.insert(
                "room_assignment",
                {
                    "assignment_id": uuid4(),
                    "room_id": room,
                    "doctor_id": doctor,
                    "first_date": datetime.now(UTC).date(),
                    "last_date": None,
                },
            )
        return room

    async def insert(self, table: str, columns: dict[str, object], *, projected: bool = True) -> None:
        """Write a row of the tenant, as projections do."""
        whole = {"tenant_id": self.clinic.tenant, **columns, **({"last_event_id": uuid4()} if projected else {})}
        names = ", ".join(f'"{name}"' for name in whole)
        async with self.db.tenant(self.clinic.tenant) as tx:
            await tx.run(
                f"INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_record(NULL::{table}, $1::json)",
                msgspec.json.encode(whole).decode(),
            )


def detail(answer: Answer) -> DoctorDetail:
    """Return the doctor that a command answered with."""
    return msgspec.json.decode(answer.body, type=DoctorDetail)
