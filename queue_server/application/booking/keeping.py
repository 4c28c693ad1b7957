"""Keeping a place of a slot for somebody, and giving it up: what every hold begins and may end with."""

from datetime import datetime
from uuid import uuid4

from queue_server.application.booking.expiry import arm
from queue_server.application.payments.model import settle_hold
from queue_server.application.slots.places import why_not
from queue_server.application.slots.stream import SlotStream
from queue_server.application.unit import Unit
from queue_server.store import holds as store
from queue_server.store import slots as slot_store
from queue_server.store.db import Row
from scheduling_core.booking import holds
from scheduling_core.booking.holds import Holder
from scheduling_core.errors import NotFound
from scheduling_core.ids import ClinicId, HoldId, SlotId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.events import HoldReleased
from scheduling_core.slots.ledger import Hold


async def keep_place(
    unit: Unit, stream: SlotStream, slot: Row, holder: Holder, mode: Mode, *, until: datetime | None = None
) -> tuple[HoldId, Row]:
    """Keep one place of the slot, for as long as such holders have or `until`; returns the hold and the slot as it then
    is. Hold the stream of the doctor's slots; that the holder may keep another is asked before.

    Raises `SlotUnavailable`, with why, when there is no place.
    """
    id, hold = SlotId(slot["slot_id"]), HoldId(uuid4())
    event = holds.create(
        stream.doctor,
        hold,
        holder,
        slot=id,
        clinic=ClinicId(slot["clinic_id"]),
        start=slot["start"],
        mode=mode,
        now=stream.now,
        until=until,
    )
    kept = holds.held_with(holds.held(stream.ledger, id, stream.now), event)
    after = await store.occupy(unit.tx, slot, kept, stream.now)
    if after is None:
        raise why_not(await under_lock(unit, id), mode, stream.now)
    await stream.append(event, command=unit.command, actor=unit.actor)
    await arm(unit.tx, hold, event)
    return hold, after


async def give_up(unit: Unit, stream: SlotStream, hold: HoldId, kept: Hold) -> SlotStream:
    """End a hold, and let be seen to what was paid for it; returns the stream to go on with."""
    event = HoldReleased(doctor=stream.doctor, hold=hold, slot=kept.slot)
    after = await stream.end([event], command=unit.command, actor=unit.actor)
    await settle_hold(unit.tx, hold, stream.now)
    return after


async def under_lock(unit: Unit, slot: SlotId) -> Row:
    """Return a slot as it is now that its stream is held; raises `NotFound` when it is gone."""
    row = await slot_store.slot(unit.tx, slot)
    if row is None:
        raise NotFound("There is no such slot.")
    return row
