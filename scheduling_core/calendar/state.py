"""A doctor's calendar as its events have made it."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import chain

import msgspec

from scheduling_core.calendar.sources import (
    ClinicDay,
    Closure,
    Hours,
    Leave,
    LeaveStatus,
    Outage,
    Override,
    Schedule,
    Sources,
)
from scheduling_core.ids import ClinicId, DoctorId, ExceptionId, LeaveId, OverrideId, ResourceId, ScheduleId


class KeptSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule with what its editors need: `version` grows with each change of it or of its overrides."""

    schedule: Schedule
    version: int = 1
    ended: bool = False
    """Ended before its time; it is kept for the days it was in effect."""


class DoctorCalendar(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one doctor's own that opens or closes time."""

    doctor: DoctorId
    schedules: tuple[KeptSchedule, ...] = ()
    overrides: tuple[Override, ...] = ()
    closures: tuple[Closure, ...] = ()
    leaves: tuple[Leave, ...] = ()

    def schedule(self, id: ScheduleId) -> KeptSchedule | None:
        """Return a schedule, None for one of another calendar."""
        return next((kept for kept in self.schedules if kept.schedule.id == id), None)

    def override(self, id: OverrideId) -> Override | None:
        """Return an override that stands, or None."""
        return next((override for override in self.overrides if override.id == id), None)

    def closure(self, id: ExceptionId) -> Closure | None:
        """Return an exception that stands, or None."""
        return next((closure for closure in self.closures if closure.id == id), None)

    def leave(self, id: LeaveId) -> Leave | None:
        """Return a request for leave, or None."""
        return next((leave for leave in self.leaves if leave.id == id), None)

    @property
    def clinics(self) -> frozenset[ClinicId]:
        """Where the doctor has, had or will have sittings."""
        return frozenset(kept.schedule.clinic for kept in self.schedules)

    @property
    def resources(self) -> frozenset[ResourceId]:
        """The rooms and the equipment without which some of the doctor's hours cannot be kept."""
        weekly = (hours for kept in self.schedules for day in kept.schedule.week for hours in day)
        dated = (hours for override in self.overrides for hours in override.hours)
        return frozenset(resource for hours in chain(weekly, dated) for resource in hours.needed)

    def hours_on(self, schedule: Schedule, day: date) -> tuple[Hours, ...]:
        """Return the sittings of a schedule that begin on `day`: those of its override if it has one."""
        if not schedule.is_in_effect(day):
            return ()
        for override in self.overrides:
            if override.schedule == schedule.id and override.date == day:
                return override.hours
        return schedule.week[day.weekday()]

    def sources(
        self,
        clinic_days: Iterable[ClinicDay] = (),
        zones: Mapping[ClinicId, str] | None = None,
        outages: Iterable[Outage] = (),
    ) -> Sources:
        """Return what decides when this doctor can be booked, with the clinics' days and zones, and what is out."""
        return Sources(
            schedules=tuple(kept.schedule for kept in self.schedules),
            overrides=self.overrides,
            closures=self.closures,
            leaves=self.leaves,
            clinic_days=tuple(clinic_days),
            outages=tuple(outages),
            zones=dict(zones or {}),
        )


def leave_version(leave: Leave) -> int:
    """Return how often a request for leave has changed, the request itself counted."""
    return 1 + (leave.decided_at is not None) + (leave.status is LeaveStatus.CANCELLED)
