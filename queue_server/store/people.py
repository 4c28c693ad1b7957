"""Patients and appointments: what is personal, kept apart from events."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from sql import loader

_Q = loader.queries("people")


class NewAppointment(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the appointment table."""

    id: UUID
    clinic: UUID
    doctor: UUID
    patient: UUID
    date: date
    start: datetime
    duration: int
    visit_type: str
    mode: str
    triage: int
    booked_at: datetime
    paid_at: datetime | None
    source: str


async def add_patient(
    tx: Transaction,
    patient: UUID,
    *,
    name: str,
    name_folded: str,
    phone: str | None,
    email: str | None,
    language: str,
) -> None:
    """Add a patient; one that exists is left as it is."""
    await tx.run(_Q["insert_patient"], tx.tenant, patient, name, name_folded, phone, email, language)


async def add_appointment(tx: Transaction, appointment: NewAppointment) -> None:
    """Add an appointment; raises what the constraints stand for."""
    a = appointment
    await tx.run(
        _Q["insert_appointment"],
        tx.tenant,
        a.id,
        a.clinic,
        a.doctor,
        a.patient,
        a.date,
        a.start,
        a.duration,
        a.visit_type,
        a.mode,
        a.triage,
        a.booked_at,
        a.paid_at,
        a.source,
    )


async def behind(tx: Transaction, appointments: Sequence[UUID]) -> Sequence[Row]:
    """Return appointment_id, name and phone of those behind the appointments."""
    return await tx.rows(_Q["people_of_appointments"], tx.tenant, appointments)


async def search(tx: Transaction, folded: str, phone: str, after: UUID | None, limit: int) -> Sequence[Row]:
    """Return people whose name begins with (today's also: contains a word that begins with) `folded`."""
    # The largest code point ends the range of everything that begins with the text.
    return await tx.rows(_Q["search"], tx.tenant, folded, folded + "\U0010ffff", phone, after, limit)


async def tracked_appointment(tx: Transaction, appointment: UUID) -> Row | None:
    """Return what a tracking link shows of an appointment, or None."""
    return await tx.row(_Q["tracked_appointment"], tx.tenant, appointment)


async def links_generation(tx: Transaction, appointment: UUID) -> Row | None:
    """Return links_generation and doctor_id of an appointment, or None."""
    return await tx.row(_Q["links_generation"], tx.tenant, appointment)


async def revoke_links(tx: Transaction, appointment: UUID) -> int | None:
    """Withdraw every tracking link of an appointment; returns the new generation, None if there is no such."""
    row = await tx.row(_Q["revoke_links"], tx.tenant, appointment)
    return row["links_generation"] if row is not None else None


async def clinic_load(
    tx: Transaction, clinic: UUID, day: date, window: datetime, window_end: datetime
) -> tuple[int, int]:
    """Return how many appointments the clinic has on the day and in the window; other bookers wait until commit."""
    await tx.run(_Q["lock_clinic"], tx.tenant, clinic)
    row = await tx.row(_Q["clinic_day_load"], tx.tenant, clinic, day, window, window_end)
    assert row is not None
    return row["per_day"], row["per_window"]
