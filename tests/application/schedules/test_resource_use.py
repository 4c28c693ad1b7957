"""No room and no equipment is planned for two doctors at once, whoever comes in whatever order."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application.schedules.bodies import OneDaysSitting
from scheduling_core.errors import DomainError, ResourceTaken
from scheduling_core.ids import AccountId, DoctorId
from tests.application.schedules.practice import Practice, add_equipment, daily, sitting
from tests.factories import in_days


@pytest.fixture
def other(practice: Practice) -> DoctorId:
    """Who would share a room with the practice's doctor."""
    return practice.clinic.doctors[1]


@pytest.fixture
async def room(practice: Practice) -> UUID:
    """A room of the clinic."""
    return await add_room(practice, "Room 1")


async def add_room(practice: Practice, name: str) -> UUID:
    """Add a room to the clinic."""
    id = uuid4()
    await practice.run(
        "INSERT INTO room (tenant_id, room_id, clinic_id, name, type, active, version, last_event_id)"
        " VALUES ($1, $2, $3, $4, 'consultation', true, 1, gen_random_uuid())",
        practice.clinic.tenant,
        id,
        practice.clinic.id,
        name,
    )
    return id


def hours(start: str, end: str, room: UUID) -> OneDaysSitting:
    """Return one date's sitting in a room."""
    return OneDaysSitting(start=start, end=end, slot_minutes=30, room_id=room)


async def test_hours_in_a_room_that_another_doctor_has_are_refused_at_their_field_with_whose_it_is(
    practice: Practice, other: DoctorId, room: UUID
) -> None:
    await practice.schedule(*daily(room_id=room))
    weekday = in_days(2).isoweekday()
    wanted = (sitting(weekday, "14:00", "15:00"), sitting(weekday, "11:30", "12:30", room_id=room))
    for dry_run in (True, False):
        with pytest.raises(ResourceTaken) as error:
            await practice.schedule(*wanted, doctor=other, dry_run=dry_run)
        assert error.value.field == "sittings[1].roomId"
        (row,) = await practice.rows("SELECT name FROM doctor WHERE doctor_id = $1", practice.doctor)
        assert f"{row['name']} has this room on {in_days(2):%A, %Y-%m-%d}, 09:00–12:00." in str(error.value)
    assert await practice.slots(doctor=other) == []
    await practice.schedule(sitting(weekday, "12:00", "13:00", room_id=room), doctor=other)
    await practice.schedule(sitting(weekday, "11:00", "12:00", room_id=await add_room(practice, "2")), doctor=other)


async def test_a_change_is_refused_too_and_the_own_hours_of_before_are_in_nobodys_way(
    practice: Practice, other: DoctorId, room: UUID
) -> None:
    mine = await practice.schedule(*daily(room_id=room))
    theirs = await practice.schedule(*daily("13:00", "15:00", room_id=room), doctor=other)
    with pytest.raises(ResourceTaken) as error:
        await practice.change(theirs, *daily("11:00", "15:00", room_id=room))
    assert (error.value.field or "").endswith("].roomId")
    await practice.change(mine, *daily("09:30", "13:00", room_id=room))


async def test_a_sitting_past_midnight_takes_the_room_on_the_next_day(
    practice: Practice, other: DoctorId, room: UUID
) -> None:
    night, morning = in_days(3).isoweekday(), in_days(4).isoweekday()
    # 02:00 on the next day.
    await practice.schedule(sitting(night, "22:00", "26:00", room_id=room))
    with pytest.raises(ResourceTaken) as error:
        await practice.schedule(sitting(morning, "01:30", "03:00", room_id=room), doctor=other)
    assert error.value.field == "sittings[0].roomId"
    await practice.schedule(sitting(morning, "02:00", "03:00", room_id=room), doctor=other)


