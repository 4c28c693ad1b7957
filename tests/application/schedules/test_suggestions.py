"""Another time for whoever lost theirs: for many in as many queries as for one, and no place twice."""

from collections import Counter
from uuid import UUID

from queue_server.application.schedules.views import SlotConflictView
from scheduling_core.live_queue.state import Mode
from tests.application.schedules.practice import Practice, daily
from tests.application.schedules.queries import counted
from tests.factories import at, in_days


async def hit(practice: Practice, day: int, patients: int) -> list[UUID]:
    """Book so many of the doctor's slots of a day, and close the day."""
    slots = await practice.slots(in_days(day))
    booked = [await practice.book(slot["slot_id"]) for slot in slots[:patients]]
    (made,) = (await practice.schedules.list(practice.admin, practice.doctor)).items
    await practice.close(made, at(in_days(day), 0), at(in_days(day + 1), 0))
    return booked


async def test_many_conflicts_ask_no_more_queries_than_few(practice: Practice) -> None:
    """Some find a slot of their own doctor, the others one of a colleague, one none at all."""
    colleague = practice.clinic.doctors[1]
    for doctor in practice.clinic.doctors[:2]:
        await practice.works_at(doctor, practice.clinic.id)
    await practice.schedule(last=in_days(3))
    await practice.schedule(*daily("14:00", "15:00"), doctor=colleague, last=in_days(2))
    await practice.run("UPDATE slot SET blocked = true WHERE doctor_id = $1 AND date = $2", practice.doctor, in_days(1))
    await hit(practice, 2, 1)
    await practice.run(
        "UPDATE slot SET blocked = true WHERE doctor_id = $1 AND taken = 0 AND start > $2",
        practice.doctor,
        at(in_days(3), 9, 30),
    )
    with counted() as few:
        (first,) = (await practice.conflicts.list(practice.admin)).items
    assert first.suggestion is not None
    await practice.run("UPDATE slot SET blocked = false WHERE doctor_id = $1", practice.doctor)
    await hit(practice, 3, 6)
    with counted() as many:
        found = (await practice.conflicts.list(practice.admin)).items
    assert len(found) == 7
    chosen = [one.suggestion.doctor_id for one in found if one.suggestion is not None]
    assert Counter(chosen) == {practice.doctor: 6, colleague: 1}
    assert len(many) <= len(few) + 2, "two for colleagues, whom the first did not need"


async def test_no_place_is_suggested_twice_in_one_answer(practice: Practice) -> None:
    """Two doctors' patients, who may all see either of them, and fewer places than patients."""
    second = practice.clinic.doctors[1]
    for doctor in practice.clinic.doctors[:2]:
        await practice.works_at(doctor, practice.clinic.id)
        await practice.schedule(*daily(in_person=2, total=2), doctor=doctor, last=in_days(2))
        for slot in (await practice.slots(in_days(2), doctor))[:4]:
            await practice.book(slot["slot_id"])
        await practice.run(
            "UPDATE slot SET blocked = true WHERE doctor_id = $1 AND date = $2 AND start > $3",
            doctor,
            in_days(1),
            at(in_days(1), 9),
        )
    for doctor in (practice.doctor, second):
        leave = await practice.asks(practice.clinic.receptionist, in_days(2), doctor_id=doctor)
        await practice.approves(practice.admin, leave.id)
    found = (await practice.conflicts.list(practice.admin)).items
    assert len(found) == 8
    places = Counter(one.suggestion.slot_id for one in found if one.suggestion is not None)
    left = await practice.rows("SELECT slot_id, total - taken AS places FROM slot WHERE NOT blocked AND taken < total")
    assert places == {row["slot_id"]: row["places"] for row in left if row["slot_id"] in places}
    assert sum(places.values()) == 4


