"""Booking at the desk: one place is one patient's, whatever happens at the same moment."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application.answers import Precondition
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.desk_bodies import Empty
from queue_server.application.slots.bodies import BookBody, BookedPatient
from queue_server.store.db import Database
from queue_server.store.idempotency import Idempotency
from scheduling_core.calendar.sources import Schedule
from scheduling_core.errors import (
    CapacityReached,
    Conflict,
    DomainError,
    ModeNotOffered,
    NotFound,
    OtherTimeZone,
    ResourceTaken,
    SlotBlocked,
    SlotPast,
    SlotUnavailable,
)
from scheduling_core.ids import RoomId, ScheduleId
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Role
from tests.application.slots.conftest import Practice, hours
from tests.application.test_enrolment import cap
from tests.factories import Clinic, at, in_days, new_clinic
from tests.graph import Graph

SOMEBODY = BookBody(patient=BookedPatient(name="Mei Chen", phone="+44 20 7946 0999"))


@pytest.fixture
def booking(graph: Graph) -> SlotBooking:
    """The desk's way to book."""
    return SlotBooking(graph.writes, graph.directory, graph.links, 15)


@pytest.fixture
async def slot(practice: Practice) -> UUID:
    """The slot of the day after tomorrow at nine."""
    await practice.regenerate(in_days(2), in_days(2))
    found: UUID = (await practice.slot(at(in_days(2), 9)))["slot_id"]
    return found


def once(key: str = "") -> Precondition:
    return Precondition(idempotency=Idempotency(key or uuid4().hex, b"digest"))


async def book(
    booking: SlotBooking, clinic: Clinic, slot: UUID, body: BookBody = SOMEBODY, *, clinics: tuple[Any, ...] = ()
) -> dict[str, Any]:
    actor = clinic.actor(Role.RECEPTIONIST, clinics=clinics)
    answer = await booking.book(actor, slot, body, once())
    found: dict[str, Any] = msgspec.json.decode(answer.body)
    return found


async def test_of_fifty_who_book_one_slot_at_once_exactly_one_wins(
    booking: SlotBooking, practice: Practice, slot: UUID
) -> None:
    async def attempt() -> str:
        try:
            await book(booking, practice.clinic, slot)
        except DomainError as error:
            return error.code
        return "booked"

    outcomes = Counter(await asyncio.gather(*(attempt() for _ in range(50))))
    assert outcomes == {"booked": 1, "slot_unavailable": 49}
    taken = await practice.slot(at(in_days(2), 9))
    assert (taken["taken"], taken["in_person_taken"], taken["version"]) == (1, 1, 2)
    assert len(await practice.rows("SELECT 1 FROM appointment WHERE slot_id = $1", slot)) == 1
    assert [event["type"] for event in await practice.events()] == ["slots_generated", "slot_booked"]


async def test_a_slot_for_several_is_filled_to_the_last_place_and_no_further(
    booking: SlotBooking, practice: Practice
) -> None:
    practice.sits(hours(in_person=2, tele=2, total=3))
    await practice.regenerate(in_days(2), in_days(2))
    slot = (await practice.slot(at(in_days(2), 9)))["slot_id"]
    modes = [Mode.IN_PERSON] * 5 + [Mode.TELE] * 5
    bodies = [msgspec.structs.replace(SOMEBODY, mode=mode) for mode in modes]
    done = await asyncio.gather(
        *(book(booking, practice.clinic, slot, body) for body in bodies), return_exceptions=True
    )
    assert sum(isinstance(one, dict) for one in done) == 3
    assert {type(one) for one in done if not isinstance(one, dict)} == {SlotUnavailable}
    row = await practice.slot(at(in_days(2), 9))
    assert row["taken"] == 3
    assert max(row["in_person_taken"], row["tele_taken"]) == 2


