"""Slots follow the calendar: what is free is replaced, what is taken or blocked stays, and whoever is hit is named."""

from datetime import UTC, datetime, timedelta

import msgspec

from queue_server.application.slots.preview import preview
from queue_server.store.db import Database
from scheduling_core.calendar.sources import ExceptionKind
from scheduling_core.ids import slot_id
from scheduling_core.slots.times import PARTS
from tests.application.slots.conftest import Practice, hours
from tests.factories import at, in_days, new_clinic

HOUR = timedelta(hours=1)


async def test_each_sitting_of_the_range_becomes_slots_under_the_calendars_ids(practice: Practice) -> None:
    made = await practice.regenerate(in_days(1), in_days(3))
    assert (made.added, made.removed, made.kept) == (18, 0, 0)
    found = await practice.slots()
    assert [row["start"] for row in found[:6]] == [at(in_days(1), 9 + i // 2, i % 2 * 30) for i in range(6)]
    assert found[0]["end"] == at(in_days(1), 9, 30)
    assert (found[0]["total"], found[0]["taken"], found[0]["part_of_day"], found[0]["version"]) == (1, 0, 0, 1)
    assert found[0]["slot_id"] == slot_id(practice.doctor, practice.clinic.id, found[0]["start"])


async def test_generating_again_changes_nothing(practice: Practice) -> None:
    await practice.regenerate(in_days(1), in_days(5))
    before = await practice.slots()
    again = await practice.regenerate(in_days(1), in_days(5))
    assert (again.added, again.removed, again.changed, again.kept) == (0, 0, 0, 30)
    assert await practice.slots() == before


async def test_other_hours_replace_what_is_free(practice: Practice) -> None:
    await practice.regenerate(in_days(1), in_days(1))
    practice.sits(hours(10, 12, slot_minutes=60))
    made = await practice.regenerate(in_days(1), in_days(1))
    assert (made.added, made.removed, made.kept) == (2, 6, 0)
    assert [row["end"] for row in await practice.slots()] == [at(in_days(1), 11), at(in_days(1), 12)]


async def test_a_booked_slot_stays_and_nothing_is_laid_across_it(practice: Practice) -> None:
    await practice.regenerate(in_days(1), in_days(1))
    booked = await practice.slot(at(in_days(1), 10, 30))
    await practice.books(booked["start"], slot=booked["slot_id"])
    practice.sits(hours(9, 12, slot_minutes=60))
    await practice.regenerate(in_days(1), in_days(1))
    assert [row["start"].hour * 100 + row["start"].minute for row in await practice.slots()] == [900, 1030, 1100]
    # It is still seen within open hours: no work for reception.
    assert await practice.conflicts() == []


async def test_a_blocked_slot_stays_blocked_and_a_capacity_set_by_hand_stays(practice: Practice) -> None:
    await practice.regenerate(in_days(1), in_days(1))
    await practice.rows("UPDATE slot SET blocked = true WHERE start = $1 RETURNING 1", at(in_days(1), 9))
    await practice.rows(
        "UPDATE slot SET in_person = 3, total = 3, by_hand = true WHERE start = $1 RETURNING 1", at(in_days(1), 10)
    )
    practice.sits(hours(in_person=2, total=2))
    made = await practice.regenerate(in_days(1), in_days(1))
    assert (made.added, made.removed, made.kept) == (0, 0, 6)
    assert (await practice.slot(at(in_days(1), 9)))["blocked"]
    assert (await practice.slot(at(in_days(1), 10)))["total"] == 3
    assert (await practice.slot(at(in_days(1), 11)))["total"] == 2


async def test_a_capacity_never_falls_below_what_is_taken(practice: Practice) -> None:
    practice.sits(hours(in_person=2, total=2))
    await practice.regenerate(in_days(1), in_days(1))
    slot = await practice.slot(at(in_days(1), 9))
    for _ in range(2):
        await practice.books(slot["start"], slot=slot["slot_id"])
    practice.sits(hours(in_person=1, total=1))
    await practice.regenerate(in_days(1), in_days(1))
    slot = await practice.slot(at(in_days(1), 9))
    assert (slot["in_person"], slot["total"], slot["taken"]) == (2, 2, 2)
    assert (await practice.slot(at(in_days(1), 10)))["total"] == 1


async def test_what_has_begun_is_left_alone(practice: Practice) -> None:
    practice.sits(hours(0, 24))
    await practice.regenerate(in_days(-1), in_days(1))
    now = datetime.now(UTC)
    assert min(row["start"] for row in await practice.slots()) > now
    begun = await practice.slots()
    # As if an hour had passed: two slots have begun meanwhile.
    await practice.rows("DELETE FROM slot WHERE doctor_id = $1 AND start < $2 RETURNING 1", practice.doctor, now + HOUR)
    again = await practice.regenerate(in_days(-1), in_days(1))
    assert again.added in (2, 3)
    assert len(await practice.slots()) == len(begun)


async def test_what_is_not_offered_any_more_can_be_booked_by_nobody_until_it_is_again(practice: Practice) -> None:
    practice.sits(hours(in_person=2, total=2))
    await practice.regenerate(in_days(2), in_days(2))
    slot = await practice.slot(at(in_days(2), 9))
    await practice.books(slot["start"], slot=slot["slot_id"])
    practice.takes_leave(in_days(2), in_days(2))
    made = await practice.regenerate(in_days(2), in_days(2))
    assert (made.removed, made.changed, made.kept) == (5, 1, 1)
    (left,) = await practice.slots()
    assert (left["withdrawn"], left["total"], left["version"]) == (True, 2, slot["version"] + 1)
    assert (await practice.regenerate(in_days(2), in_days(2))).changed == 0
    practice.is_back()
    made = await practice.regenerate(in_days(2), in_days(2))
    assert (made.added, made.changed) == (5, 1)
    assert not (await practice.slot(at(in_days(2), 9)))["withdrawn"]


async def test_another_clock_of_the_clinic_moves_slots_to_another_part_of_the_day(practice: Practice) -> None:
    practice.sits(hours(0, 24))
    await practice.regenerate(in_days(3), in_days(3))
    practice.sources = msgspec.structs.replace(practice.sources, zones={practice.clinic.id: "Asia/Tokyo"})
    await practice.regenerate(in_days(3), in_days(4))
    # Nine in the evening there: the same hour was noon by the clock before.
    row = await practice.slot(at(in_days(3), 12))
    assert (PARTS[row["part_of_day"]], row["date"]) == ("night", in_days(3))


async def test_a_range_is_narrowed_to_the_tenants_horizon(practice: Practice) -> None:
    await practice.rows(
        "INSERT INTO slot_policy (tenant_id, horizon_days, lead_minutes) VALUES ($1, 10, 0) RETURNING 1",
        practice.clinic.tenant,
    )
    await practice.regenerate(in_days(-400), in_days(4000))
    assert {row["date"] for row in await practice.slots()} - {in_days(0)} == {in_days(n) for n in range(1, 11)}


async def test_slots_of_a_shorter_horizon_still_follow_the_calendar(practice: Practice) -> None:
    await practice.regenerate(in_days(1), in_days(60))
    await practice.rows(
        "INSERT INTO slot_policy (tenant_id, horizon_days, lead_minutes) VALUES ($1, 10, 0) RETURNING 1",
        practice.clinic.tenant,
    )
    practice.takes_leave(in_days(40), in_days(41))
    assert (await practice.regenerate(in_days(40), in_days(41))).removed == 12


async def test_a_part_of_the_day_is_that_of_the_clinics_clock(database: Database) -> None:
    practice = Practice(database, await new_clinic(database, timezone="Asia/Kolkata"), hours(11, 13), hours(20, 22))
    await practice.regenerate(in_days(5), in_days(5))
    parts = [PARTS[row["part_of_day"]] for row in await practice.slots()]
    assert parts == ["morning"] * 2 + ["afternoon"] * 2 + ["evening"] * 2 + ["night"] * 2


# ---- appointments whose time is not open any more ------------------------------------------------------------------


async def test_leave_over_a_booked_slot_is_work_for_reception_until_it_is_withdrawn(practice: Practice) -> None:
    await practice.regenerate(in_days(1), in_days(3))
    slot = await practice.slot(at(in_days(2), 10))
    appointment = await practice.books(slot["start"], slot=slot["slot_id"])
    leave = practice.takes_leave(in_days(2), in_days(2))
    made = await practice.regenerate(in_days(2), in_days(2))
    assert (made.removed, made.conflicts) == (5, 1)
    (conflict,) = await practice.conflicts()
    assert (conflict["appointment_id"], conflict["cause"], conflict["source_id"]) == (appointment, "leave", leave.id)
    assert (await practice.slot(at(in_days(2), 10)))["taken"] == 1
    practice.is_back()
    made = await practice.regenerate(in_days(2), in_days(2))
    assert (made.added, made.conflicts) == (5, 0)
    assert await practice.conflicts() == []


async def test_another_reason_for_the_same_appointment_takes_the_place_of_the_first(practice: Practice) -> None:
    await practice.regenerate(in_days(2), in_days(2))
    slot = await practice.slot(at(in_days(2), 10))
    await practice.books(slot["start"], slot=slot["slot_id"])
    practice.takes_leave(in_days(2), in_days(2))
    await practice.regenerate(in_days(2), in_days(2))
    closure = practice.is_closed(at(in_days(2), 10), at(in_days(2), 11), ExceptionKind.FORCED_BLOCK)
    await practice.regenerate(in_days(2), in_days(2))
    (conflict,) = await practice.conflicts()
    assert (conflict["cause"], conflict["source_id"]) == ("forced_block", closure.id)


async def test_hours_that_end_earlier_hit_who_is_booked_into_a_slot_then(practice: Practice) -> None:
    await practice.regenerate(in_days(2), in_days(2))
    slot = await practice.slot(at(in_days(2), 11, 30))
    await practice.books(slot["start"], slot=slot["slot_id"])
    practice.sits(hours(9, 11))
    await practice.regenerate(in_days(2), in_days(2))
    assert [row["cause"] for row in await practice.conflicts()] == ["outside_hours"]


async def test_who_was_never_in_a_slot_is_hit_by_leave_but_not_by_hours(practice: Practice) -> None:
    await practice.books(at(in_days(2), 15))
    await practice.regenerate(in_days(1), in_days(3))
    assert await practice.conflicts() == []
    practice.takes_leave(in_days(2), in_days(2))
    await practice.regenerate(in_days(2), in_days(2))
    assert [row["cause"] for row in await practice.conflicts()] == ["leave"]


async def test_a_cancelled_appointment_is_nobodys_work(practice: Practice) -> None:
    await practice.regenerate(in_days(2), in_days(2))
    slot = await practice.slot(at(in_days(2), 10))
    appointment = await practice.books(slot["start"], slot=slot["slot_id"])
    practice.takes_leave(in_days(2), in_days(2))
    await practice.regenerate(in_days(2), in_days(2))
    await practice.rows("UPDATE queue_entry SET state = 'cancelled' WHERE entry_id = $1 RETURNING 1", appointment)
    await practice.regenerate(in_days(2), in_days(2))
    assert await practice.conflicts() == []


async def test_an_appointment_that_ends_when_the_closure_begins_is_not_hit(practice: Practice) -> None:
    await practice.books(at(in_days(2), 10))
    practice.is_closed(at(in_days(2), 10, 30), at(in_days(2), 12))
    assert (await practice.regenerate(in_days(2), in_days(2))).conflicts == 0
    practice.is_closed(at(in_days(2), 10, 29), at(in_days(2), 12))
    assert (await practice.regenerate(in_days(2), in_days(2))).conflicts == 1


# ---- what is remembered --------------------------------------------------------------------------------------------


async def test_each_generation_that_changed_something_is_one_event(practice: Practice) -> None:
    await practice.regenerate(in_days(1), in_days(5))
    await practice.regenerate(in_days(1), in_days(5))
    practice.takes_leave(in_days(2), in_days(3))
    await practice.regenerate(in_days(2), in_days(3))
    events = await practice.events()
    assert [event["type"] for event in events] == ["slots_generated", "slots_generated"]
    data = [msgspec.json.decode(event["data"]) for event in events]
    assert data[0] == {
        "type": "slots_generated",
        "doctor": str(practice.doctor),
        "first": in_days(1).isoformat(),
        "last": in_days(5).isoformat(),
        "added": 30,
        "removed": 0,
    }
    assert (data[1]["added"], data[1]["removed"]) == (0, 12)


async def test_a_preview_says_what_regeneration_does_and_writes_nothing(practice: Practice) -> None:
    await practice.regenerate(in_days(1), in_days(3))
    slot = await practice.slot(at(in_days(2), 10))
    appointment = await practice.books(slot["start"], slot=slot["slot_id"])
    practice.takes_leave(in_days(2), in_days(2))
    before = await practice.slots()
    async with practice.db.tenant(practice.clinic.tenant) as tx:
        seen = await preview(tx, practice.doctor, practice.sources, in_days(2), in_days(2))
    assert await practice.slots() == before
    assert (seen.slots_added, seen.slots_removed, seen.slots_kept) == (0, 5, 1)
    (hit,) = seen.patients_affected
    assert (hit.appointment_id, hit.patient_name, hit.start) == (appointment, "Mei Chen", at(in_days(2), 10))
    assert hit.suggestion is not None
    # The nearest that will still be there: not one of the same morning.
    assert hit.suggestion.start.date() in (in_days(1), in_days(3))
