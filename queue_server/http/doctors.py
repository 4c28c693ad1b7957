"""Doctors: profiles for staff and, of those that search shows, for the public; onboarding and bookability."""

from typing import Annotated, Any
from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.desk_bodies import Empty
from queue_server.application.doctors import bodies
from queue_server.application.doctors.reading import words_of
from queue_server.application.doctors.views import BookabilityView, DoctorDetail, OnboardingView
from queue_server.http.answers import changed, made
from queue_server.http.endpoint import Call, Door, Endpoint, Limit, Nothing, Reply
from queue_server.http.lists import PageQuery
from queue_server.http.public import OfTenant, public_tenant
from queue_server.store.doctors import Filters
from scheduling_core import errors
from scheduling_core.doctors.decide import IllegalStatus, StageBlocked
from scheduling_core.doctors.profile import DoctorStatus
from scheduling_core.ids import TenantId
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Permission, may

BASE = "/api/doctors"
ONE = f"{BASE}/{{doctorId}}"
TAG = "Doctors"


class DoctorsQuery(PageQuery, frozen=True, kw_only=True):
    """Which doctors, in the order of their names; what is left out lets everybody pass."""

    q: Annotated[str, msgspec.Meta(max_length=200, description="beginnings of words of the name")] | None = None
    status: DoctorStatus | None = None
    specialty: bodies.Specialty | None = None
    clinic_id: UUID | None = None
    department_id: UUID | None = None
    mode: Mode | None = None
    language: bodies.Language | None = None
    tenant_id: OfTenant = None


class PublicQuery(Nothing, frozen=True, kw_only=True):
    """Whose doctor, where the public asks; found by the doctor's id when left out."""

    tenant_id: OfTenant = None


async def page(call: Call[None, DoctorsQuery]) -> Reply:
    """Return a page of doctors: to staff all of their clinics, to the public those that search shows."""
    query, staff = call.query, _staff(call.caller)
    wanted = Filters(
        status=query.status,
        specialty=query.specialty,
        clinic=query.clinic_id,
        department=query.department_id,
        mode=query.mode,
        language=query.language,
        words=words_of(query.q),
    )
    doctors = call.services.doctor_reading
    if staff is not None:
        found = await doctors.list(staff, wanted, limit=query.limit, cursor=query.cursor)
    else:
        tenant = _tenant(call, query.tenant_id)
        if tenant is None:
            raise errors.InvalidValue("Say whose doctors you ask for.", field="tenantId")
        shown = await call.services.providers.list(tenant, wanted, limit=query.limit, cursor=query.cursor)
        return Reply(encoded=shown.items, next_cursor=shown.next_cursor, stale_since=shown.stale_since)
    return Reply(data=found.items, next_cursor=found.next_cursor)


async def create(call: Call[bodies.DraftDoctor, Nothing]) -> Reply:
    """Begin a doctor's profile."""
    return made(await call.services.doctors.create(call.actor, call.body, call.precondition), BASE)


async def get(call: Call[None, PublicQuery]) -> Reply:
    """Return a doctor's profile."""
    staff, doctor = _staff(call.caller), call.id("doctorId")
    if staff is not None:
        found = await call.services.doctor_reading.get(staff, doctor)
    else:
        found = await call.services.doctor_reading.get_public(doctor, _tenant(call, call.query.tenant_id))
    return Reply(data=found, version=found.version)


async def update(call: Call[bodies.DoctorChange, Nothing]) -> Reply:
    """Change a doctor's profile."""
    return changed(await call.services.doctors.update(call.actor, call.id("doctorId"), call.body, call.precondition))


async def set_fees(call: Call[bodies.FeesBody, Nothing]) -> Reply:
    """Set what a visit costs."""
    doctors = call.services.doctors
    return changed(await doctors.set_fees(call.actor, call.id("doctorId"), call.body, call.precondition))


async def assign_department(call: Call[bodies.DepartmentBody, Nothing]) -> Reply:
    """Let a doctor belong to a department."""
    doctors, department = call.services.doctors, call.body.department_id
    return changed(await doctors.assign_department(call.actor, call.id("doctorId"), department, call.precondition))


async def unassign_department(call: Call[None, Nothing]) -> Reply:
    """Take a doctor out of a department."""
    doctors, department = call.services.doctors, call.id("departmentId")
    return changed(await doctors.unassign_department(call.actor, call.id("doctorId"), department, call.precondition))


