"""Equipment of a clinic: what it is, which room it stands in and stood in, and when it is not to be used."""

from datetime import datetime
from enum import StrEnum
from typing import assert_never

import msgspec
from msgspec import UNSET, UnsetType

from scheduling_core.aggregates import Aggregate
from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import AssignmentId, ClinicId, EquipmentId, RoomId, TextId
from scheduling_core.resources import maintenance
from scheduling_core.resources.maintenance import (
    FinishMaintenance,
    Maintenance,
    MaintenanceFinished,
    MaintenancePlanned,
    PlanMaintenance,
)


class EquipmentType(StrEnum):
    """What kind of device it is."""

    ULTRASOUND = "ultrasound"
    X_RAY = "x_ray"
    ECG = "ecg"
    MONITOR = "monitor"
    DENTAL_UNIT = "dental_unit"
    EXAMINATION_TABLE = "examination_table"
    INFUSION = "infusion"
    LABORATORY = "laboratory"
    THERAPY = "therapy"
    TELEHEALTH = "telehealth"
    OTHER = "other"


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time in a room; the last one may be open."""

    id: AssignmentId
    room: RoomId
    since: datetime
    until: datetime | None = None


class Equipment(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of equipment as its events leave it; `version` counts them."""

    id: EquipmentId
    clinic: ClinicId
    name: TextId
    kind: EquipmentType
    active: bool = True
    maintenance: tuple[Maintenance, ...] = ()
    placements: tuple[Placement, ...] = ()
    version: int = 1

    @property
    def room(self) -> RoomId | None:
        """Where it stands now."""
        last = self.placements[-1] if self.placements else None
        return last.room if last is not None and last.until is None else None


# ---- events ---------------------------------------------------------------------------------------------------------


class EquipmentCreated(msgspec.Struct, frozen=True, kw_only=True, tag="equipment_created"):
    """A clinic has a new piece of equipment."""

    equipment: EquipmentId
    clinic: ClinicId
    name: TextId
    kind: EquipmentType


class EquipmentUpdated(msgspec.Struct, frozen=True, kw_only=True, tag="equipment_updated"):
    """It has another name or kind, or is used again; what is left out stays."""

    name: TextId | UnsetType = UNSET
    kind: EquipmentType | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class EquipmentRetired(msgspec.Struct, frozen=True, kw_only=True, tag="equipment_retired"):
    """It is not used any more and stands in no room."""


class EquipmentAssigned(msgspec.Struct, frozen=True, kw_only=True, tag="equipment_assigned"):
    """It stands in this room from now on, or (None) in none."""

    assignment: AssignmentId | None
    room: RoomId | None


EquipmentEvent = (
    EquipmentCreated
    | EquipmentUpdated
    | EquipmentRetired
    | EquipmentAssigned
    | MaintenancePlanned
    | MaintenanceFinished
)


# ---- commands -------------------------------------------------------------------------------------------------------


class CreateEquipment(msgspec.Struct, frozen=True, kw_only=True):
    """Add a piece of equipment."""

    equipment: EquipmentId
    clinic: ClinicId
    name: TextId
    kind: EquipmentType


class UpdateEquipment(msgspec.Struct, frozen=True, kw_only=True):
    """Change it; what is left out stays. `active` can only bring a retired one back."""

    name: TextId | UnsetType = UNSET
    kind: EquipmentType | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class RetireEquipment(msgspec.Struct, frozen=True, kw_only=True):
    """Use it no more."""


class AssignEquipment(msgspec.Struct, frozen=True, kw_only=True):
    """Put it into a room, or (None) into none."""

    assignment: AssignmentId
    room: RoomId | None


EquipmentCommand = (
    CreateEquipment | UpdateEquipment | RetireEquipment | AssignEquipment | PlanMaintenance | FinishMaintenance
)


def decide(known: Equipment | None, command: EquipmentCommand, now: datetime) -> list[EquipmentEvent]:
    """Return what a command leads to; nothing when it changes nothing.

    Raises `NotFound` for what does not exist, `InvalidValue` for times that make no sense, and `Conflict` for what its
    state forbids.
    """
    if isinstance(command, CreateEquipment):
        if known is not None:
            raise Conflict("This equipment exists already.")
        created = EquipmentCreated(
            equipment=command.equipment, clinic=command.clinic, name=command.name, kind=command.kind
        )
        return [created]
    if known is None:
        raise NotFound("There is no such equipment.")
    match command:
        case UpdateEquipment():
            return _update(known, command)
        case RetireEquipment():
            return [EquipmentRetired()] if known.active else []
        case AssignEquipment():
            _check_active(known)
            if command.room == known.room:
                return []
            return [EquipmentAssigned(assignment=command.assignment if command.room else None, room=command.room)]
        case PlanMaintenance():
            _check_active(known)
            return [*maintenance.plan(known.maintenance, command, now)]
        case FinishMaintenance():
            return [*maintenance.finish(known.maintenance, command)]
        case _:
            assert_never(command)


def _check_active(known: Equipment) -> None:
    if not known.active:
        raise Conflict("This equipment is not used any more.")


def _update(known: Equipment, command: UpdateEquipment) -> list[EquipmentEvent]:
    kind = UNSET if command.kind == known.kind else command.kind
    active = UNSET if command.active == known.active else command.active
    if active is False:
        raise InvalidValue("Remove the equipment instead.", field="active")
    if command.name is UNSET and kind is UNSET and active is UNSET:
        return []
    if not known.active and active is UNSET:
        _check_active(known)
    return [EquipmentUpdated(name=command.name, kind=kind, active=active)]


def fold(known: Equipment | None, event: EquipmentEvent, at: datetime) -> Equipment:
    """Return the equipment after an event that happened at an instant."""
    if isinstance(event, EquipmentCreated):
        return Equipment(id=event.equipment, clinic=event.clinic, name=event.name, kind=event.kind)
    assert known is not None, "the first event of a piece of equipment is its creation"
    return msgspec.structs.replace(_changed(known, event, at), version=known.version + 1)


def _changed(
    known: Equipment,
    event: EquipmentUpdated | EquipmentRetired | EquipmentAssigned | MaintenancePlanned | MaintenanceFinished,
    at: datetime,
) -> Equipment:
    replace = msgspec.structs.replace
    match event:
        case EquipmentUpdated():
            return replace(known, **{k: v for k, v in msgspec.structs.asdict(event).items() if v is not UNSET})
        case EquipmentRetired():
            return replace(known, active=False, placements=_left(known.placements, at))
        case EquipmentAssigned():
            left = _left(known.placements, at)
            if event.room is None or event.assignment is None:
                return replace(known, placements=left)
            return replace(known, placements=(*left, Placement(id=event.assignment, room=event.room, since=at)))
        case MaintenancePlanned():
            return replace(known, maintenance=maintenance.after_planned(known.maintenance, event))
        case MaintenanceFinished():
            return replace(known, maintenance=maintenance.after_finished(known.maintenance, event, at))
        case _:
            assert_never(event)


def _left(known: tuple[Placement, ...], at: datetime) -> tuple[Placement, ...]:
    if not known or known[-1].until is not None:
        return known
    return (*known[:-1], msgspec.structs.replace(known[-1], until=at))


AGGREGATE: Aggregate[Equipment, EquipmentEvent] = Aggregate(
    "equipment", events=EquipmentEvent, state=Equipment, fold=fold
)
