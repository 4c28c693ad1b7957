"""Windows and days, where the clocks change and where they do not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling_core.live_queue.windows import day_bounds, window_start

BOUNDS = [
    # zone, date, first instant, hours until the next day
    ("Europe/Berlin", "2025-06-04", "2025-06-03T22:00", 24),
    ("Europe/Berlin", "2025-03-30", "2025-03-29T23:00", 23),
    ("Europe/Berlin", "2025-10-26", "2025-10-25T22:00", 25),
    ("America/New_York", "2025-03-09", "2025-03-09T05:00", 23),
    ("America/New_York", "2025-11-02", "2025-11-02T04:00", 25),
    ("Australia/Lord_Howe", "2025-10-05", "2025-10-04T13:30", 23.5),
    ("Australia/Lord_Howe", "2025-04-06", "2025-04-05T13:00", 24.5),
    # Midnight is skipped: the day begins at the change, at one o'clock.
    ("Africa/Cairo", "2025-04-25", "2025-04-24T22:00", 23),
    ("America/Santiago", "2025-09-07", "2025-09-07T04:00", 23),
    # The hour before midnight comes twice: it belongs to the day that ends.
    ("Africa/Cairo", "2025-10-30", "2025-10-29T21:00", 25),
    # Midnight comes twice: the day begins with the first.
    ("America/Havana", "2025-11-02", "2025-11-02T04:00", 25),
    ("Asia/Kathmandu", "2025-06-04", "2025-06-03T18:15", 24),
]


@pytest.mark.parametrize(("zone", "date", "first", "hours"), BOUNDS)
def test_a_day_goes_from_local_midnight_to_local_midnight(zone: str, date: str, first: str, hours: float) -> None:
    start, end = day_bounds(date, zone)
    assert start == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert end - start == timedelta(hours=hours)


@given(
    day=st.sampled_from([(zone, date) for zone, date, _, _ in BOUNDS]),
    seconds=st.lists(st.integers(0, 22 * 3600), min_size=2, max_size=2),
    minutes=st.sampled_from([5, 15, 45, 60, 720]),
)
def test_windows_are_equally_long_and_never_run_backwards(
    day: tuple[str, str], seconds: list[int], minutes: int
) -> None:
    start, _ = day_bounds(day[1], day[0])
    earlier, later = (start + timedelta(seconds=s) for s in sorted(seconds))
    first, second = (window_start(instant, start, minutes) for instant in (earlier, later))
    assert first <= second
    for instant, window in ((earlier, first), (later, second)):
        assert window <= instant < window + timedelta(minutes=minutes)
        assert (window - start) % timedelta(minutes=minutes) == timedelta()


def test_an_hour_of_kathmandu_begins_at_a_quarter_past_in_utc() -> None:
    start, _ = day_bounds("2025-06-04", "Asia/Kathmandu")
    assert window_start(datetime(2025, 6, 4, 4, 0, tzinfo=UTC), start, 60) == datetime(2025, 6, 4, 3, 15, tzinfo=UTC)


@pytest.mark.parametrize(("date", "zone"), [("2025-13-01", "UTC"), ("tomorrow", "UTC"), ("2025-06-04", "Mars/Olympus")])
def test_a_bad_date_or_zone_is_refused(date: str, zone: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        day_bounds(date, zone)
