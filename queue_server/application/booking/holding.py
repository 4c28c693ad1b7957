"""Holding a place of a slot: for whoever is about to book it, until a deadline."""

from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.answers import NONE, Answer, Precondition
from queue_server.application.booking.appointments import check_may_change
from queue_server.application.booking.bodies import HoldBody
from queue_server.application.booking.holders import HOLDS_OF_STAFF, holder_of, reached, too_late
from queue_server.application.booking.keeping import give_up, keep_place, under_lock
from queue_server.application.booking.views import HoldView, hold_row_view, hold_view
from queue_server.application.capacity import check_may_hold
from queue_server.application.directory import Directory
from queue_server.application.slots.places import is_certainly_full, why_not
from queue_server.application.slots.stream import SlotStream, lock_slots
from queue_server.application.unit import Unit, WritePath
from queue_server.store import appointments as appointment_store
from queue_server.store import holds as store
from queue_server.store import slots as slot_store
from queue_server.store.db import Database, Row
from scheduling_core.booking import holds
from scheduling_core.booking.holds import Holder
from scheduling_core.errors import HoldLimitReached, NotFound
from scheduling_core.ids import DoctorId, EntryId, SlotId
from scheduling_core.slots.events import HolderKind


class Holding:
    """Keeps places for people, and gives them free."""

    def __init__(self, db: Database, writes: WritePath, directory: Directory) -> None:
        self._db = db
        self._writes = writes
        self._directory = directory

    async def create(self, actor: Actor, slot: UUID, body: HoldBody, precondition: Precondition = NONE) -> Answer:
        """Keep one place of the slot for the actor and return the hold; who keeps one already gets that one.

        Raises `NotFound` for a slot that is unknown or out of reach, `SlotUnavailable` (with why) when there is no
        place, `HoldLimitReached` when the holder keeps as many as the clinic allows, `CapacityReached` when the clinic
        takes nobody more on that day or in that window, `NotFound` or `Forbidden` when the appointment that is to be
        moved there is not the actor's to move.
        """

        async def work(unit: Unit) -> tuple[object, int | None]:
            row, holder = await reached(unit.tx, actor, slot, keeps=True), holder_of(actor)
            late = too_late(actor, row)
            if late is None and is_certainly_full(row, body.mode, row["now"]):
                late = why_not(row, body.mode, row["now"])
            if late is not None and not await store.live_hold_of(unit.tx, holder, slot):
                raise late
            stream = await lock_slots(unit.tx, DoctorId(row["doctor_id"]))
            mine = holds.of_holder(stream.ledger, SlotId(slot), holder, stream.now)
            if mine is not None and mine[1].mode is body.mode:
                return hold_view(mine[0], mine[1], await under_lock(unit, SlotId(slot)), stream.now), None
            if mine is not None:
                # They have changed their mind about the way: one place is enough.
                stream = await give_up(unit, stream, mine[0], mine[1])
            elif (refusal := too_late(actor, row)) is not None:
                # What they kept when they were asked for it is over by now.
                raise refusal
            await self._check_limits(unit, holder, row, stream, await self._moving(unit, body))
            hold, after = await keep_place(unit, stream, row, holder, body.mode)
            return hold_view(hold, stream.ledger.holds[hold], after, stream.now), None

        return await self._writes.run(actor, "hold-slot", work, precondition)

    async def mine(self, actor: Actor, slot: UUID) -> HoldView:
        """Return the hold that the actor keeps of this slot; raises `NotFound` when there is none, or it is over."""
        async with self._db.tenant(actor.tenant) as tx:
            row = await store.live_hold_of(tx, holder_of(actor), slot)
            shown = await slot_store.slot(tx, slot) if row is not None else None
        if row is None or shown is None:
            raise NotFound("You hold no place of this slot.")
        return hold_row_view(row, shown)

    async def release(self, actor: Actor, slot: UUID) -> None:
        """Give up the actor's hold of the slot; nothing happens when there is none (any more)."""

        async def work(unit: Unit) -> tuple[object, int | None]:
            row = await slot_store.slot(unit.tx, slot)
            if row is None:
                return None, None
            stream = await lock_slots(unit.tx, DoctorId(row["doctor_id"]))
            mine = holds.of_holder(stream.ledger, SlotId(slot), holder_of(actor), stream.now)
            if mine is not None:
                await give_up(unit, stream, mine[0], mine[1])
            return None, None

        await self._writes.run(actor, "release-hold", work)

    @staticmethod
    async def _moving(unit: Unit, body: HoldBody) -> EntryId | None:
        if body.moving is None:
            return None
        row = await appointment_store.appointment(unit.tx, body.moving)
        if row is None:
            raise NotFound("There is no such appointment.", field="moving")
        await check_may_change(unit.tx, unit.actor, row)
        return EntryId(body.moving)

    async def _check_limits(
        self, unit: Unit, holder: Holder, row: Row, stream: SlotStream, moving: EntryId | None
    ) -> None:
        await store.lock_holder(unit.tx, holder.id)
        known = await self._directory.doctor(unit.actor.tenant, DoctorId(row["doctor_id"]), unit.tx)
        doctor = await self._directory.at(unit.tx, known, row["clinic_id"])
        doctor.check_works()
        limit = HOLDS_OF_STAFF if holder.kind is HolderKind.STAFF else doctor.policy.holds_per_patient
        if await store.live_holds_of(unit.tx, holder.id, stream.now) >= limit:
            raise HoldLimitReached(f"At most {limit} times can be held at once; book one or give one up first.")
        await check_may_hold(unit.tx, doctor, row["date"], row["start"], holder.id, moving=moving)
