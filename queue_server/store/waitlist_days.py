"""Figures of waitlists: what became of each clinic's by day, and whoever waits too long."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from scheduling_core.ids import ClinicId
from scheduling_core.waitlist.metrics import FIELDS, DayCounts
from sql import loader

_Q = loader.queries("waitlist_days")

Day = tuple[UUID, date]
"""A clinic, and a date by its clock."""

MOST_WAITS = 50_000
"""Waits that a report on fairness looks at."""


def note(tx: Transaction, clinic: ClinicId, at: datetime, counts: DayCounts) -> None:
    """Add, with the commit, what happened at an instant to the clinic's day: others who do so wait until then."""
    tx.run_last(_Q["note"], tx.tenant, clinic, at, *(getattr(counts, name) for name in FIELDS))


async def days(tx: Transaction, clinics: Sequence[ClinicId], first: date, last: date) -> dict[Day, DayCounts]:
    """Return the days on which anything happened, both dates included, in the order of clinics and dates."""
    rows = await tx.rows(_Q["days"], tx.tenant, list(clinics), first, last)
    return {(row["clinic_id"], row["date"]): counts_of(row) for row in rows}


async def depths(tx: Transaction, clinics: Sequence[ClinicId], before: date) -> dict[UUID, int]:
    """Return how many waited at each clinic when a day began; clinics at which nobody ever did are missing."""
    rows = await tx.rows(_Q["depths"], tx.tenant, list(clinics), before)
    return {row["clinic_id"]: row["depth"] for row in rows}


async def all_days(tx: Transaction) -> dict[Day, DayCounts]:
    """Return every day of the tenant that is kept."""
    return {(row["clinic_id"], row["date"]): counts_of(row) for row in await tx.rows(_Q["all_days"], tx.tenant)}


async def replace_day(tx: Transaction, day: Day, counts: DayCounts | None) -> None:
    """Keep these counts of a day, or nothing of it."""
    clinic, on = day
    if counts is None:
        await tx.run(_Q["drop_day"], tx.tenant, clinic, on)
        return
    row = {"tenant_id": tx.tenant, "clinic_id": clinic, "date": on, **msgspec.structs.asdict(counts)}
    await tx.run(_Q["put_day"], msgspec.json.encode(row).decode())


async def promoted_between(tx: Transaction, clinics: Sequence[ClinicId], first: date, last: date) -> Sequence[Row]:
    """Return who got an appointment on these days: clinic, urgency, tier and for how many seconds they waited."""
    return await tx.rows(_Q["promoted_between"], tx.tenant, list(clinics), first, last, MOST_WAITS)


async def waiting_now(tx: Transaction, clinics: Sequence[ClinicId]) -> Sequence[Row]:
    """Return who waits, as `promoted_between` does."""
    return await tx.rows(_Q["waiting_now"], tx.tenant, list(clinics), MOST_WAITS)


async def todays(tx: Transaction, clinics: Sequence[ClinicId]) -> Sequence[Row]:
    """Return each clinic's figures of the day it has just now; of all clinics, if none is named."""
    return await tx.rows(_Q["todays"], tx.tenant, list(clinics))


async def recount(tx: Transaction) -> list[UUID]:
    """Put counts of who waits right that are not what there is, and return of which clinics they were.

    A clinic where somebody comes or goes in this moment is left to the next time.
    """
    # Counted only when the rows are held: whoever has counted before has committed, and is seen.
    held = [row["clinic_id"] for row in await tx.rows(_Q["recount"], tx.tenant)]
    rows = await tx.rows(_Q["recount_locked"], tx.tenant, held)
    return [row["clinic_id"] for row in rows]


def counts_of(row: Mapping[str, Any]) -> DayCounts:
    """Return the counts of a row."""
    return DayCounts(**{name: row[name] for name in FIELDS})
