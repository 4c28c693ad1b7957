"""What decides when a doctor can be booked: the calendar, with the clinics' days, zones and what is out of use."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from queue_server.application.aggregates import read_state, read_states
from queue_server.application.resources.clinic_days import clinic_days
from queue_server.application.resources.out_of_use import out_of_use
from queue_server.application.schedules.model import CALENDAR
from queue_server.store import schedules as rows
from queue_server.store.db import Transaction
from scheduling_core.calendar.sources import Sources
from scheduling_core.calendar.state import DoctorCalendar
from scheduling_core.ids import ClinicId, DoctorId

BACK, AHEAD = timedelta(days=3), timedelta(days=190)
"""Around today: the longest horizon of slots, and how far a zone or a sitting past midnight reaches."""


async def load_sources(
    tx: Transaction, doctor: DoctorId, first: date | None = None, last: date | None = None
) -> Sources:
    """Return everything that opens or closes a doctor's time as it stands now; empty for a doctor without a calendar.

    The clinics' own days and the maintenance of rooms and equipment are those from `first` to `last`; by default as far
    as slots are made.
    """
    return await sources_of(tx, await load_calendar(tx, doctor), first, last)


async def load_calendar(tx: Transaction, doctor: DoctorId) -> DoctorCalendar:
    """Return a doctor's calendar as it stands now, an empty one where nothing has happened yet."""
    found = await read_state(tx, CALENDAR, doctor)
    return found[0] if found is not None else DoctorCalendar(doctor=doctor)


async def load_calendars(tx: Transaction, doctors: Iterable[DoctorId]) -> dict[DoctorId, DoctorCalendar]:
    """Return the calendars of many doctors, in one round trip."""
    wanted = tuple(doctors)
    found = await read_states(tx, CALENDAR, wanted)
    return {doctor: found.get(doctor, DoctorCalendar(doctor=doctor)) for doctor in wanted}


async def sources_of(
    tx: Transaction, calendar: DoctorCalendar, first: date | None = None, last: date | None = None
) -> Sources:
    """Return a calendar with the days and zones of its clinics, and what of its rooms and equipment is out of use."""
    return (await sources_of_many(tx, {calendar.doctor: calendar}, first, last))[calendar.doctor]


async def sources_of_many(
    tx: Transaction, calendars: Mapping[DoctorId, DoctorCalendar], first: date | None = None, last: date | None = None
) -> dict[DoctorId, Sources]:
    """Return calendars with the days and zones of their clinics, and what is out of use, in three round trips."""
    clinics = sorted({clinic for calendar in calendars.values() for clinic in calendar.clinics})
    planned = {doctor: calendar.resources for doctor, calendar in calendars.items()}
    named = frozenset().union(*planned.values())
    today = datetime.now(UTC).date()
    first, last = first or today - BACK, last or today + AHEAD
    zones = await rows.zones(tx, clinics) if clinics else {}
    days = await clinic_days(tx, clinics, first, last) if clinics else ()
    outages = await out_of_use(tx, named, first, last) if named else ()
    return {
        doctor: calendar.sources(
            [day for day in days if day.clinic in calendar.clinics],
            _only(zones, calendar.clinics),
            [outage for outage in outages if outage.resource in planned[doctor]],
        )
        for doctor, calendar in calendars.items()
    }


def _only(zones: Mapping[ClinicId, str], clinics: Iterable[ClinicId]) -> dict[ClinicId, str]:
    return {clinic: zones[clinic] for clinic in clinics if clinic in zones}
