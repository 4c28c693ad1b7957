"""The waitlist: joining, reading and working it, and what it goes by."""

from collections.abc import Sequence
from hashlib import blake2b
from time import time
from typing import Any
from uuid import UUID

import msgspec
from msgspec import structs

from queue_server.application.slots.views import SlotBookingView
from queue_server.application.waitlist.bodies import (
    AnswerBody,
    EntryPatch,
    InviteBody,
    JoinBody,
    PromoteBody,
    VacancyInviteBody,
)
from queue_server.application.waitlist.candidates import CandidateView
from queue_server.application.waitlist.offers import TimelineView
from queue_server.application.waitlist.policies import PreviewPlace
from queue_server.application.waitlist.reading import WaitlistFilter
from queue_server.application.waitlist.views import OwnEntryView, StaffEntryView
from queue_server.http.endpoint import Call, Door, Endpoint, Limit, Nothing, Reply
from queue_server.http.lists import PageQuery
from scheduling_core import errors
from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.permissions import Permission
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.state import WaitlistStatus

BASE = "/api/waitlists"
ONE = f"{BASE}/{{waitlistId}}"
TENANT = "/api/tenants/{tenantId}"
CLINIC_POLICY = f"{TENANT}/clinics/{{clinicId}}/waitlist-policy"
TENANT_POLICY = f"{TENANT}/waitlist-policy"
TAG = "Waitlist"
EXAMPLE_POLICY = {"maxQueueSize": 80, "inviteMinutes": 20, "quietHours": {"start": "20:00", "end": "08:00"}}


class WaitlistQuery(PageQuery, frozen=True, kw_only=True):
    """Whom to show."""

    clinic_id: UUID | None = None
    doctor_id: UUID | None = None
    status: WaitlistStatus | None = None
    """Left out: whoever waits."""


async def join(call: Call[JoinBody, Nothing]) -> Reply:
    """Put somebody on the waitlist."""
    answer = await call.services.waitlist_joining.join(call.actor, call.body, call.precondition)
    return Reply(encoded=answer.body, version=answer.version)


async def page(call: Call[None, WaitlistQuery]) -> Reply:
    """Return a page of the waitlist."""
    query = call.query
    wanted = WaitlistFilter(
        clinic=ClinicId(query.clinic_id) if query.clinic_id is not None else None,
        doctor=DoctorId(query.doctor_id) if query.doctor_id is not None else None,
        statuses=(query.status,) if query.status is not None else (),
    )
    found = await call.services.waitlist_reading.page(call.actor, wanted, cursor=query.cursor, limit=query.limit)
    return Reply(data=found.items, next_cursor=found.next_cursor, etag=_tag(found.items, found.next_cursor))


async def get(call: Call[None, Nothing]) -> Reply:
    """Return an entry."""
    found = await call.services.waitlist_reading.get(call.actor, call.id("waitlistId"))
    return Reply(data=found, version=found.version)


async def timeline(call: Call[None, Nothing]) -> Reply:
    """Return the way of an entry."""
    return Reply(data=await call.services.waitlist_offers.timeline(call.actor, call.id("waitlistId")))


async def change(call: Call[EntryPatch, Nothing]) -> Reply:
    """Change an entry."""
    services, target = call.services, call.id("waitlistId")
    answer = await services.waitlist_changing.change(call.actor, target, call.body, call.precondition)
    return Reply(encoded=answer.body, version=answer.version)


async def promote(call: Call[PromoteBody, Nothing]) -> Reply:
    """Give somebody who waits an appointment."""
    services, target = call.services, call.id("waitlistId")
    answer = await services.waitlist_answering.promote(call.actor, target, call.body, call.precondition)
    return Reply(encoded=answer.body)


async def invite(call: Call[InviteBody, Nothing]) -> Reply:
    """Offer a time to somebody who waits."""
    services, target = call.services, call.id("waitlistId")
    answer = await services.waitlist_answering.invite(call.actor, target, call.body, call.precondition)
    return Reply(encoded=answer.body, version=answer.version)


async def of_link(call: Call[None, Nothing]) -> Reply:
    """Return the entry behind a link."""
    found = await call.services.waitlist_answering.of_link(call.path["token"])
    return Reply(data=found, etag=_tag([found]))


async def accept(call: Call[AnswerBody, Nothing]) -> Reply:
    """Book what is offered."""
    token, meant = call.path["token"], call.body.respond_by
    answer = await call.services.waitlist_answering.accept(token, call.precondition, meant=meant)
    return Reply(encoded=answer.body)


async def decline(call: Call[AnswerBody, Nothing]) -> Reply:
    """Give back what is offered."""
    answer = await call.services.waitlist_answering.decline(call.path["token"], meant=call.body.respond_by)
    return Reply(encoded=answer.body)


async def candidates(call: Call[None, Nothing]) -> Reply:
    """Return who waits for the time of an appointment."""
    return Reply(data=await call.services.waitlist_candidates.of_appointment(call.actor, call.id("appointmentId")))


