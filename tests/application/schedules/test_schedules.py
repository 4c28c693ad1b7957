"""Schedules, overrides and exceptions through the use cases: slots follow, tries keep nothing, everybody in scope."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from queue_server.application import decoding
from queue_server.application.answers import Answer, Precondition
from queue_server.application.doctors.adoption import Adoption
from queue_server.application.doctors.bodies import DraftDoctor
from queue_server.application.doctors.service import DoctorService
from queue_server.application.doctors.views import DoctorDetail
from queue_server.application.schedules import service
from queue_server.application.schedules.bodies import OneDaysSitting
from queue_server.store.db import Database
from scheduling_core.calendar.sources import ExceptionKind
from scheduling_core.errors import (
    ChangedMeanwhile,
    Conflict,
    DomainError,
    Forbidden,
    InvalidValue,
    NotFound,
    OverlappingSittings,
)
from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.permissions import Role
from tests.application.schedules.practice import Practice, add_equipment, daily, sitting
from tests.factories import at, in_days, new_clinic
from tests.graph import Graph


async def test_a_new_schedule_yields_its_slots_at_once(practice: Practice) -> None:
    made = await practice.schedule()
    assert (made.version, made.doctor_id, made.ended, made.preview) == (1, practice.doctor, False, None)
    assert [s.start for s in made.sittings] == ["09:00"] * 7
    tomorrow = await practice.slots(in_days(1))
    assert [row["start"] for row in tomorrow] == [at(in_days(1), 9 + i // 2, i % 2 * 30) for i in range(6)]
    assert len(await practice.slots()) >= 6 * 89
    assert (await practice.schedules.list(practice.admin, practice.doctor)).items == [made]


async def test_the_rows_show_what_the_events_say(practice: Practice) -> None:
    made = await practice.schedule()
    await practice.override(made, in_days(3), reason="Training")
    await practice.close(made, at(in_days(4), 9), at(in_days(4), 10), reason="Theatre")
    (schedule,) = await practice.rows("SELECT * FROM doctor_schedule")
    (override,) = await practice.rows("SELECT * FROM schedule_override")
    (exception,) = await practice.rows("SELECT * FROM schedule_exception")
    assert (schedule["schedule_id"], schedule["version"], schedule["ended"]) == (made.id, 2, False)
    assert (override["date"], override["reason"]) == (in_days(3), "Training")
    assert (exception["kind"], exception["reason"], exception["ends_at"]) == (
        "emergency",
        "Theatre",
        at(in_days(4), 10),
    )
    events = await practice.rows("SELECT type, data::text FROM event_store ORDER BY event_id")
    assert "schedule_created" in {row["type"] for row in events}
    assert all("Training" not in row["data"] and "Theatre" not in row["data"] for row in events)


async def test_a_change_replaces_slots_and_its_try_says_how_many_without_keeping_anything(practice: Practice) -> None:
    made = await practice.schedule(last=in_days(10))
    before = await practice.slots()
    tried = await practice.change(made, *daily("10:00", "12:00", slot_minutes=60), last=in_days(10), dry_run=True)
    assert tried.preview is not None
    assert (tried.preview.slots_added, tried.preview.slots_removed) == (20, 60)
    assert [s.start for s in tried.sittings] == ["10:00"] * 7
    assert await practice.slots() == before
    assert (await practice.schedules.list(practice.admin, practice.doctor)).items[0] == made
    assert await practice.rows("SELECT FROM event_store WHERE type = 'schedule_updated'") == []
    changed = await practice.change(made, *daily("10:00", "12:00", slot_minutes=60), last=in_days(10))
    assert (changed.version, changed.preview, len(await practice.slots())) == (2, None, 20)


async def test_slots_ahead_go_when_a_schedule_ends_and_booked_ones_become_work_for_reception(
    practice: Practice,
) -> None:
    made = await practice.schedule(last=in_days(10))
    slot = (await practice.slots(in_days(2)))[0]
    appointment = await practice.book(slot["slot_id"])
    await practice.schedules.end(practice.admin, made.id, None)
    (left,) = await practice.slots()
    assert left["slot_id"] == slot["slot_id"]
    (conflict,) = (await practice.conflicts.list(practice.clinic.receptionist)).items
    assert (conflict.appointment_id, conflict.cause.kind) == (appointment, "no_schedule")
    assert conflict.suggestion is None


async def test_an_override_changes_one_date_and_can_be_taken_back(practice: Practice) -> None:
    made = await practice.schedule()
    hours = OneDaysSitting(start="14:00", end="15:00", slot_minutes=30)
    changed = await practice.override(made, in_days(2), sittings=(hours,))
    assert [o.date for o in changed.overrides] == [in_days(2)]
    assert [row["start"] for row in await practice.slots(in_days(2))] == [
        at(in_days(2), 14),
        at(in_days(2), 14, 30),
    ]
    assert len(await practice.slots(in_days(3))) == 6
    override = changed.overrides[0].id
    with pytest.raises(ChangedMeanwhile):
        await practice.schedules.remove_override(practice.admin, override, Precondition(made.version))
    await practice.schedules.remove_override(practice.admin, override, Precondition(changed.version))
    assert len(await practice.slots(in_days(2))) == 6
    with pytest.raises(NotFound):
        await practice.schedules.remove_override(practice.admin, override)


async def test_an_exception_closes_its_time_tells_whom_it_hits_and_can_be_taken_back(practice: Practice) -> None:
    made = await practice.schedule()
    slot = (await practice.slots(in_days(2)))[1]
    appointment = await practice.book(slot["slot_id"])
    start, end = at(in_days(2), 9), at(in_days(2), 11)
    tried = await practice.close(made, start, end, dry_run=True)
    assert tried.preview is not None
    (hit,) = tried.preview.patients_affected
    assert (hit.appointment_id, hit.patient_name) == (appointment, "Mei Chen")
    assert hit.suggestion is not None
    assert (hit.suggestion.doctor_id, hit.suggestion.start) == (practice.doctor, at(in_days(2), 11))
    assert (await practice.conflicts.list(practice.clinic.receptionist)).items == []
    closed = await practice.close(made, start, end, reason="Called to the theatre")
    assert [row["start"] for row in await practice.slots(in_days(2))][:2] == [at(in_days(2), 9, 30), at(in_days(2), 11)]
    (conflict,) = (await practice.conflicts.list(practice.clinic.receptionist)).items
    assert (conflict.cause.kind, conflict.cause.source_id) == ("emergency", closed.id)
    assert conflict.cause.explanation == "closed: emergency – Called to the theatre"
    assert conflict.suggestion == hit.suggestion
    await practice.open_again(closed.id)
    assert len(await practice.slots(in_days(2))) == 6
    assert (await practice.conflicts.list(practice.clinic.receptionist)).items == []


async def test_of_two_administrators_one_is_told_what_the_other_changed(practice: Practice) -> None:
    made = await practice.schedule()
    ada = practice.clinic.actor(Role.ADMIN)
    await practice.account(ada, "Ada Falk")
    await practice.change(made, *daily("10:00", "12:00"), actor=ada, last=in_days(60), if_match=1)
    await practice.override(made, in_days(5), actor=ada)
    with pytest.raises(ChangedMeanwhile) as error:
        await practice.change(made, *daily("08:00", "09:00"), if_match=1)
    found = [(change.field, change.by, change.name, change.version) for change in error.value.changes]
    assert found == [
        ("effectiveUntil", ada.account, "Ada Falk", 2),
        ("sittings", ada.account, "Ada Falk", 2),
        ("overrides", ada.account, "Ada Falk", 3),
    ]
    assert "Ada Falk" in error.value.detail
    (kept,) = (await practice.schedules.list(practice.admin, practice.doctor)).items
    assert (kept.version, kept.sittings[0].start) == (3, "10:00")


async def test_of_saves_at_the_same_moment_one_wins(practice: Practice) -> None:
    made = await practice.schedule(last=in_days(5))
    attempts = [
        practice.change(made, *daily(f"{hour:02}:00", "18:00"), last=in_days(5), if_match=1) for hour in range(8, 14)
    ]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    lost = [result for result in results if isinstance(result, ChangedMeanwhile)]
    assert len(lost) == len(attempts) - 1
    assert all(result.changes for result in lost)
    (kept,) = (await practice.schedules.list(practice.admin, practice.doctor)).items
    assert kept.version == 2


async def test_the_same_key_makes_one_schedule(practice: Practice) -> None:
    key = decoding.idempotency("k" * 8, "POST", "/schedules", None, field="Idempotency-Key")
    first = await practice.schedule(precondition=Precondition(None, key))
    assert await practice.schedule(precondition=Precondition(None, key)) == first
    assert len((await practice.schedules.list(practice.admin, practice.doctor)).items) == 1


# ---- bad input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("sittings[0].end", {"start": "12:00", "end": "09:00"}),
        ("sittings[0].slotMinutes", {"slot_minutes": 181}),
        ("sittings[0].total", {"total": 5}),
        ("sittings[0].roomId", {"room_id": uuid4()}),
        ("sittings[0].equipmentIds", {"equipment_ids": (uuid4(),)}),
    ],
)
async def test_what_makes_no_sense_is_refused_by_field_and_nothing_changes(
    practice: Practice, field: str, given: dict[str, Any]
) -> None:
    with pytest.raises(InvalidValue) as error:
        await practice.schedule(*daily(**given))
    assert error.value.field == field
    assert await practice.rows("SELECT FROM stream WHERE kind = 'calendar' AND version > 0") == []
    assert await practice.slots() == []


async def test_a_room_of_another_clinic_or_out_of_use_is_refused(practice: Practice, database: Database) -> None:
    elsewhere = await new_clinic(database, tenant=practice.clinic.tenant)
    rooms = {}
    for name, clinic, active in (
        ("good", practice.clinic, True),
        ("old", practice.clinic, False),
        ("far", elsewhere, True),
    ):
        rooms[name] = uuid4()
        await practice.run(
            "INSERT INTO room (tenant_id, room_id, clinic_id, name, type, active, version, last_event_id)"
            " VALUES ($1, $2, $3, $4, 'consultation', $5, 1, gen_random_uuid())",
            practice.clinic.tenant,
            rooms[name],
            clinic.id,
            name,
            active,
        )
    for name in ("old", "far"):
        with pytest.raises(InvalidValue) as error:
            await practice.schedule(sitting(1), sitting(2, room_id=rooms[name]))
        assert error.value.field == "sittings[1].roomId"
    made = await practice.schedule(*daily(room_id=rooms["good"]))
    assert made.sittings[0].room_id == rooms["good"]
    with pytest.raises(InvalidValue) as error:
        await practice.override(
            made,
            in_days(2),
            sittings=(OneDaysSitting(start="14:00", end="15:00", slot_minutes=30, room_id=rooms["old"]),),
        )
    assert error.value.field == "sittings[0].roomId"


async def test_equipment_of_another_clinic_or_out_of_use_is_refused(practice: Practice, database: Database) -> None:
    elsewhere = await new_clinic(database, tenant=practice.clinic.tenant)
    good, old = await add_equipment(practice, "good"), await add_equipment(practice, "old", is_active=False)
    far = await add_equipment(practice, "far", clinic=elsewhere.id)
    stranger = await new_clinic(database)
    theirs = await add_equipment(practice, "theirs", clinic=stranger.id, tenant=stranger.tenant)
    for wrong in (old, far, theirs):
        with pytest.raises(InvalidValue) as error:
            await practice.schedule(sitting(1), sitting(2, equipment_ids=(good, wrong)))
        assert error.value.field == "sittings[1].equipmentIds"
    made = await practice.schedule(*daily(equipment_ids=(good, good)))
    assert made.sittings[0].equipment_ids == (good,)
    assert {tuple(row["equipment_ids"]) for row in await practice.slots(in_days(2))} == {(good,)}
    with pytest.raises(InvalidValue) as error:
        await practice.override(
            made,
            in_days(2),
            sittings=(OneDaysSitting(start="14:00", end="15:00", slot_minutes=30, equipment_ids=(old,)),),
        )
    assert error.value.field == "sittings[0].equipmentIds"


async def test_slots_follow_the_equipment_of_their_sitting(practice: Practice) -> None:
    first, second = sorted([await add_equipment(practice, "A"), await add_equipment(practice, "B")])
    made = await practice.schedule(*daily(equipment_ids=(second,)))
    before = await practice.slots(in_days(2))
    made = await practice.change(made, *daily(equipment_ids=(second, first)))
    after = await practice.slots(in_days(2))
    assert [row["slot_id"] for row in after] == [row["slot_id"] for row in before]
    assert {tuple(row["equipment_ids"]) for row in after} == {(first, second)}
    await practice.change(made, *daily())
    assert {tuple(row["equipment_ids"]) for row in await practice.slots(in_days(2))} == {()}


async def test_schedules_of_one_doctor_overlap_nowhere(practice: Practice, database: Database) -> None:
    elsewhere = await new_clinic(database, tenant=practice.clinic.tenant)
    await practice.works_at(practice.doctor, practice.clinic.id, elsewhere.id)
    await practice.schedule()
    with pytest.raises(OverlappingSittings) as error:
        await practice.schedule(*daily("11:30", "13:00"), clinic=elsewhere.id)
    assert (error.value.field or "").startswith("sittings[")
    await practice.schedule(*daily("12:00", "13:00"), clinic=elsewhere.id)
    await practice.schedule(doctor=practice.clinic.doctors[1])


async def test_a_clinic_must_be_there_and_be_one_of_the_doctors(practice: Practice, database: Database) -> None:
    elsewhere = await new_clinic(database, tenant=practice.clinic.tenant)
    foreign = await new_clinic(database)
    for clinic, kind in ((elsewhere.id, InvalidValue), (foreign.id, NotFound), (ClinicId(uuid4()), NotFound)):
        with pytest.raises(DomainError) as error:
            await practice.schedule(clinic=clinic)
        assert (type(error.value), error.value.field) == (kind, "clinicId")


async def test_no_schedule_is_made_at_a_clinic_that_is_closed(practice: Practice, database: Database) -> None:
    async with database.tenant(practice.clinic.tenant) as tx:
        await tx.run("UPDATE clinic SET active = false WHERE clinic_id = $1", practice.clinic.id)
    with pytest.raises(Conflict) as error:
        await practice.schedule()
    assert error.value.field == "clinicId"


@pytest.mark.parametrize("day", [in_days(-1), in_days(0), in_days(11), date.max])
async def test_an_override_outside_the_schedule_is_refused(practice: Practice, day: date) -> None:
    made = await practice.schedule(last=in_days(10))
    with pytest.raises(InvalidValue) as error:
        await practice.override(made, day)
    assert error.value.field == "date"
    assert (await practice.schedules.list(practice.admin, practice.doctor)).items[0].version == 1


# ---- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.DOCTOR, Role.DEPARTMENT_HEAD, Role.DISPLAY, Role.PATIENT])
async def test_only_admins_change_schedules(practice: Practice, role: Role) -> None:
    made = await practice.schedule()
    who = practice.clinic.actor(role, doctor=practice.doctor)
    with pytest.raises(Forbidden):
        await practice.schedule(actor=who)
    with pytest.raises(Forbidden):
        await practice.change(made, sitting(1), actor=who)
    with pytest.raises(Forbidden):
        await practice.schedules.end(who, made.id, None)
    with pytest.raises(Forbidden):
        await practice.override(made, in_days(2), actor=who)
    with pytest.raises(Forbidden):
        await practice.close(made, at(in_days(2), 9), at(in_days(2), 10), actor=who)


async def test_doctors_see_their_own_schedules_and_staff_those_of_their_clinics(
    practice: Practice, database: Database
) -> None:
    elsewhere = await new_clinic(database, tenant=practice.clinic.tenant)
    made = await practice.schedule()
    own = practice.clinic.actor(Role.DOCTOR, doctor=practice.doctor)
    assert (await practice.schedules.list(own, practice.doctor)).items == [made]
    with pytest.raises(Forbidden):
        await practice.schedules.list(own, practice.clinic.doctors[1])
    with pytest.raises(NotFound):
        await practice.schedules.list(own, uuid4())
    here = practice.clinic.actor(Role.RECEPTIONIST, clinics=(practice.clinic.id,))
    assert (await practice.schedules.list(here, practice.doctor)).items == [made]
    there = practice.clinic.actor(Role.RECEPTIONIST, clinics=(elsewhere.id,))
    with pytest.raises(NotFound):
        await practice.schedules.list(there, practice.doctor)


async def test_admins_of_another_clinic_or_tenant_reach_nothing(practice: Practice, database: Database) -> None:
    elsewhere = await new_clinic(database, tenant=practice.clinic.tenant)
    made = await practice.schedule()
    changed = await practice.override(made, in_days(2))
    closed = await practice.close(made, at(in_days(3), 9), at(in_days(3), 10))
    for stranger in (
        practice.clinic.actor(Role.ADMIN, clinics=(elsewhere.id,)),
        (await new_clinic(database)).actor(Role.ADMIN),
    ):
        with pytest.raises(NotFound):
            await practice.change(made, sitting(1), actor=stranger)
        with pytest.raises(NotFound):
            await practice.schedules.end(stranger, made.id, None)
        with pytest.raises(NotFound):
            await practice.schedules.remove_override(stranger, changed.overrides[0].id)
        with pytest.raises(NotFound):
            await practice.schedules.remove_exception(stranger, closed.id)
        with pytest.raises(NotFound):
            await practice.schedule(actor=stranger)


async def test_an_admin_of_one_clinic_does_not_close_a_doctors_time_at_others(
    practice: Practice, database: Database
) -> None:
    elsewhere = await new_clinic(database, tenant=practice.clinic.tenant)
    await practice.works_at(practice.doctor, practice.clinic.id, elsewhere.id)
    made = await practice.schedule()
    await practice.schedule(*daily("14:00", "16:00"), clinic=elsewhere.id)
    scoped = practice.clinic.actor(Role.ADMIN, clinics=(practice.clinic.id,))
    start, end = at(in_days(2), 8), at(in_days(2), 18)
    with pytest.raises(Forbidden):
        await practice.close(made, start, end, actor=scoped, all_clinics=True)
    await practice.close(made, start, end, actor=scoped, kind=ExceptionKind.FORCED_BLOCK)
    assert {row["clinic_id"] for row in await practice.slots(in_days(2))} == {elsewhere.id}
    everywhere = await practice.close(made, start, end + timedelta(minutes=1), all_clinics=True)
    assert await practice.slots(in_days(2)) == []
    with pytest.raises(Forbidden):
        await practice.schedules.remove_exception(scoped, everywhere.id)


async def test_a_doctor_nobody_knows_has_no_schedules(practice: Practice) -> None:
    with pytest.raises(NotFound):
        await practice.schedule(doctor=DoctorId(uuid4()))


async def test_a_clinic_is_not_taken_from_a_doctor_while_a_schedule_there_is_made(
    practice: Practice, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctors = DoctorService(graph.writes, Adoption(graph.db, graph.writes), graph.directory.forget)
    draft = DraftDoctor(name="Dr Asha Rao", clinic_ids=(practice.clinic.id,))
    made = msgspec.json.decode((await doctors.create(practice.admin, draft)).body, type=DoctorDetail)
    removed: list[asyncio.Task[Answer]] = []
    check = service.check_resources

    async def check_and_meet(*arguments: Any) -> None:
        """That the doctor works there is known, the schedule is not there yet: the worst moment."""
        removed.append(asyncio.create_task(doctors.unassign_clinic(practice.admin, made.id, practice.clinic.id)))
        await asyncio.wait(removed, timeout=0.3)
        await check(*arguments)

    monkeypatch.setattr(service, "check_resources", check_and_meet)
    await practice.schedule(doctor=DoctorId(made.id))
    with pytest.raises(Conflict):
        await removed[0]


async def test_the_same_key_is_answered_again_when_what_it_removed_is_gone(practice: Practice) -> None:
    made = await practice.schedule()
    closed = await practice.close(made, at(in_days(2), 9), at(in_days(2), 10))
    key = decoding.idempotency("k" * 8, "DELETE", "/exceptions", None, field="Idempotency-Key")
    first = await practice.schedules.remove_exception(practice.admin, closed.id, Precondition(None, key))
    again = await practice.schedules.remove_exception(practice.admin, closed.id, Precondition(None, key))
    assert (again.body, again.version) == (first.body, first.version)
    with pytest.raises(NotFound):
        await practice.schedules.remove_exception(practice.admin, closed.id)
