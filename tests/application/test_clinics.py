"""Clinics, the policy of their queues, and the tenants they belong to."""

import asyncio
import json
from uuid import uuid4

import msgspec
import pytest

from queue_server.application.actor import system
from queue_server.application.admin_bodies import CapacityBody, ClinicChange, NewClinic
from queue_server.settings import Settings
from queue_server.store import tenants
from queue_server.store.db import Database
from scheduling_core.errors import Conflict, Forbidden, InvalidValue, NotFound, StaleVersion
from scheduling_core.ids import TenantId
from scheduling_core.live_queue.policy import LatePolicy, QueuePolicy
from scheduling_core.permissions import Role
from tests.access_graph import AccessGraph
from tests.conftest import RunningServices
from tests.factories import Clinic, new_clinic


def new(slug: str = "riverside", **given: object) -> NewClinic:
    """Return the body of a new clinic."""
    return NewClinic(**({"slug": slug, "name": "Riverside", "timezone": "Europe/Berlin"} | given))  # type: ignore[arg-type]


async def test_a_clinic_is_made_changed_and_removed(world: AccessGraph, clinic: Clinic) -> None:
    admin = clinic.actor(Role.ADMIN)
    made = await world.clinics.create(admin, new(capacity=CapacityBody(per_day=80, per_window=12), address="1 Quay"))
    assert (made.version, made.queue_policy, made.capacity.per_window) == (1, QueuePolicy(), 12)
    assert await world.clinics.get(admin, made.id) == made
    changed = await world.clinics.update(
        admin, made.id, ClinicChange(name="Quayside", capacity=CapacityBody(), timezone="Asia/Kolkata"), if_match=1
    )
    assert (changed.name, changed.timezone, changed.version) == ("Quayside", "Asia/Kolkata", 2)
    assert (changed.capacity.per_day, changed.address, changed.slug) == (None, "1 Quay", "riverside")
    assert await world.clinics.update(admin, made.id, ClinicChange(name="Quayside")) == changed
    with pytest.raises(StaleVersion):
        await world.clinics.update(admin, made.id, ClinicChange(active=False), if_match=1)
    with pytest.raises(StaleVersion):
        await world.clinics.delete(admin, made.id, if_match=1)
    await world.clinics.delete(admin, made.id, if_match=2)
    with pytest.raises(NotFound):
        await world.clinics.get(admin, made.id)
    types = [type for type, _ in await world.events(clinic.tenant)]
    assert types == ["clinic_created", "clinic_updated", "clinic_deleted"]
    assert "Quay" not in json.dumps(await world.events(clinic.tenant))
    assert world.forgotten == [clinic.tenant, clinic.tenant]


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("timezone", {"timezone": "Europe/Nowhere"}),
        ("timezone", {"timezone": "../../etc/passwd"}),
        ("timezone", {"timezone": "Europe"}),
        ("timezone", {"timezone": "europe/berlin"}),
        ("name", {"name": "a\nb"}),
        ("address", {"address": "a\0b"}),
        ("capacity.perWindow", {"capacity": CapacityBody(per_day=5, per_window=6)}),
    ],
)
async def test_what_makes_no_sense_is_refused_by_field(
    world: AccessGraph, clinic: Clinic, field: str, given: dict[str, object]
) -> None:
    with pytest.raises(InvalidValue) as refused:
        await world.clinics.create(clinic.actor(Role.ADMIN), new(**given))  # type: ignore[arg-type]
    assert refused.value.field == field


@pytest.mark.parametrize(
    "body",
    [
        {"slug": "Upper"},
        {"slug": "-a"},
        {"slug": "a" * 65},
        {"slug": "a/b"},
        {"name": ""},
        {"capacity": {"perDay": 0}},
        {"capacity": {"perDay": "5"}},
        {"capacity": {"perWeek": 5}},
        {"unknown": 1},
        {"version": 7},
    ],
)
def test_a_body_of_the_wrong_shape_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(body), type=ClinicChange)


