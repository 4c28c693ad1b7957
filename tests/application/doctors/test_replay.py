"""Every row that shows a doctor is what the events lead to, whatever was done to the doctor."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest

from queue_server.application.doctors import bodies
from queue_server.application.rebuild import replay
from queue_server.store.db import Database
from scheduling_core.doctors.onboarding import STAGES
from scheduling_core.errors import DomainError
from tests.application.doctors.house import LICENCE, House
from tests.conftest import RunningServices
from tests.factories import new_clinic

TABLES = (
    "doctor_profile",
    "doctor_specialty",
    "doctor_clinic",
    "doctor_department",
    "doctor_language",
    "doctor_mode",
    "doctor_word",
    "doctor",
)


@pytest.fixture
async def owner(services: RunningServices) -> AsyncIterator[Database]:
    """A pool as the owner of the schema."""
    db = Database(services.urls["DATABASE_OWNER_URL"], pool_size=2, application="tests-owner")
    await db.open()
    yield db
    await db.close()


async def changed_at_random(house: House, chance: random.Random, count: int) -> None:
    """Do what may be done to doctors, in any order; the second of the clinic's doctors stays unadopted."""
    other = await new_clinic(house.db, doctors=0, tenant=house.clinic.tenant)
    department = await house.add_department()
    known: list[UUID] = [house.clinic.doctors[0]]
    for _ in range(3):
        made = await house.create()
        known.append(made.id)
        await house.add_schedule(made.id, clinic_id=other.id)
    clinics = (house.clinic.id, other.id)

    def fee() -> int:
        return chance.randint(1, 9)

    async def onboard(doctor: UUID) -> None:
        for stage in STAGES:
            await house.complete(doctor, stage)

    acts: list[Callable[[UUID], Awaitable[object]]] = [
        lambda d: house.update(d, name=chance.choice(["Dr Zoë Ångström", "Dr Li"]), bio=chance.choice(["", "Words."])),
        lambda d: house.update(d, specialties=tuple(chance.sample(["a", "b", "c"], 2)), languages=("en", "de")),
        lambda d: house.update(d, licence=chance.choice([None, LICENCE]), modes=("tele",)),
        lambda d: house.update(d, qualifications=(bodies.QualificationBody(title=chance.choice(["MD", "PhD"])),)),
        lambda d: house.update(d, public_profile_visible=chance.random() < 0.5, ticket_prefix="Q"),
        lambda d: house.doctors.set_fees(
            house.admin, d, bodies.FeesBody(currency="EUR", consultation=chance.randint(1, 9))
        ),
        lambda d: house.doctors.assign_clinic(house.admin, d, chance.choice(clinics)),
        lambda d: house.doctors.unassign_clinic(house.admin, d, chance.choice(clinics)),
        lambda d: house.doctors.assign_department(house.admin, d, department),
        lambda d: house.doctors.unassign_department(house.admin, d, department),
        lambda d: house.verify(d, chance.choice(["verified", "failed"])),
        onboard,
        lambda d: house.doctors.deactivate(house.admin, d, bodies.DeactivateBody(reason="Away")),
        lambda d: house.doctors.activate(house.admin, d),
    ]
    for _ in range(count):
        try:
            await chance.choice(acts)(chance.choice(known))
        except DomainError:
            continue


async def test_the_rows_of_doctors_are_what_their_events_lead_to(house: House, owner: Database) -> None:
    await changed_at_random(house, random.Random(11), 80)
    report = await replay(owner, repair=False, only=house.clinic.tenant)
    ours = [d for d in report.differences if d.tenant == house.clinic.tenant and d.model in (*TABLES, "state")]
    assert ours == []
    assert report.aggregates["doctor"] >= 4


async def test_a_row_that_was_tampered_with_is_named_and_mended(house: House, owner: Database) -> None:
    made = await house.active()
    before = await house.rows("SELECT * FROM doctor_profile")
    async with house.db.tenant(house.clinic.tenant) as tx:
        await tx.run("UPDATE doctor_profile SET consultation_fee = 1 WHERE doctor_id = $1", made.id)
        await tx.run("DELETE FROM doctor_word WHERE doctor_id = $1 AND word = 'rao'", made.id)
    report = await replay(owner, repair=True, only=house.clinic.tenant)
    ours = {(d.model, d.detail) for d in report.differences if d.tenant == house.clinic.tenant}
    assert ("doctor_profile", "differs in consultation_fee") in ours
    assert ("doctor_word", "the row is missing") in ours
    assert await house.rows("SELECT * FROM doctor_profile") == before
