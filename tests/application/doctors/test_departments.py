"""Doctors and their departments: whose departments may be given, and one that closes while a doctor joins it."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from queue_server.application.answers import Answer
from queue_server.application.doctors import bodies, service
from queue_server.application.resources import departments
from queue_server.application.resources.bodies import DepartmentChange, NewDepartment
from queue_server.application.resources.departments import DepartmentService
from queue_server.application.resources.views import DepartmentView
from scheduling_core.errors import Conflict, InUse, NotFound
from scheduling_core.ids import ClinicId
from scheduling_core.permissions import Role
from tests.application.doctors.house import House, detail
from tests.application.resources.house import decoded
from tests.factories import new_clinic
from tests.graph import Graph

CLOSED = DepartmentChange(active=False)


@pytest.fixture
def wards(graph: Graph) -> DepartmentService:
    """Departments as admins keep them."""
    return DepartmentService(graph.db, graph.writes)


async def opened(wards: DepartmentService, house: House, *clinics: ClinicId) -> UUID:
    """Add a department of these clinics."""
    body = NewDepartment(name="Cardiology", clinic_ids=clinics)
    return decoded(await wards.create(house.admin, body), DepartmentView).id


async def test_an_admin_of_one_clinic_gives_and_takes_no_departments_of_another(
    house: House, wards: DepartmentService
) -> None:
    other = await new_clinic(house.db, tenant=house.clinic.tenant)
    theirs, of_all = await opened(wards, house, other.id), await opened(wards, house)
    limited = house.clinic.actor(Role.ADMIN, clinics=(house.clinic.id,))
    made = await house.create()
    with pytest.raises(NotFound) as refused:
        await house.doctors.assign_department(limited, made.id, theirs)
    assert refused.value.field == "departmentId"
    draft = bodies.DraftDoctor(name="Dr Lind", clinic_ids=(house.clinic.id,), department_ids=(theirs,))
    with pytest.raises(NotFound) as refused:
        await house.doctors.create(limited, draft)
    assert refused.value.field == "departmentIds"
    await house.doctors.assign_department(house.admin, made.id, theirs)
    with pytest.raises(NotFound):
        await house.doctors.unassign_department(limited, made.id, theirs)
    kept = detail(await house.doctors.assign_department(limited, made.id, of_all))
    assert set(kept.department_ids) == {theirs, of_all}


class Halted:
    """Stands in for a step of a use case: it is reached, and goes on when it is let."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        self.reached, self.released = asyncio.Event(), asyncio.Event()
        original = getattr(module, name)

        async def halting(*given: Any, **named: Any) -> Any:
            self.reached.set()
            await self.released.wait()
            return await original(*given, **named)

        monkeypatch.setattr(module, name, halting)


async def stuck(house: House, lock: str) -> None:
    """Return once somebody waits for a row of a department with this kind of lock."""
    waiting = (
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        " AND query LIKE '%department%' || $1 || '%'"
    )
    async with asyncio.timeout(30):
        while not await house.rows(waiting, lock):
            await asyncio.sleep(0.01)


async def test_a_department_does_not_close_over_a_doctor_who_is_just_joining(
    house: House, wards: DepartmentService, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, department = await house.create(), await opened(wards, house)
    joining = Halted(monkeypatch, service, "judge")
    join: asyncio.Task[Answer] = asyncio.create_task(house.doctors.assign_department(house.admin, made.id, department))
    await joining.reached.wait()
    close = asyncio.create_task(wards.update(house.admin, department, CLOSED))
    await stuck(house, "FOR UPDATE")
    joining.released.set()
    assert detail(await join).department_ids == (department,)
    with pytest.raises(InUse):
        await close


async def test_nobody_joins_a_department_that_is_just_closing(
    house: House, wards: DepartmentService, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, department = await house.create(), await opened(wards, house)
    closing = Halted(monkeypatch, departments, "_answer")
    close = asyncio.create_task(wards.update(house.admin, department, CLOSED))
    await closing.reached.wait()
    join = asyncio.create_task(house.doctors.assign_department(house.admin, made.id, department))
    await stuck(house, "FOR SHARE")
    closing.released.set()
    assert not decoded(await close, DepartmentView).active
    with pytest.raises(Conflict):
        await join
