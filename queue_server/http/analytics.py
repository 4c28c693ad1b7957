"""Figures of clinics: waitlists by day, how fairly people waited, and tiles that live."""

from hashlib import blake2b
from typing import Annotated
from uuid import UUID

import msgspec

from queue_server.application.analytics.views import ClinicMetrics, WaitlistFairness, WaitlistMetrics
from queue_server.application.desk_bodies import Body
from queue_server.application.slots.bodies import Date
from queue_server.http.endpoint import Call, Endpoint, Reply, bearer
from scheduling_core import errors
from scheduling_core.permissions import Permission

BASE = "/api/analytics"
STREAM = "/realtime/dashboard"
TAG = "Analytics"


class ClinicQuery(Body, frozen=True, kw_only=True):
    """Which clinic; all that the account sees if left out."""

    clinic_id: UUID | None = None


class PeriodQuery(ClinicQuery, frozen=True, kw_only=True):
    """Which clinic, and from when to when; both dates included, the last thirty days if left out."""

    first: Annotated[Date | None, msgspec.Meta(description="YYYY-MM-DD")] = msgspec.field(default=None, name="from")
    last: Annotated[Date | None, msgspec.Meta(description="YYYY-MM-DD")] = msgspec.field(default=None, name="to")


async def waitlist(call: Call[None, PeriodQuery]) -> Reply:
    """Return what became of waitlists."""
    query = call.query
    found = await call.services.waitlist_analytics.metrics(call.actor, query.clinic_id, query.first, query.last)
    return Reply(data=found)


async def fairness(call: Call[None, PeriodQuery]) -> Reply:
    """Return how fairly people waited."""
    query = call.query
    found = await call.services.waitlist_analytics.fairness(call.actor, query.clinic_id, query.first, query.last)
    return Reply(data=found)


async def tiles(call: Call[None, ClinicQuery]) -> Reply:
    """Return how clinics are now."""
    encoded = msgspec.json.encode(await call.services.dashboard.now(call.actor, call.query.clinic_id))
    return Reply(encoded=encoded, etag=f'"{blake2b(encoded, digest_size=12).hexdigest()}"')


async def stream(call: Call[None, ClinicQuery]) -> Reply:
    """Tell how clinics are, and whenever that changes."""
    services, token = call.services, bearer(call.request) or ""
    tenant, clinic = call.tenant_header, call.query.clinic_id

    if call.request.method == "HEAD":
        return Reply(encoded=b"")
    session = await services.access.session(token, tenant=tenant)
    last_id = call.request.headers.get("last-event-id")
    opened = await services.dashboard.open(
        session, lambda: services.access.session(token, tenant=tenant), clinic, last_id
    )
    return Reply(stream=opened)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{BASE}/waitlist",
        handler=waitlist,
        summary="What became of waitlists, by clinic and day",
        description=(
            "Days are those of each clinic's own calendar; days on which nothing happened are left out. At most a year"
            " at a time."
        ),
        tag=TAG,
        answer=WaitlistMetrics,
        door=Permission.READ_ANALYTICS,
        query=PeriodQuery,
        refusals=(errors.NotFound,),
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/waitlist/fairness",
        handler=fairness,
        summary="How evenly waiting is spread, among all and by tier and urgency",
        description=(
            "Each wait in units of how long it should have been at most: Jain's index, Gini's coefficient, the longest"
            " wait and the share inside the target, of who got an appointment and of who waits now."
        ),
        tag=TAG,
        answer=WaitlistFairness,
        door=Permission.READ_ANALYTICS,
        query=PeriodQuery,
        refusals=(errors.NotFound,),
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/dashboard",
        handler=tiles,
        summary="How clinics are now, for whom the stream of it fails",
        tag=TAG,
        answer=list[ClinicMetrics],
        door=Permission.READ_ANALYTICS,
        query=ClinicQuery,
        tagged=True,
        refusals=(errors.NotFound,),
    ),
    Endpoint(
        method="GET",
        path=STREAM,
        handler=stream,
        summary="How clinics are, told whenever that changes: server-sent events",
        description=(
            "Events `clinic-metrics` with a `ClinicMetrics` as data: of every clinic first, then of whichever has"
            " changed, a second's changes together. Comments keep it alive. Ends with the access token, and when the"
            " server goes; come back with `Last-Event-ID`, and what you know is not told again."
        ),
        tag=TAG,
        answer=ClinicMetrics,
        media="text/event-stream",
        bare=True,
        streams=True,
        door=Permission.READ_ANALYTICS,
        query=ClinicQuery,
        refusals=(errors.NotFound,),
    ),
)
