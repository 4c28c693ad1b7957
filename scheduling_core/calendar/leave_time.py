"""When leave begins and ends: whole days or part of one, by the clock of each clinic."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from scheduling_core.calendar.sources import Leave
from scheduling_core.calendar.wall_time import instant, moment

_DAY = timedelta(days=1)


def span_of(leave: Leave, zone: str) -> tuple[datetime, datetime]:
    """Return from when to when leave lasts by the clock of `zone`."""
    begins = instant(zone, leave.first.toordinal(), leave.start or 0)
    if leave.end is not None:
        return moment(begins), moment(instant(zone, leave.last.toordinal(), leave.end))
    return moment(begins), moment(instant(zone, (leave.last + _DAY).toordinal(), 0))


def has_begun(leave: Leave, now: datetime, zones: Iterable[str]) -> bool:
    """Return whether leave has begun in any of these zones; in UTC where there are none."""
    return any(span_of(leave, zone)[0] <= now for zone in set(zones) or {"UTC"})
