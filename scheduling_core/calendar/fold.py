"""How a doctor's calendar follows from its events."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar, assert_never

from msgspec.structs import replace

from scheduling_core.calendar import events
from scheduling_core.calendar.events import CalendarEvent
from scheduling_core.calendar.sources import Closure, ExceptionKind, Leave, LeaveStatus, Override, Schedule
from scheduling_core.calendar.state import DoctorCalendar, KeptSchedule
from scheduling_core.ids import AccountId, LeaveId, ScheduleId, TextId

T = TypeVar("T")


def fold(calendar: DoctorCalendar | None, event: CalendarEvent, at: datetime) -> DoctorCalendar:
    """Return the calendar after `event`, which happened at `at`."""
    was = calendar if calendar is not None else DoctorCalendar(doctor=event.doctor)
    match event:
        case events.ScheduleCreated():
            return replace(was, schedules=(*was.schedules, KeptSchedule(schedule=_schedule(event))))
        case events.ScheduleUpdated():
            changes = {
                "effective_from": event.effective_from,
                "effective_until": event.effective_until,
                "week": event.week,
            }
            return _reschedule(was, event.schedule, changes)
        case events.ScheduleEnded():
            return _reschedule(was, event.schedule, {"effective_until": event.last}, ended=True)
        case events.OverrideAdded():
            added = Override(
                id=event.override,
                schedule=event.schedule,
                date=event.date,
                hours=event.hours,
                reason=event.reason,
            )
            return _reschedule(replace(was, overrides=(*was.overrides, added)), event.schedule, {})
        case events.OverrideRemoved():
            gone = next(override for override in was.overrides if override.id == event.override)
            left = tuple(override for override in was.overrides if override is not gone)
            return _reschedule(replace(was, overrides=left), gone.schedule, {})
        case events.EmergencyAdded():
            return _closed(was, event, ExceptionKind.EMERGENCY)
        case events.ForcedBlockAdded():
            return _closed(was, event, ExceptionKind.FORCED_BLOCK)
        case events.HolidayAdded():
            return _closed(was, event, ExceptionKind.HOLIDAY)
        case events.ExceptionRemoved():
            return replace(was, closures=tuple(c for c in was.closures if c.id != event.exception))
        case events.LeaveRequested():
            return replace(was, leaves=(*was.leaves, _leave(event, at)))
        case events.LeaveApproved():
            return _decided(was, event.leave, LeaveStatus.APPROVED, event.by, event.reason, at)
        case events.LeaveRejected():
            return _decided(was, event.leave, LeaveStatus.REJECTED, event.by, event.reason, at)
        case events.LeaveCancelled():
            return _cancelled(was, event)
        case _:
            assert_never(event)


def _schedule(event: events.ScheduleCreated) -> Schedule:
    return Schedule(
        id=event.schedule,
        clinic=event.clinic,
        effective_from=event.effective_from,
        effective_until=event.effective_until,
        week=event.week,
    )


def _reschedule(
    was: DoctorCalendar, id: ScheduleId, changes: Mapping[str, object], *, ended: bool | None = None
) -> DoctorCalendar:
    """Any change of a schedule or its overrides is a new version of it."""

    def changed(kept: KeptSchedule) -> KeptSchedule:
        return replace(
            kept,
            schedule=replace(kept.schedule, **changes),
            version=kept.version + 1,
            ended=kept.ended if ended is None else ended,
        )

    return replace(was, schedules=tuple(changed(k) if k.schedule.id == id else k for k in was.schedules))


Added = events.EmergencyAdded | events.ForcedBlockAdded | events.HolidayAdded


def _closed(was: DoctorCalendar, event: Added, kind: ExceptionKind) -> DoctorCalendar:
    added = Closure(
        id=event.exception, kind=kind, clinic=event.clinic, start=event.start, end=event.end, reason=event.reason
    )
    return replace(was, closures=(*was.closures, added))


def _leave(event: events.LeaveRequested, at: datetime) -> Leave:
    return Leave(
        id=event.leave,
        type=event.kind,
        first=event.first,
        last=event.last,
        start=event.start,
        end=event.end,
        status=LeaveStatus.REQUESTED,
        requested_by=event.by,
        requested_at=at,
        reason=event.reason,
    )


def _decided(
    was: DoctorCalendar, id: LeaveId, status: LeaveStatus, by: AccountId | None, reason: TextId | None, at: datetime
) -> DoctorCalendar:
    changes = {"status": status, "decided_by": by, "decided_at": at, "decision_reason": reason}
    return replace(was, leaves=tuple(replace(leave, **changes) if leave.id == id else leave for leave in was.leaves))


def _cancelled(was: DoctorCalendar, event: events.LeaveCancelled) -> DoctorCalendar:
    """Who had approved it stays known; the last word about it is why it was cancelled."""

    def changed(leave: Leave) -> Leave:
        return replace(leave, status=LeaveStatus.CANCELLED, decision_reason=event.reason or leave.decision_reason)

    return replace(was, leaves=tuple(changed(leave) if leave.id == event.leave else leave for leave in was.leaves))
