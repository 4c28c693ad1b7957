"""Rooms and equipment are reserved with an appointment, in its transaction, and never for two at the same time.

Whoever reserves locks what it is about first: an exclusion constraint alone would let a rush of bookers deadlock. The
constraint is what holds whatever else goes wrong. In the order of locks rooms and equipment come after slots, each
kind by id.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from queue_server.store import reservations as rows
from queue_server.store.db import Transaction
from queue_server.store.reservations import Resource
from scheduling_core.errors import Conflict, InvalidValue, NotFound, ResourceTaken
from scheduling_core.ids import ClinicId, EntryId, EquipmentId, RoomId, SlotId

LONGEST = timedelta(days=1)
_FIELDS = {Resource.ROOM: "roomId", Resource.EQUIPMENT: "equipmentIds"}
"""Where clients name what was refused."""


async def reserve(
    tx: Transaction,
    room: RoomId,
    start: datetime,
    end: datetime,
    appointment: EntryId,
    *,
    slot: SlotId | None = None,
) -> None:
    """Reserve `room` from `start` to `end` for an appointment; appointments of the same `slot` share it.

    Raises `NotFound` for an unknown room, `ResourceTaken` when somebody else has it or it is out of use, `Conflict`
    when it was removed, `InvalidValue` for times that make no sense.
    """
    await _reserve(tx, Resource.ROOM, room, start, end, appointment, slot)


async def reserve_equipment(
    tx: Transaction,
    clinic: ClinicId,
    equipment: Iterable[EquipmentId],
    start: datetime,
    end: datetime,
    appointment: EntryId,
    *,
    slot: SlotId | None = None,
) -> None:
    """Reserve equipment of a clinic as `reserve` does a room: all of it, or nothing once the transaction is over.

    One after the other by id, so that two who want the same never wait for each other.
    """
    for one in sorted(set(equipment)):
        await _reserve(tx, Resource.EQUIPMENT, one, start, end, appointment, slot, clinic)


async def release(tx: Transaction, appointment: EntryId) -> None:
    """Give back every room and every piece of equipment that an appointment has reserved; nothing if it has none."""
    await rows.release(tx, Resource.ROOM, appointment)
    await rows.release(tx, Resource.EQUIPMENT, appointment)


async def _reserve(
    tx: Transaction,
    kind: Resource,
    resource: UUID,
    start: datetime,
    end: datetime,
    appointment: EntryId,
    slot: SlotId | None,
    clinic: ClinicId | None = None,
) -> None:
    if not start < end <= start + LONGEST:
        raise InvalidValue("A reservation ends after it begins, within a day.", field="end")
    field = _FIELDS[kind]
    found = await rows.lock(tx, kind, resource)
    if found is None or (clinic is not None and found["clinic_id"] != clinic):
        raise NotFound(f"There is no such {kind} at this clinic.", field=field)
    if not found["active"]:
        raise Conflict(f"{found['name']} is not used any more.", field=field)
    if await rows.is_out_of_use(tx, kind, resource, start, end):
        raise ResourceTaken(f"{found['name']} is under maintenance at that time.", field=field)
    taken = await rows.reserved(tx, kind, resource, start, end, 2)
    if any(row["occasion_id"] != (slot or appointment) for row in taken):
        raise ResourceTaken(f"{found['name']} is taken at that time.", field=field)
    if not await rows.reserve(tx, kind, resource, slot or appointment, start, end, appointment):
        raise ResourceTaken(f"{found['name']} is reserved for this slot at another time.", field=field)
