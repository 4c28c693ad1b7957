"""What a sitting must be like, and that no doctor sits in two places at once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduling_core.calendar.commands import Sitting
from scheduling_core.calendar.events import Week
from scheduling_core.calendar.sources import DAY_MINUTES, Hours, Schedule
from scheduling_core.calendar.state import DoctorCalendar
from scheduling_core.calendar.wall_time import instant
from scheduling_core.errors import InvalidValue
from scheduling_core.ids import ClinicId, ScheduleId

LONGEST_SLOT = 720
MOST_PLACES = 500
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

LOOK_AHEAD = timedelta(days=400)
"""How far two schedules are compared from the first day on which both are in effect: weeks repeat, and so do the
changes of clocks between zones within a year."""
SPILL = timedelta(days=2)
"""How far a sitting may reach beyond the date it begins on: past midnight, and across the date line."""

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()

Zones = Mapping[ClinicId, str]


def week_of(sittings: Sequence[Sitting]) -> Week:
    """Return sittings as seven days, each in the order of their starts."""
    days: list[list[Hours]] = [[] for _ in range(7)]
    for sitting in sittings:
        days[sitting.weekday - 1].append(sitting.hours)
    return tuple(tuple(sorted(day, key=lambda hours: hours.start)) for day in days)


def check_hours(given: Sequence[Hours], path: str = "sittings") -> None:
    """Raise `InvalidValue`, naming the field, for the first sitting that makes no sense by itself."""
    for index, hours in enumerate(given):
        for name, is_wrong, why in _rules(hours):
            if is_wrong:
                raise InvalidValue(why, field=f"{path}[{index}].{name}")


def _rules(hours: Hours) -> Iterator[tuple[str, bool, str]]:
    yield "start", not 0 <= hours.start < DAY_MINUTES, "A sitting begins between 00:00 and 23:59."
    yield "end", hours.end <= hours.start, "A sitting ends after it begins; say so when that is on the next day."
    yield "end", hours.end > hours.start + DAY_MINUTES, "A sitting lasts no longer than 24 hours."
    yield "slotMinutes", not 1 <= hours.slot_minutes <= LONGEST_SLOT, f"A slot lasts 1 to {LONGEST_SLOT} minutes."
    yield "slotMinutes", hours.slot_minutes > hours.end - hours.start, "A slot is longer than its sitting."
    yield "bufferMinutes", not 0 <= hours.buffer_minutes <= DAY_MINUTES, "The buffer is 0 to 1440 minutes."
    yield "inPerson", not 0 <= hours.in_person <= MOST_PLACES, f"A slot takes 0 to {MOST_PLACES} in person."
    yield "tele", not 0 <= hours.tele <= MOST_PLACES, f"A slot takes 0 to {MOST_PLACES} by video."
    yield "total", hours.total < 1, "A slot takes at least one patient."
    yield "total", hours.total > hours.in_person + hours.tele, "No more fit than in person and by video together."
    yield "inPerson", hours.in_person > hours.total, "More in person than altogether."
    yield "tele", hours.tele > hours.total, "More by video than altogether."


class Clash(NamedTuple):
    """Two sittings at the same time; `hours` begins on `day` and belongs to the schedule that was asked about."""

    day: date
    hours: Hours
    other: ScheduleId
    other_day: date
    other_hours: Hours

    def __str__(self) -> str:
        where = f"{WEEKDAYS[self.other_day.weekday()]} {clock(self.other_hours.start)}–{clock(self.other_hours.end)}"
        return f"On {self.day} this overlaps {where}."


class _Stretch(NamedTuple):
    start: int
    end: int
    day: date
    hours: Hours
    schedule: ScheduleId


def first_clash(
    calendar: DoctorCalendar,
    id: ScheduleId,
    zones: Zones,
    *,
    since: date,
    around: date | None = None,
) -> Clash | None:
    """Return two sittings at the same time, one of them of the schedule `id`, from `since` on; None without any.

    With `around`, only those near that date are looked at.
    """
    kept = calendar.schedule(id)
    assert kept is not None, "a schedule of this calendar"
    for other in calendar.schedules:
        days = _common_days(kept.schedule, other.schedule, since, around)
        if days is None:
            continue
        found = _clash_between(calendar, kept.schedule, other.schedule, zones, *days)
        if found is not None:
            return found
    return None


def _common_days(one: Schedule, other: Schedule, since: date, around: date | None) -> tuple[date, date] | None:
    """Return the first and last date on which sittings of both may touch, None without any."""
    first = max(since, one.effective_from - SPILL, other.effective_from - SPILL)
    ends = [s.effective_until + SPILL for s in (one, other) if s.effective_until is not None]
    last = min([first + LOOK_AHEAD, *ends])
    if around is not None:
        first, last = max(first, around - SPILL), min(last, around + SPILL)
    return (first, last) if first <= last else None


def _clash_between(
    calendar: DoctorCalendar, one: Schedule, other: Schedule, zones: Zones, first: date, last: date
) -> Clash | None:
    # By one clock, wall times keep the order of instants, and are much faster to compare.
    by_wall = zones[one.clinic] == zones[other.clinic]
    stretches = list(_stretches(calendar, one, None if by_wall else zones[one.clinic], first, last))
    if other.id != one.id:
        stretches += _stretches(calendar, other, None if by_wall else zones[other.clinic], first, last)
    stretches.sort(key=lambda stretch: stretch.start)
    longest: dict[ScheduleId, _Stretch] = {}
    for stretch in stretches:
        for before in longest.values():
            if before.end > stretch.start and (other.id == one.id or before.schedule != stretch.schedule):
                return _clash(before, stretch, one.id)
        known = longest.get(stretch.schedule)
        if known is None or known.end < stretch.end:
            longest[stretch.schedule] = stretch
    return None


def _clash(before: _Stretch, after: _Stretch, asked: ScheduleId) -> Clash:
    mine, theirs = (after, before) if after.schedule == asked else (before, after)
    return Clash(mine.day, mine.hours, theirs.schedule, theirs.day, theirs.hours)


def _stretches(
    calendar: DoctorCalendar, schedule: Schedule, zone: str | None, first: date, last: date
) -> Iterator[_Stretch]:
    """Yield sittings with their start and end: instants, or wall times where `zone` is None."""
    place = _wall_minute if zone is None else Instants(zone, first, last)
    changed = {o.date: o.hours for o in calendar.overrides if o.schedule == schedule.id}
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if not schedule.is_in_effect(day):
            continue
        ordinal = day.toordinal()
        for hours in changed.get(day, schedule.week[day.weekday()]):
            yield _Stretch(place(ordinal, hours.start), place(ordinal, hours.end), day, hours, schedule.id)


def _wall_minute(ordinal: int, minute: int) -> int:
    return ordinal * DAY_MINUTES + minute


class Instants:
    """Wall times of a range of dates as instants. Only around changes of the clock does it take a close look."""

    def __init__(self, zone: str, first: date, last: date) -> None:
        tz = ZoneInfo(zone)
        self._zone = zone
        self._since = first.toordinal() - 1
        midnight = datetime(first.year, first.month, first.day, tzinfo=UTC)
        days = range(-1, (last - first).days + 4)
        self._offsets = [(midnight + timedelta(days=day)).astimezone(tz).utcoffset() for day in days]

    def __call__(self, ordinal: int, minute: int) -> int:
        """Return the instant of a wall time, in seconds since 1970."""
        place = ordinal - self._since
        offset = self._offsets[place]
        if offset is None or any(other != offset for other in self._offsets[place - 1 : place + 4]):
            return instant(self._zone, ordinal, minute)
        return (ordinal - _EPOCH_ORDINAL) * 86_400 + minute * 60 - int(offset.total_seconds())


def clock(minute: int) -> str:
    """Return minutes since midnight as HH:MM; what lies on the next day as its clock shows it."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
