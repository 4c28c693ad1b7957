"""Bookability as it is kept: what changes it, who hears of it, and what time alone changes."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from msgspec import UNSET

from queue_server.application.admin_bodies import ClinicChange
from queue_server.application.clinics import ClinicService
from queue_server.application.doctors import bodies
from queue_server.application.doctors.bookability import KIND, RECHECK_EVERY, recheck, refresh
from queue_server.application.doctors.model import DOCTOR
from queue_server.application.doctors.reading import public_page
from queue_server.application.unit import Recorder, Unit
from queue_server.store import job_store
from queue_server.store.doctors import Filters
from queue_server.store.notifications import Notifications
from scheduling_core.doctors.events import SpecialtyRemoved
from scheduling_core.errors import NotFound
from scheduling_core.ids import DoctorId, TenantId
from tests.application.doctors.house import WHOLE, House
from tests.conftest import RunningServices
from tests.graph import Graph

HOUR = timedelta(hours=1)


async def test_a_change_of_the_profile_is_judged_with_it(house: House) -> None:
    made = await house.active()
    assert (made.score, made.is_bookable) == (100, True)
    changed = await house.update(made.id, specialties=())
    assert (changed.score, changed.is_bookable) == (90, False)
    kept = await house.kept(made.id)
    assert (kept["score"], kept["failing"], kept["can_show_in_search"]) == (90, ["specialty_assigned"], True)
    hidden = await house.update(made.id, public_profile_visible=False)
    assert (hidden.score, (await house.kept(made.id))["can_show_in_search"]) == (90, False)


@pytest.mark.parametrize("state", ["blocked", "withdrawn"])
async def test_a_change_of_slots_is_judged_when_they_say_so(house: House, state: str) -> None:
    made = await house.active()
    async with house.db.tenant(house.clinic.tenant) as tx:
        await tx.run(f"UPDATE slot SET {state} = true WHERE doctor_id = $1", made.id)
        found = await refresh(tx, DoctorId(made.id))
    assert found is not None
    assert found.failing == ("slots_ahead",)
    assert (await house.kept(made.id))["score"] == 85


async def test_what_a_unit_writes_is_judged_after_it_is_written(house: House, graph: Graph) -> None:
    made = await house.active()

    async def work(unit: Unit) -> tuple[object, int | None]:
        locked = await unit.lock_aggregate(DOCTOR, made.id)
        unit.after_writing(partial(refresh, unit.tx, DoctorId(made.id)))  # type: ignore[arg-type]
        locked.add(SpecialtyRemoved(specialty="cardiology"))
        return None, None

    await graph.writes.run(house.admin, "test", work)
    assert (await house.kept(made.id))["failing"] == ["specialty_assigned"]


async def test_a_full_slot_counts_one_beyond_ninety_days_does_not(house: House) -> None:
    made = await house.create()
    now = datetime.now(UTC)
    await house.add_slot(made.id, start=now + timedelta(days=91))
    await house.add_slot(made.id, start=now - HOUR)
    assert "slots_ahead" in await failing(house, made.id)
    await house.add_slot(made.id, start=now + timedelta(days=89), taken=1, in_person_taken=1)
    assert "slots_ahead" not in await failing(house, made.id)


async def test_a_schedule_counts_while_it_is_in_effect_and_has_a_sitting(house: House) -> None:
    made, today = await house.create(), datetime.now(UTC).date()
    await house.add_schedule(made.id, effective_until=today - timedelta(days=1))
    await house.add_schedule(made.id, effective_from=today + timedelta(days=120))
    await house.add_schedule(made.id, week=[[] for _ in range(7)])
    assert "base_schedule" in await failing(house, made.id)
    await house.add_schedule(made.id, effective_from=today + timedelta(days=30))
    assert "base_schedule" not in await failing(house, made.id)


async def test_a_forced_block_counts_while_it_is_in_effect_at_every_clinic(house: House) -> None:
    made, now = await house.create(), datetime.now(UTC)
    await house.add_block(made.id, now + HOUR, now + 2 * HOUR)
    await house.add_block(made.id, now - HOUR, now + HOUR, clinic=UUID(int=1))
    assert "no_forced_block" not in await failing(house, made.id)
    await house.add_block(made.id, now - HOUR, now + HOUR, clinic=house.clinic.id)
    assert "no_forced_block" in await failing(house, made.id)


async def test_a_licence_counts_until_its_last_day(house: House) -> None:
    made, today = await house.create(), datetime.now(UTC).date()
    licence = bodies.LicenceBody(number="1", authority="GMC", valid_until=today)
    await house.update(made.id, licence=licence)
    await house.verify(made.id)
    assert "licence_verified" not in await failing(house, made.id)
    midnight = datetime.combine(today + timedelta(days=1), datetime.min.time(), UTC)
    assert (await house.kept(made.id))["recheck_at"] <= midnight
    await house.update(
        made.id, licence=bodies.LicenceBody(number="1", authority="GMC", valid_until=today - timedelta(days=1))
    )
    assert "licence_verified" in await failing(house, made.id)


@pytest.mark.parametrize("what", ["slot", "block that begins", "block that ends"])
async def test_it_is_looked_at_again_when_time_alone_changes_it(house: House, what: str) -> None:
    made = await house.active()
    then = datetime.now(UTC) + timedelta(minutes=10)
    async with house.db.tenant(house.clinic.tenant) as tx:
        await tx.run("DELETE FROM slot WHERE doctor_id = $1", made.id)
    if what == "slot":
        await house.add_slot(made.id, start=then)
    elif what == "block that begins":
        await house.add_block(made.id, then, then + HOUR)
    else:
        await house.add_block(made.id, then - HOUR, then)
    await house.refresh(made.id)
    assert abs((await house.kept(made.id))["recheck_at"] - then) < timedelta(seconds=1)


async def test_nothing_goes_unlooked_at_for_more_than_a_day(house: House) -> None:
    made = await house.create()
    assert (await house.kept(made.id))["recheck_at"] <= datetime.now(UTC) + timedelta(days=1)


async def test_the_job_judges_who_is_due_and_comes_back_in_a_minute(house: House) -> None:
    made, other = await house.active(), await house.active()
    async with house.db.tenant(house.clinic.tenant) as tx:
        await tx.run("DELETE FROM slot")
        await tx.run("UPDATE doctor_bookability SET recheck_at = now() - interval '1 s' WHERE doctor_id = $1", made.id)
        await job_store.enqueue(tx, KIND, "", {}, datetime.now(UTC))
        row = await tx.row("UPDATE job SET attempts = 1 WHERE kind = $1 RETURNING *", KIND)
        assert row is not None
    job = job_store.Job(tenant=house.clinic.tenant, kind=KIND, key="", payload={}, due_at=row["due_at"], attempts=1)
    await recheck(house.db, job)
    assert (await house.kept(made.id))["failing"] == ["slots_ahead"]
    assert (await house.kept(other.id))["failing"] == []
    (after,) = await house.rows("SELECT due_at, attempts FROM job WHERE kind = $1", KIND)
    assert after["due_at"] - datetime.now(UTC) > RECHECK_EVERY - timedelta(seconds=20)
    # Whoever holds the job no more does nothing.
    async with house.db.tenant(house.clinic.tenant) as tx:
        await tx.run("UPDATE doctor_bookability SET recheck_at = now() - interval '1 s'")
    await recheck(house.db, job)
    assert (await house.kept(other.id))["failing"] == []


async def test_of_two_changes_at_once_the_later_judge_sees_both(house: House) -> None:
    """Proof that they wait for each other: without, each would judge by facts from before the other."""
    made = await house.active()
    async with house.db.tenant(house.clinic.tenant) as slots:
        await slots.run("DELETE FROM slot WHERE doctor_id = $1", made.id)
        await refresh(slots, DoctorId(made.id))
        profile = asyncio.create_task(house.update(made.id, specialties=()))
        await waits_for_advisory_lock(house)
        assert not profile.done()
    await profile
    assert (await house.kept(made.id))["failing"] == ["specialty_assigned", "slots_ahead"]


class Heard:
    """Remembers what was notified."""

    def __init__(self) -> None:
        self.changes: list[tuple[str, UUID]] = []
        self.listening = asyncio.Event()
        self.something = asyncio.Event()

    def on_directory_changed(self, tenant: TenantId, kind: str, subject: UUID) -> None:
        self.changes.append((kind, subject))
        self.something.set()

    def on_gap(self) -> None:
        self.listening.set()


async def test_servers_hear_of_a_judgement_that_differs_and_only_then(house: House, services: RunningServices) -> None:
    made = await house.active()
    heard = Heard()
    notifications = Notifications(services.urls["DATABASE_URL"], application="tests-listen")
    notifications.add_directory(heard)
    await notifications.start()
    try:
        async with asyncio.timeout(60):
            await heard.listening.wait()
            await house.refresh(made.id)  # the same as before
            await house.update(made.id, bio="Other words.")
            await house.update(made.id, specialties=())
            while heard.changes.count(("doctor", made.id)) < 2:
                heard.something.clear()
                await heard.something.wait()
    finally:
        await notifications.stop()
    # Both of the last commit come in the order in which they were said.
    assert [kind for kind, subject in heard.changes if subject == made.id] == ["doctor", KIND, "doctor"]


async def test_the_public_is_shown_who_search_may_show(house: House) -> None:
    made = await house.active()
    draft = await house.create()
    tenant = house.clinic.tenant
    async with house.db.tenant(tenant) as tx:
        page = await public_page(tx, Filters(), limit=50, cursor=None)
    assert [(item.id, item.licence) for item in page.items] == [(made.id, UNSET)]
    shown = await house.reading.get_public(made.id)
    assert shown.name == "Dr Asha Rao"
    assert shown.licence is UNSET
    for doctor in (draft.id, house.clinic.doctors[0]):
        with pytest.raises(NotFound):
            await house.reading.get_public(doctor, tenant)


async def failing(house: House, doctor: UUID) -> set[str]:
    """Return the names of what does not hold."""
    return {check.name for check in (await house.bookability(doctor)).checks if not check.ok}


async def waits_for_advisory_lock(house: House) -> None:
    """Return once some transaction waits for another's hold on a doctor."""
    async with asyncio.timeout(60):
        while not await house.rows("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
            await asyncio.sleep(0.01)


async def test_a_clinic_that_closes_has_its_doctors_looked_at_again(house: House, graph: Graph) -> None:
    made, elsewhere = await house.active(), await house.create(WHOLE)

    async def nothing(*_: object) -> None:
        return None

    clinics = ClinicService(
        db=house.db,
        writes=graph.writes,
        recorder=Recorder(),
        adopt_policy=nothing,
        forget=graph.directory.forget,
        early_max=30,
    )
    await clinics.update(house.admin, house.clinic.id, ClinicChange(address="2 River Street"))
    later = datetime.now(UTC) + HOUR
    assert (await house.kept(made.id))["recheck_at"] > later
    await clinics.update(house.admin, house.clinic.id, ClinicChange(active=False))
    assert (await house.kept(made.id))["recheck_at"] <= datetime.now(UTC)
    assert (await house.kept(elsewhere.id))["recheck_at"] > later
    await house.refresh(made.id)
    # Slots of a clinic that is closed are none that anybody could book.
    assert (await house.kept(made.id))["failing"] == ["clinic_assigned", "slots_ahead"]