async def test_a_booked_appointment_lasts_as_long_as_its_slot(
    booking: SlotBooking, practice: Practice, slot: UUID
) -> None:
    made = await book(booking, practice.clinic, slot)
    (row,) = await practice.rows("SELECT * FROM appointment WHERE slot_id = $1", slot)
    assert (row["duration_minutes"], row["start"], row["source"]) == (30, at(in_days(2), 9), "booking")
    assert made["appointment"]["id"] == str(row["appointment_id"])
    (entry,) = await practice.rows("SELECT * FROM queue_entry WHERE entry_id = $1", row["appointment_id"])
    assert (entry["state"], entry["date"]) == ("expected", in_days(2))


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ("UPDATE slot SET blocked = true WHERE slot_id = $1 RETURNING 1", SlotBlocked),
        ("UPDATE slot SET taken = 1, in_person_taken = 1 WHERE slot_id = $1 RETURNING 1", SlotUnavailable),
        ("UPDATE slot SET in_person = 0, tele = 1 WHERE slot_id = $1 RETURNING 1", ModeNotOffered),
        ("DELETE FROM slot WHERE slot_id = $1 RETURNING 1", NotFound),
    ],
)
async def test_what_cannot_be_booked_says_why_and_changes_nothing(
    booking: SlotBooking, practice: Practice, slot: UUID, change: str, refusal: type[DomainError]
) -> None:
    await practice.rows(change, slot)
    before = await practice.slots()
    with pytest.raises(refusal):
        await book(booking, practice.clinic, slot)
    assert await practice.slots() == before
    assert await practice.rows("SELECT 1 FROM appointment") == []
    assert await practice.rows("SELECT 1 FROM patient") == []


async def test_a_slot_that_has_begun_is_over(booking: SlotBooking, practice: Practice) -> None:
    gone, begun = uuid4(), datetime.now(UTC) - timedelta(minutes=1)
    await practice.rows(
        'INSERT INTO slot (tenant_id, slot_id, doctor_id, clinic_id, schedule_id, start, "end", date, part_of_day,'
        " in_person, tele, total) VALUES ($1, $2, $3, $4, $2, $5, $6, $7, 0, 1, 0, 1) RETURNING 1",
        practice.clinic.tenant,
        gone,
        practice.doctor,
        practice.clinic.id,
        begun,
        begun + timedelta(minutes=30),
        in_days(0),
    )
    with pytest.raises(SlotPast):
        await book(booking, practice.clinic, gone)


async def test_the_clinics_caps_hold_for_slots_too(
    booking: SlotBooking, practice: Practice, slot: UUID, database: Database
) -> None:
    await cap(database, practice.clinic, '{"per_day": 1}')
    await book(booking, practice.clinic, slot)
    second = (await practice.slot(at(in_days(2), 10)))["slot_id"]
    with pytest.raises(CapacityReached):
        await book(booking, practice.clinic, second)
    assert (await practice.slot(at(in_days(2), 10)))["taken"] == 0


async def test_a_doctor_whom_the_desk_may_not_book_is_refused(
    booking: SlotBooking, practice: Practice, slot: UUID
) -> None:
    await practice.rows(
        "INSERT INTO doctor_bookability (tenant_id, doctor_id, score, is_bookable, can_show_in_search,"
        " can_patient_book, can_receptionist_book, failing, checked_at)"
        " VALUES ($1, $2, 0, false, false, false, false, '{}', now()) RETURNING 1",
        practice.clinic.tenant,
        practice.doctor,
    )
    with pytest.raises(Conflict, match="cannot be booked"):
        await book(booking, practice.clinic, slot)


async def test_a_slot_of_another_clinic_is_unknown_to_whoever_is_limited_to_theirs(
    booking: SlotBooking, practice: Practice, slot: UUID
) -> None:
    with pytest.raises(NotFound):
        await book(booking, practice.clinic, slot, clinics=(uuid4(),))


