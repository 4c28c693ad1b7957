"""Calendars with the reason of every stretch, and appointments whose time is closed by now."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec

from queue_server.application.desk_bodies import Body
from queue_server.application.paging import LONGEST_PAGE
from queue_server.application.schedules.views import ClinicCalendarView, DoctorCalendarView, SlotConflictView
from queue_server.http.endpoint import Call, Endpoint, Reply
from queue_server.http.lists import Cursor
from scheduling_core.permissions import Permission

TAG = "Calendar"
LATEST = date.max - timedelta(days=7)


class DaysQuery(Body, frozen=True, kw_only=True):
    """From which day to which, both included; the week from today, if left out."""

    first: Annotated[date | None, msgspec.Meta(description="today if left out")] = msgspec.field(
        name="from", default=None
    )
    last: Annotated[date | None, msgspec.Meta(description="six days after the first if left out")] = msgspec.field(
        name="to", default=None
    )

    def days(self) -> tuple[date, date]:
        """Return the first and the last day."""
        first = self.first or datetime.now(UTC).date()
        return first, self.last or min(first, LATEST) + timedelta(days=6)


class ClinicDaysQuery(DaysQuery, frozen=True, kw_only=True):
    """Whose days."""

    clinic_id: UUID


class ConflictQuery(Body, frozen=True, kw_only=True):
    """Where, and whose."""

    clinic_id: UUID | None = None
    doctor_id: UUID | None = None
    cursor: Cursor | None = None
    limit: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_PAGE, description="0: for their number alone")] = LONGEST_PAGE


async def of_doctor(call: Call[None, DaysQuery]) -> Reply:
    """Return a doctor's days."""
    calendars, doctor = call.services.calendars, call.id("doctorId")
    return Reply(data=await calendars.of_doctor(call.actor, doctor, *call.query.days()))


async def of_clinic(call: Call[None, ClinicDaysQuery]) -> Reply:
    """Return the days of a clinic's doctors."""
    calendars, clinic = call.services.calendars, call.query.clinic_id
    return Reply(data=await calendars.of_clinic(call.actor, clinic, *call.query.days()))


async def conflicts(call: Call[None, ConflictQuery]) -> Reply:
    """Return what reception has to solve."""
    query = call.query
    found = await call.services.conflicts.list(
        call.actor, clinic=query.clinic_id, doctor=query.doctor_id, limit=query.limit, cursor=query.cursor
    )
    return Reply(data=found.items, next_cursor=found.next_cursor, total=found.total)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/doctors/{doctorId}/calendar",
        handler=of_doctor,
        summary="A doctor's days at every clinic: what is open or closed, and why",
        tag=TAG,
        answer=DoctorCalendarView,
        door=Permission.READ_SCHEDULES,
        query=DaysQuery,
        description="At most 100 days. Segments cover each date from midnight to midnight of the clinic's clock.",
    ),
    Endpoint(
        method="GET",
        path="/api/calendar",
        handler=of_clinic,
        summary="The days of a clinic's doctors side by side",
        tag=TAG,
        answer=ClinicCalendarView,
        door=Permission.READ_SCHEDULES,
        query=ClinicDaysQuery,
        description="At most 35 days. Doctors see their own row.",
    ),
    Endpoint(
        method="GET",
        path="/api/slot-conflicts",
        handler=conflicts,
        summary="Booked appointments whose time is closed by now, each with another time: work for reception",
        tag=TAG,
        answer=list[SlotConflictView],
        door=Permission.MANAGE_SLOTS,
        query=ConflictQuery,
        paged=True,
        description="By their start; `meta.total` says how many there are. No place is suggested twice on a page.",
    ),
)
