"""Patients and appointments: what is personal, kept apart from events."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from queue_server.store.clinics import ClinicCapacity
from queue_server.store.db import Row, Transaction
from scheduling_core.ids import ClinicId, DoctorId, EntryId
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
    slot: UUID | None = None


class NewPatient(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the patient table."""

    id: UUID
    name: str
    name_folded: str
    phone: str | None
    email: str | None
    language: str


class ClinicOfAppointments(msgspec.Struct, frozen=True, kw_only=True):
    """A clinic, how many it takes, and which of the appointments that were asked for are there."""

    id: ClinicId
    capacity: ClinicCapacity
    appointments: list[EntryId]


async def add_patients(tx: Transaction, patients: Sequence[NewPatient]) -> None:
    """Add patients, in one round trip; one that exists is left as it is."""
    if patients:
        await tx.run(_Q["insert_patients"], tx.tenant, *_columns(patients))


async def add_appointments(tx: Transaction, appointments: Sequence[NewAppointment]) -> None:
    """Add appointments, in one round trip; raises what the constraints stand for."""
    if appointments:
        await tx.run(_Q["insert_appointments"], tx.tenant, *_columns(appointments))


def _columns(rows: Sequence[msgspec.Struct]) -> list[list[object]]:
    """Return the rows' fields as one list a field, as `unnest` takes them."""
    return [[getattr(row, field) for row in rows] for field in rows[0].__struct_fields__]


async def enrolled_appointments(tx: Transaction, appointments: Sequence[UUID]) -> dict[UUID, Row]:
    """Return, by id, where those of `appointments` are that have a place: doctor_id, ticket, paid_at,
    links_generation."""
    rows = await tx.rows(_Q["enrolled_appointments"], tx.tenant, list(appointments))
    return {row["appointment_id"]: row for row in rows}


async def booked_at(tx: Transaction, appointments: Sequence[UUID]) -> dict[UUID, tuple[DoctorId, ClinicId]]:
    """Return, by id, the doctor and the clinic that the appointments were booked for."""
    rows = await tx.rows(_Q["booked_at"], tx.tenant, list(appointments))
    return {row["appointment_id"]: (DoctorId(row["doctor_id"]), ClinicId(row["clinic_id"])) for row in rows}


async def set_paid(tx: Transaction, appointment: UUID, paid_at: datetime | None) -> None:
    """Note when an appointment was paid, or that it is not paid any more."""
    await tx.run(_Q["set_paid"], tx.tenant, appointment, paid_at)


async def behind(tx: Transaction, appointments: Sequence[UUID]) -> Sequence[Row]:
    """Return appointment_id, name and phone of those behind the appointments, and what was booked: booked_doctor_id,
    clinic_id, clinic_name, timezone, address, reserved_room ('' without one)."""
    return await tx.rows(_Q["people_of_appointments"], tx.tenant, appointments)


async def search(
    tx: Transaction, folded: str, phone: str, after: UUID | None, limit: int, clinics: Sequence[UUID] = ()
) -> Sequence[Row]:
    """Return people whose name begins with (today's also: contains a word that begins with) `folded`.

    With `clinics` only those who have or had an appointment there, and today's places there.
    """
    # The largest code point ends the range of everything that begins with the text.
    return await tx.rows(_Q["search"], tx.tenant, folded, folded + "\U0010ffff", phone, after, limit, list(clinics))


async def tracked_appointment(tx: Transaction, appointment: UUID) -> Row | None:
    """Return what a tracking link shows of an appointment, or None."""
    return await tx.row(_Q["tracked_appointment"], tx.tenant, appointment)


async def tracked_room(tx: Transaction, appointment: UUID) -> Sequence[Row]:
    """Return what tracking links show of everybody in the queue that holds the appointment; nothing if none does."""
    return await tx.rows(_Q["tracked_room"], tx.tenant, appointment)


async def links_generation(tx: Transaction, appointment: UUID) -> Row | None:
    """Return links_generation, doctor_id and start of an appointment, and the clinics that deal with it, or None."""
    return await tx.row(_Q["links_generation"], tx.tenant, appointment)


async def revoke_links(tx: Transaction, appointment: UUID) -> int | None:
    """Withdraw every tracking link of an appointment; returns the new generation, None if there is no such."""
    row = await tx.row(_Q["revoke_links"], tx.tenant, appointment)
    return row["links_generation"] if row is not None else None


async def clinics_of(tx: Transaction, appointments: Sequence[EntryId]) -> list[ClinicOfAppointments]:
    """Return where these appointments are, in the order in which clinics are locked."""
    if not appointments:
        return []
    rows = await tx.rows(_Q["clinics_of_appointments"], tx.tenant, list(appointments))
    return [
        ClinicOfAppointments(
            id=ClinicId(row["clinic_id"]),
            capacity=msgspec.json.decode(row["capacity"], type=ClinicCapacity),
            appointments=[EntryId(id) for id in row["appointments"]],
        )
        for row in rows
    ]


async def lock_clinic(tx: Transaction, clinic: UUID) -> None:
    """Let nobody else take a place of the clinic until the commit."""
    await tx.run(_Q["lock_clinic"], tx.tenant, clinic)


async def clinic_load(
    tx: Transaction, clinic: UUID, day: date, window: datetime, window_end: datetime, *, besides: UUID | None = None
) -> tuple[int, int]:
    """Return how many are seen at the clinic on the day and in the window, `besides` one appointment if it is given.

    What is told stays true only for who has locked the clinic before.
    """
    row = await tx.row(_Q["clinic_day_load"], tx.tenant, clinic, day, window, window_end, besides)
    assert row is not None
    return row["per_day"], row["per_window"]
