"""Reads about doctors: profiles, what their bookability rests on, who is to be adopted; and bookability as kept."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from scheduling_core.ids import ClinicId, DoctorId
from sql import loader

_Q = loader.queries("doctors")


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which profiles of a list are wanted; what is None lets everybody pass."""

    status: str | None = None
    specialty: str | None = None
    clinic: UUID | None = None
    department: UUID | None = None
    mode: str | None = None
    language: str | None = None
    words: Sequence[str] = ()
    """Beginnings of words of the name, folded."""
    only_shown: bool = False
    """Only those whom search shows the public."""
    within: Sequence[ClinicId] = ()
    doctor: UUID | None = None


class HeldDepartment(msgspec.Struct, frozen=True):
    """Whether a department is open, and the clinics it is of (none: of all)."""

    active: bool
    clinics: tuple[ClinicId, ...]


class Commitments(msgspec.Struct, frozen=True):
    """What binds a doctor to a clinic."""

    schedule: bool
    appointments: bool


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Bookability as a row keeps it."""

    score: int
    is_bookable: bool
    can_show_in_search: bool
    can_patient_book: bool
    can_receptionist_book: bool
    failing: Sequence[str]
    checked_at: datetime
    recheck_at: datetime


async def hold_bookability(tx: Transaction, doctor: UUID) -> None:
    """Keep everybody else from judging this doctor's bookability until the commit, so that nobody's facts are old."""
    await tx.run(_Q["hold"], f"bookability:{tx.tenant}:{doctor}")


async def hold_tickets(tx: Transaction, clinic: UUID) -> None:
    """Keep everybody else from choosing what tickets of this clinic begin with until the commit."""
    await tx.run(_Q["hold"], f"tickets:{tx.tenant}:{clinic}")


async def profile(tx: Transaction, doctor: UUID, *, only_shown: bool = False) -> Row | None:
    """Return a profile with score and bookability (None where they were never judged), or None."""
    return await tx.row(_Q["profile"], tx.tenant, doctor, only_shown)


async def profiles(tx: Transaction, wanted: Filters, *, after: UUID | None, limit: int) -> Sequence[Row]:
    """Return profiles in the order of names, those after the profile `after`."""
    return await tx.rows(
        _Q["profiles"],
        tx.tenant,
        after,
        wanted.status,
        wanted.specialty,
        wanted.clinic,
        wanted.department,
        wanted.mode,
        wanted.language,
        list(wanted.words),
        wanted.only_shown,
        list(wanted.within),
        wanted.doctor,
        limit,
    )


async def versions(tx: Transaction, streams: Sequence[UUID]) -> dict[UUID, int]:
    """Return the versions of streams."""
    return {row["stream_id"]: row["version"] for row in await tx.rows(_Q["versions"], tx.tenant, list(streams))}


async def to_adopt(tx: Transaction, doctor: UUID | None, limit: int) -> Sequence[Row]:
    """Return rows of the directory that no event has made: of one doctor, or of all."""
    return await tx.rows(_Q["doctors_to_adopt"], tx.tenant, doctor, limit)


async def count_to_adopt(tx: Transaction) -> int:
    """Return how many doctors no event has made."""
    row = await tx.row(_Q["count_doctors_to_adopt"], tx.tenant)
    return row["doctors"] if row else 0


async def ticket_prefixes(tx: Transaction, clinic: UUID, *, but: UUID) -> set[str]:
    """Return what tickets of a clinic's other doctors begin with."""
    return {row["ticket_prefix"] for row in await tx.rows(_Q["ticket_prefixes"], tx.tenant, clinic, but)}


async def clinic_is_active(tx: Transaction, clinic: UUID) -> bool | None:
    """Return whether a clinic is active; None when there is none."""
    row = await tx.row(_Q["clinic_is_active"], tx.tenant, clinic)
    return row["active"] if row else None


async def held_department(tx: Transaction, department: UUID) -> HeldDepartment | None:
    """Return a department, which stays as it is until the commit, or None."""
    row = await tx.row(_Q["held_department"], tx.tenant, department)
    return HeldDepartment(row["active"], tuple(ClinicId(clinic) for clinic in row["clinic_ids"])) if row else None


async def commitments(tx: Transaction, doctor: UUID, clinic: UUID) -> Commitments:
    """Return what binds the doctor to the clinic, today or later."""
    row = await tx.row(_Q["commitments"], tx.tenant, doctor, clinic)
    return Commitments(row["schedule"], row["appointments"]) if row else Commitments(False, False)


async def surroundings(
    tx: Transaction,
    doctor: DoctorId,
    *,
    clinics: Sequence[ClinicId],
    home: ClinicId | None,
    days: int,
    licence_until: date | None,
) -> Row:
    """Return what onboarding and bookability rest on, as Postgres has it now, and when time alone will change it."""
    row = await tx.row(_Q["surroundings"], tx.tenant, doctor, list(clinics), home, days, licence_until)
    assert row is not None
    return row


async def keep_bookability(tx: Transaction, doctor: UUID, kept: Kept) -> bool:
    """Write a doctor's bookability and return whether anything has changed that anybody sees."""
    row = await tx.row(
        _Q["keep_bookability"],
        tx.tenant,
        doctor,
        kept.score,
        kept.is_bookable,
        kept.can_show_in_search,
        kept.can_patient_book,
        kept.can_receptionist_book,
        list(kept.failing),
        kept.checked_at,
        kept.recheck_at,
    )
    return bool(row and row["changed"])


async def to_recheck(tx: Transaction, limit: int) -> list[DoctorId]:
    """Return doctors whose bookability time may have changed by now."""
    return [DoctorId(row["doctor_id"]) for row in await tx.rows(_Q["doctors_to_recheck"], tx.tenant, limit)]


async def recheck_clinic(tx: Transaction, clinic: UUID) -> None:
    """Let the bookability of a clinic's doctors be due for another look."""
    await tx.run(_Q["recheck_clinic"], tx.tenant, clinic)
