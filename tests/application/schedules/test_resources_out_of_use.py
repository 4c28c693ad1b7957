"""Maintenance of a room or of equipment takes the free slots that need it away, and gives them back when it is over."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest

from jobs.house import House
from jobs.worker import lanes
from queue_server.application.due_work import DueWork
from queue_server.application.resources.bodies import NewEquipment, NewMaintenance, NewRoom
from queue_server.application.resources.equipment import EquipmentService
from queue_server.application.resources.rooms import RoomService
from queue_server.application.resources.views import EquipmentView, RoomView
from queue_server.application.schedules.bodies import OneDaysSitting
from queue_server.store.db import Database
from scheduling_core.errors import InUse, InvalidValue
from scheduling_core.live_queue.state import Mode
from tests.application.schedules.practice import Practice, daily, read
from tests.conftest import RunningServices
from tests.factories import at, in_days
from tests.graph import Graph

Follow = Callable[[], Awaitable[None]]
DAY = in_days(2)


@pytest.fixture
def rooms(graph: Graph) -> RoomService:
    """The rooms of every clinic."""
    return RoomService(graph.db, graph.writes)


@pytest.fixture
async def follow(graph: Graph, services: RunningServices) -> AsyncIterator[Follow]:
    """Let a worker do what is due."""
    jobs = Database(services.urls["DATABASE_JOBS_URL"], pool_size=2, application="tests-jobs")
    await jobs.open()
    work = DueWork(graph.db, jobs, lanes(House(db=graph.db, jobs=jobs, writes=graph.writes, signer=None)))

    async def run() -> None:
        while await work.start_due():
            await work.drain(20)

    yield run
    await jobs.close()


async def new_room(rooms: RoomService, practice: Practice, name: str) -> UUID:
    body = NewRoom(clinic_id=practice.clinic.id, name=name)
    return read(await rooms.create(practice.admin, body), RoomView).id


async def maintain(rooms: RoomService, practice: Practice, room: UUID, start: int = 10, end: int = 11) -> UUID:
    """Take a room out of use from one hour of the day to another and return the maintenance."""
    body = NewMaintenance(start=at(DAY, start), end=at(DAY, end))
    answer = await rooms.plan_maintenance(practice.admin, room, body)
    return read(answer, RoomView).maintenance[-1].id


async def starts(practice: Practice, doctor: int = 0) -> list[str]:
    return [f"{row['start']:%H:%M}" for row in await practice.slots(DAY, practice.clinic.doctors[doctor])]


HALF_HOURS = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]


async def test_slots_in_a_room_go_with_its_maintenance_and_come_back_when_it_is_finished(
    practice: Practice, rooms: RoomService, follow: Follow
) -> None:
    out, other = await new_room(rooms, practice, "Room 2"), await new_room(rooms, practice, "Room 3")
    await practice.schedule(*daily(room_id=out))
    await practice.schedule(*daily(room_id=other), doctor=practice.clinic.doctors[1])
    maintenance = await maintain(rooms, practice, out)
    assert await starts(practice) == HALF_HOURS
    await follow()
    assert await starts(practice) == ["09:00", "09:30", "11:00", "11:30"]
    assert await starts(practice, 1) == HALF_HOURS
    await rooms.finish_maintenance(practice.admin, out, maintenance)
    await follow()
    assert await starts(practice) == HALF_HOURS


async def test_only_doctors_with_hours_in_the_room_are_generated_anew(practice: Practice, rooms: RoomService) -> None:
    out = await new_room(rooms, practice, "Room 2")
    schedule = await practice.schedule(*daily("14:00", "15:00"))
    await practice.schedule(doctor=practice.clinic.doctors[1])

    async def asked() -> list[UUID]:
        found = await practice.rows(
            "SELECT payload->>'doctorId' AS doctor FROM job WHERE kind = 'generate_slots' AND key LIKE '%room:%'"
        )
        return [UUID(row["doctor"]) for row in found]

    first = await maintain(rooms, practice, out)
    assert await asked() == []
    await rooms.finish_maintenance(practice.admin, out, first)
    # An override is enough.
    dated = OneDaysSitting(start="09:00", end="12:00", slot_minutes=30, room_id=out)
    await practice.override(schedule, DAY, sittings=(dated,))
    second = await maintain(rooms, practice, out)
    assert await asked() == [practice.doctor]
    await rooms.finish_maintenance(practice.admin, out, second)
    await rooms.finish_maintenance(practice.admin, out, second)
    assert await asked() == [practice.doctor] * 2


async def test_hours_planned_in_a_room_that_is_out_have_no_slots_and_say_why(
    practice: Practice, rooms: RoomService
) -> None:
    out = await new_room(rooms, practice, "Room 2")
    maintenance = await maintain(rooms, practice, out)
    await practice.schedule(*daily(room_id=out))
    assert await starts(practice) == ["09:00", "09:30", "11:00", "11:30"]
    shown = await practice.calendars.of_doctor(practice.admin, practice.doctor, DAY, DAY)
    (closed,) = (one for one in shown.days[0].segments if one.kind == "maintenance")
    assert (closed.open, closed.source_id) == (False, maintenance)
    assert (closed.start, closed.end) == (at(DAY, 10), at(DAY, 11))
    until = f"{DAY.day} {DAY:%B %Y}, 11:00"
    assert closed.explanation == f"closed: Room 2 is under maintenance until {until}"
    side_by_side = await practice.calendars.of_clinic(practice.admin, practice.clinic.id, DAY, DAY)
    (doctor,) = (one for one in side_by_side.doctors if one.doctor_id == practice.doctor)
    assert [one.explanation for one in doctor.days[0].closed] == [closed.explanation]


async def test_who_is_seen_by_video_keeps_the_time_when_the_room_is_out(
    practice: Practice, rooms: RoomService, follow: Follow
) -> None:
    out = await new_room(rooms, practice, "Room 2")
    await practice.schedule(*daily(room_id=out, tele=1))
    slots = {f"{row['start']:%H:%M}": row["slot_id"] for row in await practice.slots(DAY)}
    appointment = await practice.book(slots["10:00"], Mode.TELE)
    await maintain(rooms, practice, out)
    await follow()
    assert await starts(practice) == ["09:00", "09:30", "10:00", "11:00", "11:30"]
    assert await practice.rows("SELECT * FROM slot_conflict WHERE appointment_id = $1", appointment) == []


async def test_slots_with_equipment_go_with_its_maintenance_and_come_back_when_it_is_finished(
    practice: Practice, graph: Graph, follow: Follow
) -> None:
    equipment = EquipmentService(graph.db, graph.writes)
    made = await equipment.create(practice.admin, NewEquipment(clinic_id=practice.clinic.id, name="Ultrasound"))
    device = read(made, EquipmentView).id
    await practice.schedule(*daily(equipment_ids=(device,)))
    await practice.schedule(*daily(), doctor=practice.clinic.doctors[1])
    body = NewMaintenance(start=at(DAY, 10), end=at(DAY, 11))
    planned = read(await equipment.plan_maintenance(practice.admin, device, body), EquipmentView).maintenance[-1]
    await follow()
    assert await starts(practice) == ["09:00", "09:30", "11:00", "11:30"]
    assert await starts(practice, 1) == HALF_HOURS
    shown = await practice.calendars.of_doctor(practice.admin, practice.doctor, DAY, DAY)
    (closed,) = (one for one in shown.days[0].segments if one.kind == "maintenance")
    assert closed.explanation == f"closed: Ultrasound is under maintenance until {DAY.day} {DAY:%B %Y}, 11:00"
    await equipment.finish_maintenance(practice.admin, device, planned.id)
    await follow()
    assert await starts(practice) == HALF_HOURS


async def test_equipment_is_not_removed_while_hours_take_it(practice: Practice, graph: Graph) -> None:
    equipment = EquipmentService(graph.db, graph.writes)
    made = await equipment.create(practice.admin, NewEquipment(clinic_id=practice.clinic.id, name="Ultrasound"))
    device = read(made, EquipmentView).id
    schedule = await practice.schedule(*daily(equipment_ids=(device,)))
    with pytest.raises(InUse) as refused:
        await equipment.retire(practice.admin, device)
    assert [kind for kind, _ in refused.value.faults] == ["schedules"]
    schedule = await practice.change(schedule, *daily())
    dated = OneDaysSitting(start="09:00", end="12:00", slot_minutes=30, equipment_ids=(device,))
    schedule = await practice.override(schedule, DAY, sittings=(dated,))
    with pytest.raises(InUse) as refused:
        await equipment.retire(practice.admin, device)
    assert [kind for kind, _ in refused.value.faults] == ["overrides"]
    await practice.schedules.remove_override(practice.admin, schedule.overrides[0].id)
    await equipment.retire(practice.admin, device)
    with pytest.raises(InvalidValue):
        await practice.change(schedule, *daily(equipment_ids=(device,)))