async def assign_clinic(call: Call[bodies.LocationBody, Nothing]) -> Reply:
    """Let a doctor work at a clinic."""
    doctors, clinic = call.services.doctors, call.body.clinic_id
    return changed(await doctors.assign_clinic(call.actor, call.id("doctorId"), clinic, call.precondition))


async def unassign_clinic(call: Call[None, Nothing]) -> Reply:
    """Take a doctor away from a clinic."""
    doctors, clinic = call.services.doctors, call.id("clinicId")
    return changed(await doctors.unassign_clinic(call.actor, call.id("doctorId"), clinic, call.precondition))


async def record_verification(call: Call[bodies.VerificationBody, Nothing]) -> Reply:
    """Record what came out of looking a licence up."""
    doctors = call.services.doctors
    return changed(await doctors.record_verification(call.actor, call.id("doctorId"), call.body, call.precondition))


async def activate(call: Call[Empty, Nothing]) -> Reply:
    """Let a doctor work."""
    return changed(await call.services.doctors.activate(call.actor, call.id("doctorId"), call.precondition))


async def deactivate(call: Call[bodies.DeactivateBody, Nothing]) -> Reply:
    """Let a doctor not work any more."""
    doctors = call.services.doctors
    return changed(await doctors.deactivate(call.actor, call.id("doctorId"), call.body, call.precondition))


async def onboarding(call: Call[None, Nothing]) -> Reply:
    """Return the stages of a doctor's onboarding."""
    found = await call.services.doctor_reading.onboarding(call.actor, call.id("doctorId"))
    return Reply(data=found, version=found.version)


async def complete_stage(call: Call[bodies.CompleteStageBody, Nothing]) -> Reply:
    """Complete a stage of a doctor's onboarding."""
    doctors, doctor, stage = call.services.doctors, call.id("doctorId"), call.path["stage"]
    return changed(await doctors.complete_stage(call.actor, doctor, stage, call.body, call.precondition))


async def bookability(call: Call[None, Nothing]) -> Reply:
    """Return whether a doctor can be booked."""
    return Reply(data=await call.services.doctor_reading.bookability(call.actor, call.id("doctorId")))


def _staff(caller: Actor | None) -> Actor | None:
    """The caller if they may see more of doctors than the public; a patient, like a stranger, is the public."""
    if caller is None or caller.role is None or not may(caller.role, Permission.READ_DOCTORS):
        return None
    return caller


def _tenant(call: Call[None, Any], named: UUID | None) -> TenantId | None:
    """The tenant the public asks about; for whoever has signed in it is their own, whatever else they name."""
    return call.caller.tenant if call.caller is not None else public_tenant(call, named)


