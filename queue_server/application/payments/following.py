"""Payments follow the queues: what was paid for a visit goes back when it is cancelled, and stays when that is undone.

Called with what a commit makes of a queue, in its transaction, after the slots have followed: so payments are locked
last. The provider is asked when reception cannot undo it any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from queue_server.application.payments.model import PAYMENT_MODEL, note
from queue_server.store import payments as store
from queue_server.store import people
from scheduling_core.ids import EntryId
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue.policy import UNDO_SECONDS
from scheduling_core.live_queue.state import EntryState, Queue
from scheduling_core.live_queue.undo import NOT_UNDOABLE
from scheduling_core.payments import decide
from scheduling_core.payments.events import CancelReason, RefundRequested, RefundWithdrawn
from scheduling_core.permissions import Role

if TYPE_CHECKING:
    from queue_server.application.actor import Actor
    from queue_server.application.unit import Unit

UNDOABLE_FOR = timedelta(seconds=UNDO_SECONDS + 5)


async def follow(unit: Unit, before: Queue | None, after: Queue, events: Sequence[ev.QueueEvent]) -> None:
    """Give back what was paid for the visits that are cancelled between two states of a queue, and keep what was paid
    for those that are not cancelled any more."""
    if before is None or not any(isinstance(event, ev.EntryCancelled | ev.CommandUndone) for event in events):
        return
    was, now = _cancelled(before), _cancelled(after)
    for payment in await store.to_settle_of_appointments(unit.tx, sorted(was ^ now)):
        locked = await unit.lock_aggregate(PAYMENT_MODEL, payment)
        state = locked.state
        assert state.appointment is not None, "it was found by its appointment"
        if state.appointment in now:
            found = decide.cancel(state, CancelReason.APPOINTMENT_CANCELLED)
            pause = UNDOABLE_FOR if _may_undo(unit.actor) else timedelta()
            await note(unit.tx, locked, found, refund_in=pause)
        else:
            found = decide.uncancel(state)
            await note(unit.tx, locked, found)
        if any(isinstance(event, RefundRequested) for event in found):
            await people.set_paid(unit.tx, state.appointment, None)
        if any(isinstance(event, RefundWithdrawn) for event in found):
            await people.set_paid(unit.tx, state.appointment, state.paid_at)


def undoable_for(actor: Actor, command: str) -> timedelta:
    """Return for how long from now on reception may take back what this actor does by the command."""
    return UNDOABLE_FOR if _may_undo(actor) and command not in NOT_UNDOABLE else timedelta()


def _cancelled(queue: Queue) -> set[EntryId]:
    return {entry.id for entry in queue.entries.values() if entry.state is EntryState.CANCELLED}


def _may_undo(actor: Actor) -> bool:
    return actor.role is not None and actor.role is not Role.PATIENT
