"""Calendars: each minute has a reason in words, of one doctor or of a clinic's doctors side by side."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from queue_server.store.db import Database
from scheduling_core.calendar.sources import ExceptionKind
from scheduling_core.errors import Forbidden, InvalidValue, NotFound
from scheduling_core.permissions import Role
from tests.application.schedules.practice import Practice, daily
from tests.factories import at, in_days, new_clinic


async def test_a_day_is_explained_from_midnight_to_midnight(practice: Practice) -> None:
    made = await practice.schedule()
    head = await practice.head(practice.doctor)
    await practice.account(head, "Lena Fischer")
    leave = await practice.asks(practice.clinic.receptionist, in_days(2), start="11:00", end="12:00")
    await practice.approves(head, leave.id)
    closed = await practice.close(made, at(in_days(2), 8), at(in_days(2), 10), reason="Theatre")
    shown = await practice.calendars.of_doctor(practice.admin, practice.doctor, in_days(2), in_days(2))
    (day,) = shown.days
    assert [(s.start.hour, s.open, s.explanation) for s in day.segments] == [
        (0, False, "closed: outside the schedule's hours"),
        (8, False, "closed: emergency – Theatre"),
        (10, True, "open: weekly hours, 09:00–12:00"),
        (11, False, "closed: leave approved by Lena Fischer"),
        (12, False, "closed: outside the schedule's hours"),
    ]
    assert [s.source_id for s in day.segments[1:4]] == [closed.id, made.id, leave.id]
    assert all(one.end == other.start for one, other in pairwise(day.segments))
    assert (day.segments[0].start, day.segments[-1].end) == (at(in_days(2), 0), at(in_days(3), 0))
    assert [one.id for one in shown.exceptions] == [closed.id]
    assert [(one.id, one.reason) for one in shown.leaves] == [(leave.id, None)]


async def test_a_clinics_own_closing_day_is_named(practice: Practice) -> None:
    await practice.run(
        "INSERT INTO clinic_day (tenant_id, clinic_id, date, opens, name, last_event_id)"
        " VALUES ($1, $2, $3, false, 'Stocktaking', gen_random_uuid())",
        practice.clinic.tenant,
        practice.clinic.id,
        in_days(2),
    )
    await practice.schedule()
    assert await practice.slots(in_days(2)) == []
    shown = await practice.calendars.of_doctor(practice.admin, practice.doctor, in_days(2), in_days(2))
    assert [s.explanation for s in shown.days[0].segments] == ["closed: the clinic is closed (Stocktaking)"]


async def test_slots_are_counted_by_day(practice: Practice) -> None:
    await practice.schedule(last=in_days(2))
    slots = await practice.slots(in_days(2))
    await practice.book(slots[0]["slot_id"])
    await practice.run("UPDATE slot SET blocked = true WHERE slot_id = $1", slots[1]["slot_id"])
    shown = await practice.calendars.of_doctor(practice.admin, practice.doctor, in_days(1), in_days(3))
    counts = [(d.slots.total, d.slots.free, d.slots.booked, d.slots.blocked) for d in shown.days]
    assert counts == [(6, 6, 0, 0), (6, 4, 1, 1), (0, 0, 0, 0)]


async def test_free_slots_are_counted_by_the_way_of_meeting_too(practice: Practice) -> None:
    await practice.schedule()
    slots = await practice.slots(in_days(2))
    both = "UPDATE slot SET in_person = 1, tele = 1, total = 2 WHERE slot_id = $1"
    for slot in slots[:3]:
        await practice.run(both, slot["slot_id"])
    await practice.book(slots[0]["slot_id"])
    held = "UPDATE slot SET held = 1, tele_held = 1, held_until = now() + $2::integer * interval '1 second'"
    await practice.run(held + " WHERE slot_id = $1", slots[1]["slot_id"], 600)
    await practice.run(held + " WHERE slot_id = $1", slots[2]["slot_id"], -1)
    (day,) = (await practice.calendars.of_doctor(practice.admin, practice.doctor, in_days(2), in_days(2))).days
    # Of the first somebody has the place in the clinic, of the second somebody is booking the one by video.
    assert (day.slots.free, day.slots.free_in_person, day.slots.free_tele) == (6, 5, 2)


async def test_a_slot_that_is_held_is_not_counted_as_free_until_the_hold_is_over(practice: Practice) -> None:
    await practice.schedule()
    first, second, *_ = await practice.slots(in_days(2))
    query = (
        "UPDATE slot SET held = 1, in_person_held = 1, held_until = now() + $2::integer * interval '1 second'"
        " WHERE slot_id = $1"
    )
    await practice.run(query, first["slot_id"], 600)
    await practice.run(query, second["slot_id"], -1)
    (day,) = (await practice.calendars.of_doctor(practice.admin, practice.doctor, in_days(2), in_days(2))).days
    assert day.slots.total - day.slots.free == 1


async def test_doctors_of_a_clinic_stand_side_by_side(practice: Practice) -> None:
    other = practice.clinic.doctors[1]
    made = await practice.schedule()
    await practice.schedule(*daily("14:00", "15:00"), doctor=other)
    await practice.close(made, at(in_days(2), 0), at(in_days(3), 0), kind=ExceptionKind.FORCED_BLOCK)
    shown = await practice.calendars.of_clinic(practice.admin, practice.clinic.id, in_days(1), in_days(2))
    rows = {row.doctor_id: row for row in shown.doctors}
    assert [day.open_minutes for day in rows[practice.doctor].days] == [180, 0]
    assert [day.open_minutes for day in rows[other].days] == [60, 60]
    (opened,) = rows[practice.doctor].days[0].open
    assert (opened.start, opened.explanation) == (at(in_days(1), 9), "open: weekly hours, 09:00–12:00")
    (closed,) = rows[practice.doctor].days[1].closed
    assert (closed.kind, closed.explanation) == ("forced_block", "closed: blocked")
    assert rows[practice.doctor].days[0].slots.free == 6
    assert [day.date for day in rows[other].days] == [in_days(1), in_days(2)]
    own = practice.clinic.actor(Role.DOCTOR, doctor=other)
    mine = await practice.calendars.of_clinic(own, practice.clinic.id, in_days(1), in_days(2))
    assert [row.doctor_id for row in mine.doctors] == [other]


async def test_a_doctor_without_a_schedule_has_closed_days(practice: Practice) -> None:
    shown = await practice.calendars.of_clinic(practice.admin, practice.clinic.id, in_days(1), in_days(2))
    assert [[day.open_minutes for day in row.days] for row in shown.doctors] == [[0, 0], [0, 0]]


async def test_each_clinic_of_a_doctor_has_its_days_in_its_own_zone(practice: Practice, database: Database) -> None:
    far = await new_clinic(database, tenant=practice.clinic.tenant, timezone="Asia/Kolkata")
    await practice.works_at(practice.doctor, practice.clinic.id, far.id)
    await practice.schedule()
    await practice.schedule(*daily("08:30", "14:00"), clinic=far.id)
    shown = await practice.calendars.of_doctor(practice.admin, practice.doctor, in_days(2), in_days(2))
    assert {(day.clinic_id, day.timezone) for day in shown.days} == {
        (practice.clinic.id, "UTC"),
        (far.id, "Asia/Kolkata"),
    }
    opened = next(s for day in shown.days if day.clinic_id == far.id for s in day.segments if s.open)
    assert opened.start == at(in_days(2), 3)
    here = practice.clinic.actor(Role.RECEPTIONIST, clinics=(practice.clinic.id,))
    scoped = await practice.calendars.of_doctor(here, practice.doctor, in_days(2), in_days(2))
    assert [day.clinic_id for day in scoped.days] == [practice.clinic.id]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (in_days(2), in_days(1), "to"),
        (in_days(0), in_days(100), "to"),
        (date.min, date.min, "from"),
        (date.max - timedelta(days=1), date.max, "from"),
    ],
)
async def test_ranges_reversed_or_out_of_all_reason_are_refused(
    practice: Practice, first: date, last: date, field: str
) -> None:
    for attempt in (
        practice.calendars.of_doctor(practice.admin, practice.doctor, first, last),
        practice.calendars.of_clinic(practice.admin, practice.clinic.id, first, last),
    ):
        with pytest.raises(InvalidValue) as error:
            await attempt
        assert error.value.field == field


async def test_calendars_out_of_reach_are_not_shown(practice: Practice, database: Database) -> None:
    elsewhere = await new_clinic(database, tenant=practice.clinic.tenant)
    scoped = practice.clinic.actor(Role.ADMIN, clinics=(elsewhere.id,))
    stranger = (await new_clinic(database)).actor(Role.ADMIN)
    today = in_days(0)
    for who in (scoped, stranger):
        with pytest.raises(NotFound):
            await practice.calendars.of_doctor(who, practice.doctor, today, today)
        with pytest.raises(NotFound):
            await practice.calendars.of_clinic(who, practice.clinic.id, today, today)
        with pytest.raises(NotFound):
            await practice.conflicts.list(who, clinic=practice.clinic.id)
    with pytest.raises(NotFound):
        await practice.conflicts.list(practice.admin, doctor=uuid4())
    colleague = practice.clinic.actor(Role.DOCTOR, doctor=practice.clinic.doctors[1])
    with pytest.raises(Forbidden):
        await practice.calendars.of_doctor(colleague, practice.doctor, today, today)
    with pytest.raises(Forbidden):
        await practice.conflicts.list(colleague)


async def test_reception_of_one_clinic_solves_that_clinics_conflicts(practice: Practice, database: Database) -> None:
    elsewhere = await new_clinic(database, tenant=practice.clinic.tenant)
    made = await practice.schedule()
    appointment = await practice.book((await practice.slots(in_days(2)))[0]["slot_id"])
    await practice.close(made, at(in_days(2), 0), at(in_days(3), 0))
    for clinic, found in ((practice.clinic.id, [appointment]), (elsewhere.id, [])):
        desk = practice.clinic.actor(Role.RECEPTIONIST, clinics=(clinic,))
        assert [one.appointment_id for one in (await practice.conflicts.list(desk)).items] == found
    theirs = practice.clinic.doctors[1]
    assert (await practice.conflicts.list(practice.admin, doctor=theirs)).items == []
