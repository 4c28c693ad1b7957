"""Who has slots generated and says how far ahead: everybody's for those who administer everything, else their own."""

import asyncio
from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest

from queue_server.application.actor import Actor
from queue_server.application.slots.bodies import GenerateBody, SlotPolicyBody
from queue_server.application.slots.demand import SlotGeneration
from queue_server.store.db import Database, Transaction
from scheduling_core.errors import Forbidden, NotFound, StaleVersion
from scheduling_core.ids import ClinicId
from scheduling_core.permissions import Role
from tests.factories import Clinic

MONTH = SlotPolicyBody(horizon_days=30)
WAITING = (
    "SELECT count(*) AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%slot_policy%'"
)


class Records:
    """Remembers nothing, and waits until it may go on."""

    def __init__(self) -> None:
        self.has_come = asyncio.Event()
        self.go_on = asyncio.Event()

    async def record(self, tx: Transaction, actor: Actor, type: str, data: Mapping[str, object]) -> None:
        """Say that the change is written, and keep it from being committed."""
        self.has_come.set()
        await self.go_on.wait()


@pytest.fixture
def records() -> Records:
    """What keeps record, and keeps nobody waiting unless told."""
    made = Records()
    made.go_on.set()
    return made


@pytest.fixture
def generation(database: Database, records: Records) -> SlotGeneration:
    """Generation on demand."""
    return SlotGeneration(database, records)


@pytest.fixture
async def other(database: Database, clinic: Clinic) -> ClinicId:
    """A second clinic of the tenant, where the second doctor has a schedule; the first has one at the first."""
    second = ClinicId(uuid4())
    async with database.tenant(clinic.tenant) as tx:
        await tx.run(
            "INSERT INTO clinic (tenant_id, clinic_id, slug, name, timezone) VALUES ($1, $2, 'hill', 'Hill', 'UTC')",
            tx.tenant,
            second,
        )
        await tx.run("UPDATE doctor SET clinic_id = $2 WHERE doctor_id = $1", clinic.doctors[1], second)
        for doctor, where in zip(clinic.doctors[:2], (clinic.id, second), strict=True):
            await tx.run(
                "INSERT INTO doctor_schedule (tenant_id, schedule_id, doctor_id, clinic_id, effective_from, ended,"
                " week, version, last_event_id) VALUES ($1, $2, $3, $4, current_date, false, '[]', 1, $2)",
                tx.tenant,
                uuid4(),
                doctor,
                where,
            )
    return second


async def jobs(database: Database, clinic: Clinic) -> set[UUID]:
    """Return the doctors whose slots are to be generated."""
    async with database.tenant(clinic.tenant) as tx:
        rows = await tx.rows("SELECT payload ->> 'doctorId' AS doctor FROM job WHERE kind = 'generate_slots'")
    return {UUID(row["doctor"]) for row in rows}


async def test_who_administers_one_clinic_has_the_slots_of_its_doctors_generated(
    generation: SlotGeneration, database: Database, clinic: Clinic, other: ClinicId
) -> None:
    limited = clinic.actor(Role.ADMIN, clinics=(other,))
    assert (await generation.generate(limited, GenerateBody())).doctors == 1
    assert await jobs(database, clinic) == {clinic.doctors[1]}
    for doctor in (clinic.doctors[0], uuid4()):
        with pytest.raises(NotFound) as refused:
            await generation.generate(limited, GenerateBody(doctor_ids=(doctor,)))
        assert refused.value.field == "doctorIds"
    assert (await generation.generate(limited, GenerateBody(doctor_ids=(clinic.doctors[1],)))).doctors == 1
    assert (await generation.generate(clinic.actor(Role.ADMIN), GenerateBody())).doctors == 2


async def test_who_administers_one_clinic_does_not_say_how_far_ahead_all_of_them_generate(
    generation: SlotGeneration, database: Database, clinic: Clinic
) -> None:
    limited = clinic.actor(Role.ADMIN, clinics=(clinic.id,))
    with pytest.raises(Forbidden):
        await generation.set_policy(limited, clinic.tenant, MONTH)
    shown, version = await generation.policy(limited, clinic.tenant)
    assert (shown.horizon_days, version) == (90, 0)
    assert await jobs(database, clinic) == set()


@pytest.mark.parametrize("seen", [0, None], ids=["on what they saw", "whatever there is"])
async def test_of_two_who_make_the_first_policy_at_once_one_wins_if_both_insist_on_what_they_saw(
    generation: SlotGeneration, records: Records, database: Database, clinic: Clinic, seen: int | None
) -> None:
    admin = clinic.actor(Role.ADMIN)
    records.go_on.clear()
    first = asyncio.create_task(generation.set_policy(admin, clinic.tenant, MONTH, if_match=seen))
    await records.has_come.wait()
    other = SlotPolicyBody(horizon_days=10)
    second = asyncio.create_task(generation.set_policy(admin, clinic.tenant, other, if_match=seen))
    async with database.anonymous() as connection:
        while not await connection.fetchval(WAITING):
            assert not second.done()
            await asyncio.sleep(0.01)
    records.go_on.set()
    assert (await first)[1] == 1
    if seen is None:
        assert (await second)[1] == 2
    else:
        with pytest.raises(StaleVersion):
            await second
    shown, _ = await generation.policy(admin, clinic.tenant)
    assert shown.horizon_days == (30 if seen == 0 else 10)


async def test_a_policy_that_nobody_has_made_has_no_later_version(generation: SlotGeneration, clinic: Clinic) -> None:
    admin = clinic.actor(Role.ADMIN)
    with pytest.raises(StaleVersion):
        await generation.set_policy(admin, clinic.tenant, MONTH, if_match=3)
    await generation.set_policy(admin, clinic.tenant, MONTH, if_match=0)
    with pytest.raises(StaleVersion):
        await generation.set_policy(admin, clinic.tenant, MONTH, if_match=0)
    assert (await generation.set_policy(admin, clinic.tenant, MONTH, if_match=1))[1] == 2
