"""A clinic with doctors whose calendars tests change through the use cases, slots and bookings included."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import msgspec

from queue_server.application import decoding
from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.schedules.bodies import (
    Approval,
    NewException,
    NewLeave,
    NewOverride,
    NewSchedule,
    ScheduleChange,
    WeeklySitting,
)
from queue_server.application.schedules.calendars import Calendars
from queue_server.application.schedules.conflicts import Conflicts
from queue_server.application.schedules.leave import LeaveService
from queue_server.application.schedules.service import ScheduleService
from queue_server.application.schedules.views import ExceptionView, LeaveView, Removed, ScheduleView
from queue_server.application.slots.bodies import BookBody, BookedPatient
from queue_server.store.db import Database, Row
from scheduling_core.calendar.sources import ExceptionKind, LeaveType
from scheduling_core.ids import AccountId, ClinicId, DepartmentId, DoctorId, TenantId
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Role
from tests.factories import Clinic, in_days
from tests.graph import Graph

V = TypeVar("V")
NO_EVENT = UUID(int=0)


def sitting(weekday: int, start: str = "09:00", end: str = "12:00", **given: Any) -> WeeklySitting:
    """Return a sitting of every week in half hours."""
    usual = WeeklySitting(weekday=weekday, start=start, end=end, slot_minutes=30)
    return msgspec.structs.replace(usual, **given)


def daily(start: str = "09:00", end: str = "12:00", **given: Any) -> tuple[WeeklySitting, ...]:
    """Return the same sitting for every day of the week: whatever day it is today, there is one tomorrow."""
    return tuple(sitting(day, start, end, **given) for day in range(1, 8))


class Practice:
    """The use cases around calendars, and a look past them."""

    def __init__(self, graph: Graph, clinic: Clinic) -> None:
        self.db: Database = graph.db
        self.clinic = clinic
        self.schedules = ScheduleService(graph.db, graph.writes)
        self.leave = LeaveService(graph.db, graph.writes)
        self.calendars = Calendars(graph.db)
        self.conflicts = Conflicts(graph.db)
        self.booking = SlotBooking(graph.writes, graph.directory, graph.links, 15)
        self.admin = clinic.actor(Role.ADMIN)
        self.doctor: DoctorId = clinic.doctors[0]

    async def schedule(
        self,
        *sittings: WeeklySitting,
        doctor: DoctorId | None = None,
        clinic: ClinicId | None = None,
        actor: Actor | None = None,
        first: date | None = None,
        last: date | None = None,
        dry_run: bool = False,
        precondition: Precondition | None = None,
    ) -> ScheduleView:
        """Make a schedule, from tomorrow on unless told otherwise."""
        body = NewSchedule(
            clinic_id=clinic or self.clinic.id,
            effective_from=first or in_days(1),
            effective_until=last,
            sittings=sittings or daily(),
        )
        answer = await self.schedules.create(
            actor or self.admin,
            doctor or self.doctor,
            body,
            precondition or Precondition(),
            dry_run=dry_run,
        )
        return read(answer, ScheduleView)

    async def change(
        self,
        schedule: ScheduleView,
        *sittings: WeeklySitting,
        actor: Actor | None = None,
        last: date | None = None,
        if_match: int | None = None,
        dry_run: bool = False,
    ) -> ScheduleView:
        """Replace the sittings of a schedule."""
        body = ScheduleChange(effective_from=schedule.effective_from, effective_until=last, sittings=sittings)
        answer = await self.schedules.update(
            actor or self.admin, schedule.id, body, Precondition(if_match), dry_run=dry_run
        )
        return read(answer, ScheduleView)

    async def override(
        self, schedule: ScheduleView, day: date, *, actor: Actor | None = None, dry_run: bool = False, **given: Any
    ) -> ScheduleView:
        """Give a date other hours; none unless told."""
        body = NewOverride(date=day, **given)
        answer = await self.schedules.add_override(actor or self.admin, schedule.id, body, dry_run=dry_run)
        return read(answer, ScheduleView)

    async def close(
        self,
        schedule: ScheduleView,
        start: datetime,
        end: datetime,
        *,
        kind: ExceptionKind = ExceptionKind.EMERGENCY,
        actor: Actor | None = None,
        dry_run: bool = False,
        **given: Any,
    ) -> ExceptionView:
        """Close a stretch of time."""
        body = NewException(kind=kind, start=start, end=end, **given)
        answer = await self.schedules.add_exception(actor or self.admin, schedule.id, body, dry_run=dry_run)
        return read(answer, ExceptionView)

    async def open_again(self, exception: UUID) -> Removed:
        """Take an exception back."""
        return read(await self.schedules.remove_exception(self.admin, exception), Removed)

    async def asks(
        self, actor: Actor, first: date, last: date | None = None, *, dry_run: bool = False, **given: Any
    ) -> LeaveView:
        """Ask for leave; on the doctor's behalf unless it is a doctor who asks."""
        wanted = {"doctor_id": None if actor.doctor else self.doctor, "type": LeaveType.ANNUAL} | given
        answer = await self.leave.request(actor, NewLeave(first=first, last=last or first, **wanted), dry_run=dry_run)
        return read(answer, LeaveView)

    async def approves(
        self,
        actor: Actor,
        leave: UUID,
        *,
        dry_run: bool = False,
        reason: str | None = None,
        seen: tuple[UUID, ...] | None = None,
    ) -> LeaveView:
        """Approve leave."""
        body = Approval(reason=reason, seen=seen)
        return read(await self.leave.approve(actor, leave, body, dry_run=dry_run), LeaveView)

    async def book(self, slot: UUID, mode: Mode = Mode.IN_PERSON) -> UUID:
        """Book a slot at the desk and return the appointment."""
        key = decoding.idempotency(str(uuid4()), "POST", "/book", None, field="Idempotency-Key")
        body = BookBody(patient=BookedPatient(name="Mei Chen", phone="+44 20 7946 0001"), mode=mode)
        answer = await self.booking.book(self.clinic.receptionist, slot, body, Precondition(None, key))
        found: dict[str, Any] = msgspec.json.decode(answer.body)
        return UUID(found["appointment"]["id"])

    async def slots(self, day: date | None = None, doctor: DoctorId | None = None) -> Sequence[Row]:
        """Return the doctor's slots, of a date if one is given."""
        return await self.rows(
            "SELECT * FROM slot WHERE doctor_id = $1 AND ($2::date IS NULL OR date = $2) ORDER BY start",
            doctor or self.doctor,
            day,
        )

    async def rows(self, query: str, *arguments: object) -> Sequence[Row]:
        """Return what a query finds in the tenant."""
        async with self.db.tenant(self.clinic.tenant) as tx:
            return await tx.rows(query, *arguments)

    async def run(self, query: str, *arguments: object) -> None:
        """Write past the application."""
        async with self.db.tenant(self.clinic.tenant) as tx:
            await tx.run(query, *arguments)

    async def head(self, *doctors: DoctorId) -> Actor:
        """Return the head of a department that these doctors belong to."""
        actor, department = self.clinic.actor(Role.DEPARTMENT_HEAD), DepartmentId(uuid4())
        await self.run(
            "INSERT INTO department (tenant_id, department_id, name, clinic_ids, head_account_id, active, version,"
            " last_event_id) VALUES ($1, $2, 'Cardiology', '{}', $3, true, 1, $4)",
            self.clinic.tenant,
            department,
            actor.account,
            NO_EVENT,
        )
        for doctor in doctors:
            await self.run(
                "INSERT INTO doctor_department (tenant_id, department_id, doctor_id, last_event_id)"
                " VALUES ($1, $2, $3, $4)",
                self.clinic.tenant,
                department,
                doctor,
                NO_EVENT,
            )
        return msgspec.structs.replace(actor, name=str(department))

    async def works_at(self, doctor: DoctorId, *clinics: ClinicId, specialty: str = "cardiology") -> None:
        """Let a doctor have a profile with these clinics."""
        await self.run(
            "INSERT INTO doctor_profile (tenant_id, doctor_id, status, name, name_folded, bio, specialty_label,"
            " specialties, qualifications, languages, modes, verification, verification_critical, department_ids,"
            " clinic_ids, room, public_profile_visible, accepts_online_bookings, onboarding_progress, last_event_id)"
            " VALUES ($1, $2, 'active', 'Dr Ito', 'dr ito', '', '', $3, '[]', '{}', '{}', 'verified', false, '{}',"
            " $4, '', true, true, 100, $5)",
            self.clinic.tenant,
            doctor,
            [specialty],
            list(clinics),
            NO_EVENT,
        )
        await self.run(
            "INSERT INTO doctor_specialty (tenant_id, specialty, doctor_id, last_event_id) VALUES ($1, $2, $3, $4)",
            self.clinic.tenant,
            specialty,
            doctor,
            NO_EVENT,
        )
        for clinic in clinics:
            await self.run(
                "INSERT INTO doctor_clinic (tenant_id, clinic_id, doctor_id, last_event_id) VALUES ($1, $2, $3, $4)",
                self.clinic.tenant,
                clinic,
                doctor,
                NO_EVENT,
            )

    async def account(self, actor: Actor, name: str) -> AccountId:
        """Let an actor have an account with a name."""
        assert actor.account is not None
        assert actor.role is not None
        await self.run(
            "INSERT INTO account (tenant_id, account_id, email, name, role) VALUES ($1, $2, $3, $4, $5)",
            self.clinic.tenant,
            actor.account,
            f"{actor.account.hex}@example.org",
            name,
            actor.role.value,
        )
        return actor.account


def read(answer: Answer, kind: type[V]) -> V:
    """Return what was answered."""
    return msgspec.json.decode(answer.body, type=kind)


async def add_equipment(
    practice: Practice,
    name: str = "Ultrasound",
    *,
    clinic: ClinicId | None = None,
    tenant: TenantId | None = None,
    is_active: bool = True,
) -> UUID:
    """Add a piece of equipment, to the practice's clinic unless another is named."""
    id, owner = uuid4(), tenant or practice.clinic.tenant
    async with practice.db.tenant(owner) as tx:
        await tx.run(
            "INSERT INTO equipment (tenant_id, equipment_id, clinic_id, name, type, active, version, last_event_id)"
            " VALUES ($1, $2, $3, $4, 'ultrasound', $5, 1, gen_random_uuid())",
            owner,
            id,
            clinic or practice.clinic.id,
            name,
            is_active,
        )
    return id
