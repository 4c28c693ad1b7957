"""Equipment as admins keep it: where it stands, and what keeps it from being removed."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from queue_server.application.answers import Precondition
from queue_server.application.resources.bodies import EquipmentChange, NewEquipmentAssignment, NewMaintenance
from queue_server.application.resources.models import EQUIPMENT
from queue_server.application.resources.reservations import reserve_equipment
from queue_server.application.resources.views import EquipmentView
from scheduling_core.errors import Conflict, Forbidden, InUse, InvalidValue, NotFound, StaleVersion
from scheduling_core.ids import EntryId, EquipmentId
from scheduling_core.permissions import Role
from scheduling_core.resources.equipment import EquipmentType
from tests.application.resources.house import House, decoded
from tests.factories import new_clinic

LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)


async def test_equipment_wanders_through_rooms_and_remembers_them(house: House) -> None:
    first, second = await house.room("Room 1"), await house.room("Room 2")
    device = await house.device(type=EquipmentType.ECG, room_id=first.id)
    assert (device.room_id, device.type) == (first.id, EquipmentType.ECG)
    assert (await house.rooms.get(house.admin, first.id)).equipment_ids == (device.id,)
    moved = decoded(
        await house.equipment.assign(house.admin, device.id, NewEquipmentAssignment(room_id=second.id)), EquipmentView
    )
    assert [place.room_id for place in moved.assignments] == [first.id, second.id]
    assert moved.assignments[0].until == moved.assignments[1].from_
    assert (await house.rooms.get(house.admin, first.id)).equipment_ids == ()
    outage = NewMaintenance(start=LATER, end=LATER + timedelta(hours=1), reason="Calibration")
    planned = decoded(await house.equipment.plan_maintenance(house.admin, device.id, outage), EquipmentView)
    await house.equipment.finish_maintenance(house.admin, device.id, planned.maintenance[0].id)
    await house.equipment.update(house.admin, device.id, EquipmentChange(name="ECG 2"))
    await house.equipment.retire(house.admin, device.id)
    gone = await house.equipment.get(house.admin, device.id)
    assert (gone.active, gone.room_id, gone.name, len(gone.assignments)) == (False, None, "ECG 2", 2)
    await house.check_replays(EQUIPMENT, device.id)


async def test_it_stands_only_in_rooms_that_are_there(house: House) -> None:
    sibling = await new_clinic(house.graph.db, tenant=house.clinic.tenant)
    elsewhere, removed = await house.room("Elsewhere", clinic_id=sibling.id), await house.room("Removed")
    await house.rooms.retire(house.admin, removed.id)
    device = await house.device()
    for room, refusal in ((uuid4(), NotFound), (elsewhere.id, InvalidValue), (removed.id, Conflict)):
        with pytest.raises(refusal) as refused:
            await house.equipment.assign(house.admin, device.id, NewEquipmentAssignment(room_id=room))
        assert refused.value.field == "roomId"
    assert (await house.equipment.get(house.admin, device.id)).version == 1


async def test_what_is_reserved_is_neither_removed_nor_maintained(house: House) -> None:
    device = await house.device()
    async with house.graph.db.tenant(house.clinic.tenant) as tx:
        wanted = [EquipmentId(device.id)]
        await reserve_equipment(tx, house.clinic.id, wanted, LATER, LATER + timedelta(hours=1), EntryId(uuid4()))
    outage = NewMaintenance(start=LATER, end=LATER + timedelta(hours=1))
    for attempt in (
        house.equipment.retire(house.admin, device.id),
        house.equipment.plan_maintenance(house.admin, device.id, outage),
    ):
        with pytest.raises(InUse) as refused:
            await attempt
        assert refused.value.faults == [("reservations", f"Reserved at {LATER.isoformat()}")]


async def test_lists_are_filtered_by_room_type_and_scope(house: House) -> None:
    sibling = await new_clinic(house.graph.db, tenant=house.clinic.tenant)
    room = await house.room()
    inside = await house.device("A", type=EquipmentType.ECG, room_id=room.id)
    outside = await house.device("B", type=EquipmentType.ECG)
    other = await house.device("C", type=EquipmentType.X_RAY)
    there = await house.device("D", clinic_id=sibling.id)

    async def names(**given: object) -> list[str]:
        return [one.name for one in (await house.equipment.list(house.admin, **given)).items]  # type: ignore[arg-type]

    assert await names() == ["A", "B", "C", "D"]
    assert await names(type=EquipmentType.ECG) == ["A", "B"]
    assert await names(room=room.id) == ["A"]
    assert await names(clinic=sibling.id) == ["D"]
    await house.equipment.retire(house.admin, outside.id)
    assert await names(active=True, clinic=house.clinic.id) == ["A", "C"]
    scoped = house.clinic.actor(Role.ADMIN, clinics=(house.clinic.id,))
    assert {one.id for one in (await house.equipment.list(scoped)).items} == {inside.id, outside.id, other.id}
    with pytest.raises(NotFound):
        await house.equipment.get(scoped, there.id)
    with pytest.raises(NotFound):
        await house.equipment.retire(scoped, there.id)


async def test_versions_and_roles_are_minded(house: House) -> None:
    device = await house.device()
    await house.equipment.update(house.admin, device.id, EquipmentChange(name="Other"), Precondition(if_match=1))
    with pytest.raises(StaleVersion):
        await house.equipment.update(house.admin, device.id, EquipmentChange(name="Mine"), Precondition(if_match=1))
    with pytest.raises(Forbidden):
        await house.equipment.retire(house.clinic.receptionist, device.id)
