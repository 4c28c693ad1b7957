"""A slot that staff change: found, authorised, locked, and as the client saw it."""

from uuid import UUID

import msgspec

from queue_server.application.answers import Precondition, check_version
from queue_server.application.schedules.model import CALENDAR
from queue_server.application.slots.shown import staff_slot
from queue_server.application.slots.stream import SlotStream, lock_slots
from queue_server.application.slots.views import StaffSlotView
from queue_server.application.unit import Unit
from queue_server.store import event_store
from queue_server.store import slots as store
from queue_server.store.db import Row
from scheduling_core.errors import NotFound, SlotPast
from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.permissions import Permission


class HeldSlot(msgspec.Struct, frozen=True, kw_only=True):
    """A slot with the stream of its doctor's slots, which this transaction holds."""

    row: Row
    stream: SlotStream

    @property
    def id(self) -> UUID:
        """The slot's id."""
        id: UUID = self.row["slot_id"]
        return id

    @property
    def doctor(self) -> DoctorId:
        """Whose slot it is."""
        return DoctorId(self.row["doctor_id"])


async def hold(
    unit: Unit, slot: UUID, permission: Permission, precondition: Precondition, *, with_calendar: bool = False
) -> HeldSlot:
    """Return a slot that is still to come, locked; the doctor's calendar is locked before it if asked for.

    Raises `NotFound` for one that is unknown or of a clinic outside of the actor's scope, `StaleVersion` when the
    client saw another version, `SlotPast` when it has begun.
    """
    row = await found(unit, slot, permission)
    doctor = DoctorId(row["doctor_id"])
    if with_calendar:
        await lock_calendar(unit, doctor)
    stream = await lock_slots(unit.tx, doctor)
    # As it is under the lock: it may have changed or gone while we waited.
    row = await found(unit, slot, permission)
    check_version(precondition.if_match, row["version"], "The slot")
    if row["start"] <= stream.now:
        raise SlotPast
    return HeldSlot(row=row, stream=stream)


async def found(unit: Unit, slot: UUID, permission: Permission) -> Row:
    """Return a slot of the actor's clinics, or raise `NotFound`."""
    unit.actor.require(permission)
    row = await store.slot(unit.tx, slot)
    if row is None:
        raise NotFound("There is no such slot.")
    unit.actor.require_for(permission, clinic=ClinicId(row["clinic_id"]))
    return row


async def lock_calendar(unit: Unit, doctor: DoctorId) -> None:
    """Lock the doctor's calendar, which comes before the slots; a doctor without one has nothing to lock."""
    stream = CALENDAR.stream(unit.actor.tenant, doctor)
    await event_store.lock(unit.tx, stream, CALENDAR.kind, create=False)


async def shown(unit: Unit, held: HeldSlot) -> tuple[StaffSlotView, int]:
    """Return the slot as it is now, and its version; one that is gone as it was, withdrawn."""
    row = await store.slot(unit.tx, held.id)
    view = staff_slot(row or held.row, held.stream.now, is_withdrawn=row is None)
    return view, view.version
