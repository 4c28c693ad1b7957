"""The calendar's rules once more, on purpose without its code: a watch is walked along, minute by minute.

The watch shows the clinic's time; its high-water mark is the latest it has ever shown. A wall time has come once the
mark has reached it: that is all it takes for skipped times to be the moment of the change, for repeated ones to count
once, and for dates to lie end to end. At each minute every source is asked by itself whether it claims it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling_core.calendar.reasons import Segment
from scheduling_core.calendar.slots import SlotPlan
from scheduling_core.calendar.sources import Hours, Leave, LeaveStatus, Schedule, Sources
from scheduling_core.ids import ClinicId, ScheduleId

MINUTE = timedelta(minutes=1)


class Tick(NamedTuple):
    """A minute of UTC and the latest wall time that the clinic's clock has shown by then."""

    at: datetime
    mark: datetime


class Begun(NamedTuple):
    """A sitting: of which schedule, on which date, which one of that date."""

    kind: str
    schedule: Schedule
    source: UUID
    hours: Hours
    date: date
    place: int
    since: datetime
    until: datetime
    """Wall times."""


class Why(NamedTuple):
    """What the model says about a minute."""

    kind: str
    source: UUID | None = None
    schedule: ScheduleId | None = None
    hours: Hours | None = None
    name: str | None = None


Stretch = tuple[datetime, datetime, Why]


class Cut(NamedTuple):
    """A slot by the model."""

    start: datetime
    end: datetime
    date: date
    schedule: ScheduleId
    hours: Hours


