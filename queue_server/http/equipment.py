"""Equipment: where it stands, when it is not to be used."""

from datetime import UTC
from uuid import UUID

from queue_server.application.paging import part
from queue_server.application.resources.bodies import (
    EquipmentChange,
    NewEquipment,
    NewEquipmentAssignment,
    NewMaintenance,
)
from queue_server.application.resources.views import EquipmentAssignmentView, EquipmentView
from queue_server.http.answers import changed, made
from queue_server.http.endpoint import Call, Endpoint, Nothing, Reply
from queue_server.http.lists import LongPageQuery, PageQuery
from queue_server.http.rooms import TAG
from scheduling_core import errors
from scheduling_core.permissions import Permission
from scheduling_core.resources.equipment import EquipmentType

BASE = "/api/equipment"
ONE = f"{BASE}/{{equipmentId}}"
MAINTENANCE = f"{ONE}/maintenance"
FINISH = f"{MAINTENANCE}/{{maintenanceId}}/finish"
ASSIGNMENTS = f"{ONE}/assignments"


class EquipmentQuery(PageQuery, frozen=True, kw_only=True):
    """Which equipment, in order of creation."""

    clinic_id: UUID | None = None
    room_id: UUID | None = None
    type: EquipmentType | None = None
    active: bool | None = None


async def page(call: Call[None, EquipmentQuery]) -> Reply:
    """Return a page of equipment."""
    query = call.query
    found = await call.services.equipment.list(
        call.actor,
        clinic=query.clinic_id,
        room=query.room_id,
        type=query.type,
        active=query.active,
        limit=query.limit,
        cursor=query.cursor,
    )
    return Reply(data=found.items, next_cursor=found.next_cursor)


async def create(call: Call[NewEquipment, Nothing]) -> Reply:
    """Add a piece of equipment."""
    return made(await call.services.equipment.create(call.actor, call.body, call.precondition), BASE)


async def get(call: Call[None, Nothing]) -> Reply:
    """Return a piece of equipment."""
    found = await call.services.equipment.get(call.actor, call.id("equipmentId"))
    return Reply(data=found, version=found.version)


async def update(call: Call[EquipmentChange, Nothing]) -> Reply:
    """Change a piece of equipment."""
    equipment = call.services.equipment
    return changed(await equipment.update(call.actor, call.id("equipmentId"), call.body, call.precondition))


async def retire(call: Call[None, Nothing]) -> Reply:
    """Remove a piece of equipment."""
    await call.services.equipment.retire(call.actor, call.id("equipmentId"), call.precondition)
    return Reply()


async def plan_maintenance(call: Call[NewMaintenance, Nothing]) -> Reply:
    """Take a piece of equipment out of use for a while."""
    equipment = call.services.equipment
    return changed(await equipment.plan_maintenance(call.actor, call.id("equipmentId"), call.body, call.precondition))


async def finish_maintenance(call: Call[None, Nothing]) -> Reply:
    """Let a piece of equipment be used again."""
    one, maintenance = call.id("equipmentId"), call.id("maintenanceId")
    return changed(await call.services.equipment.finish_maintenance(call.actor, one, maintenance, call.precondition))


async def assignments(call: Call[None, LongPageQuery]) -> Reply:
    """Return where a piece of equipment stands and stood, by time."""
    found = await call.services.equipment.get(call.actor, call.id("equipmentId"))
    page = part(found.assignments, _since, limit=call.query.limit, cursor=call.query.cursor)
    return Reply(data=page.items, next_cursor=page.next_cursor, version=found.version)


def _since(one: EquipmentAssignmentView) -> tuple[str, UUID]:
    # The same digits for all, so that they sort as the instants do.
    return one.from_.astimezone(UTC).isoformat(timespec="microseconds"), one.id


async def assign(call: Call[NewEquipmentAssignment, Nothing]) -> Reply:
    """Put a piece of equipment into a room."""
    equipment = call.services.equipment
    return changed(await equipment.assign(call.actor, call.id("equipmentId"), call.body, call.precondition))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=BASE,
        handler=page,
        summary="The equipment of the clinics the account may see",
        tag=TAG,
        answer=list[EquipmentView],
        door=Permission.READ_RESOURCES,
        query=EquipmentQuery,
        paged=True,
    ),
    Endpoint(
        method="POST",
        path=BASE,
        handler=create,
        summary="A new piece of equipment",
        tag=TAG,
        answer=EquipmentView,
        door=Permission.MANAGE_RESOURCES,
        body=NewEquipment,
        status=201,
        keeps=False,
        refusals=(errors.Conflict,),
        example={"clinicId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e01", "name": "Ultrasound 2", "type": "ultrasound"},
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=get,
        summary="A piece of equipment",
        tag=TAG,
        answer=EquipmentView,
        door=Permission.READ_RESOURCES,
    ),
    Endpoint(
        method="PUT",
        path=ONE,
        handler=update,
        summary="Change a piece of equipment; what is left out stays",
        tag=TAG,
        answer=EquipmentView,
        door=Permission.MANAGE_RESOURCES,
        body=EquipmentChange,
        versioned=True,
        keeps=False,
        refusals=(errors.Conflict,),
        example={"name": "Ultrasound 2, portable"},
    ),
    Endpoint(
        method="DELETE",
        path=ONE,
        handler=retire,
        summary="Remove a piece of equipment that nothing needs",
        tag=TAG,
        description="Its history stays, and it may be brought back. While it is reserved or in a schedule, the"
        " answer is 409 and names what needs it.",
        status=204,
        door=Permission.MANAGE_RESOURCES,
        versioned=True,
        keeps=False,
        refusals=(errors.InUse,),
    ),
    Endpoint(
        method="POST",
        path=MAINTENANCE,
        handler=plan_maintenance,
        summary="Take a piece of equipment out of use for a while",
        tag=TAG,
        description="While it is reserved in that time the answer is 409 and names the reservations.",
        answer=EquipmentView,
        door=Permission.MANAGE_RESOURCES,
        body=NewMaintenance,
        versioned=True,
        keeps=False,
        refusals=(errors.Conflict, errors.InUse),
        example={"start": "2030-03-04T08:00:00Z", "end": "2030-03-04T12:00:00Z", "reason": "Calibration"},
    ),
    Endpoint(
        method="POST",
        path=FINISH,
        handler=finish_maintenance,
        summary="End a maintenance now, or call it off before it begins",
        tag=TAG,
        answer=EquipmentView,
        door=Permission.MANAGE_RESOURCES,
        versioned=True,
        keeps=False,
    ),
    Endpoint(
        method="GET",
        path=ASSIGNMENTS,
        handler=assignments,
        summary="Which room it stands and stood in",
        tag=TAG,
        answer=list[EquipmentAssignmentView],
        door=Permission.READ_RESOURCES,
        query=LongPageQuery,
        paged=True,
    ),
    Endpoint(
        method="POST",
        path=ASSIGNMENTS,
        handler=assign,
        summary="Put it into a room, or take it out of the one it is in",
        tag=TAG,
        answer=EquipmentView,
        door=Permission.MANAGE_RESOURCES,
        body=NewEquipmentAssignment,
        versioned=True,
        keeps=False,
        refusals=(errors.Conflict,),
        example={"roomId": None},
    ),
)
