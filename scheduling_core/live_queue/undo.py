"""Undo of reception's commands: what is remembered of a commit, and the event that compensates it."""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from scheduling_core.errors import AlreadyCalling, DoctorBusy, NothingToUndo, QueueClosed, UndoExpired, UndoSuperseded
from scheduling_core.ids import DoctorId, EntryId
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue import order
from scheduling_core.live_queue.policy import UNDO_SECONDS
from scheduling_core.live_queue.state import IN_LINE, Entry, EntryState, Facet, Former, Queue, Undoable

_SUBJECT = (
    ev.EntryCheckedIn,
    ev.PaymentRecorded,
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
    ev.EntryCancelled,
)
"""Events that touch the entry they name. A prompt or a put-off release changes neither state nor place."""


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
    touched: dict[EntryId, None] = {}
    created: list[EntryId] = []
    facets: list[Facet] = []
    memory = Undoable(version=version, at=at, command=command, by_system=by_system)
    for event in events:
        match event:
            case ev.EntryEnrolled(entry=entry) | ev.EntryWalkedIn(entry=entry) | ev.EntryTransferredIn(entry=entry):
                created.append(entry.id)
                touched[entry.id] = None
            case ev.EntryCalled(passed_over=passed_over, overtaken=overtaken):
                memory = replace(memory, passed_over=passed_over, overtaken=overtaken)
            case ev.QueuePausedEvent() | ev.QueueResumed():
                facets.append(Facet.PAUSE)
            case ev.DayClosed():
                facets.append(Facet.CLOSE)
            case ev.BroadcastIssued(broadcast=broadcast):
                facets.append(Facet.DELAY)
                memory = replace(memory, notice=broadcast)
            case ev.CommandUndone():
                memory = replace(memory, is_undo=True)
            case _:
                pass
        if isinstance(event, _SUBJECT):
            touched[event.entry] = None
        if isinstance(event, ev.EntryTransferredOut):
            memory = replace(memory, transferred_to=event.to_doctor)
    former = tuple(_former(before, entry) for entry in touched if before is not None and entry in before.entries)
    if before is not None:
        memory = replace(
            memory, was_paused=before.paused, was_closed=before.closed, was_blocked_until=before.blocked_until
        )
    # What the system did, and undos, can only stand in the way of another undo: what went before is not needed.
    restorable = not by_system and not memory.is_undo
    return replace(
        memory,
        touched=tuple(touched),
        facets=tuple(facets),
        created=tuple(created) if restorable else (),
        former=former if restorable else (),
    )


def _former(queue: Queue, entry: EntryId) -> Former:
    known = queue.entries[entry]
    if known.pinned and entry in queue.line:
        return Former(known, queue.line[: queue.line.index(entry)])
    return Former(known)


def find(queue: Queue, version: int, now: datetime) -> Undoable:
    """Return the memory of the commit that made `version`.

    Raises `NothingToUndo`, `UndoExpired` or `UndoSuperseded` when it cannot be undone (any more).
    """
    memory = next((u for u in queue.recent if u.version == version), None)
    if memory is None:
        if 1 <= version <= queue.version:
            raise UndoExpired
        raise NothingToUndo
    if memory.by_system or memory.is_undo or memory.undone or not (memory.touched or memory.facets):
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
            if entry.pinned:
                index = order.place_after_former(working.line, former.predecessors)
            else:
                index = order.place_by_key(working, working.line, entry)
            working = replace(working, line=order.inserted(working.line, entry.id, index))
        restored.append(ev.Restored(entry, index))
    return ev.CommandUndone(
        undone=version,
        restored=tuple(restored),
        withdrawn=memory.created,
        passed_over=memory.passed_over,
        overtaken=memory.overtaken,
        paused=memory.was_paused if Facet.PAUSE in memory.facets else None,
        closed=memory.was_closed if Facet.CLOSE in memory.facets else None,
        restores_delay=Facet.DELAY in memory.facets,
        blocked_until=memory.was_blocked_until if Facet.DELAY in memory.facets else None,
        notice=memory.notice,
    )


def _as_before(queue: Queue, entry: Entry) -> Entry:
    """Return `entry` as it was, but with the counts that others' commands have added since."""
    present = queue.entries.get(entry.id, entry)
    return replace(entry, overtakes=present.overtakes, passed_over=present.passed_over)


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
    """Return the commits that an undo would accept at `now`, newest first."""
    found = []
    for memory in reversed(queue.recent):
        try:
            found.append(find(queue, memory.version, now))
        except (NothingToUndo, UndoExpired, UndoSuperseded, QueueClosed):
            continue
    return found


def check_untouched(queue: Queue, entry: EntryId, now: datetime) -> None:
    """Raise unless the last thing that touched `entry` was its transfer into this queue, a moment ago."""
    arrival = next((u for u in reversed(queue.recent) if entry in u.touched), None)
    if arrival is None or (now - arrival.at).total_seconds() > UNDO_SECONDS:
        raise UndoExpired
    if entry not in arrival.created:
        raise UndoSuperseded


def undone_transfer_target(queue: Queue, version: int) -> tuple[DoctorId, tuple[EntryId, ...]] | None:
    """Return the doctor and entries that the commit `version` transferred away, None if it was another command."""
    memory = next((u for u in queue.recent if u.version == version), None)
    if memory is None or memory.transferred_to is None:
        return None
    return memory.transferred_to, memory.touched
