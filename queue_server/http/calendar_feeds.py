"""Calendars outside: the file of one appointment, feeds, and the addresses of feeds."""

from uuid import UUID

from queue_server.application.calendar_feeds.bodies import CalendarFeedBody
from queue_server.application.calendar_feeds.service import CalendarFile
from queue_server.application.calendar_feeds.views import CalendarFeedView, NewCalendarFeedView
from queue_server.application.desk_bodies import Body
from queue_server.http.endpoint import Call, Door, Endpoint, Limit, Nothing, Reply
from queue_server.http.tracking import BAD_LINKS, check_tenant
from queue_server.interop.icalendar import MEDIA
from scheduling_core import errors

BASE = "/api/calendar-feeds"
TAG = "Calendars outside"


class FeedQuery(Body, frozen=True, kw_only=True):
    """Whose feeds; the account's own if left out."""

    doctor_id: UUID | None = None


async def of_link(call: Call[None, Nothing]) -> Reply:
    """Return the appointment behind a link as a calendar file."""
    await check_tenant(call)
    return _reply(await call.services.calendar_feeds.of_link(call.path["token"]), "attachment")


async def of_feed(call: Call[None, Nothing]) -> Reply:
    """Return the appointments of a feed."""
    return _reply(await call.services.calendar_feeds.of_feed(call.path["feedToken"]), "inline")


def _reply(found: CalendarFile, disposition: str) -> Reply:
    headers = {
        "Content-Disposition": f'{disposition}; filename="appointments.ics"',
        # To be kept by whoever asked, and asked about each time.
        "Cache-Control": "private, no-cache",
    }
    return Reply(encoded=found.body, etag=f'"{found.etag}"', headers=headers)


async def page(call: Call[None, FeedQuery]) -> Reply:
    """Return the feeds of the account, or of a doctor."""
    return Reply(data=await call.services.calendar_feeds.list(call.actor, doctor=call.query.doctor_id))


async def create(call: Call[CalendarFeedBody, Nothing]) -> Reply:
    """Make a feed."""
    made = await call.services.calendar_feeds.create(call.actor, call.body)
    return Reply(data=made, headers={"Location": f"{BASE}/{made.id}"})


async def revoke(call: Call[None, Nothing]) -> Reply:
    """Withdraw a feed."""
    await call.services.calendar_feeds.revoke(call.actor, call.id("feedId"))
    return Reply()


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/appointments/track/{token}/calendar.ics",
        handler=of_link,
        summary="The appointment behind a link, for a calendar",
        description=(
            "iCalendar (RFC 5545), in the patient's language. The UID stays the same when the appointment is moved or"
            " cancelled, and its SEQUENCE grows: imported again, it replaces what the calendar has."
        ),
        tag=TAG,
        answer=str,
        media=MEDIA,
        bare=True,
        tagged=True,
        limit=Limit.READS,
        refusals=BAD_LINKS,
    ),
    Endpoint(
        method="GET",
        path="/api/calendar/{feedToken}.ics",
        handler=of_feed,
        summary="The appointments of a patient or a doctor, for a calendar that subscribes to them",
        description="Names no patient. Cancelled appointments stay in it as such.",
        tag=TAG,
        answer=str,
        media=MEDIA,
        bare=True,
        tagged=True,
        limit=Limit.READS,
        refusals=(errors.NotFound,),
        tenant_header=False,
    ),
    Endpoint(
        method="GET",
        path=BASE,
        handler=page,
        summary="The account's calendar addresses, or those of a doctor",
        tag=TAG,
        answer=list[CalendarFeedView],
        door=Door.SIGNED_IN,
        query=FeedQuery,
    ),
    Endpoint(
        method="POST",
        path=BASE,
        handler=create,
        summary="A new calendar address",
        description=(
            "Of their own appointments for doctors and patients, of a doctor's for reception and admins. Whoever has"
            " the address sees what it shows: it is told once, and shows nothing any more when it is withdrawn, or when"
            " the account that made it ends or loses sight of the doctor."
        ),
        tag=TAG,
        answer=NewCalendarFeedView,
        door=Door.SIGNED_IN,
        body=CalendarFeedBody,
        status=201,
        refusals=(errors.Conflict,),
        example={"doctorId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e02"},
    ),
    Endpoint(
        method="DELETE",
        path=f"{BASE}/{{feedId}}",
        handler=revoke,
        summary="Withdraw a calendar address",
        tag=TAG,
        status=204,
        door=Door.SIGNED_IN,
    ),
)
