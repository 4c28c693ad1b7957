"""Which windows of a day to offer: few appointments, a short wait, near the hour the patient prefers. Counts only."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from scheduling_core.errors import InvalidValue
from scheduling_core.live_queue.day_windows import window_capacity
from scheduling_core.live_queue.state import Entry, EntryState, Queue
from scheduling_core.live_queue.windows import window_start

OPENS, CLOSES = time(8), time(18)
"""Hours offered on a day of which no more is known than its queue; booked windows outside them are offered too."""

ROOM, WAIT, HOUR = 55, 20, 25
"""Points of a free window, of no wait, of the preferred hour. Without a preference the first two make the score."""
LONG_WAIT = 60
"""Minutes of waiting that earn no points any more."""
FAR = 4
"""Hours from the preferred one that earn no points any more."""

_AHEAD = frozenset({EntryState.EXPECTED, EntryState.WAITING, EntryState.CALLED, EntryState.IN_CONSULTATION})


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A window on offer. `wait` is in minutes after its start, `score` goes from 0 to 100."""

    label: str
    """Wall times in the clinic's zone."""
    start: datetime
    end: datetime
    appointments: int
    wait: int
    score: int
    reasons: tuple[str, ...]


def suggestions(
    queue: Queue,
    now: datetime,
    *,
    preferred_hour: int | None = None,
    per_window: int | None = None,
    opens: time = OPENS,
    closes: time = CLOSES,
    limit: int = 5,
) -> tuple[Suggestion, ...]:
    """Return the best windows that have not begun and are not full, best first, at most `limit`.

    `preferred_hour` is an hour of the clinic's day (0–23), `per_window` the clinic's cap. For a day without a queue
    pass one that was only opened. Raises `InvalidValue` for an hour that no day has.
    """
    if preferred_hour is not None and not 0 <= preferred_hour <= 23:
        raise InvalidValue("An hour goes from 0 to 23.", field="preferredHour")
    if queue.closed:
        return ()
    zone = ZoneInfo(queue.timezone)
    length = timedelta(minutes=queue.policy.window_minutes)
    booked: dict[datetime, list[Entry]] = {}
    for entry in queue.entries.values():
        if entry.state is not EntryState.CANCELLED and entry.state is not EntryState.NO_SHOW:
            booked.setdefault(entry.window, []).append(entry)
    found = []
    for start in _windows(queue, zone, opens, closes, booked):
        inside = booked.get(start, [])
        capacity = window_capacity(queue, inside, per_window)
        if start < now or len(inside) >= capacity:
            continue
        wait = _wait(queue, now, start, inside, booked)
        free = 1 - len(inside) / capacity
        hours = None if preferred_hour is None else _hours_apart(start.astimezone(zone), preferred_hour)
        found.append(
            Suggestion(
                label=f"{start.astimezone(zone):%H:%M}–{(start + length).astimezone(zone):%H:%M}",
                start=start,
                end=start + length,
                appointments=len(inside),
                wait=wait,
                score=_score(free, wait, hours),
                reasons=_reasons(len(inside), capacity, wait, hours),
            )
        )
    return tuple(sorted(found, key=lambda s: (-s.score, s.start))[:limit])


def _windows(
    queue: Queue, zone: ZoneInfo, opens: time, closes: time, booked: dict[datetime, list[Entry]]
) -> list[datetime]:
    """Return the starts of the windows inside the opening hours, and of the booked ones."""
    length = timedelta(minutes=queue.policy.window_minutes)
    day = datetime.fromisoformat(queue.date).date()
    first = datetime.combine(day, opens, zone).astimezone(queue.day_start.tzinfo)
    last = min(datetime.combine(day, closes, zone).astimezone(queue.day_start.tzinfo), queue.day_end)
    start = window_start(first, queue.day_start, queue.policy.window_minutes)
    # On a day when the clocks change a window may straddle the opening: it begins with the doors shut.
    start += length if start < first else timedelta()
    starts = set(booked)
    while start < last:
        starts.add(start)
        start += length
    return sorted(starts)


def _wait(
    queue: Queue, now: datetime, start: datetime, inside: list[Entry], booked: dict[datetime, list[Entry]]
) -> int:
    """Return how long after `start` somebody who books there would be seen.

    What the windows before cannot finish in time is carried over; then come those of the window itself. Each takes
    the doctor's recent mean.
    """
    mean = max(1.0, queue.pace.minutes)
    free_at = max(now, queue.blocked_until) if queue.blocked_until is not None else now
    for window in sorted(booked):
        if window >= start:
            break
        ahead = sum(entry.state in _AHEAD for entry in booked[window])
        if ahead:
            free_at = max(free_at, window) + timedelta(minutes=ahead * mean)
    ahead = sum(entry.state in _AHEAD for entry in inside)
    seen_at = max(free_at, start) + timedelta(minutes=ahead * mean)
    return round((seen_at - start).total_seconds() / 60)


def _hours_apart(local: datetime, preferred_hour: int) -> float:
    return abs(local.hour + local.minute / 60 - preferred_hour)


def _score(free: float, wait: int, hours: float | None) -> int:
    points = ROOM * free + WAIT * max(0.0, 1 - wait / LONG_WAIT)
    if hours is None:
        return round(100 * points / (ROOM + WAIT))
    return round(points + HOUR * max(0.0, 1 - hours / FAR))


def _reasons(appointments: int, capacity: int, wait: int, hours: float | None) -> tuple[str, ...]:
    reasons = ["Nobody has booked yet" if not appointments else f"{appointments} of {capacity} places are taken"]
    reasons.append("No wait expected" if not wait else f"About {wait} minutes of waiting")
    if hours is not None:
        if hours < 1:
            reasons.append("At the hour you prefer")
        elif hours < FAR:
            reasons.append("Near the hour you prefer")
    return tuple(reasons)
