"""A year of some doctors, made by the rules themselves: every decision is decided, folded and written as by a server.

What happens is drawn at random, from a seed; what the rules refuse does not happen. Dates are those of the year that
ends today; the events are written now, because months that are over have no place for new ones.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from random import Random
from uuid import uuid4

import msgspec

from loadtests.year_plans import AFTERNOON, MORNING, KeptPlace, one_of_each, visit
from queue_server.application.actor import Actor
from queue_server.application.doctors.model import DOCTOR
from queue_server.application.resources.models import CLINIC, DEPARTMENT, EQUIPMENT, ROOM
from queue_server.application.schedules.model import CALENDAR
from queue_server.application.slots.stream import lock_slots
from queue_server.application.unit import Unit
from queue_server.store.db import Database
from scheduling_core.calendar import commands as calendar
from scheduling_core.calendar.decide import decide as decide_calendar
from scheduling_core.calendar.sources import ExceptionKind, Hours, LeaveType
from scheduling_core.calendar.state import DoctorCalendar
from scheduling_core.doctors import commands as doctor
from scheduling_core.doctors.decide import decide as decide_doctor
from scheduling_core.doctors.events import DoctorUpdated
from scheduling_core.doctors.profile import Fees, Licence, OnboardingStage, Qualification
from scheduling_core.doctors.surroundings import Surroundings
from scheduling_core.errors import DomainError
from scheduling_core.ids import (
    AccountId,
    AssignmentId,
    ClinicId,
    DepartmentId,
    DoctorId,
    EquipmentId,
    ExceptionId,
    LeaveId,
    MaintenanceId,
    OverrideId,
    QualificationId,
    RoomId,
    ScheduleId,
    SlotId,
    TenantId,
    TextId,
    slot_id,
)
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.permissions import Role
from scheduling_core.resources import clinics, departments, equipment, maintenance, rooms
from scheduling_core.slots import events as slots

ZONE = "Europe/Berlin"
REASONS = ("a burst pipe", "a course", "family", "short of staff", "moved to the annexe")
SPECIALTIES = ("general_practice", "paediatrics", "cardiology", "dermatology")

Step = Callable[[], None]


class _Doctor(msgspec.Struct):
    """Whom the year is about, and what of theirs is known by id."""

    id: DoctorId
    room: RoomId
    device: EquipmentId
    schedules: tuple[ScheduleId, ...] = ()
    overrides: list[OverrideId] = []
    closures: list[ExceptionId] = []
    leaves: list[LeaveId] = []
    blocked: list[tuple[SlotId, datetime]] = []


class Year:
    """Plays a year in a new tenant."""

    def __init__(self, db: Database, *, doctors: int, days: int = 365, seed: int = 4) -> None:
        self.tenant = TenantId(uuid4())
        self._db = db
        self._chance = Random(seed)
        self._count = doctors
        self._days = days
        self._first = datetime.now(UTC).date() - timedelta(days=days)
        self._now = datetime.combine(self._first, time(8), UTC)
        self._admin = Actor(tenant=self.tenant, account=AccountId(uuid4()), role=Role.ADMIN, name="Admin")
        self._clinics = (ClinicId(uuid4()), ClinicId(uuid4()))
        self._departments = (DepartmentId(uuid4()), DepartmentId(uuid4()))
        self._doctors = [_Doctor(DoctorId(uuid4()), RoomId(uuid4()), EquipmentId(uuid4())) for _ in range(doctors)]

    async def play(self, step: Step = lambda: None) -> None:
        """Let the year happen; `step` is called after each day of a doctor."""
        async with self._db.tenant(self.tenant) as tx:
            await tx.run("INSERT INTO tenant (tenant_id, name) VALUES ($1, 'A year')", self.tenant)
        await self._open_house()
        for one in self._doctors:
            await self._join(one)
            await self._furnish(one)
        for day in range(self._days):
            self._now = datetime.combine(self._first + timedelta(days=day), time(8), UTC)
            for one in self._doctors:
                await self._day(one)
                step()
        for one in self._doctors:
            await self._leave_off(one)

    # ---- the house -----------------------------------------------------------------------------------------------

    async def _open_house(self) -> None:
        for number, id in enumerate((*self._clinics, ClinicId(uuid4()))):
            async with self._unit("create-clinic") as unit:
                place = await unit.lock_aggregate(CLINIC, id)
                words = [await unit.say(f"Clinic {number}"), await unit.say(f"{number} River Street")]
                made = clinics.CreateClinic(
                    clinic=id,
                    slug=f"clinic-{number}",
                    name=words[0],
                    timezone=ZONE,
                    address=words[1],
                    caps=clinics.Caps(per_day=400),
                    policy=QueuePolicy(),
                    holidays=clinics.HolidayCalendar(country="DE", region="BE"),
                )
                place.add(*clinics.decide(place.known, made))
            async with self._unit("change-clinic") as unit:
                place = await unit.lock_aggregate(CLINIC, id)
                closed = clinics.ClosedDay(date=self._first + timedelta(days=40), name=await unit.say("Founders' Day"))
                for change in (
                    clinics.UpdateClinic(caps=clinics.Caps(per_day=500, per_window=60)),
                    clinics.SetQueuePolicy(policy=QueuePolicy(grace_minutes=10)),
                    clinics.SetClinicDays(closed=(closed,), opened=(self._first + timedelta(days=41),)),
                    *((clinics.DeleteClinic(),) if id not in self._clinics else ()),
                ):
                    place.add(*clinics.decide(place.known, change))
        for number, department in enumerate(self._departments):
            async with self._unit("create-department") as unit:
                held = await unit.lock_aggregate(DEPARTMENT, department)
                name = await unit.say(f"Department {number}")
                new = departments.CreateDepartment(department=department, name=name, clinics=self._clinics, head=None)
                held.add(*departments.decide(held.known, new))
                change_head = departments.UpdateDepartment(head=AccountId(uuid4()))
                held.add(*departments.decide(held.known, change_head))

    async def _furnish(self, one: _Doctor) -> None:
        """A room and a device: planned, given away, out of order, and in the end some of them retired."""
        until = self._first + timedelta(days=self._days // 2)
        out = maintenance.PlanMaintenance(
            maintenance=MaintenanceId(uuid4()),
            start=self._now + timedelta(days=30),
            end=self._now + timedelta(days=31),
        )
        async with self._unit("furnish") as unit:
            names = [await unit.say(name) for name in ("Room", "Green room", "Ultrasound", "Ultrasound 2")]
            assignment = AssignmentId(uuid4())
            for command in (
                rooms.CreateRoom(
                    room=one.room, clinic=self._clinics[0], name=names[0], kind=rooms.RoomType.CONSULTATION
                ),
                rooms.UpdateRoom(name=names[1]),
                rooms.AssignRoom(assignment=assignment, doctor=one.id, first=self._first, last=None, today=self._first),
                out,
                maintenance.FinishMaintenance(maintenance=out.maintenance),
                rooms.EndRoomAssignment(assignment=assignment, today=until),
                rooms.AssignRoom(assignment=AssignmentId(uuid4()), doctor=one.id, first=until, last=None, today=until),
                *((rooms.RetireRoom(),) if one is self._doctors[-1] else ()),
            ):
                room = await unit.lock_aggregate(ROOM, one.room)
                room.add(*rooms.decide(room.known, command, self._now))
        async with self._unit("furnish") as unit:
            for device_command in (
                equipment.CreateEquipment(
                    equipment=one.device,
                    clinic=self._clinics[0],
                    name=names[2],
                    kind=equipment.EquipmentType.ULTRASOUND,
                ),
                equipment.UpdateEquipment(name=names[3]),
                equipment.AssignEquipment(assignment=AssignmentId(uuid4()), room=one.room),
                out,
                maintenance.FinishMaintenance(maintenance=out.maintenance),
                *((equipment.RetireEquipment(),) if one is self._doctors[-1] else ()),
            ):
                device = await unit.lock_aggregate(EQUIPMENT, one.device)
                device.add(*equipment.decide(device.known, device_command, self._now))

    # ---- doctors -------------------------------------------------------------------------------------------------

    async def _join(self, one: _Doctor) -> None:
        number = self._doctors.index(one)
        around = self._around()
        async with self._unit("create-doctor") as unit:
            words = [
                await unit.say(word) for word in (f"Dr No. {number}", "Sees patients.", "MD", "Charité", f"L-{number}")
            ]
            degree = Qualification(id=QualificationId(uuid4()), title=words[2], institution=words[3], year=2004)
            other = Qualification(id=QualificationId(uuid4()), title=words[2])
            await self._tell(unit, one, doctor.CreateDoctor(doctor=one.id, name=words[0], by=self._admin.account))
            await self._tell(
                unit,
                one,
                doctor.UpdateDoctor(
                    change=DoctorUpdated(
                        bio=words[1], languages=("en", "de"), licence=Licence(number=words[4], authority=words[3])
                    ),
                    specialties=SPECIALTIES[:2],
                    qualifications=(degree, other),
                ),
                doctor.AssignDepartment(department=self._departments[0]),
                doctor.AssignDepartment(department=self._departments[1]),
                doctor.AssignClinic(clinic=self._clinics[0], ticket_prefix=_letters(number)),
                doctor.AssignClinic(clinic=self._clinics[1], ticket_prefix=_letters(number)),
                doctor.SetFees(fees=Fees(currency="EUR", consultation=4_000, follow_up=2_500)),
                doctor.RecordVerification(is_verified=True, note=await unit.say("seen in the register")),
            )
        async with self._unit("onboard") as unit:
            for stage in OnboardingStage:
                command = doctor.CompleteStage(stage=stage, by=self._admin.account, around=around)
                await self._tell(unit, one, command)
        one.schedules = (ScheduleId(uuid4()), ScheduleId(uuid4()))
        for schedule, clinic, weekdays in zip(one.schedules, self._clinics, ((1, 2, 3), (4, 5)), strict=True):
            week = tuple(calendar.Sitting(day, hours) for day in weekdays for hours in (MORNING, AFTERNOON))
            async with self._unit("create-schedule") as unit:
                await self._plan(
                    unit,
                    one,
                    calendar.CreateSchedule(
                        doctor=one.id,
                        schedule=schedule,
                        clinic=clinic,
                        effective_from=self._first,
                        effective_until=None,
                        sittings=week,
                    ),
                )

        await self._one_of_each(one)

    async def _one_of_each(self, one: _Doctor) -> None:
        """Whatever else the year brings, each kind of thing happens to each calendar and its slots once."""
        async with self._unit("one-of-each") as unit:
            reason, zones = await self._reason(unit), dict.fromkeys(self._clinics, ZONE)
            held = await unit.lock_aggregate(CALENDAR, one.id)
            for command in one_of_each(one.id, one.schedules, self._first, by=self._admin.account, reason=reason):
                held.add(*decide_calendar(held.known, command, self._now, zones))
        async with self._unit("one-of-each") as unit:
            stream = await lock_slots(unit.tx, one.id)
            slot = slot_id(one.id, self._clinics[0], self._now)
            blocked = slots.SlotBlocked(doctor=one.id, slot=slot, start=self._now, reason=await self._reason(unit))
            unblocked = slots.SlotUnblocked(doctor=one.id, slot=slot, start=self._now)
            kept = KeptPlace(one.id, self._clinics[0], slot, self._now)
            visits = [event for luck in (0.0, 0.1, 0.2, 1.0) for event in visit(kept, self._now, luck)]
            await stream.append(blocked, unblocked, *visits, command="one-of-each", actor=self._admin)

    async def _leave_off(self, one: _Doctor) -> None:
        """The year is over: one schedule ends, its clinic is given up, something of the profile changes."""
        async with self._unit("end-schedule") as unit:
            await self._plan(unit, one, calendar.EndSchedule(doctor=one.id, schedule=one.schedules[1]))
        async with self._unit("change-doctor") as unit:
            profile = (await unit.lock_aggregate(DOCTOR, one.id)).state
            await self._tell(
                unit,
                one,
                doctor.UnassignClinic(
                    clinic=self._clinics[1], ticket_prefix=None, has_schedule=False, has_appointments=False
                ),
                doctor.UnassignDepartment(department=self._departments[1]),
                doctor.UpdateDoctor(
                    change=DoctorUpdated(accepts_online_bookings=False),
                    specialties=(*SPECIALTIES[1:2], self._chance.choice(SPECIALTIES[2:])),
                    qualifications=profile.qualifications[:1],
                ),
                doctor.DeactivateDoctor(reason=await self._reason(unit)),
                doctor.ActivateDoctor(by=self._admin.account, around=self._around()),
            )

    # ---- a day ---------------------------------------------------------------------------------------------------

    async def _day(self, one: _Doctor) -> None:
        async with self._unit("day") as unit:
            if self._often(0.25):
                await self._plan(unit, one, await self._something(unit, one))
            if self._often(0.01):
                fees = Fees(currency="EUR", consultation=100 * self._chance.randint(30, 90))
                await self._tell(unit, one, doctor.SetFees(fees=fees))
            # Slots come last: their stream is locked after the calendar's.
            stream = await lock_slots(unit.tx, one.id)
            await stream.append(*self._slots(one), command="day", actor=self._admin)

    async def _something(self, unit: Unit, one: _Doctor) -> calendar.CalendarCommand:
        """Return something that somebody may ask of a calendar today; not all of it is allowed."""
        ahead = self._now.date() + timedelta(days=self._chance.randint(1, 80))
        reason = await self._reason(unit)
        known = (await unit.lock_aggregate(CALENDAR, one.id)).known
        match self._chance.randrange(8):
            case 0 | 1:
                given = () if self._often(0.3) else (Hours(start=600, end=780, slot_minutes=15),)
                one.overrides.append(OverrideId(uuid4()))
                return calendar.AddOverride(
                    doctor=one.id,
                    override=one.overrides[-1],
                    schedule=self._chance.choice(one.schedules),
                    date=ahead,
                    hours=given,
                    reason=reason,
                )
            case 2 if one.overrides:
                return calendar.RemoveOverride(doctor=one.id, override=one.overrides.pop())
            case 3:
                start = datetime.combine(ahead, time(9), UTC)
                one.closures.append(ExceptionId(uuid4()))
                return calendar.AddException(
                    doctor=one.id,
                    exception=one.closures[-1],
                    kind=self._chance.choice(list(ExceptionKind)),
                    clinic=self._chance.choice((None, *self._clinics)),
                    start=start,
                    end=start + timedelta(hours=self._chance.randint(1, 30)),
                    reason=reason,
                )
            case 4 if one.closures:
                return calendar.RemoveException(doctor=one.id, exception=one.closures.pop())
            case 5 if known is not None and one.leaves:
                return self._decided(one, known, reason)
            case 6 if self._often(0.2):
                week = (calendar.Sitting(4, MORNING), calendar.Sitting(5, AFTERNOON))
                return calendar.UpdateSchedule(
                    doctor=one.id,
                    schedule=one.schedules[1],
                    effective_from=self._first,
                    effective_until=None,
                    sittings=week[: self._chance.randint(1, 2)],
                )
            case _:
                one.leaves.append(LeaveId(uuid4()))
                return calendar.RequestLeave(
                    doctor=one.id,
                    leave=one.leaves[-1],
                    kind=self._chance.choice(list(LeaveType)),
                    first=ahead,
                    last=ahead + timedelta(days=self._chance.randint(0, 9)),
                    by=AccountId(uuid4()),
                    reason=reason,
                )

    def _decided(self, one: _Doctor, known: DoctorCalendar, reason: TextId) -> calendar.CalendarCommand:
        leave, by = self._chance.choice(one.leaves), self._admin.account
        match self._chance.randrange(4):
            case 0:
                return calendar.RejectLeave(doctor=known.doctor, leave=leave, by=by, reason=reason)
            case 1:
                return calendar.CancelLeave(doctor=known.doctor, leave=leave, by=by, reason=reason)
            case _:
                return calendar.ApproveLeave(doctor=known.doctor, leave=leave, by=by)

    def _slots(self, one: _Doctor) -> Sequence[slots.SlotEvent]:
        """Return what happens to a doctor's slots in a day: the horizon moves on, some are held, booked, blocked."""
        today, of = self._now.date(), one.id
        found: list[slots.SlotEvent] = [
            slots.SlotsGenerated(
                doctor=of, first=today, last=today + timedelta(days=89), added=18, removed=0, kept=1_500
            )
        ]
        for number in range(self._chance.randint(4, 12)):
            start = self._now + timedelta(days=self._chance.randint(1, 60), minutes=20 * number)
            slot = slot_id(one.id, self._clinics[0], start)
            found += visit(KeptPlace(of, self._clinics[0], slot, start), self._now, self._chance.random())
            if self._often(0.05):
                found.append(slots.SlotBlocked(doctor=of, slot=slot, start=start))
                one.blocked.append((slot, start))
            if one.blocked and self._often(0.05):
                blocked, at = one.blocked.pop()
                found.append(slots.SlotUnblocked(doctor=of, slot=blocked, start=at))
        return found

    # ---- how it is written ---------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _unit(self, command: str) -> AsyncIterator[Unit]:
        async with self._db.tenant(self.tenant) as tx:
            unit = Unit(tx, self._admin, command)
            yield unit
            await unit.flush()

    async def _tell(self, unit: Unit, one: _Doctor, *commands: doctor.DoctorCommand) -> None:
        held = await unit.lock_aggregate(DOCTOR, one.id)
        for command in commands:
            held.add(*decide_doctor(held.known, command))

    async def _plan(self, unit: Unit, one: _Doctor, command: calendar.CalendarCommand) -> None:
        """Change a calendar, unless the rules refuse."""
        held = await unit.lock_aggregate(CALENDAR, one.id)
        try:
            held.add(*decide_calendar(held.known, command, self._now, dict.fromkeys(self._clinics, ZONE)))
        except DomainError:
            return

    async def _reason(self, unit: Unit) -> TextId:
        return await unit.say(self._chance.choice(REASONS))

    def _around(self) -> Surroundings:
        everywhere = frozenset(self._clinics)
        return Surroundings(
            now=self._now,
            today=self._now.date(),
            open_clinics=everywhere,
            scheduled_clinics=everywhere,
            has_slots=True,
            has_departments=True,
        )

    def _often(self, share: float) -> bool:
        return self._chance.random() < share


def _letters(number: int) -> str:
    return chr(ord("A") + number // 26 % 26) + chr(ord("A") + number % 26)
