"""The calendar of a doctor on the write path: the rows that show it, made purely from its state."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from queue_server.application.aggregates import Model, Texts
from queue_server.store.projections.aggregate_rows import Rows, Table
from scheduling_core.calendar import aggregate
from scheduling_core.calendar.events import CalendarEvent
from scheduling_core.calendar.sources import Closure, Leave, Override
from scheduling_core.calendar.state import DoctorCalendar, KeptSchedule, leave_version
from scheduling_core.ids import TextId

SCHEDULE = Table(
    "doctor_schedule",
    ("schedule_id",),
    ("doctor_id", "clinic_id", "effective_from", "effective_until", "ended", "week", "version"),
)
OVERRIDE = Table("schedule_override", ("override_id",), ("doctor_id", "schedule_id", "date", "hours", "reason"))
EXCEPTION = Table(
    "schedule_exception", ("exception_id",), ("doctor_id", "clinic_id", "kind", "starts_at", "ends_at", "reason")
)
LEAVE = Table(
    "leave_request",
    ("leave_id",),
    (
        "doctor_id",
        "type",
        "first_day",
        "last_day",
        "start_minute",
        "end_minute",
        "status",
        "requested_by",
        "requested_at",
        "decided_by",
        "decided_at",
        "reason",
        "decision_reason",
        "version",
    ),
)


def rows(calendar: DoctorCalendar, texts: Texts) -> Rows:
    """Return every row that shows this calendar."""
    doctor = {"doctor_id": calendar.doctor}
    found: Rows = {}
    for kept in calendar.schedules:
        found[SCHEDULE, (kept.schedule.id,)] = doctor | _schedule(kept)
    for override in calendar.overrides:
        found[OVERRIDE, (override.id,)] = doctor | _override(override, texts)
    for closure in calendar.closures:
        found[EXCEPTION, (closure.id,)] = doctor | _closure(closure, texts)
    for leave in calendar.leaves:
        found[LEAVE, (leave.id,)] = doctor | _leave(leave, texts)
    return found


def texts(calendar: DoctorCalendar) -> Iterable[TextId]:
    """Return the ids of every reason that the rows show."""
    given = [
        *(override.reason for override in calendar.overrides),
        *(closure.reason for closure in calendar.closures),
        *(leave.reason for leave in calendar.leaves),
        *(leave.decision_reason for leave in calendar.leaves),
    ]
    return [text for text in given if text is not None]


def _schedule(kept: KeptSchedule) -> dict[str, Any]:
    return {
        "clinic_id": kept.schedule.clinic,
        "effective_from": kept.schedule.effective_from,
        "effective_until": kept.schedule.effective_until,
        "ended": kept.ended,
        "week": msgspec.to_builtins(kept.schedule.week),
        "version": kept.version,
    }


def _override(override: Override, texts: Texts) -> dict[str, Any]:
    return {
        "schedule_id": override.schedule,
        "date": override.date,
        "hours": msgspec.to_builtins(override.hours),
        "reason": _words(override.reason, texts),
    }


def _closure(closure: Closure, texts: Texts) -> dict[str, Any]:
    return {
        "clinic_id": closure.clinic,
        "kind": closure.kind,
        "starts_at": closure.start,
        "ends_at": closure.end,
        "reason": _words(closure.reason, texts),
    }


def _leave(leave: Leave, texts: Texts) -> dict[str, Any]:
    return {
        "type": leave.type,
        "first_day": leave.first,
        "last_day": leave.last,
        "start_minute": leave.start,
        "end_minute": leave.end,
        "status": leave.status,
        "requested_by": leave.requested_by,
        "requested_at": leave.requested_at,
        "decided_by": leave.decided_by,
        "decided_at": leave.decided_at,
        "reason": _words(leave.reason, texts),
        "decision_reason": _words(leave.decision_reason, texts),
        "version": leave_version(leave),
    }


def _words(text: UUID | None, texts: Texts) -> str | None:
    """What was erased is as if it had never been said."""
    return texts.get(text) if text is not None else None


CALENDAR: Model[DoctorCalendar, CalendarEvent] = Model(
    aggregate.CALENDAR, tables=(SCHEDULE, OVERRIDE, EXCEPTION, LEAVE), rows=rows, texts=texts
)