async def test_a_room_is_free_again_after_the_last_day_of_who_had_it(
    practice: Practice, other: DoctorId, room: UUID
) -> None:
    mine = await practice.schedule(*daily(room_id=room), first=in_days(-20), last=in_days(20))
    with pytest.raises(ResourceTaken):
        await practice.schedule(*daily(room_id=room), doctor=other, first=in_days(20))
    await practice.schedule(*daily(room_id=room), doctor=other, first=in_days(21))
    await practice.schedules.end(practice.admin, mine.id, None)
    await practice.schedule(*daily(room_id=room), doctor=other, first=in_days(0), last=in_days(20))
    with pytest.raises(ResourceTaken):
        await practice.schedule(*daily(room_id=room), first=in_days(0), last=in_days(5))


async def test_an_override_takes_a_room_only_while_nobody_has_it(
    practice: Practice, other: DoctorId, room: UUID
) -> None:
    await practice.schedule(*daily(room_id=room))
    theirs = await practice.schedule(*daily("13:00", "15:00"), doctor=other)
    free, taken = hours("12:00", "13:00", room), hours("11:00", "12:30", room)
    for dry_run in (True, False):
        with pytest.raises(ResourceTaken) as error:
            await practice.override(theirs, in_days(3), sittings=(taken,), dry_run=dry_run)
        assert error.value.field == "sittings[0].roomId"
    await practice.override(theirs, in_days(3), sittings=(free,))
    with pytest.raises(ResourceTaken):
        await practice.schedule(sitting(in_days(3).isoweekday(), "12:30", "13:00", room_id=room))


async def test_an_override_that_frees_a_room_cannot_be_removed_once_another_doctor_has_it(
    practice: Practice, other: DoctorId, room: UUID
) -> None:
    mine = await practice.schedule(*daily(room_id=room))
    theirs = await practice.schedule(*daily("13:00", "15:00"), doctor=other)
    freed = await practice.override(mine, in_days(3))
    taken = await practice.override(theirs, in_days(3), sittings=(hours("10:00", "11:00", room),))
    for dry_run in (True, False):
        with pytest.raises(ResourceTaken):
            await practice.schedules.remove_override(practice.admin, freed.overrides[0].id, dry_run=dry_run)
    assert await practice.slots(in_days(3)) == []
    await practice.schedules.remove_override(practice.admin, taken.overrides[0].id)
    await practice.schedules.remove_override(practice.admin, freed.overrides[0].id)
    assert len(await practice.slots(in_days(3))) == 6


async def test_leave_frees_no_room_because_it_may_be_taken_back(
    practice: Practice, other: DoctorId, room: UUID
) -> None:
    await practice.schedule(*daily(room_id=room), last=in_days(10))
    leave = await practice.asks(practice.clinic.receptionist, in_days(1), in_days(10))
    await practice.approves(practice.admin, leave.id)
    with pytest.raises(ResourceTaken):
        await practice.schedule(*daily(room_id=room), doctor=other, last=in_days(10))


