"""Paying for visits, and what the payment provider tells of it."""

from time import time
from uuid import UUID

from queue_server.application.booking.views import HoldView
from queue_server.application.desk_bodies import Body
from queue_server.application.payments.bodies import NewPayment, RefundBody
from queue_server.application.payments.views import PaymentView, StaffPaymentView
from queue_server.http import decoding
from queue_server.http.endpoint import Call, Door, Endpoint, Limit, Nothing, Reply
from queue_server.http.holds import HOLD, booker
from queue_server.http.public import TenantQuery
from queue_server.payments.signature import FIELD
from scheduling_core import errors
from scheduling_core.permissions import Permission

ALL = "/api/payments"
ONE = "/api/payments/{paymentId}"
TAG = "Payments"
LARGEST_NOTICE = 64_000


class OfAppointment(Body, frozen=True, kw_only=True):
    """Whose payments."""

    appointment_id: UUID


async def begin(call: Call[NewPayment, TenantQuery]) -> Reply:
    """Begin a payment."""
    return Reply(data=await call.services.payment_asking.begin(booker(call), call.body, call.precondition))


async def of_appointment(call: Call[None, OfAppointment]) -> Reply:
    """Return the payments for an appointment."""
    return Reply(data=await call.services.payment_reading.of_appointment(call.actor, call.query.appointment_id))


async def get(call: Call[None, TenantQuery]) -> Reply:
    """Return a payment."""
    return Reply(data=await call.services.payment_reading.one(booker(call), call.id("paymentId")))


async def refund(call: Call[RefundBody, Nothing]) -> Reply:
    """Give a payment back."""
    done = await call.services.refunding.refund(call.actor, call.id("paymentId"), call.body.reason, call.precondition)
    return Reply(encoded=done.body)


async def notice(call: Call[None, Nothing]) -> Reply:
    """Take in a notice of the provider: signed as it came, so it is read as bytes."""
    services, request = call.services, call.request
    body = await decoding.read_body(request, min(services.settings.max_body_bytes, LARGEST_NOTICE))
    try:
        heard = await services.payment_hearing.hear(call.path["provider"], body, request.headers.get(FIELD), time())
    except errors.DomainError as error:
        services.metrics.payment_notice(error.code)
        raise
    services.metrics.payment_notice(heard)
    return Reply(data={"heard": heard})


async def renew(call: Call[None, TenantQuery]) -> Reply:
    """Keep a hold for longer."""
    return Reply(data=await call.services.renewing.renew(booker(call), call.id("slotId")))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path=f"{ALL}/webhook/{{provider}}",
        handler=notice,
        summary="What the payment provider tells of a payment",
        description=(
            'Signed in `X-Signature: t=<unix seconds>,v1=<hex of HMAC-SHA256 over "t.body">`, not longer than five'
            " minutes ago. A notice that has come before is answered like a new one, and changes nothing."
        ),
        tag=TAG,
        answer=dict[str, str],
        limit=Limit.READS,
        tenant_header=False,
        refusals=(errors.InvalidSignature, errors.MalformedRequest, errors.NotFound, errors.NoticeDisagrees),
    ),
    Endpoint(
        method="POST",
        path=ALL,
        handler=begin,
        summary="Pay for what is held or booked",
        description=(
            "What is held is paid for before it is booked: the payment goes with the booking, and comes back if nothing"
            " is booked. The hold is kept for longer, once. Online there is a page to pay on at `payUrl`; while the"
            " provider is away it is null, and comes later. Who may pay for a visit goes on with a payment that"
            " somebody else began for it. Patients who pay for a follow-up say which visit of theirs it follows"
            " (`followUpOf`). Staff take payments at the desk (`method: desk`), which are paid with that."
        ),
        tag=TAG,
        answer=PaymentView,
        door=Door.ANYBODY,
        body=NewPayment,
        query=TenantQuery,
        keeps=False,
        for_guests=True,
        limit=Limit.BOOKING,
        refusals=(errors.NothingToPay, errors.NoOnlinePayment, errors.HoldExpired, errors.Conflict),
        example={"holdId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e01", "method": "online"},
    ),
    Endpoint(
        method="GET",
        path=ALL,
        handler=of_appointment,
        summary="All payments for an appointment, the newest first",
        tag=TAG,
        answer=list[StaffPaymentView],
        door=Permission.READ_PAYMENTS,
        query=OfAppointment,
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=get,
        summary="How a payment stands",
        tag=TAG,
        answer=PaymentView,
        door=Door.ANYBODY,
        query=TenantQuery,
        for_guests=True,
        limit=Limit.READS,
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/refund",
        handler=refund,
        summary="Give all of a payment back",
        description=(
            "What was paid at the desk goes back there; the rest the provider gives back, as soon as it can. The visit"
            " keeps its place in the line, and may be paid anew. A reason is about the visit, and erased with its"
            " patient."
        ),
        tag=TAG,
        answer=PaymentView,
        door=Permission.REFUND,
        body=RefundBody,
        keeps=False,
        refusals=(errors.Conflict,),
        example={"reason": "The doctor was called away"},
    ),
    Endpoint(
        method="POST",
        path=f"{HOLD}/renew",
        handler=renew,
        summary="Keep a place for longer while it is being paid for",
        description="Once, which happens when its payment begins; refused without a payment that is under way.",
        tag="Booking",
        answer=HoldView,
        door=Door.ANYBODY,
        query=TenantQuery,
        for_guests=True,
        keeps=False,
        limit=Limit.BOOKING,
        refusals=(errors.HoldExpired, errors.Conflict),
    ),
)
