"""Undo of reception's commands: what is remembered of a commit, and the event that compensates it."""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from scheduling_core.errors import (
    AlreadyCalling,
    DoctorBusy,
    NothingToUndo,
    QueueClosed,
    UndoExpired,
    UndoSuperseded,
)
from scheduling_core.ids import DoctorId, EntryId
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue import order
from scheduling_core.live_queue.policy import UNDO_SECONDS
from scheduling_core.live_queue.state import IN_LINE, Entry, EntryState, Facet, Former, Queue, Undoable

NOT_UNDOABLE = frozenset(
    {
        *("enrol", "policy", "reschedule", "begin-payment"),
        *("book-own", "cancel-own", "accept-invite", "promote-from-waitlist"),
    }
)
"""Commands that people give, too, yet not undone at the desk: lists and policies are put right at their source, who was
moved is moved again, what was paid is given back as a payment, what patients have decided is theirs, and whoever came
from the waitlist has left it: they are cancelled, not undone."""

_SUBJECT = (
    ev.EntryCheckedIn,
    ev.EntryCalled,
    ev.EntryRecalled,
    ev.ConsultationStarted,
    ev.ConsultationCompleted,
    ev.EntrySkipped,
    ev.GraceStarted,
    ev.EntryMarkedNoShow,
    ev.EntryMoved,
    ev.EntryTriaged,
    ev.EntryTransferredOut,
    ev.EntryTakenBack,
    ev.EntryRescheduledOut,
    ev.EntryCancelled,
)
"""Events that touch the entry they name. A prompt or a put-off release changes neither state nor place, and a
payment only where it counts."""


def record(
    before: Queue | None,
    after: Queue,
    events: Iterable[ev.QueueEvent],
    *,
    version: int,
    at: datetime,
    command: str,
    by_system: bool,
) -> Undoable:
    """Return what is remembered of a commit that turned `before` into `after`."""
    by_system = by_system or command in NOT_UNDOABLE
    touched: dict[EntryId, None] = {}
    created: list[EntryId] = []
    facets: list[Facet] = []
    transfers: list[tuple[EntryId, DoctorId]] = []
    memory = Undoable(version=version, at=at, command=command, by_system=by_system)
    for event in events:
        match event:
            case ev.EntryEnrolled(entry=entry) | ev.EntryWalkedIn(entry=entry) | ev.EntryTransferredIn(entry=entry):
                created.append(entry.id)
                touched[entry.id] = None
                # Undone where the entry came from: undone here alone, the patient would be in no queue.
                memory = replace(memory, is_transfer_in=isinstance(event, ev.EntryTransferredIn))
            case ev.EntryRescheduledIn(entry=entry):
                created.append(entry.id)
                touched[entry.id] = None
            case ev.EntryRescheduled(entry=entry):
                touched[entry.id] = None
            case ev.PaymentRecorded(entry=paid, seniority=seniority) if seniority is not None:
                touched[paid] = None
            case ev.EntryCalled(passed_over=passed_over, overtaken=overtaken):
                memory = replace(memory, passed_over=passed_over, overtaken=overtaken, called=after.last_called)
            case ev.EntryTransferredOut(entry=leaving, to_doctor=to_doctor):
                transfers.append((leaving, to_doctor))
            case ev.QueuePausedEvent() | ev.QueueResumed():
                facets.append(Facet.PAUSE)
            case ev.DayClosed():
                facets.append(Facet.CLOSE)
            case ev.BroadcastIssued(broadcast=broadcast, estimated_delay=delay):
                memory = replace(memory, notice=broadcast)
                facets += [] if delay is None else [Facet.DELAY]
            case ev.CommandUndone() | ev.EntryTakenBack():
                memory = replace(memory, is_undo=True)
            case _:
                pass
        if isinstance(event, _SUBJECT):
            touched[event.entry] = None
    memory = replace(memory, touched=tuple(touched), facets=tuple(facets))
    # What the system did, and undos, can only stand in the way of another undo: what went before is not needed.
    if by_system or memory.is_undo:
        return memory
    if before is None:
        return replace(memory, created=tuple(created))
    delayed = Facet.DELAY in facets
    return replace(
        memory,
        created=tuple(created),
        former=_former(before, touched),
        transfers=tuple(transfers),
        was_last_called=before.last_called,
        was_paused=before.paused,
        was_closed=before.closed,
        was_pace=before.pace if before.pace != after.pace else None,
        was_blocked_until=before.blocked_until if delayed else None,
        was_notices=tuple(n for n in before.notices if n not in after.notices) if memory.notice else (),
    )


def _former(before: Queue, touched: Iterable[EntryId]) -> tuple[Former, ...]:
    places = {entry: index for index, entry in enumerate(before.line)}
    known = sorted((e for e in touched if e in before.entries), key=lambda e: places.get(e, len(places)))
    in_line = [e for e in known if e in places]
    former = []
    for entry_id in known:
        entry = before.entries[entry_id]
        if entry_id not in places:
            former.append(Former(entry))
        elif in_line == [entry_id] and _stands_by_key(before, entry, places[entry_id]):
            former.append(Former(entry, by_key=True))
        else:
            former.append(Former(entry, before.line[: places[entry_id]]))
    return tuple(former)


def _stands_by_key(queue: Queue, entry: Entry, index: int) -> bool:
    return not entry.pinned and order.place_by_key(queue, order.without(queue.line, entry.id), entry) == index


