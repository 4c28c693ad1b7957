"""An appointment is moved whole or not at all: place, line, room and link, whoever else moves at that moment."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.answers import NONE
from queue_server.application.booking.bodies import HoldBody
from queue_server.application.booking.guests import guest, new_token
from queue_server.application.booking.holding import Holding
from queue_server.application.rebuild import replay
from queue_server.application.slots.bodies import BookedPatient
from queue_server.application.tokens import Tokens
from queue_server.settings import Settings
from queue_server.store.db import Database
from scheduling_core.errors import (
    CapacityReached,
    Conflict,
    DomainError,
    Forbidden,
    IllegalTransition,
    InvalidTrackingToken,
    InvalidValue,
    ModeNotOffered,
    NotFound,
    OtherTimeZone,
    ResourceTaken,
    RevokedTrackingToken,
    SlotUnavailable,
    TooLateToCancel,
)
from scheduling_core.ids import EquipmentId, RoomId
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Role
from tests.application.booking.moving import Moving, once, patient_of, tracking_of
from tests.application.slots.conftest import Practice, hours
from tests.application.test_enrolment import cap
from tests.conftest import RunningServices
from tests.factories import at, in_days, new_clinic
from tests.graph import Graph

DAY, NEXT = 2, 3


@pytest.fixture
async def owner(services: RunningServices) -> AsyncIterator[Database]:
    """A pool as the owner of the schema."""
    db = Database(services.urls["DATABASE_OWNER_URL"], pool_size=2, application="tests-owner")
    await db.open()
    yield db
    await db.close()


@pytest.fixture
def colleague(database: Database, practice: Practice) -> Practice:
    """Another doctor of the clinic, who sits at the same hours."""
    return Practice(database, msgspec.structs.replace(practice.clinic, doctors=practice.clinic.doctors[1:]))


async def test_within_a_day_the_place_moves_and_everything_with_it(moving: Moving, practice: Practice) -> None:
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    booked = await moving.book(nine)
    moved = await moving.move(booked, ten)
    assert await moving.taken(nine, ten) == [0, 1]
    row = await moving.appointment(booked)
    assert (row["slot_id"], row["start"], row["line_start"]) == (ten, at(in_days(DAY), 10), at(in_days(DAY), 10))
    assert (moved["appointment"]["id"], moved["appointment"]["ticket"]) == (booked["appointment"]["id"], row["ticket"])
    assert datetime.fromisoformat(moved["appointment"]["start"]) == at(in_days(DAY), 10)
    assert (moved["slot"]["id"], moved["slot"]["status"]) == (str(ten), "full")
    told = [event["type"] for event in await practice.events()]
    assert told == ["slots_generated", "slot_booked", "slot_booked", "slot_given_back"]


async def test_to_another_doctor_on_another_day_it_leaves_one_line_and_joins_the_other(
    moving: Moving, practice: Practice, colleague: Practice, owner: Database
) -> None:
    old, new = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(NEXT), 10, of=colleague)
    booked, other = await moving.book(old), await moving.book(await moving.slot(in_days(NEXT), 9, of=colleague))
    await moving.move(booked, new)
    assert await moving.taken(old, new) == [0, 1]
    row = await moving.appointment(booked)
    assert (row["doctor_id"], row["date"]) == (colleague.doctor, in_days(NEXT))
    assert (row["line_doctor"], row["line_date"], row["state"]) == (colleague.doctor, in_days(NEXT), "expected")
    # A ticket of that day: no two of a line are called by the same.
    assert row["ticket"] != (await moving.appointment(other))["ticket"]
    lines = await practice.rows("SELECT doctor_id, in_line FROM queue ORDER BY in_line")
    assert [(line["doctor_id"], line["in_line"]) for line in lines] == [(practice.doctor, 0), (colleague.doctor, 2)]
    assert [event["type"] for event in await practice.events()][-1] == "slot_given_back"
    assert [event["type"] for event in await colleague.events()][-1] == "slot_booked"
    assert (await replay(owner, only=practice.clinic.tenant)).differences == []


async def test_moved_away_and_back_again_rebuilt_equals_live(
    moving: Moving, practice: Practice, colleague: Practice, owner: Database
) -> None:
    slots = [await moving.slot(in_days(day), 9, of=who) for day in (DAY, NEXT) for who in (practice, colleague)]
    booked = await moving.book(slots[0])
    for step in (1, 3, 2, 0, 3, 1, 2):
        await moving.move(booked, slots[step])
        report = await replay(owner, only=practice.clinic.tenant)
        assert report.differences == []
    assert await moving.taken(*slots) == [0, 0, 1, 0]


async def test_the_loser_of_a_race_keeps_what_they_had(moving: Moving) -> None:
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    booked = await moving.book(nine)
    await moving.book(ten)
    before = await moving.everything()
    with pytest.raises(SlotUnavailable):
        await moving.move(booked, ten)
    assert await moving.everything() == before


async def test_of_many_who_move_to_one_slot_one_arrives_and_the_others_stay(moving: Moving, practice: Practice) -> None:
    practice.sits(hours(9, 12, in_person=10, total=10), hours(14, 15, slot_minutes=60))
    crowded, wanted = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 14)
    everybody = [await moving.book(crowded) for _ in range(10)]
    done = await asyncio.gather(*(moving.move(one, wanted) for one in everybody), return_exceptions=True)
    assert Counter(type(one) for one in done) == {dict: 1, SlotUnavailable: 9}
    assert await moving.taken(crowded, wanted) == [9, 1]
    held = Counter([(await moving.appointment(one))["slot_id"] for one in everybody])
    assert held == {crowded: 9, wanted: 1}


@pytest.mark.parametrize("places", [1, 2])
async def test_moves_that_cross_each_other_end_without_a_deadlock(
    moving: Moving, practice: Practice, colleague: Practice, places: int
) -> None:
    for one in (practice, colleague):
        one.sits(hours(in_person=places, total=places))
    here, there = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(NEXT), 9, of=colleague)
    pair = [await moving.book(here), await moving.book(there)]
    to = [there, here]
    for _ in range(15):
        done = await asyncio.gather(
            *(moving.move(one, slot) for one, slot in zip(pair, to, strict=True)), return_exceptions=True
        )
        if places == 1:
            # Each wants what the other has not left: both are told so, and nobody waits for anybody.
            assert [type(one) for one in done] == [SlotUnavailable, SlotUnavailable]
            continue
        assert [type(one) for one in done] == [dict, dict]
        to.reverse()
    assert await moving.taken(here, there) == [1, 1]


async def test_moves_of_other_days_between_the_same_doctors_cross_without_a_deadlock(
    moving: Moving, practice: Practice, colleague: Practice
) -> None:
    # Four lines, so no line makes them wait for each other: only the slots of both doctors do.
    ways = []
    for day, first, second in ((DAY, practice, colleague), (NEXT, colleague, practice)):
        ways.append([await moving.slot(in_days(day), 9, of=who) for who in (first, second)])
    pair = [await moving.book(way[0]) for way in ways]
    for turn in range(1, 16):
        done = await asyncio.gather(
            *(moving.move(one, way[turn % 2]) for one, way in zip(pair, ways, strict=True)), return_exceptions=True
        )
        assert [type(one) for one in done] == [dict, dict]
    assert [await moving.taken(*way) for way in ways] == [[0, 1], [0, 1]]


async def test_the_same_appointment_moved_twice_at_once_is_in_one_place_after_that(
    moving: Moving, practice: Practice, colleague: Practice
) -> None:
    home = await moving.slot(in_days(DAY), 9)
    slots = [await moving.slot(in_days(day), 10, of=who) for day in (DAY, NEXT) for who in (practice, colleague)]
    booked = await moving.book(home)
    done = await asyncio.gather(*(moving.move(booked, slot) for slot in slots), return_exceptions=True)
    assert {type(one) for one in done} <= {dict, Conflict}
    assert sum(isinstance(one, dict) for one in done) >= 1
    assert sum(await moving.taken(home, *slots)) == 1
    now = (await moving.appointment(booked))["slot_id"]
    assert await moving.taken(now) == [1]


async def test_to_the_slot_where_it_is_nothing_changes(moving: Moving) -> None:
    nine = await moving.slot(in_days(DAY), 9)
    booked = await moving.book(nine)
    before = await moving.everything()
    again = await moving.move(booked, nine)
    assert again["appointment"] == booked["appointment"]
    assert again["slot"] == booked["slot"]
    assert await moving.everything() == before


async def test_at_the_same_time_the_way_to_meet_can_be_changed(moving: Moving, practice: Practice) -> None:
    practice.sits(hours(in_person=1, tele=1, total=1))
    nine = await moving.slot(in_days(DAY), 9)
    booked = await moving.book(nine)
    moved = await moving.move(booked, nine, mode=Mode.TELE)
    assert moved["appointment"]["mode"] == "tele"
    slot = await practice.slot(at(in_days(DAY), 9))
    assert (slot["taken"], slot["in_person_taken"], slot["tele_taken"]) == (1, 0, 1)
    practice.sits(hours(tele=0))
    with pytest.raises(ModeNotOffered):
        await moving.move(booked, await moving.slot(in_days(NEXT), 9), mode=Mode.TELE)


async def test_a_move_is_done_once_for_a_key(moving: Moving) -> None:
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    booked, key = await moving.book(nine), once()
    first = await moving.move(booked, ten, key=key)
    await moving.move(booked, nine)
    assert await moving.move(booked, ten, key=key) == first
    assert await moving.taken(nine, ten) == [1, 0]


async def test_a_move_without_a_key_is_refused(moving: Moving) -> None:
    booked = await moving.book(await moving.slot(in_days(DAY), 9))
    with pytest.raises(InvalidValue) as refused:
        await moving.move(booked, await moving.slot(in_days(DAY), 10), key=NONE)
    assert refused.value.field == "Idempotency-Key"


async def test_a_place_that_is_held_for_the_move_is_the_one_that_is_taken(
    moving: Moving, practice: Practice, holding: Holding
) -> None:
    await practice.takes_patients()
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    booked = await moving.book(nine)
    somebody = guest(practice.clinic.tenant, new_token())
    kept = msgspec.json.decode((await holding.create(somebody, ten, HoldBody())).body)
    # To everybody else it is not free.
    with pytest.raises(SlotUnavailable):
        await moving.move(booked, ten)
    with pytest.raises(NotFound):
        await moving.move_by_link(booked["trackingToken"], ten, hold_id=UUID(kept["holdId"]))
    await moving.move_by_link(booked["trackingToken"], ten, holder=somebody, hold_id=UUID(kept["holdId"]))
    slot = await practice.slot(at(in_days(DAY), 10))
    assert (slot["taken"], slot["held"]) == (1, 0)
    (hold,) = await practice.rows("SELECT outcome, appointment_id FROM hold")
    assert (hold["outcome"], str(hold["appointment_id"])) == ("booked", booked["appointment"]["id"])


async def test_a_hold_that_is_over_moves_nothing(moving: Moving, practice: Practice, holding: Holding) -> None:
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    booked = await moving.book(nine)
    kept = UUID(msgspec.json.decode((await holding.create(moving.desk, ten, HoldBody())).body)["holdId"])
    await holding.release(moving.desk, ten)
    with pytest.raises(Conflict):
        await moving.move(booked, ten, hold_id=kept)
    with pytest.raises(NotFound):
        await moving.move(booked, ten, hold_id=uuid4())
    assert await moving.taken(nine, ten) == [1, 0]


async def test_links_made_before_show_the_new_time(moving: Moving, graph: Graph, settings: Settings) -> None:
    tracking = tracking_of(graph, settings)
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(NEXT), 10)
    booked = await moving.book(nine)
    token = booked["trackingToken"]
    assert (await tracking.track(token)).view.appointment.start == at(in_days(DAY), 9)
    await moving.move(booked, ten)
    # To another day the line itself says so; within a day every server is told (see tests/realtime).
    shown = (await tracking.track(token)).view
    assert (shown.appointment.start, shown.queue.position) == (at(in_days(NEXT), 10), 1)


async def test_a_move_answers_with_a_link_that_lasts_from_the_new_visit_on(moving: Moving, settings: Settings) -> None:
    nine, later = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(NEXT), 10)
    booked = await moving.book(nine)
    moved = await moving.move(booked, later)
    tokens = Tokens(settings)
    lasted, lasts = (tokens.verify_tracking(answer["trackingToken"]).expires_at for answer in (booked, moved))
    assert lasts - lasted == at(in_days(NEXT), 10) - at(in_days(DAY), 9)


async def test_patients_move_until_the_clinics_deadline_and_staff_always(moving: Moving, practice: Practice) -> None:
    await practice.takes_patients()
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    booked = await moving.book(nine)
    patient = (await moving.appointment(booked))["patient_id"]
    await moving.move(booked, ten, by=patient_of(practice, patient))
    await moving.move_by_link(booked["trackingToken"], nine)
    three_days = '{"cancelDeadlineMinutes": 4320}'
    await practice.rows("UPDATE clinic SET queue_policy = $1::json RETURNING 1", three_days)
    before = await moving.everything()
    with pytest.raises(TooLateToCancel):
        await moving.move(booked, ten, by=patient_of(practice, patient))
    with pytest.raises(TooLateToCancel):
        await moving.move_by_link(booked["trackingToken"], ten)
    assert await moving.everything() == before
    await moving.move(booked, ten)


async def test_nobody_moves_what_is_not_theirs(moving: Moving, practice: Practice, graph: Graph) -> None:
    await practice.takes_patients()
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    booked = await moving.book(nine)
    before = await moving.everything()
    for somebody, refusal in (
        (patient_of(practice, uuid4()), NotFound),
        (practice.clinic.actor(Role.RECEPTIONIST, clinics=(uuid4(),)), NotFound),  # type: ignore[arg-type]
        (practice.clinic.actor(Role.DOCTOR, doctor=practice.doctor), Forbidden),
        (practice.clinic.actor(Role.DISPLAY), Forbidden),
        (guest(practice.clinic.tenant, new_token()), Forbidden),
    ):
        with pytest.raises(refusal):
            await moving.move(booked, ten, by=somebody)
    elsewhere = await new_clinic(graph.db)
    with pytest.raises(NotFound):
        await moving.move(booked, ten, by=elsewhere.receptionist)
    with pytest.raises(InvalidTrackingToken):
        await moving.move_by_link("no.such.token", ten)
    with pytest.raises(InvalidTrackingToken):
        await moving.move_by_link(booked["trackingToken"], ten, holder=guest(elsewhere.tenant, new_token()))
    assert await moving.everything() == before
    await graph.links.revoke(practice.clinic.actor(Role.ADMIN), UUID(booked["appointment"]["id"]))
    with pytest.raises(RevokedTrackingToken):
        await moving.move_by_link(booked["trackingToken"], ten)


async def test_patients_move_only_where_patients_may_book(moving: Moving, practice: Practice) -> None:
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    booked = await moving.book(nine)
    with pytest.raises(Conflict, match="takes no bookings"):
        await moving.move_by_link(booked["trackingToken"], ten)
    await practice.takes_patients()
    await practice.rows(
        "INSERT INTO slot_policy (tenant_id, horizon_days, lead_minutes) VALUES ($1, 90, 10080) RETURNING 1",
        practice.clinic.tenant,
    )
    with pytest.raises(SlotUnavailable, match="too late to book"):
        await moving.move_by_link(booked["trackingToken"], ten)
    assert await moving.taken(nine, ten) == [1, 0]


async def test_what_is_cancelled_is_not_moved(moving: Moving, practice: Practice) -> None:
    await practice.keeps_calendar()
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    booked = await moving.book(nine)
    await moving.cancel(booked)
    before = await moving.everything()
    with pytest.raises(IllegalTransition):
        await moving.move(booked, ten)
    assert await moving.everything() == before


async def test_the_clinics_caps_count_whoever_moves_once(
    moving: Moving, practice: Practice, database: Database
) -> None:
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    later = await moving.slot(in_days(NEXT), 9)
    booked, other = await moving.book(nine), await moving.book(later)
    await cap(database, practice.clinic, '{"per_day": 1}')
    # The day is full, but of this very patient.
    await moving.move(booked, ten)
    with pytest.raises(CapacityReached):
        await moving.move(other, nine)
    assert await moving.taken(nine, ten, later) == [0, 1, 1]


async def test_the_room_is_given_back_and_the_new_one_reserved(
    moving: Moving, practice: Practice, colleague: Practice
) -> None:
    rooms = [RoomId(uuid4()) for _ in range(2)]
    for number, room in enumerate(rooms):
        await practice.rows(
            "INSERT INTO room (tenant_id, room_id, clinic_id, name, type, active, version, last_event_id)"
            " VALUES ($1, $2, $3, $4, 'consultation', true, 1, $2) RETURNING 1",
            practice.clinic.tenant,
            room,
            practice.clinic.id,
            f"Room {number + 5}",
        )
    practice.sits(hours(room=rooms[0]), hours(14, 15, room=rooms[1]))
    # The colleague is to have the same room at the same hour: it is free for whoever leaves it.
    colleague.sits(hours(room=rooms[0]))
    nine, two = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 14)
    there, there_later = [await moving.slot(in_days(DAY), hour, of=colleague) for hour in (9, 10)]
    booked = await moving.book(nine)
    moved = await moving.move(booked, two)
    assert moved["appointment"]["room"] == "Room 6"
    assert await _reserved(practice) == [(rooms[1], at(in_days(DAY), 14))]
    moved = await moving.move(booked, nine)
    moved = await moving.move(booked, there)
    assert moved["appointment"]["room"] == "Room 5"
    assert await _reserved(practice) == [(rooms[0], at(in_days(DAY), 9))]
    # By video nobody needs a room; and a room that somebody else has is theirs.
    other = await moving.book(await moving.slot(in_days(DAY), 10))
    before = await moving.everything()
    with pytest.raises(ResourceTaken):
        await moving.move(booked, there_later)
    assert await moving.everything() == before
    assert other["appointment"]["room"] == "Room 5"


async def _reserved(practice: Practice) -> list[tuple[Any, datetime]]:
    rows = await practice.rows("SELECT room_id, starts_at FROM room_reservation ORDER BY starts_at")
    return [(row["room_id"], row["starts_at"]) for row in rows]


async def test_what_else_it_needs_moves_along_within_the_clinic(moving: Moving, practice: Practice) -> None:
    device = EquipmentId(uuid4())
    await practice.rows(
        "INSERT INTO equipment (tenant_id, equipment_id, clinic_id, name, type, active, version, last_event_id)"
        " VALUES ($1, $2, $3, 'ECG 1', 'other', true, 1, $2) RETURNING 1",
        practice.clinic.tenant,
        device,
        practice.clinic.id,
    )
    practice.sits(hours(tele=1, total=1))
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    booked = await moving.book(nine, equipment_ids=(device,))
    await moving.move(booked, ten)
    kept = await practice.rows("SELECT starts_at FROM equipment_reservation")
    assert [row["starts_at"] for row in kept] == [at(in_days(DAY), 10)]
    await moving.move(booked, nine, mode=Mode.TELE)
    assert await practice.rows("SELECT 1 FROM equipment_reservation") == []


async def test_a_conflict_with_leave_is_over_and_the_time_that_was_there_for_it_alone_goes(
    moving: Moving, practice: Practice
) -> None:
    nine = await moving.slot(in_days(DAY), 9)
    booked = await moving.book(nine)
    practice.takes_leave(in_days(DAY), in_days(DAY))
    await practice.regenerate(in_days(DAY), in_days(DAY))
    assert len(await practice.conflicts()) == 1
    await moving.move(booked, await moving.slot(in_days(NEXT), 9))
    assert await practice.conflicts() == []
    jobs = await practice.rows("SELECT payload FROM job WHERE kind = 'generate_slots'")
    assert len(jobs) == 1
    await practice.regenerate(in_days(DAY), in_days(DAY))
    assert await practice.rows("SELECT 1 FROM slot WHERE slot_id = $1", nine) == []


async def test_a_slot_in_another_zone_than_the_line_of_its_day_is_refused(
    moving: Moving, practice: Practice, database: Database
) -> None:
    booked = await moving.book(await moving.slot(in_days(DAY), 9))
    await moving.book(await moving.slot(in_days(NEXT), 9))
    there = await new_clinic(database, tenant=practice.clinic.tenant, doctors=0)
    visiting = Practice(database, msgspec.structs.replace(there, doctors=practice.clinic.doctors))
    visiting.sits(hours(14, 15))
    away = await moving.slot(in_days(NEXT), 14, of=visiting)
    await practice.rows("UPDATE clinic SET timezone = 'Asia/Kolkata' WHERE clinic_id = $1 RETURNING 1", there.id)
    with pytest.raises(OtherTimeZone):
        await moving.move(booked, away)
    assert (await moving.taken(away)) == [0]


async def test_who_was_handed_to_another_doctor_is_moved_from_there(
    moving: Moving, practice: Practice, colleague: Practice, graph: Graph
) -> None:
    await practice.keeps_calendar()
    nine, ten = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    booked = await moving.book(nine)
    entry = UUID(booked["appointment"]["id"])
    await graph.queue.run(moving.desk, "transfer", entry, bodies.TransferBody(doctor_id=colleague.doctor))
    assert await moving.taken(nine) == [0]
    await moving.move(booked, ten)
    row = await moving.appointment(booked)
    assert (row["line_doctor"], row["slot_id"], row["slot_given_back"]) == (practice.doctor, ten, False)
    assert await moving.taken(nine, ten) == [0, 1]


async def test_who_booked_first_comes_first_wherever_they_are_moved(moving: Moving, practice: Practice) -> None:
    practice.sits(hours(slot_minutes=180, in_person=9, total=9))
    first, then = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(NEXT), 9)
    early = await moving.book(first, patient=BookedPatient(name="Ravi Patel", phone="+44 20 7946 0001"))
    late = await moving.book(then)
    await moving.move(early, then)
    assert await moving.line(in_days(NEXT)) == [early["appointment"]["id"], late["appointment"]["id"]]


async def test_a_day_that_is_over_by_the_clock_takes_nobody(moving: Moving, practice: Practice) -> None:
    booked = await moving.book(await moving.slot(in_days(DAY), 9))
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
    with pytest.raises(DomainError) as refused:
        await moving.move(booked, gone)
    assert refused.value.code == "slot_past"
