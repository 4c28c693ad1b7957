"""Rooms: added, changed, given to doctors, taken out of use for maintenance, and removed when nothing needs them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import UnsetType
from msgspec.structs import replace
from uuid_utils.compat import uuid7

from queue_server.application.actor import Actor
from queue_server.application.aggregates import Locked
from queue_server.application.answers import NONE, Answer, Precondition
from queue_server.application.paging import Page
from queue_server.application.resources.bodies import NewRoom, NewRoomAssignment, RoomChange
from queue_server.application.resources.keeping import ResourceService, page_of
from queue_server.application.resources.models import ROOM, ROOM_ASSIGNMENT_TABLE, ROOM_MAINTENANCE_TABLE, ROOM_TABLE
from queue_server.application.resources.outages import date_at
from queue_server.application.resources.shown import maintenance_view, of_table, rows_of
from queue_server.application.resources.views import RoomAssignmentView, RoomView
from queue_server.application.unit import Unit
from queue_server.store import resources as store
from queue_server.store.db import Row, Transaction
from queue_server.store.reservations import Resource
from scheduling_core.errors import NotFound
from scheduling_core.ids import AssignmentId, ClinicId, DoctorId, RoomId, TextId
from scheduling_core.resources.maintenance import FinishMaintenance, PlanMaintenance
from scheduling_core.resources.rooms import (
    AssignRoom,
    CreateRoom,
    EndRoomAssignment,
    RetireRoom,
    Room,
    RoomEvent,
    RoomType,
    UpdateRoom,
    decide,
)

LockedRoom = Locked[Room, RoomEvent]


class RoomService(ResourceService[Room, RoomEvent, RoomView]):
    """Reads and changes rooms."""

    kind = Resource.ROOM
    model = ROOM

    async def create(self, actor: Actor, body: NewRoom, precondition: Precondition = NONE) -> Answer:
        """Add a room to a clinic; answers the room."""

        async def work(unit: Unit, name: TextId) -> LockedRoom:
            room = RoomId(uuid7())
            locked = await unit.lock_aggregate(ROOM, room)
            command = CreateRoom(room=room, clinic=ClinicId(body.clinic_id), name=name, kind=body.type)
            locked.add(*decide(None, command, locked.now))
            return locked

        return await self._create(actor, body, work, precondition)

    async def update(self, actor: Actor, room: UUID, change: RoomChange, precondition: Precondition = NONE) -> Answer:
        """Change a room, or bring a removed one back; answers the room."""

        def work(locked: LockedRoom, name: TextId | UnsetType) -> None:
            command = UpdateRoom(name=name, kind=change.type, active=change.active)
            locked.add(*decide(locked.state, command, locked.now))

        return await self._update(actor, room, change, work, precondition)

    async def assign(
        self, actor: Actor, room: UUID, body: NewRoomAssignment, precondition: Precondition = NONE
    ) -> Answer:
        """Give a room to a doctor from a date on; several doctors may share one."""

        async def work(unit: Unit, locked: LockedRoom) -> None:
            if not await store.doctor_exists(unit.tx, body.doctor_id):
                raise NotFound("There is no such doctor.", field="doctorId")
            today = await date_at(unit, locked.state.clinic)
            command = AssignRoom(
                assignment=AssignmentId(uuid7()),
                doctor=DoctorId(body.doctor_id),
                first=body.from_ or today,
                last=body.until,
                today=today,
            )
            locked.add(*decide(locked.state, command, locked.now))

        return await self._change(actor, "assign-room", room, work, precondition)

    async def end_assignment(
        self, actor: Actor, room: UUID, assignment: UUID, precondition: Precondition = NONE
    ) -> Answer:
        """End an assignment: from today on the room is not this doctor's any more."""

        async def work(unit: Unit, locked: LockedRoom) -> None:
            today = await date_at(unit, locked.state.clinic)
            command = EndRoomAssignment(assignment=AssignmentId(assignment), today=today)
            locked.add(*decide(locked.state, command, locked.now))

        return await self._change(actor, "end-room-assignment", room, work, precondition)

    def _retired(self, locked: LockedRoom) -> Sequence[RoomEvent]:
        return decide(locked.state, RetireRoom(), locked.now)

    def _maintained(self, locked: LockedRoom, command: PlanMaintenance | FinishMaintenance) -> Sequence[RoomEvent]:
        return decide(locked.state, command, locked.now)

    async def _row(self, tx: Transaction, id: UUID) -> Row | None:
        return await store.room(tx, id)

    async def _views(self, tx: Transaction, found: Sequence[Row]) -> list[RoomView]:
        ids = [row["room_id"] for row in found]
        if not ids:
            return []
        maintenance = await store.room_maintenance(tx, ids)
        assignments = await store.room_assignments(tx, ids)
        inside = await store.equipment_in_rooms(tx, ids)
        return [_view(row, maintenance, assignments, inside) for row in found]

    async def _answer(self, unit: Unit, locked: LockedRoom) -> tuple[RoomView, int]:
        rows = await rows_of(unit.tx, locked)
        (row,) = of_table(rows, ROOM_TABLE)
        inside = await store.equipment_in_rooms(unit.tx, [locked.state.id])
        view = _view(row, of_table(rows, ROOM_MAINTENANCE_TABLE), of_table(rows, ROOM_ASSIGNMENT_TABLE), inside)
        return view, locked.state.version

    async def list(
        self,
        actor: Actor,
        *,
        clinic: UUID | None = None,
        type: RoomType | None = None,
        active: bool | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[RoomView]:
        """Return rooms of the clinics the account may see, in order of creation."""
        wanted = replace(page_of(actor, cursor, limit), clinic=clinic, type=type, active=active)
        return await self._page(actor, wanted, store.rooms)


def _view(
    row: Mapping[str, Any],
    maintenance: Iterable[Mapping[str, Any]],
    assignments: Iterable[Mapping[str, Any]],
    inside: Iterable[Mapping[str, Any]],
) -> RoomView:
    room = row["room_id"]
    return RoomView(
        id=room,
        clinic_id=row["clinic_id"],
        name=row["name"],
        type=RoomType(row["type"]),
        active=row["active"],
        equipment_ids=tuple(one["equipment_id"] for one in inside if one["room_id"] == room),
        maintenance=tuple(maintenance_view(one) for one in maintenance if one["room_id"] == room),
        assignments=tuple(_assignment(one) for one in assignments if one["room_id"] == room),
        version=row["version"],
    )


def _assignment(row: Mapping[str, Any]) -> RoomAssignmentView:
    return RoomAssignmentView(
        id=row["assignment_id"], doctor_id=row["doctor_id"], from_=row["first_date"], until=row["last_date"]
    )
