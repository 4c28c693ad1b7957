"""What time demands of a queue: prompts, releases, ends of grace, end of the day."""

from datetime import datetime, timedelta
from operator import attrgetter

from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue.state import Entry, EntryState, Queue

LOOK_AGAIN = timedelta(minutes=5)
"""After how long the release of somebody absent is looked at again."""
_START = attrgetter("start")


def prompt_at(queue: Queue, entry: Entry) -> datetime:
    """Return when patient and desk are prompted because `entry` is not here."""
    return queue.due(entry) + timedelta(minutes=queue.policy.late_after)


def release_at(queue: Queue, entry: Entry) -> datetime:
    """Return when `entry`, still absent, is released as not shown (or looked at again).

    Never before a grace time ends that reception has granted.
    """
    release = queue.due(entry) + timedelta(minutes=queue.policy.release_after)
    return max(release, entry.look_again_at or release, entry.grace_until or release)


def next_wake(queue: Queue) -> datetime | None:
    """Return when the queue must be ticked next, None when it is closed."""
    if queue.closed:
        return None
    expected = [entry for entry in queue.entries.values() if entry.state is EntryState.EXPECTED]
    moments = [entry.grace_until for entry in queue.entries.values() if entry.grace_until is not None]
    # Whoever is to come first is prompted first and, where nothing puts it off, released first. So one sum does for
    # all: this is asked several times for each command, of every entry.
    unprompted = [entry for entry in expected if entry.prompted_at is None]
    if unprompted:
        moments.append(prompt_at(queue, min(unprompted, key=_START)))
    as_planned = [entry for entry in expected if entry.look_again_at is None and entry.grace_until is None]
    if as_planned:
        moments.append(release_at(queue, min(as_planned, key=_START)))
    put_off = (entry for entry in expected if entry.look_again_at is not None or entry.grace_until is not None)
    moments += [release_at(queue, entry) for entry in put_off]
    return min([queue.day_end, *moments])


def due_events(queue: Queue, now: datetime) -> list[ev.QueueEvent]:
    """Return what is due at `now`. Everything is read anew, so an early or repeated tick does nothing."""
    events: list[ev.QueueEvent] = []
    is_serving = queue.in_state(EntryState.CALLED) or queue.in_state(EntryState.IN_CONSULTATION)
    for entry in queue.entries.values():
        if entry.grace_until is not None and now >= entry.grace_until:
            events.append(ev.EntryMarkedNoShow(entry=entry.id))
            continue
        if entry.state is not EntryState.EXPECTED:
            continue
        is_over = now >= release_at(queue, entry)
        # With a pause nobody could be called: absence costs no one anything yet.
        if is_over and (entry.passed_over or not (is_serving or queue.paused)):
            events.append(ev.EntryMarkedNoShow(entry=entry.id))
            continue
        if entry.prompted_at is None and now >= prompt_at(queue, entry):
            events.append(ev.ArrivalPrompted(entry=entry.id))
        if is_over:
            events.append(ev.ReleaseDeferred(entry=entry.id, look_again_at=now + LOOK_AGAIN))
    return events
