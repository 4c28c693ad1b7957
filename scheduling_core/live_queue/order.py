"""The order of the line: keys, insertion, and the places behind others. All functions are pure."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from scheduling_core.ids import EntryId
from scheduling_core.live_queue.state import Entry, Queue
from scheduling_core.live_queue.windows import window_start

Key = tuple[bool, datetime, int, datetime, datetime, bytes]
Line = tuple[EntryId, ...]


def key(entry: Entry) -> Key:
    """Return what unpinned entries are sorted by: window of K, triage, K, seniority, id; triage 1 first."""
    return (entry.triage != 1, entry.key_window, entry.triage, entry.key_time, entry.seniority, entry.id.bytes)


def place_by_key(queue: Queue, line: Line, entry: Entry) -> int:
    """Return the index before the first unpinned entry of `line` with a greater key, else the end."""
    mine = key(entry)
    for index, other in enumerate(line):
        known = queue.entries[other]
        if not known.pinned and key(known) > mine:
            return index
    return len(line)


def place_behind_callable(queue: Queue, line: Line, count: int, now: datetime) -> int | None:
    """Return the index directly behind the `count`-th callable entry of `line`, None when there are fewer."""
    found = 0
    for index, other in enumerate(line):
        found += queue.is_callable(queue.entries[other], now)
        if found == count:
            return index + 1
    return None


def place_of_late(queue: Queue, line: Line, entry: Entry, now: datetime) -> tuple[int, bool]:
    """Return where a late arrival goes by the policy, and whether it is pinned there."""
    by_key = place_by_key(queue, line, entry)
    if queue.policy.late_policy == "behind_two":
        behind = place_behind_callable(queue, line, 2, now)
        if behind is not None and behind < by_key:
            return behind, True
    return by_key, False


def place_of_skipped(queue: Queue, entry: Entry, now: datetime) -> int:
    """Return the index, in the line without `entry`, behind the next callable entries that the policy counts.

    With fewer callable entries behind it: behind the last of them. With none: where it stands, or the head when
    it was called already.
    """
    at = queue.line.index(entry.id) if entry.id in queue.line else 0
    line = without(queue.line, entry.id)
    place, found = at, 0
    for index in range(at, len(line)):
        if queue.is_callable(queue.entries[line[index]], now):
            place, found = index + 1, found + 1
            if found == queue.policy.skip_behind:
                break
    return place


def place_after_former(queue: Queue, line: Line, entry: Entry, predecessors: Iterable[EntryId]) -> int:
    """Return the index behind the nearest of `predecessors` (nearest last) still in `line`, else the head.

    An unpinned entry goes as near to it as the keys of the other unpinned ones allow.
    """
    place = 0
    for former in reversed(tuple(predecessors)):
        if former in line:
            place = line.index(former) + 1
            break
    if entry.pinned:
        return place
    mine = key(entry)
    smaller = (i + 1 for i, other in enumerate(line) if not (e := queue.entries[other]).pinned and key(e) < mine)
    return min(max(place, *smaller, 0), place_by_key(queue, line, entry))


def without(line: Line, entry: EntryId) -> Line:
    """Return `line` without `entry`."""
    return tuple(other for other in line if other != entry)


def inserted(line: Line, entry: EntryId, index: int) -> Line:
    """Return `line` with `entry` at `index`; it must not be in it."""
    return (*line[:index], entry, *line[index:])


def keyed(queue: Queue, entry: Entry, key_time: datetime) -> Entry:
    """Return `entry` with K set to `key_time`."""
    return msgspec.structs.replace(
        entry, key_time=key_time, key_window=window_start(key_time, queue.day_start, queue.policy.window_minutes)
    )


def next_to_call(queue: Queue, now: datetime) -> Entry | None:
    """Return the first callable entry, else the first who came early enough, else None."""
    here = [queue.entries[entry] for entry in queue.line]
    return next(
        (e for e in here if queue.is_callable(e, now)),
        next((e for e in here if queue.is_early_callable(e, now)), None),
    )
