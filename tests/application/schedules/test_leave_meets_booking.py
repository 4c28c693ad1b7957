"""Leave is approved while somebody books a slot inside it: one of the two is first, and the other knows.

Either the booking is refused and the leave has nobody in it, or the patient is booked and the leave has made that work
for reception. Never is somebody booked into leave without anybody being told.
"""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from queue_server.application.booking import visits
from queue_server.application.schedules import leave as leave_service
from queue_server.application.schedules import leave_shown
from queue_server.application.slots import generation, outlook
from scheduling_core.calendar.sources import LeaveStatus
from scheduling_core.errors import MorePatientsHit, NotFound, SlotUnavailable
from tests.application.schedules.practice import Practice
from tests.factories import in_days

WAITING = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def is_waiting(practice: Practice, task: "asyncio.Task[Any]") -> bool:
    """Return whether a task stands in front of a lock, as soon as it does; False when it comes to an end instead."""
    async with asyncio.timeout(30):
        while not task.done():
            if await practice.rows(WAITING):
                return True
            await asyncio.sleep(0.01)
    return False


async def check_one_was_first(practice: Practice, leave: UUID, slot: UUID, booked: object) -> bool:
    """Check what is left behind; returns whether the booking was first."""
    assert (await practice.leave.get(practice.admin, leave)).status is LeaveStatus.APPROVED
    left = {row["slot_id"]: row["taken"] for row in await practice.slots()}
    conflicts = (await practice.conflicts.list(practice.clinic.receptionist)).items
    appointments = await practice.rows("SELECT appointment_id FROM appointment WHERE slot_id = $1", slot)
    if isinstance(booked, BaseException):
        assert isinstance(booked, SlotUnavailable), booked
        assert (slot in left, conflicts, appointments) == (False, [], [])
        return False
    assert left[slot] == 1
    assert [row["appointment_id"] for row in appointments] == [booked]
    assert [(one.appointment_id, one.cause.source_id) for one in conflicts] == [(booked, leave)]
    return True


