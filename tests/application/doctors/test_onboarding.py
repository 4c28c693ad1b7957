"""From a draft to a doctor at work: stages, what blocks them, verification, activation and back."""

import pytest

from queue_server.application.doctors import bodies
from scheduling_core.doctors.decide import IllegalStatus, StageBlocked
from scheduling_core.doctors.onboarding import STAGES
from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.permissions import Role
from tests.application.doctors.house import WHOLE, House, detail
from tests.factories import new_clinic


async def test_ten_stages_in_order_lead_to_an_active_doctor_who_can_be_booked(house: House) -> None:
    made = await house.create()
    await house.add_schedule(made.id)
    seen = []
    for stage in STAGES:
        if stage == "compliance":
            await house.verify(made.id)
        after = await house.complete(made.id, stage)
        seen.append(after.progress)
        assert next(s for s in after.stages if s.name == stage).completed_by == house.admin.account
    assert seen == list(range(10, 101, 10))
    active = await house.reading.get(house.admin, made.id)
    assert (active.status, active.onboarding_progress) == ("active", 100)
    await house.add_slot(made.id)
    found = await house.refresh(made.id)
    assert found is not None
    assert (found.score, found.is_bookable) == (100, True)
    (row,) = await house.rows("SELECT active FROM doctor WHERE doctor_id = $1", made.id)
    assert row["active"] is True


async def test_credentials_that_are_handed_in_await_their_verification(house: House) -> None:
    made = await house.create()
    await house.complete(made.id, "profile")
    await house.complete(made.id, "credentials")
    assert (await house.reading.get(house.admin, made.id)).status == "pending_verification"


async def test_a_stage_says_what_stands_in_its_way(house: House) -> None:
    made = await house.create(bodies.DraftDoctor(name="Dr Imran Khan"))
    shown = {stage.name.value: stage for stage in (await house.onboarding(made.id)).stages}
    assert (shown["profile"].status, len(shown["profile"].blockers)) == ("blocked", 3)
    assert shown["departments"].status == "open"
    assert shown["approval"].status == "blocked"
    with pytest.raises(StageBlocked) as refused:
        await house.complete(made.id, "credentials")
    assert dict(refused.value.faults) == {
        "qualification": "No qualification is given.",
        "licence": "No licence is given.",
        "profile": "This stage comes first.",
    }
    assert (await house.onboarding(made.id)).progress == 0


async def test_rooms_and_departments_are_asked_for_only_where_there_are_any(house: House) -> None:
    made = await house.create()

    async def failing() -> set[str]:
        stages = (await house.onboarding(made.id)).stages
        return {check.name for stage in stages for check in stage.checks if not check.ok}

    assert not {"department_assigned", "room_in_each_clinic"} & await failing()
    department = await house.add_department()
    await house.add_room(house.clinic.id)
    assert {"department_assigned", "room_in_each_clinic"} <= await failing()
    await house.doctors.assign_department(house.admin, made.id, department)
    await house.add_room(house.clinic.id, doctor=made.id)
    assert not {"department_assigned", "room_in_each_clinic"} & await failing()


async def test_a_sitting_that_names_a_room_is_room_enough(house: House) -> None:
    made = await house.create()
    room = await house.add_room(house.clinic.id)
    week = [[{"start": 540, "end": 720, "slot_minutes": 30, "room": room}], [], [], [], [], [], []]
    await house.add_schedule(made.id, week=week)
    resources = next(s for s in (await house.onboarding(made.id)).stages if s.name == "resources")
    assert resources.checks[0].ok


async def test_who_is_seen_by_video_alone_needs_no_room(house: House) -> None:
    made = await house.create()
    await house.add_room(house.clinic.id)
    await house.update(made.id, modes=("tele",))
    resources = next(s for s in (await house.onboarding(made.id)).stages if s.name == "resources")
    assert resources.checks[0].ok


async def test_approval_looks_at_everything_again(house: House) -> None:
    made = await house.create()
    schedule = await house.add_schedule(made.id)
    await house.verify(made.id)
    for stage in STAGES[:-2]:
        await house.complete(made.id, stage)
    async with house.db.tenant(house.clinic.tenant) as tx:
        await tx.run("DELETE FROM doctor_schedule WHERE schedule_id = $1", schedule)
    with pytest.raises(StageBlocked, match="schedule"):
        await house.complete(made.id, "approval")


async def test_a_completed_stage_stays_completed_by_whom_it_was(house: House) -> None:
    made = await house.create()
    first = await house.complete(made.id, "profile", note="Seen")
    second = house.clinic.actor(Role.ADMIN)
    await house.doctors.complete_stage(second, made.id, "profile", bodies.CompleteStageBody())
    assert (await house.onboarding(made.id)).stages[0] == first.stages[0]


async def test_there_are_ten_stages_and_no_other(house: House) -> None:
    made = await house.create()
    with pytest.raises(NotFound):
        await house.complete(made.id, "lunch")


async def test_nobody_is_activated_past_onboarding(house: House) -> None:
    made = await house.create()
    with pytest.raises(StageBlocked) as refused:
        await house.doctors.activate(house.admin, made.id)
    assert {"profile", "approval", "verification_begun"} <= dict(refused.value.faults).keys()


async def test_activating_is_the_last_stage(house: House) -> None:
    made = await house.create()
    await house.add_schedule(made.id)
    await house.verify(made.id)
    for stage in STAGES[:-1]:
        await house.complete(made.id, stage)
    assert detail(await house.doctors.activate(house.admin, made.id)).onboarding_progress == 100
    types = [row["type"] for row in await house.events(made.id)]
    assert types[-2:] == ["doctor_onboarding_stage_completed", "doctor_activated"]


async def test_an_inactive_doctor_comes_back_unless_a_critical_failure_is_known(house: House) -> None:
    made = await house.active()
    reason = bodies.DeactivateBody(reason="On a sabbatical")
    gone = detail(await house.doctors.deactivate(house.admin, made.id, reason))
    assert (gone.status, gone.is_bookable) == ("inactive", False)
    again = detail(await house.doctors.deactivate(house.admin, made.id, reason))
    assert again.version == gone.version
    assert detail(await house.doctors.activate(house.admin, made.id)).status == "active"
    await house.doctors.deactivate(house.admin, made.id, bodies.DeactivateBody())
    await house.verify(made.id, "failed", critical=True)
    with pytest.raises(IllegalStatus, match="critical"):
        await house.doctors.activate(house.admin, made.id)


async def test_a_verification_needs_a_licence_and_success_is_never_critical(house: House) -> None:
    made = await house.create(bodies.DraftDoctor(name="Dr Imran Khan"))
    with pytest.raises(Conflict):
        await house.verify(made.id)
    whole = await house.create(WHOLE)
    with pytest.raises(InvalidValue) as refused:
        await house.verify(whole.id, critical=True)
    assert refused.value.field == "critical"


async def test_a_clinic_that_is_closed_is_no_location(house: House) -> None:
    other = await new_clinic(house.db, doctors=0, tenant=house.clinic.tenant)
    made = await house.create(WHOLE)
    await house.doctors.assign_clinic(house.admin, made.id, other.id)
    async with house.db.tenant(house.clinic.tenant) as tx:
        await tx.run("UPDATE clinic SET active = false WHERE clinic_id = $1", other.id)
    locations = next(s for s in (await house.onboarding(made.id)).stages if s.name == "locations")
    assert not locations.checks[0].ok
    with pytest.raises(Conflict):
        await house.doctors.assign_clinic(house.admin, (await house.create(WHOLE)).id, other.id)
