"""Departments: their clinics, and who decides about leave."""

from uuid import UUID

from queue_server.application.resources.bodies import DepartmentChange, NewDepartment
from queue_server.application.resources.views import DepartmentView
from queue_server.http.answers import changed, made
from queue_server.http.endpoint import Call, Endpoint, Nothing, Reply
from queue_server.http.lists import PageQuery
from scheduling_core import errors
from scheduling_core.permissions import Permission

BASE = "/api/departments"
ONE = f"{BASE}/{{departmentId}}"
TAG = "Departments"


class DepartmentQuery(PageQuery, frozen=True, kw_only=True):
    """Which departments, in order of creation; those of all clinics are of each."""

    clinic_id: UUID | None = None
    active: bool | None = None
    head_account_id: UUID | None = None


async def page(call: Call[None, DepartmentQuery]) -> Reply:
    """Return a page of departments."""
    query = call.query
    found = await call.services.departments.list(
        call.actor,
        clinic=query.clinic_id,
        active=query.active,
        head=query.head_account_id,
        limit=query.limit,
        cursor=query.cursor,
    )
    return Reply(data=found.items, next_cursor=found.next_cursor)


async def create(call: Call[NewDepartment, Nothing]) -> Reply:
    """Add a department."""
    return made(await call.services.departments.create(call.actor, call.body, call.precondition), BASE)


async def get(call: Call[None, Nothing]) -> Reply:
    """Return a department."""
    found = await call.services.departments.get(call.actor, call.id("departmentId"))
    return Reply(data=found, version=found.version)


async def update(call: Call[DepartmentChange, Nothing]) -> Reply:
    """Change a department."""
    departments = call.services.departments
    return changed(await departments.update(call.actor, call.id("departmentId"), call.body, call.precondition))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=BASE,
        handler=page,
        summary="The departments of the clinics the account may see",
        tag=TAG,
        answer=list[DepartmentView],
        door=Permission.READ_RESOURCES,
        query=DepartmentQuery,
        paged=True,
    ),
    Endpoint(
        method="POST",
        path=BASE,
        handler=create,
        summary="A new department",
        tag=TAG,
        answer=DepartmentView,
        door=Permission.MANAGE_RESOURCES,
        body=NewDepartment,
        status=201,
        keeps=False,
        example={"name": "Cardiology"},
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=get,
        summary="A department",
        tag=TAG,
        answer=DepartmentView,
        door=Permission.READ_RESOURCES,
    ),
    Endpoint(
        method="PUT",
        path=ONE,
        handler=update,
        summary="Change a department; what is left out stays",
        tag=TAG,
        description="One that still has doctors is not closed (`active: false`): 409 names them.",
        answer=DepartmentView,
        door=Permission.MANAGE_RESOURCES,
        body=DepartmentChange,
        versioned=True,
        keeps=False,
        refusals=(errors.InUse,),
        example={"name": "Cardiology and angiology"},
    ),
)
