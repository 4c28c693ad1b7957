"""What may happen to a doctor's calendar. Pure: `now` and the zones of the clinics are arguments.

Whatever is refused names the field that is to blame, as clients call it.
"""

from datetime import date, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from scheduling_core.calendar import commands, events
from scheduling_core.calendar.commands import CalendarCommand, Sitting
from scheduling_core.calendar.decide_leave import decide_leave
from scheduling_core.calendar.events import CalendarEvent, Week
from scheduling_core.calendar.fold import fold
from scheduling_core.calendar.sittings import Zones, check_hours, first_clash, week_of
from scheduling_core.calendar.sources import ExceptionKind
from scheduling_core.calendar.state import DoctorCalendar, KeptSchedule
from scheduling_core.errors import Conflict, InvalidValue, NotFound, OverlappingSittings
from scheduling_core.ids import ScheduleId

FARTHEST = timedelta(days=5 * 366)
"""Dates of schedules lie no farther from today than this."""
LATE_EXCEPTION = timedelta(days=1)
"""How long ago an exception may have begun when it is entered: an emergency is dealt with first."""
LONGEST_EXCEPTION = timedelta(days=366)
MOST_SCHEDULES, MOST_OVERRIDES, MOST_EXCEPTIONS = 50, 400, 400
"""What a calendar holds of what is not over yet: far more than anybody needs, little enough to be reckoned with."""


def decide(
    calendar: DoctorCalendar | None, command: CalendarCommand, now: datetime, zones: Zones
) -> list[CalendarEvent]:
    """Return what happens; nothing when everything is so already.

    `zones` holds the zone of every clinic that the calendar or the command names. Raises `InvalidValue`, `Conflict`,
    `OverlappingSittings`, `OverlappingLeave`, `OwnLeave`, `Forbidden` and `NotFound`.
    """
    was = calendar if calendar is not None else DoctorCalendar(doctor=command.doctor)
    match command:
        case commands.CreateSchedule():
            return _create(was, command, now, zones)
        case commands.UpdateSchedule():
            return _update(was, command, now, zones)
        case commands.EndSchedule():
            return _end(was, command, now, zones)
        case commands.AddOverride():
            return _add_override(was, command, now, zones)
        case commands.RemoveOverride():
            return _remove_override(was, command, now, zones)
        case commands.AddException():
            return _add_exception(was, command, now)
        case commands.RemoveException():
            return _remove_exception(was, command, now)
        case commands.RequestLeave() | commands.ApproveLeave() | commands.RejectLeave() | commands.CancelLeave():
            return decide_leave(was, command, now, zones)
        case _:
            assert_never(command)


def local_date(now: datetime, zone: str) -> date:
    """Return the date by the clock of `zone`."""
    return now.astimezone(ZoneInfo(zone)).date()


def _create(was: DoctorCalendar, command: commands.CreateSchedule, now: datetime, zones: Zones) -> list[CalendarEvent]:
    today = local_date(now, zones[command.clinic])
    week = _checked(command.sittings, command.effective_from, command.effective_until, today)
    if sum(1 for kept in was.schedules if _goes_on(kept, today)) >= MOST_SCHEDULES:
        raise Conflict(f"A doctor has no more than {MOST_SCHEDULES} schedules at a time; end one first.")
    created = events.ScheduleCreated(
        doctor=command.doctor,
        schedule=command.schedule,
        clinic=command.clinic,
        effective_from=command.effective_from,
        effective_until=command.effective_until,
        week=week,
    )
    _check_free(fold(was, created, now), command.schedule, command.sittings, today, zones)
    return [created]


def _update(was: DoctorCalendar, command: commands.UpdateSchedule, now: datetime, zones: Zones) -> list[CalendarEvent]:
    kept = _going_on(was, command.schedule)
    today = local_date(now, zones[kept.schedule.clinic])
    week = _checked(command.sittings, command.effective_from, command.effective_until, today)
    old = kept.schedule
    wanted = (command.effective_from, command.effective_until, week)
    if wanted == (old.effective_from, old.effective_until, old.week):
        return []
    updated = events.ScheduleUpdated(
        doctor=command.doctor,
        schedule=command.schedule,
        effective_from=command.effective_from,
        effective_until=command.effective_until,
        week=week,
    )
    after = fold(was, updated, now)
    found = [updated, *_homeless_overrides(after, command.schedule, today)]
    _check_free(_after(was, found, now), command.schedule, command.sittings, today, zones)
    return found


