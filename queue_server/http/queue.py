"""The live queue: every command of the desk, and what staff read of a queue."""

from typing import Annotated, Any
from uuid import UUID

import msgspec

from queue_server.application.desk_bodies import DESK_COMMANDS, Body, Day, DeskCommand, Instant, Target
from queue_server.application.views.clinics import LaneDoctor
from queue_server.application.views.desk import (
    AbsentResult,
    BroadcastResult,
    NoShowResult,
    QueueCommandResult,
    StaffQueue,
    TransferResult,
    WalkInResult,
)
from queue_server.application.views.display import DisplayQueue
from queue_server.application.views.statistics import StatisticsView
from queue_server.application.views.tracking import PlaceChange
from queue_server.application.views.windows import OverlapsView, SlotPosition, SuggestionsView, WindowsView
from queue_server.http.endpoint import Call, Endpoint, Handler, Limit, Nothing, Reply
from scheduling_core import errors
from scheduling_core.ids import ClinicId, DoctorId, EntryId, TenantId
from scheduling_core.permissions import Permission

BASE = "/api/appointments/queue"
TAG = "Queue"


class DayQuery(Body, frozen=True, kw_only=True):
    """Which day's queue."""

    date: Day | None = None


class StateQuery(Body, frozen=True, kw_only=True):
    """Which day's queue, and as it was when."""

    date: Day | None = None
    as_of: Annotated[Instant | None, msgspec.Meta(description="any past moment; now if omitted")] = msgspec.field(
        default=None, name="as_of"
    )


class SuggestQuery(Body, frozen=True, kw_only=True):
    """For whom slots are suggested."""

    date: Day | None = None
    preferred_hour: Annotated[int, msgspec.Meta(ge=0, le=23, description="in the clinic's zone")] | None = None
    tenant_id: Annotated[
        UUID | None, msgspec.Meta(description="the doctor's tenant; the X-Tenant-Id header says it as well")
    ] = None


class LanesQuery(Body, frozen=True, kw_only=True):
    """Whose lanes."""

    clinic_id: UUID | None = None


class OverlapsBody(Body, frozen=True, kw_only=True):
    """A stretch of time within one day."""

    slot_start_time: Instant
    slot_end_time: Instant


def command_handler(command: DeskCommand) -> Handler:
    """Return the handler of one desk command."""

    async def run(call: Call[Body, Nothing]) -> Reply:
        try:
            answer = await call.services.queue.run(
                call.actor, command.name, call.id(command.target), call.body, call.precondition
            )
        except errors.DomainError as error:
            call.services.metrics.command(command.name, error.code)
            raise
        call.services.metrics.command(command.name, "ok")
        return Reply(encoded=answer.body, version=answer.version)

    return run


async def state(call: Call[None, StateQuery]) -> Reply:
    """Return a whole queue, now or as it was."""
    found = await call.services.reading.state(
        call.actor, DoctorId(call.id("doctorId")), call.query.date, call.query.as_of
    )
    return Reply(data=found, version=found.version)


async def windows(call: Call[None, DayQuery]) -> Reply:
    """Return the windows of a day with their appointments."""
    found = await call.services.reading.windows(call.actor, DoctorId(call.id("doctorId")), call.query.date)
    return Reply(data=found, version=found.version)


async def overlaps(call: Call[OverlapsBody, Nothing]) -> Reply:
    """Return which appointments of a stretch of time want the doctor at the same time."""
    start, end = call.body.slot_start_time, call.body.slot_end_time
    if end <= start:
        raise errors.InvalidValue("The end must be after the start.", field="slotEndTime")
    return Reply(data=await call.services.reading.overlaps(call.actor, DoctorId(call.id("doctorId")), start, end))


async def slot_position(call: Call[None, Nothing]) -> Reply:
    """Return an appointment's place within its window."""
    return Reply(data=await call.services.reading.slot_position(call.actor, EntryId(call.id("appointmentId"))))


async def suggestions(call: Call[None, SuggestQuery]) -> Reply:
    """Return the windows of a day that suit best."""
    header, query = call.tenant_header, call.query
    if header is not None and query.tenant_id not in (None, header):
        raise errors.InvalidValue("The header X-Tenant-Id names another tenant.", field="tenantId")
    tenant = query.tenant_id or header
    found = await call.services.reading.suggestions(
        DoctorId(call.id("doctorId")), query.date, query.preferred_hour, TenantId(tenant) if tenant else None
    )
    return Reply(data=found)


async def statistics(call: Call[None, DayQuery]) -> Reply:
    """Return the figures of a queue."""
    return Reply(
        data=await call.services.reading.statistics(call.actor, DoctorId(call.id("doctorId")), call.query.date)
    )


async def changes(call: Call[None, Nothing]) -> Reply:
    """Return why an appointment's place changed."""
    return Reply(data=await call.services.reading.changes(call.actor, EntryId(call.id("appointmentId"))))


async def lanes(call: Call[None, LanesQuery]) -> Reply:
    """Return the doctors whose queues the account may watch."""
    clinic = ClinicId(call.query.clinic_id) if call.query.clinic_id else None
    return Reply(data=await call.services.reading.lanes(call.actor, clinic))


