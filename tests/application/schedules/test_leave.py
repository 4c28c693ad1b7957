"""Leave through the use cases: who may ask, see and decide, and what becomes of slots and appointments."""

import asyncio
from datetime import date
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application.actor import Actor
from queue_server.application.answers import Precondition
from queue_server.application.schedules.bodies import Approval, Decision, LeaveFilter
from queue_server.application.schedules.views import LeaveView
from queue_server.store.db import Database
from scheduling_core.calendar.sources import LeaveStatus, LeaveType
from scheduling_core.errors import (
    ChangedMeanwhile,
    Conflict,
    Forbidden,
    InvalidValue,
    NotFound,
    OverlappingLeave,
    OwnLeave,
    SlotUnavailable,
)
from scheduling_core.permissions import Role
from tests.application.schedules.practice import Practice, daily, read
from tests.factories import at, in_days, new_clinic


@pytest.fixture
def own(practice: Practice) -> Actor:
    """The doctor's own account."""
    return practice.clinic.actor(Role.DOCTOR, doctor=practice.doctor)


@pytest.fixture
async def head(practice: Practice) -> Actor:
    """The head of the doctor's department."""
    return await practice.head(practice.doctor)


async def test_approved_leave_takes_its_slots_and_cancelled_leave_gives_them_back(
    practice: Practice, own: Actor, head: Actor
) -> None:
    await practice.schedule()
    leave = await practice.asks(own, in_days(3), in_days(4), reason="Family")
    assert (leave.status, leave.hits, leave.version, leave.may_decide) == (LeaveStatus.REQUESTED, 0, 1, False)
    assert len(await practice.slots(in_days(3))) == 6, "asking closes nothing"
    approved = await practice.approves(head, leave.id, reason="Enjoy it")
    assert (approved.status, approved.version, approved.decision_reason) == (LeaveStatus.APPROVED, 2, "Enjoy it")
    assert [await practice.slots(in_days(day)) for day in (3, 4)] == [[], []]
    assert len(await practice.slots(in_days(5))) == 6
    answer = await practice.leave.cancel(own, leave.id, Decision())
    assert read(answer, LeaveView).status is LeaveStatus.CANCELLED
    assert len(await practice.slots(in_days(3))) == 6


async def test_nobody_takes_the_second_place_of_a_slot_within_leave_until_the_leave_is_cancelled(
    practice: Practice, own: Actor, head: Actor
) -> None:
    await practice.schedule(*daily(in_person=2, total=2))
    slot = (await practice.slots(in_days(3)))[0]["slot_id"]
    await practice.book(slot)
    leave = await practice.asks(own, in_days(3))
    await practice.approves(head, leave.id)
    (left,) = await practice.slots(in_days(3))
    assert (left["slot_id"], left["withdrawn"], left["total"], left["taken"]) == (slot, True, 2, 1)
    with pytest.raises(SlotUnavailable, match="not offered any more"):
        await practice.book(slot)
    (day,) = (await practice.calendars.of_doctor(practice.admin, practice.doctor, in_days(3), in_days(3))).days
    assert day.slots.free == 0
    await practice.leave.cancel(own, leave.id, Decision())
    await practice.book(slot)
    first = (await practice.slots(in_days(3)))[0]
    assert (first["withdrawn"], first["total"], first["taken"]) == (False, 2, 2)


async def test_leave_for_part_of_a_day_closes_that_part(practice: Practice, own: Actor) -> None:
    await practice.schedule()
    leave = await practice.asks(own, in_days(3), start="10:00", end="24:00")
    assert (leave.start, leave.end) == ("10:00", "24:00")
    await practice.approves(practice.admin, leave.id)
    assert [row["start"] for row in await practice.slots(in_days(3))] == [
        at(in_days(3), 9),
        at(in_days(3), 9, 30),
    ]


async def test_what_leave_hits_is_listed_before_and_after_with_another_time(practice: Practice, own: Actor) -> None:
    await practice.schedule()
    slots = await practice.slots(in_days(3))
    first, second = [await practice.book(slot["slot_id"]) for slot in slots[:2]]
    await practice.book((await practice.slots(in_days(5)))[0]["slot_id"])
    leave = await practice.asks(own, in_days(3))
    assert leave.hits == 2
    impact = (await practice.leave.impact(practice.admin, leave.id)).items
    assert [(one.appointment_id, one.patient_name) for one in impact] == [(first, "Mei Chen"), (second, "Mei Chen")]
    # The evening before is nearer than the morning after, and nobody is sent to a place that is somebody else's.
    chosen = [one.suggestion for one in impact]
    assert [one.start for one in chosen if one] == [at(in_days(2), 11, 30), at(in_days(2), 11)]
    tried = await practice.approves(practice.admin, leave.id, dry_run=True)
    assert tried.preview is not None
    assert tried.preview.slots_removed == 4
    assert list(tried.preview.patients_affected) == list(impact)
    assert (await practice.leave.get(practice.admin, leave.id)).status is LeaveStatus.REQUESTED
    await practice.approves(practice.admin, leave.id)
    conflicts = (await practice.conflicts.list(practice.clinic.receptionist)).items
    assert [(one.appointment_id, one.cause.source_id) for one in conflicts] == [(first, leave.id), (second, leave.id)]
    assert [one.suggestion for one in conflicts] == chosen
    assert [row["slot_id"] for row in await practice.slots(in_days(3))] == [s["slot_id"] for s in slots[:2]]


