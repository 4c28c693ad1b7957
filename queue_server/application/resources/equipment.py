"""Equipment: added, changed, put into rooms, taken out of use for maintenance, and removed when nothing needs it."""

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
    EquipmentChange,
    NewEquipment,
    NewEquipmentAssignment,
    NewMaintenance,
)
from queue_server.application.resources.models import (
    EQUIPMENT,
    EQUIPMENT_ASSIGNMENT_TABLE,
    EQUIPMENT_MAINTENANCE_TABLE,
    EQUIPMENT_TABLE,
)
from queue_server.application.resources.outages import date_at, maintenance_of, slots_follow
from queue_server.application.resources.shown import maintenance_view, of_table, rows_of, texts_of
from queue_server.application.resources.uses import check_unused
from queue_server.application.resources.views import EquipmentAssignmentView, EquipmentView
from queue_server.application.unit import Unit, WritePath
from queue_server.store import clinics, schedules
from queue_server.store import resources as store
from queue_server.store.db import Database, Row, Transaction
from queue_server.store.reservations import Resource
from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import AssignmentId, ClinicId, EquipmentId, MaintenanceId, RoomId
from scheduling_core.permissions import Permission
from scheduling_core.resources.equipment import (
    AssignEquipment,
    CreateEquipment,
    Equipment,
    EquipmentEvent,
    EquipmentType,
    RetireEquipment,
    UpdateEquipment,
    decide,
)
from scheduling_core.resources.maintenance import FinishMaintenance

LockedEquipment = Locked[Equipment, EquipmentEvent]


