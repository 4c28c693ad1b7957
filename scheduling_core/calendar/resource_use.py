"""Whose hours take a room or a piece of equipment when, so that those of two doctors never do at once.

Leave and exceptions do not count: they may be taken back, and then the hours must still fit. Hours of one clinic are
compared by its wall clock, which keeps the order of instants whatever its zone does.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from scheduling_core.calendar.sources import DAY_MINUTES, Hours, Override, Schedule
from scheduling_core.calendar.state import DoctorCalendar
from scheduling_core.ids import ClinicId, DoctorId, ResourceId

_WEEK = 7
_NEVER = date.max.toordinal() - _WEEK


class ResourceUse(NamedTuple):
    """A sitting that takes a room or a piece of equipment from a date on, every seven days; dates are ordinals."""

    doctor: DoctorId
    clinic: ClinicId
    resource: ResourceId
    hours: Hours
    first: int
    last: int
    but: frozenset[int] = frozenset()
    """Dates on which an override stands instead."""


class ResourceClash(NamedTuple):
    """Two doctors who want one thing at a time; `hours` begins on `day` and is of who was asked about."""

    day: date
    hours: Hours
    resource: ResourceId
    other: DoctorId
    other_day: date
    other_hours: Hours


def new_uses(before: DoctorCalendar, after: DoctorCalendar) -> list[ResourceUse]:
    """Return the uses of rooms and equipment that a change may have added; what only became less is not among them."""
    if before.schedules == after.schedules and before.overrides == after.overrides:
        return []
    found: list[ResourceUse] = []
    for kept in after.schedules:
        old = before.schedule(kept.schedule.id)
        if old is None or not _is_part(kept.schedule, old.schedule):
            found += _weekly(after, kept.schedule)
    standing = {override.id for override in before.overrides}
    for override in after.overrides:
        if override.id not in standing:
            found += _of_override(after, override)
    left = {override.id for override in after.overrides}
    for override in before.overrides:
        if override.id not in left:
            found += _back_on(after, override)
    return found


def first_resource_clash(
    mine: Iterable[ResourceUse], others: Iterable[DoctorCalendar], since: date
) -> ResourceClash | None:
    """Return the first time from the midnight that begins `since` at which hours of another doctor take what
    `mine` do, None without any.

    Weekdays are compared, not every date: how long it takes does not depend on how long schedules are in effect.
    """
    wanted = list(mine)
    resources = {use.resource for use in wanted}
    taken: dict[tuple[ResourceId, int], list[ResourceUse]] = {}
    for calendar in others:
        for use in _uses(calendar, since):
            if use.resource in resources:
                taken.setdefault((use.resource, use.first % _WEEK), []).append(use)
    clashes = [
        _clash(use, other, day, later)
        for use in wanted
        for later in (-1, 0, 1)
        for other in taken.get((use.resource, (use.first + later) % _WEEK), ())
        if other.doctor != use.doctor and (day := _meeting(use, other, later, since.toordinal())) is not None
    ]
    return min(clashes, key=lambda clash: (clash.day, clash.hours.start), default=None)


def _is_part(schedule: Schedule, of: Schedule) -> bool:
    """Whether a schedule is another one or what is left of it."""
    return schedule.week == of.week and of.effective_from <= schedule.effective_from and _last(schedule) <= _last(of)


def _uses(calendar: DoctorCalendar, since: date) -> Iterator[ResourceUse]:
    for kept in calendar.schedules:
        if _last(kept.schedule) >= since.toordinal() - 1:
            yield from _weekly(calendar, kept.schedule)
    for override in calendar.overrides:
        if override.date.toordinal() >= since.toordinal() - 1:
            yield from _of_override(calendar, override)


def _weekly(calendar: DoctorCalendar, schedule: Schedule) -> Iterator[ResourceUse]:
    but = frozenset(o.date.toordinal() for o in calendar.overrides if o.schedule == schedule.id)
    begin = schedule.effective_from.toordinal()
    for weekday, sittings in enumerate(schedule.week):
        # The ordinal of a Monday leaves 1.
        first = begin + (weekday + 1 - begin) % _WEEK
        yield from _planned(calendar.doctor, schedule.clinic, sittings, (first, _last(schedule)), but)


def _of_override(calendar: DoctorCalendar, override: Override) -> Iterator[ResourceUse]:
    kept = calendar.schedule(override.schedule)
    if kept is not None and kept.schedule.is_in_effect(override.date):
        yield from _on(calendar.doctor, kept.schedule.clinic, override.hours, override.date)


def _back_on(calendar: DoctorCalendar, removed: Override) -> Iterator[ResourceUse]:
    """Yield what holds again on the date of an override that is gone."""
    kept = calendar.schedule(removed.schedule)
    if kept is not None:
        hours = calendar.hours_on(kept.schedule, removed.date)
        yield from _on(calendar.doctor, kept.schedule.clinic, hours, removed.date)


def _on(doctor: DoctorId, clinic: ClinicId, sittings: Sequence[Hours], day: date) -> Iterator[ResourceUse]:
    return _planned(doctor, clinic, sittings, (day.toordinal(), day.toordinal()), frozenset())


def _planned(
    doctor: DoctorId, clinic: ClinicId, sittings: Sequence[Hours], dates: tuple[int, int], but: frozenset[int]
) -> Iterator[ResourceUse]:
    first, last = dates
    for hours in sittings:
        for resource in hours.resources if first <= last else ():
            yield ResourceUse(doctor, clinic, resource, hours, first, last, but)


def _last(schedule: Schedule) -> int:
    return schedule.effective_until.toordinal() if schedule.effective_until is not None else _NEVER


def _meeting(one: ResourceUse, other: ResourceUse, later: int, since: int) -> int | None:
    """Return the first date of `one` on which it meets the `other` that begins so many days later, or None; what is
    over when `since` begins does not count. Their weekdays must be so far apart."""
    shift = later * DAY_MINUTES
    end = min(one.hours.end, other.hours.end + shift)
    if max(one.hours.start, other.hours.start + shift) >= end:
        return None
    first = max(one.first, other.first - later, since - (end - 1) // DAY_MINUTES)
    first += (one.first - first) % _WEEK
    for day in range(first, min(one.last, other.last - later) + 1, _WEEK):
        # Passes over no more dates than there are overrides.
        if day not in one.but and day + later not in other.but:
            return day
    return None


def _clash(one: ResourceUse, other: ResourceUse, day: int, later: int) -> ResourceClash:
    return ResourceClash(
        date.fromordinal(day), one.hours, one.resource, other.doctor, date.fromordinal(day + later), other.hours
    )
