"""Weekly schedules of doctors, other hours on single dates, and stretches of time that are closed."""

from queue_server.application.schedules.bodies import (
    DryRunQuery,
    EndQuery,
    NewException,
    NewOverride,
    NewSchedule,
    ScheduleChange,
)
from queue_server.application.schedules.views import ExceptionView, Removed, ScheduleView
from queue_server.http.answers import changed, tried_or_made
from queue_server.http.endpoint import Call, Endpoint, Reply
from queue_server.http.lists import LongPageQuery
from scheduling_core import errors
from scheduling_core.permissions import Permission

OF_DOCTOR = "/api/doctors/{doctorId}/schedules"
ONE = "/api/schedules/{scheduleId}"
OVERRIDES = f"{ONE}/overrides"
EXCEPTIONS = f"{ONE}/exceptions"
OVERRIDE = "/api/overrides/{overrideId}"
EXCEPTION = "/api/exceptions/{exceptionId}"
TAG = "Schedules"

TRIED = (
    "With `dryRun` nothing is kept: the answer shows what would be, and its `preview` how many slots come and go and"
    " which patients lose their time, each with another one where there is one."
)
SITTING = {"weekday": 1, "start": "09:00", "end": "12:00", "slotMinutes": 20, "bufferMinutes": 0}


async def of_doctor(call: Call[None, LongPageQuery]) -> Reply:
    """Return a page of the schedules of a doctor."""
    schedules, query = call.services.schedules, call.query
    found = await schedules.list(call.actor, call.id("doctorId"), limit=query.limit, cursor=query.cursor)
    return Reply(data=found.items, next_cursor=found.next_cursor)


async def create(call: Call[NewSchedule, DryRunQuery]) -> Reply:
    """Make a schedule."""
    schedules, doctor = call.services.schedules, call.id("doctorId")
    answer = await schedules.create(call.actor, doctor, call.body, call.precondition, dry_run=call.query.dry_run)
    return tried_or_made(answer, dry_run=call.query.dry_run)


async def update(call: Call[ScheduleChange, DryRunQuery]) -> Reply:
    """Replace a schedule."""
    schedules, id = call.services.schedules, call.id("scheduleId")
    return changed(await schedules.update(call.actor, id, call.body, call.precondition, dry_run=call.query.dry_run))


async def end(call: Call[None, EndQuery]) -> Reply:
    """End a schedule."""
    schedules, id, query = call.services.schedules, call.id("scheduleId"), call.query
    return changed(await schedules.end(call.actor, id, query.last_day, call.precondition, dry_run=query.dry_run))


async def add_override(call: Call[NewOverride, DryRunQuery]) -> Reply:
    """Give a date other hours."""
    schedules, id = call.services.schedules, call.id("scheduleId")
    answer = await schedules.add_override(call.actor, id, call.body, call.precondition, dry_run=call.query.dry_run)
    return tried_or_made(answer, dry_run=call.query.dry_run)


async def remove_override(call: Call[None, DryRunQuery]) -> Reply:
    """Give a date the usual hours."""
    schedules, id = call.services.schedules, call.id("overrideId")
    return changed(await schedules.remove_override(call.actor, id, call.precondition, dry_run=call.query.dry_run))


async def add_exception(call: Call[NewException, DryRunQuery]) -> Reply:
    """Close a stretch of time."""
    schedules, id = call.services.schedules, call.id("scheduleId")
    answer = await schedules.add_exception(call.actor, id, call.body, call.precondition, dry_run=call.query.dry_run)
    return tried_or_made(answer, dry_run=call.query.dry_run)