def _change(
    method: str,
    path: str,
    handler: Any,
    summary: str,
    *,
    body: type[msgspec.Struct] | None = None,
    door: Permission = Permission.MANAGE_DOCTORS,
    answer: Any = DoctorDetail,
    refusals: tuple[type[errors.DomainError], ...] = (),
    example: dict[str, Any] | None = None,
    description: str = "",
) -> Endpoint:
    """A change of one doctor: they all answer with the doctor, and all take If-Match."""
    return Endpoint(
        method=method,
        path=path,
        handler=handler,
        summary=summary,
        tag=TAG,
        answer=answer,
        door=door,
        body=body,
        versioned=True,
        keeps=False,
        refusals=refusals,
        example=example,
        description=description,
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=BASE,
        handler=page,
        summary="Doctors, in the order of their names",
        tag=TAG,
        answer=list[DoctorDetail],
        door=Door.ANYBODY,
        query=DoctorsQuery,
        paged=True,
        limit=Limit.READS,
        description="Staff are shown all doctors of their clinics, a doctor themselves, the public those that search"
        " shows: whose bookability scores 60 or more and whose profile is visible. Without a token, say whose doctors"
        " by `X-Tenant-Id` or `tenantId`. Only admins are shown licences.",
    ),
    Endpoint(
        method="POST",
        path=BASE,
        handler=create,
        summary="A new doctor, as a draft to be onboarded",
        tag=TAG,
        answer=DoctorDetail,
        door=Permission.CREATE_DOCTORS,
        body=bodies.DraftDoctor,
        status=201,
        keeps=False,
        refusals=(errors.Conflict, errors.NotFound),
        example={
            "name": "Dr Asha Rao",
            "bio": "Looks after hearts.",
            "specialties": ["cardiology"],
            "qualifications": [{"title": "MD", "institution": "University of Leeds", "year": 2004}],
            "languages": ["en", "hi"],
            "modes": ["in_person", "tele"],
            "fees": {"currency": "EUR", "consultation": 8000, "followUp": 5000},
        },
        description="Only an admin may enter a licence. An account that is limited to clinics names one of them.",
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=get,
        summary="A doctor",
        tag=TAG,
        answer=DoctorDetail,
        door=Door.ANYBODY,
        query=PublicQuery,
        limit=Limit.READS,
        description="The public is shown the same doctors as in the list. Only admins are shown licences.",
    ),
    _change(
        "PUT",
        ONE,
        update,
        "Change a doctor's profile; what is left out stays",
        body=bodies.DoctorChange,
        refusals=(errors.Conflict,),
        example={"bio": "Looks after hearts, large and small.", "languages": ["en", "hi", "de"]},
        description="Lists are replaced as a whole. A licence with another number or authority must be verified anew.",
    ),
    _change(
        "PUT",
        f"{ONE}/fees",
        set_fees,
        "Set what a visit costs, in minor units",
        body=bodies.FeesBody,
        example={"currency": "EUR", "consultation": 8000, "followUp": 5000, "tele": 6000},
    ),
    _change(
        "POST",
        f"{ONE}/departments",
        assign_department,
        "Let a doctor belong to a department",
        body=bodies.DepartmentBody,
        refusals=(errors.Conflict,),
        example={"departmentId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e42"},
    ),
    _change("DELETE", f"{ONE}/departments/{{departmentId}}", unassign_department, "Take a doctor out of a department"),
    _change(
        "POST",
        f"{ONE}/locations",
        assign_clinic,
        "Let a doctor work at a clinic",
        body=bodies.LocationBody,
        refusals=(errors.Conflict,),
        example={"clinicId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e41"},
        description="The first clinic becomes the home clinic: its tickets are the doctor's, and its zone says what"
        " day it is.",
    ),
    _change(
        "DELETE",
        f"{ONE}/locations/{{clinicId}}",
        unassign_clinic,
        "Take a doctor away from a clinic",
        refusals=(errors.Conflict,),
        description="Refused while a weekly schedule or appointments bind the doctor to it.",
    ),
    _change(
        "POST",
        f"{ONE}/verification",
        record_verification,
        "Record what came out of looking a licence up",
        body=bodies.VerificationBody,
        door=Permission.VERIFY_DOCTORS,
        refusals=(errors.Conflict,),
        example={"result": "verified"},
        description="After a critical failure not even reception may book the doctor.",
    ),
    _change(
        "POST",
        f"{ONE}/activate",
        activate,
        "Let a doctor work: the end of onboarding, or back from inactivity",
        body=Empty,
        refusals=(IllegalStatus, StageBlocked),
        example={},
    ),
    _change(
        "POST",
        f"{ONE}/deactivate",
        deactivate,
        "Let a doctor not work any more",
        body=bodies.DeactivateBody,
        refusals=(IllegalStatus,),
        example={"reason": "Moved away"},
    ),
    Endpoint(
        method="GET",
        path=f"{ONE}/onboarding",
        handler=onboarding,
        summary="The ten stages of a doctor's onboarding, with their checks as they are now",
        tag=TAG,
        answer=OnboardingView,
        door=Permission.READ_DOCTORS,
    ),
    _change(
        "POST",
        f"{ONE}/onboarding/{{stage}}/complete",
        complete_stage,
        "Complete a stage of onboarding",
        body=bodies.CompleteStageBody,
        answer=OnboardingView,
        refusals=(StageBlocked, IllegalStatus),
        example={"note": "Seen in original"},
        description="Refused while its checks fail or an earlier stage is open; `errors` names each of them. Who"
        " completed a stage, and so who approved, is kept. The last stage activates the doctor.",
    ),
    Endpoint(
        method="GET",
        path=f"{ONE}/bookability",
        handler=bookability,
        summary="Whether a doctor can be booked, by whom, and why not",
        tag=TAG,
        answer=BookabilityView,
        door=Permission.READ_DOCTORS,
    ),
)
