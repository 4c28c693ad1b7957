"""Reads of the live queue's read models."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from queue_server.store.db import Row, Transaction
from scheduling_core.ids import DoctorId
from scheduling_core.live_queue.state import Pace
from sql import loader

_Q = loader.queries("queue")


async def place_of_entry(tx: Transaction, entry: UUID) -> tuple[DoctorId, str] | None:
    """Return doctor and date of the queue that holds `entry`, or None."""
    row = await tx.row(_Q["entry_place"], tx.tenant, entry)
    return (DoctorId(row["doctor_id"]), row["date"].isoformat()) if row is not None else None


async def pace(tx: Transaction, doctor: UUID) -> Pace | None:
    """Return how long the doctor's consultations take of late, None before the first."""
    row = await tx.row(_Q["doctor_pace"], tx.tenant, doctor)
    return Pace(row["minutes"], row["seen"]) if row is not None else None


async def open_queues_of_clinic(tx: Transaction, clinic: UUID) -> Sequence[tuple[DoctorId, str]]:
    """Return doctor and date of the clinic's queues that are not closed."""
    rows = await tx.rows(_Q["open_queues_of_clinic"], tx.tenant, clinic)
    return [(DoctorId(row["doctor_id"]), _iso(row["date"])) for row in rows]


async def slots_of_day(tx: Transaction, doctor: UUID, since: datetime, until: datetime) -> Sequence[Row]:
    """Return the doctor's slots from `since` to before `until`: `start`, `total` places, `free` and `held` ones."""
    return await tx.rows(_Q["slots_of_day"], tx.tenant, doctor, since, until)


def _iso(day: date) -> str:
    return day.isoformat()
