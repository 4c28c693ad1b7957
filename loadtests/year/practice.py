"""Where the year happens, and how what happens is decided, folded and written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from random import Random
from uuid import uuid4

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.doctors.model import DOCTOR
from queue_server.application.schedules.model import CALENDAR
from queue_server.application.unit import Unit
from queue_server.store.db import Database
from scheduling_core.calendar import commands as calendar
from scheduling_core.calendar.decide import decide as decide_calendar
from scheduling_core.doctors import commands as doctor
from scheduling_core.doctors.decide import decide as decide_doctor
from scheduling_core.doctors.surroundings import Surroundings
from scheduling_core.errors import DomainError
from scheduling_core.ids import (
    AccountId,
    ClinicId,
    DepartmentId,
    DoctorId,
    EquipmentId,
    ExceptionId,
    LeaveId,
    OverrideId,
    RoomId,
    ScheduleId,
    SlotId,
    TenantId,
    TextId,
)
from scheduling_core.permissions import Role

ZONE = "Europe/Berlin"
REASONS = ("a burst pipe", "a course", "family", "short of staff", "moved to the annexe")


class Colleague(msgspec.Struct):
    """Whom the year is about, and what of theirs is known by id."""

    id: DoctorId
    room: RoomId
    device: EquipmentId
    schedules: tuple[ScheduleId, ...] = ()
    overrides: list[OverrideId] = []
    closures: list[ExceptionId] = []
    leaves: list[LeaveId] = []
    blocked: list[tuple[SlotId, datetime]] = []


class Practice:
    """A tenant of its own, its clinics, departments and doctors, and the day it is there."""

    def __init__(self, db: Database, *, doctors: int, days: int = 365, seed: int = 4) -> None:
        self.tenant = TenantId(uuid4())
        self.db = db
        self.chance = Random(seed)
        self.days = days
        self.first = datetime.now(UTC).date() - timedelta(days=days)
        self.now = datetime.combine(self.first, time(8), UTC)
        self.admin = Actor(tenant=self.tenant, account=AccountId(uuid4()), role=Role.ADMIN, name="Admin")
        self.clinics = (ClinicId(uuid4()), ClinicId(uuid4()))
        self.departments = (DepartmentId(uuid4()), DepartmentId(uuid4()))
        self.doctors = [Colleague(DoctorId(uuid4()), RoomId(uuid4()), EquipmentId(uuid4())) for _ in range(doctors)]

    @asynccontextmanager
    async def unit(self, command: str) -> AsyncIterator[Unit]:
        """Open a unit of the administrator's, which is written at its end."""
        async with self.db.tenant(self.tenant) as tx:
            unit = Unit(tx, self.admin, command)
            yield unit
            await unit.flush()

    async def tell(self, unit: Unit, one: Colleague, *commands: doctor.DoctorCommand) -> None:
        """Change a doctor's profile."""
        held = await unit.lock_aggregate(DOCTOR, one.id)
        for command in commands:
            held.add(*decide_doctor(held.known, command))

    async def plan(self, unit: Unit, one: Colleague, command: calendar.CalendarCommand) -> None:
        """Change a calendar, unless the rules refuse."""
        held = await unit.lock_aggregate(CALENDAR, one.id)
        try:
            held.add(*decide_calendar(held.known, command, self.now, dict.fromkeys(self.clinics, ZONE)))
        except DomainError:
            return

    async def reason(self, unit: Unit) -> TextId:
        """Keep some reason, and return its id."""
        return await unit.say(self.chance.choice(REASONS))

    def around(self) -> Surroundings:
        """Return what surrounds a doctor's profile today."""
        everywhere = frozenset(self.clinics)
        return Surroundings(
            now=self.now,
            today=self.now.date(),
            open_clinics=everywhere,
            scheduled_clinics=everywhere,
            has_slots=True,
            has_departments=True,
        )

    def often(self, share: float) -> bool:
        """Return whether something of this likelihood happens."""
        return self.chance.random() < share
