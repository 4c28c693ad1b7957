"""Keeping a place for longer, once, while it is being paid for."""

from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.booking.expiry import arm
from queue_server.application.booking.holders import holder_of
from queue_server.application.booking.views import HoldView, hold_view
from queue_server.application.slots.stream import SlotStream, lock_slots
from queue_server.application.unit import Unit, WritePath
from queue_server.store import holds as store
from queue_server.store import payments as payment_store
from queue_server.store import slots as slot_store
from scheduling_core.booking import holds
from scheduling_core.errors import Conflict, NotFound
from scheduling_core.ids import DoctorId, HoldId, SlotId
from scheduling_core.slots.ledger import Hold


async def renew(unit: Unit, stream: SlotStream, hold: HoldId) -> Hold:
    """Keep a hold as long again from now and return it; call it with the stream of the doctor's slots locked.

    Raises `HoldExpired` when it is over, `Conflict` when it was renewed already.
    """
    event = holds.renew(stream.ledger, stream.doctor, hold, stream.now)
    await stream.append(event, command=unit.command, actor=unit.actor)
    renewed = stream.ledger.holds[hold]
    kept = holds.held(stream.ledger, renewed.slot, stream.now)
    await store.set_held(unit.tx, stream.doctor, [store.HeldSlot(slot=renewed.slot, start=renewed.start, held=kept)])
    await arm(unit.tx, hold, event)
    return renewed


class Renewing:
    """Keeps holds for longer."""

    def __init__(self, writes: WritePath) -> None:
        self._writes = writes

    async def renew(self, actor: Actor, slot: UUID) -> HoldView:
        """Keep the actor's hold of the slot as long again, and return it.

        Raises `NotFound` when they hold no place of it, `Conflict` when no payment for it is under way, or it was
        renewed already – as it is when a payment begins.
        """

        async def work(unit: Unit) -> tuple[object, int | None]:
            row = await slot_store.slot(unit.tx, slot)
            if row is None:
                raise NotFound("There is no such slot.")
            stream = await lock_slots(unit.tx, DoctorId(row["doctor_id"]))
            mine = holds.of_holder(stream.ledger, SlotId(slot), holder_of(actor), stream.now)
            if mine is None:
                raise NotFound("You hold no place of this slot.")
            if await payment_store.counting_of_hold(unit.tx, mine[0]) is None:
                raise Conflict("A hold is renewed while it is being paid for.")
            kept = await renew(unit, stream, mine[0])
            shown = await slot_store.slot(unit.tx, slot)
            assert shown is not None
            return hold_view(mine[0], kept, shown, stream.now), None

        answer = await self._writes.run(actor, "renew-hold", work)
        assert isinstance(answer.result, HoldView)
        return answer.result
