"""Patients at the desk: found, taken down, changed; exported and erased by admins."""

from typing import Annotated

import msgspec

from queue_server.application.admin_bodies import PatientAccount
from queue_server.application.desk_bodies import Body
from queue_server.application.paging import after, cursor_of
from queue_server.application.patients.bodies import NewPatientBody, PatientChange
from queue_server.application.patients.views import ExportView, PatientDetailsView
from queue_server.application.views.accounts import AccountView
from queue_server.application.views.patients import FoundAppointment
from queue_server.http.endpoint import Call, Endpoint, Nothing, Reply
from queue_server.http.lists import Cursor
from scheduling_core import errors
from scheduling_core.permissions import Permission

BASE = "/api/patients"
ONE = f"{BASE}/{{patientId}}"
TAG = "Patients"
DOWNLOAD = {"Content-Disposition": 'attachment; filename="patient.json"'}


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


async def create(call: Call[NewPatientBody, Nothing]) -> Reply:
    """Take a patient down."""
    made = await call.services.patients.create(call.actor, call.body)
    return Reply(data=made, version=made.version, headers={"Location": f"{BASE}/{made.id}"})


async def get(call: Call[None, Nothing]) -> Reply:
    """Return a patient."""
    return _shown(await call.services.patients.get(call.actor, call.id("patientId")))


async def update(call: Call[PatientChange, Nothing]) -> Reply:
    """Change a patient."""
    expected = call.precondition.if_match
    return _shown(await call.services.patients.update(call.actor, call.id("patientId"), call.body, if_match=expected))


async def erase(call: Call[None, Nothing]) -> Reply:
    """Erase a patient."""
    await call.services.erasure.erase(call.actor, call.id("patientId"))
    return Reply()


async def export(call: Call[None, Nothing]) -> Reply:
    """Return everything of a patient."""
    return Reply(data=await call.services.export.export(call.actor, call.id("patientId")), headers=DOWNLOAD)


def _shown(patient: PatientDetailsView) -> Reply:
    return Reply(data=patient, version=patient.version)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=BASE,
        handler=search,
        summary="Find people, and today's place of those who have one",
        tag=TAG,
        answer=list[FoundAppointment],
        door=Permission.READ_PATIENTS,
        query=PatientsQuery,
        paged=True,
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/account",
        handler=make_account,
        summary="An account for a patient, to sign in with",
        description="It opens nothing of the desk.",
        tag=TAG,
        answer=AccountView,
        door=Permission.READ_PATIENTS,
        body=PatientAccount,
        status=201,
        refusals=(errors.Conflict,),
        example={"email": "patient@example.org", "password": "correct horse battery staple"},
    ),
    Endpoint(
        method="POST",
        path=BASE,
        handler=create,
        summary="Take a patient down",
        description="An account that is limited to clinics says at which of them, if there are several.",
        tag=TAG,
        answer=PatientDetailsView,
        door=Permission.MANAGE_PATIENTS,
        body=NewPatientBody,
        status=201,
        example={"name": "Asha Rao", "phone": "+44 20 7946 0123", "birthDate": "1990-04-02"},
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=get,
        summary="A patient",
        tag=TAG,
        answer=PatientDetailsView,
        door=Permission.READ_PATIENTS,
    ),
    Endpoint(
        method="PUT",
        path=ONE,
        handler=update,
        summary="Change a patient; what is left out stays",
        description=(
            "A new e-mail address or phone number opens the patient's account instead of the old one. Consents are kept"
            " with when and by whom they were recorded."
        ),
        tag=TAG,
        answer=PatientDetailsView,
        door=Permission.MANAGE_PATIENTS,
        body=PatientChange,
        versioned=True,
        refusals=(errors.Conflict,),
        example={"tier": "silver", "conditions": ["diabetes"]},
    ),
    Endpoint(
        method="DELETE",
        path=ONE,
        handler=erase,
        summary="Erase a patient",
        description=(
            "All that says who it is goes, and the account is closed; appointments that are over stay, of nobody. Those"
            " to come have to be cancelled before. It cannot be undone."
        ),
        tag=TAG,
        status=204,
        door=Permission.ERASE_PATIENTS,
        refusals=(errors.StillExpected,),
    ),
    Endpoint(
        method="GET",
        path=f"{ONE}/export",
        handler=export,
        summary="Everything that is kept of a patient and of those for whom they act",
        tag=TAG,
        answer=ExportView,
        door=Permission.EXPORT_PATIENTS,
    ),
)