async def invite_to_vacancy(call: Call[VacancyInviteBody, Nothing]) -> Reply:
    """Offer the time of an appointment."""
    services, target = call.services, call.id("appointmentId")
    answer = await services.waitlist_candidates.invite(call.actor, target, call.body, call.precondition)
    return Reply(encoded=answer.body, version=answer.version)


async def of_patient(call: Call[None, Nothing]) -> Reply:
    """Return what a patient waits for."""
    found = await call.services.waitlist_reading.of_patient(call.actor, call.id("patientId"))
    return Reply(data=found, etag=_tag(found))


async def policy(call: Call[None, Nothing]) -> Reply:
    """Return a policy."""
    found, version = await call.services.waitlist_policies.get(call.actor, call.id("tenantId"), _clinic(call))
    return Reply(data=found, version=version)


async def set_policy(call: Call[WaitlistPolicy, Nothing]) -> Reply:
    """Replace a policy."""
    made, version = await call.services.waitlist_policies.set(
        call.actor, call.id("tenantId"), _clinic(call), call.body, if_match=call.precondition.if_match
    )
    return Reply(data=made, version=version)


async def preview(call: Call[WaitlistPolicy, Nothing]) -> Reply:
    """Return how a policy would reorder today's list."""
    services, clinic = call.services, call.id("clinicId")
    return Reply(data=await services.waitlist_policies.preview(call.actor, call.id("tenantId"), clinic, call.body))


def _tag(found: Sequence[OwnEntryView], next_cursor: str | None = None) -> str:
    """Return a tag that changes with everything that is shown; with points, which always grow, once an hour."""
    told = [structs.replace(one, priority_score=0.0, score_reasons=()) for one in found]
    encoded = msgspec.json.encode((int(time()) // 3600, told, next_cursor))
    return f'"{blake2b(encoded, digest_size=12).hexdigest()}"'


def _clinic(call: Call[Any, Nothing]) -> UUID | None:
    return call.id("clinicId") if "clinicId" in call.path else None


def _policy_endpoints(path: str, whose: str) -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            method="GET",
            path=path,
            handler=policy,
            summary=f"By which policy {whose}",
            tag=TAG,
            answer=WaitlistPolicy,
            door=Permission.READ_WAITLIST,
            refusals=(errors.NotFound,),
        ),
        Endpoint(
            method="PUT",
            path=path,
            handler=set_policy,
            summary=f"Decide by which policy {whose}; what is left out takes its default",
            description=(
                "A membership counts less than any clinical need, and who is more urgent has no longer a target: both"
                " are refused at their field."
            ),
            tag=TAG,
            answer=WaitlistPolicy,
            door=Permission.MANAGE_POLICY,
            body=WaitlistPolicy,
            versioned=True,
            refusals=(errors.NotFound, errors.StaleVersion),
            example=EXAMPLE_POLICY,
        ),
    )


