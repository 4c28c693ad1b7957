"""How a doctor comes, and leaves off."""

from uuid import uuid4

from loadtests.year.plans import AFTERNOON, MORNING, KeptPlace, one_of_each, visit
from loadtests.year.practice import ZONE, Colleague, Practice
from queue_server.application.doctors.model import DOCTOR
from queue_server.application.schedules.model import CALENDAR
from queue_server.application.slots.stream import lock_slots
from scheduling_core.calendar import commands as calendar
from scheduling_core.calendar.decide import decide as decide_calendar
from scheduling_core.doctors import commands as doctor
from scheduling_core.doctors.events import DoctorUpdated
from scheduling_core.doctors.profile import Fees, Licence, OnboardingStage, Qualification
from scheduling_core.ids import QualificationId, ScheduleId, slot_id
from scheduling_core.slots import events as slots

SPECIALTIES = ("general_practice", "paediatrics", "cardiology", "dermatology")


async def join(at: Practice, one: Colleague) -> None:
    """Take a doctor on, with weekly hours at both clinics."""
    number = at.doctors.index(one)
    around = at.around()
    async with at.unit("create-doctor") as unit:
        words = [
            await unit.say(word) for word in (f"Dr No. {number}", "Sees patients.", "MD", "Charité", f"L-{number}")
        ]
        degree = Qualification(id=QualificationId(uuid4()), title=words[2], institution=words[3], year=2004)
        other = Qualification(id=QualificationId(uuid4()), title=words[2])
        await at.tell(unit, one, doctor.CreateDoctor(doctor=one.id, name=words[0], by=at.admin.account))
        await at.tell(
            unit,
            one,
            doctor.UpdateDoctor(
                change=DoctorUpdated(
                    bio=words[1], languages=("en", "de"), licence=Licence(number=words[4], authority=words[3])
                ),
                specialties=SPECIALTIES[:2],
                qualifications=(degree, other),
            ),
            doctor.AssignDepartment(department=at.departments[0]),
            doctor.AssignDepartment(department=at.departments[1]),
            doctor.AssignClinic(clinic=at.clinics[0], ticket_prefix=_letters(number)),
            doctor.AssignClinic(clinic=at.clinics[1], ticket_prefix=_letters(number)),
            doctor.SetFees(fees=Fees(currency="EUR", consultation=4_000, follow_up=2_500)),
            doctor.RecordVerification(is_verified=True, note=await unit.say("seen in the register")),
        )
    async with at.unit("onboard") as unit:
        for stage in OnboardingStage:
            command = doctor.CompleteStage(stage=stage, by=at.admin.account, around=around)
            await at.tell(unit, one, command)
    one.schedules = (ScheduleId(uuid4()), ScheduleId(uuid4()))
    for schedule, clinic, weekdays in zip(one.schedules, at.clinics, ((1, 2, 3), (4, 5)), strict=True):
        week = tuple(calendar.Sitting(day, hours) for day in weekdays for hours in (MORNING, AFTERNOON))
        async with at.unit("create-schedule") as unit:
            await at.plan(
                unit,
                one,
                calendar.CreateSchedule(
                    doctor=one.id,
                    schedule=schedule,
                    clinic=clinic,
                    effective_from=at.first,
                    effective_until=None,
                    sittings=week,
                ),
            )

    await _one_of_each(at, one)


async def _one_of_each(at: Practice, one: Colleague) -> None:
    """Whatever else the year brings, each kind of thing happens to each calendar and its slots once."""
    async with at.unit("one-of-each") as unit:
        reason, zones = await at.reason(unit), dict.fromkeys(at.clinics, ZONE)
        held = await unit.lock_aggregate(CALENDAR, one.id)
        for command in one_of_each(one.id, one.schedules, at.first, by=at.admin.account, reason=reason):
            held.add(*decide_calendar(held.known, command, at.now, zones))
    async with at.unit("one-of-each") as unit:
        stream = await lock_slots(unit.tx, one.id)
        slot = slot_id(one.id, at.clinics[0], at.now)
        blocked = slots.SlotBlocked(doctor=one.id, slot=slot, start=at.now, reason=await at.reason(unit))
        unblocked = slots.SlotUnblocked(doctor=one.id, slot=slot, start=at.now)
        kept = KeptPlace(one.id, at.clinics[0], slot, at.now)
        visits = [event for luck in (0.0, 0.1, 0.2, 1.0) for event in visit(kept, at.now, luck)]
        await stream.append(blocked, unblocked, *visits, command="one-of-each", actor=at.admin)


async def leave_off(at: Practice, one: Colleague) -> None:
    """The year is over: one schedule ends, its clinic is given up, something of the profile changes."""
    async with at.unit("end-schedule") as unit:
        await at.plan(unit, one, calendar.EndSchedule(doctor=one.id, schedule=one.schedules[1]))
    async with at.unit("change-doctor") as unit:
        profile = (await unit.lock_aggregate(DOCTOR, one.id)).state
        await at.tell(
            unit,
            one,
            doctor.UnassignClinic(clinic=at.clinics[1], ticket_prefix=None, has_schedule=False, has_appointments=False),
            doctor.UnassignDepartment(department=at.departments[1]),
            doctor.UpdateDoctor(
                change=DoctorUpdated(accepts_online_bookings=False),
                specialties=(*SPECIALTIES[1:2], at.chance.choice(SPECIALTIES[2:])),
                qualifications=profile.qualifications[:1],
            ),
            doctor.DeactivateDoctor(reason=await at.reason(unit)),
            doctor.ActivateDoctor(by=at.admin.account, around=at.around()),
        )


def _letters(number: int) -> str:
    return chr(ord("A") + number // 26 % 26) + chr(ord("A") + number % 26)
