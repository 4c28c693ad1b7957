"""What patients see and change of themselves and of those for whom they act."""

from queue_server.application.booking.views import BookedAppointmentView
from queue_server.application.patients.bodies import NewRelative, OwnChange, RelativeChange
from queue_server.application.patients.views import ExportView, PatientDetailsView
from queue_server.http.endpoint import Call, Door, Endpoint, Nothing, Reply
from scheduling_core import errors

BASE = "/api/me"
FAMILY = f"{BASE}/family"
TAG = "Own account"
DOWNLOAD = {"Content-Disposition": 'attachment; filename="my-records.json"'}


async def get(call: Call[None, Nothing]) -> Reply:
    """Return the patient who asks."""
    return _shown(await call.services.own_records.get(call.actor))


async def update(call: Call[OwnChange, Nothing]) -> Reply:
    """Change the patient who asks."""
    return _shown(await call.services.own_records.update(call.actor, call.body, if_match=call.precondition.if_match))


async def erase(call: Call[None, Nothing]) -> Reply:
    """Erase the patient who asks."""
    await call.services.erasure.erase_own(call.actor)
    return Reply()


async def export(call: Call[None, Nothing]) -> Reply:
    """Return everything of the patient who asks."""
    return Reply(data=await call.services.export.export_own(call.actor), headers=DOWNLOAD)


async def appointments(call: Call[None, Nothing]) -> Reply:
    """Return the appointments of the patient who asks and of theirs."""
    return Reply(data=await call.services.own_records.appointments(call.actor))


async def family(call: Call[None, Nothing]) -> Reply:
    """Return those for whom the patient acts."""
    return Reply(data=await call.services.own_records.relatives(call.actor))


async def add_relative(call: Call[NewRelative, Nothing]) -> Reply:
    """Add somebody for whom the patient acts."""
    made = await call.services.own_records.add_relative(call.actor, call.body)
    return Reply(data=made, version=made.version, headers={"Location": f"{FAMILY}/{made.id}"})


async def change_relative(call: Call[RelativeChange, Nothing]) -> Reply:
    """Change somebody for whom the patient acts."""
    expected = call.precondition.if_match
    records = call.services.own_records
    return _shown(await records.change_relative(call.actor, call.id("relativeId"), call.body, if_match=expected))


async def erase_relative(call: Call[None, Nothing]) -> Reply:
    """Erase somebody for whom the patient acts."""
    await call.services.erasure.erase_relative(call.actor, call.id("relativeId"))
    return Reply()


def _shown(patient: PatientDetailsView) -> Reply:
    return Reply(data=patient, version=patient.version)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=BASE,
        handler=get,
        summary="The patient who asks",
        description="The name is empty for somebody new until they have said it; before that they cannot book.",
        tag=TAG,
        answer=PatientDetailsView,
        door=Door.SIGNED_IN,
    ),
    Endpoint(
        method="PUT",
        path=BASE,
        handler=update,
        summary="Change one's own particulars; what is left out stays",
        description=(
            "A new e-mail address or phone number comes with the `code` that `POST /api/auth/code` has sent there, one"
            " at a time; it opens the account from then on, the old one does no longer. Consents are kept with when and"
            " by whom they were recorded."
        ),
        tag=TAG,
        answer=PatientDetailsView,
        door=Door.SIGNED_IN,
        body=OwnChange,
        versioned=True,
        refusals=(errors.Conflict, errors.WrongCode, errors.CodeExpired),
        example={"name": "Asha Rao", "birthDate": "1990-04-02", "consents": {"reminders": True}},
    ),
    Endpoint(
        method="DELETE",
        path=BASE,
        handler=erase,
        summary="Erase one's own record and close the account",
        description=(
            "Name, contacts, birth date, conditions, consents, messages and what was written about the appointments go,"
            " links are withdrawn. Appointments that are over stay, of nobody; those to come have to be cancelled"
            " before. Those for whom the patient acted stay, without a guardian. It cannot be undone."
        ),
        tag=TAG,
        status=204,
        door=Door.SIGNED_IN,
        refusals=(errors.StillExpected,),
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/export",
        handler=export,
        summary="Everything that is kept of the patient who asks and of theirs",
        tag=TAG,
        answer=ExportView,
        door=Door.SIGNED_IN,
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/appointments",
        handler=appointments,
        summary="One's own appointments and those of one's family, the latest first",
        tag=TAG,
        answer=list[BookedAppointmentView],
        door=Door.SIGNED_IN,
    ),
    Endpoint(
        method="GET",
        path=FAMILY,
        handler=family,
        summary="Those for whom the patient acts",
        tag=TAG,
        answer=list[PatientDetailsView],
        door=Door.SIGNED_IN,
    ),
    Endpoint(
        method="POST",
        path=FAMILY,
        handler=add_relative,
        summary="Add somebody for whom the patient acts",
        description="Whoever acts for somebody books, cancels and sees for them. They are reached through the patient.",
        tag=TAG,
        answer=PatientDetailsView,
        door=Door.SIGNED_IN,
        body=NewRelative,
        status=201,
        refusals=(errors.Conflict,),
        example={"name": "Mira Rao", "birthDate": "2019-09-30"},
    ),
    Endpoint(
        method="PUT",
        path=f"{FAMILY}/{{relativeId}}",
        handler=change_relative,
        summary="Change somebody for whom the patient acts; what is left out stays",
        tag=TAG,
        answer=PatientDetailsView,
        door=Door.SIGNED_IN,
        body=RelativeChange,
        versioned=True,
        example={"name": "Mira Rao"},
    ),
    Endpoint(
        method="DELETE",
        path=f"{FAMILY}/{{relativeId}}",
        handler=erase_relative,
        summary="Erase somebody for whom the patient acts",
        description="As a patient erases themselves.",
        tag=TAG,
        status=204,
        door=Door.SIGNED_IN,
        refusals=(errors.StillExpected,),
    ),
)
