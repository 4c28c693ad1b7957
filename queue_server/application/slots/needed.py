"""What is reserved with a place of a slot: its room and equipment, and what staff add. By video nothing is needed."""

from collections.abc import Sequence

from queue_server.application.resources.reservations import reserve, reserve_equipment
from queue_server.store.db import Row, Transaction
from scheduling_core.ids import ClinicId, EntryId, EquipmentId, RoomId, SlotId


async def reserve_needed(tx: Transaction, slot: Row, appointment: EntryId, besides: Sequence[EquipmentId] = ()) -> None:
    """Reserve for an appointment in person the slot's room, and then its equipment together with what is `besides` it.

    Raises `ResourceTaken`, with the field, for what somebody else has at that time or is under maintenance, `NotFound`
    for equipment that the slot's clinic does not have, `Conflict` for what was removed.
    """
    id = SlotId(slot["slot_id"])
    if slot["room_id"] is not None:
        await reserve(tx, RoomId(slot["room_id"]), slot["start"], slot["end"], appointment, slot=id)
    equipment = [*slot["equipment_ids"], *besides]
    clinic = ClinicId(slot["clinic_id"])
    await reserve_equipment(tx, clinic, equipment, slot["start"], slot["end"], appointment, slot=id)
