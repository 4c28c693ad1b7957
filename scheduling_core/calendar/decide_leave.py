"""What may happen to a doctor's leave: asked for, approved or rejected by somebody else, cancelled."""

from datetime import date, datetime, timedelta
from typing import assert_never

from scheduling_core.calendar import commands, events
from scheduling_core.calendar.events import CalendarEvent
from scheduling_core.calendar.sources import DAY_MINUTES, Leave, LeaveStatus
from scheduling_core.calendar.state import DoctorCalendar
from scheduling_core.errors import Conflict, InvalidValue, NotFound, OverlappingLeave, OwnLeave
from scheduling_core.ids import LeaveId

LATE_LEAVE = timedelta(days=31)
"""How long ago leave may have begun when it is entered: who falls ill does not ask first."""
FARTHEST_LEAVE = timedelta(days=2 * 366)
LONGEST_LEAVE = timedelta(days=366)
MOST_REQUESTS = 100
"""Requests of a doctor that wait for a decision."""

LeaveCommand = commands.RequestLeave | commands.ApproveLeave | commands.RejectLeave | commands.CancelLeave
STANDING = frozenset({LeaveStatus.REQUESTED, LeaveStatus.APPROVED})


def decide_leave(was: DoctorCalendar, command: LeaveCommand, now: datetime) -> list[CalendarEvent]:
    """Return what happens; raises `InvalidValue`, `OverlappingLeave`, `OwnLeave`, `Conflict` and `NotFound`."""
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
            leave = _known(was, command.leave)
            if leave.status not in STANDING:
                raise Conflict(f"This leave was {leave.status} already.")
            if leave.status is LeaveStatus.APPROVED and leave.last < now.date() - timedelta(days=1):
                raise Conflict("This leave is over; what was taken stays known.")
            return [events.LeaveCancelled(doctor=was.doctor, leave=leave.id, by=command.by, reason=command.reason)]
        case _:
            assert_never(command)


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
