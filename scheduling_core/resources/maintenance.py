"""Times in which a room or a piece of equipment is not to be used: planned ahead, finished early or never."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import MaintenanceId, TextId

LONGEST = timedelta(days=366)
MOST_OPEN = 100
"""Maintenance periods of one room or device that are not finished; more is a slip."""


class Maintenance(msgspec.Struct, frozen=True, kw_only=True):
    """A maintenance period. One that was finished early keeps the end it was planned with."""

    id: MaintenanceId
    start: datetime
    end: datetime
    reason: TextId | None = None
    finished_at: datetime | None = None

    @property
    def until(self) -> datetime:
        """When it is over: as planned, or when it was finished."""
        return self.end if self.finished_at is None else min(self.end, max(self.start, self.finished_at))

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether any of it lies between two instants."""
        return self.start < end and start < self.until


class MaintenancePlanned(msgspec.Struct, frozen=True, kw_only=True, tag="maintenance_planned"):
    """A room or a piece of equipment is out of use from one instant to another."""

    maintenance: MaintenanceId
    start: datetime
    end: datetime
    reason: TextId | None = None


class MaintenanceFinished(msgspec.Struct, frozen=True, kw_only=True, tag="maintenance_finished"):
    """It may be used again; before it had begun, the maintenance is called off."""

    maintenance: MaintenanceId


class PlanMaintenance(msgspec.Struct, frozen=True, kw_only=True):
    """Take it out of use from `start` to `end`."""

    maintenance: MaintenanceId
    start: datetime
    end: datetime
    reason: TextId | None = None


class FinishMaintenance(msgspec.Struct, frozen=True, kw_only=True):
    """Let it be used again from now on."""

    maintenance: MaintenanceId


def plan(known: Iterable[Maintenance], command: PlanMaintenance, now: datetime) -> list[MaintenancePlanned]:
    """Decide a new period beside those that are `known`.

    Raises `InvalidValue` for times that make no sense and `Conflict` when it overlaps another period.
    """
    if command.end <= command.start:
        raise InvalidValue("The end must lie after the start.", field="end")
    if command.end <= now:
        raise InvalidValue("This is over already.", field="end")
    if command.end - command.start > LONGEST:
        raise InvalidValue(f"This is longer than {LONGEST.days} days.", field="end")
    open_ones = [one for one in known if one.finished_at is None and one.end > now]
    if any(one.overlaps(command.start, command.end) for one in open_ones):
        raise Conflict("Another maintenance is planned at that time.", field="start")
    if len(open_ones) >= MOST_OPEN:
        raise Conflict(f"More than {MOST_OPEN} maintenance periods are planned already.")
    return [
        MaintenancePlanned(maintenance=command.maintenance, start=command.start, end=command.end, reason=command.reason)
    ]


def finish(known: Iterable[Maintenance], command: FinishMaintenance) -> list[MaintenanceFinished]:
    """Decide the end of a period: nothing when it was finished before; raises `NotFound` when there is none."""
    found = next((one for one in known if one.id == command.maintenance), None)
    if found is None:
        raise NotFound("There is no such maintenance.")
    return [] if found.finished_at is not None else [MaintenanceFinished(maintenance=found.id)]


def after_planned(known: tuple[Maintenance, ...], event: MaintenancePlanned) -> tuple[Maintenance, ...]:
    """Return the periods after one was planned, in order of planning."""
    planned = Maintenance(id=event.maintenance, start=event.start, end=event.end, reason=event.reason)
    return (*known, planned)


def after_finished(known: tuple[Maintenance, ...], event: MaintenanceFinished, at: datetime) -> tuple[Maintenance, ...]:
    """Return the periods after one was finished at an instant."""
    return tuple(msgspec.structs.replace(one, finished_at=at) if one.id == event.maintenance else one for one in known)
