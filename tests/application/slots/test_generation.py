"""Slots follow the calendar: what is free is replaced, what is taken or blocked stays, and whoever is hit is named."""

from scheduling_core.ids import slot_id
from tests.application.slots.conftest import Practice, at, hours, in_days


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
