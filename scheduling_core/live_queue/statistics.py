"""Figures of one queue on one day.

A wait goes from when the patient could first expect the doctor, the later of arrival and booked start, to the call
(to the start of the consultation where nobody was called): the time spent by coming early is the patient's own choice
and an announced delay is not, so it is the booked start that counts and not `due` (the usual definition: T. Cayirli,
E. Veral, "Outpatient scheduling in health care", Production and Operations Management 12(4), 2003).
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from statistics import fmean, median
from zoneinfo import ZoneInfo

import msgspec

from scheduling_core.live_queue.state import Entry, EntryState, Queue

PEAKS = 3
"""How many of the busiest hours are named."""


class BusyHour(msgspec.Struct, frozen=True):
    """An hour of the clinic's day, as "09:00", and how many appointments start in it."""

    hour: str
    appointments: int


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """Rates between 0 and 1; waits and durations in minutes, None before the first one."""

    total_appointments: int
    """Everybody of the day, walk-ins and cancelled ones too."""
    completed: int
    waiting: int
    """Here and not called yet."""
    no_shows: int
    no_show_rate: float
    """No-shows among the booked appointments of which it is known whether the patient came."""
    average_wait_time: float | None
    median_wait_time: float | None
    p90_wait_time: float | None
    peak_hours: tuple[BusyHour, ...]
    """The busiest hours in the clinic's zone, busiest first; cancelled appointments do not count."""
    early_arrivals: int
    """Booked patients who came before their start."""
    average_early_minutes: float | None
    late_arrivals: int
    overtakes: int
    """Sum of everybody's ledger."""
    average_consultation_time: float | None


def statistics_of(queue: Queue) -> Statistics:
    """Return the figures of `queue` as it stands."""
    entries = list(queue.entries.values())
    states = Counter(entry.state for entry in entries)
    waits = sorted(wait for entry in entries if (wait := wait_of(entry)) is not None)
    early = [minutes for entry in entries if (minutes := _early_minutes(entry)) > 0]
    lengths = [
        _minutes(entry.started_at, entry.ended_at)
        for entry in entries
        if entry.state is EntryState.COMPLETED and entry.started_at is not None and entry.ended_at is not None
    ]
    return Statistics(
        total_appointments=len(entries),
        completed=states[EntryState.COMPLETED],
        waiting=states[EntryState.WAITING],
        no_shows=states[EntryState.NO_SHOW],
        no_show_rate=_no_show_rate(entries),
        average_wait_time=round(fmean(waits), 1) if waits else None,
        median_wait_time=round(median(waits), 1) if waits else None,
        p90_wait_time=round(percentile(waits, 0.9), 1) if waits else None,
        peak_hours=_peak_hours(queue, entries),
        early_arrivals=len(early),
        average_early_minutes=round(fmean(early), 1) if early else None,
        late_arrivals=sum(entry.late for entry in entries),
        overtakes=sum(sum(entry.overtakes.values()) for entry in entries),
        average_consultation_time=round(fmean(lengths), 1) if lengths else None,
    )


def wait_of(entry: Entry) -> float | None:
    """Return the minutes `entry` waited for the call, 0 for one seen early, None while that is not known."""
    ready_at = entry.called_at or entry.started_at
    if entry.arrived_at is None or ready_at is None:
        return None
    return max(0.0, _minutes(max(entry.arrived_at, entry.start), ready_at))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the sorted, non-empty `values` lie, interpolated linearly.

    The same as `percentile_cont` of Postgres, so that figures of a day and of a month agree.
    """
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def _no_show_rate(entries: list[Entry]) -> float:
    booked = [entry for entry in entries if not entry.walk_in]
    missed = sum(entry.state is EntryState.NO_SHOW for entry in booked)
    came = sum(entry.arrived_at is not None and entry.state is not EntryState.NO_SHOW for entry in booked)
    return round(missed / (missed + came), 4) if missed else 0.0


def _peak_hours(queue: Queue, entries: list[Entry]) -> tuple[BusyHour, ...]:
    zone = ZoneInfo(queue.timezone)
    hours = Counter(entry.start.astimezone(zone).hour for entry in entries if entry.state is not EntryState.CANCELLED)
    busiest = sorted(hours.items(), key=lambda counted: (-counted[1], counted[0]))[:PEAKS]
    return tuple(BusyHour(f"{hour:02}:00", count) for hour, count in busiest)


def _early_minutes(entry: Entry) -> float:
    if entry.walk_in or entry.arrived_at is None:
        return 0.0
    return _minutes(entry.arrived_at, entry.start)


def _minutes(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 60