async def remove_exception(call: Call[None, DryRunQuery]) -> Reply:
    """Open a stretch of time again."""
    schedules, id = call.services.schedules, call.id("exceptionId")
    return changed(await schedules.remove_exception(call.actor, id, call.precondition, dry_run=call.query.dry_run))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=OF_DOCTOR,
        handler=of_doctor,
        summary="The weekly schedules of a doctor, those that were ended last",
        tag=TAG,
        answer=list[ScheduleView],
        door=Permission.READ_SCHEDULES,
        query=LongPageQuery,
        paged=True,
    ),
    Endpoint(
        method="POST",
        path=OF_DOCTOR,
        handler=create,
        summary="A new weekly schedule of a doctor at a clinic; slots follow at once",
        tag=TAG,
        answer=ScheduleView,
        door=Permission.MANAGE_SCHEDULES,
        body=NewSchedule,
        query=DryRunQuery,
        status=201,
        keeps=False,
        refusals=(errors.Conflict, errors.OverlappingSittings, errors.ResourceTaken),
        example={
            "clinicId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e01",
            "effectiveFrom": "2026-12-01",
            "sittings": [SITTING, SITTING | {"weekday": 3, "tele": 1}],
        },
        description=f"Sittings of one doctor never overlap, nor do those of two doctors in one room. {TRIED}",
    ),
    Endpoint(
        method="PUT",
        path=ONE,
        handler=update,
        summary="Replace a weekly schedule; booked slots stay, what no longer fits becomes work for reception",
        tag=TAG,
        answer=ScheduleView,
        door=Permission.MANAGE_SCHEDULES,
        body=ScheduleChange,
        query=DryRunQuery,
        versioned=True,
        keeps=False,
        refusals=(errors.Conflict, errors.OverlappingSittings, errors.ResourceTaken),
        example={"effectiveFrom": "2026-12-01", "effectiveUntil": "2027-06-30", "sittings": [SITTING]},
        description=f"A stale version is refused with `changes`: which fields, by whom and when. {TRIED}",
    ),
    Endpoint(
        method="DELETE",
        path=ONE,
        handler=end,
        summary="End a weekly schedule; what was worked stays known",
        tag=TAG,
        answer=ScheduleView,
        door=Permission.MANAGE_SCHEDULES,
        query=EndQuery,
        versioned=True,
        keeps=False,
        refusals=(errors.Conflict,),
        description=TRIED,
    ),
    Endpoint(
        method="POST",
        path=OVERRIDES,
        handler=add_override,
        summary="Other hours on one date; none at all: closed",
        tag=TAG,
        answer=ScheduleView,
        door=Permission.MANAGE_SCHEDULES,
        body=NewOverride,
        query=DryRunQuery,
        status=201,
        versioned=True,
        keeps=False,
        refusals=(errors.Conflict, errors.OverlappingSittings, errors.ResourceTaken),
        example={
            "date": "2026-12-07",
            "sittings": [{"start": "10:00", "end": "13:00", "slotMinutes": 20}],
            "reason": "Training in the afternoon",
        },
        description=TRIED,
    ),
    Endpoint(
        method="DELETE",
        path=OVERRIDE,
        handler=remove_override,
        summary="The usual hours on that date again; the version is the schedule's",
        tag=TAG,
        answer=Removed,
        door=Permission.MANAGE_SCHEDULES,
        query=DryRunQuery,
        versioned=True,
        keeps=False,
        refusals=(errors.Conflict, errors.OverlappingSittings, errors.ResourceTaken),
        description=TRIED,
    ),
    Endpoint(
        method="POST",
        path=EXCEPTIONS,
        handler=add_exception,
        summary="An emergency, a forced block or a holiday: closed, whatever the schedule says",
        tag=TAG,
        answer=ExceptionView,
        door=Permission.MANAGE_SCHEDULES,
        body=NewException,
        query=DryRunQuery,
        status=201,
        versioned=True,
        keeps=False,
        refusals=(errors.Conflict,),
        example={
            "kind": "emergency",
            "start": "2026-12-07T08:00:00Z",
            "end": "2026-12-07T12:00:00Z",
            "reason": "Called to the theatre",
        },
        description=TRIED,
    ),
    Endpoint(
        method="DELETE",
        path=EXCEPTION,
        handler=remove_exception,
        summary="Take an emergency, a forced block or a holiday back",
        tag=TAG,
        answer=Removed,
        door=Permission.MANAGE_SCHEDULES,
        query=DryRunQuery,
        keeps=False,
        refusals=(errors.Conflict,),
        description=TRIED,
    ),
)
