"""Which windows of a day to offer: room in them, a short wait, nobody on top of each other, the hour the patient
prefers. Counts only."""

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from math import sqrt
from zoneinfo import ZoneInfo

import msgspec

from scheduling_core.errors import InvalidValue
from scheduling_core.estimates.waits import VARIATION, Z90
from scheduling_core.live_queue.day_windows import overlaps, window_capacity
from scheduling_core.live_queue.state import Entry, EntryState, Queue
from scheduling_core.live_queue.windows import window_start

OPENS, CLOSES = time(8), time(18)
"""Hours offered on a day of which no more is known than its queue; booked windows outside them are offered too."""

ROOM, WAIT, CALM, HOUR = 45, 20, 10, 25
"""Points of a free window, of no wait, of no two appointments at the same time, of the preferred hour. Without a
preference the first three make the score."""
LONG_WAIT = 60
"""Minutes of waiting that earn no points any more."""
FAR = 4
"""Hours from the preferred one that earn no points any more."""

_AHEAD = frozenset({EntryState.EXPECTED, EntryState.WAITING, EntryState.CALLED, EntryState.IN_CONSULTATION})
_GONE = frozenset({EntryState.CANCELLED, EntryState.NO_SHOW})


class OfferedSlot(msgspec.Struct, frozen=True, kw_only=True):
    """A slot of the day that patients could still be booked into, or that is full: its places altogether, those that
    can be had, and those that somebody is about to book."""

    start: datetime
    places: int
    free: int
    held: int = 0


class Aspect(StrEnum):
    """What a window is scored by."""

    ROOM = "room"
    WAIT = "wait"
    CALM = "calm"
    HOUR = "hour"


class Reason(StrEnum):
    """What speaks for a window or against it, as a stable word: readers have sentences of their own."""

    ALL_FREE = "all_free"
    SOME_FREE = "some_free"
    NOBODY_BOOKED = "nobody_booked"
    SOME_TAKEN = "some_taken"
    NO_WAIT = "no_wait"
    WAIT = "wait"
    CROWDED = "crowded"
    AT_HOUR = "at_hour"
    NEAR_HOUR = "near_hour"


class Why(msgspec.Struct, frozen=True):
    """A reason with the numbers that belong into it, and all of it as an English sentence."""

    reason: Reason
    sentence: str
    numbers: Mapping[str, int] = {}