def _end(was: DoctorCalendar, command: commands.EndSchedule, now: datetime, zones: Zones) -> list[CalendarEvent]:
    schedule = _going_on(was, command.schedule).schedule
    today = local_date(now, zones[schedule.clinic])
    yesterday = today - timedelta(days=1)
    last = command.last or yesterday
    if last < yesterday:
        raise InvalidValue("What is over cannot be taken back: give today or a later day.", field="lastDay")
    if schedule.effective_until is not None and last >= schedule.effective_until:
        raise InvalidValue(f"The schedule ends on {schedule.effective_until} anyway.", field="lastDay")
    if last > today + FARTHEST:
        raise InvalidValue("This is too far ahead.", field="lastDay")
    ended = events.ScheduleEnded(doctor=command.doctor, schedule=command.schedule, last=last)
    return [ended, *_homeless_overrides(fold(was, ended, now), command.schedule, today)]


def _homeless_overrides(after: DoctorCalendar, schedule: ScheduleId, today: date) -> list[CalendarEvent]:
    """Overrides ahead on dates on which their schedule is not in effect any more go with it."""
    kept = after.schedule(schedule)
    assert kept is not None
    return [
        events.OverrideRemoved(doctor=after.doctor, override=override.id)
        for override in after.overrides
        if override.schedule == schedule and override.date >= today and not kept.schedule.is_in_effect(override.date)
    ]


def _after(was: DoctorCalendar, found: list[CalendarEvent], now: datetime) -> DoctorCalendar:
    for event in found:
        was = fold(was, event, now)
    return was


def _checked(sittings: tuple[Sitting, ...], first: date, last: date | None, today: date) -> Week:
    if abs(first - today) > FARTHEST:
        raise InvalidValue("This is too far from today.", field="effectiveFrom")
    if last is not None and last < first:
        raise InvalidValue("The last day lies before the first.", field="effectiveUntil")
    if last is not None and last < today:
        raise InvalidValue("This day is over; to stop a schedule, end it.", field="effectiveUntil")
    if last is not None and last - today > FARTHEST:
        raise InvalidValue("This is too far from today.", field="effectiveUntil")
    if not sittings:
        raise InvalidValue("A schedule has at least one sitting.", field="sittings")
    for index, sitting in enumerate(sittings):
        if not 1 <= sitting.weekday <= 7:
            raise InvalidValue("Weekdays go from 1 (Monday) to 7.", field=f"sittings[{index}].weekday")
    check_hours([sitting.hours for sitting in sittings])
    _check_week(sittings)
    return week_of(sittings)


def _check_week(sittings: tuple[Sitting, ...]) -> None:
    """Refuse two sittings of one week at the same time, round the end of the week, too."""
    week = 7 * 1440
    spans = [((s.weekday - 1) * 1440 + s.hours.start, (s.weekday - 1) * 1440 + s.hours.end) for s in sittings]
    for index, (start, end) in enumerate(spans):
        for other_start, other_end in spans[:index]:
            shifts = (-week, 0, week)
            if any(start < other_end + shift and other_start + shift < end for shift in shifts):
                raise InvalidValue("This overlaps another sitting of the same week.", field=f"sittings[{index}].start")


def _check_free(
    after: DoctorCalendar, schedule: ScheduleId, sittings: tuple[Sitting, ...], today: date, zones: Zones
) -> None:
    clash = first_clash(after, schedule, zones, since=today - timedelta(days=1))
    if clash is None:
        return
    same = [i for i, s in enumerate(sittings) if s.weekday == clash.day.isoweekday() and s.hours == clash.hours]
    raise OverlappingSittings(str(clash), field=f"sittings[{same[0]}].start" if same else "sittings")


