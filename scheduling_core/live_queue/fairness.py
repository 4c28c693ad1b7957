"""The fairness ledger: nobody is overtaken silently."""

from datetime import datetime

from scheduling_core.ids import EntryId
from scheduling_core.live_queue.state import Cause, Entry, Queue


def standing(entry: Entry) -> tuple[datetime, datetime, datetime]:
    """Return what right to be next is measured by, the smaller the stronger: window of K, K, seniority."""
    return (entry.key_window, entry.key_time, entry.seniority)


def overtaken_by(queue: Queue, called: Entry, *, picked: bool, now: datetime) -> tuple[tuple[EntryId, Cause], ...]:
    """Return every callable, never skipped entry left in line whose standing is stronger than that of `called`."""
    mine = standing(called)
    overtaken = []
    for other in queue.line:
        entry = queue.entries[other]
        if other == called.id or entry.skips or not queue.is_callable(entry, now) or standing(entry) >= mine:
            continue
        overtaken.append((other, _cause(called, entry, picked=picked)))
    return tuple(overtaken)


def _cause(called: Entry, overtaken: Entry, *, picked: bool) -> Cause:
    if picked:
        return Cause.PICKED
    if called.pinned or overtaken.pinned:
        return Cause.MOVED
    return Cause.TRIAGE
