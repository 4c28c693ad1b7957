"""Slots as they are told to whoever watches them, and what has happened to a doctor's slots."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from queue_server.store.db import Row, Transaction
from scheduling_core.ids import DoctorId, SlotId, StreamId
from sql import loader

_Q = loader.queries("slot_changes")


async def slots_now(tx: Transaction, slots: Collection[SlotId]) -> Sequence[Row]:
    """Return those of the slots that there are, each with `public`: whether it is the public's to know."""
    return await tx.rows(_Q["slots_now"], tx.tenant, list(slots)) if slots else ()


async def public_doctors(tx: Transaction, doctors: Collection[DoctorId]) -> frozenset[UUID]:
    """Return those of the doctors whom patients may book."""
    rows = await tx.rows(_Q["public_doctors"], tx.tenant, list(doctors)) if doctors else ()
    return frozenset(row["doctor_id"] for row in rows)


async def is_shown(tx: Transaction, doctor: UUID | None) -> bool:
    """Return whether the public may watch this doctor, or without one whether the tenant can be watched at all."""
    row = await tx.row(_Q["is_shown"], tx.tenant, doctor)
    return bool(row and row["shown"])


async def current(
    tx: Transaction, doctor: UUID, since: datetime, until: datetime, first: date, last: date, *, limit: int
) -> Sequence[Row]:
    """Return the slots of a doctor between two instants and on these dates that patients may book or that are held."""
    return await tx.rows(_Q["current_slots"], tx.tenant, doctor, since, until, first, last, limit)


async def position(tx: Transaction, stream: StreamId) -> tuple[int, int]:
    """Return the epoch of the deployment and the version of a stream, 0 while nothing has happened."""
    row = await tx.row(_Q["position"], tx.tenant, stream)
    assert row is not None
    return row["epoch"], row["version"]


async def events_after(tx: Transaction, stream: StreamId, version: int, *, limit: int) -> Sequence[Row]:
    """Return the stream's events behind a version, in order."""
    return await tx.rows(_Q["events_after"], tx.tenant, stream, version, limit)
