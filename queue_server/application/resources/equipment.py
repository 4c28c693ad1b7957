"""Equipment: added, changed, put into rooms, taken out of use for maintenance, and removed when nothing needs it."""

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
from queue_server.application.resources.bodies import EquipmentChange, NewEquipment, NewEquipmentAssignment
from queue_server.application.resources.keeping import ResourceService, page_of
from queue_server.application.resources.models import (
    EQUIPMENT,
    EQUIPMENT_ASSIGNMENT_TABLE,
    EQUIPMENT_MAINTENANCE_TABLE,
    EQUIPMENT_TABLE,
)
from queue_server.application.resources.shown import maintenance_view, of_table, rows_of
from queue_server.application.resources.views import EquipmentAssignmentView, EquipmentView
from queue_server.application.unit import Unit
from queue_server.store import resources as store
from queue_server.store.db import Row, Transaction
from queue_server.store.reservations import Resource
from scheduling_core.errors import Conflict, InvalidValue, NotFound
from scheduling_core.ids import AssignmentId, ClinicId, EquipmentId, RoomId, TextId
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
from scheduling_core.resources.maintenance import FinishMaintenance, PlanMaintenance

LockedEquipment = Locked[Equipment, EquipmentEvent]


class EquipmentService(ResourceService[Equipment, EquipmentEvent, EquipmentView]):
    """Reads and changes equipment."""

    kind = Resource.EQUIPMENT
    model = EQUIPMENT

    async def create(self, actor: Actor, body: NewEquipment, precondition: Precondition = NONE) -> Answer:
        """Add equipment to a clinic, and put it into a room if one is named; answers it."""

        async def work(unit: Unit, name: TextId) -> LockedEquipment:
            equipment = EquipmentId(uuid7())
            locked = await unit.lock_aggregate(EQUIPMENT, equipment)
            command = CreateEquipment(equipment=equipment, clinic=ClinicId(body.clinic_id), name=name, kind=body.type)
            locked.add(*decide(None, command, locked.now))
            if body.room_id is not None:
                await _put(unit, locked, body.room_id)
            return locked

        return await self._create(actor, body, work, precondition)

    async def update(
        self, actor: Actor, equipment: UUID, change: EquipmentChange, precondition: Precondition = NONE
    ) -> Answer:
        """Change a piece of equipment, or bring a removed one back; answers it."""

        def work(locked: LockedEquipment, name: TextId | UnsetType) -> None:
            command = UpdateEquipment(name=name, kind=change.type, active=change.active)
            locked.add(*decide(locked.state, command, locked.now))

        return await self._update(actor, equipment, change, work, precondition)

    async def assign(
        self, actor: Actor, equipment: UUID, body: NewEquipmentAssignment, precondition: Precondition = NONE
    ) -> Answer:
        """Put a piece of equipment into a room of its clinic, or take it out of the one it is in."""

        async def work(unit: Unit, locked: LockedEquipment) -> None:
            await _put(unit, locked, body.room_id)

        return await self._change(actor, "assign-equipment", equipment, work, precondition)

    def _retired(self, locked: LockedEquipment) -> Sequence[EquipmentEvent]:
        return decide(locked.state, RetireEquipment(), locked.now)

    def _maintained(
        self, locked: LockedEquipment, command: PlanMaintenance | FinishMaintenance
    ) -> Sequence[EquipmentEvent]:
        return decide(locked.state, command, locked.now)

    async def _row(self, tx: Transaction, id: UUID) -> Row | None:
        return await store.equipment(tx, id)

    async def _views(self, tx: Transaction, found: Sequence[Row]) -> list[EquipmentView]:
        ids = [row["equipment_id"] for row in found]
        if not ids:
            return []
        maintenance = await store.equipment_maintenance(tx, ids)
        placements = await store.equipment_assignments(tx, ids)
        return [_view(row, maintenance, placements) for row in found]

    async def _answer(self, unit: Unit, locked: LockedEquipment) -> tuple[EquipmentView, int]:
        rows = await rows_of(unit.tx, locked)
        (row,) = of_table(rows, EQUIPMENT_TABLE)
        periods, places = of_table(rows, EQUIPMENT_MAINTENANCE_TABLE), of_table(rows, EQUIPMENT_ASSIGNMENT_TABLE)
        return _view(row, periods, places), locked.state.version

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
        wanted = replace(page_of(actor, cursor, limit), clinic=clinic, room=room, type=type, active=active)
        return await self._page(actor, wanted, store.equipment_page)


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
