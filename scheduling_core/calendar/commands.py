"""What may be asked of a doctor's calendar. Times and dates are the clinic's; sittings in the order they were given,
which is how refusals name them."""

from datetime import date, datetime

import msgspec

from scheduling_core.calendar.sources import ExceptionKind, Hours, LeaveType
from scheduling_core.ids import (
    AccountId,
    ClinicId,
    DoctorId,
    ExceptionId,
    LeaveId,
    OverrideId,
    ScheduleId,
    TextId,
)


class Sitting(msgspec.Struct, frozen=True):
    """A sitting of every week; Monday is 1."""

    weekday: int
    hours: Hours


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all commands."""

    doctor: DoctorId


class CreateSchedule(Command, frozen=True, kw_only=True):
    schedule: ScheduleId
    clinic: ClinicId
    effective_from: date
    effective_until: date | None
    sittings: tuple[Sitting, ...]


class UpdateSchedule(Command, frozen=True, kw_only=True):
    schedule: ScheduleId
    effective_from: date
    effective_until: date | None
    sittings: tuple[Sitting, ...]


class EndSchedule(Command, frozen=True, kw_only=True):
    """End it after `last`; None: after yesterday, so that today has no more sittings."""

    schedule: ScheduleId
    last: date | None = None


class AddOverride(Command, frozen=True, kw_only=True):
    override: OverrideId
    schedule: ScheduleId
    date: date
    hours: tuple[Hours, ...]
    reason: TextId | None = None


class RemoveOverride(Command, frozen=True, kw_only=True):
    override: OverrideId


class AddException(Command, frozen=True, kw_only=True):
    """`clinic` is None for wherever the doctor works."""

    exception: ExceptionId
    kind: ExceptionKind
    clinic: ClinicId | None
    start: datetime
    end: datetime
    reason: TextId | None = None


class RemoveException(Command, frozen=True, kw_only=True):
    exception: ExceptionId


class RequestLeave(Command, frozen=True, kw_only=True):
    leave: LeaveId
    kind: LeaveType
    first: date
    last: date
    start: int | None = None
    end: int | None = None
    by: AccountId | None
    reason: TextId | None = None


class _Decision(Command, frozen=True, kw_only=True):
    """`as_doctor` is the doctor whose account `by` is, if any."""

    leave: LeaveId
    by: AccountId | None
    as_doctor: DoctorId | None = None
    reason: TextId | None = None


class ApproveLeave(_Decision, frozen=True, kw_only=True):
    pass


class RejectLeave(_Decision, frozen=True, kw_only=True):
    pass


class CancelLeave(_Decision, frozen=True, kw_only=True):
    """`decides`: whether `by` may decide on this doctor's leave, were it not their own."""

    decides: bool = False


CalendarCommand = (
    CreateSchedule
    | UpdateSchedule
    | EndSchedule
    | AddOverride
    | RemoveOverride
    | AddException
    | RemoveException
    | RequestLeave
    | ApproveLeave
    | RejectLeave
    | CancelLeave
)