async def test_who_may_not_read_doctors_is_not_told_whose_the_room_is(
    practice: Practice, other: DoctorId, room: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await practice.schedule(*daily(room_id=room))
    monkeypatch.setattr("queue_server.application.schedules.resource_use.may", lambda *_: False)
    person = msgspec.structs.replace(practice.admin, account=AccountId(uuid4()))
    with pytest.raises(ResourceTaken, match=r"^Another doctor has this room on "):
        await practice.schedule(*daily(room_id=room), doctor=other, actor=person)


async def test_of_two_at_once_who_want_one_room_one_gets_it(practice: Practice, other: DoctorId, room: UUID) -> None:
    second = await add_room(practice, "Room 2")
    for turn in range(6):
        first = in_days(1) + timedelta(days=10 * turn)
        last = first + timedelta(days=9)
        outcomes = await asyncio.gather(
            practice.schedule(*daily(room_id=room), *daily("12:00", "13:00", room_id=second), first=first, last=last),
            practice.schedule(
                *daily("11:00", "12:30", room_id=second),
                *daily("08:00", "10:00", room_id=room),
                doctor=other,
                first=first,
                last=last,
            ),
            return_exceptions=True,
        )
        (refused,) = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        assert isinstance(refused, ResourceTaken), refused
        assert (refused.field or "").endswith("].roomId")
    assert await overlaps(practice) == []


async def test_taking_a_freed_room_and_coming_back_to_it_at_once_never_both_succeed(
    practice: Practice, other: DoctorId, room: UUID
) -> None:
    mine = await practice.schedule(*daily(room_id=room))
    theirs = await practice.schedule(*daily("13:00", "15:00"), doctor=other)
    for day in range(2, 8):
        freed = await practice.override(mine, in_days(day))
        (override,) = [one for one in freed.overrides if one.date == in_days(day)]
        outcomes = await asyncio.gather(
            practice.schedules.remove_override(practice.admin, override.id),
            practice.override(theirs, in_days(day), sittings=(hours("10:00", "11:00", room),)),
            return_exceptions=True,
        )
        (refused,) = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
        assert isinstance(refused, ResourceTaken), refused
    assert await overlaps(practice) == []


async def test_equipment_that_another_doctors_hours_take_is_refused_at_its_field_with_whose_it_is(
    practice: Practice, other: DoctorId, room: UUID
) -> None:
    device, spare = await add_equipment(practice, "Ultrasound 1"), await add_equipment(practice, "Ultrasound 2")
    mine = await practice.schedule(*daily(room_id=room, equipment_ids=(device, spare)))
    weekday = in_days(2).isoweekday()
    wanted = (sitting(weekday, "14:00", "15:00"), sitting(weekday, "11:30", "12:30", equipment_ids=(device,)))
    for dry_run in (True, False):
        with pytest.raises(ResourceTaken) as error:
            await practice.schedule(*wanted, doctor=other, dry_run=dry_run)
        assert error.value.field == "sittings[1].equipmentIds"
        assert f" has Ultrasound 1 on {in_days(2):%A, %Y-%m-%d}, 09:00–12:00." in str(error.value)
    theirs = await practice.schedule(sitting(weekday, "12:00", "13:00", equipment_ids=(device,)), doctor=other)
    with pytest.raises(ResourceTaken) as error:
        await practice.override(
            theirs,
            in_days(2),
            sittings=(OneDaysSitting(start="08:00", end="09:30", slot_minutes=30, equipment_ids=(spare,)),),
        )
    assert error.value.field == "sittings[0].equipmentIds"
    await practice.change(mine, *daily(room_id=room, equipment_ids=(device,)))
    await practice.schedule(*daily("08:00", "09:30", equipment_ids=(spare,)), doctor=other)


async def test_of_two_at_once_who_want_the_same_equipment_one_gets_it(practice: Practice, other: DoctorId) -> None:
    devices = [await add_equipment(practice, name) for name in ("A", "B")]
    for turn in range(6):
        first = in_days(1) + timedelta(days=10 * turn)
        last = first + timedelta(days=9)
        outcomes = await asyncio.gather(
            practice.schedule(*daily(equipment_ids=tuple(devices)), first=first, last=last),
            practice.schedule(
                *daily("11:00", "12:30", equipment_ids=tuple(devices[::-1])), doctor=other, first=first, last=last
            ),
            return_exceptions=True,
        )
        (refused,) = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        assert isinstance(refused, ResourceTaken), refused
    found = await practice.rows(
        "SELECT a.slot_id FROM slot a JOIN slot b ON a.equipment_ids && b.equipment_ids AND a.slot_id < b.slot_id"
        ' AND a.start < b."end" AND b.start < a."end"'
    )
    assert list(found) == []


async def overlaps(practice: Practice) -> list[object]:
    """Return the pairs of slots that have one room at one time."""
    found = await practice.rows(
        "SELECT a.slot_id FROM slot a JOIN slot b ON a.room_id = b.room_id AND a.slot_id < b.slot_id"
        ' AND a.start < b."end" AND b.start < a."end"'
    )
    return list(found)
