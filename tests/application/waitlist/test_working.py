"""Working the list: its order, what staff and patients change, and what a policy does to it."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from queue_server.application.waitlist.bodies import OverrideBody, Wanted, WindowBody
from queue_server.application.waitlist.reading import WaitlistFilter
from scheduling_core.errors import Conflict, Forbidden, InvalidValue, NotFound, StaleVersion
from scheduling_core.ids import ClinicId
from scheduling_core.permissions import Role
from scheduling_core.waitlist.events import Urgency
from scheduling_core.waitlist.policy import PriorityWeights, WaitlistPolicy
from scheduling_core.waitlist.score import ReasonCode
from scheduling_core.waitlist.state import WaitlistStatus
from tests.application.waitlist.people import Waitlist
from tests.factories import new_clinic

DAY = timedelta(days=1)


async def test_the_list_stands_in_the_order_of_its_scores(waitlist: Waitlist) -> None:
    plain = await waitlist.join()
    chronic = await waitlist.join(await waitlist.somebody(conditions=["diabetes"]))
    urgent = await waitlist.join(urgency=Urgency.URGENT)
    overdue = await waitlist.join()
    await waitlist.waited(plain, 2.5)
    await waitlist.waited(overdue, 43)
    assert await waitlist.line() == [UUID(one["id"]) for one in (overdue, urgent, chronic, plain)]


async def test_postgres_orders_the_list_as_the_rules_do(waitlist: Waitlist) -> None:
    chance = random.Random(11)
    for _ in range(40):
        patient = await waitlist.somebody(
            tier=chance.choice(["standard", "silver", "gold"]), conditions=chance.choice([[], ["asthma"]])
        )
        entry = await waitlist.join(patient, urgency=chance.choice(list(Urgency)))
        await waitlist.waited(entry, chance.choice([0, 1, 3, 5, 10, 21.5, 41.9, 42.1, 60]))
    policy = WaitlistPolicy(priority_weights=PriorityWeights(wait_time=1.3, membership_level=0.9))
    await waitlist.policies.set(waitlist.admin, waitlist.clinic.tenant, waitlist.clinic.id, policy)
    shown = (await waitlist.reading.page(waitlist.desk, WaitlistFilter(), limit=200)).items
    assert [one.position for one in shown] == list(range(1, 41))
    # The views' scores are made by the rules, their order by Postgres.
    late = [one for one in shown if one.is_overdue]
    rest = [one for one in shown if not one.is_overdue]
    assert shown == [*late, *rest]
    assert [one.created_at for one in late] == sorted(one.created_at for one in late)
    scores = [one.priority_score for one in rest]
    assert scores == pytest.approx(sorted(scores, reverse=True), abs=0.01)


async def test_a_score_says_what_it_is_made_of(waitlist: Waitlist) -> None:
    made = await waitlist.join(await waitlist.somebody(conditions=["diabetes"], tier="gold"))
    await waitlist.waited(made, 4)
    (one,) = (await waitlist.reading.page(waitlist.desk, WaitlistFilter())).items
    points = {reason.code: reason.points for reason in one.score_reasons}
    assert points == pytest.approx(
        {ReasonCode.WAITED: 4, ReasonCode.CHRONIC_CONDITION: 3, ReasonCode.MEMBERSHIP: 0.5}, abs=0.01
    )
    assert one.priority_score == pytest.approx(7.5, abs=0.01)


async def test_staff_give_a_place_with_a_reason_and_take_it_back(waitlist: Waitlist) -> None:
    first, second = await waitlist.join(), await waitlist.join()
    await waitlist.change(second, override=OverrideBody(position=1, reason="Lives far away"))
    assert await waitlist.line() == [UUID(second["id"]), UUID(first["id"])]
    (top, _) = (await waitlist.reading.page(waitlist.desk, WaitlistFilter())).items
    assert top.override_reason == "Lives far away"
    await waitlist.change(second, override=None)
    assert await waitlist.line() == [UUID(first["id"]), UUID(second["id"])]


async def test_a_patient_changes_what_is_theirs_and_not_when_they_come(waitlist: Waitlist) -> None:
    me = await waitlist.account_of(await waitlist.somebody())
    mine, another = await waitlist.join(by=me), await waitlist.join()
    changed = await waitlist.change(mine, by=me, notes="Any day", short_notice=True)
    assert (changed["notes"], changed["shortNotice"]) == ("Any day", True)
    for patch in ({"urgency": Urgency.URGENT}, {"override": OverrideBody(position=1, reason="Me first")}):
        with pytest.raises(Forbidden):
            await waitlist.change(mine, by=me, **patch)
    with pytest.raises(NotFound):
        await waitlist.change(another, by=me, status=Wanted.CANCELLED)


async def test_nothing_changes_when_one_part_is_refused(waitlist: Waitlist) -> None:
    made = await waitlist.join()
    past = datetime.now(UTC) - DAY
    with pytest.raises(InvalidValue):
        await waitlist.change(made, notes="Changed", requested_window=WindowBody(end=past))
    with pytest.raises(InvalidValue):
        await waitlist.change(made, notes="Changed", status=Wanted.DEFERRED)
    with pytest.raises(StaleVersion):
        await waitlist.change(made, notes="Changed", seen=7)
    found = await waitlist.reading.get(waitlist.desk, UUID(made["id"]))
    assert (found.notes, found.version) == ("", 1)


async def test_who_is_deferred_keeps_their_place_and_comes_back(waitlist: Waitlist) -> None:
    made = await waitlist.join()
    until = datetime.now(UTC) + 5 * DAY
    assert (await waitlist.change(made, status=Wanted.DEFERRED, until=until))["status"] == "deferred"
    assert await waitlist.line() == [UUID(made["id"])]
    assert (await waitlist.change(made, status=Wanted.ACTIVE))["status"] == "active"


async def test_who_has_left_is_found_by_how_and_nothing_more_is_done_with_them(waitlist: Waitlist) -> None:
    made = await waitlist.join()
    await waitlist.change(made, status=Wanted.CANCELLED, reason="Feels better")
    assert await waitlist.line() == []
    gone = await waitlist.reading.page(waitlist.desk, WaitlistFilter(statuses=(WaitlistStatus.CANCELLED,)))
    assert [str(one.id) for one in gone.items] == [made["id"]]
    for patch in ({"status": Wanted.CANCELLED}, {"status": Wanted.ACTIVE}, {"notes": "Back?"}):
        with pytest.raises(Conflict):
            await waitlist.change(made, **patch)
    assert await waitlist.counted() == 0


async def test_pages_follow_each_other_also_when_somebody_leaves_between_them(waitlist: Waitlist) -> None:
    everybody = [await waitlist.join() for _ in range(5)]
    first = await waitlist.reading.page(waitlist.desk, WaitlistFilter(), limit=2)
    await waitlist.change(everybody[1], status=Wanted.CANCELLED)
    second = await waitlist.reading.page(waitlist.desk, WaitlistFilter(), limit=200, cursor=first.next_cursor)
    seen = {str(one.id) for one in (*first.items, *second.items)}
    assert seen >= {one["id"] for one in everybody} - {everybody[2]["id"]}
    assert len(first.items) + len(second.items) == len(seen)


async def test_doctors_see_who_waits_for_them_or_for_anybody_where_they_work(waitlist: Waitlist) -> None:
    mine, others = await waitlist.join(), await waitlist.join(doctor_id=waitlist.clinic.doctors[1])
    anybodys = await waitlist.join(doctor_id=None)
    doctor = waitlist.clinic.actor(Role.DOCTOR, doctor=waitlist.clinic.doctors[0])
    seen = {str(one.id) for one in (await waitlist.reading.page(doctor, WaitlistFilter())).items}
    assert seen == {mine["id"], anybodys["id"]}
    with pytest.raises(Forbidden):
        await waitlist.reading.get(doctor, UUID(others["id"]))
    with pytest.raises(Forbidden):
        await waitlist.reading.page(doctor, WaitlistFilter(doctor=waitlist.clinic.doctors[1]))


async def test_an_account_of_another_clinic_reaches_nothing_here(waitlist: Waitlist) -> None:
    made = await waitlist.join()
    there = await new_clinic(waitlist.db, tenant=waitlist.clinic.tenant)
    desk = waitlist.clinic.actor(Role.RECEPTIONIST, clinics=(there.id,))
    assert (await waitlist.reading.page(desk, WaitlistFilter())).items == []
    with pytest.raises(NotFound):
        await waitlist.reading.get(desk, UUID(made["id"]))
    with pytest.raises(NotFound):
        await waitlist.change(made, by=desk, status=Wanted.CANCELLED)
    with pytest.raises(NotFound):
        await waitlist.reading.page(desk, WaitlistFilter(clinic=waitlist.clinic.id))


async def test_who_knows_a_patient_sees_nothing_of_what_they_wait_for_elsewhere(waitlist: Waitlist) -> None:
    patient = await waitlist.somebody()
    here = await waitlist.join(patient, notes="For the desk here.")
    colleagues = await waitlist.join(patient, doctor_id=waitlist.clinic.doctors[1])
    there = await new_clinic(waitlist.db, tenant=waitlist.clinic.tenant)
    async with waitlist.db.tenant(waitlist.clinic.tenant) as tx:
        await tx.run("UPDATE patient SET clinic_id = $2 WHERE patient_id = $1", patient, there.id)
    desk = waitlist.clinic.actor(Role.RECEPTIONIST, clinics=(there.id,))
    assert await waitlist.reading.of_patient(desk, patient) == []
    everything = {str(one.id) for one in await waitlist.reading.of_patient(waitlist.desk, patient)}
    assert everything == {here["id"], colleagues["id"]}


async def test_a_policy_counts_for_its_clinic_and_the_tenants_for_all_others(waitlist: Waitlist) -> None:
    tenant = waitlist.clinic.tenant
    assert await waitlist.policies.get(waitlist.desk, tenant, waitlist.clinic.id) == (WaitlistPolicy(), 0)
    await waitlist.policies.set(waitlist.admin, tenant, None, WaitlistPolicy(max_queue_size=7))
    found, version = await waitlist.policies.get(waitlist.desk, tenant, waitlist.clinic.id)
    assert (found.max_queue_size, version) == (7, 0)
    await waitlist.runs_by(max_queue_size=3)
    found, version = await waitlist.policies.get(waitlist.desk, tenant, waitlist.clinic.id)
    assert (found.max_queue_size, version) == (3, 1)
    with pytest.raises(StaleVersion):
        await waitlist.policies.set(waitlist.admin, tenant, waitlist.clinic.id, found, if_match=0)


async def test_who_is_limited_to_clinics_decides_for_those_alone(waitlist: Waitlist) -> None:
    admin = waitlist.clinic.actor(Role.ADMIN, clinics=(waitlist.clinic.id,))
    with pytest.raises(Forbidden):
        await waitlist.policies.set(admin, waitlist.clinic.tenant, None, WaitlistPolicy())
    there = await new_clinic(waitlist.db, tenant=waitlist.clinic.tenant)
    with pytest.raises(NotFound):
        await waitlist.policies.set(admin, waitlist.clinic.tenant, there.id, WaitlistPolicy())
    with pytest.raises(Forbidden):
        await waitlist.policies.set(waitlist.desk, waitlist.clinic.tenant, waitlist.clinic.id, WaitlistPolicy())


async def test_a_preview_says_who_would_stand_where_and_changes_nothing(waitlist: Waitlist) -> None:
    long = await waitlist.join()
    chronic = await waitlist.join(await waitlist.somebody("Imran Khan", conditions=["asthma"]))
    await waitlist.waited(long, 2)
    weights = PriorityWeights(chronic_condition=0.6)
    shown = await waitlist.policies.preview(
        waitlist.admin, waitlist.clinic.tenant, waitlist.clinic.id, WaitlistPolicy(priority_weights=weights)
    )
    assert [(str(one.id), one.now, one.then) for one in shown] == [(long["id"], 2, 1), (chronic["id"], 1, 2)]
    assert await waitlist.line(clinic=ClinicId(waitlist.clinic.id)) == [UUID(chronic["id"]), UUID(long["id"])]
