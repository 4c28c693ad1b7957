"""What the calls about schedules, exceptions and leave take."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec

from queue_server.application.desk_bodies import Body, Instant, Line
from scheduling_core.calendar.sources import ExceptionKind, LeaveStatus, LeaveType

# "$(?!\n)", because in Python "$" alone also matches before a last newline.
WallTime = Annotated[
    str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$(?!\n)", description="by the clinic's clock, HH:MM")
]
EndTime = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$(?!\n)",
        description="by the clinic's clock, HH:MM; 24:00 is the midnight that ends the day",
    ),
]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=1440)]
Places = Annotated[int, msgspec.Meta(ge=0, le=500)]
Weekday = Annotated[int, msgspec.Meta(ge=1, le=7, description="1 is Monday")]

MOST_SITTINGS = 84
"""Twelve a day."""
MOST_EQUIPMENT = 20


class OneDaysSitting(Body, frozen=True, kw_only=True):
    """A sitting on a date: from when to when, and how it is cut into slots."""

    start: WallTime
    end: EndTime
    ends_next_day: Annotated[bool, msgspec.Meta(description="`end` is on the day after")] = False
    slot_minutes: Annotated[int, msgspec.Meta(description="length of a slot")]
    buffer_minutes: Annotated[Minutes, msgspec.Meta(description="kept free after each slot")] = 0
    in_person: Annotated[Places, msgspec.Meta(description="how many a slot takes in person")] = 1
    tele: Annotated[Places, msgspec.Meta(description="how many it takes by video")] = 0
    total: Annotated[Places, msgspec.Meta(description="how many it takes altogether")] = 1
    room_id: UUID | None = None
    equipment_ids: Annotated[
        tuple[UUID, ...],
        msgspec.Meta(max_length=MOST_EQUIPMENT, description="of the same clinic, planned for this doctor"),
    ] = ()


class WeeklySitting(OneDaysSitting, frozen=True, kw_only=True):
    """A sitting of every week."""

    weekday: Weekday


class ScheduleChange(Body, frozen=True, kw_only=True):
    """The whole of a weekly schedule at its clinic; the last day may be open."""

    effective_from: date
    effective_until: Annotated[date | None, msgspec.Meta(description="the last day; null: until further notice")] = None
    sittings: Annotated[tuple[WeeklySitting, ...], msgspec.Meta(min_length=1, max_length=MOST_SITTINGS)]


class NewSchedule(ScheduleChange, frozen=True, kw_only=True):
    """A weekly schedule of a doctor at a clinic."""

    clinic_id: UUID


class NewOverride(Body, frozen=True, kw_only=True):
    """Other hours than the schedule's on one date; none at all: closed."""

    date: date
    sittings: Annotated[tuple[OneDaysSitting, ...], msgspec.Meta(max_length=12)] = ()
    reason: Line | None = None


class NewException(Body, frozen=True, kw_only=True):
    """A stretch of time that is closed whatever the schedule says."""

    kind: ExceptionKind
    start: Instant
    end: Instant
    all_clinics: Annotated[bool, msgspec.Meta(description="closed wherever the doctor works")] = False
    reason: Line | None = None


class NewLeave(Body, frozen=True, kw_only=True):
    """A request for leave: whole days from `first` to `last`, or part of a single one with `start` and `end`."""

    doctor_id: Annotated[UUID | None, msgspec.Meta(description="left out by doctors: their own")] = None
    type: LeaveType
    first: date
    last: date
    start: WallTime | None = None
    end: EndTime | None = None
    reason: Line | None = None


class Decision(Body, frozen=True, kw_only=True):
    """Why leave is approved, rejected or cancelled."""

    reason: Line | None = None


class Approval(Decision, frozen=True, kw_only=True):
    """Leave is approved, knowing whom it hits."""

    seen: Annotated[
        Annotated[tuple[UUID, ...], msgspec.Meta(max_length=2000)] | None,
        msgspec.Meta(
            description="the appointments that the approver has seen in it: 409 `more_patients_hit` when somebody else"
            " has been booked into it meanwhile; left out: whoever is in it"
        ),
    ] = None


class DryRunQuery(Body, frozen=True, kw_only=True):
    """Whether a change is only tried."""

    dry_run: Annotated[bool, msgspec.Meta(description="keep nothing; the answer's `preview` says what would be")] = (
        False
    )


class EndQuery(DryRunQuery, frozen=True, kw_only=True):
    """When a schedule ends."""

    last_day: Annotated[date | None, msgspec.Meta(description="the last day with sittings; yesterday if left out")] = (
        None
    )


class LeaveFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which leave is wanted."""

    status: LeaveStatus | None = None
    doctor: UUID | None = None
    department: UUID | None = None