async def test_a_slug_is_taken_once_in_a_tenant(world: AccessGraph, clinic: Clinic, database: Database) -> None:
    admin = clinic.actor(Role.ADMIN)
    results = await asyncio.gather(*(world.clinics.create(admin, new()) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(r, Conflict) and r.field == "slug" for r in results) == 4
    await world.clinics.create((await new_clinic(database)).actor(Role.ADMIN), new())


async def test_a_clinic_in_use_is_not_removed(world: AccessGraph, clinic: Clinic) -> None:
    admin = clinic.actor(Role.ADMIN)
    with pytest.raises(Conflict):
        await world.clinics.delete(admin, clinic.id)
    made = await world.clinics.create(admin, new())
    await world.account(clinic.tenant, clinic_ids=(made.id,))
    with pytest.raises(Conflict):
        await world.clinics.delete(admin, made.id)
    assert (await world.clinics.update(admin, clinic.id, ClinicChange(active=False))).active is False


async def test_the_time_zone_stays_while_appointments_are_ahead(world: AccessGraph, clinic: Clinic) -> None:
    admin = clinic.actor(Role.ADMIN)
    patient = uuid4()
    await world.change(
        clinic.tenant,
        "INSERT INTO patient (tenant_id, patient_id, name, name_folded) VALUES ($1, $2, 'X', 'x')",
        clinic.tenant,
        patient,
    )
    await world.change(
        clinic.tenant,
        "INSERT INTO appointment (tenant_id, appointment_id, clinic_id, doctor_id, patient_id, date, start,"
        " duration_minutes, visit_type, booked_at, source)"
        " VALUES ($1, gen_random_uuid(), $2, $3, $4, current_date, now(), 15, 'consultation', now(), 'booking')",
        clinic.tenant,
        clinic.id,
        clinic.doctors[0],
        patient,
    )
    with pytest.raises(Conflict):
        await world.clinics.update(admin, clinic.id, ClinicChange(timezone="Asia/Tokyo"))
    await world.clinics.update(admin, clinic.id, ClinicChange(name="Renamed", timezone="UTC"))


async def test_scope_and_tenant_hide_clinics(world: AccessGraph, clinic: Clinic, database: Database) -> None:
    sibling, stranger = await new_clinic(database, tenant=clinic.tenant), await new_clinic(database)
    everyone = await world.clinics.list(clinic.actor(Role.ADMIN))
    assert {c.id for c in everyone.items} == {clinic.id, sibling.id}
    scoped = clinic.actor(Role.ADMIN, clinics=(clinic.id,))
    assert [c.id for c in (await world.clinics.list(scoped)).items] == [clinic.id]
    with pytest.raises(Forbidden):
        await world.clinics.create(scoped, new())
    for actor, hidden in ((scoped, sibling.id), (clinic.actor(Role.ADMIN), stranger.id), (scoped, uuid4())):
        with pytest.raises(NotFound):
            await world.clinics.get(actor, hidden)
        with pytest.raises(NotFound):
            await world.clinics.update(actor, hidden, ClinicChange(name="Mine"))
        with pytest.raises(NotFound):
            await world.clinics.delete(actor, hidden)
        with pytest.raises(NotFound):
            await world.clinics.policy(actor, hidden)
        with pytest.raises(NotFound):
            await world.clinics.set_policy(actor, hidden, QueuePolicy())


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.DOCTOR, Role.DEPARTMENT_HEAD, Role.DISPLAY, Role.PATIENT])
async def test_only_admins_write_clinics(world: AccessGraph, clinic: Clinic, role: Role) -> None:
    who = clinic.actor(role)
    with pytest.raises(Forbidden):
        await world.clinics.create(who, new())
    with pytest.raises(Forbidden):
        await world.clinics.update(who, clinic.id, ClinicChange(name="Mine"))
    with pytest.raises(Forbidden):
        await world.clinics.delete(who, clinic.id)
    with pytest.raises(Forbidden):
        await world.clinics.policy(who, clinic.id)
    with pytest.raises(Forbidden):
        await world.clinics.set_policy(who, clinic.id, QueuePolicy())


