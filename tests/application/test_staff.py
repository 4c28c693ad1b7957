"""Staff accounts: who may make, see and change whom, and that an organisation always keeps an admin."""

import asyncio
import json
from uuid import uuid4

import pytest

from queue_server.application.actor import Actor, system
from queue_server.application.admin_bodies import NewStaff, StaffChange
from queue_server.store.db import Database
from scheduling_core.errors import Conflict, Forbidden, InvalidValue, NotFound, StaleVersion, Unauthenticated
from scheduling_core.permissions import Role
from tests.access_graph import PASSWORD, AccessGraph, actor_of
from tests.factories import Clinic, new_clinic


def new(role: Role = Role.RECEPTIONIST, **given: object) -> NewStaff:
    """Return the body of a new account."""
    fields = {"email": f"{uuid4().hex[:12]}@example.org", "password": PASSWORD, "name": "Mei Chen", "role": role}
    return NewStaff(**(fields | given))  # type: ignore[arg-type]


async def test_an_admin_makes_sees_and_changes_accounts(world: AccessGraph, clinic: Clinic) -> None:
    admin = await world.admin(clinic.tenant)
    body = new(email="Mei.Chen@Example.org", clinic_ids=(clinic.id, clinic.id), name="  Mei Chen ")
    made = await world.staff.create(admin, body)
    assert (made.email, made.name, made.clinic_ids, made.version) == (
        "mei.chen@example.org",
        "Mei Chen",
        (clinic.id,),
        1,
    )
    assert await world.staff.get(admin, made.id) == made
    change = StaffChange(role=Role.DOCTOR, doctor_id=clinic.doctors[1], name="Dr Chen")
    changed = await world.staff.update(admin, made.id, change, if_match=1)
    assert (changed.role, changed.doctor_id, changed.name, changed.version) == (
        Role.DOCTOR,
        clinic.doctors[1],
        "Dr Chen",
        2,
    )
    assert changed.clinic_ids == made.clinic_ids
    back = await world.staff.update(admin, made.id, StaffChange(role=Role.RECEPTIONIST))
    assert back.doctor_id is None
    assert await world.staff.update(admin, made.id, StaffChange(name="Dr Chen")) == back, "nothing changed"
    with pytest.raises(StaleVersion):
        await world.staff.update(admin, made.id, StaffChange(disabled=True), if_match=2)


async def test_pages_show_everybody_once(world: AccessGraph, clinic: Clinic, database: Database) -> None:
    admin = await world.admin(clinic.tenant)
    for _ in range(4):
        await world.account(clinic.tenant)
    await world.account((await new_clinic(database)).tenant)
    seen, cursor = [], None
    while True:
        page = await world.staff.list(admin, limit=2, cursor=cursor)
        seen += [account.id for account in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5
    assert len((await world.staff.list(admin, role=Role.ADMIN)).items) == 1
    for bad in ("", "x", "ü", "AAAA", "\ud800", "x" * 22 + "!"):
        with pytest.raises(InvalidValue):
            await world.staff.list(admin, cursor=bad)
    for limit in (0, -1, 201):
        with pytest.raises(InvalidValue):
            await world.staff.list(admin, limit=limit)


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.ADMIN, Role.PLATFORM_ADMIN)])
async def test_only_admins_manage_staff(world: AccessGraph, clinic: Clinic, role: Role) -> None:
    who, other = clinic.actor(role), await world.account(clinic.tenant)
    with pytest.raises(Forbidden):
        await world.staff.list(who)
    with pytest.raises(Forbidden):
        await world.staff.get(who, other.id)
    with pytest.raises(Forbidden):
        await world.staff.create(who, new())
    with pytest.raises(Forbidden):
        await world.staff.update(who, other.id, StaffChange(role=Role.ADMIN))
    with pytest.raises(Forbidden):
        await world.staff.reset(who, other.id, PASSWORD)


async def test_another_tenants_accounts_are_unknown(world: AccessGraph, clinic: Clinic, database: Database) -> None:
    stranger = await world.admin((await new_clinic(database)).tenant)
    ours = await world.account(clinic.tenant)
    for account in (ours.id, uuid4()):
        with pytest.raises(NotFound):
            await world.staff.get(stranger, account)
        with pytest.raises(NotFound):
            await world.staff.update(stranger, account, StaffChange(disabled=True))
        with pytest.raises(NotFound):
            await world.staff.reset(stranger, account, PASSWORD)
    for place in ({"clinic_ids": (clinic.id,)}, {"role": Role.DOCTOR, "doctor_id": clinic.doctors[0]}):
        with pytest.raises(InvalidValue):
            await world.staff.create(stranger, new(**place))


