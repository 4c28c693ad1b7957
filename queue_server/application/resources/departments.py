"""Departments: which clinics they belong to, and who decides about the leave of their doctors."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType
from uuid_utils.compat import uuid7

from queue_server.application.actor import Actor
from queue_server.application.aggregates import Locked
from queue_server.application.answers import NONE, Answer, Precondition, check_version
from queue_server.application.paging import Page, after, checked_limit, cursor_of
from queue_server.application.plain_text import one_line
from queue_server.application.resources.bodies import LONGEST_NAME, DepartmentChange, NewDepartment
from queue_server.application.resources.models import DEPARTMENT, DEPARTMENT_TABLE
from queue_server.application.resources.shown import of_table, rows_of, texts_of
from queue_server.application.resources.views import DepartmentView
from queue_server.application.unit import Unit, WritePath
from queue_server.store import departments as store
from queue_server.store.db import Database, Transaction
from scheduling_core.errors import InUse, InvalidValue, NotFound
from scheduling_core.ids import AccountId, ClinicId, DepartmentId
from scheduling_core.permissions import Permission, Role, may
from scheduling_core.resources.departments import (
    CreateDepartment,
    Department,
    DepartmentEvent,
    UpdateDepartment,
    decide,
)

MOST_NAMED = 20


class DepartmentService:
    """Reads and changes departments."""

    def __init__(self, db: Database, writes: WritePath) -> None:
        self._db = db
        self._writes = writes

    async def list(
        self,
        actor: Actor,
        *,
        clinic: UUID | None = None,
        active: bool | None = None,
        head: UUID | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[DepartmentView]:
        """Return departments of the clinics the account may see, in order of creation."""
        actor.require(Permission.READ_RESOURCES)
        if clinic is not None:
            actor.require_for(Permission.READ_RESOURCES, clinic=ClinicId(clinic))
        size = checked_limit(limit)
        wanted = store.Filter(
            after=after(cursor), limit=size + 1, within=actor.clinics, clinic=clinic, active=active, head=head
        )
        async with self._db.tenant(actor.tenant) as tx:
            found = await store.departments(tx, wanted)
        views = [_view(row) for row in found[:size]]
        return Page(views, cursor_of(views[-1].id) if len(found) > size else None)

    async def get(self, actor: Actor, department: UUID) -> DepartmentView:
        """Return a department; raises `NotFound` for one of other clinics than the account's."""
        actor.require(Permission.READ_RESOURCES)
        async with self._db.tenant(actor.tenant) as tx:
            found = await store.department(tx, department)
        if found is None or not _may_see(actor, found["clinic_ids"]):
            raise NotFound("There is no such department.")
        return _view(found)

    async def create(self, actor: Actor, body: NewDepartment, precondition: Precondition = NONE) -> Answer:
        """Add a department; answers it."""
        actor.require(Permission.MANAGE_RESOURCES)
        name = one_line(body.name, "name", longest=LONGEST_NAME)

        async def work(unit: Unit) -> tuple[object, int | None]:
            clinics = await _clinics(unit.tx, actor, body.clinic_ids)
            head = await _head(unit.tx, body.head_account_id)
            department = DepartmentId(uuid7())
            locked = await unit.lock_aggregate(DEPARTMENT, department)
            command = CreateDepartment(department=department, name=await unit.say(name), clinics=clinics, head=head)
            locked.add(*decide(None, command))
            return await _answer(unit, locked)

        return await self._writes.run(actor, "create-department", work, precondition)

    async def update(
        self, actor: Actor, department: UUID, change: DepartmentChange, precondition: Precondition = NONE
    ) -> Answer:
        """Change a department; answers it. Raises `InUse` when one with doctors is to be closed."""
        actor.require(Permission.MANAGE_RESOURCES)
        name = UNSET if change.name is UNSET else one_line(change.name, "name", longest=LONGEST_NAME)

        async def work(unit: Unit) -> tuple[object, int | None]:
            locked = await unit.lock_aggregate(DEPARTMENT, department)
            if not locked.exists or not _may_see(actor, locked.state.clinics):
                raise NotFound("There is no such department.")
            _check_manages(actor, locked.state.clinics)
            check_version(precondition.if_match, locked.state.version, "The department")
            if change.active is False and locked.state.active:
                await store.hold(unit.tx, department)
                await _check_empty(unit.tx, department)
            known = (await texts_of(unit.tx, DEPARTMENT, locked.state)).get(locked.state.name)
            command = UpdateDepartment(
                name=UNSET if name is UNSET or name == known else await unit.say(name),
                clinics=UNSET if change.clinic_ids is UNSET else await _clinics(unit.tx, actor, change.clinic_ids),
                head=await _new_head(unit.tx, locked.state, change.head_account_id),
                active=change.active,
            )
            locked.add(*decide(locked.state, command))
            return await _answer(unit, locked)

        return await self._writes.run(actor, "update-department", work, precondition)


def _may_see(actor: Actor, clinics: tuple[UUID, ...]) -> bool:
    return not actor.clinics or not clinics or not {*clinics}.isdisjoint(actor.clinics)


def _check_manages(actor: Actor, clinics: tuple[ClinicId, ...]) -> None:
    """Raise `InvalidValue` when an account that is limited to clinics would reach beyond them."""
    if actor.clinics and (not clinics or not {*clinics} <= {*actor.clinics}):
        raise InvalidValue("This department is of other clinics than yours, too.", field="clinicIds")


async def _clinics(tx: Transaction, actor: Actor, given: tuple[UUID, ...]) -> tuple[ClinicId, ...]:
    clinics = tuple(ClinicId(clinic) for clinic in dict.fromkeys(given))
    for clinic in clinics:
        actor.require_for(Permission.MANAGE_RESOURCES, clinic=clinic)
    if await store.clinics_known(tx, clinics) != {*clinics}:
        raise NotFound("There is no such clinic.", field="clinicIds")
    _check_manages(actor, clinics)
    return clinics


async def _new_head(
    tx: Transaction, department: Department, given: UUID | UnsetType | None
) -> AccountId | UnsetType | None:
    """The head as it shall be: one who is it already may have been disabled meanwhile."""
    if given is UNSET or given == department.head:
        return UNSET
    return await _head(tx, given)


async def _head(tx: Transaction, given: UUID | None) -> AccountId | None:
    if given is None:
        return None
    found = await store.account_of_head(tx, given)
    if found is None:
        raise NotFound("There is no such account.", field="headAccountId")
    if found["disabled"] or not may(Role(found["role"]), Permission.DECIDE_LEAVE):
        raise InvalidValue("This account may not decide about leave.", field="headAccountId")
    return AccountId(given)


async def _check_empty(tx: Transaction, department: UUID) -> None:
    doctors = await store.doctors_of(tx, department, MOST_NAMED)
    if doctors:
        faults = [("doctors", row["name"] or str(row["doctor_id"])) for row in doctors]
        raise InUse("The department still has doctors.", faults=faults)


async def _answer(unit: Unit, locked: Locked[Department, DepartmentEvent]) -> tuple[DepartmentView, int]:
    (row,) = of_table(await rows_of(unit.tx, locked), DEPARTMENT_TABLE)
    return _view(row), locked.state.version


def _view(row: Mapping[str, Any]) -> DepartmentView:
    return DepartmentView(
        id=row["department_id"],
        name=row["name"],
        clinic_ids=tuple(row["clinic_ids"]),
        head_account_id=row["head_account_id"],
        active=row["active"],
        version=row["version"],
    )
