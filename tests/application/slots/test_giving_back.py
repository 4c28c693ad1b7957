"""Who cancels, or is handed to another doctor, gives the slot back; who is brought back takes it again."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.booking.booking import SlotBooking
from queue_server.store.db import Database, Row
from scheduling_core.errors import CapacityReached, SlotUnavailable
from tests.application.booking.test_booking import book
from tests.application.slots.conftest import Practice
from tests.application.test_enrolment import cap
from tests.factories import at, in_days
from tests.graph import Graph

NINE = at(in_days(2), 9)
DAY = in_days(2).isoformat()


@pytest.fixture
def booking(graph: Graph) -> SlotBooking:
    """The desk's way to book."""
    return SlotBooking(graph.writes, graph.directory, graph.links, 15)


@pytest.fixture
async def appointment(booking: SlotBooking, practice: Practice) -> UUID:
    """Somebody booked for the day after tomorrow at nine, by a calendar that offers it."""
    await practice.keeps_calendar()
    await practice.regenerate(in_days(2), in_days(2))
    made = await book(booking, practice.clinic, (await practice.slot(NINE))["slot_id"])
    return UUID(made["appointment"]["id"])


async def run(graph: Graph, practice: Practice, name: str, target: UUID, **body: Any) -> int:
    wanted = bodies.DESK_COMMANDS[name].body(**body)
    answer = await graph.queue.run(practice.clinic.receptionist, name, target, wanted)
    assert answer.version is not None
    return answer.version


async def slot(practice: Practice) -> Row:
    return await practice.slot(NINE)


async def test_a_cancelled_appointment_frees_its_place_once(
    graph: Graph, booking: SlotBooking, practice: Practice, appointment: UUID
) -> None:
    await run(graph, practice, "cancel", appointment)
    freed = await slot(practice)
    assert (freed["taken"], freed["in_person_taken"], freed["version"]) == (0, 0, 3)
    assert [event["type"] for event in await practice.events()][-1] == "slot_given_back"
    again = await book(booking, practice.clinic, freed["slot_id"])
    assert again["slot"]["taken"]["total"] == 1


async def test_an_undone_cancellation_takes_the_place_again(
    graph: Graph, practice: Practice, appointment: UUID
) -> None:
    version = await run(graph, practice, "cancel", appointment)
    await run(graph, practice, "undo", practice.doctor, version=version, date=DAY)
    assert (await slot(practice))["taken"] == 1
    assert [event["type"] for event in await practice.events()][-2:] == ["slot_given_back", "slot_booked"]
    await run(graph, practice, "cancel", appointment)
    assert (await slot(practice))["taken"] == 0


async def test_a_cancellation_is_not_undone_once_somebody_else_has_the_place(
    graph: Graph, booking: SlotBooking, practice: Practice, appointment: UUID
) -> None:
    version = await run(graph, practice, "cancel", appointment)
    await book(booking, practice.clinic, (await slot(practice))["slot_id"])
    with pytest.raises(SlotUnavailable):
        await run(graph, practice, "undo", practice.doctor, version=version, date=DAY)
    assert (await slot(practice))["taken"] == 1
    (entry,) = await practice.rows("SELECT state FROM queue_entry WHERE entry_id = $1", appointment)
    assert entry["state"] == "cancelled"


async def test_a_cancellation_is_not_undone_once_somebody_else_has_the_clinics_last_place(
    graph: Graph, booking: SlotBooking, practice: Practice, appointment: UUID, database: Database
) -> None:
    await cap(database, practice.clinic, '{"per_day": 1}')
    version = await run(graph, practice, "cancel", appointment)
    later = await practice.slot(at(in_days(2), 10))
    await book(booking, practice.clinic, later["slot_id"])
    with pytest.raises(CapacityReached):
        await run(graph, practice, "undo", practice.doctor, version=version, date=DAY)
    assert (await slot(practice))["taken"] == 0


async def test_who_is_handed_to_another_doctor_frees_the_place_and_does_so_once(
    graph: Graph, practice: Practice, appointment: UUID
) -> None:
    await run(graph, practice, "transfer", appointment, doctor_id=practice.clinic.doctors[1])
    assert (await slot(practice))["taken"] == 0
    await run(graph, practice, "cancel", appointment)
    assert (await slot(practice))["taken"] == 0


async def test_a_place_given_back_in_closed_time_goes_with_its_slot_and_its_conflict(
    graph: Graph, practice: Practice, appointment: UUID
) -> None:
    practice.is_closed(at(in_days(2), 8), at(in_days(2), 10))
    await practice.regenerate(in_days(2), in_days(2))
    assert len(await practice.conflicts()) == 1
    # The calendar on the write path offers the whole morning, so here it must end first.
    await practice.rows("UPDATE stream SET state = NULL WHERE kind = 'calendar' RETURNING 1")
    await run(graph, practice, "cancel", appointment)
    assert await practice.conflicts() == []
    assert await practice.rows("SELECT 1 FROM slot WHERE start = $1", NINE) == []


async def test_a_booking_that_is_undone_gives_its_place_back(
    graph: Graph, practice: Practice, appointment: UUID
) -> None:
    (queue,) = await practice.rows("SELECT version FROM queue WHERE doctor_id = $1", practice.doctor)
    await run(graph, practice, "undo", practice.doctor, version=queue["version"], date=DAY)
    assert (await slot(practice))["taken"] == 0
    (row,) = await practice.rows("SELECT slot_given_back FROM appointment WHERE appointment_id = $1", appointment)
    assert row["slot_given_back"]


async def test_a_walk_in_that_is_cancelled_has_nothing_to_give_back(graph: Graph, practice: Practice) -> None:
    walk_in = bodies.WalkInBody(patient=bodies.PatientBody(name="Ravi Patel"))
    answer = await graph.queue.run(practice.clinic.receptionist, "walk-in", practice.doctor, walk_in)
    entry = UUID(msgspec.json.decode(answer.body)["appointment"]["id"])
    await run(graph, practice, "cancel", entry)
    assert await practice.events() == []
