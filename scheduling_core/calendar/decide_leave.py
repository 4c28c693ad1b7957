"""What may happen to a doctor's leave: asked for, approved or rejected by somebody else, cancelled."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import assert_never

from scheduling_core.calendar import commands, events
from scheduling_core.calendar.events import CalendarEvent
from scheduling_core.calendar.leave_time import has_begun
from scheduling_core.calendar.sittings import Zones
from scheduling_core.calendar.sources import DAY_MINUTES, Leave, LeaveStatus
from scheduling_core.calendar.state import DoctorCalendar
from scheduling_core.errors import Conflict, Forbidden, InvalidValue, NotFound, OverlappingLeave, OwnLeave
from scheduling_core.ids import LeaveId

LATE_LEAVE = timedelta(days=31)
"""How long ago leave may have begun when it is entered: who falls ill does not ask first."""
FARTHEST_LEAVE = timedelta(days=2 * 366)
LONGEST_LEAVE = timedelta(days=366)
MOST_REQUESTS = 100
"""Requests of a doctor that wait for a decision."""

LeaveCommand = commands.RequestLeave | commands.ApproveLeave | commands.RejectLeave | commands.CancelLeave
STANDING = frozenset({LeaveStatus.REQUESTED, LeaveStatus.APPROVED})


def decide_leave(was: DoctorCalendar, command: LeaveCommand, now: datetime, zones: Zones) -> list[CalendarEvent]:
    """Return what happens; raises `InvalidValue`, `OverlappingLeave`, `OwnLeave`, `Forbidden`, `Conflict` and
    `NotFound`."""
    match command:
        case commands.RequestLeave():
            return _request(was, command, now)
        case commands.ApproveLeave():
            leave = _to_decide(was, command)
            return [events.LeaveApproved(doctor=was.doctor, leave=leave.id, by=command.by, reason=command.reason)]
        case commands.RejectLeave():
            leave = _to_decide(was, command)
            return [events.LeaveRejected(doctor=was.doctor, leave=leave.id, by=command.by, reason=command.reason)]
        case commands.CancelLeave():
            leave = _to_cancel(was, command, now, zones)
            return [events.LeaveCancelled(doctor=was.doctor, leave=leave.id, by=command.by, reason=command.reason)]
        case _:
            assert_never(command)


def may_cancel(
    leave: Leave, *, is_own: bool, has_asked: bool, decides: bool, now: datetime, zones: Iterable[str]
) -> bool:
    """Return whether leave that stands may be taken back by somebody: whose own it is, who has asked for it, or who
    decides on it.

    While it waits for an answer all of them may. Approved leave is the doctor's to give back until it begins, and from
    then on, when some of it has been taken, it is for who decides; reception, which only passes requests on, may not
    undo what was decided.
    """
    if decides and not is_own:
        return True
    if leave.status is LeaveStatus.REQUESTED:
        return is_own or has_asked
    return is_own and not has_begun(leave, now, zones)


def is_over(leave: Leave, now: datetime) -> bool:
    """Return whether leave was approved and taken: since a day, so that it is over by every clock."""
    return leave.status is LeaveStatus.APPROVED and leave.last < now.date() - timedelta(days=1)


def overlap(one: Leave | commands.RequestLeave, other: Leave) -> bool:
    """Return whether two leaves share any time, by the same clock."""
    if one.last < other.first or other.last < one.first:
        return False
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return True
    return one.start < other.end and other.start < one.end


def _request(was: DoctorCalendar, command: commands.RequestLeave, now: datetime) -> list[CalendarEvent]:
    _check_days(command.first, command.last, now.date())
    _check_part(command)
    for leave in was.leaves:
        if leave.status in STANDING and overlap(command, leave):
            until = f"–{leave.last}" if leave.last != leave.first else ""
            raise OverlappingLeave(f"Leave is {leave.status} already for {leave.first}{until}.", field="first")
    if sum(1 for leave in was.leaves if leave.status is LeaveStatus.REQUESTED) >= MOST_REQUESTS:
        raise Conflict(f"{MOST_REQUESTS} requests wait for a decision already.")
    return [
        events.LeaveRequested(
            doctor=command.doctor,
            leave=command.leave,
            kind=command.kind,
            first=command.first,
            last=command.last,
            start=command.start,
            end=command.end,
            by=command.by,
            reason=command.reason,
        )
    ]


def _check_days(first: date, last: date, today: date) -> None:
    if last < first:
        raise InvalidValue("The last day lies before the first.", field="last")
    if first < today - LATE_LEAVE:
        raise InvalidValue(f"This is longer ago than {LATE_LEAVE.days} days.", field="first")
    if first > today + FARTHEST_LEAVE:
        raise InvalidValue("This is too far ahead.", field="first")
    if last - first >= LONGEST_LEAVE:
        raise InvalidValue("Leave lasts no longer than a year at a time.", field="last")


def _check_part(command: commands.RequestLeave) -> None:
    if command.start is None and command.end is None:
        return
    if command.start is None or command.end is None:
        missing = "start" if command.start is None else "end"
        raise InvalidValue("For part of a day give both start and end.", field=missing)
    if command.first != command.last:
        raise InvalidValue("Only leave of a single day may be for part of it.", field="start")
    if not 0 <= command.start < DAY_MINUTES:
        raise InvalidValue("Give a time of the day.", field="start")
    if not command.start < command.end <= DAY_MINUTES:
        raise InvalidValue("This ends before it begins.", field="end")


def _known(was: DoctorCalendar, id: LeaveId) -> Leave:
    leave = was.leave(id)
    if leave is None:
        raise NotFound("There is no such request for leave.")
    return leave


def _to_decide(was: DoctorCalendar, command: commands.ApproveLeave | commands.RejectLeave) -> Leave:
    """Return leave that waits for a decision by somebody else than whom it concerns."""
    leave = _known(was, command.leave)
    if command.as_doctor == was.doctor:
        raise OwnLeave("This is your own leave: somebody else decides.", field="doctorId")
    if command.by is not None and command.by == leave.requested_by:
        raise OwnLeave("You have asked for this leave: somebody else decides.", field="requestedBy")
    if leave.status is not LeaveStatus.REQUESTED:
        raise Conflict(f"This leave was {leave.status} already.")
    return leave


def _to_cancel(was: DoctorCalendar, command: commands.CancelLeave, now: datetime, zones: Zones) -> Leave:
    """Return leave that stands and that whoever gives the command may take back."""
    leave = _known(was, command.leave)
    if leave.status not in STANDING:
        raise Conflict(f"This leave was {leave.status} already.")
    if is_over(leave, now):
        raise Conflict("This leave is over; what was taken stays known.")
    is_own = command.as_doctor == was.doctor
    has_asked = command.by is not None and command.by == leave.requested_by
    here = [zones[clinic] for clinic in was.clinics if clinic in zones]
    if not may_cancel(leave, is_own=is_own, has_asked=has_asked, decides=command.decides, now=now, zones=here):
        raise Forbidden(_why_not(leave, is_own=is_own))
    return leave


def _why_not(leave: Leave, *, is_own: bool) -> str:
    if leave.status is LeaveStatus.REQUESTED:
        return "Only the doctor, whoever asked and who decides may take this request back."
    if is_own:
        return "This leave has begun: the department's head or an administrator cancels it."
    return "Approved leave is cancelled by the doctor, the department's head or an administrator."
