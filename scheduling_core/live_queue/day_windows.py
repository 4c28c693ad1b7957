"""The queue of a day seen by window: who booked which, how full each is, who wants the doctor at the same time."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from scheduling_core.errors import InvalidValue, NotFound
from scheduling_core.ids import EntryId
from scheduling_core.live_queue.state import Entry, EntryState, Queue

_GONE = frozenset({EntryState.NO_SHOW, EntryState.CANCELLED})


class DayWindow(msgspec.Struct, frozen=True):
    """One window: its bounds, how many it takes, and who booked it: served first, then the line, then who is gone."""

    start: datetime
    end: datetime
    capacity: int
    entries: tuple[EntryId, ...]


class WindowPlace(msgspec.Struct, frozen=True):
    """An entry's 1-based place among those of its window in line (None outside the line), and how many those are."""

    position: int | None
    total: int
    window: datetime


class Overlap(msgspec.Struct, frozen=True):
    """Two entries whose booked times intersect from `start` to `end`, and for how many minutes."""

    first: EntryId
    second: EntryId
    start: datetime
    end: datetime
    minutes: int


def day_windows(queue: Queue, per_window: int | None = None) -> tuple[DayWindow, ...]:
    """Return the windows of the day from the first booked one to the last, the empty ones in between included.

    `per_window` is the clinic's cap, None when it has none.
    """
    grouped: dict[datetime, list[Entry]] = {}
    for entry in queue.entries.values():
        grouped.setdefault(entry.window, []).append(entry)
    if not grouped:
        return ()
    length = timedelta(minutes=queue.policy.window_minutes)
    places = {entry: place for place, entry in enumerate(queue.line)}
    windows = []
    start, last = min(grouped), max(grouped)
    while start <= last:
        inside = sorted(grouped.get(start, ()), key=lambda entry: _reading_order(entry, places))
        capacity = window_capacity(queue, inside, per_window)
        windows.append(DayWindow(start, start + length, capacity, tuple(entry.id for entry in inside)))
        start += length
    return tuple(windows)


def window_capacity(queue: Queue, inside: Iterable[Entry], per_window: int | None = None) -> int:
    """Return how many entries a window takes: the clinic's cap, else as often as a usual appointment fits into it.

    Usual is the mean booked duration of those `inside`, or of the doctor's recent consultations when there are none.
    """
    if per_window is not None:
        return per_window
    durations = [entry.duration for entry in inside if entry.state is not EntryState.CANCELLED]
    usual = sum(durations) / len(durations) if durations else queue.pace.minutes
    return max(1, int(queue.policy.window_minutes // max(1.0, usual)))


def place_in_window(queue: Queue, entry_id: EntryId) -> WindowPlace:
    """Return the entry's place among those of its own window; raises `NotFound` when the queue does not hold it."""
    entry = queue.entries.get(entry_id)
    if entry is None:
        raise NotFound("This appointment is not in the queue.")
    beside = [other for other in queue.line if queue.entries[other].window == entry.window]
    position = beside.index(entry_id) + 1 if entry_id in beside else None
    return WindowPlace(position, len(beside), entry.window)


def entries_between(queue: Queue, start: datetime, end: datetime) -> tuple[EntryId, ...]:
    """Return who is booked to start in [start, end): served first, then the line, then who is gone.

    Raises `InvalidValue` when the end is not after the start.
    """
    if end <= start:
        raise InvalidValue("A window ends after it starts.", field="slotEndTime")
    places = {entry: place for place, entry in enumerate(queue.line)}
    inside = [entry for entry in queue.entries.values() if start <= entry.start < end]
    return tuple(entry.id for entry in sorted(inside, key=lambda entry: _reading_order(entry, places)))


def overlaps(queue: Queue, start: datetime, end: datetime) -> tuple[Overlap, ...]:
    """Return each pair booked to start in [start, end) whose [start, start + duration) intersect, by time.

    Who has cancelled or did not show wants no time; a walk-in wants it from the arrival on.
    """
    inside = [queue.entries[entry] for entry in entries_between(queue, start, end)]
    wanting = sorted((e for e in inside if e.state not in _GONE), key=lambda e: (e.start, e.id.bytes))
    found = []
    for index, first in enumerate(wanting):
        first_ends = _ends(first)
        for second in wanting[index + 1 :]:
            if second.start >= first_ends:
                break
            until = min(first_ends, _ends(second))
            minutes = int((until - second.start).total_seconds() // 60)
            if minutes:
                found.append(Overlap(first.id, second.id, second.start, until, minutes))
    return tuple(found)


def _ends(entry: Entry) -> datetime:
    return entry.start + timedelta(minutes=entry.duration)


def _reading_order(entry: Entry, places: dict[EntryId, int]) -> tuple[int, float, bytes]:
    """Return what sorts a window as one reads it: who was called by that time, then the line, then the gone."""
    if entry.id in places:
        return (1, places[entry.id], entry.id.bytes)
    if entry.state in _GONE:
        return (2, entry.start.timestamp(), entry.id.bytes)
    return (0, (entry.called_at or entry.start).timestamp(), entry.id.bytes)
