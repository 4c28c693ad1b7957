"""The stream of a doctor's slots: locked before any of them changes, appended to beside the change.

It holds no slot: those are rows of their own. What it adds is the order of all that happens to one doctor's slots, its
place in the chain of hashes, and one lock that generation and booking both take.
"""

from datetime import datetime
from uuid import UUID

from queue_server.application.actor import Actor, system
from queue_server.application.aggregates import Model, decoded
from queue_server.store import event_store
from queue_server.store.db import Transaction
from scheduling_core.ids import DoctorId
from scheduling_core.slots.events import SlotEvent
from scheduling_core.slots.ledger import SLOTS, SlotLedger

SLOTS_MODEL: Model[SlotLedger, SlotEvent] = Model(SLOTS, tables=(), rows=lambda _state, _texts: {})
"""For what works on all models, as replay does."""


class SlotStream:
    """The stream of one doctor's slots, which this transaction holds."""

    def __init__(self, tx: Transaction, doctor: DoctorId, held: event_store.LockedStream, ledger: SlotLedger) -> None:
        self._tx = tx
        self.doctor = doctor
        self._held = held
        self.ledger = ledger

    @property
    def now(self) -> datetime:
        """Postgres' clock, read under the lock."""
        return self._held.now

    async def append(self, *events: SlotEvent, command: str, actor: Actor | None = None) -> UUID:
        """Append events, once; returns the id of the last. Without an actor it is the system that acts."""
        by = actor or system(self._tx.tenant)
        for event in events:
            self.ledger = SLOTS.fold(self.ledger, event, self.now)
        _, last = await event_store.append(
            self._tx,
            self._held,
            event_store.Append(
                events=[event_store.NewEvent(*SLOTS.encode_event(event)) for event in events],
                schema_version=SLOTS.schema_version,
                command=command,
                actor=by.account,
                by_system=by.is_system,
                request_id=by.request_id,
                at=self.now,
                state=SLOTS.encode_state(self.ledger),
                pointer=None,
            ),
        )
        await event_store.notify_changed(self._tx, SLOTS.kind, self.doctor)
        return last


async def lock_slots(tx: Transaction, doctor: DoctorId) -> SlotStream:
    """Lock the stream of the doctor's slots until the commit. Queues and the calendar are locked before it."""
    stream = SLOTS_MODEL.stream(tx.tenant, doctor)
    held = await event_store.lock(tx, stream, SLOTS.kind, create=True)
    assert held is not None
    ledger = await decoded(tx, SLOTS_MODEL, stream, held.state) if held.state else SlotLedger()
    return SlotStream(tx, doctor, held, ledger)