_ANSWERS: dict[str, Any] = {
    "no-show": NoShowResult,
    "transfer": TransferResult,
    "walk-in": WalkInResult,
    "emergency": BroadcastResult,
    "absent": AbsentResult,
}

_PERMISSIONS: dict[str, Permission] = {
    "early-arrival": Permission.CHECK_IN,
    "absent": Permission.TRANSFER,
}

_ANY_STATE = (errors.QueueClosed,)
_OF_AN_ENTRY = (errors.IllegalTransition,)
_PREPARES_A_DAY = frozenset({"move", "triage", "transfer", "absent", "cancel", "emergency", "undo", "walk-in"})
"""Commands that are not refused because it is another day."""
_REFUSALS: dict[str, tuple[type[errors.DomainError], ...]] = {
    "start": (errors.DoctorBusy,),
    "move": (errors.PositionOutOfRange,),
    "skip": (errors.SkipLimitReached,),
    "call-next": (errors.NobodyToCall, errors.AlreadyCalling, errors.DoctorBusy, errors.QueuePaused),
    "walk-in": (errors.CapacityReached, errors.OtherTimeZone),
    "undo": (
        errors.UndoSuperseded,
        errors.UndoExpired,
        errors.NothingToUndo,
        errors.SlotUnavailable,
        errors.CapacityReached,
        errors.ResourceTaken,
    ),
    "transfer": (errors.CapacityReached,),
    "absent": (errors.CapacityReached,),
}

_EXAMPLES: dict[str, dict[str, Any]] = {
    "move": {"newPosition": 1, "reason": "In pain"},
    "no-show": {"gracePeriod": 15},
    "start": {"completeCurrent": True},
    "triage": {"triage": 2},
    "transfer": {"doctorId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e02"},
    "walk-in": {"patient": {"name": "Amal Haddad", "phone": "+962 79 000 0000", "language": "ar"}, "triage": 3},
    "undo": {"version": 41},
    "emergency": {"message": "The doctor was called away.", "priority": "high", "estimatedDelay": 20},
    "absent": {"doctorIds": ["018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e02"]},
}


def _command(command: DeskCommand) -> Endpoint:
    of_entry = _OF_AN_ENTRY if command.target is Target.APPOINTMENT else ()
    of_the_day = () if command.name in _PREPARES_A_DAY else (errors.NotThatDay,)
    return Endpoint(
        method="POST",
        path=f"{BASE}/{command.name}/{{{command.target}}}",
        handler=command_handler(command),
        summary=command.summary,
        tag=TAG,
        answer=_ANSWERS.get(command.name, QueueCommandResult),
        door=_PERMISSIONS.get(command.name) or Permission(command.name),
        body=command.body,
        versioned=True,
        keeps=False,
        refusals=(*_ANY_STATE, *of_the_day, *of_entry, *_REFUSALS.get(command.name, ())),
        example=_EXAMPLES.get(command.name, {}),
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    *(_command(command) for command in DESK_COMMANDS.values()),
    Endpoint(
        method="GET",
        path=f"{BASE}/state/{{doctorId}}",
        handler=state,
        summary="A whole queue, now or as it was",
        description="A display sees tickets only. With `as_of`, nothing of the answer is an estimate made today.",
        tag=TAG,
        answer=StaffQueue | DisplayQueue,
        door=Permission.WATCH_DISPLAY,
        query=StateQuery,
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/slot-based/{{doctorId}}",
        handler=windows,
        summary="The windows of a day with their appointments",
        tag=TAG,
        answer=WindowsView,
        door=Permission.READ_QUEUE,
        query=DayQuery,
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/slot-overlaps/{{doctorId}}",
        handler=overlaps,
        summary="Appointments of a stretch of time that want the doctor at once",
        tag=TAG,
        answer=OverlapsView,
        door=Permission.READ_QUEUE,
        body=OverlapsBody,
        keeps=False,
        example={"slotStartTime": "2026-03-02T09:00:00+02:00", "slotEndTime": "2026-03-02T10:00:00+02:00"},
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/slot-position/{{appointmentId}}",
        handler=slot_position,
        summary="An appointment's place within its window",
        tag=TAG,
        answer=SlotPosition,
        door=Permission.READ_QUEUE,
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/suggest-slots/{{doctorId}}",
        handler=suggestions,
        summary="Windows of a day that suit best: counts only",
        tag=TAG,
        answer=SuggestionsView,
        query=SuggestQuery,
        limit=Limit.READS,
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/statistics/{{doctorId}}",
        handler=statistics,
        summary="The figures of a queue",
        tag=TAG,
        answer=StatisticsView,
        door=Permission.READ_STATISTICS,
        query=DayQuery,
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/changes/{{appointmentId}}",
        handler=changes,
        summary="Why an appointment's place changed",
        tag=TAG,
        answer=list[PlaceChange],
        door=Permission.READ_QUEUE,
    ),
    Endpoint(
        method="GET",
        path="/api/doctors/lanes",
        handler=lanes,
        summary="The doctors whose queues the account may watch",
        tag=TAG,
        answer=list[LaneDoctor],
        door=Permission.WATCH_DISPLAY,
        query=LanesQuery,
    ),
)
