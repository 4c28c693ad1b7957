"""Whether what a message says is (still) so: asked when its job runs, and again when it is sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from queue_server.application.messages.kinds import Kind
from queue_server.store import event_store, readers
from queue_server.store.db import Transaction
from scheduling_core.ids import DoctorId, EntryId, queue_stream
from scheduling_core.live_queue import codec
from scheduling_core.live_queue.state import IN_LINE, EntryState, Queue
from scheduling_core.waitlist.state import WAITING, WaitlistStatus

Facts = Mapping[str, Any]

_HERE = frozenset({*IN_LINE, EntryState.CALLED})
_NOT_OVER = frozenset({*_HERE, EntryState.IN_CONSULTATION})
_ENDED = {
    Kind.WAITLIST_EXPIRED: WaitlistStatus.EXPIRED,
    Kind.WAITLIST_CANCELLED: WaitlistStatus.CANCELLED,
}


async def holds(tx: Transaction, kind: Kind, facts: Facts, now: datetime) -> bool:
    """Return whether a message of this kind would be true: by its `facts`, which are those of `occasions`.

    A booking that was moved or cancelled since, a call that is over, an offer that was answered are nothing to tell.
    """
    match kind:
        case Kind.SIGN_IN_CODE | Kind.MANUAL:
            return True
        case Kind.WAITLIST_JOINED | Kind.WAITLIST_INVITED | Kind.WAITLIST_REMINDER:
            return await _waits(tx, kind, facts, now)
        case Kind.WAITLIST_EXPIRED | Kind.WAITLIST_CANCELLED:
            entry = await readers.waiting(tx, _id(facts, "entryId"))
            return entry is not None and entry.status == _ENDED[kind]
        case _:
            return await _of_visit(tx, kind, facts)


async def queue_of(tx: Transaction, doctor: UUID, date: str) -> Queue | None:
    """Return a queue as it was last committed, without locking it."""
    row = await event_store.read_stream(tx, queue_stream(tx.tenant, DoctorId(doctor), date))
    return codec.decode_state(row["state"]) if row is not None and row["state"] is not None else None


async def as_now(tx: Transaction, kind: Kind, facts: Facts) -> Facts:
    """Return the facts of a message with what has moved since its notice: how many are before somebody."""
    if kind is not Kind.AHEAD:
        return facts
    visit = await readers.visit(tx, _id(facts, "appointmentId"))
    queue = await queue_of(tx, visit.doctor, visit.date) if visit is not None else None
    place = queue.position_of(EntryId(_id(facts, "appointmentId"))) if queue is not None else None
    return {**facts, "ahead": place - 1} if place else facts


async def _waits(tx: Transaction, kind: Kind, facts: Facts, now: datetime) -> bool:
    entry = await readers.waiting(tx, _id(facts, "entryId"))
    if entry is None or WaitlistStatus(entry.status) not in WAITING:
        return False
    if kind is Kind.WAITLIST_JOINED:
        return True
    return entry.invite == _id(facts, "inviteId") and entry.respond_by is not None and now < entry.respond_by


async def _of_visit(tx: Transaction, kind: Kind, facts: Facts) -> bool:
    visit = await readers.visit(tx, _id(facts, "appointmentId"))
    if visit is None:
        return False
    state = EntryState(visit.state)
    match kind:
        case Kind.BOOKED:
            # Who was moved to another doctor at the same time is told that by a notice of its own.
            return state in _NOT_OVER and _is_then(facts, visit) and _id(facts, "doctorId") == visit.doctor
        case Kind.REMINDER:
            return state is EntryState.EXPECTED and _is_then(facts, visit)
        case Kind.WAITLIST_PROMOTED:
            return state in _NOT_OVER
        case Kind.CALLED:
            return state is EntryState.CALLED and _at(facts, "calledAt") == visit.called_at
        case Kind.AHEAD:
            return state in IN_LINE
        case Kind.CANCELLED:
            return state is EntryState.CANCELLED and _at(facts, "endedAt") == visit.ended_at
        case Kind.DELAY | Kind.EMERGENCY:
            queue = await queue_of(tx, visit.doctor, visit.date) if state in _HERE else None
            broadcast = _id(facts, "broadcastId")
            return queue is not None and any(notice.id == broadcast for notice in queue.notices)
        case _:
            return False


def _is_then(facts: Facts, visit: readers.Visit) -> bool:
    return _at(facts, "start") == visit.start


def _id(facts: Facts, name: str) -> UUID:
    return UUID(str(facts[name]))


def _at(facts: Facts, name: str) -> datetime:
    return datetime.fromisoformat(str(facts[name]))
