"""Rooms of a clinic: what they are for, whose they are from when until when, and when they are not to be used."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import assert_never

import msgspec
from msgspec import UNSET, UnsetType

from scheduling_core.aggregates import Aggregate
from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import AssignmentId, ClinicId, DoctorId, RoomId, TextId
from scheduling_core.resources import maintenance
from scheduling_core.resources.maintenance import (
    FinishMaintenance,
    Maintenance,
    MaintenanceFinished,
    MaintenancePlanned,
    PlanMaintenance,
)

MOST_ASSIGNMENTS = 1_000


class RoomType(StrEnum):
    """What a room is for."""

    CONSULTATION = "consultation"
    EXAMINATION = "examination"
    PROCEDURE = "procedure"
    IMAGING = "imaging"
    LABORATORY = "laboratory"
    THERAPY = "therapy"
    TELEHEALTH = "telehealth"
    OTHER = "other"


class RoomAssignment(msgspec.Struct, frozen=True, kw_only=True):
    """A doctor's room from a date on and, where it ends, up to and including one."""

    id: AssignmentId
    doctor: DoctorId
    first: date
    last: date | None = None

    def overlaps(self, first: date, last: date | None) -> bool:
        """Whether it shares a date with `first` to `last` (None: without end)."""
        return (last is None or self.first <= last) and (self.last is None or first <= self.last)


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A room as its events leave it; `version` counts them."""

    id: RoomId
    clinic: ClinicId
    name: TextId
    kind: RoomType
    active: bool = True
    maintenance: tuple[Maintenance, ...] = ()
    assignments: tuple[RoomAssignment, ...] = ()
    version: int = 1


# ---- events ---------------------------------------------------------------------------------------------------------


class RoomCreated(msgspec.Struct, frozen=True, kw_only=True, tag="room_created"):
    """A clinic has a new room."""

    room: RoomId
    clinic: ClinicId
    name: TextId
    kind: RoomType


class RoomUpdated(msgspec.Struct, frozen=True, kw_only=True, tag="room_updated"):
    """A room has another name or purpose, or is used again; what is left out stays."""

    name: TextId | UnsetType = UNSET
    kind: RoomType | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class RoomRetired(msgspec.Struct, frozen=True, kw_only=True, tag="room_retired"):
    """A room is not used any more."""


class RoomAssigned(msgspec.Struct, frozen=True, kw_only=True, tag="room_assigned"):
    """A room is a doctor's from a date on."""

    assignment: AssignmentId
    doctor: DoctorId
    first: date
    last: date | None = None


class RoomAssignmentEnded(msgspec.Struct, frozen=True, kw_only=True, tag="room_assignment_ended"):
    """An assignment ends with a date; without one it never came to anything."""

    assignment: AssignmentId
    last: date | None


RoomEvent = (
    RoomCreated
    | RoomUpdated
    | RoomRetired
    | RoomAssigned
    | RoomAssignmentEnded
    | MaintenancePlanned
    | MaintenanceFinished
)


# ---- commands -------------------------------------------------------------------------------------------------------


class CreateRoom(msgspec.Struct, frozen=True, kw_only=True):
    """Add a room."""

    room: RoomId
    clinic: ClinicId
    name: TextId
    kind: RoomType


class UpdateRoom(msgspec.Struct, frozen=True, kw_only=True):
    """Change a room; what is left out stays. `active` can only bring a retired one back."""

    name: TextId | UnsetType = UNSET
    kind: RoomType | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class RetireRoom(msgspec.Struct, frozen=True, kw_only=True):
    """Use a room no more."""


class AssignRoom(msgspec.Struct, frozen=True, kw_only=True):
    """Give a room to a doctor, `today` being the date in the clinic."""

    assignment: AssignmentId
    doctor: DoctorId
    first: date
    last: date | None
    today: date


class EndRoomAssignment(msgspec.Struct, frozen=True, kw_only=True):
    """End an assignment yesterday, so that it does not hold today any more."""

    assignment: AssignmentId
    today: date


RoomCommand = (
    CreateRoom | UpdateRoom | RetireRoom | AssignRoom | EndRoomAssignment | PlanMaintenance | FinishMaintenance
)


