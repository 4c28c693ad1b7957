"""Calendars: the days of one doctor at every clinic, or of a clinic's doctors side by side, each stretch explained."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from msgspec.structs import asdict, replace

from queue_server.application.actor import Actor
from queue_server.application.schedules.access import reach_doctor, sees_clinic
from queue_server.application.schedules.changes import texts_of
from queue_server.application.schedules.explaining import explanations, segment_views
from queue_server.application.schedules.leave_shown import LeaveShown
from queue_server.application.schedules.sources import BACK, load_calendar, load_calendars, sources_of, sources_of_many
from queue_server.application.schedules.views import (
    CalendarDay,
    ClinicCalendarView,
    DoctorCalendarView,
    DoctorDaysView,
    DoctorDayView,
    SlotCounts,
)
from queue_server.application.schedules.wire import exception_view
from queue_server.store import schedules as rows
from queue_server.store.db import Database
from queue_server.store.schedules import Counts
from scheduling_core.calendar.day import effective_days
from scheduling_core.calendar.decide_leave import STANDING
from scheduling_core.calendar.explanations import Explanations
from scheduling_core.calendar.reasons import ReasonKind, Segment
from scheduling_core.calendar.sources import Leave, Sources
from scheduling_core.calendar.state import DoctorCalendar
from scheduling_core.errors import InvalidValue, NotFound
from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.permissions import OWN_DOCTOR_ONLY, Permission

MOST_DAYS, MOST_DAYS_OF_MANY = 100, 35
DAY = timedelta(days=1)
CLOSINGS = frozenset(
    {
        ReasonKind.FORCED_BLOCK,
        ReasonKind.EMERGENCY,
        ReasonKind.LEAVE,
        ReasonKind.HOLIDAY,
        ReasonKind.OVERRIDE_CLOSED,
        ReasonKind.MAINTENANCE,
    }
)
"""What takes time away that the week would have; the rest of a day is closed for no reason but that."""

CountsOf = Mapping[tuple[DoctorId, ClinicId, date], Counts]
NONE = Counts(0, 0, 0, 0, 0, 0)


class Calendars:
    """Shows what doctors' calendars lead to; at most a hundred days of one doctor, five weeks of many."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of_doctor(self, actor: Actor, doctor: UUID, first: date, last: date) -> DoctorCalendarView:
        """Return the days of a doctor at every clinic the account sees, with exceptions and leave that touch them.

        Raises `InvalidValue` for a range that is reversed or too long.
        """
        _check_range(first, last, MOST_DAYS)
        async with self._db.tenant(actor.tenant, snapshot=True) as tx:
            place = await reach_doctor(tx, actor, Permission.READ_SCHEDULES, doctor)
            calendar = await load_calendar(tx, place.id)
            sources = await sources_of(tx, calendar, first - BACK, last + BACK)
            explained = (await explanations(tx, {place.id: sources}))[place.id]
            counts = await rows.slot_counts(tx, [place.id], first, last, datetime.now(UTC))
            texts = await texts_of(tx, calendar)
            leaves = [leave for leave in calendar.leaves if _is_shown(leave, first, last)]
            shown = await LeaveShown.of(tx, actor, [(calendar, leaves)], texts)
        clinics = [clinic for clinic in _clinics_in_effect(calendar, first, last) if sees_clinic(actor, clinic)]
        days = [day for clinic in clinics for day in _days(place.id, sources, clinic, first, last, explained, counts)]
        return DoctorCalendarView(
            doctor_id=place.id,
            doctor_name=place.name,
            days=tuple(sorted(days, key=lambda day: (day.date, day.clinic_id))),
            exceptions=tuple(
                exception_view(place.id, closure, texts)
                for closure in calendar.closures
                if closure.start.date() <= last + DAY
                and closure.end.date() >= first - DAY
                and (closure.clinic is None or sees_clinic(actor, closure.clinic))
            ),
            leaves=tuple(shown.view(place.id, leave) for leave in leaves),
        )

    async def of_clinic(self, actor: Actor, clinic: UUID, first: date, last: date) -> ClinicCalendarView:
        """Return the days of the clinic's doctors; doctors get their own alone.

        Raises `NotFound` for a clinic out of reach, `InvalidValue` for a range that is reversed or too long.
        """
        id = ClinicId(clinic)
        actor.require_for(Permission.READ_SCHEDULES, clinic=id)
        _check_range(first, last, MOST_DAYS_OF_MANY)
        async with self._db.tenant(actor.tenant, snapshot=True) as tx:
            zone = (await rows.zones(tx, [id])).get(id)
            if zone is None:
                raise NotFound("There is no such clinic.")
            names = await rows.doctors_at(tx, id)
            if actor.role in OWN_DOCTOR_ONLY:
                names = {doctor: name for doctor, name in names.items() if doctor == actor.doctor}
            calendars = await load_calendars(tx, names)
            sources = await sources_of_many(tx, calendars, first - BACK, last + BACK)
            # Whoever has no schedule here yet has days, too.
            sources = {doctor: replace(one, zones=one.zones | {id: zone}) for doctor, one in sources.items()}
            explained = await explanations(tx, sources)
            counts = await rows.slot_counts(tx, names, first, last, datetime.now(UTC))
        return ClinicCalendarView(
            clinic_id=id,
            timezone=zone,
            doctors=tuple(
                DoctorDaysView(
                    doctor_id=doctor,
                    doctor_name=name,
                    days=tuple(_short_days(doctor, sources[doctor], id, first, last, explained[doctor], counts)),
                )
                for doctor, name in names.items()
            ),
        )


