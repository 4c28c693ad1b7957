"""Rooms as admins keep them: lists, scope, versions, and what keeps a room from being removed."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest

from queue_server.application.answers import Precondition
from queue_server.application.resources.bodies import (
    NewMaintenance,
    NewRoom,
    NewRoomAssignment,
    RoomChange,
)
from queue_server.application.resources.models import ROOM
from queue_server.application.resources.reservations import release, reserve
from queue_server.application.resources.views import RoomView
from queue_server.store.idempotency import Idempotency
from scheduling_core.errors import Conflict, Forbidden, InUse, InvalidValue, NotFound, StaleVersion
from scheduling_core.ids import EntryId, RoomId
from scheduling_core.permissions import Role
from scheduling_core.resources.rooms import RoomType
from tests.application.resources.house import House, decoded
from tests.factories import new_clinic

LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)


def outage(hours: float = 2, start: datetime = LATER, reason: str = "") -> NewMaintenance:
    return NewMaintenance(start=start, end=start + timedelta(hours=hours), reason=reason)


async def test_a_room_is_made_changed_given_away_and_removed(house: House) -> None:
    room = await house.room(" Room 1 ", type=RoomType.IMAGING)
    assert (room.name, room.type, room.version, room.active) == ("Room 1", RoomType.IMAGING, 1, True)
    assert await house.rooms.get(house.admin, room.id) == room
    changed = decoded(await house.rooms.update(house.admin, room.id, RoomChange(name="Radiology")), RoomView)
    assert (changed.name, changed.type, changed.version) == ("Radiology", RoomType.IMAGING, 2)
    again = decoded(await house.rooms.update(house.admin, room.id, RoomChange(name="Radiology")), RoomView)
    assert again == changed
    given = NewRoomAssignment(doctor_id=house.clinic.doctors[0])
    assigned = decoded(await house.rooms.assign(house.admin, room.id, given), RoomView)
    (assignment,) = assigned.assignments
    assert (assignment.doctor_id, assignment.until) == (house.clinic.doctors[0], None)
    planned = decoded(await house.rooms.plan_maintenance(house.admin, room.id, outage(reason="Paint")), RoomView)
    assert (planned.maintenance[0].start, planned.maintenance[0].reason) == (LATER, "Paint")
    await house.rooms.finish_maintenance(house.admin, room.id, planned.maintenance[0].id)
    await house.rooms.end_assignment(house.admin, room.id, assignment.id)
    await house.rooms.retire(house.admin, room.id)
    gone = await house.rooms.get(house.admin, room.id)
    assert (gone.active, gone.assignments, gone.version) == (False, (), 7)
    assert gone.maintenance[0].finished_at is not None
    await house.check_replays(ROOM, room.id)
    await house.change("UPDATE room SET name = 'Elsewhere'")
    with pytest.raises(AssertionError):
        await house.check_replays(ROOM, room.id)


async def test_events_hold_no_name_and_no_reason(house: House) -> None:
    room = await house.room("Canary Suite")
    await house.rooms.plan_maintenance(house.admin, room.id, outage(reason="Canary escaped"))
    async with house.graph.db.tenant(house.clinic.tenant) as tx:
        rows = await tx.rows("SELECT e::text AS whole FROM event_store e WHERE tenant_id = $1", house.clinic.tenant)
        states = await tx.rows("SELECT state FROM stream WHERE tenant_id = $1", house.clinic.tenant)
    assert len(rows) == 2
    assert "canary" not in "".join(row["whole"] for row in rows).casefold()
    assert all(b"anary" not in row["state"] for row in states)


async def test_who_saw_an_older_version_changes_nothing(house: House) -> None:
    room = await house.room()
    await house.rooms.update(house.admin, room.id, RoomChange(name="Other"), Precondition(if_match=1))
    stale = Precondition(if_match=1)
    for attempt in (
        house.rooms.update(house.admin, room.id, RoomChange(name="Mine"), stale),
        house.rooms.retire(house.admin, room.id, stale),
        house.rooms.plan_maintenance(house.admin, room.id, outage(), stale),
        house.rooms.assign(house.admin, room.id, NewRoomAssignment(doctor_id=house.clinic.doctors[0]), stale),
    ):
        with pytest.raises(StaleVersion):
            await attempt
    assert (await house.rooms.get(house.admin, room.id)).version == 2


async def test_the_same_request_adds_one_room(house: House) -> None:
    key = Precondition(idempotency=Idempotency("k", b"d" * 32))
    body = NewRoom(clinic_id=house.clinic.id, name="Room 1")
    answers = await asyncio.gather(*(house.rooms.create(house.admin, body, key) for _ in range(3)))
    assert len({answer.body for answer in answers}) == 1
    assert len((await house.rooms.list(house.admin)).items) == 1


async def test_lists_show_what_was_asked_for_and_every_room_once(house: House) -> None:
    for number in range(5):
        await house.room(f"Room {number}", type=RoomType.IMAGING if number == 3 else RoomType.CONSULTATION)
    first = await house.rooms.list(house.admin, limit=3)
    rest = await house.rooms.list(house.admin, limit=3, cursor=first.next_cursor)
    assert [room.name for room in (*first.items, *rest.items)] == [f"Room {number}" for number in range(5)]
    assert rest.next_cursor is None
    await house.rooms.retire(house.admin, first.items[0].id)
    shown = await house.rooms.list(house.admin, type=RoomType.CONSULTATION, active=True, clinic=house.clinic.id)
    assert [room.name for room in shown.items] == ["Room 1", "Room 2", "Room 4"]


async def test_clinics_outside_of_an_accounts_scope_have_no_rooms(house: House) -> None:
    sibling = await new_clinic(house.graph.db, tenant=house.clinic.tenant)
    there, here = await house.room("There", clinic_id=sibling.id), await house.room("Here")
    scoped = house.clinic.actor(Role.ADMIN, clinics=(house.clinic.id,))
    stranger = (await new_clinic(house.graph.db)).actor(Role.ADMIN)
    assert [room.id for room in (await house.rooms.list(scoped)).items] == [here.id]
    assert [room.id for room in (await house.rooms.list(stranger)).items] == []
    for actor in (scoped, stranger):
        for attempt in (
            house.rooms.get(actor, there.id),
            house.rooms.update(actor, there.id, RoomChange(name="Mine")),
            house.rooms.retire(actor, there.id),
            house.rooms.create(actor, NewRoom(clinic_id=sibling.id, name="Mine")),
        ):
            with pytest.raises(NotFound):
                await attempt
    with pytest.raises(NotFound):
        await house.rooms.list(scoped, clinic=sibling.id)


async def test_an_unknown_room_leaves_no_stream_behind(house: House) -> None:
    with pytest.raises(NotFound):
        await house.rooms.retire(house.admin, uuid4())
    count = await house.scalar("SELECT count(*) FROM stream WHERE tenant_id = $1", house.clinic.tenant)
    assert count == 0


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.DOCTOR, Role.DEPARTMENT_HEAD, Role.DISPLAY])
async def test_only_admins_change_rooms(house: House, role: Role) -> None:
    room = await house.room()
    who = house.clinic.actor(role)
    for attempt in (
        house.rooms.create(who, NewRoom(clinic_id=house.clinic.id, name="Mine")),
        house.rooms.update(who, room.id, RoomChange(name="Mine")),
        house.rooms.retire(who, room.id),
        house.rooms.plan_maintenance(who, room.id, outage()),
    ):
        with pytest.raises(Forbidden):
            await attempt
    if role is not Role.DISPLAY:
        assert await house.rooms.get(who, room.id) == room


async def test_bad_values_are_refused_by_field(house: House) -> None:
    room, doctor = await house.room(), house.clinic.doctors[0]
    today = LATER.date()
    for attempt, refusal, field in (
        (house.room("a\nb"), InvalidValue, "name"),
        (house.rooms.plan_maintenance(house.admin, room.id, outage(-1)), InvalidValue, "end"),
        (house.rooms.plan_maintenance(house.admin, room.id, outage(reason="a\0b")), InvalidValue, "reason"),
        (house.rooms.assign(house.admin, room.id, NewRoomAssignment(doctor_id=uuid4())), NotFound, "doctorId"),
        (
            house.rooms.assign(
                house.admin,
                room.id,
                NewRoomAssignment(doctor_id=doctor, from_=today, until=today - timedelta(days=1)),
            ),
            InvalidValue,
            "until",
        ),
    ):
        with pytest.raises(refusal) as refused:
            await attempt
        assert refused.value.field == field
    assert (await house.rooms.get(house.admin, room.id)).version == 1


async def test_a_room_in_use_is_not_removed_and_the_refusal_names_what_uses_it(house: House) -> None:
    room, doctor = await house.room(), house.clinic.doctors[0]
    device = await house.device("Ultrasound 2", room_id=room.id)
    assigned = decoded(await house.rooms.assign(house.admin, room.id, NewRoomAssignment(doctor_id=doctor)), RoomView)
    appointment = EntryId(uuid4())
    async with house.graph.db.tenant(house.clinic.tenant) as tx:
        await reserve(tx, RoomId(room.id), LATER, LATER + timedelta(minutes=30), appointment)
    week = msgspec.json.encode([[{"start": 540, "end": 720, "room": room.id}], *[[]] * 6]).decode()
    await house.change(
        "INSERT INTO doctor_schedule (tenant_id, schedule_id, doctor_id, clinic_id, effective_from, ended, week,"
        " version, last_event_id) VALUES ($1, $2, $3, $4, current_date, false, $5::json, 1, $2)",
        house.clinic.tenant,
        uuid4(),
        doctor,
        house.clinic.id,
        week,
    )
    with pytest.raises(InUse) as refused:
        await house.rooms.retire(house.admin, room.id)
    assert [kind for kind, _ in refused.value.faults] == ["reservations", "schedules", "assignments", "equipment"]
    assert ("equipment", "Ultrasound 2") in refused.value.faults
    assert ("assignments", "Dr Rao") in refused.value.faults

    await house.change("UPDATE doctor_schedule SET effective_until = current_date - 2")
    await house.rooms.end_assignment(house.admin, room.id, assigned.assignments[0].id)
    await house.equipment.retire(house.admin, device.id)
    with pytest.raises(InUse) as refused:
        await house.rooms.retire(house.admin, room.id)
    assert [kind for kind, _ in refused.value.faults] == ["reservations"]
    async with house.graph.db.tenant(house.clinic.tenant) as tx:
        await release(tx, appointment)
    await house.rooms.retire(house.admin, room.id)


async def test_a_room_is_not_removed_while_somebody_puts_it_into_a_schedule(house: House) -> None:
    """Whoever holds the room for a schedule commits first: then the removal sees the schedule."""
    room = await house.room()
    async with house.graph.db.tenant(house.clinic.tenant) as tx:
        held = await tx.row("SELECT FROM room WHERE room_id = $1 FOR KEY SHARE", room.id)
        assert held is not None
        removal = asyncio.create_task(house.rooms.retire(house.admin, room.id))
        while not await house.scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%room%FOR UPDATE%'"
        ):
            assert not removal.done()
            await asyncio.sleep(0.01)
        await tx.run(
            "INSERT INTO doctor_schedule (tenant_id, schedule_id, doctor_id, clinic_id, effective_from, ended, week,"
            " version, last_event_id) VALUES ($1, $2, $3, $4, current_date, false, $5::json, 1, $2)",
            house.clinic.tenant,
            uuid4(),
            house.clinic.doctors[0],
            house.clinic.id,
            msgspec.json.encode([[{"room": room.id}]]).decode(),
        )
    with pytest.raises(InUse):
        await removal


async def test_maintenance_is_planned_around_reservations(house: House) -> None:
    room, appointment = await house.room(), EntryId(uuid4())
    async with house.graph.db.tenant(house.clinic.tenant) as tx:
        await reserve(tx, RoomId(room.id), LATER, LATER + timedelta(minutes=30), appointment)
    with pytest.raises(InUse) as refused:
        await house.rooms.plan_maintenance(house.admin, room.id, outage(1, LATER - timedelta(minutes=50)))
    assert refused.value.faults == [("reservations", f"Reserved at {LATER.isoformat()}")]
    after = outage(1, LATER + timedelta(minutes=30))
    before = outage(1, LATER - timedelta(minutes=60))
    for fits in (after, before):
        await house.rooms.plan_maintenance(house.admin, room.id, fits)
    with pytest.raises(Conflict):
        await house.rooms.plan_maintenance(house.admin, room.id, after)