async def test_a_patient_of_another_clinic_is_unknown_to_whoever_is_limited_to_theirs(
    booking: SlotBooking, practice: Practice, slot: UUID, database: Database
) -> None:
    await practice.books(at(in_days(2), 15))
    (row,) = await practice.rows("SELECT patient_id FROM appointment")
    known = BookBody(patient=BookedPatient(id=row["patient_id"]))
    await practice.rows("UPDATE appointment SET clinic_id = $1 RETURNING 1", (await _second(database, practice)).id)
    with pytest.raises(NotFound):
        await book(booking, practice.clinic, slot, known, clinics=(practice.clinic.id,))
    assert await book(booking, practice.clinic, slot, known)


async def test_a_slot_at_a_second_clinic_is_booked_there(
    booking: SlotBooking, practice: Practice, database: Database
) -> None:
    there = await _second(database, practice)
    visiting = Practice(database, msgspec.structs.replace(there, doctors=practice.clinic.doctors))
    await visiting.regenerate(in_days(2), in_days(2))
    slot = (await visiting.slot(at(in_days(2), 9)))["slot_id"]
    made = await book(booking, there, slot)
    assert made["appointment"]["clinic"]["id"] == str(there.id)
    (row,) = await practice.rows("SELECT clinic_id FROM appointment WHERE slot_id = $1", slot)
    assert row["clinic_id"] == there.id


async def test_a_booking_at_a_second_clinic_names_the_slots_room_in_the_line_that_the_home_clinic_has_opened(
    booking: SlotBooking, practice: Practice, database: Database, slot: UUID, graph: Graph
) -> None:
    at_home = await book(booking, practice.clinic, slot)
    there, room = await _second(database, practice), RoomId(uuid4())
    await practice.rows(
        "INSERT INTO room (tenant_id, room_id, clinic_id, name, type, active, version, last_event_id)"
        " VALUES ($1, $2, $3, 'Room 9', 'consultation', true, 1, $2) RETURNING 1",
        there.tenant,
        room,
        there.id,
    )
    found = await _slot_away(practice, there, room=room)
    made = await book(booking, there, found)
    shown = made["appointment"]
    assert (shown["clinic"]["id"], shown["room"]) == (str(there.id), "Room 9")
    assert (at_home["appointment"]["clinic"]["id"], at_home["appointment"]["room"]) == (
        str(practice.clinic.id),
        "Room 1",
    )
    rows = await practice.rows("SELECT DISTINCT doctor_id, date FROM queue_entry")
    assert [(row["doctor_id"], row["date"]) for row in rows] == [(practice.doctor, in_days(2))]


async def test_a_slot_in_another_zone_than_the_line_of_that_day_is_refused(
    booking: SlotBooking, practice: Practice, database: Database, slot: UUID
) -> None:
    await book(booking, practice.clinic, slot)
    there = await _second(database, practice)
    found = await _slot_away(practice, there)
    await practice.rows("UPDATE clinic SET timezone = 'Asia/Kolkata' WHERE clinic_id = $1 RETURNING 1", there.id)
    with pytest.raises(OtherTimeZone):
        await book(booking, there, found)
    (row,) = await practice.rows("SELECT taken FROM slot WHERE slot_id = $1", found)
    assert row["taken"] == 0


async def test_the_caps_of_the_slots_clinic_hold_and_not_those_of_the_doctors_home(
    booking: SlotBooking, practice: Practice, database: Database
) -> None:
    there = await _second(database, practice)
    await cap(database, practice.clinic, '{"per_day": 1}')
    await cap(database, there, '{"per_day": 1}')
    found = await _slot_away(practice, there, in_person=2, total=2)
    await book(booking, there, found)
    with pytest.raises(CapacityReached):
        await book(booking, there, found)
    # That was none of the home clinic's places.
    await book(booking, practice.clinic, (await practice.slot(at(in_days(2), 9)))["slot_id"])
    with pytest.raises(CapacityReached):
        await book(booking, practice.clinic, (await practice.slot(at(in_days(2), 10)))["slot_id"])


