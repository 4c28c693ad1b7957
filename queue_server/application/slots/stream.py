"""The stream of a doctor's slots: locked before any of them changes, appended to beside the change.

It holds no slot: those are rows of their own. What it adds is the order of all that happens to one doctor's slots, its
place in the chain of hashes, one lock that generation and booking both take, and who keeps which place until when.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from queue_server.application.actor import Actor, system
from queue_server.application.aggregates import Model, Texts, decoded
from queue_server.application.slots.news import news_of
from queue_server.store import event_store, waitlist
from queue_server.store import holds as store
from queue_server.store.db import Transaction
from queue_server.store.projections import aggregate_rows
from queue_server.store.projections.aggregate_rows import Rows, Table
from scheduling_core.booking import holds
from scheduling_core.ids import DoctorId, SlotId
from scheduling_core.slots.events import (
    HoldExpired,
    HoldReleased,
    SlotCapacityChanged,
    SlotEvent,
    SlotGivenBack,
    SlotsGenerated,
    SlotUnblocked,
)
from scheduling_core.slots.ledger import SLOTS, SlotLedger

EXPIRE_HOLDS = "expire_holds"
FREEING = (HoldExpired, HoldReleased, SlotGivenBack, SlotUnblocked, SlotCapacityChanged, SlotsGenerated)
"""What may free a place, which somebody may wait for."""

HOLDS = Table(
    "hold",
    ("hold_id",),
    (
        "doctor_id",
        "slot_id",
        "clinic_id",
        "start",
        "mode",
        "holder_kind",
        "holder_id",
        "created_at",
        "expires_at",
        "renewed",
        "ended_at",
        "outcome",
        "appointment_id",
    ),
)


def _hold_rows(ledger: SlotLedger, _texts: Texts) -> Rows:
    return {
        (HOLDS, (id,)): {
            "doctor_id": ledger.doctor,
            "slot_id": hold.slot,
            "clinic_id": hold.clinic,
            "start": hold.start,
            "mode": hold.mode,
            "holder_kind": hold.holder_kind,
            "holder_id": hold.holder,
            "created_at": hold.created_at,
            "expires_at": hold.expires_at,
            "renewed": hold.renewed,
            "ended_at": hold.ended_at,
            "outcome": hold.outcome,
            "appointment_id": hold.appointment,
        }
        for id, hold in ledger.holds.items()
    }


SLOTS_MODEL: Model[SlotLedger, SlotEvent] = Model(SLOTS, tables=(HOLDS,), rows=_hold_rows)


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
        """Append events, once; returns the id of the last. Without an actor it is the system that acts.

        Holds are shown as they are then, and everybody who watches is told with the commit.
        """
        by, before = actor or system(self._tx.tenant), self.ledger
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
                news=(
                    event_store.slots_changed(self._tx.tenant, self.doctor, news_of(events)),
                    event_store.changed(self._tx.tenant, SLOTS.kind, self.doctor),
                ),
            ),
        )
        if any(isinstance(event, FREEING) for event in events):
            await waitlist.enqueue_match(self._tx, self.doctor, str(last))
        if self.ledger.holds != before.holds:
            # Of the many that a busy doctor has, one or two have changed; the others are the very same objects.
            was, now = before.holds, self.ledger.holds
            gone = {id: hold for id, hold in was.items() if now.get(id) is not hold}
            new = {id: hold for id, hold in now.items() if was.get(id) is not hold}
            rows = aggregate_rows.changes(
                _hold_rows(msgspec.structs.replace(before, holds=gone), {}),
                _hold_rows(msgspec.structs.replace(self.ledger, holds=new), {}),
            )
            await aggregate_rows.write(self._tx, rows, last)
        return last

    async def close(self, slots: Iterable[SlotId], *, command: str, actor: Actor | None = None) -> "SlotStream":
        """End every hold of slots that are not offered any more; returns the stream to go on with."""
        return await self.end(holds.closed(self.ledger, self.doctor, slots), command=command, actor=actor)

    async def end(
        self, ends: Sequence[HoldExpired | HoldReleased], *, command: str, actor: Actor | None = None
    ) -> "SlotStream":
        """End these holds and give their places free; returns the stream to go on with."""
        if not ends:
            return self
        before = self.ledger.holds
        await self.append(*ends, command=command, actor=actor)
        touched = {end.slot: before[end.hold].start for end in ends}
        kept = [
            store.HeldSlot(slot=slot, start=start, held=holds.held(self.ledger, slot, self.now))
            for slot, start in touched.items()
        ]
        await store.set_held(self._tx, self.doctor, kept)
        return await _locked(self._tx, self.doctor)


async def lock_slots(tx: Transaction, doctor: DoctorId) -> SlotStream:
    """Lock the stream of the doctor's slots until the commit. Queues and the calendar are locked before it.

    Holds whose time is over end here: nobody who comes after them is refused for their sake.
    """
    stream = await _locked(tx, doctor)
    return await stream.end(holds.overdue(stream.ledger, doctor, stream.now), command=EXPIRE_HOLDS)


async def lock_slots_of(tx: Transaction, doctors: Iterable[DoctorId]) -> dict[DoctorId, SlotStream]:
    """Lock the streams of several doctors' slots, in the order of the doctors' ids: so nobody waits in a circle."""
    return {doctor: await lock_slots(tx, doctor) for doctor in sorted(set(doctors))}


async def _locked(tx: Transaction, doctor: DoctorId) -> SlotStream:
    stream = SLOTS_MODEL.stream(tx.tenant, doctor)
    held = await event_store.lock(tx, stream, SLOTS.kind, create=True)
    assert held is not None
    ledger = await decoded(tx, SLOTS_MODEL, stream, held.state) if held.state else SlotLedger()
    return SlotStream(tx, doctor, held, ledger)
