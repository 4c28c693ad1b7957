"""Clinics, their days, the policy of their queues, and the identity provider of a tenant."""

from typing import Annotated

import msgspec

from queue_server.application.admin_bodies import ClinicChange, IssuerBody, NewClinic
from queue_server.application.desk_bodies import Body
from queue_server.application.resources.bodies import ClinicDaysBody
from queue_server.application.resources.public_holidays import FIRST_YEAR, LAST_YEAR
from queue_server.application.resources.views import ClinicDaysView, HolidayView
from queue_server.application.views.accounts import IssuerView
from queue_server.application.views.clinics import ClinicDetail
from queue_server.http.answers import changed
from queue_server.http.endpoint import Call, Endpoint, Nothing, Reply
from queue_server.http.lists import PageQuery
from scheduling_core import errors
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.permissions import Permission

BASE = "/api/clinics"
ONE = f"{BASE}/{{clinicId}}"
POLICY = f"{ONE}/queue-policy"
DAYS = f"{ONE}/days"
HOLIDAYS = f"{ONE}/holidays"
ISSUER = "/api/tenants/{tenantId}/oidc-issuer"
TAG = "Clinics"


class HolidayQuery(Body, frozen=True, kw_only=True):
    """Which year; this one by the clinic's clock if omitted."""

    year: Annotated[int, msgspec.Meta(ge=FIRST_YEAR, le=LAST_YEAR)] | None = None


async def page(call: Call[None, PageQuery]) -> Reply:
    """Return a page of clinics."""
    found = await call.services.clinics.list(call.actor, limit=call.query.limit, cursor=call.query.cursor)
    return Reply(data=found.items, next_cursor=found.next_cursor)


async def create(call: Call[NewClinic, Nothing]) -> Reply:
    """Make a clinic."""
    made = await call.services.clinics.create(call.actor, call.body)
    return Reply(data=made, version=made.version, headers={"Location": f"{BASE}/{made.id}"})


async def get(call: Call[None, Nothing]) -> Reply:
    """Return a clinic."""
    found = await call.services.clinics.get(call.actor, call.id("clinicId"))
    return Reply(data=found, version=found.version)


async def update(call: Call[ClinicChange, Nothing]) -> Reply:
    """Change a clinic."""
    expected = call.precondition.if_match
    made = await call.services.clinics.update(call.actor, call.id("clinicId"), call.body, if_match=expected)
    return Reply(data=made, version=made.version)


async def delete(call: Call[None, Nothing]) -> Reply:
    """Remove a clinic."""
    await call.services.clinics.delete(call.actor, call.id("clinicId"), if_match=call.precondition.if_match)
    return Reply()


async def policy(call: Call[None, Nothing]) -> Reply:
    """Return a clinic's queue policy."""
    found, version = await call.services.clinics.policy(call.actor, call.id("clinicId"))
    return Reply(data=found, version=version)


async def set_policy(call: Call[QueuePolicy, Nothing]) -> Reply:
    """Replace a clinic's queue policy."""
    expected = call.precondition.if_match
    made, version = await call.services.clinics.set_policy(
        call.actor, call.id("clinicId"), call.body, if_match=expected
    )
    return Reply(data=made, version=version)


async def days(call: Call[None, Nothing]) -> Reply:
    """Return a clinic's own closed and opened dates."""
    found = await call.services.clinic_days.days(call.actor, call.id("clinicId"))
    return Reply(data=found, version=found.version)


async def set_days(call: Call[ClinicDaysBody, Nothing]) -> Reply:
    """Replace a clinic's own closed and opened dates."""
    clinic = call.id("clinicId")
    return changed(await call.services.clinic_days.set_days(call.actor, clinic, call.body, call.precondition))


async def holidays(call: Call[None, HolidayQuery]) -> Reply:
    """Return the public holidays of a clinic's country and region in a year."""
    return Reply(data=await call.services.clinic_days.holidays(call.actor, call.id("clinicId"), call.query.year))


async def issuer(call: Call[None, Nothing]) -> Reply:
    """Return the tenant's identity provider."""
    return Reply(data=await call.services.issuers.get(call.actor, call.id("tenantId")))


async def set_issuer(call: Call[IssuerBody, Nothing]) -> Reply:
    """Set the tenant's identity provider."""
    return Reply(data=await call.services.issuers.put(call.actor, call.id("tenantId"), call.body))


