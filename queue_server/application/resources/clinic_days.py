"""Dates on which clinics are closed: public holidays they keep, less those they open, and dates of their own."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from queue_server.application.resources.public_holidays import holidays_of
from queue_server.store import resources as rows
from queue_server.store.db import Row, Transaction
from scheduling_core.calendar.sources import ClinicDay
from scheduling_core.ids import ClinicId
from scheduling_core.resources.clinics import HolidayCalendar


async def clinic_days(tx: Transaction, clinics: Sequence[ClinicId], first: date, last: date) -> tuple[ClinicDay, ...]:
    """Return the dates from `first` to `last` on which each of `clinics` is closed, by clinic and date."""
    found = await rows.clinic_closings(tx, clinics, first, last)
    return tuple(
        ClinicDay(clinic=ClinicId(clinic), date=day, name=name)
        for clinic, group in groupby(found, key=lambda row: row["clinic_id"])
        for day, name in sorted(_closed(list(group), first, last).items())
    )


def _closed(group: Sequence[Row], first: date, last: date) -> dict[date, str]:
    """The closed dates of one clinic: its own name for a date goes before the holiday's."""
    country, region = group[0]["holiday_country"], group[0]["holiday_region"]
    closed: dict[date, str] = {}
    if country is not None:
        calendar = HolidayCalendar(country=country, region=region)
        for year in range(first.year, last.year + 1):
            closed |= {day: name for day, name in holidays_of(calendar, year).items() if first <= day <= last}
    for row in group:
        if row["date"] is not None and row["opens"]:
            closed.pop(row["date"], None)
        elif row["date"] is not None:
            closed[row["date"]] = row["name"]
    return closed
