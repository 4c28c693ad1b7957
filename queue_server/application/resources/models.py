"""Rooms, equipment, departments and clinics on the write path: the rows that each state shows."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any
from uuid import UUID

import msgspec

from queue_server.application.aggregates import Model, Texts
from queue_server.store.projections.aggregate_rows import Rows, Table
from scheduling_core.ids import TextId
from scheduling_core.resources import clinics, departments, equipment, rooms
from scheduling_core.resources.clinics import Clinic, ClinicEvent
from scheduling_core.resources.departments import Department, DepartmentEvent
from scheduling_core.resources.equipment import Equipment, EquipmentEvent
from scheduling_core.resources.maintenance import Maintenance
from scheduling_core.resources.rooms import Room, RoomEvent

_MAINTENANCE = ("starts_at", "ends_at", "finished_at", "reason")

ROOM_TABLE = Table("room", ("room_id",), ("clinic_id", "name", "type", "active", "version"))
ROOM_MAINTENANCE_TABLE = Table("room_maintenance", ("maintenance_id",), ("room_id", *_MAINTENANCE))
ROOM_ASSIGNMENT_TABLE = Table(
    "room_assignment", ("assignment_id",), ("room_id", "doctor_id", "first_date", "last_date")
)
EQUIPMENT_TABLE = Table("equipment", ("equipment_id",), ("clinic_id", "room_id", "name", "type", "active", "version"))
EQUIPMENT_MAINTENANCE_TABLE = Table("equipment_maintenance", ("maintenance_id",), ("equipment_id", *_MAINTENANCE))
EQUIPMENT_ASSIGNMENT_TABLE = Table(
    "equipment_assignment", ("assignment_id",), ("equipment_id", "room_id", "since", "until")
)
DEPARTMENT_TABLE = Table(
    "department", ("department_id",), ("name", "clinic_ids", "head_account_id", "active", "version")
)
CLINIC_TABLE = Table(
    "clinic",
    ("clinic_id",),
    (
        "slug",
        "name",
        "timezone",
        "address",
        "capacity",
        "queue_policy",
        "holiday_country",
        "holiday_region",
        "active",
        "version",
        "updated_at",
    ),
)
CLINIC_DAY_TABLE = Table("clinic_day", ("clinic_id", "date"), ("opens", "name"))


def _said(texts: Texts, text: TextId | None) -> str:
    """The words, or nothing where there are none or they were erased."""
    return texts.get(text, "") if text is not None else ""


def _maintenance_rows(
    table: Table, owner: str, of: UUID, periods: Sequence[Maintenance], texts: Texts
) -> Iterator[tuple[tuple[Table, tuple[object, ...]], dict[str, Any]]]:
    for one in periods:
        columns = {
            owner: of,
            "starts_at": one.start,
            "ends_at": one.end,
            "finished_at": one.finished_at,
            "reason": _said(texts, one.reason),
        }
        yield (table, (one.id,)), columns


def _reasons(periods: Sequence[Maintenance]) -> Iterator[TextId]:
    return (one.reason for one in periods if one.reason is not None)


def _room_rows(room: Room, texts: Texts) -> Rows:
    found: Rows = {
        (ROOM_TABLE, (room.id,)): {
            "clinic_id": room.clinic,
            "name": _said(texts, room.name),
            "type": room.kind,
            "active": room.active,
            "version": room.version,
        }
    }
    found.update(_maintenance_rows(ROOM_MAINTENANCE_TABLE, "room_id", room.id, room.maintenance, texts))
    for one in room.assignments:
        found[ROOM_ASSIGNMENT_TABLE, (one.id,)] = {
            "room_id": room.id,
            "doctor_id": one.doctor,
            "first_date": one.first,
            "last_date": one.last,
        }
    return found


def _equipment_rows(known: Equipment, texts: Texts) -> Rows:
    found: Rows = {
        (EQUIPMENT_TABLE, (known.id,)): {
            "clinic_id": known.clinic,
            "room_id": known.room,
            "name": _said(texts, known.name),
            "type": known.kind,
            "active": known.active,
            "version": known.version,
        }
    }
    found.update(_maintenance_rows(EQUIPMENT_MAINTENANCE_TABLE, "equipment_id", known.id, known.maintenance, texts))
    for one in known.placements:
        found[EQUIPMENT_ASSIGNMENT_TABLE, (one.id,)] = {
            "equipment_id": known.id,
            "room_id": one.room,
            "since": one.since,
            "until": one.until,
        }
    return found


def _department_rows(department: Department, texts: Texts) -> Rows:
    return {
        (DEPARTMENT_TABLE, (department.id,)): {
            "name": _said(texts, department.name),
            "clinic_ids": department.clinics,
            "head_account_id": department.head,
            "active": department.active,
            "version": department.version,
        }
    }


def _clinic_rows(clinic: Clinic, texts: Texts) -> Rows:
    if clinic.deleted:
        return {}
    holidays = clinic.holidays
    found: Rows = {
        (CLINIC_TABLE, (clinic.id,)): {
            "slug": clinic.slug,
            "name": _said(texts, clinic.name),
            "timezone": clinic.timezone,
            "address": _said(texts, clinic.address),
            "capacity": msgspec.to_builtins(clinic.caps),
            "queue_policy": msgspec.to_builtins(clinic.policy),
            "holiday_country": holidays.country if holidays is not None else None,
            "holiday_region": holidays.region if holidays is not None else None,
            "active": clinic.active,
            "version": clinic.version,
            "updated_at": clinic.updated_at,
        }
    }
    for closed in clinic.closed:
        found[CLINIC_DAY_TABLE, (clinic.id, closed.date)] = {"opens": False, "name": _said(texts, closed.name)}
    for opened in clinic.opened:
        found[CLINIC_DAY_TABLE, (clinic.id, opened)] = {"opens": True, "name": ""}
    return found


ROOM: Model[Room, RoomEvent] = Model(
    rooms.AGGREGATE,
    tables=(ROOM_TABLE, ROOM_MAINTENANCE_TABLE, ROOM_ASSIGNMENT_TABLE),
    rows=_room_rows,
    texts=lambda room: chain((room.name,), _reasons(room.maintenance)),
)
EQUIPMENT: Model[Equipment, EquipmentEvent] = Model(
    equipment.AGGREGATE,
    tables=(EQUIPMENT_TABLE, EQUIPMENT_MAINTENANCE_TABLE, EQUIPMENT_ASSIGNMENT_TABLE),
    rows=_equipment_rows,
    texts=lambda known: chain((known.name,), _reasons(known.maintenance)),
)
DEPARTMENT: Model[Department, DepartmentEvent] = Model(
    departments.AGGREGATE,
    tables=(DEPARTMENT_TABLE,),
    rows=_department_rows,
    texts=lambda department: (department.name,),
)
CLINIC: Model[Clinic, ClinicEvent] = Model(
    clinics.AGGREGATE,
    tables=(CLINIC_TABLE, CLINIC_DAY_TABLE),
    rows=_clinic_rows,
    texts=lambda clinic: chain(
        (clinic.name,), () if clinic.address is None else (clinic.address,), (day.name for day in clinic.closed)
    ),
)
