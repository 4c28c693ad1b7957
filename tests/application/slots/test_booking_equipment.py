"""Equipment is reserved with a place of a slot, all of it or none, and never for two at one time."""

import asyncio
from collections import Counter
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.resources.bodies import NewEquipment, NewMaintenance
from queue_server.application.resources.equipment import EquipmentService
from queue_server.application.resources.views import EquipmentView
from queue_server.store.db import Database
from scheduling_core.errors import Conflict, DomainError, InUse, InvalidValue, NotFound, ResourceTaken
from scheduling_core.ids import EquipmentId
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Role
from tests.application.booking.test_booking import SOMEBODY, book
from tests.application.slots.conftest import Practice, hours
from tests.factories import Clinic, at, in_days, new_clinic
from tests.graph import Graph

DAY = in_days(2)
NINE = at(DAY, 9)


@pytest.fixture
def booking(graph: Graph) -> SlotBooking:
    """The desk's way to book."""
    return SlotBooking(graph.writes, graph.directory, graph.links, 15)


@pytest.fixture
def equipment(graph: Graph) -> EquipmentService:
    """The equipment of every clinic."""
    return EquipmentService(graph.db, graph.writes)


@pytest.fixture
async def device(equipment: EquipmentService, practice: Practice) -> EquipmentId:
    """A piece of equipment of the clinic."""
    return await added(equipment, practice.clinic)


@pytest.fixture
def colleague(practice: Practice, database: Database) -> Practice:
    """Another doctor of the clinic."""
    return Practice(database, msgspec.structs.replace(practice.clinic, doctors=practice.clinic.doctors[1:]))


async def added(equipment: EquipmentService, clinic: Clinic, name: str = "Ultrasound") -> EquipmentId:
    body = NewEquipment(clinic_id=clinic.id, name=name)
    answer = await equipment.create(clinic.actor(Role.ADMIN), body)
    return EquipmentId(msgspec.json.decode(answer.body, type=EquipmentView).id)


async def slot_of(practice: Practice, start: datetime = NINE) -> UUID:
    found: UUID = (await practice.slot(start))["slot_id"]
    return found


async def reserved(practice: Practice) -> list[UUID]:
    """Return the reserved equipment, by id."""
    rows = await practice.rows("SELECT equipment_id FROM equipment_reservation ORDER BY equipment_id")
    return [row["equipment_id"] for row in rows]


async def test_of_fifty_who_book_slots_of_two_doctors_that_share_a_device_nobody_has_it_with_another(
    booking: SlotBooking, practice: Practice, colleague: Practice, device: EquipmentId
) -> None:
    # As hours never are any more: at the same times, some of them shifted, so that no unique key would tell them apart.
    practice.sits(hours(equipment=(device,)))
    colleague.sits(msgspec.structs.replace(hours(equipment=(device,)), start=9 * 60 + 15))
    for one in (practice, colleague):
        await one.regenerate(DAY, DAY)
    slots = [row["slot_id"] for one in (practice, colleague) for row in await one.slots()]

    async def attempt(slot: UUID) -> str:
        try:
            await book(booking, practice.clinic, slot)
        except DomainError as error:
            return error.code
        return "booked"

    outcomes = Counter(await asyncio.gather(*(attempt(slots[n % len(slots)]) for n in range(50))))
    assert set(outcomes) == {"booked", "slot_unavailable", "resource_taken"}, outcomes
    assert len(await reserved(practice)) == outcomes["booked"]
    overlaps = await practice.rows(
        "SELECT 1 FROM appointment a JOIN appointment b ON a.appointment_id < b.appointment_id"
        " AND a.start < b.start + interval '30 minutes' AND b.start < a.start + interval '30 minutes'"
    )
    assert list(overlaps) == []
    (taken,) = await practice.rows("SELECT sum(taken) AS places FROM slot")
    assert taken["places"] == outcomes["booked"]


async def test_all_the_equipment_of_a_slot_is_reserved_or_nothing_is_booked(
    booking: SlotBooking, practice: Practice, colleague: Practice, equipment: EquipmentService, device: EquipmentId
) -> None:
    other = await added(equipment, practice.clinic, "ECG")
    practice.sits(hours(equipment=(device,)))
    colleague.sits(hours(equipment=tuple(sorted((device, other)))))
    for one in (practice, colleague):
        await one.regenerate(DAY, DAY)
    made = await book(booking, practice.clinic, await slot_of(practice))
    assert made["slot"]["equipmentIds"] == [str(device)]
    with pytest.raises(ResourceTaken) as refused:
        await book(booking, practice.clinic, await slot_of(colleague))
    assert refused.value.field == "equipmentIds"
    assert await reserved(practice) == [device]
    assert (await colleague.slot(NINE))["taken"] == 0
    # By video nobody needs any.
    colleague.sits(hours(equipment=(device,), tele=1))
    await colleague.regenerate(DAY, DAY)
    await book(booking, practice.clinic, await slot_of(colleague), msgspec.structs.replace(SOMEBODY, mode=Mode.TELE))
    assert await reserved(practice) == [device]


