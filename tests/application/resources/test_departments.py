"""Departments as admins keep them: clinics, heads, and doctors that keep one from being closed."""

from uuid import UUID, uuid4

import pytest

from queue_server.application.answers import Precondition
from queue_server.application.resources.bodies import DepartmentChange, NewDepartment
from queue_server.application.resources.models import DEPARTMENT
from queue_server.application.resources.views import DepartmentView
from scheduling_core.errors import Forbidden, InUse, InvalidValue, NotFound, StaleVersion
from scheduling_core.permissions import Role
from tests.access_graph import AccessGraph
from tests.application.resources.house import House, decoded
from tests.factories import new_clinic


async def new(house: House, name: str = "Cardiology", **given: object) -> DepartmentView:
    """Add a department."""
    body = NewDepartment(name=name, **given)  # type: ignore[arg-type]
    return decoded(await house.departments.create(house.admin, body), DepartmentView)


async def head(house: House, world: AccessGraph, role: Role = Role.DEPARTMENT_HEAD) -> UUID:
    """Make an account and return its id."""
    return (await world.account(house.clinic.tenant, role)).id


async def test_a_department_is_made_changed_and_closed(house: House, world: AccessGraph) -> None:
    boss = await head(house, world)
    made = await new(house, clinic_ids=(house.clinic.id,), head_account_id=boss)
    assert (made.clinic_ids, made.head_account_id, made.active, made.version) == ((house.clinic.id,), boss, True, 1)
    assert await house.departments.get(house.admin, made.id) == made
    change = DepartmentChange(name="Heart", head_account_id=None)
    changed = decoded(await house.departments.update(house.admin, made.id, change), DepartmentView)
    assert (changed.name, changed.head_account_id, changed.version) == ("Heart", None, 2)
    assert decoded(await house.departments.update(house.admin, made.id, change), DepartmentView) == changed
    await house.departments.update(house.admin, made.id, DepartmentChange(active=False), Precondition(if_match=2))
    with pytest.raises(StaleVersion):
        await house.departments.update(house.admin, made.id, DepartmentChange(active=True), Precondition(if_match=2))
    assert [d.id for d in (await house.departments.list(house.admin, active=False)).items] == [made.id]
    await house.check_replays(DEPARTMENT, made.id)


async def test_a_head_is_somebody_who_may_decide_about_leave(house: House, world: AccessGraph) -> None:
    desk, disabled = await head(house, world, Role.RECEPTIONIST), await head(house, world)
    await house.change("UPDATE account SET disabled = true WHERE account_id = $1", disabled)
    foreign = (await world.account((await new_clinic(house.graph.db)).tenant, Role.ADMIN)).id
    for account, refusal in ((desk, InvalidValue), (disabled, InvalidValue), (foreign, NotFound), (uuid4(), NotFound)):
        with pytest.raises(refusal) as refused:
            await new(house, head_account_id=account)
        assert refused.value.field == "headAccountId"
    made = await new(house, head_account_id=await head(house, world, Role.ADMIN))
    assert made.head_account_id is not None


async def test_one_who_heads_already_need_not_be_asked_again(house: House, world: AccessGraph) -> None:
    boss = await head(house, world)
    made = await new(house, head_account_id=boss)
    await house.change("UPDATE account SET disabled = true WHERE account_id = $1", boss)
    change = DepartmentChange(name="Heart", head_account_id=boss)
    assert decoded(await house.departments.update(house.admin, made.id, change), DepartmentView).name == "Heart"


async def test_a_department_with_doctors_is_not_closed(house: House) -> None:
    made = await new(house)
    doctor, tenant = house.clinic.doctors[0], house.clinic.tenant
    await house.change(
        "INSERT INTO doctor_profile (tenant_id, doctor_id, status, name, name_folded, bio, specialty_label,"
        " specialties, qualifications, languages, modes, verification, verification_critical, department_ids,"
        " clinic_ids, room, public_profile_visible, accepts_online_bookings, onboarding_progress, last_event_id)"
        " VALUES ($1, $2, 'active', 'Dr Rao', 'dr rao', '', '', '{}', '[]', '{}', '{}', 'verified', false, '{}', '{}',"
        " '', true, true, 0, $2)",
        tenant,
        doctor,
    )
    await house.change(
        "INSERT INTO doctor_department (tenant_id, department_id, doctor_id, last_event_id) VALUES ($1, $2, $3, $3)",
        tenant,
        made.id,
        doctor,
    )
    with pytest.raises(InUse) as refused:
        await house.departments.update(house.admin, made.id, DepartmentChange(active=False))
    assert refused.value.faults == [("doctors", "Dr Rao")]


async def test_scope_hides_departments_of_other_clinics_and_shows_those_of_all(house: House) -> None:
    sibling = await new_clinic(house.graph.db, tenant=house.clinic.tenant)
    here, there = await new(house, "Here", clinic_ids=(house.clinic.id,)), await new(house, clinic_ids=(sibling.id,))
    both = await new(house, "Both", clinic_ids=(house.clinic.id, sibling.id))
    everywhere = await new(house, "Everywhere")
    scoped = house.clinic.actor(Role.ADMIN, clinics=(house.clinic.id,))
    shown = (await house.departments.list(scoped)).items
    assert {d.id for d in shown} == {here.id, both.id, everywhere.id}
    at_sibling = await house.departments.list(house.admin, clinic=sibling.id)
    assert {d.id for d in at_sibling.items} == {there.id, both.id, everywhere.id}
    for hidden in (there.id, uuid4()):
        with pytest.raises(NotFound):
            await house.departments.get(scoped, hidden)
        with pytest.raises(NotFound):
            await house.departments.update(scoped, hidden, DepartmentChange(name="Mine"))
    for beyond in (both.id, everywhere.id):
        with pytest.raises(InvalidValue):
            await house.departments.update(scoped, beyond, DepartmentChange(name="Mine"))
    await house.departments.update(scoped, here.id, DepartmentChange(name="Mine"))
    for clinics, refusal in (((), InvalidValue), ((sibling.id,), NotFound)):
        with pytest.raises(refusal):
            await house.departments.create(scoped, NewDepartment(name="New", clinic_ids=clinics))
    with pytest.raises(NotFound):
        await new(house, clinic_ids=((await new_clinic(house.graph.db)).id,))


async def test_only_admins_change_departments(house: House) -> None:
    made = await new(house)
    for role in (Role.RECEPTIONIST, Role.DOCTOR, Role.DEPARTMENT_HEAD):
        who = house.clinic.actor(role)
        assert await house.departments.get(who, made.id) == made
        with pytest.raises(Forbidden):
            await house.departments.update(who, made.id, DepartmentChange(name="Mine"))
        with pytest.raises(Forbidden):
            await house.departments.create(who, NewDepartment(name="Mine"))
