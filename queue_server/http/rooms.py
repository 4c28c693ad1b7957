"""Rooms: who has them, when they are not to be used."""

from uuid import UUID

from queue_server.application.paging import part
from queue_server.application.resources.bodies import NewMaintenance, NewRoom, NewRoomAssignment, RoomChange
from queue_server.application.resources.views import RoomAssignmentView, RoomView
from queue_server.http.answers import changed, made
from queue_server.http.endpoint import Call, Endpoint, Nothing, Reply
from queue_server.http.lists import LongPageQuery, PageQuery
from scheduling_core import errors
from scheduling_core.permissions import Permission
from scheduling_core.resources.rooms import RoomType

BASE = "/api/rooms"
ONE = f"{BASE}/{{roomId}}"
MAINTENANCE = f"{ONE}/maintenance"
FINISH = f"{MAINTENANCE}/{{maintenanceId}}/finish"
ASSIGNMENTS = f"{ONE}/assignments"
ASSIGNMENT = f"{ASSIGNMENTS}/{{assignmentId}}"
TAG = "Rooms and equipment"


class RoomQuery(PageQuery, frozen=True, kw_only=True):
    """Which rooms, in order of creation."""

    clinic_id: UUID | None = None
    type: RoomType | None = None
    active: bool | None = None


async def page(call: Call[None, RoomQuery]) -> Reply:
    """Return a page of rooms."""
    query = call.query
    found = await call.services.rooms.list(
        call.actor,
        clinic=query.clinic_id,
        type=query.type,
        active=query.active,
        limit=query.limit,
        cursor=query.cursor,
    )
    return Reply(data=found.items, next_cursor=found.next_cursor)


async def create(call: Call[NewRoom, Nothing]) -> Reply:
    """Add a room."""
    return made(await call.services.rooms.create(call.actor, call.body, call.precondition), BASE)


async def get(call: Call[None, Nothing]) -> Reply:
    """Return a room."""
    found = await call.services.rooms.get(call.actor, call.id("roomId"))
    return Reply(data=found, version=found.version)


async def update(call: Call[RoomChange, Nothing]) -> Reply:
    """Change a room."""
    rooms = call.services.rooms
    return changed(await rooms.update(call.actor, call.id("roomId"), call.body, call.precondition))


async def retire(call: Call[None, Nothing]) -> Reply:
    """Remove a room."""
    await call.services.rooms.retire(call.actor, call.id("roomId"), call.precondition)
    return Reply()


async def plan_maintenance(call: Call[NewMaintenance, Nothing]) -> Reply:
    """Take a room out of use for a while."""
    rooms = call.services.rooms
    return changed(await rooms.plan_maintenance(call.actor, call.id("roomId"), call.body, call.precondition))


async def finish_maintenance(call: Call[None, Nothing]) -> Reply:
    """Let a room be used again."""
    room, maintenance = call.id("roomId"), call.id("maintenanceId")
    return changed(await call.services.rooms.finish_maintenance(call.actor, room, maintenance, call.precondition))


async def assignments(call: Call[None, LongPageQuery]) -> Reply:
    """Return whose a room is and was, by time."""
    found = await call.services.rooms.get(call.actor, call.id("roomId"))
    page = part(found.assignments, _since, limit=call.query.limit, cursor=call.query.cursor)
    return Reply(data=page.items, next_cursor=page.next_cursor, version=found.version)


def _since(one: RoomAssignmentView) -> tuple[str, UUID]:
    return one.from_.isoformat(), one.id


async def assign(call: Call[NewRoomAssignment, Nothing]) -> Reply:
    """Give a room to a doctor."""
    rooms = call.services.rooms
    return changed(await rooms.assign(call.actor, call.id("roomId"), call.body, call.precondition))


async def end_assignment(call: Call[None, Nothing]) -> Reply:
    """Take a room from a doctor."""
    room, assignment = call.id("roomId"), call.id("assignmentId")
    return changed(await call.services.rooms.end_assignment(call.actor, room, assignment, call.precondition))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=BASE,
        handler=page,
        summary="The rooms of the clinics the account may see",
        tag=TAG,
        answer=list[RoomView],
        door=Permission.READ_RESOURCES,
        query=RoomQuery,
        paged=True,
    ),
    Endpoint(
        method="POST",
        path=BASE,
        handler=create,
        summary="A new room",
        tag=TAG,
        answer=RoomView,
        door=Permission.MANAGE_RESOURCES,
        body=NewRoom,
        status=201,
        keeps=False,
        refusals=(errors.Conflict,),
        example={"clinicId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e01", "name": "Room 4", "type": "consultation"},
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=get,
        summary="A room",
        tag=TAG,
        answer=RoomView,
        door=Permission.READ_RESOURCES,
    ),
    Endpoint(
        method="PUT",
        path=ONE,
        handler=update,
        summary="Change a room; what is left out stays",
        tag=TAG,
        answer=RoomView,
        door=Permission.MANAGE_RESOURCES,
        body=RoomChange,
        versioned=True,
        keeps=False,
        refusals=(errors.Conflict,),
        example={"name": "Room 4a"},
    ),
    Endpoint(
        method="DELETE",
        path=ONE,
        handler=retire,
        summary="Remove a room that nothing needs",
        tag=TAG,
        description="Its history stays, and it may be brought back. While it is reserved, in a schedule, somebody's or"
        " has equipment in it, the answer is 409 and names what needs it.",
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
        summary="Take a room out of use for a while",
        tag=TAG,
        description="While it is reserved in that time the answer is 409 and names the reservations.",
        answer=RoomView,
        door=Permission.MANAGE_RESOURCES,
        body=NewMaintenance,
        versioned=True,
        keeps=False,
        refusals=(errors.Conflict, errors.InUse),
        example={"start": "2030-03-04T08:00:00Z", "end": "2030-03-04T12:00:00Z", "reason": "New floor"},
    ),
    Endpoint(
        method="POST",
        path=FINISH,
        handler=finish_maintenance,
        summary="End a maintenance now, or call it off before it begins",
        tag=TAG,
        answer=RoomView,
        door=Permission.MANAGE_RESOURCES,
        versioned=True,
        keeps=False,
    ),
    Endpoint(
        method="GET",
        path=ASSIGNMENTS,
        handler=assignments,
        summary="Whose room it is and was",
        tag=TAG,
        answer=list[RoomAssignmentView],
        door=Permission.READ_RESOURCES,
        query=LongPageQuery,
        paged=True,
    ),
    Endpoint(
        method="POST",
        path=ASSIGNMENTS,
        handler=assign,
        summary="Give a room to a doctor",
        tag=TAG,
        answer=RoomView,
        door=Permission.MANAGE_RESOURCES,
        body=NewRoomAssignment,
        versioned=True,
        keeps=False,
        refusals=(errors.Conflict,),
        example={"doctorId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e02", "from": "2030-03-04"},
    ),
    Endpoint(
        method="DELETE",
        path=ASSIGNMENT,
        handler=end_assignment,
        summary="From today on a room is not this doctor's any more",
        tag=TAG,
        answer=RoomView,
        door=Permission.MANAGE_RESOURCES,
        versioned=True,
        keeps=False,
    ),
)