async def test_a_colleague_of_the_same_specialty_is_suggested_when_the_doctor_has_no_time(practice: Practice) -> None:
    colleague = practice.clinic.doctors[1]
    await practice.works_at(practice.doctor, practice.clinic.id)
    await practice.works_at(colleague, practice.clinic.id)
    await practice.run("UPDATE doctor_bookability SET can_receptionist_book = true")
    await practice.schedule(last=in_days(3))
    await practice.schedule(*daily("14:00", "16:00"), doctor=colleague)
    slot = (await practice.slots(in_days(2)))[0]
    await practice.book(slot["slot_id"])
    leave = await practice.asks(practice.clinic.receptionist, in_days(1), in_days(3))
    (hit,) = (await practice.leave.impact(practice.admin, leave.id)).items
    assert hit.suggestion is not None
    assert (hit.suggestion.doctor_id, hit.suggestion.start) == (colleague, at(in_days(2), 14))


async def test_somebody_asks_on_a_doctors_behalf(practice: Practice) -> None:
    desk = practice.clinic.receptionist
    await practice.account(desk, "Ravi Patel")
    leave = await practice.asks(desk, in_days(9), type=LeaveType.SICK)
    assert leave.requested_by is not None
    assert (leave.doctor_id, leave.requested_by.name, leave.type) == (practice.doctor, "Ravi Patel", LeaveType.SICK)


@pytest.mark.parametrize("decision", ["approve", "reject"])
async def test_nobody_decides_on_their_own_leave(practice: Practice, decision: str) -> None:
    """Not whoever asked, and not the doctor, even as an admin or as head of the department."""
    boss = practice.clinic.actor(Role.ADMIN)
    asked = await practice.asks(boss, in_days(9))
    heads_himself = msgspec.structs.replace(await practice.head(practice.doctor), doctor=practice.doctor)
    decide = practice.leave.approve if decision == "approve" else practice.leave.reject
    for who, field in ((boss, "requestedBy"), (heads_himself, "doctorId")):
        with pytest.raises(OwnLeave) as error:
            await decide(who, asked.id, Approval())
        assert error.value.field == field
        assert (await practice.leave.get(who, asked.id)).may_decide is False
    assert (await practice.leave.get(practice.admin, asked.id)).may_decide is True
    assert (await practice.leave.get(practice.admin, asked.id)).status is LeaveStatus.REQUESTED


async def test_heads_see_and_decide_leave_of_their_departments_alone(
    practice: Practice, own: Actor, head: Actor
) -> None:
    other = await practice.head(practice.clinic.doctors[1])
    leave = await practice.asks(own, in_days(9))
    assert [one.id for one in (await practice.leave.list(head, LeaveFilter())).items] == [leave.id]
    assert (await practice.leave.list(other, LeaveFilter())).items == []
    for attempt in (
        practice.leave.get(other, leave.id),
        practice.leave.impact(other, leave.id),
        practice.leave.approve(other, leave.id, Approval()),
        practice.leave.cancel(other, leave.id, Decision()),
        practice.asks(other, in_days(20)),
    ):
        with pytest.raises(Forbidden):
            await attempt
    answer = await practice.leave.reject(head, leave.id, Decision(reason="Two are away already"))
    rejected = read(answer, LeaveView)
    assert (rejected.status, rejected.decision_reason) == (LeaveStatus.REJECTED, "Two are away already")
    with pytest.raises(Conflict):
        await practice.approves(practice.admin, leave.id)


async def test_doctors_ask_for_and_see_only_their_own(practice: Practice, own: Actor) -> None:
    leave = await practice.asks(own, in_days(9))
    colleague = practice.clinic.actor(Role.DOCTOR, doctor=practice.clinic.doctors[1])
    assert [one.id for one in (await practice.leave.list(own, LeaveFilter())).items] == [leave.id]
    assert (await practice.leave.list(colleague, LeaveFilter())).items == []
    for attempt in (
        practice.leave.get(colleague, leave.id),
        practice.leave.cancel(colleague, leave.id, Decision()),
        practice.asks(colleague, in_days(12), doctor_id=practice.doctor),
        practice.leave.approve(own, leave.id, Approval()),
    ):
        with pytest.raises(Forbidden):
            await attempt


