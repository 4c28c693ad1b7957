"""Whom leave hits: who is in the doctor's line by then, counted for each request, in as many queries for many as for
one."""

from uuid import UUID, uuid4

import pytest

from queue_server.application import desk_bodies as bodies
from queue_server.application.schedules.bodies import LeaveFilter
from scheduling_core.errors import MorePatientsHit
from scheduling_core.permissions import Role
from tests.application.schedules.practice import Practice, daily
from tests.application.schedules.queries import counted
from tests.factories import at, in_days
from tests.graph import Graph


async def hand_over(graph: Graph, practice: Practice, appointment: UUID, to: UUID) -> None:
    """Hand a patient over to another doctor."""
    body = bodies.DESK_COMMANDS["transfer"].body(doctor_id=to)
    await graph.queue.run(practice.clinic.receptionist, "transfer", appointment, body)


async def test_leave_hits_who_was_handed_to_the_doctor_and_not_who_was_handed_on(
    practice: Practice, graph: Graph
) -> None:
    first, second = practice.clinic.doctors[:2]
    for doctor in (first, second):
        await practice.schedule(doctor=doctor)
    handed = await practice.book((await practice.slots(in_days(3)))[0]["slot_id"])
    stays = await practice.book((await practice.slots(in_days(3)))[1]["slot_id"])
    await hand_over(graph, practice, handed, second)
    desk = practice.clinic.receptionist
    leaves = [await practice.asks(desk, in_days(3), doctor_id=doctor) for doctor in (first, second)]
    for leave, hit in zip(leaves, (stays, handed), strict=True):
        found = (await practice.leave.impact(practice.admin, leave.id)).items
        assert [(one.appointment_id, one.doctor_id) for one in found] == [(hit, leave.doctor_id)]
        assert (await practice.leave.get(practice.admin, leave.id)).hits == 1
        with pytest.raises(MorePatientsHit):
            await practice.approves(practice.admin, leave.id, seen=())
        await practice.approves(practice.admin, leave.id, seen=(hit,))
    listed = (await practice.conflicts.list(desk)).items
    assert {(one.appointment_id, one.doctor_id, one.cause.source_id) for one in listed} == {
        (stays, first, leaves[0].id),
        (handed, second, leaves[1].id),
    }


async def test_who_is_handed_on_is_no_conflict_of_the_doctor_who_is_away(practice: Practice, graph: Graph) -> None:
    first, second = practice.clinic.doctors[:2]
    await practice.schedule(doctor=first)
    await practice.schedule(doctor=second)
    handed = await practice.book((await practice.slots(in_days(3)))[0]["slot_id"])
    leave = await practice.asks(practice.clinic.receptionist, in_days(3))
    await practice.approves(practice.admin, leave.id)
    assert (await practice.conflicts.list(practice.admin)).total == 1
    await hand_over(graph, practice, handed, second)
    found = await practice.conflicts.list(practice.admin)
    assert (found.items, found.total) == ([], 0)
    # Their time with the new doctor goes too: it is that doctor's conflict then.
    theirs = await practice.asks(practice.clinic.receptionist, in_days(3), doctor_id=second)
    await practice.approves(practice.admin, theirs.id)
    (conflict,) = (await practice.conflicts.list(practice.admin, doctor=second)).items
    assert (conflict.appointment_id, conflict.cause.source_id) == (handed, theirs.id)
    assert (await practice.conflicts.list(practice.admin, doctor=first)).total == 0


async def test_each_request_has_its_own_count_however_many_the_others_hit(practice: Practice) -> None:
    busy, quiet = practice.clinic.doctors[:2]
    day, patient = in_days(3), uuid4()
    await practice.run(
        "INSERT INTO patient (tenant_id, patient_id, name, name_folded) VALUES ($1, $2, 'Mei Chen', 'mei chen')",
        practice.clinic.tenant,
        patient,
    )
    for doctor, patients in ((busy, 5001), (quiet, 2)):
        await practice.run(
            "INSERT INTO appointment (tenant_id, appointment_id, clinic_id, doctor_id, patient_id, date, start,"
            " duration_minutes, visit_type, booked_at, source)"
            " SELECT $1, gen_random_uuid(), $2, $3, $4, $5, $6, 15, 'consultation', now(), 'import'"
            " FROM generate_series(1, $7)",
            practice.clinic.tenant,
            practice.clinic.id,
            doctor,
            patient,
            day,
            at(day, 10),
            patients,
        )
    for doctor in (busy, quiet):
        await practice.asks(practice.clinic.receptionist, day, doctor_id=doctor)
    shown = (await practice.leave.list(practice.admin, LeaveFilter())).items
    assert {one.doctor_id: one.hits for one in shown} == {busy: 5001, quiet: 2}


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DEPARTMENT_HEAD])
async def test_a_page_of_many_requests_asks_no_more_queries_than_one_of_a_single_request(
    practice: Practice, role: Role
) -> None:
    head = await practice.head(*practice.clinic.doctors)
    who = head if role is Role.DEPARTMENT_HEAD else practice.admin
    asks = practice.clinic.receptionist
    for doctor in practice.clinic.doctors:
        for day in range(3, 9):
            await practice.asks(asks, in_days(day), doctor_id=doctor, reason=f"Day {day}")
    with counted() as one:
        await practice.leave.list(who, LeaveFilter(), limit=1)
    with counted() as all:
        shown = (await practice.leave.list(who, LeaveFilter())).items
    assert len(shown) == 12
    assert {leave.may_decide for leave in shown} == {True}
    assert len(all) == len(one)


async def test_patients_hit_come_in_pages_without_gap_or_double(practice: Practice) -> None:
    await practice.schedule(*daily(in_person=2, total=2))
    slots = await practice.slots(in_days(3))
    booked = [await practice.book(slot["slot_id"]) for slot in slots[:3] for _ in range(2)]
    leave = await practice.asks(practice.clinic.receptionist, in_days(3))
    found: list[UUID] = []
    cursor: str | None = None
    for _ in booked:
        page = await practice.leave.impact(practice.admin, leave.id, limit=2, cursor=cursor)
        found += [one.appointment_id for one in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert sorted(found) == sorted(booked)
    assert found == [one.appointment_id for one in (await practice.leave.impact(practice.admin, leave.id)).items]