async def test_who_is_seen_by_video_is_offered_video_however_far_it_is(practice: Practice) -> None:
    await practice.schedule(*daily(tele=1, total=2))
    slot = (await practice.slots(in_days(30)))[0]
    appointment = await practice.book(slot["slot_id"], Mode.TELE)
    await practice.run(
        "UPDATE slot SET tele = 0 WHERE doctor_id = $1 AND taken = 0 AND date > $2", practice.doctor, in_days(2)
    )
    leave = await practice.asks(practice.clinic.receptionist, in_days(30))
    (one,) = (await practice.leave.impact(practice.admin, leave.id)).items
    assert one.appointment_id == appointment
    assert one.suggestion is not None
    assert one.suggestion.start == at(in_days(2), 11, 30)


async def test_conflicts_come_in_pages_without_gap_or_double(practice: Practice) -> None:
    """Some begin at the same time."""
    second = practice.clinic.doctors[1]
    for doctor in (practice.doctor, second):
        await practice.schedule(doctor=doctor)
        for slot in (await practice.slots(in_days(3), doctor))[:3]:
            await practice.book(slot["slot_id"])
        leave = await practice.asks(practice.clinic.receptionist, in_days(3), doctor_id=doctor)
        await practice.approves(practice.admin, leave.id)
    whole = await practice.conflicts.list(practice.admin)
    assert (len(whole.items), whole.total, whole.next_cursor) == (6, 6, None)
    for limit in (1, 2, 5):
        found: list[SlotConflictView] = []
        cursor: str | None = None
        for _ in range(7):
            page = await practice.conflicts.list(practice.admin, limit=limit, cursor=cursor)
            found += page.items
            assert page.total == 6
            if (cursor := page.next_cursor) is None:
                break
        assert [one.appointment_id for one in found] == [one.appointment_id for one in whole.items]
    assert (await practice.conflicts.list(practice.admin, limit=0)).items == []


async def holds(practice: Practice, slot: UUID, *, tele: bool = False, seconds: int = 600) -> None:
    """Let somebody keep a place of a slot for so long from now, or until so long ago."""
    column = "tele_held" if tele else "in_person_held"
    await practice.run(
        f"UPDATE slot SET held = held + 1, {column} = {column} + 1,"
        " held_until = now() + $2::integer * interval '1 second' WHERE slot_id = $1",
        slot,
        seconds,
    )


async def suggested(practice: Practice) -> UUID | None:
    """Return the slot that the one patient without a time is offered."""
    (one,) = (await practice.conflicts.list(practice.admin)).items
    return one.suggestion.slot_id if one.suggestion is not None else None


async def test_what_somebody_holds_is_suggested_to_nobody_else_until_the_hold_is_over(practice: Practice) -> None:
    await practice.schedule(last=in_days(2))
    await hit(practice, 2, 1)
    free = await practice.slots(in_days(1))
    await practice.run("UPDATE slot SET blocked = true WHERE doctor_id = $1 AND date = $2", practice.doctor, in_days(1))
    for slot in free[-2:]:
        await practice.run("UPDATE slot SET blocked = false WHERE slot_id = $1", slot["slot_id"])
    await holds(practice, free[-1]["slot_id"])
    assert await suggested(practice) == free[-2]["slot_id"]
    await holds(practice, free[-2]["slot_id"])
    assert await suggested(practice) is None
    await practice.run(
        "UPDATE slot SET held_until = now() - interval '1 second' WHERE slot_id = $1", free[-1]["slot_id"]
    )
    assert await suggested(practice) == free[-1]["slot_id"]


async def test_a_place_held_in_person_leaves_none_in_person_and_one_held_by_video_does(practice: Practice) -> None:
    await practice.schedule(*daily(in_person=1, tele=1, total=2), last=in_days(2))
    await hit(practice, 2, 1)
    await practice.run(
        "UPDATE slot SET blocked = true WHERE doctor_id = $1 AND start < $2", practice.doctor, at(in_days(1), 11)
    )
    by_video, in_person = [slot["slot_id"] for slot in await practice.slots(in_days(1)) if not slot["blocked"]]
    await holds(practice, in_person)
    await holds(practice, by_video, tele=True)
    assert await suggested(practice) == by_video
    await practice.run("UPDATE slot SET total = 1 WHERE slot_id = $1", by_video)
    assert await suggested(practice) is None
