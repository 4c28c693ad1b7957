"""What a patient's link opens, and the links themselves."""

from typing import Any

from queue_server.application.views import View
from queue_server.application.views.tracking import PlaceChange, TrackedView
from queue_server.http.endpoint import Call, Endpoint, Limit, Nothing, Reply
from scheduling_core import errors
from scheduling_core.ids import EntryId
from scheduling_core.permissions import Permission

BASE = "/api/appointments"
TAG = "Tracking"
BAD_LINKS = (errors.InvalidTrackingToken, errors.RevokedTrackingToken, errors.NotFound)


class TrackingLink(View, frozen=True, kw_only=True):
    """A new link; whoever holds it sees the appointment until it ends or is withdrawn."""

    tracking_token: str
    tracking_url: str


async def check_tenant(call: Call[Any, Nothing]) -> None:
    """Raise `InvalidTrackingToken` when `X-Tenant-Id` names anything but the link's own tenant."""
    given = call.request.headers.get("x-tenant-id")
    if given is None:
        return
    appointment = await call.services.tracking.resolve(call.path["token"])
    if given.strip().lower() != str(appointment.tenant):
        raise errors.InvalidTrackingToken("This link is for another organisation.")


async def track(call: Call[None, Nothing]) -> Reply:
    """Return appointment and place behind a link."""
    return await _tracked(call, fresh=False)


async def refresh(call: Call[None, Nothing]) -> Reply:
    """Return the same, read anew."""
    return await _tracked(call, fresh=True)


async def _tracked(call: Call[None, Nothing], *, fresh: bool) -> Reply:
    await check_tenant(call)
    found = await call.services.tracking.track(call.path["token"], fresh=fresh)
    return Reply(data=found.view, etag=f'"{found.etag}"', stale_since=found.stale_since)


async def changes(call: Call[None, Nothing]) -> Reply:
    """Return why the place behind a link changed, without a word on anybody else."""
    await check_tenant(call)
    return Reply(data=await call.services.tracking.changes(call.path["token"]))


async def link(call: Call[None, Nothing]) -> Reply:
    """Make a link to an appointment."""
    token, url = await call.services.tracking.link(call.actor, EntryId(call.id("appointmentId")))
    return Reply(data=TrackingLink(tracking_token=token, tracking_url=url))


async def revoke(call: Call[None, Nothing]) -> Reply:
    """Withdraw every link to an appointment."""
    await call.services.tracking.revoke(call.actor, EntryId(call.id("appointmentId")))
    return Reply()


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{BASE}/track/{{token}}",
        handler=track,
        summary="The appointment behind a link, and its place in the queue",
        tag=TAG,
        answer=TrackedView,
        tagged=True,
        limit=Limit.READS,
        refusals=BAD_LINKS,
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/refresh-queue/{{token}}",
        handler=refresh,
        summary="The same, past every cache",
        tag=TAG,
        answer=TrackedView,
        tagged=True,
        limit=Limit.READS,
        refusals=BAD_LINKS,
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/track/{{token}}/changes",
        handler=changes,
        summary="Why the place behind a link changed",
        tag=TAG,
        answer=list[PlaceChange],
        limit=Limit.READS,
        refusals=BAD_LINKS,
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/tracking-link/{{appointmentId}}",
        handler=link,
        summary="A new link to an appointment",
        tag=TAG,
        answer=TrackingLink,
        door=Permission.READ_PATIENTS,
    ),
    Endpoint(
        method="DELETE",
        path=f"{BASE}/tracking-link/{{appointmentId}}",
        handler=revoke,
        summary="Withdraw every link to an appointment",
        tag=TAG,
        status=204,
        door=Permission.REVOKE_LINK,
    ),
)
