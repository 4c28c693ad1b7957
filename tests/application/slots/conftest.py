"""A doctor with a week of sittings, and what tests of slots ask of one."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application.actor import system
from queue_server.application.schedules.model import CALENDAR
from queue_server.application.slots.generation import Regenerated, regenerate
from queue_server.application.slots.stream import SLOTS_MODEL
from queue_server.application.unit import Unit, WritePath
from queue_server.store import event_store
from queue_server.store.db import Database, Row
from scheduling_core.calendar.events import ScheduleCreated
from scheduling_core.calendar.sources import (
    Closure,
    ExceptionKind,
    Hours,
    Leave,
    LeaveStatus,
    LeaveType,
    Schedule,
    Sources,
)
from scheduling_core.ids import DoctorId, ExceptionId, LeaveId, ScheduleId
from tests.factories import Clinic
from tests.graph import Published


def hours(start: int = 9, end: int = 12, **more: Any) -> Hours:
    """Return a sitting in half hours."""
    return Hours(**({"start": start * 60, "end": end * 60, "slot_minutes": 30} | more))


class Practice:
    """One doctor with the same sittings each day, on real tables; `sources` may be replaced."""

    def __init__(self, db: Database, clinic: Clinic, *sittings: Hours) -> None:
        self.db = db
        self.clinic = clinic
        self.doctor: DoctorId = clinic.doctors[0]
        self.schedule = ScheduleId(uuid4())
        self.sources = Sources(zones={clinic.id: clinic.timezone})
        self.sits(*(sittings or (hours(),)))

    def sits(self, *sittings: Hours) -> None:
        """Give the doctor other sittings."""
        schedule = Schedule(
            id=self.schedule, clinic=self.clinic.id, effective_from=date(2020, 1, 1), week=(sittings,) * 7
        )
        self.sources = msgspec.structs.replace(self.sources, schedules=(schedule,))

    def takes_leave(self, first: date, last: date) -> Leave:
        """Let leave be approved."""
        leave = Leave(
            id=LeaveId(uuid4()),
            type=LeaveType.ANNUAL,
            first=first,
            last=last,
            status=LeaveStatus.APPROVED,
            requested_by=None,
            requested_at=datetime.now(UTC),
        )
        self.sources = msgspec.structs.replace(self.sources, leaves=(leave,))
        return leave

    def is_closed(self, start: datetime, end: datetime, kind: ExceptionKind = ExceptionKind.EMERGENCY) -> Closure:
        """Close a stretch of time."""
        closure = Closure(id=ExceptionId(uuid4()), kind=kind, clinic=None, start=start, end=end)
        self.sources = msgspec.structs.replace(self.sources, closures=(closure,))
        return closure

    def is_back(self) -> None:
        """End leave and closures."""
        self.sources = msgspec.structs.replace(self.sources, leaves=(), closures=())

    async def keeps_calendar(self) -> None:
        """Let the doctor's calendar on the write path be what the sources here say, without generating anything."""
        (schedule,) = self.sources.schedules

        async def work(unit: Unit) -> tuple[object, int | None]:
            target = await unit.lock_aggregate(CALENDAR, self.doctor)
            target.add(
                ScheduleCreated(
                    doctor=self.doctor,
                    schedule=schedule.id,
                    clinic=schedule.clinic,
                    effective_from=schedule.effective_from,
                    week=schedule.week,
                )
            )
            return None, None

        await WritePath(self.db, Published()).run(system(self.clinic.tenant), "create-schedule", work)

    async def regenerate(self, first: date, last: date) -> Regenerated:
        """Generate as a change of the calendar does."""
        async with self.db.tenant(self.clinic.tenant) as tx:
            return await regenerate(tx, self.doctor, self.sources, first, last)

    async def takes_patients(self) -> None:
        """Let patients book the doctor, whatever that asks of a doctor otherwise."""
        async with self.db.tenant(self.clinic.tenant) as tx:
            await tx.run(
                "INSERT INTO doctor_bookability AS b (tenant_id, doctor_id, score, is_bookable, can_show_in_search,"
                " can_patient_book, can_receptionist_book, failing, checked_at)"
                " VALUES ($1, $2, 100, true, true, true, true, '{}', now())"
                " ON CONFLICT (tenant_id, doctor_id) DO UPDATE SET can_patient_book = true",
                tx.tenant,
                self.doctor,
            )

    async def slots(self) -> Sequence[Row]:
        """Return all slots of the doctor, by time."""
        return await self.rows("SELECT * FROM slot WHERE doctor_id = $1 ORDER BY start", self.doctor)

    async def slot(self, start: datetime) -> Row:
        """Return the slot that starts then."""
        (found,) = await self.rows("SELECT * FROM slot WHERE doctor_id = $1 AND start = $2", self.doctor, start)
        return found

    async def conflicts(self) -> Sequence[Row]:
        """Return the doctor's conflicts, by time."""
        return await self.rows("SELECT * FROM slot_conflict WHERE doctor_id = $1 ORDER BY start", self.doctor)

    async def events(self) -> Sequence[Row]:
        """Return what happened to the doctor's slots, in order."""
        async with self.db.tenant(self.clinic.tenant) as tx:
            return await event_store.all_events(tx, SLOTS_MODEL.stream(tx.tenant, self.doctor))

    async def rows(self, query: str, *arguments: object) -> Sequence[Row]:
        """Return what a query finds in the tenant."""
        async with self.db.tenant(self.clinic.tenant) as tx:
            return await tx.rows(query, *arguments)

    async def books(self, start: datetime, *, slot: UUID | None = None, minutes: int = 30) -> UUID:
        """Put an appointment, and its place in the queue, into the tables; into the slot if one is named."""
        appointment, patient, day = uuid4(), uuid4(), start.date()
        async with self.db.tenant(self.clinic.tenant) as tx:
            await tx.run(
                "INSERT INTO patient (tenant_id, patient_id, name, name_folded)"
                " VALUES ($1, $2, 'Mei Chen', 'mei chen')",
                tx.tenant,
                patient,
            )
            await tx.run(
                "INSERT INTO appointment (tenant_id, appointment_id, clinic_id, doctor_id, patient_id, date, start,"
                " duration_minutes, visit_type, booked_at, source, slot_id)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'consultation', now(), 'booking', $9)",
                tx.tenant,
                appointment,
                self.clinic.id,
                self.doctor,
                patient,
                day,
                start,
                minutes,
                slot,
            )
            await tx.run(
                "INSERT INTO queue_entry (tenant_id, entry_id, doctor_id, date, ticket, state, triage, start, late,"
                " walk_in, pinned, skips, overtakes, version, last_event_id)"
                " VALUES ($1, $2, $3, $4, 'G1', 'expected', 4, $5, false, false, false, 0, 0, 1, $2)",
                tx.tenant,
                appointment,
                self.doctor,
                day,
                start,
            )
            if slot is not None:
                await tx.run(
                    "UPDATE slot SET taken = taken + 1, in_person_taken = in_person_taken + 1 WHERE slot_id = $1", slot
                )
        return appointment


@pytest.fixture
def practice(database: Database, clinic: Clinic) -> Practice:
    """A doctor who sits from nine to twelve each day, in half hours."""
    return Practice(database, clinic)