async def test_equipment_beside_the_slots_is_released_with_the_appointment_and_taken_again_by_undo(
    booking: SlotBooking, practice: Practice, equipment: EquipmentService, device: EquipmentId, graph: Graph
) -> None:
    other = await added(equipment, practice.clinic, "ECG")
    practice.sits(hours(equipment=(device,)))
    await practice.keeps_calendar()
    await practice.regenerate(DAY, DAY)
    body = msgspec.structs.replace(SOMEBODY, equipment_ids=(other, device, other))
    made = await book(booking, practice.clinic, await slot_of(practice), body)
    both = sorted((device, other))
    assert await reserved(practice) == both
    (event,) = [event for event in await practice.events() if event["type"] == "slot_booked"]
    assert sorted(msgspec.json.decode(event["data"])["equipment"]) == [str(one) for one in both]
    with pytest.raises(InUse):
        await equipment.retire(practice.clinic.actor(Role.ADMIN), other)
    actor, appointment = practice.clinic.receptionist, UUID(made["appointment"]["id"])
    answer = await graph.queue.run(actor, "cancel", appointment, bodies.Empty())
    assert await reserved(practice) == []
    undo = bodies.DESK_COMMANDS["undo"].body(version=answer.version, date=DAY.isoformat())
    answer = await graph.queue.run(actor, "undo", practice.doctor, undo)
    assert await reserved(practice) == both
    transfer = bodies.DESK_COMMANDS["transfer"].body(doctor_id=practice.clinic.doctors[1])
    await graph.queue.run(actor, "transfer", appointment, transfer)
    assert await reserved(practice) == []


async def test_a_cancellation_is_not_undone_once_somebody_else_has_the_equipment(
    booking: SlotBooking, practice: Practice, colleague: Practice, device: EquipmentId, graph: Graph
) -> None:
    await practice.keeps_calendar()
    for one in (practice, colleague):
        await one.regenerate(DAY, DAY)
    wanted = msgspec.structs.replace(SOMEBODY, equipment_ids=(device,))
    made = await book(booking, practice.clinic, await slot_of(practice), wanted)
    actor = practice.clinic.receptionist
    answer = await graph.queue.run(actor, "cancel", UUID(made["appointment"]["id"]), bodies.Empty())
    await book(booking, practice.clinic, await slot_of(colleague), wanted)
    undo = bodies.DESK_COMMANDS["undo"].body(version=answer.version, date=DAY.isoformat())
    with pytest.raises(ResourceTaken):
        await graph.queue.run(actor, "undo", practice.doctor, undo)
    assert (await practice.slot(NINE))["taken"] == 0
    assert await reserved(practice) == [device]


async def test_equipment_that_cannot_be_had_is_refused_at_its_field_and_nothing_is_booked(
    booking: SlotBooking, practice: Practice, equipment: EquipmentService, device: EquipmentId, database: Database
) -> None:
    await practice.regenerate(DAY, DAY)
    slot, admin = await slot_of(practice), practice.clinic.actor(Role.ADMIN)
    sibling = await new_clinic(database, tenant=practice.clinic.tenant)
    far, foreign = await added(equipment, sibling), await added(equipment, await new_clinic(database))
    retired, broken = await added(equipment, practice.clinic, "Old"), await added(equipment, practice.clinic, "Broken")
    await equipment.retire(admin, retired)
    await equipment.plan_maintenance(admin, broken, NewMaintenance(start=at(DAY, 8), end=at(DAY, 9, 15)))
    for wrong, refusal in (
        (far, NotFound),
        (foreign, NotFound),
        (uuid4(), NotFound),
        (retired, Conflict),
        (broken, ResourceTaken),
    ):
        body = msgspec.structs.replace(SOMEBODY, equipment_ids=(device, wrong))
        with pytest.raises(refusal) as refused:
            await book(booking, practice.clinic, slot, body)
        assert refused.value.field == "equipmentIds"
    by_video = msgspec.structs.replace(SOMEBODY, mode=Mode.TELE, equipment_ids=(device,))
    with pytest.raises(InvalidValue) as refused_too:
        await book(booking, practice.clinic, slot, by_video)
    assert refused_too.value.field == "equipmentIds"
    assert await reserved(practice) == []
    assert await practice.rows("SELECT 1 FROM appointment") == []