async def test_pages_show_every_clinic_once(world: AccessGraph, clinic: Clinic) -> None:
    admin = clinic.actor(Role.ADMIN)
    for number in range(4):
        await world.clinics.create(admin, new(f"c{number}"))
    first = await world.clinics.list(admin, limit=3)
    rest = await world.clinics.list(admin, limit=3, cursor=first.next_cursor)
    assert len({c.id for c in (*first.items, *rest.items)}) == 5
    assert rest.next_cursor is None


async def test_a_clinic_older_than_its_events_is_adopted_once(world: AccessGraph, clinic: Clinic) -> None:
    admin = clinic.actor(Role.ADMIN)
    await asyncio.gather(*(world.clinics.update(admin, clinic.id, ClinicChange(name=f"N{n}")) for n in range(4)))
    types = [type for type, _ in await world.events(clinic.tenant)]
    assert types == ["clinic_created", *["clinic_updated"] * 4]
    assert (await world.clinics.get(admin, clinic.id)).version == 5


# ---- queue policy -----------------------------------------------------------------------------------------------


async def test_a_new_policy_is_kept_and_queues_are_told(world: AccessGraph, clinic: Clinic) -> None:
    admin = clinic.actor(Role.ADMIN)
    assert await world.clinics.policy(admin, clinic.id) == (QueuePolicy(), 1)
    wanted = QueuePolicy(grace_minutes=5, late_policy=LatePolicy.BEHIND_TWO, window_minutes=30)
    assert await world.clinics.set_policy(admin, clinic.id, wanted, if_match=1) == (wanted, 2)
    assert await world.clinics.policy(admin, clinic.id) == (wanted, 2)
    assert world.adopted == [(clinic.tenant, clinic.id, wanted)]
    with pytest.raises(StaleVersion):
        await world.clinics.set_policy(admin, clinic.id, QueuePolicy(), if_match=1)
    assert await world.clinics.set_policy(admin, clinic.id, wanted) == (wanted, 2), "again: nothing new"
    assert len(world.adopted) == 2, "but queues that missed it are told again"
    (adopted, (type, data)) = await world.events(clinic.tenant)
    assert (adopted[0], adopted[1]["adopted"], type) == ("clinic_created", True, "queue_policy_changed")
    assert data["policy"]["graceMinutes"] == 5


async def test_durations_that_contradict_each_other_are_refused(world: AccessGraph, clinic: Clinic) -> None:
    with pytest.raises(InvalidValue) as refused:
        await world.clinics.set_policy(
            clinic.actor(Role.ADMIN), clinic.id, QueuePolicy(late_after=30, release_after=29)
        )
    assert refused.value.field == "releaseAfter"
    assert world.adopted == []


# ---- tenants ------------------------------------------------------------------------------------------------------


async def test_a_tenant_is_made_once_by_an_operator(world: AccessGraph, services: RunningServices) -> None:
    operator = system(TenantId(uuid4()))
    made = await world.clinics.create_tenant(operator, " Riverside Group ")
    assert made == tenants.Tenant(id=operator.tenant, name="Riverside Group")
    with pytest.raises(Conflict):
        await world.clinics.create_tenant(operator, "Again")
    await world.account(operator.tenant, Role.ADMIN)
    owner = Database(services.urls["DATABASE_OWNER_URL"], pool_size=1)
    await owner.open()
    assert made in await tenants.all_tenants(owner)
    await owner.close()
    assert await tenants.all_tenants(world.db) == []


async def test_an_admin_makes_no_tenants(world: AccessGraph, clinic: Clinic) -> None:
    with pytest.raises(Forbidden):
        await world.clinics.create_tenant(clinic.actor(Role.ADMIN), "Mine")
    with pytest.raises(NotFound):
        await world.account(TenantId(uuid4()), Role.ADMIN)


async def test_how_early_a_new_clinics_patients_may_come_is_a_setting(
    settings: Settings, database: Database, clinic: Clinic
) -> None:
    house = AccessGraph(msgspec.structs.replace(settings, max_early_arrival_minutes=45), database)
    admin = clinic.actor(Role.ADMIN)
    made = await house.clinics.create(admin, new())
    assert made.queue_policy == QueuePolicy(early_max=45)
    policy, _ = await house.clinics.policy(admin, made.id)
    assert policy.early_max == 45
