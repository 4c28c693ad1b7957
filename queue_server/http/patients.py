"""The desk's search for people."""

from typing import Annotated

import msgspec

from queue_server.application.admin_bodies import PatientAccount
from queue_server.application.desk_bodies import Body
from queue_server.application.paging import after, cursor_of
from queue_server.application.views.accounts import AccountView
from queue_server.application.views.patients import FoundAppointment
from queue_server.http.endpoint import Call, Endpoint, Nothing, Reply
from queue_server.http.lists import Cursor
from scheduling_core import errors
from scheduling_core.permissions import Permission


class PatientsQuery(Body, frozen=True, kw_only=True):
    """Whom to look for."""

    search: Annotated[
        str,
        msgspec.Meta(min_length=1, max_length=100, description="start of a name, a whole phone number, or a ticket"),
    ]
    cursor: Cursor | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


async def search(call: Call[None, PatientsQuery]) -> Reply:
    """Return people, with today's place of those who have one."""
    query = call.query
    found, following = await call.services.people.search(
        call.actor, query.search, limit=query.limit, after=after(query.cursor)
    )
    return Reply(data=found, next_cursor=cursor_of(following) if following is not None else None)


async def make_account(call: Call[PatientAccount, Nothing]) -> Reply:
    """Make a patient's account."""
    made = await call.services.staff.create_for_patient(call.actor, call.id("patientId"), call.body)
    return Reply(data=made, version=made.version)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/patients",
        handler=search,
        summary="Find people, and today's place of those who have one",
        tag="Patients",
        answer=list[FoundAppointment],
        door=Permission.READ_PATIENTS,
        query=PatientsQuery,
        paged=True,
    ),
    Endpoint(
        method="POST",
        path="/api/patients/{patientId}/account",
        handler=make_account,
        summary="An account for a patient, to sign in with",
        description="It opens nothing of the desk.",
        tag="Patients",
        answer=AccountView,
        door=Permission.READ_PATIENTS,
        body=PatientAccount,
        status=201,
        refusals=(errors.Conflict,),
        example={"email": "patient@example.org", "password": "correct horse battery staple"},
    ),
)