VACANCY = "/api/appointments/{appointmentId}/waitlist"
LINK = "/api/invites/{token}"
NOT_BOOKED = (errors.SlotUnavailable, errors.CapacityReached, errors.OtherTimeZone, errors.ResourceTaken)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=LINK,
        handler=of_link,
        tagged=True,
        summary="The entry behind a link, with what is offered to it",
        tag=TAG,
        answer=OwnEntryView,
        limit=Limit.READS,
        refusals=(errors.InvalidTrackingToken, errors.NotFound),
    ),
    Endpoint(
        method="POST",
        path=f"{LINK}/accept",
        handler=accept,
        summary="Book what is offered to whoever has the link",
        description="One tap: the time is held until it has to be answered, so it is never somebody else's.",
        tag=TAG,
        answer=SlotBookingView,
        body=AnswerBody,
        keeps=False,
        limit=Limit.BOOKING,
        refusals=(errors.InvalidTrackingToken, errors.InviteExpired, errors.Conflict, errors.NotFound, *NOT_BOOKED),
        example={},
    ),
    Endpoint(
        method="POST",
        path=f"{LINK}/decline",
        handler=decline,
        summary="Give back what is offered to whoever has the link, who waits on",
        tag=TAG,
        answer=OwnEntryView,
        body=AnswerBody,
        keeps=False,
        limit=Limit.BOOKING,
        refusals=(errors.InvalidTrackingToken, errors.InviteExpired, errors.Conflict, errors.NotFound),
        example={},
    ),
    Endpoint(
        method="POST",
        path=BASE,
        handler=join,
        summary="Wait for a time, with one doctor or with any of a clinic",
        description=(
            "Once for the same: 409 `already_waiting` comes with the entry (`entryId`) by which the patient waits"
            " already. When as many wait as the clinic lets, 409 `waitlist_full`."
        ),
        tag=TAG,
        answer=OwnEntryView,
        door=Door.SIGNED_IN,
        body=JoinBody,
        keeps=False,
        status=201,
        refusals=(errors.AlreadyWaiting, errors.WaitlistFull, errors.Conflict, errors.Forbidden, errors.NotFound),
        example={
            "clinicId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e01",
            "requestedWindow": {"partsOfDay": ["morning"]},
            "notes": "I can come at short notice on Mondays.",
        },
    ),
    Endpoint(
        method="GET",
        path=BASE,
        handler=page,
        tagged=True,
        summary="Who waits, clinic by clinic, in the order of the list",
        description=(
            "With a `status` of those who do not wait any more, the latest first. Doctors see who waits for them or"
            " for anybody where they work."
        ),
        tag=TAG,
        answer=list[StaffEntryView],
        door=Permission.READ_WAITLIST,
        query=WaitlistQuery,
        paged=True,
        refusals=(errors.Forbidden, errors.NotFound),
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=get,
        summary="An entry: to staff with all that was done with it",
        tag=TAG,
        answer=OwnEntryView,
        door=Door.SIGNED_IN,
        refusals=(errors.Forbidden, errors.NotFound),
    ),
    Endpoint(
        method="GET",
        path=f"{ONE}/timeline",
        handler=timeline,
        summary="What happened to an entry step by step, and the time that is offered to it with how it is answered",
        tag=TAG,
        answer=TimelineView,
        door=Door.SIGNED_IN,
        limit=Limit.READS,
        refusals=(errors.Forbidden, errors.NotFound),
    ),
    Endpoint(
        method="PATCH",
        path=ONE,
        handler=change,
        summary="Change, defer or cancel what somebody waits for; what is left out stays",
        description=(
            "By its patient and by staff. How urgent it is and a place that is not by rank (`override`, null takes it"
            " back) are for staff to say. A time that is offered ends with deferring and cancelling."
        ),
        tag=TAG,
        answer=OwnEntryView,
        door=Door.SIGNED_IN,
        body=EntryPatch,
        keeps=False,
        versioned=True,
        refusals=(errors.Conflict, errors.Forbidden, errors.NotFound, errors.StaleVersion),
        example={"status": "cancelled", "reason": "Feels better"},
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/promote",
        handler=promote,
        summary="Give somebody who waits an appointment",
        description=(
            "At the time that is named, else the one that is offered to them, else the first free one that is for them."
            " Needs an Idempotency-Key. Of several who promote one entry exactly one does; the others get 409."
        ),
        tag=TAG,
        answer=SlotBookingView,
        door=Permission.WORK_WAITLIST,
        body=PromoteBody,
        keeps=False,
        refusals=(errors.Conflict, errors.NotFound, errors.HoldExpired, *NOT_BOOKED),
        example={"slotId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e01"},
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/invite",
        handler=invite,
        summary="Offer a time to somebody who waits, held for them until they have to answer",
        tag=TAG,
        answer=OwnEntryView,
        door=Permission.WORK_WAITLIST,
        body=InviteBody,
        keeps=False,
        refusals=(errors.Conflict, errors.NotFound, errors.SlotUnavailable),
        example={"slotId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e01"},
    ),
    Endpoint(
        method="GET",
        path=VACANCY,
        handler=candidates,
        summary="Who waits for the time of an appointment: whom it is for in order, then all others with why not",
        tag=TAG,
        answer=list[CandidateView],
        door=Permission.READ_WAITLIST,
        refusals=(errors.Conflict, errors.NotFound),
    ),
    Endpoint(
        method="POST",
        path=f"{VACANCY}/invite",
        handler=invite_to_vacancy,
        summary="Offer the time of an appointment that was given back, to somebody or to the first whom it is for",
        tag=TAG,
        answer=OwnEntryView,
        door=Permission.WORK_WAITLIST,
        body=VacancyInviteBody,
        keeps=False,
        refusals=(errors.Conflict, errors.NotFound, errors.SlotUnavailable),
        example={"respondBy": "2030-01-07T12:00:00Z"},
    ),
    Endpoint(
        method="GET",
        path="/api/patients/{patientId}/waitlists",
        handler=of_patient,
        tagged=True,
        summary="What a patient waits for, and what came of it within the year; the newest first",
        tag=TAG,
        answer=list[OwnEntryView],
        door=Door.SIGNED_IN,
        limit=Limit.READS,
        refusals=(errors.Forbidden, errors.NotFound),
    ),
    *_policy_endpoints(CLINIC_POLICY, "a clinic's waitlist runs"),
    *_policy_endpoints(TENANT_POLICY, "waitlists of clinics run that have none of their own"),
    Endpoint(
        method="POST",
        path=f"{CLINIC_POLICY}/preview",
        handler=preview,
        summary="How a policy would reorder today's list of a clinic",
        tag=TAG,
        answer=list[PreviewPlace],
        door=Permission.MANAGE_POLICY,
        body=WaitlistPolicy,
        keeps=False,
        refusals=(errors.NotFound,),
        example=EXAMPLE_POLICY,
    ),
)
