"""Rooms: added, changed, given to doctors, taken out of use for maintenance, and removed when nothing needs them."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET
from uuid_utils.compat import uuid7

from queue_server.application.actor import Actor
from queue_server.application.aggregates import Locked
from queue_server.application.answers import NONE, Answer, Precondition, check_version
from queue_server.application.paging import Page, after, checked_limit, cursor_of
from queue_server.application.plain_text import one_line
from queue_server.application.resources.bodies import (
    LONGEST_NAME,
    NewMaintenance,
    NewRoom,
    NewRoomAssignment,
    RoomChange,
)
from queue_server.application.resources.models import ROOM, ROOM_ASSIGNMENT_TABLE, ROOM_MAINTENANCE_TABLE, ROOM_TABLE
from queue_server.application.resources.outages import date_at, maintenance_of, slots_follow
from queue_server.application.resources.shown import maintenance_view, of_table, rows_of, texts_of
from queue_server.application.resources.uses import check_unused
from queue_server.application.resources.views import RoomAssignmentView, RoomView
from queue_server.application.unit import Unit, WritePath
from queue_server.store import clinics, schedules
from queue_server.store import resources as store
from queue_server.store.db import Database, Row, Transaction
from queue_server.store.reservations import Resource
from scheduling_core.errors import NotFound
from scheduling_core.ids import AssignmentId, ClinicId, DoctorId, MaintenanceId, RoomId
from scheduling_core.permissions import Permission
from scheduling_core.resources.maintenance import FinishMaintenance
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


class RoomService:
    """Reads and changes rooms."""

    def __init__(self, db: Database, writes: WritePath) -> None:
        self._db = db
        self._writes = writes

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
        actor.require(Permission.READ_RESOURCES)
        if clinic is not None:
            actor.require_for(Permission.READ_RESOURCES, clinic=ClinicId(clinic))
        size = checked_limit(limit)
        wanted = store.Filter(
            after=after(cursor), limit=size + 1, within=actor.clinics, clinic=clinic, type=type, active=active
        )
        async with self._db.tenant(actor.tenant) as tx:
            found = await store.rooms(tx, wanted)
            views = await _views(tx, found[:size])
        return Page(views, cursor_of(views[-1].id) if len(found) > size else None)

    async def get(self, actor: Actor, room: UUID) -> RoomView:
        """Return a room; raises `NotFound` for one outside of the account's clinics."""
        actor.require(Permission.READ_RESOURCES)
        async with self._db.tenant(actor.tenant) as tx:
            found = await store.room(tx, room)
            if found is None:
                raise NotFound("There is no such room.")
            actor.require_for(Permission.READ_RESOURCES, clinic=found["clinic_id"])
            return (await _views(tx, [found]))[0]

    async def create(self, actor: Actor, body: NewRoom, precondition: Precondition = NONE) -> Answer:
        """Add a room to a clinic; answers the room."""
        clinic = ClinicId(body.clinic_id)
        actor.require_for(Permission.MANAGE_RESOURCES, clinic=clinic)
        name = one_line(body.name, "name", longest=LONGEST_NAME)

        async def work(unit: Unit) -> tuple[object, int | None]:
            if await clinics.clinic(unit.tx, clinic) is None:
                raise NotFound("There is no such clinic.", field="clinicId")
            room = RoomId(uuid7())
            locked = await unit.lock_aggregate(ROOM, room)
            command = CreateRoom(room=room, clinic=clinic, name=await unit.say(name), kind=body.type)
            locked.add(*decide(None, command, locked.now))
            return await _answer(unit, locked)

        return await self._writes.run(actor, "create-room", work, precondition)

    async def update(self, actor: Actor, room: UUID, change: RoomChange, precondition: Precondition = NONE) -> Answer:
        """Change a room, or bring a removed one back; answers the room."""
        name = UNSET if change.name is UNSET else one_line(change.name, "name", longest=LONGEST_NAME)

        async def work(unit: Unit, locked: LockedRoom) -> None:
            known = (await texts_of(unit.tx, ROOM, locked.state)).get(locked.state.name)
            said = UNSET if name is UNSET or name == known else await unit.say(name)
            command = UpdateRoom(name=said, kind=change.type, active=change.active)
            locked.add(*decide(locked.state, command, locked.now))

        return await self._change(actor, "update-room", room, work, precondition)

    async def retire(self, actor: Actor, room: UUID, precondition: Precondition = NONE) -> Answer:
        """Remove a room; raises `InUse`, naming what uses it, while something does."""

        async def work(unit: Unit, locked: LockedRoom) -> None:
            today = await date_at(unit, locked.state.clinic)
            await check_unused(unit, Resource.ROOM, locked.state.id, locked.state.clinic, today)
            locked.add(*decide(locked.state, RetireRoom(), locked.now))

        return await self._change(actor, "retire-room", room, work, precondition)

    async def plan_maintenance(
        self, actor: Actor, room: UUID, body: NewMaintenance, precondition: Precondition = NONE
    ) -> Answer:
        """Take a room out of use for a while; raises `InUse` when it is reserved then.

        The slots of doctors who sit in it follow by a job that cannot be lost.
        """

        async def work(unit: Unit, locked: LockedRoom) -> None:
            await schedules.hold_resources(unit.tx, [locked.state.id])
            command = await maintenance_of(unit, Resource.ROOM, room, body, locked.now)
            locked.add(*decide(locked.state, command, locked.now))
            await slots_follow(unit, Resource.ROOM, locked.before, locked.state)

        return await self._change(actor, "plan-room-maintenance", room, work, precondition)

    async def finish_maintenance(
        self, actor: Actor, room: UUID, maintenance: UUID, precondition: Precondition = NONE
    ) -> Answer:
        """Let a room be used again before its maintenance was to end; slots come back as they went."""

        async def work(unit: Unit, locked: LockedRoom) -> None:
            await schedules.hold_resources(unit.tx, [locked.state.id])
            command = FinishMaintenance(maintenance=MaintenanceId(maintenance))
            locked.add(*decide(locked.state, command, locked.now))
            await slots_follow(unit, Resource.ROOM, locked.before, locked.state)

        return await self._change(actor, "finish-room-maintenance", room, work, precondition)

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

    async def _change(
        self,
        actor: Actor,
        command: str,
        room: UUID,
        work: Callable[[Unit, LockedRoom], Awaitable[None]],
        precondition: Precondition,
    ) -> Answer:
        actor.require(Permission.MANAGE_RESOURCES)

        async def change(unit: Unit) -> tuple[object, int | None]:
            locked = await unit.lock_aggregate(ROOM, room)
            if not locked.exists:
                raise NotFound("There is no such room.")
            actor.require_for(Permission.MANAGE_RESOURCES, clinic=locked.state.clinic)
            check_version(precondition.if_match, locked.state.version, "The room")
            await work(unit, locked)
            return await _answer(unit, locked)

        return await self._writes.run(actor, command, change, precondition)


async def _answer(unit: Unit, locked: LockedRoom) -> tuple[RoomView, int]:
    rows = await rows_of(unit.tx, locked)
    (row,) = of_table(rows, ROOM_TABLE)
    inside = await store.equipment_in_rooms(unit.tx, [locked.state.id])
    view = _view(row, of_table(rows, ROOM_MAINTENANCE_TABLE), of_table(rows, ROOM_ASSIGNMENT_TABLE), inside)
    return view, locked.state.version


async def _views(tx: Transaction, found: Sequence[Row]) -> list[RoomView]:
    """Return rooms with all that belongs to them: four queries for a page."""
    ids = [row["room_id"] for row in found]
    if not ids:
        return []
    maintenance = await store.room_maintenance(tx, ids)
    assignments = await store.room_assignments(tx, ids)
    inside = await store.equipment_in_rooms(tx, ids)
    return [_view(row, maintenance, assignments, inside) for row in found]


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