def decide(room: Room | None, command: RoomCommand, now: datetime) -> list[RoomEvent]:
    """Return what a command leads to; nothing when it changes nothing.

    Raises `NotFound` for a room, assignment or maintenance that does not exist, `InvalidValue` for times that make no
    sense, and `Conflict` for what the room's state forbids.
    """
    if isinstance(command, CreateRoom):
        if room is not None:
            raise Conflict("This room exists already.")
        return [RoomCreated(room=command.room, clinic=command.clinic, name=command.name, kind=command.kind)]
    if room is None:
        raise NotFound("There is no such room.")
    match command:
        case UpdateRoom():
            return _update(room, command)
        case RetireRoom():
            return [RoomRetired()] if room.active else []
        case AssignRoom():
            return _assign(room, command)
        case EndRoomAssignment():
            return _end(room, command)
        case PlanMaintenance():
            _check_active(room)
            return [*maintenance.plan(room.maintenance, command, now)]
        case FinishMaintenance():
            return [*maintenance.finish(room.maintenance, command)]
        case _:
            assert_never(command)


def _check_active(room: Room) -> None:
    if not room.active:
        raise Conflict("This room is not used any more.")


def _update(room: Room, command: UpdateRoom) -> list[RoomEvent]:
    kind = UNSET if command.kind == room.kind else command.kind
    active = UNSET if command.active == room.active else command.active
    if active is False:
        raise InvalidValue("Remove the room instead.", field="active")
    if command.name is UNSET and kind is UNSET and active is UNSET:
        return []
    if not room.active and active is UNSET:
        _check_active(room)
    return [RoomUpdated(name=command.name, kind=kind, active=active)]


def _assign(room: Room, command: AssignRoom) -> list[RoomEvent]:
    _check_active(room)
    if command.last is not None and command.last < command.first:
        raise InvalidValue("The end must not lie before the start.", field="until")
    if command.last is not None and command.last < command.today:
        raise InvalidValue("This is over already.", field="until")
    if any(a.doctor == command.doctor and a.overlaps(command.first, command.last) for a in room.assignments):
        raise Conflict("The room is this doctor's at that time already.", field="from")
    if len(room.assignments) >= MOST_ASSIGNMENTS:
        raise Conflict(f"A room keeps at most {MOST_ASSIGNMENTS} assignments.")
    return [RoomAssigned(assignment=command.assignment, doctor=command.doctor, first=command.first, last=command.last)]


def _end(room: Room, command: EndRoomAssignment) -> list[RoomEvent]:
    found = next((a for a in room.assignments if a.id == command.assignment), None)
    if found is None:
        raise NotFound("There is no such assignment.")
    yesterday = command.today - timedelta(days=1)
    if found.last is not None and found.last <= yesterday:
        return []
    return [RoomAssignmentEnded(assignment=found.id, last=yesterday if found.first <= yesterday else None)]


def fold(room: Room | None, event: RoomEvent, at: datetime) -> Room:
    """Return the room after an event that happened at an instant."""
    if isinstance(event, RoomCreated):
        return Room(id=event.room, clinic=event.clinic, name=event.name, kind=event.kind)
    assert room is not None, "the first event of a room is its creation"
    return msgspec.structs.replace(_changed(room, event, at), version=room.version + 1)


def _changed(
    room: Room,
    event: RoomUpdated | RoomRetired | RoomAssigned | RoomAssignmentEnded | MaintenancePlanned | MaintenanceFinished,
    at: datetime,
) -> Room:
    replace = msgspec.structs.replace
    match event:
        case RoomUpdated():
            return replace(room, **{k: v for k, v in msgspec.structs.asdict(event).items() if v is not UNSET})
        case RoomRetired():
            return replace(room, active=False)
        case RoomAssigned():
            made = RoomAssignment(id=event.assignment, doctor=event.doctor, first=event.first, last=event.last)
            return replace(room, assignments=(*room.assignments, made))
        case RoomAssignmentEnded():
            return replace(room, assignments=_ended(room.assignments, event))
        case MaintenancePlanned():
            return replace(room, maintenance=maintenance.after_planned(room.maintenance, event))
        case MaintenanceFinished():
            return replace(room, maintenance=maintenance.after_finished(room.maintenance, event, at))
        case _:
            assert_never(event)


def _ended(known: tuple[RoomAssignment, ...], event: RoomAssignmentEnded) -> tuple[RoomAssignment, ...]:
    if event.last is None:
        return tuple(a for a in known if a.id != event.assignment)
    return tuple(msgspec.structs.replace(a, last=event.last) if a.id == event.assignment else a for a in known)


AGGREGATE: Aggregate[Room, RoomEvent] = Aggregate("room", events=RoomEvent, state=Room, fold=fold)