def _add_override(
    was: DoctorCalendar, command: commands.AddOverride, now: datetime, zones: Zones
) -> list[CalendarEvent]:
    schedule = _going_on(was, command.schedule).schedule
    today = local_date(now, zones[schedule.clinic])
    if command.date < today:
        raise InvalidValue("This day is over.", field="date")
    if not schedule.is_in_effect(command.date):
        raise InvalidValue("The schedule is not in effect on this day.", field="date")
    if command.date - today > FARTHEST:
        raise InvalidValue("This is too far from today.", field="date")
    if any(o.schedule == schedule.id and o.date == command.date for o in was.overrides):
        raise Conflict("There is an override for this day; remove it first.", field="date")
    if sum(1 for o in was.overrides if o.date >= today) >= MOST_OVERRIDES:
        raise Conflict(f"A doctor has no more than {MOST_OVERRIDES} overrides ahead.")
    check_hours(command.hours)
    ordered = tuple(sorted(command.hours, key=lambda hours: hours.start))
    added = events.OverrideAdded(
        doctor=command.doctor,
        override=command.override,
        schedule=command.schedule,
        date=command.date,
        hours=ordered,
        reason=command.reason,
    )
    clash = first_clash(fold(was, added, now), schedule.id, zones, since=today - timedelta(days=1), around=command.date)
    if clash is not None:
        same = [i for i, hours in enumerate(command.hours) if clash.day == command.date and hours == clash.hours]
        raise OverlappingSittings(str(clash), field=f"sittings[{same[-1]}].start" if same else "sittings")
    return [added]


def _remove_override(
    was: DoctorCalendar, command: commands.RemoveOverride, now: datetime, zones: Zones
) -> list[CalendarEvent]:
    override = was.override(command.override)
    if override is None:
        raise NotFound("There is no such override.")
    kept = was.schedule(override.schedule)
    assert kept is not None, "an override without its schedule"
    today = local_date(now, zones[kept.schedule.clinic])
    if override.date < today:
        raise Conflict("This day is over; what was worked then stays as it is.")
    removed = events.OverrideRemoved(doctor=command.doctor, override=command.override)
    since = today - timedelta(days=1)
    clash = first_clash(fold(was, removed, now), kept.schedule.id, zones, since=since, around=override.date)
    if clash is not None:
        raise OverlappingSittings(
            f"The weekly hours do not fit that day any more: {str(clash)[0].lower()}{str(clash)[1:]}"
        )
    return [removed]


def _add_exception(was: DoctorCalendar, command: commands.AddException, now: datetime) -> list[CalendarEvent]:
    if command.end <= command.start:
        raise InvalidValue("This ends before it begins.", field="end")
    if command.start < now - LATE_EXCEPTION:
        raise InvalidValue("This is longer ago than a day.", field="start")
    if command.start > now + FARTHEST:
        raise InvalidValue("This is too far from today.", field="start")
    if command.end - command.start > LONGEST_EXCEPTION:
        raise InvalidValue("An exception lasts no longer than a year.", field="end")
    if command.end <= now:
        raise InvalidValue("This is over already.", field="end")
    if sum(1 for closure in was.closures if closure.end > now) >= MOST_EXCEPTIONS:
        raise Conflict(f"A doctor has no more than {MOST_EXCEPTIONS} exceptions ahead.")
    kinds: dict[ExceptionKind, type[events.EmergencyAdded | events.ForcedBlockAdded | events.HolidayAdded]] = {
        ExceptionKind.EMERGENCY: events.EmergencyAdded,
        ExceptionKind.FORCED_BLOCK: events.ForcedBlockAdded,
        ExceptionKind.HOLIDAY: events.HolidayAdded,
    }
    return [
        kinds[command.kind](
            doctor=command.doctor,
            exception=command.exception,
            clinic=command.clinic,
            start=command.start,
            end=command.end,
            reason=command.reason,
        )
    ]


def _remove_exception(was: DoctorCalendar, command: commands.RemoveException, now: datetime) -> list[CalendarEvent]:
    closure = was.closure(command.exception)
    if closure is None:
        raise NotFound("There is no such exception.")
    if closure.end <= now:
        raise Conflict("This is over; what was closed then stays known.")
    return [events.ExceptionRemoved(doctor=command.doctor, exception=command.exception)]


def _goes_on(kept: KeptSchedule, today: date) -> bool:
    until = kept.schedule.effective_until
    return not kept.ended and (until is None or until >= today)


def _going_on(was: DoctorCalendar, id: ScheduleId) -> KeptSchedule:
    """Return a schedule that may still be changed; raises `NotFound`, and `Conflict` for one that was ended."""
    kept = was.schedule(id)
    if kept is None:
        raise NotFound("There is no such schedule.")
    if kept.ended:
        raise Conflict("This schedule was ended; make a new one.")
    return kept