class Walk:
    """One walk along the clock of a clinic, from two days before `first` to three after `last`."""

    def __init__(self, sources: Sources, clinic: ClinicId, first: date, last: date) -> None:
        self.sources = sources
        self.clinic = clinic
        self.first, self.last = first, last
        self.ticks = list(self._walk())
        self.begun = list(self._begun())
        self._begin: dict[datetime, int] = {}
        self._why: dict[int, Why] = {}

    def _walk(self) -> Iterator[Tick]:
        zone = ZoneInfo(self.sources.zones[self.clinic])
        at = datetime.combine(self.first - timedelta(days=2), time(), UTC)
        until = datetime.combine(self.last + timedelta(days=4), time(), UTC)
        mark = datetime.combine(date.min, time())
        while at < until:
            mark = max(mark, at.astimezone(zone).replace(tzinfo=None))
            yield Tick(at, mark)
            at += MINUTE

    def _begun(self) -> Iterator[Begun]:
        day = self.first - timedelta(days=1)
        while day <= self.last + timedelta(days=1):
            for schedule in self.sources.schedules:
                if schedule.clinic == self.clinic and schedule.is_in_effect(day):
                    yield from self._of(schedule, day)
            day += timedelta(days=1)

    def _of(self, schedule: Schedule, day: date) -> Iterator[Begun]:
        base = schedule.week[day.weekday()]
        for override in self.sources.overrides:
            if override.schedule == schedule.id and override.date == day:
                for place, hours in enumerate(override.hours):
                    yield _begin("override", schedule, override.id, hours, day, place)
                for place, hours in enumerate(base, len(override.hours)):
                    yield _begin("override_closed", schedule, override.id, hours, day, place)
                return
        for place, hours in enumerate(base):
            yield _begin("base", schedule, schedule.id, hours, day, place)

    def position(self, wall: datetime) -> int:
        """Return the position of the first tick by which `wall` has come."""
        if wall not in self._begin:
            self._begin[wall] = next(i for i, tick in enumerate(self.ticks) if tick.mark >= wall)
        return self._begin[wall]

    def reasons(self) -> dict[date, list[tuple[datetime, Why]]]:
        """Return what holds at each minute of each date."""
        days: dict[date, list[tuple[datetime, Why]]] = {}
        for position, tick in enumerate(self.ticks):
            day = tick.mark.date()
            if self.first <= day <= self.last:
                days.setdefault(day, []).append((tick.at, self.why(position)))
        return days

    def why(self, position: int) -> Why:
        """Return why a minute is open or closed."""
        if position not in self._why:
            self._why[position] = self._ask(position)
        return self._why[position]

    def _ask(self, position: int) -> Why:
        """Ask one source after the other, the most important first."""
        tick = self.ticks[position]
        for kind in ("forced_block", "emergency"):
            if (closure := self._closure(kind, tick)) is not None:
                return closure
        if (leave := self._leave(tick)) is not None:
            return Why("leave", leave.id)
        if (closure := self._closure("holiday", tick)) is not None:
            return closure
        named = [d.name for d in self.sources.clinic_days if d.clinic == self.clinic and d.date == tick.mark.date()]
        if named:
            return Why("holiday", name=min(named))
        if (sitting := self.sitting(position)) is not None:
            maintenance = self._maintenance(sitting, tick) if sitting.kind != "override_closed" else None
            if maintenance is not None:
                return Why("maintenance", maintenance, sitting.schedule.id, sitting.hours)
            return Why(sitting.kind, sitting.source, sitting.schedule.id, sitting.hours)
        planned = (s for s in self.sources.schedules if s.clinic == self.clinic)
        return Why("outside_hours" if any(s.is_in_effect(tick.mark.date()) for s in planned) else "no_schedule")

    def _closure(self, kind: str, tick: Tick) -> Why | None:
        found = [
            (closure.start.replace(second=0, microsecond=0), closure.id)
            for closure in self.sources.closures
            if closure.kind.value == kind
            and closure.clinic in (None, self.clinic)
            and closure.start < closure.end
            and closure.start < tick.at + MINUTE
            and tick.at < closure.end
        ]
        return Why(kind, min(found)[1]) if found else None

    def _maintenance(self, sitting: Begun, tick: Tick) -> UUID | None:
        """Return what keeps those who come in person from the sitting; by video alone nobody needs a thing."""
        found = [
            (outage.start.replace(second=0, microsecond=0), outage.id)
            for outage in self.sources.outages
            if outage.resource in (sitting.hours.room, *sitting.hours.equipment)
            and sitting.hours.in_person > 0
            and outage.start < outage.end
            and outage.start < tick.at + MINUTE
            and tick.at < outage.end
        ]
        return min(found)[1] if found else None

    def _leave(self, tick: Tick) -> Leave | None:
        found = [leave for leave in self.sources.leaves if leave.status is LeaveStatus.APPROVED and _off(leave, tick)]
        return min(found, key=lambda leave: (leave.first, leave.start or 0, leave.id), default=None)

    def sitting(self, position: int) -> Begun | None:
        """Return the sitting that a minute belongs to, open or left out."""
        mark = self.ticks[position].mark
        found = [b for b in self.begun if b.since <= mark < b.until]
        kinds = ("override", "base", "override_closed")
        return min(
            found,
            key=lambda b: (kinds.index(b.kind), self.position(b.since), b.schedule.id, b.place),
            default=None,
        )

    def slots(self) -> list[Cut]:
        """Return the slots that start on the dates walked for, by their start."""
        open_to = {i: self._open(i) for i in range(len(self.ticks)) if self._is_near(i)}
        cuts = [cut for begun in self.begun if begun.kind != "override_closed" for cut in self._cut(begun, open_to)]
        return sorted(cut for cut in cuts if self.first <= cut.date <= self.last)

    def _is_near(self, position: int) -> bool:
        return self.first <= self.ticks[position].mark.date() <= self.last + timedelta(days=1)

    def _open(self, position: int) -> Begun | None:
        return self.sitting(position) if self.why(position).kind in ("override", "base") else None

    def _cut(self, begun: Begun, open_to: dict[int, Begun | None]) -> Iterator[Cut]:
        hours = begun.hours
        start, end = self.position(begun.since), self.position(begun.until)
        while start + hours.slot_minutes <= end:
            if all(open_to.get(start + minute) is begun for minute in range(hours.slot_minutes)):
                first, last = self.ticks[start], self.ticks[start + hours.slot_minutes]
                yield Cut(first.at, last.at, first.mark.date(), begun.schedule.id, hours)
            start += hours.slot_minutes + hours.buffer_minutes


def _begin(kind: str, schedule: Schedule, source: UUID, hours: Hours, day: date, place: int) -> Begun:
    return Begun(kind, schedule, source, hours, day, place, _wall(day, hours.start), _wall(day, hours.end))


def _wall(day: date, minute: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minute)


def _off(leave: Leave, tick: Tick) -> bool:
    if leave.start is not None and leave.end is not None:
        return _wall(leave.first, leave.start) <= tick.mark < _wall(leave.first, leave.end)
    return leave.first <= tick.mark.date() <= leave.last


def told(segments: Iterable[Segment]) -> list[Stretch]:
    """Return segments as the model tells them."""
    return [
        (s.start, s.end, Why(s.reason.kind.value, s.reason.source, s.reason.schedule, s.reason.hours, s.reason.name))
        for s in segments
    ]


def joined(minutes: Sequence[tuple[datetime, Why]]) -> list[Stretch]:
    """Return minutes for the same reason as one stretch."""
    stretches = []
    for why, group in groupby(minutes, key=lambda minute: minute[1]):
        instants = [at for at, _ in group]
        stretches.append((instants[0], instants[-1] + MINUTE, why))
    return stretches


def as_cuts(slots: Iterable[SlotPlan]) -> list[Cut]:
    """Return slots as the model tells them."""
    return [Cut(s.start, s.end, s.date, s.schedule, s.hours) for s in slots]
