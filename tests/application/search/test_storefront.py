"""What a tenant shows to everybody: its clinics and what its doctors can be searched by, and nothing of others."""

from uuid import uuid4

import asyncpg
import pytest

from loadtests.slots.rows import make_rows
from queue_server.application.search.storefront import Storefronts
from queue_server.store.db import Database
from scheduling_core.errors import NotFound
from scheduling_core.ids import TenantId
from tests.application.search.conftest import NewServer
from tests.conftest import RunningServices


@pytest.fixture
async def tenant(services: RunningServices) -> TenantId:
    """A tenant with doctors, most of whom search shows."""
    owner, made = await asyncpg.connect(services.urls["DATABASE_OWNER_URL"]), TenantId(uuid4())
    await make_rows([owner], made, 12, 1, working=0, in_bulk=False)
    await owner.close()
    return made


async def test_open_clinics_and_what_shown_doctors_have_can_be_chosen(
    new_server: NewServer, tenant: TenantId, database: Database
) -> None:
    async with database.tenant(tenant) as tx:
        await tx.run("UPDATE clinic SET active = false WHERE clinic_id = (SELECT clinic_id FROM clinic LIMIT 1)")
        await tx.run(
            "UPDATE doctor_bookability SET can_show_in_search = false"
            " WHERE doctor_id IN (SELECT doctor_id FROM doctor_specialty WHERE specialty ="
            " (SELECT min(specialty) FROM doctor_specialty))"
        )
        clinics = await tx.rows("SELECT clinic_id FROM clinic WHERE active ORDER BY name, clinic_id")
        shown = await tx.rows(
            "SELECT DISTINCT s.specialty FROM doctor_specialty s JOIN doctor_bookability b USING (doctor_id)"
            " WHERE b.can_show_in_search"
        )
        spoken = await tx.rows(
            "SELECT DISTINCT l.language FROM doctor_language l JOIN doctor_bookability b USING (doctor_id)"
            " WHERE b.can_show_in_search ORDER BY l.language"
        )
    front = await Storefronts((await new_server()).pages).of(tenant)
    assert [clinic.id for clinic in front.clinics] == [row["clinic_id"] for row in clinics]
    assert sorted(one.code for one in front.specialties) == sorted(row["specialty"] for row in shown)
    assert all(one.label for one in front.specialties)
    assert list(front.languages) == [row["language"] for row in spoken]


async def test_a_tenant_that_does_not_exist_shows_nothing(new_server: NewServer) -> None:
    with pytest.raises(NotFound):
        await Storefronts((await new_server()).pages).of(TenantId(uuid4()))
