"""An ordinary day of a doctor: what is asked of the calendar, and what happens to the slots."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

from loadtests.year.plans import AFTERNOON, MORNING, KeptPlace, visit
from loadtests.year.practice import Colleague, Practice
from queue_server.application.schedules.model import CALENDAR
from queue_server.application.slots.stream import lock_slots
from queue_server.application.unit import Unit
from scheduling_core.calendar import commands as calendar
from scheduling_core.calendar.sources import ExceptionKind, Hours, LeaveType
from scheduling_core.calendar.state import DoctorCalendar
from scheduling_core.doctors import commands as doctor
from scheduling_core.doctors.profile import Fees
from scheduling_core.ids import AccountId, ExceptionId, LeaveId, OverrideId, TextId, slot_id
from scheduling_core.slots import events as slots


async def live_day(at: Practice, one: Colleague) -> None:
    """Let a day of a doctor happen."""
    async with at.unit("day") as unit:
        if at.often(0.25):
            await at.plan(unit, one, await _something(at, unit, one))
        if at.often(0.01):
            fees = Fees(currency="EUR", consultation=100 * at.chance.randint(30, 90))
            await at.tell(unit, one, doctor.SetFees(fees=fees))
        # Slots come last: their stream is locked after the calendar's.
        stream = await lock_slots(unit.tx, one.id)
        await stream.append(*_slots(at, one), command="day", actor=at.admin)


async def _something(at: Practice, unit: Unit, one: Colleague) -> calendar.CalendarCommand:
    """Return something that somebody may ask of a calendar today; not all of it is allowed."""
    ahead = at.now.date() + timedelta(days=at.chance.randint(1, 80))
    reason = await at.reason(unit)
    known = (await unit.lock_aggregate(CALENDAR, one.id)).known
    match at.chance.randrange(8):
        case 0 | 1:
            given = () if at.often(0.3) else (Hours(start=600, end=780, slot_minutes=15),)
            one.overrides.append(OverrideId(uuid4()))
            return calendar.AddOverride(
                doctor=one.id,
                override=one.overrides[-1],
                schedule=at.chance.choice(one.schedules),
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
                kind=at.chance.choice(list(ExceptionKind)),
                clinic=at.chance.choice((None, *at.clinics)),
                start=start,
                end=start + timedelta(hours=at.chance.randint(1, 30)),
                reason=reason,
            )
        case 4 if one.closures:
            return calendar.RemoveException(doctor=one.id, exception=one.closures.pop())
        case 5 if known is not None and one.leaves:
            return _decided(at, one, known, reason)
        case 6 if at.often(0.2):
            week = (calendar.Sitting(4, MORNING), calendar.Sitting(5, AFTERNOON))
            return calendar.UpdateSchedule(
                doctor=one.id,
                schedule=one.schedules[1],
                effective_from=at.first,
                effective_until=None,
                sittings=week[: at.chance.randint(1, 2)],
            )
        case _:
            one.leaves.append(LeaveId(uuid4()))
            return calendar.RequestLeave(
                doctor=one.id,
                leave=one.leaves[-1],
                kind=at.chance.choice(list(LeaveType)),
                first=ahead,
                last=ahead + timedelta(days=at.chance.randint(0, 9)),
                by=AccountId(uuid4()),
                reason=reason,
            )


def _decided(at: Practice, one: Colleague, known: DoctorCalendar, reason: TextId) -> calendar.CalendarCommand:
    leave, by = at.chance.choice(one.leaves), at.admin.account
    match at.chance.randrange(4):
        case 0:
            return calendar.RejectLeave(doctor=known.doctor, leave=leave, by=by, reason=reason)
        case 1:
            return calendar.CancelLeave(doctor=known.doctor, leave=leave, by=by, reason=reason, decides=True)
        case _:
            return calendar.ApproveLeave(doctor=known.doctor, leave=leave, by=by)


def _slots(at: Practice, one: Colleague) -> Sequence[slots.SlotEvent]:
    """Return what happens to a doctor's slots in a day: the horizon moves on, some are held, booked, blocked."""
    today, of = at.now.date(), one.id
    found: list[slots.SlotEvent] = [
        slots.SlotsGenerated(doctor=of, first=today, last=today + timedelta(days=89), added=18, removed=0, kept=1_500)
    ]
    for number in range(at.chance.randint(4, 12)):
        start = at.now + timedelta(days=at.chance.randint(1, 60), minutes=20 * number)
        slot = slot_id(one.id, at.clinics[0], start)
        found += visit(KeptPlace(of, at.clinics[0], slot, start), at.now, at.chance.random())
        if at.often(0.05):
            found.append(slots.SlotBlocked(doctor=of, slot=slot, start=start))
            one.blocked.append((slot, start))
        if one.blocked and at.often(0.05):
            blocked, begin = one.blocked.pop()
            found.append(slots.SlotUnblocked(doctor=of, slot=blocked, start=begin))
    return found
