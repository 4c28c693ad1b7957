"""The slots that a doctor's calendar yields. A slot is laid out where its sitting wins every minute of it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec

from scheduling_core.calendar.claims import Won, closings, sittings, winners, zone_of
from scheduling_core.calendar.sources import Hours, Sources
from scheduling_core.calendar.wall_time import check_days, instant, moment
from scheduling_core.ids import ClinicId, ScheduleId

_REACH = 3
"""Days around a range in which a slot at a clinic in another zone may lie that overlaps one of the range."""


class SlotPlan(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A slot as the calendar yields it."""

    start: datetime
    """In UTC, as `end`."""
    end: datetime
    date: date
    """The local date on which it starts."""
    clinic: ClinicId
    schedule: ScheduleId
    hours: Hours
    """The sitting it is cut from: capacities, room and equipment."""


def lay_out(sources: Sources, clinic: ClinicId, first: date, last: date) -> list[SlotPlan]:
    """Return the slots at one clinic that start on the local dates from `first` to `last`, by their start.

    From the start of its sitting, slots follow each other at the slot's length and its buffer, in elapsed time; one
    that would overlap anything closed, or run past the sitting, falls away and shifts no other. Raises `InvalidValue`
    when the clinic's zone is unknown or the days are not reckoned with.
    """
    check_days(first, last)
    zone = zone_of(sources, clinic)
    since, until = first.toordinal(), last.toordinal()
    # Hours may reach into the next date, and the last slots meet hours that begin on it.
    planned = sittings(sources, clinic, zone, since - 1, until + 1)
    if not planned:
        return []
    bounds = instant(zone, since, 0), instant(zone, until + 1, 0)
    slots: list[SlotPlan] = []
    for won in winners(planned + closings(sources, clinic, zone, since - 1, until + 1)):
        if won[2].reason.is_open:
            slots += _cut(won, bounds, zone, clinic)
    return slots


def lay_out_all(sources: Sources, first: date, last: date) -> list[SlotPlan]:
    """Return the slots at all clinics that start on the local dates from `first` to `last`, by their start.

    Hours at several clinics should not overlap. Where they do, a slot falls away that overlaps an earlier one of
    another clinic (of two that start together, the one at the clinic with the higher id): which ones do depends on
    the sources alone, never on the range that is asked for.
    """
    clinics = sorted({schedule.clinic for schedule in sources.schedules})
    if len(clinics) < 2:
        return [slot for clinic in clinics for slot in lay_out(sources, clinic, first, last)]
    check_days(first, last)
    reach = timedelta(days=_REACH)
    around = [slot for clinic in clinics for slot in lay_out(sources, clinic, first - reach, last + reach)]
    around.sort(key=lambda slot: (slot.start, slot.clinic))
    return [slot for slot in _first_come(around) if first <= slot.date <= last]


def _cut(won: Won, bounds: tuple[int, int], zone: str, clinic: ClinicId) -> Iterator[SlotPlan]:
    """Yield the slots of a sitting's grid that lie within a stretch it won and start within the bounds."""
    since, until, sitting = won
    hours, schedule = sitting.reason.hours, sitting.reason.schedule
    assert hours is not None
    assert schedule is not None
    length, step = hours.slot_minutes * 60, (hours.slot_minutes + hours.buffer_minutes) * 60
    if length <= 0 or step < length:
        return
    today, midnight = date.fromordinal(sitting.ordinal), instant(zone, sitting.ordinal + 1, 0)
    since = max(since, bounds[0])
    first = sitting.start - (sitting.start - since) // step * step
    start, onward, lasting = moment(first), timedelta(seconds=step), timedelta(seconds=length)
    for begun in range(first, min(until - length + 1, bounds[1]), step):
        yield SlotPlan(
            start=start,
            end=start + lasting,
            date=today if begun < midnight else today + timedelta(days=1),
            clinic=clinic,
            schedule=schedule,
            hours=hours,
        )
        start += onward


def _first_come(slots: list[SlotPlan]) -> Iterator[SlotPlan]:
    """Yield those that no earlier slot of another clinic overlaps."""
    busy_until: dict[ClinicId, datetime] = {}
    for slot in slots:
        if not any(slot.start < until for clinic, until in busy_until.items() if clinic != slot.clinic):
            yield slot
        # At one clinic slots never overlap, so the newest one ends last.
        busy_until[slot.clinic] = slot.end