async def _slot_away(practice: Practice, there: Clinic, **more: Any) -> UUID:
    """Return the slot at two in the afternoon of the day after tomorrow, at a second clinic of the doctor."""
    sitting = hours(14, 15, **more)
    plan = Schedule(id=ScheduleId(uuid4()), clinic=there.id, effective_from=in_days(0), week=((sitting,),) * 7)
    practice.sources = msgspec.structs.replace(
        practice.sources,
        schedules=(*practice.sources.schedules, plan),
        zones={**practice.sources.zones, there.id: there.timezone},
    )
    await practice.regenerate(in_days(2), in_days(2))
    found: UUID = (await practice.slot(at(in_days(2), 14)))["slot_id"]
    return found


async def test_the_room_of_a_slot_is_reserved_with_it_and_never_for_two_doctors_at_once(
    booking: SlotBooking, practice: Practice, database: Database, graph: Graph
) -> None:
    room = RoomId(uuid4())
    await practice.rows(
        "INSERT INTO room (tenant_id, room_id, clinic_id, name, type, active, version, last_event_id)"
        " VALUES ($1, $2, $3, 'Room 1', 'consultation', true, 1, $2) RETURNING 1",
        practice.clinic.tenant,
        room,
        practice.clinic.id,
    )
    colleague = Practice(database, msgspec.structs.replace(practice.clinic, doctors=practice.clinic.doctors[1:]))
    for one in (practice, colleague):
        one.sits(hours(room=room, tele=1))
        await one.regenerate(in_days(2), in_days(2))
    slots = [(await one.slot(at(in_days(2), 9)))["slot_id"] for one in (practice, colleague)]
    made = await book(booking, practice.clinic, slots[0])
    with pytest.raises(ResourceTaken):
        await book(booking, practice.clinic, slots[1])
    assert (await colleague.slot(at(in_days(2), 9)))["taken"] == 0
    # By video nobody needs the room.
    await book(booking, practice.clinic, slots[1], msgspec.structs.replace(SOMEBODY, mode=Mode.TELE))
    reserved = await practice.rows("SELECT starts_at, ends_at FROM room_reservation WHERE room_id = $1", room)
    assert [(row["starts_at"], row["ends_at"]) for row in reserved] == [(at(in_days(2), 9), at(in_days(2), 9, 30))]
    cancelled = UUID(made["appointment"]["id"])
    await graph.queue.run(practice.clinic.receptionist, "cancel", cancelled, Empty())
    assert await practice.rows("SELECT 1 FROM room_reservation WHERE room_id = $1", room) == []


async def test_leave_and_booking_at_once_never_leave_a_patient_whom_nobody_knows_of(
    booking: SlotBooking, practice: Practice
) -> None:
    for day in range(2, 14):
        await practice.regenerate(in_days(day), in_days(day))
        slot = (await practice.slot(at(in_days(day), 9)))["slot_id"]
        practice.takes_leave(in_days(day), in_days(day))
        outcome, _ = await asyncio.gather(
            book(booking, practice.clinic, slot),
            practice.regenerate(in_days(day), in_days(day)),
            return_exceptions=True,
        )
        hit = [row["date"] for row in await practice.conflicts()]
        if isinstance(outcome, dict):
            # The booking came first: the leave has found it.
            assert hit == [in_days(day)]
            await practice.rows("DELETE FROM slot_conflict RETURNING 1")
        else:
            assert isinstance(outcome, SlotUnavailable | NotFound)
            assert hit == []
            assert await practice.rows("SELECT 1 FROM appointment WHERE slot_id = $1", slot) == []
        practice.is_back()


async def _second(database: Database, practice: Practice) -> Clinic:
    return await new_clinic(database, tenant=practice.clinic.tenant, doctors=0)