async def test_a_booking_that_comes_while_leave_is_being_approved_waits_and_is_refused(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await practice.schedule(last=in_days(3))
    slot = (await practice.slots(in_days(2)))[0]["slot_id"]
    leave = await practice.asks(practice.clinic.receptionist, in_days(2))
    started: list[asyncio.Task[UUID]] = []

    async def look_and_meet(*arguments: Any) -> Any:
        """Appointments have been looked for, nothing is written yet: the worst moment."""
        found = await outlook.look(*arguments)
        started.append(asyncio.create_task(practice.book(slot)))
        assert await is_waiting(practice, started[0])
        return found

    monkeypatch.setattr(generation, "look", look_and_meet)
    await practice.approves(practice.admin, leave.id)
    (booked,) = await asyncio.gather(*started, return_exceptions=True)
    assert not await check_one_was_first(practice, leave.id, slot, booked)


async def test_leave_that_is_approved_while_a_booking_is_on_its_way_waits_and_finds_it(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await practice.schedule(last=in_days(3))
    slot = (await practice.slots(in_days(2)))[0]["slot_id"]
    leave = await practice.asks(practice.clinic.receptionist, in_days(2))
    started: list[asyncio.Task[Any]] = []
    enrol = visits._enrol

    async def enrol_and_meet(*arguments: Any) -> Any:
        """The place is taken, the appointment is not there yet: the worst moment."""
        started.append(asyncio.create_task(practice.approves(practice.admin, leave.id)))
        assert await is_waiting(practice, started[0])
        return await enrol(*arguments)

    monkeypatch.setattr(visits, "_enrol", enrol_and_meet)
    booked = await practice.book(slot)
    await asyncio.gather(*started)
    assert await check_one_was_first(practice, leave.id, slot, booked)


async def test_whoever_is_first_both_never_win(practice: Practice) -> None:
    await practice.schedule(last=in_days(40))
    for day in range(2, 12):
        slots = await practice.slots(in_days(day))
        leave = await practice.asks(practice.clinic.receptionist, in_days(day))
        bookings = [practice.book(row["slot_id"]) for row in slots]
        outcomes = await asyncio.gather(
            *bookings[: day % 6],
            practice.approves(practice.admin, leave.id),
            *bookings[day % 6 :],
            return_exceptions=True,
        )
        refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        # Who came when all was over does not even find the slot.
        assert all(isinstance(outcome, SlotUnavailable | NotFound) for outcome in refused), refused
        found = await practice.rows("SELECT appointment_id FROM appointment WHERE date = $1", in_days(day))
        told = await practice.rows("SELECT appointment_id FROM slot_conflict WHERE source_id = $1", leave.id)
        assert {row["appointment_id"] for row in found} == {row["appointment_id"] for row in told}
        left = await practice.slots(in_days(day))
        assert {row["slot_id"] for row in left if row["taken"]} == {row["slot_id"] for row in left}
        assert len(left) == len(found) == len(slots) - len(refused)


async def test_who_approves_only_what_was_seen_finds_a_booking_that_was_first_and_closes_nothing(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await practice.schedule(last=in_days(3))
    slot = (await practice.slots(in_days(2)))[0]["slot_id"]
    leave = await practice.asks(practice.clinic.receptionist, in_days(2))
    started: list[asyncio.Task[Any]] = []
    enrol = visits._enrol

    async def enrol_and_meet(*arguments: Any) -> Any:
        """The place is taken, the appointment is not there yet: the worst moment."""
        started.append(asyncio.create_task(practice.approves(practice.admin, leave.id, seen=())))
        assert await is_waiting(practice, started[0])
        return await enrol(*arguments)

    monkeypatch.setattr(visits, "_enrol", enrol_and_meet)
    booked = await practice.book(slot)
    (refused,) = await asyncio.gather(*started, return_exceptions=True)
    assert isinstance(refused, MorePatientsHit), refused
    assert (await practice.leave.get(practice.admin, leave.id)).status is LeaveStatus.REQUESTED
    (one,) = (await practice.leave.impact(practice.admin, leave.id)).items
    assert one.appointment_id == booked
    assert (await practice.conflicts.list(practice.clinic.receptionist)).items == []
    left = await practice.slots(in_days(2))
    assert (len(left), [row["slot_id"] for row in left if row["taken"]]) == (6, [slot])


async def test_a_booking_into_leave_whose_approver_was_first_is_refused(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await practice.schedule(last=in_days(3))
    slot = (await practice.slots(in_days(2)))[0]["slot_id"]
    leave = await practice.asks(practice.clinic.receptionist, in_days(2))
    started: list[asyncio.Task[UUID]] = []
    count = leave_shown.count_hit

    async def count_and_meet(*arguments: Any, **given: Any) -> Any:
        """Nobody has been found who was not seen, nothing is committed yet: the worst moment."""
        found = await count(*arguments, **given)
        started.append(asyncio.create_task(practice.book(slot)))
        assert await is_waiting(practice, started[0])
        return found

    monkeypatch.setattr(leave_service, "count_hit", count_and_meet)
    approved = await practice.approves(practice.admin, leave.id, seen=())
    assert (approved.status, approved.hits) == (LeaveStatus.APPROVED, 0)
    (refused,) = await asyncio.gather(*started, return_exceptions=True)
    assert not await check_one_was_first(practice, leave.id, slot, refused)


async def test_who_has_seen_whom_the_leave_hits_approves_it(practice: Practice) -> None:
    await practice.schedule(last=in_days(3))
    booked = await practice.book((await practice.slots(in_days(2)))[0]["slot_id"])
    leave = await practice.asks(practice.clinic.receptionist, in_days(2))
    with pytest.raises(MorePatientsHit):
        await practice.approves(practice.admin, leave.id, seen=())
    assert (await practice.conflicts.list(practice.clinic.receptionist)).items == []
    assert (await practice.approves(practice.admin, leave.id, seen=(booked,))).hits == 1
