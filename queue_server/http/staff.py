"""Staff accounts."""

from queue_server.application.admin_bodies import NewStaff, PasswordReset, StaffChange
from queue_server.application.views.accounts import AccountView
from queue_server.http.endpoint import Call, Endpoint, Nothing, Reply
from queue_server.http.lists import PageQuery
from scheduling_core import errors
from scheduling_core.permissions import Permission, Role

BASE = "/api/staff"
TAG = "Staff"
ONE = f"{BASE}/{{accountId}}"


class StaffQuery(PageQuery, frozen=True, kw_only=True):
    """Which accounts, in order of creation."""

    role: Role | None = None


async def page(call: Call[None, StaffQuery]) -> Reply:
    """Return a page of accounts."""
    query = call.query
    found = await call.services.staff.list(call.actor, limit=query.limit, cursor=query.cursor, role=query.role)
    return Reply(data=found.items, next_cursor=found.next_cursor)


async def create(call: Call[NewStaff, Nothing]) -> Reply:
    """Make an account."""
    return _one(await call.services.staff.create(call.actor, call.body), made=True)


async def get(call: Call[None, Nothing]) -> Reply:
    """Return an account."""
    return _one(await call.services.staff.get(call.actor, call.id("accountId")))


async def update(call: Call[StaffChange, Nothing]) -> Reply:
    """Change an account."""
    expected = call.precondition.if_match
    return _one(await call.services.staff.update(call.actor, call.id("accountId"), call.body, if_match=expected))


async def reset(call: Call[PasswordReset, Nothing]) -> Reply:
    """Give an account a new password."""
    return _one(await call.services.staff.reset(call.actor, call.id("accountId"), call.body.password))


def _one(account: AccountView, *, made: bool = False) -> Reply:
    headers = {"Location": f"{BASE}/{account.id}"} if made else {}
    return Reply(data=account, version=account.version, headers=headers)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=BASE,
        handler=page,
        summary="Staff accounts",
        description="An admin of some clinics sees the accounts that are limited to them.",
        tag=TAG,
        answer=list[AccountView],
        door=Permission.MANAGE_STAFF,
        query=StaffQuery,
        paged=True,
    ),
    Endpoint(
        method="POST",
        path=BASE,
        handler=create,
        summary="A new staff account",
        tag=TAG,
        answer=AccountView,
        door=Permission.MANAGE_STAFF,
        body=NewStaff,
        status=201,
        refusals=(errors.Conflict,),
        example={
            "email": "desk@example.org",
            "password": "correct horse battery staple",
            "name": "Front desk",
            "role": "receptionist",
        },
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=get,
        summary="A staff account",
        tag=TAG,
        answer=AccountView,
        door=Permission.MANAGE_STAFF,
    ),
    Endpoint(
        method="PUT",
        path=ONE,
        handler=update,
        summary="Change a staff account; what is left out stays",
        description="Disabling it ends its sessions.",
        tag=TAG,
        answer=AccountView,
        door=Permission.MANAGE_STAFF,
        body=StaffChange,
        versioned=True,
        refusals=(errors.Conflict,),
        example={"role": "doctor", "doctorId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e02"},
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/reset",
        handler=reset,
        summary="A new password; ends the account's sessions",
        tag=TAG,
        answer=AccountView,
        door=Permission.MANAGE_STAFF,
        body=PasswordReset,
        example={"password": "correct horse battery staple"},
    ),
)
