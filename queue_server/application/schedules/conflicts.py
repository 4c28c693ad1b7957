"""Appointments whose time is closed by now: work for reception, each with why and with another time."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.paging import LONGEST_PAGE, after_instant, checked_limit, cursor_of_instant
from queue_server.application.schedules.explaining import explanations
from queue_server.application.schedules.sources import load_calendars, sources_of_many
from queue_server.application.schedules.suggestions import Displaced, suggest
from queue_server.application.schedules.views import ConflictCause, SlotConflictView
from queue_server.store import schedules as rows
from queue_server.store.db import Database
from queue_server.store.schedules import FoundConflict
from scheduling_core.calendar.day import effective_day
from scheduling_core.calendar.explanations import Explanations
from scheduling_core.calendar.reasons import Reason
from scheduling_core.calendar.sources import Sources
from scheduling_core.errors import NotFound
from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Permission


class ConflictPage(msgspec.Struct, frozen=True):
    """Part of what is to be solved, where it goes on, and how much there is altogether."""

    items: Sequence[SlotConflictView]
    next_cursor: str | None
    total: int


class Conflicts:
    """Lists what reception has to solve."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def list(
        self,
        actor: Actor,
        *,
        clinic: UUID | None = None,
        doctor: UUID | None = None,
        limit: int = LONGEST_PAGE,
        cursor: str | None = None,
    ) -> ConflictPage:
        """Return the next booked appointments whose time is closed, by their start, and how many there are altogether.

        At most 200 come; none with a `limit` of 0, which only counts. However many come, the same number of queries is
        asked. Raises `NotFound` for a clinic outside of the account's scope.
        """
        actor.require(Permission.MANAGE_SLOTS)
        if clinic is not None:
            actor.require_for(Permission.MANAGE_SLOTS, clinic=ClinicId(clinic))
        start, size, now = after_instant(cursor), limit and checked_limit(limit), datetime.now(UTC)
        async with self._db.tenant(actor.tenant, snapshot=True) as tx:
            if clinic is not None and not await rows.zones(tx, [ClinicId(clinic)]):
                raise NotFound("There is no such clinic.")
            if doctor is not None and await rows.doctor_place(tx, doctor) is None:
                raise NotFound("There is no such doctor.")
            wanted = rows.ConflictQuery(clinic=clinic, doctor=doctor, within=actor.clinics, now=now)
            total = await rows.count_conflicts(tx, wanted)
            listed = await rows.conflicts(tx, wanted, after=start, limit=size + 1) if size else []
            found = listed[:size]
            doctors = {conflict.appointment.doctor for conflict in found}
            names = await rows.doctor_names(tx, doctors) if doctors else {}
            sources = await sources_of_many(tx, await load_calendars(tx, doctors)) if doctors else {}
            explained = await explanations(tx, sources)
            displaced = [_displaced(conflict) for conflict in found]
            others = await suggest(tx, displaced, now=now) if displaced else {}
        shown = [
            SlotConflictView(
                appointment_id=conflict.appointment.id,
                patient_name=conflict.appointment.patient_name,
                patient_phone=conflict.phone,
                doctor_id=conflict.appointment.doctor,
                doctor_name=names.get(conflict.appointment.doctor, ""),
                clinic_id=conflict.appointment.clinic,
                start=conflict.appointment.start,
                mode=Mode(conflict.appointment.mode),
                cause=_cause(conflict, sources, explained),
                suggestion=others.get(conflict.appointment.id),
            )
            for conflict in found
        ]
        return ConflictPage(shown, _cursor(found[-1]) if len(listed) > size else None, total)


def _cursor(last: FoundConflict) -> str:
    return cursor_of_instant(last.appointment.start, last.appointment.id)


def _displaced(conflict: FoundConflict) -> Displaced:
    lost = conflict.appointment
    return Displaced(appointment=lost.id, doctor=lost.doctor, clinic=lost.clinic, start=lost.start, mode=lost.mode)


def _cause(
    conflict: FoundConflict, sources: Mapping[DoctorId, Sources], explained: Mapping[DoctorId, Explanations]
) -> ConflictCause:
    """What closes the time now; where the calendar has moved on meanwhile, what closed it when that was found."""
    lost = conflict.appointment
    reason = _closing(conflict, sources[lost.doctor])
    if reason is None:
        return ConflictCause(kind=conflict.cause, source_id=conflict.source, explanation="closed when this was found")
    return ConflictCause(kind=reason.kind, source_id=reason.source, explanation=explained[lost.doctor].explain(reason))


def _closing(conflict: FoundConflict, sources: Sources) -> Reason | None:
    """Return the first reason that closes some of an appointment's time, None where all of it is open."""
    lost = conflict.appointment
    if lost.clinic not in sources.zones:
        return None
    end = lost.start + timedelta(minutes=lost.minutes)
    day = lost.start.astimezone(ZoneInfo(lost.zone)).date()
    for segment in effective_day(sources, lost.clinic, day):
        if not segment.is_open and segment.start < end and lost.start < segment.end:
            return segment.reason
    return None