def find(queue: Queue, version: int, now: datetime) -> Undoable:
    """Return the memory of the commit that made `version`.

    Raises `NothingToUndo`, `UndoExpired` or `UndoSuperseded` when it cannot be undone (any more).
    """
    memory = next((u for u in queue.recent if u.version == version), None)
    if memory is None:
        if 1 <= version <= queue.version:
            raise UndoExpired
        raise NothingToUndo
    if memory.is_transfer_in:
        raise NothingToUndo("A transfer is undone in the queue that the patient came from.")
    if not _is_of_reception(memory):
        raise NothingToUndo
    if (now - memory.at).total_seconds() > UNDO_SECONDS:
        raise UndoExpired
    later = [u for u in queue.recent if u.version > version and not u.undone and not u.is_undo]
    for other in later:
        if set(other.touched) & set(memory.touched) or set(other.facets) & set(memory.facets):
            raise UndoSuperseded
    if queue.closed and Facet.CLOSE not in memory.facets:
        raise QueueClosed
    return memory


def undone(queue: Queue, version: int, now: datetime) -> ev.CommandUndone:
    """Return the event that compensates the commit `version`; raises as `find` does, or when a seat is taken."""
    memory = find(queue, version, now)
    line = queue.line
    for gone in (*memory.created, *(f.entry.id for f in memory.former)):
        line = order.without(line, gone)
    working = replace(queue, line=line)
    restored: list[ev.Restored] = []
    for former in memory.former:
        entry = _as_before(queue, former.entry)
        _check_seat(queue, memory, entry)
        index = None
        if entry.state in IN_LINE:
            working = replace(working, entries={**working.entries, entry.id: entry})
            if former.by_key:
                index = order.place_by_key(working, working.line, entry)
            else:
                index = order.place_after_former(working, working.line, entry, former.predecessors)
            working = replace(working, line=order.inserted(working.line, entry.id, index))
        restored.append(ev.Restored(entry, index))
    counted = memory.was_pace is not None and queue.pace.seen == memory.was_pace.seen + 1
    return ev.CommandUndone(
        undone=version,
        restored=tuple(restored),
        withdrawn=memory.created,
        passed_over=memory.passed_over,
        overtaken=memory.overtaken,
        restores_last_called=memory.called is not None and queue.last_called == memory.called,
        last_called=memory.was_last_called if memory.called is not None else None,
        paused=memory.was_paused if Facet.PAUSE in memory.facets else None,
        closed=memory.was_closed if Facet.CLOSE in memory.facets else None,
        pace=memory.was_pace if counted else None,
        restores_delay=Facet.DELAY in memory.facets,
        blocked_until=memory.was_blocked_until,
        notice=memory.notice,
        notices=tuple(n for n in memory.was_notices if n.until > now),
    )


def _as_before(queue: Queue, entry: Entry) -> Entry:
    """Return `entry` as it was, but with what others' commands and the clock have added since."""
    present = queue.entries.get(entry.id, entry)
    return replace(
        entry,
        overtakes=present.overtakes,
        passed_over=present.passed_over,
        # A prompt was sent, whatever is undone: it is not sent twice.
        prompted_at=present.prompted_at or entry.prompted_at,
        look_again_at=max(filter(None, (present.look_again_at, entry.look_again_at)), default=None),
    )


def _check_seat(queue: Queue, memory: Undoable, entry: Entry) -> None:
    """Only one is called and one is seen at a time; an undo may not put a second one there."""
    holder = queue.in_state(entry.state)
    if holder is None or holder.id in memory.touched:
        return
    if entry.state is EntryState.CALLED:
        raise AlreadyCalling
    if entry.state is EntryState.IN_CONSULTATION:
        raise DoctorBusy


def undoable_commits(queue: Queue, now: datetime) -> list[Undoable]:
    """Return the commits that an undo would accept at `now`, newest first.

    The same answer as asking `find` for each, in one pass from the newest: what was touched later is known by then.
    """
    found: list[Undoable] = []
    entries: set[EntryId] = set()
    facets: set[Facet] = set()
    for memory in reversed(queue.recent):
        if memory.undone or memory.is_undo:
            continue
        if (
            _is_of_reception(memory)
            and (now - memory.at).total_seconds() <= UNDO_SECONDS
            and entries.isdisjoint(memory.touched)
            and facets.isdisjoint(memory.facets)
            and (Facet.CLOSE in memory.facets or not queue.closed)
        ):
            found.append(memory)
        entries.update(memory.touched)
        facets.update(memory.facets)
    return found


def _is_of_reception(memory: Undoable) -> bool:
    """Whether a commit is one that can be undone here at all."""
    touched = memory.touched or memory.facets or memory.notice
    return bool(touched) and not (memory.is_transfer_in or memory.by_system or memory.is_undo or memory.undone)


def check_untouched(queue: Queue, entry: EntryId, now: datetime) -> None:
    """Raise unless the last thing that touched `entry` was its transfer into this queue, a moment ago."""
    # A commit that brought several counts as undone with the first of them that goes back: it is still the arrival.
    touching = (u for u in reversed(queue.recent) if entry in u.touched and not u.is_undo)
    arrival = next((u for u in touching if not u.undone or entry in u.created), None)
    if arrival is None or (now - arrival.at).total_seconds() > UNDO_SECONDS:
        raise UndoExpired
    if entry not in arrival.created:
        raise UndoSuperseded


def undone_transfers(queue: Queue, version: int) -> dict[DoctorId, tuple[EntryId, ...]]:
    """Return who must be taken back from which doctor when the commit `version` is undone; empty if nobody."""
    memory = next((u for u in queue.recent if u.version == version), None)
    taken: dict[DoctorId, tuple[EntryId, ...]] = {}
    for entry, doctor in memory.transfers if memory is not None else ():
        taken[doctor] = (*taken.get(doctor, ()), entry)
    return taken