async def test_what_makes_no_sense_is_refused_by_field(world: AccessGraph, clinic: Clinic, database: Database) -> None:
    admin = await world.admin(clinic.tenant)
    elsewhere = await new_clinic(database, tenant=clinic.tenant)
    cases: list[tuple[str, dict[str, object]]] = [
        ("email", {"email": "no address"}),
        ("password", {"password": "too short"}),
        ("password", {"password": "mei.chen@example.org", "email": "mei.chen@example.org"}),
        ("name", {"name": " \0 "}),
        ("role", {"role": Role.PATIENT}),
        ("doctorId", {"role": Role.DOCTOR}),
        ("doctorId", {"role": Role.DOCTOR, "doctor_id": uuid4()}),
        ("doctorId", {"role": Role.RECEPTIONIST, "doctor_id": clinic.doctors[0]}),
        ("doctorId", {"role": Role.DOCTOR, "doctor_id": clinic.doctors[0], "clinic_ids": (elsewhere.id,)}),
        ("clinicIds", {"clinic_ids": (clinic.id, uuid4())}),
    ]
    for field, given in cases:
        with pytest.raises(InvalidValue) as refused:
            await world.staff.create(admin, new(**given))  # type: ignore[arg-type]
        assert refused.value.field == field


async def test_an_address_is_taken_once_in_a_tenant(world: AccessGraph, clinic: Clinic) -> None:
    made = await world.account(clinic.tenant)
    results = await asyncio.gather(
        *(world.staff.create(system(clinic.tenant), new(email="one@example.org")) for _ in range(5)),
        world.staff.create(system(clinic.tenant), new(email=made.email.upper())),
        return_exceptions=True,
    )
    assert sum(isinstance(r, Conflict) and r.field == "email" for r in results) == 5


# ---- nobody hands out or reaches more than they have ----------------------------------------------------------------


async def test_an_admin_neither_makes_nor_touches_a_platform_admin(world: AccessGraph, clinic: Clinic) -> None:
    admin = await world.admin(clinic.tenant)
    above = await world.account(clinic.tenant, Role.PLATFORM_ADMIN)
    below = await world.account(clinic.tenant)
    with pytest.raises(Forbidden):
        await world.staff.create(admin, new(Role.PLATFORM_ADMIN))
    with pytest.raises(Forbidden):
        await world.staff.update(admin, below.id, StaffChange(role=Role.PLATFORM_ADMIN))
    with pytest.raises(Forbidden):
        await world.staff.update(admin, above.id, StaffChange(disabled=True))
    with pytest.raises(Forbidden):
        await world.staff.reset(admin, above.id, PASSWORD)
    await world.staff.create(actor_of(above), new(Role.PLATFORM_ADMIN))


async def test_an_admin_of_some_clinics_stays_within_them(
    world: AccessGraph, clinic: Clinic, database: Database
) -> None:
    elsewhere = await new_clinic(database, tenant=clinic.tenant)
    admin = await world.admin(clinic.tenant, clinic_ids=(clinic.id,))
    mine = await world.account(clinic.tenant, clinic_ids=(clinic.id,))
    outside = [
        await world.account(clinic.tenant),
        await world.account(clinic.tenant, clinic_ids=(elsewhere.id,)),
        await world.account(clinic.tenant, clinic_ids=(clinic.id, elsewhere.id)),
    ]
    assert {a.id for a in (await world.staff.list(admin)).items} == {admin.account, mine.id}
    for account in outside:
        with pytest.raises(NotFound):
            await world.staff.get(admin, account.id)
        with pytest.raises(NotFound):
            await world.staff.update(admin, account.id, StaffChange(name="Mine now"))
        with pytest.raises(NotFound):
            await world.staff.reset(admin, account.id, PASSWORD)
    for clinics in ((), (elsewhere.id,), (clinic.id, elsewhere.id)):
        with pytest.raises(Forbidden):
            await world.staff.create(admin, new(clinic_ids=clinics))
        with pytest.raises(Forbidden):
            await world.staff.update(admin, mine.id, StaffChange(clinic_ids=clinics))
    await world.staff.create(admin, new(clinic_ids=(clinic.id,)))


