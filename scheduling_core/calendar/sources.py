"""What a doctor's bookable time is made of: weekly schedules, overrides, exceptions, leave, and the clinic's own days.

Wall times are minutes since local midnight in the clinic's zone; an end above 1440 lies on the next day. A wall time
stands for the first instant of its date at which the clinic's clock shows it or something later, so one that a change
of the clock skips is the moment of the change, and of two that it repeats the first counts.
"""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from scheduling_core.ids import (
    AccountId,
    ClinicId,
    EquipmentId,
    ExceptionId,
    LeaveId,
    MaintenanceId,
    OverrideId,
    ResourceId,
    RoomId,
    ScheduleId,
    TextId,
)

DAY_MINUTES = 1440


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """One sitting: from when to when, how it is cut into slots, and how many each of them takes."""

    start: int
    """Minutes since midnight, 0 to 1439."""
    end: int
    """Minutes since midnight; above `start`, at most 24 hours after it."""
    slot_minutes: int
    buffer_minutes: int = 0
    """Kept free after each slot."""
    in_person: int = 1
    """How many patients a slot takes in person."""
    tele: int = 0
    """How many it takes by video."""
    total: int = 1
    """How many it takes altogether: with 1, a time that is offered both ways goes to whoever books first."""
    room: RoomId | None = None
    equipment: tuple[EquipmentId, ...] = ()
    """In the order of their ids, each once."""

    @property
    def resources(self) -> tuple[ResourceId, ...]:
        """The room and the equipment that are planned for it."""
        return self.equipment if self.room is None else (self.room, *self.equipment)

    @property
    def needed(self) -> tuple[ResourceId, ...]:
        """The room and the equipment without which nobody can be seen; who sits by video alone needs none."""
        return self.resources if self.in_person else ()


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """A weekly rule at one clinic, from a date on and, if it ends, up to and including one."""

    id: ScheduleId
    clinic: ClinicId
    effective_from: date
    effective_until: date | None = None
    week: tuple[tuple[Hours, ...], ...]
    """Seven days, Monday first."""

    def is_in_effect(self, day: date) -> bool:
        """Whether sittings of this schedule begin on `day`."""
        return self.effective_from <= day and (self.effective_until is None or day <= self.effective_until)


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Other hours than the schedule's on one date; none at all: closed."""

    id: OverrideId
    schedule: ScheduleId
    date: date
    hours: tuple[Hours, ...]
    reason: TextId | None = None


class ExceptionKind(StrEnum):
    """Why a stretch of time is closed, whatever the schedule says."""

    FORCED_BLOCK = "forced_block"
    EMERGENCY = "emergency"
    HOLIDAY = "holiday"


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """An exception: closed from one instant to another, at one clinic or (None) wherever the doctor works."""

    id: ExceptionId
    kind: ExceptionKind
    clinic: ClinicId | None
    start: datetime
    end: datetime
    reason: TextId | None = None


class LeaveType(StrEnum):
    """What kind of leave it is."""

    ANNUAL = "annual"
    SICK = "sick"
    STUDY = "study"
    CONFERENCE = "conference"
    PARENTAL = "parental"
    COMPASSIONATE = "compassionate"
    UNPAID = "unpaid"
    OTHER = "other"


class LeaveStatus(StrEnum):
    """Where a request for leave stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    """A request for leave: whole days, or part of a single one, by each clinic's clock. Only approved leave closes.

    `start` and `end` are minutes since midnight, set together and only when `first` is `last`.
    """

    id: LeaveId
    type: LeaveType
    first: date
    last: date
    start: int | None = None
    end: int | None = None
    status: LeaveStatus
    requested_by: AccountId | None
    requested_at: datetime
    decided_by: AccountId | None = None
    decided_at: datetime | None = None
    reason: TextId | None = None
    decision_reason: TextId | None = None


class ClinicDay(msgspec.Struct, frozen=True, kw_only=True):
    """A date on which the clinic itself is closed: a public holiday, or one of its own."""

    clinic: ClinicId
    date: date
    name: str


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """A room or a piece of equipment that cannot be used from one instant to another, for maintenance."""

    id: MaintenanceId
    resource: ResourceId
    start: datetime
    end: datetime


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides when one doctor can be booked."""

    schedules: tuple[Schedule, ...] = ()
    overrides: tuple[Override, ...] = ()
    closures: tuple[Closure, ...] = ()
    leaves: tuple[Leave, ...] = ()
    clinic_days: tuple[ClinicDay, ...] = ()
    outages: tuple[Outage, ...] = ()
    """Of the rooms and the equipment that hours name."""
    zones: dict[ClinicId, str] = {}
    """IANA names, by clinic."""
