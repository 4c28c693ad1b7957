"""Wall times as instants: minutes since local midnight in, seconds since 1970 out, whatever the clocks do that day.

A wall time is the first instant at which the clinic's clock shows it or something later. That makes the way from wall
times to instants monotonic: one that is skipped is the moment of the change, of two the first counts, and the days of
a zone lie end to end, also where midnight itself does not exist or comes twice.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from scheduling_core.errors import InvalidValue

EARLIEST, LATEST = date(1970, 1, 10), date(2199, 12, 31)
"""The days that are reckoned with."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_DAY = 86_400
_HOUR = 3_600

Piece = tuple[int, int]
"""From when on an offset from UTC is in force, and that offset; both in seconds."""


def instant(zone: str, ordinal: int, minute: int) -> int:
    """Return when it is `minute` minutes past the midnight that begins the date `ordinal` (as `date.toordinal`).

    Minutes from 1440 on lie on the next date. The answer is in seconds since 1970. Raises
    `zoneinfo.ZoneInfoNotFoundError` for an unknown zone.
    """
    later, minute = divmod(minute, 1440)
    wall = (ordinal + later - _EPOCH_ORDINAL) * _DAY + minute * 60
    pieces = _offsets_around(zone, ordinal + later)
    if len(pieces) == 1:
        return wall - pieces[0][1]
    for (since, offset), (until, _) in pairwise(pieces):
        shown = max(since, wall - offset)
        if shown < until:
            return shown
    since, offset = pieces[-1]
    return max(since, wall - offset)


def day_span(zone: str, ordinal: int) -> tuple[int, int]:
    """Return the first second of a local date and of the next one; both the same for a date that a zone skipped."""
    return instant(zone, ordinal, 0), instant(zone, ordinal + 1, 0)


def moment(seconds: int) -> datetime:
    """Return seconds since 1970 as an instant in UTC."""
    return _EPOCH + timedelta(seconds=seconds)


def minute_of(instant: datetime) -> int:
    """Return the second at which the minute of an instant begins."""
    return int((instant - _EPOCH).total_seconds() // 60) * 60


def minute_after(instant: datetime) -> int:
    """Return the second at which the first minute begins that an instant has not begun before."""
    return -int((_EPOCH - instant).total_seconds() // 60) * 60


def check_days(first: date, last: date) -> None:
    """Refuse days that are not reckoned with; raises `InvalidValue`."""
    if first < EARLIEST or last > LATEST:
        raise InvalidValue(f"Choose days from {EARLIEST} to {LATEST}.", field="from" if first < EARLIEST else "to")


@lru_cache(maxsize=16_384)
def _offsets_around(zone: str, ordinal: int) -> tuple[Piece, ...]:
    """Return the offsets in force from a day before a date to a day after it, oldest first."""
    tz = ZoneInfo(zone)
    midnight = (ordinal - _EPOCH_ORDINAL) * _DAY
    since = midnight - _DAY
    pieces = [(since, _offset(tz, since))]
    for until in range(since + _HOUR, midnight + 2 * _DAY + 1, _HOUR):
        if (offset := _offset(tz, until)) != pieces[-1][1]:
            pieces.append((_change(tz, until - _HOUR, until), offset))
    return tuple(pieces)


def _offset(tz: ZoneInfo, seconds: int) -> int:
    offset = moment(seconds).astimezone(tz).utcoffset()
    assert offset is not None, "a zone has an offset at any time"
    return int(offset.total_seconds())


def _change(tz: ZoneInfo, before: int, after: int) -> int:
    """Return the second at which the offset changes between two that differ."""
    old = _offset(tz, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(tz, middle) == old:
            before = middle
        else:
            after = middle
    return after
