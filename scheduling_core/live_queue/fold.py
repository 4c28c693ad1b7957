"""Folding events into the state of a queue: no rules, no refusals, only what the events say."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import assert_never

from msgspec.structs import replace

from scheduling_core.ids import EntryId
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue import order
from scheduling_core.live_queue.policy import UNDO_SECONDS
from scheduling_core.live_queue.state import IN_LINE, Entry, EntryState, Notice, Pace, Queue, Undoable
from scheduling_core.live_queue.undo import record

PACE_WEIGHT = 0.1
"""Weight of the newest consultation in the doctor's recent mean (exponential smoothing)."""
PACE_LIMIT = timedelta(hours=3)
"""A consultation that looks longer than this was forgotten, not held: it says nothing about the pace."""
NOTICE_LIMIT = 8
"""Notices in force at a time, the newest: everybody's view carries them all."""
RECENT_LIMIT = 32
"""Commits remembered for undo; enough for thirty busy seconds of one queue, small enough to store with it."""


def fold_commit(
    queue: Queue | None,
    events: Iterable[ev.QueueEvent],
    *,
    version: int,
    at: datetime,
    command: str,
    by_system: bool,
) -> Queue:
    """Return the queue after one commit, which made `version` at instant `at`.

    Beside applying the events it keeps what an undo of this commit needs.
    """
    events = tuple(events)
    after = queue
    for event in events:
        after = apply(after, event, at)
    assert after is not None
    after = replace(after, notices=tuple(n for n in after.notices if n.until > at)[-NOTICE_LIMIT:])
    recent = tuple(u for u in after.recent if (at - u.at).total_seconds() <= UNDO_SECONDS)
    remembered: Undoable = record(queue, after, events, version=version, at=at, command=command, by_system=by_system)
    recent = (*recent, remembered)[-RECENT_LIMIT:]
    return replace(after, version=version, updated_at=at, recent=recent)


def apply(queue: Queue | None, event: ev.QueueEvent, at: datetime) -> Queue:
    """Return the queue after `event`, which happened at instant `at`."""
    if queue is None:
        assert isinstance(event, ev.QueueOpened)
        return Queue(
            tenant=event.tenant,
            doctor=event.doctor,
            clinic=event.clinic,
            date=event.date,
            timezone=event.timezone,
            day_start=event.day_start,
            day_end=event.day_end,
            policy=event.policy,
            pace=event.pace,
            ticket_prefix=event.ticket_prefix,
            updated_at=at,
        )
    match event:
        case ev.QueueOpened():
            return queue
        case (
            ev.EntryEnrolled(entry=entry, index=index)
            | ev.EntryWalkedIn(entry=entry, index=index)
            | ev.EntryRescheduledIn(entry=entry, index=index)
        ):
            return replace(_placed(queue, entry, index), tickets=queue.tickets + 1)
        case ev.EntryTransferredIn(entry=entry, index=index) | ev.EntryRescheduled(entry=entry, index=index):
            return _placed(queue, entry, index)
        case ev.EntryCheckedIn():
            return _checked_in(queue, event, at)
        case ev.PaymentRecorded(entry=entry, seniority=seniority, index=index):
            if seniority is None:
                return queue
            return _placed(queue, replace(queue.entries[entry], seniority=seniority), index)
        case ev.EntryCalled():
            return _called(queue, event, at)
        case ev.EntryRecalled(entry=entry):
            known = queue.entries[entry]
            return replace(_with(queue, entry, recalls=known.recalls + 1), last_called=known.ticket)
        case ev.ConsultationStarted(entry=entry):
            return _with(queue, entry, state=EntryState.IN_CONSULTATION, started_at=at, grace_until=None)
        case ev.ConsultationCompleted(entry=entry):
            return _completed(queue, queue.entries[entry], at)
        case ev.EntrySkipped(entry=entry, index=index):
            known = queue.entries[entry]
            skipped = replace(
                known, state=EntryState.WAITING, called_at=None, grace_until=None, pinned=True, skips=known.skips + 1
            )
            return _placed(queue, skipped, index)
        case ev.GraceStarted(entry=entry, until=until):
            return _with(queue, entry, grace_until=until)
        case ev.EntryMarkedNoShow(entry=entry):
            return _left(queue, entry, EntryState.NO_SHOW, at)
        case ev.EntryMoved(entry=entry, to=to):
            return _placed(queue, replace(queue.entries[entry], pinned=True), to - 1)
        case ev.EntryTriaged(entry=entry, triage=triage, index=index):
            return _placed(queue, replace(queue.entries[entry], triage=triage, pinned=False), index)
        case ev.EntryTransferredOut(entry=entry) | ev.EntryRescheduledOut(entry=entry):
            return _gone(queue, entry)
        case ev.EntryTakenBack(entry=entry):
            recent = tuple(replace(u, undone=True) if entry in u.created else u for u in queue.recent)
            return replace(_gone(queue, entry), recent=recent)
        case ev.EntryCancelled(entry=entry):
            return _left(queue, entry, EntryState.CANCELLED, at)
        case ev.QueuePausedEvent():
            return replace(queue, paused=True)
        case ev.QueueResumed():
            return replace(queue, paused=False)
        case ev.DayClosed():
            return replace(queue, closed=True)
        case ev.BroadcastIssued():
            return _broadcast(queue, event, at)
        case ev.ArrivalPrompted(entry=entry):
            return _with(queue, entry, prompted_at=at)
        case ev.ReleaseDeferred(entry=entry, look_again_at=look_again_at):
            return _with(queue, entry, look_again_at=look_again_at)
        case ev.PolicyAdopted(policy=policy):
            return replace(queue, policy=policy)
        case ev.CommandUndone():
            return _undone(queue, event, at)
        case _:
            assert_never(event)