async def test_nobody_changes_their_own_rights(world: AccessGraph, clinic: Clinic) -> None:
    admin = await world.admin(clinic.tenant)
    await world.admin(clinic.tenant)
    assert admin.account is not None
    for change in (
        StaffChange(disabled=True),
        StaffChange(role=Role.RECEPTIONIST),
        StaffChange(role=Role.PLATFORM_ADMIN),
        StaffChange(clinic_ids=(clinic.id,)),
    ):
        with pytest.raises(Forbidden):
            await world.staff.update(admin, admin.account, change)
    assert (await world.staff.update(admin, admin.account, StaffChange(name="New Name"))).name == "New Name"


@pytest.mark.parametrize("end", ["disable", "demote", "restrict"])
async def test_the_last_admin_stays(world: AccessGraph, clinic: Clinic, end: str) -> None:
    changes = {
        "disable": StaffChange(disabled=True),
        "demote": StaffChange(role=Role.RECEPTIONIST),
        "restrict": StaffChange(clinic_ids=(clinic.id,)),
    }
    last = await world.account(clinic.tenant, Role.ADMIN)
    await world.account(clinic.tenant, Role.ADMIN, clinic_ids=(clinic.id,))
    with pytest.raises(Conflict):
        await world.staff.update(system(clinic.tenant), last.id, changes[end])
    await world.account(clinic.tenant, Role.ADMIN)
    await world.staff.update(system(clinic.tenant), last.id, changes[end])


async def test_two_admins_cannot_remove_each_other_at_the_same_moment(world: AccessGraph, clinic: Clinic) -> None:
    for _ in range(5):
        first, second = await world.admin(clinic.tenant), await world.admin(clinic.tenant)
        before = {a.id for a in (await world.staff.list(system(clinic.tenant), role=Role.ADMIN)).items}
        for other in before - {first.account, second.account}:
            await world.staff.update(system(clinic.tenant), other, StaffChange(role=Role.RECEPTIONIST))
        results = await asyncio.gather(
            _demote(world, first, second), _demote(world, second, first), return_exceptions=True
        )
        assert sum(isinstance(result, Conflict) for result in results) == 1


async def _demote(world: AccessGraph, actor: Actor, other: Actor) -> None:
    assert other.account is not None
    await world.staff.update(actor, other.account, StaffChange(role=Role.RECEPTIONIST))


async def test_an_enabled_account_signs_in_again(world: AccessGraph, clinic: Clinic) -> None:
    made = await world.account(clinic.tenant)
    for disabled in (True, False):
        await world.staff.update(system(clinic.tenant), made.id, StaffChange(disabled=disabled))
        if disabled:
            with pytest.raises(Unauthenticated):
                await world.access.login(made.email, PASSWORD)
    await world.access.login(made.email, PASSWORD)


async def test_acts_are_remembered_without_personal_data(world: AccessGraph, clinic: Clinic) -> None:
    admin = await world.admin(clinic.tenant)
    made = await world.staff.create(admin, new(email="canary@example.org", name="Canary Person"))
    for change in (
        StaffChange(name="Canary Renamed"),
        StaffChange(role=Role.DOCTOR, doctor_id=clinic.doctors[0]),
        StaffChange(clinic_ids=(clinic.id,)),
        StaffChange(disabled=True),
        StaffChange(disabled=False),
    ):
        await world.staff.update(admin, made.id, change)
    await world.staff.reset(admin, made.id, "a canary password")
    events = await world.events(clinic.tenant)
    assert [type for type, _ in events] == [
        "staff_created",
        "staff_created",
        "staff_renamed",
        "staff_role_changed",
        "staff_doctor_changed",
        "staff_clinics_changed",
        "staff_disabled",
        "staff_enabled",
        "staff_password_reset",
    ]
    assert all(data["accountId"] == str(made.id) for _, data in events[1:])
    assert "canary" not in json.dumps(events).lower()


async def test_a_refused_change_leaves_no_trace(world: AccessGraph, clinic: Clinic) -> None:
    admin = await world.admin(clinic.tenant)
    made = await world.account(clinic.tenant)
    before = await world.events(clinic.tenant)
    with pytest.raises(InvalidValue):
        await world.staff.update(admin, made.id, StaffChange(role=Role.DOCTOR, doctor_id=uuid4()))
    assert await world.staff.get(admin, made.id) == made
    assert await world.events(clinic.tenant) == before