async def remove_issuer(call: Call[None, Nothing]) -> Reply:
    """Trust no external identity provider any more."""
    await call.services.issuers.delete(call.actor, call.id("tenantId"))
    return Reply()


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=BASE,
        handler=page,
        summary="The clinics the account may see",
        tag=TAG,
        answer=list[ClinicDetail],
        door=Permission.READ_CLINICS,
        query=PageQuery,
        paged=True,
    ),
    Endpoint(
        method="POST",
        path=BASE,
        handler=create,
        summary="A new clinic, with the default queue policy",
        tag=TAG,
        answer=ClinicDetail,
        door=Permission.MANAGE_CLINICS,
        body=NewClinic,
        status=201,
        refusals=(errors.Conflict,),
        example={
            "slug": "riverside",
            "name": "Riverside Clinic",
            "timezone": "Europe/Berlin",
            "holidays": {"country": "DE", "region": "BE"},
        },
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=get,
        summary="A clinic",
        tag=TAG,
        answer=ClinicDetail,
        door=Permission.READ_CLINICS,
    ),
    Endpoint(
        method="PUT",
        path=ONE,
        handler=update,
        summary="Change a clinic; what is left out stays",
        tag=TAG,
        answer=ClinicDetail,
        door=Permission.MANAGE_CLINICS,
        body=ClinicChange,
        versioned=True,
        refusals=(errors.Conflict,),
        example={"address": "1 River Street"},
    ),
    Endpoint(
        method="DELETE",
        path=ONE,
        handler=delete,
        summary="Remove a clinic that nothing refers to",
        tag=TAG,
        status=204,
        door=Permission.MANAGE_CLINICS,
        versioned=True,
        refusals=(errors.Conflict,),
    ),
    Endpoint(
        method="GET",
        path=POLICY,
        handler=policy,
        summary="The policy of a clinic's queues",
        tag=TAG,
        answer=QueuePolicy,
        door=Permission.MANAGE_POLICY,
    ),
    Endpoint(
        method="PUT",
        path=POLICY,
        handler=set_policy,
        summary="Replace the policy of a clinic's queues; what is left out takes its default",
        tag=TAG,
        answer=QueuePolicy,
        door=Permission.MANAGE_POLICY,
        body=QueuePolicy,
        versioned=True,
        example={"graceMinutes": 10, "latePolicy": "behind_two"},
    ),
    Endpoint(
        method="GET",
        path=DAYS,
        handler=days,
        summary="The dates on which a clinic differs from its country's holidays",
        tag=TAG,
        answer=ClinicDaysView,
        door=Permission.READ_CLINICS,
    ),
    Endpoint(
        method="PUT",
        path=DAYS,
        handler=set_days,
        summary="Replace the dates on which a clinic is closed of its own, and those on which it opens on a holiday",
        tag=TAG,
        description="The slots of its doctors are made anew; booked ones that lie on a closed date now become work for"
        " reception.",
        answer=ClinicDaysView,
        door=Permission.MANAGE_CLINICS,
        body=ClinicDaysBody,
        versioned=True,
        keeps=False,
        example={"closed": [{"date": "2030-12-24", "name": "Staff party"}], "open": ["2030-12-26"]},
    ),
    Endpoint(
        method="GET",
        path=HOLIDAYS,
        handler=holidays,
        summary="The public holidays of a clinic's country and region",
        tag=TAG,
        answer=list[HolidayView],
        door=Permission.READ_CLINICS,
        query=HolidayQuery,
    ),
    Endpoint(
        method="GET",
        path=ISSUER,
        handler=issuer,
        summary="The tenant's external identity provider",
        tag=TAG,
        answer=IssuerView,
        door=Permission.MANAGE_ISSUERS,
    ),
    Endpoint(
        method="PUT",
        path=ISSUER,
        handler=set_issuer,
        summary="Trust this external identity provider and no other",
        tag=TAG,
        answer=IssuerView,
        door=Permission.MANAGE_ISSUERS,
        body=IssuerBody,
        example={
            "issuer": "https://login.example.org/",
            "audience": "clinic-queue",
            "jwksUri": "https://login.example.org/keys",
        },
    ),
    Endpoint(
        method="DELETE",
        path=ISSUER,
        handler=remove_issuer,
        summary="Trust no external identity provider any more",
        tag=TAG,
        status=204,
        door=Permission.MANAGE_ISSUERS,
    ),
)
