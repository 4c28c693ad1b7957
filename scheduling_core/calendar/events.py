"""What happened to a doctor's calendar. Past tense; ids, enums, numbers, dates and instants only.

Every event names its doctor, so that it can be read on its own; reasons are texts that can be erased.
"""

from datetime import date, datetime

import msgspec

from scheduling_core.calendar.sources import Hours, LeaveType
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

Week = tuple[tuple[Hours, ...], ...]
"""Seven days, Monday first."""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of all events."""

    doctor: DoctorId


class ScheduleCreated(Event, frozen=True, kw_only=True, tag="schedule_created"):
    """A weekly schedule at one clinic."""

    schedule: ScheduleId
    clinic: ClinicId
    effective_from: date
    effective_until: date | None = None
    week: Week


class ScheduleUpdated(Event, frozen=True, kw_only=True, tag="schedule_updated"):
    """The whole schedule as it is from now on."""

    schedule: ScheduleId
    effective_from: date
    effective_until: date | None = None
    week: Week


class ScheduleEnded(Event, frozen=True, kw_only=True, tag="schedule_ended"):
    """No sittings after `last`; one before the schedule's first day means that it never came to be in effect."""

    schedule: ScheduleId
    last: date


class OverrideAdded(Event, frozen=True, kw_only=True, tag="override_added"):
    """Other hours on one date."""

    override: OverrideId
    schedule: ScheduleId
    date: date
    hours: tuple[Hours, ...]
    reason: TextId | None = None


class OverrideRemoved(Event, frozen=True, kw_only=True, tag="override_removed"):
    """The schedule holds on that date again."""

    override: OverrideId


class _Closed(Event, frozen=True, kw_only=True):
    """Closed from one instant to another, at one clinic or wherever the doctor works."""

    exception: ExceptionId
    clinic: ClinicId | None = None
    start: datetime
    end: datetime
    reason: TextId | None = None


class EmergencyAdded(_Closed, frozen=True, kw_only=True, tag="emergency_added"):
    """The doctor is called away."""


class ForcedBlockAdded(_Closed, frozen=True, kw_only=True, tag="forced_block_added"):
    """The administration closes the doctor's time."""


class HolidayAdded(_Closed, frozen=True, kw_only=True, tag="holiday_added"):
    """A holiday of this doctor's own; public holidays are the clinic's."""


class ExceptionRemoved(Event, frozen=True, kw_only=True, tag="exception_removed"):
    """An emergency, forced block or holiday is taken back."""

    exception: ExceptionId


class LeaveRequested(Event, frozen=True, kw_only=True, tag="leave_requested"):
    """Leave for whole days, or with `start` and `end` for part of one."""

    leave: LeaveId
    kind: LeaveType
    first: date
    last: date
    start: int | None = None
    end: int | None = None
    by: AccountId | None = None
    reason: TextId | None = None


class LeaveApproved(Event, frozen=True, kw_only=True, tag="leave_approved"):
    """The leave closes the doctor's time from now on."""

    leave: LeaveId
    by: AccountId | None = None
    reason: TextId | None = None


class LeaveRejected(Event, frozen=True, kw_only=True, tag="leave_rejected"):
    """The doctor has to work."""

    leave: LeaveId
    by: AccountId | None = None
    reason: TextId | None = None


class LeaveCancelled(Event, frozen=True, kw_only=True, tag="leave_cancelled"):
    """The leave is not wanted any more."""

    leave: LeaveId
    by: AccountId | None = None
    reason: TextId | None = None


CalendarEvent = (
    ScheduleCreated
    | ScheduleUpdated
    | ScheduleEnded
    | OverrideAdded
    | OverrideRemoved
    | EmergencyAdded
    | ForcedBlockAdded
    | HolidayAdded
    | ExceptionRemoved
    | LeaveRequested
    | LeaveApproved
    | LeaveRejected
    | LeaveCancelled
)
