"""The windows of a day: equal stretches counted from the clinic's local midnight."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

UTC = UTC


def day_bounds(day: str, zone: str) -> tuple[datetime, datetime]:
    """Return the first instant of the local day and of the next one, in UTC.

    A midnight that daylight saving skips is the instant of the change; one that occurs twice is the first.
    Raises `zoneinfo.ZoneInfoNotFoundError` for an unknown zone and `ValueError` for a bad date.
    """
    first = date.fromisoformat(day)
    tz = ZoneInfo(zone)
    return (
        datetime.combine(first, time(), tz).astimezone(UTC),
        datetime.combine(first + timedelta(days=1), time(), tz).astimezone(UTC),
    )


def window_start(instant: datetime, day_start: datetime, minutes: int) -> datetime:
    """Return the start of the window of `minutes` that holds `instant`.

    Counted in elapsed time from local midnight, not on the wall clock: so every window has the same length and
    the function never runs backwards, also on the days when the clocks change.
    """
    length = timedelta(minutes=minutes)
    return day_start + length * ((instant - day_start) // length)
