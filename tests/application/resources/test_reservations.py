"""Reservations: never two at a time, whatever happens at once; shared by the patients of one slot."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from queue_server.application.resources.bodies import NewMaintenance
from queue_server.application.resources.reservations import release, reserve, reserve_equipment
from scheduling_core.errors import Conflict, InvalidValue, NotFound, ResourceTaken
from scheduling_core.ids import EntryId, EquipmentId, RoomId, SlotId
from tests.application.resources.house import House
from tests.factories import new_clinic

NINE = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)
HALF = timedelta(minutes=30)


async def take(
    house: House, room: RoomId, start: datetime = NINE, length: timedelta = HALF, slot: SlotId | None = None
) -> EntryId:
    """Reserve a room in a transaction of its own and return for which appointment."""
    appointment = EntryId(uuid4())
    async with house.graph.db.tenant(house.clinic.tenant) as tx:
        await reserve(tx, room, start, start + length, appointment, slot=slot)
    return appointment


async def test_of_many_at_once_exactly_one_has_the_room(house: House) -> None:
    room = RoomId((await house.room()).id)
    # Overlapping, not equal: equal ones a unique key would tell apart, too.
    starts = [NINE + timedelta(minutes=index) for index in range(20)]
    results = await asyncio.gather(*(take(house, room, start) for start in starts), return_exceptions=True)
    assert sum(isinstance(result, ResourceTaken) for result in results) == 19
    assert await house.scalar("SELECT count(*) FROM room_reservation") == 1


async def test_the_constraint_holds_when_nobody_has_looked_first(house: House) -> None:
    """Past the application: the last guard is Postgres'."""
    room = RoomId((await house.room()).id)
    await take(house, room)
    statement = (
        "INSERT INTO room_reservation (tenant_id, room_id, occasion_id, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5)"
    )
    for start in (NINE, NINE - HALF + timedelta(minutes=1), NINE + HALF - timedelta(microseconds=1)):
        with pytest.raises(ResourceTaken) as refused:
            await house.change(statement, house.clinic.tenant, room, uuid4(), start, start + HALF)
        assert refused.value.field == "roomId"
    await house.change(statement, house.clinic.tenant, room, uuid4(), NINE + HALF, NINE + 2 * HALF)


async def test_times_that_touch_and_other_rooms_are_free(house: House) -> None:
    room, other = RoomId((await house.room()).id), RoomId((await house.room("Room 2")).id)
    for start in (NINE, NINE + HALF, NINE - HALF):
        await take(house, room, start)
    await take(house, other)


async def test_two_tenants_never_meet(house: House) -> None:
    stranger = House(house.graph, await new_clinic(house.graph.db))
    room = RoomId((await house.room()).id)
    with pytest.raises(NotFound):
        await take(stranger, room)
    await take(stranger, RoomId((await stranger.room()).id))
    await take(house, room)


async def test_patients_of_one_slot_share_its_room_until_the_last_has_gone(house: House) -> None:
    room, slot = RoomId((await house.room()).id), SlotId(uuid4())
    first, second = await asyncio.gather(take(house, room, slot=slot), take(house, room, slot=slot))
    with pytest.raises(ResourceTaken):
        await take(house, room)
    with pytest.raises(ResourceTaken):
        await take(house, room, NINE + 4 * HALF, slot=slot)
    for appointment, left in ((first, 1), (second, 0)):
        async with house.graph.db.tenant(house.clinic.tenant) as tx:
            await release(tx, appointment)
        assert await house.scalar("SELECT count(*) FROM room_reservation") == left
    await take(house, room)


async def test_two_who_go_at_once_leave_nothing_behind(house: House) -> None:
    room, slot = RoomId((await house.room()).id), SlotId(uuid4())
    appointments = [await take(house, room, slot=slot) for _ in range(6)]

    async def go(appointment: EntryId) -> None:
        async with house.graph.db.tenant(house.clinic.tenant) as tx:
            await release(tx, appointment)

    await asyncio.gather(*(go(appointment) for appointment in appointments))
    assert await house.scalar("SELECT count(*) FROM room_reservation") == 0
    await go(appointments[0])


async def test_a_room_under_maintenance_or_removed_takes_nobody(house: House) -> None:
    view = await house.room()
    room = RoomId(view.id)
    outage = NewMaintenance(start=NINE, end=NINE + HALF)
    await house.rooms.plan_maintenance(house.admin, room, outage)
    with pytest.raises(ResourceTaken):
        await take(house, room, NINE - HALF, 2 * HALF)
    await take(house, room, NINE + HALF)
    (planned,) = (await house.rooms.get(house.admin, room)).maintenance
    await house.rooms.finish_maintenance(house.admin, room, planned.id)
    await take(house, room)
    removed = RoomId((await house.room("Room 2")).id)
    await house.rooms.retire(house.admin, removed)
    with pytest.raises(Conflict):
        await take(house, removed)


@pytest.mark.parametrize("length", [timedelta(0), -HALF, timedelta(days=1, minutes=1)])
async def test_reservations_last_at_most_a_day(house: House, length: timedelta) -> None:
    room = RoomId((await house.room()).id)
    with pytest.raises(InvalidValue):
        await take(house, room, length=length)


async def test_equipment_is_reserved_like_a_room(house: House) -> None:
    devices = [EquipmentId((await house.device(f"ECG {number}")).id) for number in range(3)]
    first = EntryId(uuid4())

    async def take_them(appointment: EntryId, *wanted: EquipmentId) -> None:
        async with house.graph.db.tenant(house.clinic.tenant) as tx:
            await reserve_equipment(tx, house.clinic.id, wanted, NINE, NINE + HALF, appointment)

    await take_them(first, devices[0], devices[1], devices[0])
    with pytest.raises(ResourceTaken) as refused:
        await take_them(EntryId(uuid4()), devices[2], devices[1])
    assert refused.value.field == "equipmentIds"
    assert await house.scalar("SELECT count(*) FROM equipment_reservation") == 2
    async with house.graph.db.tenant(house.clinic.tenant) as tx:
        await release(tx, first)
    await take_them(EntryId(uuid4()), *devices)


async def test_of_many_at_once_who_want_several_devices_nobody_waits_for_ever_and_none_has_half(house: House) -> None:
    devices = [EquipmentId((await house.device(f"ECG {number}")).id) for number in range(4)]

    async def take_two(number: int) -> None:
        wanted = (devices[number % 4], devices[(number * 3 + 1) % 4])
        async with house.graph.db.tenant(house.clinic.tenant) as tx:
            await reserve_equipment(tx, house.clinic.id, wanted, NINE, NINE + HALF, EntryId(uuid4()))

    results = await asyncio.gather(*(take_two(number) for number in range(24)), return_exceptions=True)
    done = [result for result in results if result is None]
    assert done
    assert all(isinstance(result, ResourceTaken) for result in results if result is not None), results
    assert await house.scalar("SELECT count(*) FROM equipment_reservation") == 2 * len(done)


async def test_a_reservation_is_gone_with_the_transaction_that_made_it(house: House) -> None:
    room = RoomId((await house.room()).id)

    async def fail() -> None:
        async with house.graph.db.tenant(house.clinic.tenant) as tx:
            await reserve(tx, room, NINE, NINE + HALF, EntryId(uuid4()))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    await take(house, room)
