"""Departments: groups of doctors with a head who decides about leave."""

from datetime import datetime
from typing import assert_never

import msgspec
from msgspec import UNSET, UnsetType

from scheduling_core.aggregates import Aggregate
from scheduling_core.errors import Conflict, NotFound
from scheduling_core.ids import AccountId, ClinicId, DepartmentId, TextId


class Department(msgspec.Struct, frozen=True, kw_only=True):
    """A department as its events leave it; `version` counts them. Without clinics it belongs to all of them."""

    id: DepartmentId
    name: TextId
    clinics: tuple[ClinicId, ...] = ()
    head: AccountId | None = None
    active: bool = True
    version: int = 1


class DepartmentCreated(msgspec.Struct, frozen=True, kw_only=True, tag="department_created"):
    """There is a new department."""

    department: DepartmentId
    name: TextId
    clinics: tuple[ClinicId, ...] = ()
    head: AccountId | None = None


class DepartmentUpdated(msgspec.Struct, frozen=True, kw_only=True, tag="department_updated"):
    """A department has another name, other clinics or another head, or is (not) used; what is left out stays."""

    name: TextId | UnsetType = UNSET
    clinics: tuple[ClinicId, ...] | UnsetType = UNSET
    head: AccountId | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET


DepartmentEvent = DepartmentCreated | DepartmentUpdated


class CreateDepartment(msgspec.Struct, frozen=True, kw_only=True):
    """Add a department."""

    department: DepartmentId
    name: TextId
    clinics: tuple[ClinicId, ...] = ()
    head: AccountId | None = None


class UpdateDepartment(msgspec.Struct, frozen=True, kw_only=True):
    """Change a department; what is left out stays."""

    name: TextId | UnsetType = UNSET
    clinics: tuple[ClinicId, ...] | UnsetType = UNSET
    head: AccountId | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET


DepartmentCommand = CreateDepartment | UpdateDepartment


def decide(department: Department | None, command: DepartmentCommand) -> list[DepartmentEvent]:
    """Return what a command leads to; nothing when it changes nothing. Raises `NotFound` and `Conflict`."""
    match command:
        case CreateDepartment():
            if department is not None:
                raise Conflict("This department exists already.")
            clinics = tuple(dict.fromkeys(command.clinics))
            return [
                DepartmentCreated(department=command.department, name=command.name, clinics=clinics, head=command.head)
            ]
        case UpdateDepartment():
            if department is None:
                raise NotFound("There is no such department.")
            return _update(department, command)
        case _:
            assert_never(command)


def _update(department: Department, command: UpdateDepartment) -> list[DepartmentEvent]:
    clinics = UNSET if command.clinics is UNSET else tuple(dict.fromkeys(command.clinics))
    event = DepartmentUpdated(
        name=command.name,
        clinics=UNSET if clinics == department.clinics else clinics,
        head=UNSET if command.head == department.head else command.head,
        active=UNSET if command.active == department.active else command.active,
    )
    return [] if event == DepartmentUpdated() else [event]


def fold(department: Department | None, event: DepartmentEvent, at: datetime) -> Department:
    """Return the department after an event."""
    match event:
        case DepartmentCreated():
            return Department(id=event.department, name=event.name, clinics=event.clinics, head=event.head)
        case DepartmentUpdated():
            assert department is not None, "the first event of a department is its creation"
            changed = {k: v for k, v in msgspec.structs.asdict(event).items() if v is not UNSET}
            return msgspec.structs.replace(department, **changed, version=department.version + 1)
        case _:
            assert_never(event)


AGGREGATE: Aggregate[Department, DepartmentEvent] = Aggregate(
    "department", events=DepartmentEvent, state=Department, fold=fold
)
