"""`queue-server adopt-doctors` on a real installation."""

import pytest

from queue_server.operations.adopt_doctors import adopt_doctors
from queue_server.operations.tenants import tenants_meant
from queue_server.settings import Settings
from queue_server.store.db import Database
from tests.factories import Clinic


async def test_doctors_of_a_tenant_get_their_history_once(
    settings: Settings, database: Database, clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    first = await adopt_doctors(settings, clinic.tenant, quiet=False)
    assert (first.tenants, first.doctors) == (1, 2)
    again = await adopt_doctors(settings, clinic.tenant, quiet=True)
    assert again.doctors == 0
    async with database.tenant(clinic.tenant) as tx:
        kept = await tx.rows("SELECT doctor_id FROM doctor_profile")
    assert {row["doctor_id"] for row in kept} == set(clinic.doctors)
    assert "Adopting" not in capsys.readouterr().out


async def test_without_a_tenant_all_are_meant(settings: Settings, clinic: Clinic) -> None:
    assert clinic.tenant in await tenants_meant(settings, None)
    assert await tenants_meant(settings, clinic.tenant) == [clinic.tenant]