def _check_range(first: date, last: date, longest: int) -> None:
    if not 2000 <= first.year <= 2150:
        raise InvalidValue("This is too far from today.", field="from")
    if last < first:
        raise InvalidValue("The last day lies before the first.", field="to")
    if (last - first).days >= longest:
        raise InvalidValue(f"Ask for no more than {longest} days at a time.", field="to")


def _clinics_in_effect(calendar: DoctorCalendar, first: date, last: date) -> list[ClinicId]:
    """Where a schedule is in effect on one of these days."""
    return sorted(
        {
            kept.schedule.clinic
            for kept in calendar.schedules
            if kept.schedule.effective_from <= last
            and (kept.schedule.effective_until is None or kept.schedule.effective_until >= first)
        }
    )


def _is_shown(leave: Leave, first: date, last: date) -> bool:
    return leave.status in STANDING and leave.first <= last and leave.last >= first


def _days(
    doctor: DoctorId,
    sources: Sources,
    clinic: ClinicId,
    first: date,
    last: date,
    explained: Explanations,
    counts: CountsOf,
) -> Iterable[CalendarDay]:
    for day, segments in effective_days(sources, clinic, first, last).items():
        yield CalendarDay(
            date=day,
            clinic_id=clinic,
            timezone=sources.zones[clinic],
            segments=segment_views(segments, explained),
            slots=_counts(counts.get((doctor, clinic, day), NONE)),
        )


def _short_days(
    doctor: DoctorId,
    sources: Sources,
    clinic: ClinicId,
    first: date,
    last: date,
    explained: Explanations,
    counts: CountsOf,
) -> Iterable[DoctorDayView]:
    for day, segments in effective_days(sources, clinic, first, last).items():
        yield DoctorDayView(
            date=day,
            open_minutes=_minutes(segment for segment in segments if segment.is_open),
            open=segment_views((segment for segment in segments if segment.is_open), explained),
            closed=segment_views((s for s in segments if s.reason.kind in CLOSINGS), explained),
            slots=_counts(counts.get((doctor, clinic, day), NONE)),
        )


def _minutes(segments: Iterable[Segment]) -> int:
    return int(sum((segment.end - segment.start for segment in segments), timedelta()).total_seconds() // 60)


def _counts(found: Counts) -> SlotCounts:
    return SlotCounts(**asdict(found))
