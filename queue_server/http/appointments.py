"""Appointments that were booked: seen, moved and cancelled, by staff, by patients and with the tracking link."""

from queue_server.application.booking.bodies import AnyHoldBody, CancelBody, RescheduleBody
from queue_server.application.booking.guests import FIELD, guest
from queue_server.application.booking.views import (
    BookedAppointmentView,
    CancelledAppointmentView,
    GuestHoldView,
    VisitView,
)
from queue_server.application.slots.views import SlotBookingView
from queue_server.http.endpoint import Call, Door, Endpoint, Limit, Nothing, Reply
from queue_server.http.holds import held
from queue_server.http.public import TenantQuery
from queue_server.http.tracking import BAD_LINKS, check_tenant
from scheduling_core import errors
from scheduling_core.permissions import Permission

BASE = "/api/appointments"
LINK = f"{BASE}/track/{{token}}"
TAG = "Booking"
SLOT = "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e02"

NOT_CANCELLED = (errors.TooLateToCancel, errors.IllegalTransition, errors.QueueClosed)
NOT_MOVED = (
    *NOT_CANCELLED,
    errors.HoldExpired,
    errors.SlotUnavailable,
    errors.SlotPast,
    errors.SlotBlocked,
    errors.ModeNotOffered,
    errors.CapacityReached,
    errors.OtherTimeZone,
    errors.ResourceTaken,
)
MOVING = (
    "To a slot of any doctor, day and clinic of the organisation; needs an Idempotency-Key. The new place is taken"
    " before the old one is given back, so whoever loses the race for it keeps what they had. The appointment keeps its"
    " id: links go on working. Moved to where it is, nothing changes. Patients may until the clinic's deadline, staff"
    " always."
)


async def one(call: Call[None, Nothing]) -> Reply:
    """Return an appointment."""
    return Reply(data=await call.services.appointments.one(call.actor, call.id("appointmentId")))


async def by_link(call: Call[None, Nothing]) -> Reply:
    """Return the appointment behind a link."""
    await check_tenant(call)
    return Reply(data=await call.services.appointments.by_link(call.path["token"]))


async def of_patient(call: Call[None, Nothing]) -> Reply:
    """Return a patient's appointments."""
    return Reply(data=await call.services.appointments.of_patient(call.actor, call.id("patientId")))


async def reschedule(call: Call[RescheduleBody, Nothing]) -> Reply:
    """Move an appointment."""
    made = await call.services.rescheduling.reschedule(
        call.actor, call.id("appointmentId"), call.body, call.precondition
    )
    return Reply(encoded=made.body)


async def cancel(call: Call[CancelBody, Nothing]) -> Reply:
    """Cancel an appointment."""
    made = await call.services.cancelling.cancel(call.actor, call.id("appointmentId"), call.body, call.precondition)
    return Reply(encoded=made.body)


async def reschedule_by_link(call: Call[RescheduleBody, Nothing]) -> Reply:
    """Move the appointment behind a link."""
    await check_tenant(call)
    token, request_id = call.path["token"], call.request.scope.get("request_id")
    tenant, session = call.services.tracking.tenant_of(token), call.request.headers.get(FIELD)
    holder = call.caller
    if holder is None and tenant is not None and session is not None:
        holder = guest(tenant, session, request_id=request_id)
    made = await call.services.rescheduling.by_link(
        token, call.body, call.precondition, holder=holder, request_id=request_id
    )
    return Reply(encoded=made.body)


async def cancel_by_link(call: Call[CancelBody, Nothing]) -> Reply:
    """Cancel the appointment behind a link."""
    await check_tenant(call)
    made = await call.services.cancelling.by_link(
        call.path["token"], call.body, call.precondition, request_id=call.request.scope.get("request_id")
    )
    return Reply(encoded=made.body)


async def hold_any(call: Call[AnyHoldBody, TenantQuery]) -> Reply:
    """Hold a place of whichever doctor is free."""
    keep = call.services.any_doctor.hold
    return await held(call, lambda actor: keep(actor, call.body, call.precondition))


