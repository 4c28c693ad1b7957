"""Who reads what concerns a patient, and how the visits and wishes stand that messages are about."""

from datetime import datetime
from uuid import UUID

import msgspec

from queue_server.store.db import Transaction
from sql import loader

_Q = loader.queries("readers")


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """The patient, or who acts for them: in which language and where they read, and what was refused."""

    id: UUID
    language: str
    email: str | None
    phone: str | None
    shown: tuple[str, ...]
    """Addresses and numbers that they have shown to be theirs, the latest first."""
    refused: frozenset[str]
    """Kinds of consent that either of the two has refused."""
    takes_pushes: bool


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment as it stands."""

    patient: UUID
    clinic: UUID
    doctor: UUID
    """Who has it now."""
    date: str
    state: str
    start: datetime
    called_at: datetime | None
    ended_at: datetime | None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the waitlist as it stands."""

    patient: UUID
    clinic: UUID
    status: str
    invite: UUID | None
    respond_by: datetime | None
    appointment: UUID | None


async def reader(tx: Transaction, patient: UUID) -> Reader | None:
    """Return who reads what concerns a patient; None for one who is unknown or was erased."""
    row = await tx.row(_Q["reader"], tx.tenant, patient)
    if row is None:
        return None
    return Reader(
        id=row["reader_id"],
        language=row["language"],
        email=row["email"],
        phone=row["phone"],
        shown=tuple(row["shown"]),
        refused=frozenset(row["refused"]),
        takes_pushes=row["takes_pushes"],
    )


async def visit(tx: Transaction, appointment: UUID) -> Visit | None:
    """Return an appointment that is in a queue; None for others, and for one that was taken back."""
    row = await tx.row(_Q["visit"], tx.tenant, appointment)
    if row is None:
        return None
    return Visit(
        patient=row["patient_id"],
        clinic=row["clinic_id"],
        doctor=row["doctor_id"],
        date=row["date"].isoformat(),
        state=row["state"],
        start=row["start"],
        called_at=row["called_at"],
        ended_at=row["ended_at"],
    )


async def waiting(tx: Transaction, entry: UUID) -> Waiting | None:
    """Return an entry of the waitlist, None for an unknown one."""
    row = await tx.row(_Q["waiting"], tx.tenant, entry)
    if row is None:
        return None
    return Waiting(
        patient=row["patient_id"],
        clinic=row["clinic_id"],
        status=row["status"],
        invite=row["invite_id"],
        respond_by=row["respond_by"],
        appointment=row["appointment_id"],
    )


async def clock(tx: Transaction) -> datetime:
    """Return Postgres' clock."""
    row = await tx.row(_Q["reading_clock"])
    assert row is not None
    now: datetime = row["now"]
    return now
