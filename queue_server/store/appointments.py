"""Appointments, as those see and change them who have booked them."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from scheduling_core.ids import SlotId
from scheduling_core.live_queue.state import Mode
from sql import loader

_Q = loader.queries("appointments")


class NewTime(msgspec.Struct, frozen=True, kw_only=True):
    """What an appointment is moved to."""

    clinic: UUID
    doctor: UUID
    date: date
    start: datetime
    duration: int
    mode: Mode
    slot: UUID
    equipment: Sequence[UUID] = ()


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A time at which anybody of several doctors will do."""

    start: datetime
    mode: Mode
    doctors: Sequence[UUID] = ()
    specialty: str | None = None
    clinic: UUID | None = None


async def appointment(tx: Transaction, appointment: UUID) -> Row | None:
    """Return all there is to know of an appointment, with its place in the line and what time it is, or None."""
    return await tx.row(_Q["appointment"], tx.tenant, appointment)


async def of_patients(
    tx: Transaction, patients: Sequence[UUID], clinics: Sequence[UUID] = (), *, limit: int
) -> Sequence[Row]:
    """Return the same of the latest `limit` appointments of these patients, at `clinics` if it names any."""
    return await tx.rows(_Q["appointments_of_patients"], tx.tenant, list(patients), list(clinics), limit)


async def is_known_patient(tx: Transaction, patient: UUID, clinics: Sequence[UUID] = ()) -> bool:
    """Return whether somebody of `clinics` (empty: of all) may know this patient."""
    row = await tx.row(_Q["is_known_patient"], tx.tenant, patient, list(clinics))
    return bool(row and row["is_known"])


async def move(tx: Transaction, appointment: UUID, to: NewTime) -> None:
    """Let the appointment be at another time; it holds its slot from now on."""
    await tx.run(
        _Q["move"],
        tx.tenant,
        appointment,
        to.clinic,
        to.doctor,
        to.date,
        to.start,
        to.duration,
        to.mode.value,
        to.slot,
        list(to.equipment),
    )


async def set_cancel_reason(tx: Transaction, appointment: UUID, text: UUID) -> None:
    """Note in whose words why an appointment was cancelled."""
    await tx.run(_Q["set_cancel_reason"], tx.tenant, appointment, text)


async def set_follow_up(tx: Transaction, appointment: UUID, of: UUID) -> None:
    """Note which visit an appointment follows up."""
    await tx.run(_Q["set_follow_up"], tx.tenant, appointment, of)


async def slots_of_any(
    tx: Transaction, wanted: Wanted, *, for_staff: bool, clinics: Sequence[UUID], holder: UUID, limit: int
) -> list[SlotId]:
    """Return the slots at that time that may have a place, of the doctor with the fewest patients that day first.

    One of which the holder keeps a place comes before all others.
    """
    rows = await tx.rows(
        _Q["slots_of_any"],
        tx.tenant,
        wanted.start,
        wanted.mode.value,
        for_staff,
        list(wanted.doctors),
        wanted.specialty,
        wanted.clinic,
        list(clinics),
        holder,
        limit,
    )
    return [SlotId(row["slot_id"]) for row in rows]