def _with(queue: Queue, entry: EntryId, **facts: object) -> Queue:
    return replace(queue, entries={**queue.entries, entry: replace(queue.entries[entry], **facts)})


def _placed(queue: Queue, entry: Entry, index: int | None) -> Queue:
    """Put `entry` with its facts at `index` of the line without it; None leaves the line as it is."""
    line = queue.line if index is None else order.inserted(order.without(queue.line, entry.id), entry.id, index)
    return replace(queue, entries={**queue.entries, entry.id: entry}, line=line)


def _left(queue: Queue, entry: EntryId, state: EntryState, at: datetime) -> Queue:
    left = _with(queue, entry, state=state, ended_at=at, grace_until=None)
    return replace(left, line=order.without(queue.line, entry))


def _gone(queue: Queue, entry: EntryId) -> Queue:
    entries = {known: e for known, e in queue.entries.items() if known != entry}
    return replace(queue, entries=entries, line=order.without(queue.line, entry))


def _checked_in(queue: Queue, event: ev.EntryCheckedIn, at: datetime) -> Queue:
    known = queue.entries[event.entry]
    entry = replace(
        known,
        state=EntryState.WAITING,
        # Who waits already and is seen again keeps the first arrival.
        arrived_at=known.arrived_at if known.state is EntryState.WAITING else at,
        called_at=None,
        ended_at=None,
        grace_until=None,
        look_again_at=None,
    )
    if event.late:
        assert event.key_window is not None
        entry = replace(entry, late=True, pinned=event.pinned, key_time=at, key_window=event.key_window)
    return _placed(queue, entry, event.index)


def _called(queue: Queue, event: ev.EntryCalled, at: datetime) -> Queue:
    entries = dict(queue.entries)
    for absent in event.passed_over:
        entries[absent] = replace(entries[absent], passed_over=entries[absent].passed_over + 1)
    for overtaken, cause in event.overtaken:
        ledger = entries[overtaken].overtakes
        entries[overtaken] = replace(entries[overtaken], overtakes={**ledger, cause: ledger.get(cause, 0) + 1})
    called = replace(entries[event.entry], state=EntryState.CALLED, called_at=at, grace_until=None)
    entries[event.entry] = called
    return replace(queue, entries=entries, line=order.without(queue.line, event.entry), last_called=called.ticket)


def _completed(queue: Queue, entry: Entry, at: datetime) -> Queue:
    pace = queue.pace
    if entry.started_at is not None and timedelta() < at - entry.started_at < PACE_LIMIT:
        minutes = (at - entry.started_at).total_seconds() / 60
        pace = Pace(round(pace.minutes + PACE_WEIGHT * (minutes - pace.minutes), 4), pace.seen + 1)
    done = _with(queue, entry.id, state=EntryState.COMPLETED, ended_at=at, grace_until=None)
    return replace(done, pace=pace)


def _broadcast(queue: Queue, event: ev.BroadcastIssued, at: datetime) -> Queue:
    notice = Notice(
        id=event.broadcast,
        text=event.text,
        priority=event.priority,
        issued_at=at,
        until=event.until,
        estimated_delay=event.estimated_delay,
    )
    if event.estimated_delay is None:
        return replace(queue, notices=(*queue.notices, notice))
    # The newest delay replaces: two that contradict each other are never shown together.
    others = tuple(n for n in queue.notices if n.estimated_delay is None)
    return replace(queue, notices=(*others, notice), blocked_until=event.blocked_until)


def _undone(queue: Queue, event: ev.CommandUndone, at: datetime) -> Queue:
    entries = dict(queue.entries)
    line = queue.line
    for withdrawn in event.withdrawn:
        entries[withdrawn] = replace(entries[withdrawn], state=EntryState.CANCELLED, ended_at=at, grace_until=None)
        line = order.without(line, withdrawn)
    for restored in event.restored:
        line = order.without(line, restored.entry.id)
    for restored in event.restored:
        entries[restored.entry.id] = restored.entry
        if restored.index is not None:
            line = order.inserted(line, restored.entry.id, restored.index)
    for passed in event.passed_over:
        if passed in entries:
            entries[passed] = replace(entries[passed], passed_over=max(0, entries[passed].passed_over - 1))
    for overtaken, cause in event.overtaken:
        if overtaken in entries and (counted := entries[overtaken].overtakes.get(cause, 0)):
            ledger = {**entries[overtaken].overtakes, cause: counted - 1}
            entries[overtaken] = replace(entries[overtaken], overtakes={c: n for c, n in ledger.items() if n})
    assert all(entries[entry].state in IN_LINE for entry in line)
    return replace(
        queue,
        entries=entries,
        line=line,
        paused=queue.paused if event.paused is None else event.paused,
        closed=queue.closed if event.closed is None else event.closed,
        pace=queue.pace if event.pace is None else event.pace,
        last_called=event.last_called if event.restores_last_called else queue.last_called,
        blocked_until=event.blocked_until if event.restores_delay else queue.blocked_until,
        notices=(*event.notices, *(n for n in queue.notices if n.id != event.notice)),
        recent=tuple(replace(u, undone=True) if u.version == event.undone else u for u in queue.recent),
    )