ANY_DOCTOR: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/api/slots/any/hold",
        handler=hold_any,
        summary="Keep a place at a time, with whichever doctor is free",
        description=(
            "Of the doctor who has the fewest patients that day; of a specialty, of several doctors or of a clinic. Of"
            " several callers at once each gets one until none is left. Who keeps such a place already gets that hold."
        ),
        tag=TAG,
        answer=GuestHoldView,
        door=Door.ANYBODY,
        body=AnyHoldBody,
        query=TenantQuery,
        keeps=False,
        for_guests=True,
        limit=Limit.HOLDS,
        refusals=(errors.SlotUnavailable, errors.HoldLimitReached, errors.CapacityReached),
        example={"specialty": "cardiology", "start": "2030-06-04T09:00:00Z", "mode": "in_person"},
    ),
)
"""Before the routes of slots by their ids: `any` is none."""

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{BASE}/{{appointmentId}}",
        handler=one,
        summary="An appointment, and what may still be done about it",
        description="For its clinics' reception and admins, the doctor who has it, its patient and their guardian.",
        tag=TAG,
        answer=BookedAppointmentView,
        door=Door.SIGNED_IN,
        refusals=(errors.Forbidden, errors.NotFound),
    ),
    Endpoint(
        method="GET",
        path="/api/patients/{patientId}/appointments",
        handler=of_patient,
        summary="A patient's appointments, the latest first",
        tag="Patients",
        answer=list[BookedAppointmentView],
        door=Permission.READ_PATIENTS,
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/{{appointmentId}}/reschedule",
        handler=reschedule,
        summary="Move an appointment to another slot",
        description=MOVING,
        tag=TAG,
        answer=SlotBookingView,
        door=Door.SIGNED_IN,
        body=RescheduleBody,
        keeps=False,
        refusals=(errors.Forbidden, errors.NotFound, *NOT_MOVED),
        example={"slotId": SLOT},
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/{{appointmentId}}/cancel",
        handler=cancel,
        summary="Cancel an appointment",
        description=(
            "Needs an Idempotency-Key. Its place is free again at once, and what was paid goes back. Patients may until"
            " the clinic's deadline, staff always."
        ),
        tag=TAG,
        answer=CancelledAppointmentView,
        door=Door.SIGNED_IN,
        body=CancelBody,
        keeps=False,
        refusals=(errors.Forbidden, errors.NotFound, *NOT_CANCELLED),
        example={"reason": "I am well again"},
    ),
    Endpoint(
        method="GET",
        path=f"{LINK}/visit",
        handler=by_link,
        summary="The appointment behind a link, and what may still be done about it",
        description="`track` does not say until when it may be moved or cancelled, nor how it is paid.",
        tag=TAG,
        answer=VisitView,
        limit=Limit.READS,
        refusals=BAD_LINKS,
    ),
    Endpoint(
        method="POST",
        path=f"{LINK}/reschedule",
        handler=reschedule_by_link,
        summary="Move the appointment behind a link to another slot",
        description=MOVING + " A `holdId` is that of the session whose token comes along, or of the account.",
        tag=TAG,
        answer=SlotBookingView,
        door=Door.ANYBODY,
        body=RescheduleBody,
        keeps=False,
        for_guests=True,
        limit=Limit.BOOKING,
        refusals=(*BAD_LINKS, *NOT_MOVED),
        example={"slotId": SLOT},
    ),
    Endpoint(
        method="POST",
        path=f"{LINK}/cancel",
        handler=cancel_by_link,
        summary="Cancel the appointment behind a link",
        description="Needs an Idempotency-Key. Possible until the clinic's deadline.",
        tag=TAG,
        answer=CancelledAppointmentView,
        body=CancelBody,
        keeps=False,
        limit=Limit.BOOKING,
        refusals=(*BAD_LINKS, *NOT_CANCELLED),
        example={"reason": "I am well again"},
    ),
)
