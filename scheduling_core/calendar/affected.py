"""Which dates a change of a calendar may open or close, so that nothing else has to be looked at."""

from datetime import date, timedelta
from typing import assert_never
from uuid import UUID

from msgspec.structs import replace

from scheduling_core.calendar.sources import Closure, Leave, LeaveStatus, Override, Schedule
from scheduling_core.calendar.state import DoctorCalendar

FAR = timedelta(days=400)
"""Beyond any horizon for which slots are made."""
REACH = timedelta(days=2)
"""How far a sitting reaches past its date, and a clinic's date lies from another's."""

Span = tuple[date, date]
Source = Schedule | Override | Closure | Leave


def affected_dates(before: DoctorCalendar, after: DoctorCalendar, today: date) -> Span | None:
    """Return the first and last date, none before yesterday, on which the two may differ; None where they do not.

    The dates are those on which slots start, by any clinic's clock.
    """
    old, new = _sources(before), _sources(after)
    changed = [id for id in old.keys() | new.keys() if old.get(id) != new.get(id)]
    if not changed:
        return None
    spans = [span for id in changed for span in _spans(old.get(id), new.get(id), today)]
    first = max(min(span[0] for span in spans) - REACH, today - timedelta(days=1))
    last = min(max(span[1] for span in spans) + REACH, today + FAR)
    return (first, last) if first <= last else None


def _sources(calendar: DoctorCalendar) -> dict[UUID, Source]:
    """Everything that opens or closes time, by its id."""
    found: list[Source] = [kept.schedule for kept in calendar.schedules]
    found += [*calendar.overrides, *calendar.closures]
    found += [leave for leave in calendar.leaves if leave.status is LeaveStatus.APPROVED]
    return {source.id: source for source in found}


def _spans(old: Source | None, new: Source | None, today: date) -> list[Span]:
    if (
        isinstance(old, Schedule)
        and isinstance(new, Schedule)
        and old == replace(new, effective_until=old.effective_until)
    ):
        # Only its last day has moved.
        ends = sorted(schedule.effective_until or today + FAR for schedule in (old, new))
        return [(ends[0], ends[1])]
    return [_span(source, today) for source in (old, new) if source is not None]


def _span(source: Source, today: date) -> Span:
    match source:
        case Schedule():
            return source.effective_from, source.effective_until or today + FAR
        case Override():
            return source.date, source.date
        case Closure():
            return source.start.date(), source.end.date()
        case Leave():
            return source.first, source.last
        case _:
            assert_never(source)