class Points(msgspec.Struct, frozen=True):
    """What a window earns in one respect, of how many points, and why."""

    aspect: Aspect
    points: float
    of: int
    why: Why | None


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A window on offer. `wait` is in minutes after its start: what half of those who book there wait at most;
    `long_wait` nine of ten. `score` goes from 0 to 100: the points, of those that could be had."""

    label: str
    """Wall times in the clinic's zone."""
    start: datetime
    end: datetime
    appointments: int
    free: int | None
    """Slots that can be booked; None on a day without slots."""
    overlaps: int
    """Pairs of appointments that want the doctor at the same time."""
    wait: int
    long_wait: int
    score: int
    points: tuple[Points, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return what speaks for the window and against it."""
        return tuple(one.why.sentence for one in self.points if one.why is not None)


class _Window(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one window."""

    start: datetime
    inside: list[Entry]
    slots: list[OfferedSlot] | None
    capacity: int

    @property
    def is_full(self) -> bool:
        """Whether nobody can be booked there."""
        is_taken = self.slots is not None and not any(slot.free for slot in self.slots)
        return is_taken or len(self.inside) >= self.capacity

    @property
    def room(self) -> float:
        """The share of its places that can be had."""
        if self.slots is None:
            return 1 - len(self.inside) / self.capacity
        return sum(slot.free for slot in self.slots) / max(1, sum(slot.places for slot in self.slots))


def suggestions(
    queue: Queue,
    now: datetime,
    *,
    preferred_hour: int | None = None,
    per_window: int | None = None,
    slots: Collection[OfferedSlot] = (),
    opens: time = OPENS,
    closes: time = CLOSES,
    limit: int = 5,
) -> tuple[Suggestion, ...]:
    """Return the best windows that have not begun and are not full, best first, at most `limit`.

    `preferred_hour` is an hour of the clinic's day (0–23), `per_window` the clinic's cap. With `slots`, those of the
    day, only windows with a free one are offered; without any, the opening hours. For a day without a queue pass one
    that was only opened. Raises `InvalidValue` for an hour that no day has.
    """
    if preferred_hour is not None and not 0 <= preferred_hour <= 23:
        raise InvalidValue("An hour goes from 0 to 23.", field="preferredHour")
    if queue.closed:
        return ()
    zone = ZoneInfo(queue.timezone)
    length = timedelta(minutes=queue.policy.window_minutes)
    booked: dict[datetime, list[Entry]] = {}
    for entry in queue.entries.values():
        if entry.state not in _GONE:
            booked.setdefault(entry.window, []).append(entry)
    found = []
    for window in _windows(queue, zone, opens, closes, booked, slots, per_window):
        start = window.start
        if start < now or window.is_full:
            continue
        wait, long_wait = _wait(queue, now, start, window.inside, booked)
        hours = None if preferred_hour is None else _hours_apart(start.astimezone(zone), preferred_hour)
        pairs = len(overlaps(queue, start, start + length))
        points = _points(window, wait, pairs, hours)
        found.append(
            Suggestion(
                label=f"{start.astimezone(zone):%H:%M}–{(start + length).astimezone(zone):%H:%M}",
                start=start,
                end=start + length,
                appointments=len(window.inside),
                free=None if window.slots is None else sum(slot.free > 0 for slot in window.slots),
                overlaps=pairs,
                wait=wait,
                long_wait=long_wait,
                score=round(100 * sum(one.points for one in points) / sum(one.of for one in points)),
                points=points,
            )
        )
    return tuple(sorted(found, key=lambda s: (-s.score, s.start))[:limit])


def _windows(
    queue: Queue,
    zone: ZoneInfo,
    opens: time,
    closes: time,
    booked: Mapping[datetime, list[Entry]],
    slots: Collection[OfferedSlot],
    per_window: int | None,
) -> list[_Window]:
    """Return what is known of each window that may be offered."""
    if not slots:
        return [
            _Window(
                start=start,
                inside=booked.get(start, []),
                slots=None,
                capacity=window_capacity(queue, booked.get(start, []), per_window),
            )
            for start in _open_windows(queue, zone, opens, closes, booked)
        ]
    offered: dict[datetime, list[OfferedSlot]] = {}
    for slot in slots:
        start = window_start(slot.start, queue.day_start, queue.policy.window_minutes)
        offered.setdefault(start, []).append(slot)
    return [
        _Window(
            start=start,
            inside=booked.get(start, []),
            slots=offered[start],
            # Who comes without a slot takes no place of one; only a clinic's cap counts everybody.
            capacity=per_window if per_window is not None else len(booked.get(start, [])) + 1,
        )
        for start in sorted(offered)
    ]


def _open_windows(
    queue: Queue, zone: ZoneInfo, opens: time, closes: time, booked: Mapping[datetime, list[Entry]]
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
    queue: Queue, now: datetime, start: datetime, inside: list[Entry], booked: Mapping[datetime, list[Entry]]
) -> tuple[int, int]:
    """Return how long after `start` somebody who books there would be seen: in one of two cases, in nine of ten.

    What the windows before cannot finish in time is carried over; then come those of the window itself. Each takes
    the doctor's recent mean, with the spread that consultations have.
    """
    mean = max(1.0, queue.pace.minutes)
    free_at = max(now, queue.blocked_until) if queue.blocked_until is not None else now
    carried = 0
    for window in sorted(booked):
        if window >= start:
            break
        ahead = sum(entry.state in _AHEAD for entry in booked[window])
        if ahead:
            # Before a window in which the doctor has caught up nothing is uncertain any more.
            carried = ahead + (carried if free_at > window else 0)
            free_at = max(free_at, window) + timedelta(minutes=ahead * mean)
    ahead = sum(entry.state in _AHEAD for entry in inside)
    seen_at = max(free_at, start) + timedelta(minutes=ahead * mean)
    uncertain = ahead + (carried if free_at > start else 0)
    wait = (seen_at - start).total_seconds() / 60
    return round(wait), round(wait + Z90 * VARIATION * mean * sqrt(uncertain))


def _hours_apart(local: datetime, preferred_hour: int) -> float:
    return abs(local.hour + local.minute / 60 - preferred_hour)


def _points(window: _Window, wait: int, pairs: int, hours: float | None) -> tuple[Points, ...]:
    found = [
        Points(Aspect.ROOM, ROOM * window.room, ROOM, _room(window)),
        Points(Aspect.WAIT, WAIT * max(0.0, 1 - wait / LONG_WAIT), WAIT, _waiting(wait)),
        Points(Aspect.CALM, CALM / (1 + pairs), CALM, _crowd(pairs)),
    ]
    if hours is not None:
        found.append(Points(Aspect.HOUR, HOUR * max(0.0, 1 - hours / FAR), HOUR, _hour(hours)))
    return tuple(found)


def _room(window: _Window) -> Why:
    if window.slots is None:
        taken, capacity = len(window.inside), window.capacity
        if not taken:
            return Why(Reason.NOBODY_BOOKED, "Nobody has booked yet")
        sentence = f"{taken} of {capacity} places are taken"
        return Why(Reason.SOME_TAKEN, sentence, {"taken": taken, "places": capacity})
    places, free = sum(slot.places for slot in window.slots), sum(slot.free for slot in window.slots)
    held = sum(slot.held for slot in window.slots)
    reason = Reason.ALL_FREE if free == places else Reason.SOME_FREE
    told = "All places are free" if free == places else f"{free} of {places} places are free"
    sentence = f"{told}; {held} just being booked" if held else told
    return Why(reason, sentence, {"free": free, "places": places})


def _waiting(minutes: int) -> Why:
    if not minutes:
        return Why(Reason.NO_WAIT, "No wait expected")
    return Why(Reason.WAIT, f"About {minutes} minutes of waiting", {"minutes": minutes})


def _crowd(pairs: int) -> Why | None:
    if not pairs:
        return None
    sentence = f"{pairs} {'pair' if pairs == 1 else 'pairs'} of appointments at the same time"
    return Why(Reason.CROWDED, sentence, {"pairs": pairs})


def _hour(apart: float) -> Why | None:
    if apart < 1:
        return Why(Reason.AT_HOUR, "At the hour you prefer")
    return Why(Reason.NEAR_HOUR, "Near the hour you prefer") if apart < FAR else None
