"""What happens to calendars and slots in a year, as plain commands and events."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import uuid4

from scheduling_core.calendar import commands as calendar
from scheduling_core.calendar.sources import ExceptionKind, Hours, LeaveType
from scheduling_core.ids import (
    AccountId,
    ClinicId,
    DoctorId,
    EntryId,
    ExceptionId,
    HoldId,
    LeaveId,
    OverrideId,
    ScheduleId,
    SlotId,
    TextId,
)
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots import events as slots

MORNING = Hours(start=540, end=720, slot_minutes=20, buffer_minutes=0, tele=1)
AFTERNOON = Hours(start=780, end=1020, slot_minutes=20, buffer_minutes=5)


class KeptPlace(NamedTuple):
    """A slot that somebody wants a place of."""

    doctor: DoctorId
    clinic: ClinicId
    slot: SlotId
    start: datetime


def one_of_each(
    of: DoctorId, schedules: Sequence[ScheduleId], first: date, *, by: AccountId | None, reason: TextId
) -> list[calendar.CalendarCommand]:
    """Return commands that lead to every type of event that a calendar with two schedules may see.

    The first schedule has hours from Monday to Wednesday, the second on Thursday and Friday.
    """
    monday = first + timedelta(weeks=14, days=-first.weekday())
    overrides, leaves = [OverrideId(uuid4()) for _ in range(2)], [LeaveId(uuid4()) for _ in range(4)]
    closures = [ExceptionId(uuid4()) for _ in ExceptionKind]
    start = datetime.combine(monday, time(9), UTC)
    found: list[calendar.CalendarCommand] = [
        calendar.AddOverride(
            doctor=of,
            override=override,
            schedule=schedules[0],
            date=monday + timedelta(days=number),
            hours=(MORNING,),
            reason=reason,
        )
        for number, override in enumerate(overrides)
    ]
    found.append(calendar.RemoveOverride(doctor=of, override=overrides[1]))
    found += [
        calendar.AddException(
            doctor=of,
            exception=closure,
            kind=kind,
            clinic=None,
            start=start,
            end=start + timedelta(hours=2),
            reason=reason,
        )
        for kind, closure in zip(ExceptionKind, closures, strict=True)
    ]
    found.append(calendar.RemoveException(doctor=of, exception=closures[0]))
    found += [
        calendar.RequestLeave(
            doctor=of,
            leave=leave,
            kind=LeaveType.ANNUAL,
            first=monday + timedelta(days=10 * number),
            last=monday + timedelta(days=10 * number + 4),
            by=AccountId(uuid4()),
            reason=reason,
        )
        for number, leave in enumerate(leaves)
    ]
    week = (calendar.Sitting(4, MORNING), calendar.Sitting(5, AFTERNOON), calendar.Sitting(6, MORNING))
    return [
        *found,
        calendar.ApproveLeave(doctor=of, leave=leaves[0], by=by, reason=reason),
        calendar.RejectLeave(doctor=of, leave=leaves[1], by=by),
        calendar.CancelLeave(doctor=of, leave=leaves[2], by=by, decides=True),
        calendar.UpdateSchedule(
            doctor=of, schedule=schedules[1], effective_from=first, effective_until=None, sittings=week
        ),
    ]


def visit(place: KeptPlace, now: datetime, luck: float) -> list[slots.SlotEvent]:
    """Return how one patient fares: held and let go, held too long although they began to pay, booked, booked and
    cancelled."""
    hold = HoldId(uuid4())
    held = slots.HoldCreated(
        doctor=place.doctor,
        hold=hold,
        slot=place.slot,
        clinic=place.clinic,
        start=place.start,
        mode=Mode.IN_PERSON,
        holder_kind=slots.HolderKind.PATIENT,
        holder=uuid4(),
        expires_at=now + timedelta(minutes=10),
    )
    if luck < 0.1:
        return [held, slots.HoldReleased(doctor=place.doctor, hold=hold, slot=place.slot)]
    if luck < 0.2:
        until = now + timedelta(minutes=12)
        return [
            held,
            slots.HoldRenewed(doctor=place.doctor, hold=hold, slot=place.slot, expires_at=until),
            slots.HoldExpired(doctor=place.doctor, hold=hold, slot=place.slot),
        ]
    if luck < 0.25:
        return [
            slots.SlotCapacityChanged(
                doctor=place.doctor, slot=place.slot, start=place.start, in_person=2, tele=0, total=2
            )
        ]
    appointment = EntryId(uuid4())
    booked = slots.SlotBooked(
        doctor=place.doctor,
        slot=place.slot,
        appointment=appointment,
        clinic=place.clinic,
        start=place.start,
        mode=Mode.IN_PERSON,
        hold=hold,
    )
    given_back = slots.SlotGivenBack(doctor=place.doctor, slot=place.slot, appointment=appointment, mode=Mode.IN_PERSON)
    return [held, booked, given_back] if luck > 0.9 else [held, booked]