async def test_staff_of_other_clinics_and_tenants_see_nothing(
    practice: Practice, own: Actor, database: Database
) -> None:
    elsewhere = await new_clinic(database, tenant=practice.clinic.tenant)
    leave = await practice.asks(own, in_days(9))
    for stranger in (
        practice.clinic.actor(Role.ADMIN, clinics=(elsewhere.id,)),
        (await new_clinic(database)).actor(Role.ADMIN),
    ):
        assert (await practice.leave.list(stranger, LeaveFilter())).items == []
        for attempt in (
            practice.leave.get(stranger, leave.id),
            practice.leave.impact(stranger, leave.id),
            practice.approves(stranger, leave.id),
            practice.asks(stranger, in_days(12)),
        ):
            with pytest.raises(NotFound):
                await attempt


async def test_the_list_is_filtered_and_comes_in_pages(practice: Practice, head: Actor) -> None:
    desk, colleague = practice.clinic.receptionist, practice.clinic.doctors[1]
    made = [await practice.asks(desk, in_days(10 + day)) for day in range(4)]
    theirs = await practice.asks(desk, in_days(10), doctor_id=colleague)
    await practice.approves(practice.admin, made[0].id)
    first = await practice.leave.list(desk, LeaveFilter(), limit=3)
    rest = await practice.leave.list(desk, LeaveFilter(), limit=3, cursor=first.next_cursor)
    assert [one.id for one in (*first.items, *rest.items)] == [theirs.id, *(one.id for one in reversed(made))]
    assert rest.next_cursor is None
    for wanted, found in (
        (LeaveFilter(status=LeaveStatus.APPROVED), [made[0].id]),
        (LeaveFilter(doctor=colleague), [theirs.id]),
        (LeaveFilter(department=UUID(head.name)), [one.id for one in reversed(made)]),
        (LeaveFilter(department=uuid4()), []),
    ):
        assert [one.id for one in (await practice.leave.list(desk, wanted)).items] == found


@pytest.mark.parametrize("first", [in_days(9), in_days(10)])
async def test_leave_over_leave_is_refused(practice: Practice, own: Actor, first: date) -> None:
    await practice.asks(own, in_days(9), in_days(10))
    with pytest.raises(OverlappingLeave) as error:
        await practice.asks(practice.clinic.receptionist, first, in_days(12))
    assert error.value.field == "first"
    assert len((await practice.leave.list(own, LeaveFilter())).items) == 1


async def test_a_stale_version_decides_nothing(practice: Practice, own: Actor) -> None:
    leave = await practice.asks(own, in_days(9))
    with pytest.raises(ChangedMeanwhile):
        await practice.leave.approve(practice.admin, leave.id, Approval(), Precondition(7))
    with pytest.raises(ChangedMeanwhile):
        await practice.leave.cancel(own, leave.id, Decision(), Precondition(2))
    await practice.leave.approve(practice.admin, leave.id, Approval(), Precondition(1))


async def test_whose_leave_it_is_must_be_said_and_reasons_stay_out_of_events(practice: Practice, own: Actor) -> None:
    with pytest.raises(InvalidValue) as error:
        await practice.asks(practice.clinic.receptionist, in_days(9), doctor_id=None)
    assert error.value.field == "doctorId"
    leave = await practice.asks(own, in_days(9), reason="Wedding of Zebulon")
    assert leave.reason == "Wedding of Zebulon"
    events = await practice.rows("SELECT data::text FROM event_store")
    assert events
    assert all("Zebulon" not in row["data"] for row in events)
    tried = await practice.asks(own, in_days(20), reason="Maybe", dry_run=True)
    assert (tried.reason, tried.preview is not None) == ("Maybe", True)
    assert await practice.rows("SELECT FROM free_text WHERE body = 'Maybe'") == []


async def test_of_overlapping_requests_and_of_decisions_at_the_same_moment_one_wins(
    practice: Practice, own: Actor, head: Actor
) -> None:
    asked = await asyncio.gather(
        *(practice.asks(own, in_days(9), in_days(10 + n)) for n in range(4)), return_exceptions=True
    )
    (leave,) = [one for one in asked if isinstance(one, LeaveView)]
    assert sum(isinstance(one, OverlappingLeave) for one in asked) == 3
    decided = await asyncio.gather(
        practice.approves(head, leave.id),
        practice.leave.reject(practice.admin, leave.id, Decision()),
        practice.approves(practice.clinic.actor(Role.ADMIN), leave.id),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Conflict) for one in decided) == 2
    assert (await practice.leave.get(own, leave.id)).version == 2