class EquipmentService:
    """Reads and changes equipment."""

    def __init__(self, db: Database, writes: WritePath) -> None:
        self._db = db
        self._writes = writes

    async def list(
        self,
        actor: Actor,
        *,
        clinic: UUID | None = None,
        room: UUID | None = None,
        type: EquipmentType | None = None,
        active: bool | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[EquipmentView]:
        """Return equipment of the clinics the account may see, in order of creation."""
        actor.require(Permission.READ_RESOURCES)
        if clinic is not None:
            actor.require_for(Permission.READ_RESOURCES, clinic=ClinicId(clinic))
        size = checked_limit(limit)
        wanted = store.Filter(
            after=after(cursor),
            limit=size + 1,
            within=actor.clinics,
            clinic=clinic,
            room=room,
            type=type,
            active=active,
        )
        async with self._db.tenant(actor.tenant) as tx:
            found = await store.equipment_page(tx, wanted)
            views = await _views(tx, found[:size])
        return Page(views, cursor_of(views[-1].id) if len(found) > size else None)

    async def get(self, actor: Actor, equipment: UUID) -> EquipmentView:
        """Return a piece of equipment; raises `NotFound` for one outside of the account's clinics."""
        actor.require(Permission.READ_RESOURCES)
        async with self._db.tenant(actor.tenant) as tx:
            found = await store.equipment(tx, equipment)
            if found is None:
                raise NotFound("There is no such equipment.")
            actor.require_for(Permission.READ_RESOURCES, clinic=found["clinic_id"])
            return (await _views(tx, [found]))[0]

    async def create(self, actor: Actor, body: NewEquipment, precondition: Precondition = NONE) -> Answer:
        """Add equipment to a clinic, and put it into a room if one is named; answers it."""
        clinic = ClinicId(body.clinic_id)
        actor.require_for(Permission.MANAGE_RESOURCES, clinic=clinic)
        name = one_line(body.name, "name", longest=LONGEST_NAME)

        async def work(unit: Unit) -> tuple[object, int | None]:
            if await clinics.clinic(unit.tx, clinic) is None:
                raise NotFound("There is no such clinic.", field="clinicId")
            equipment = EquipmentId(uuid7())
            locked = await unit.lock_aggregate(EQUIPMENT, equipment)
            command = CreateEquipment(equipment=equipment, clinic=clinic, name=await unit.say(name), kind=body.type)
            locked.add(*decide(None, command, locked.now))
            if body.room_id is not None:
                await _put(unit, locked, body.room_id)
            return await _answer(unit, locked)

        return await self._writes.run(actor, "create-equipment", work, precondition)

    async def update(
        self, actor: Actor, equipment: UUID, change: EquipmentChange, precondition: Precondition = NONE
    ) -> Answer:
        """Change a piece of equipment, or bring a removed one back; answers it."""
        name = UNSET if change.name is UNSET else one_line(change.name, "name", longest=LONGEST_NAME)

        async def work(unit: Unit, locked: LockedEquipment) -> None:
            known = (await texts_of(unit.tx, EQUIPMENT, locked.state)).get(locked.state.name)
            said = UNSET if name is UNSET or name == known else await unit.say(name)
            command = UpdateEquipment(name=said, kind=change.type, active=change.active)
            locked.add(*decide(locked.state, command, locked.now))

        return await self._change(actor, "update-equipment", equipment, work, precondition)

    async def retire(self, actor: Actor, equipment: UUID, precondition: Precondition = NONE) -> Answer:
        """Remove a piece of equipment; raises `InUse`, naming what uses it, while something does."""

        async def work(unit: Unit, locked: LockedEquipment) -> None:
            today = await date_at(unit, locked.state.clinic)
            await check_unused(unit, Resource.EQUIPMENT, locked.state.id, locked.state.clinic, today)
            locked.add(*decide(locked.state, RetireEquipment(), locked.now))

        return await self._change(actor, "retire-equipment", equipment, work, precondition)

    async def assign(
        self, actor: Actor, equipment: UUID, body: NewEquipmentAssignment, precondition: Precondition = NONE
    ) -> Answer:
        """Put a piece of equipment into a room of its clinic, or take it out of the one it is in."""

        async def work(unit: Unit, locked: LockedEquipment) -> None:
            await _put(unit, locked, body.room_id)

        return await self._change(actor, "assign-equipment", equipment, work, precondition)

    async def plan_maintenance(
        self, actor: Actor, equipment: UUID, body: NewMaintenance, precondition: Precondition = NONE
    ) -> Answer:
        """Take a piece of equipment out of use for a while; raises `InUse` when it is reserved then.

        The slots of doctors who plan with it follow by a job that cannot be lost.
        """

        async def work(unit: Unit, locked: LockedEquipment) -> None:
            await schedules.hold_resources(unit.tx, [locked.state.id])
            command = await maintenance_of(unit, Resource.EQUIPMENT, equipment, body, locked.now)
            locked.add(*decide(locked.state, command, locked.now))
            await slots_follow(unit, Resource.EQUIPMENT, locked.before, locked.state)

        return await self._change(actor, "plan-equipment-maintenance", equipment, work, precondition)

    async def finish_maintenance(
        self, actor: Actor, equipment: UUID, maintenance: UUID, precondition: Precondition = NONE
    ) -> Answer:
        """Let a piece of equipment be used again before its maintenance was to end; slots come back as they went."""

        async def work(unit: Unit, locked: LockedEquipment) -> None:
            await schedules.hold_resources(unit.tx, [locked.state.id])
            command = FinishMaintenance(maintenance=MaintenanceId(maintenance))
            locked.add(*decide(locked.state, command, locked.now))
            await slots_follow(unit, Resource.EQUIPMENT, locked.before, locked.state)

        return await self._change(actor, "finish-equipment-maintenance", equipment, work, precondition)

    async def _change(
        self,
        actor: Actor,
        command: str,
        equipment: UUID,
        work: Callable[[Unit, LockedEquipment], Awaitable[None]],
        precondition: Precondition,
    ) -> Answer:
        actor.require(Permission.MANAGE_RESOURCES)

        async def change(unit: Unit) -> tuple[object, int | None]:
            locked = await unit.lock_aggregate(EQUIPMENT, equipment)
            if not locked.exists:
                raise NotFound("There is no such equipment.")
            actor.require_for(Permission.MANAGE_RESOURCES, clinic=locked.state.clinic)
            check_version(precondition.if_match, locked.state.version, "The equipment")
            await work(unit, locked)
            return await _answer(unit, locked)

        return await self._writes.run(actor, command, change, precondition)


async def _put(unit: Unit, locked: LockedEquipment, room: UUID | None) -> None:
    """Put it into a room, which is not removed meanwhile."""
    if room is not None:
        found = await store.room(unit.tx, room, held=True)
        if found is None:
            raise NotFound("There is no such room.", field="roomId")
        if found["clinic_id"] != locked.state.clinic:
            raise InvalidValue("This room is in another clinic.", field="roomId")
        if not found["active"]:
            raise Conflict("This room is not used any more.", field="roomId")
    command = AssignEquipment(assignment=AssignmentId(uuid7()), room=None if room is None else RoomId(room))
    locked.add(*decide(locked.state, command, locked.now))


async def _answer(unit: Unit, locked: LockedEquipment) -> tuple[EquipmentView, int]:
    rows = await rows_of(unit.tx, locked)
    (row,) = of_table(rows, EQUIPMENT_TABLE)
    periods, places = of_table(rows, EQUIPMENT_MAINTENANCE_TABLE), of_table(rows, EQUIPMENT_ASSIGNMENT_TABLE)
    return _view(row, periods, places), locked.state.version


async def _views(tx: Transaction, found: Sequence[Row]) -> list[EquipmentView]:
    """Return equipment with all that belongs to it: three queries for a page."""
    ids = [row["equipment_id"] for row in found]
    if not ids:
        return []
    maintenance = await store.equipment_maintenance(tx, ids)
    placements = await store.equipment_assignments(tx, ids)
    return [_view(row, maintenance, placements) for row in found]


def _view(
    row: Mapping[str, Any], maintenance: Iterable[Mapping[str, Any]], placements: Iterable[Mapping[str, Any]]
) -> EquipmentView:
    equipment = row["equipment_id"]
    return EquipmentView(
        id=equipment,
        clinic_id=row["clinic_id"],
        room_id=row["room_id"],
        name=row["name"],
        type=EquipmentType(row["type"]),
        active=row["active"],
        maintenance=tuple(maintenance_view(one) for one in maintenance if one["equipment_id"] == equipment),
        assignments=tuple(_placement(one) for one in placements if one["equipment_id"] == equipment),
        version=row["version"],
    )


def _placement(row: Mapping[str, Any]) -> EquipmentAssignmentView:
    return EquipmentAssignmentView(
        id=row["assignment_id"], room_id=row["room_id"], from_=row["since"], until=row["until"]
    )
