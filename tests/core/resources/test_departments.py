"""Departments: what a change says, and what it does not."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from msgspec import UNSET

from scheduling_core.errors import Conflict, NotFound
from scheduling_core.ids import AccountId, ClinicId, DepartmentId, TextId
from scheduling_core.resources.departments import (
    AGGREGATE,
    CreateDepartment,
    Department,
    DepartmentUpdated,
    UpdateDepartment,
    decide,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HERE, THERE = ClinicId(uuid4()), ClinicId(uuid4())


def created() -> Department:
    (event,) = decide(
        None, CreateDepartment(department=DepartmentId(uuid4()), name=TextId(uuid4()), clinics=(HERE, THERE, HERE))
    )
    return AGGREGATE.fold(None, event, NOW)


def test_a_clinic_named_twice_is_there_once() -> None:
    assert created().clinics == (HERE, THERE)


def test_only_what_is_new_is_an_event() -> None:
    department, head = created(), AccountId(uuid4())
    same = UpdateDepartment(clinics=(HERE, THERE), head=None, active=True)
    assert decide(department, same) == []
    (event,) = decide(department, UpdateDepartment(head=head, active=True))
    assert event == DepartmentUpdated(name=UNSET, clinics=UNSET, head=head, active=UNSET)
    headed = AGGREGATE.fold(department, event, NOW)
    (event,) = decide(headed, UpdateDepartment(head=None))
    assert event == DepartmentUpdated(head=None)
    assert AGGREGATE.decode_event(*_written(event)) == event
    assert AGGREGATE.fold(headed, event, NOW).head is None


def _written(event: DepartmentUpdated) -> tuple[str, int, bytes]:
    name, data = AGGREGATE.encode_event(event)
    return name, 1, data


def test_it_is_made_once_and_changed_only_then() -> None:
    department = created()
    with pytest.raises(Conflict):
        decide(department, CreateDepartment(department=department.id, name=department.name))
    with pytest.raises(NotFound):
        decide(None, UpdateDepartment(active=False))
