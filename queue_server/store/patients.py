"""Patients: particulars, consents, those they act for, and how all of it is taken away again."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from scheduling_core.ids import AccountId, ClinicId, PatientId
from scheduling_core.patients import ConsentKind, Tier
from sql import loader

_Q = loader.queries("patients")


class Patient(msgspec.Struct, frozen=True, kw_only=True):
    """A patient who is not erased."""

    id: PatientId
    name: str
    phone: str | None
    email: str | None
    language: str
    birth_date: date | None
    tier: Tier
    conditions: tuple[str, ...]
    guardian: PatientId | None
    clinic: ClinicId | None
    created_at: datetime
    version: int


class NewPatient(msgspec.Struct, frozen=True, kw_only=True):
    """What a patient is made from."""

    id: PatientId
    name: str
    name_folded: str
    phone: str | None = None
    email: str | None = None
    language: str = "en"
    birth_date: date | None = None
    tier: Tier = Tier.STANDARD
    conditions: tuple[str, ...] = ()
    guardian: PatientId | None = None
    clinic: ClinicId | None = None


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What a patient says to a question, since when, and who has recorded it."""

    kind: ConsentKind
    given: bool
    recorded_at: datetime
    recorded_by: UUID | None


class Reachable(msgspec.Struct, frozen=True, kw_only=True):
    """A patient who can be reached at a contact themselves."""

    id: PatientId
    name: str


async def patient(tx: Transaction, patient: UUID, clinics: Sequence[UUID] = ()) -> Patient | None:
    """Return a patient, None for one who is unknown, erased or (with `clinics`) nobody of theirs."""
    row = await tx.row(_Q["patient"], tx.tenant, patient, list(clinics))
    return _patient(row) if row else None


async def lock(tx: Transaction, patient: UUID) -> Patient | None:
    """Lock and return a patient, None for one who is unknown or erased."""
    row = await tx.row(_Q["lock_patient"], tx.tenant, patient)
    return _patient(row) if row else None


async def dependants(tx: Transaction, guardian: UUID, limit: int) -> list[Patient]:
    """Return those for whom a patient acts, as they were added."""
    return [_patient(row) for row in await tx.rows(_Q["dependants"], tx.tenant, guardian, limit)]


async def is_guardian(tx: Transaction, guardian: UUID, patient: UUID) -> bool:
    """Return whether one patient acts for the other."""
    return await tx.row(_Q["is_guardian"], tx.tenant, patient, guardian) is not None


async def insert(tx: Transaction, new: NewPatient) -> Patient:
    """Add a patient; raises `NotFound` when the clinic or the guardian is unknown."""
    row = await tx.row(
        _Q["insert_patient"],
        tx.tenant,
        new.id,
        new.name,
        new.name_folded,
        new.phone,
        new.email,
        new.language,
        new.birth_date,
        new.tier,
        list(new.conditions),
        new.guardian,
        new.clinic,
    )
    assert row is not None
    return _patient(row)


async def update(tx: Transaction, wanted: Patient, name_folded: str) -> Patient:
    """Write the particulars of a locked patient and return them with their next version."""
    row = await tx.row(
        _Q["update_patient"],
        tx.tenant,
        wanted.id,
        wanted.name,
        name_folded,
        wanted.phone,
        wanted.email,
        wanted.language,
        wanted.birth_date,
        wanted.tier,
        list(wanted.conditions),
        wanted.guardian,
    )
    assert row is not None
    return _patient(row)


async def only_one_with(tx: Transaction, contact: str) -> Reachable | None:
    """Lock and return the patient who alone can be reached at an e-mail address or phone number, if there is one."""
    rows = await tx.rows(_Q["only_one_with"], tx.tenant, contact)
    if len(rows) != 1:
        return None
    (row,) = rows
    return Reachable(id=PatientId(row["patient_id"]), name=row["name"])


async def consents(tx: Transaction, patients: Sequence[UUID]) -> dict[UUID, list[Consent]]:
    """Return what patients have said to which question, by patient."""
    found: dict[UUID, list[Consent]] = {patient: [] for patient in patients}
    for row in await tx.rows(_Q["consents"], tx.tenant, list(patients)):
        found[row["patient_id"]].append(
            Consent(
                kind=ConsentKind(row["kind"]),
                given=row["given"],
                recorded_at=row["recorded_at"],
                recorded_by=row["recorded_by"],
            )
        )
    return found


async def record_consent(
    tx: Transaction, patient: UUID, kind: ConsentKind, given: bool, account: AccountId | None
) -> bool:
    """Record what a patient says, and return whether that is news."""
    return await tx.row(_Q["record_consent"], tx.tenant, patient, kind, given, account) is not None


# ---- what is handed out, and what is taken away --------------------------------------------------------------------


async def expected_appointments(tx: Transaction, patient: UUID) -> list[UUID]:
    """Return appointments of a patient that are still to come, fifty at most."""
    return [row["appointment_id"] for row in await tx.rows(_Q["expected_appointments"], tx.tenant, patient)]


async def exported_appointments(tx: Transaction, patients: Sequence[UUID]) -> Sequence[Row]:
    """Return all appointments of patients, by time, with clinic, doctor, state and ticket."""
    return await tx.rows(_Q["exported_appointments"], tx.tenant, list(patients))


async def exported_waits(tx: Transaction, patients: Sequence[UUID]) -> Sequence[Row]:
    """Return all that patients wait or waited for, the oldest first, with clinic and doctor by name."""
    return await tx.rows(_Q["exported_waits"], tx.tenant, list(patients))


async def attach_words(tx: Transaction, about: Mapping[UUID, UUID]) -> None:
    """Note about which appointments free texts were written; they are erased with whoever those are of."""
    await tx.run(_Q["attach_words"], tx.tenant, list(about), list(about.values()))


async def words_about(tx: Transaction, patients: Sequence[UUID]) -> list[str]:
    """Return what was written about appointments of these patients, the oldest first, without what was erased."""
    return [row["body"] for row in await tx.rows(_Q["words_about"], tx.tenant, list(patients))]


async def erase_words_about(tx: Transaction, patient: UUID) -> None:
    """Erase what was written about a patient's appointments, and the salt that would let somebody try what it was."""
    await tx.run(_Q["erase_words_about"], tx.tenant, patient)


async def delete_answers_about(tx: Transaction, patient: UUID) -> None:
    """Delete the answers kept for repetitions that speak of a patient or of appointments of theirs."""
    await tx.run(_Q["delete_answers_about"], tx.tenant, patient)


async def delete_feeds(tx: Transaction, patient: UUID, account: AccountId | None) -> None:
    """Delete the calendar feeds of a patient's appointments, and those that their account has made."""
    await tx.run(_Q["delete_feeds"], tx.tenant, patient, account)


async def exported_payments(tx: Transaction, patients: Sequence[UUID], payer: AccountId | None) -> Sequence[Row]:
    """Return all payments for appointments of patients, and those that an account began for what was never booked, the
    oldest first."""
    return await tx.rows(_Q["exported_payments"], tx.tenant, list(patients), payer)


async def revoke_all_links(tx: Transaction, patient: UUID) -> list[UUID]:
    """Withdraw the tracking links of all appointments of a patient, and return the appointments."""
    return [row["appointment_id"] for row in await tx.rows(_Q["revoke_all_links"], tx.tenant, patient)]


async def erase(tx: Transaction, patient: UUID, name: str) -> None:
    """Take away all that says who a patient is; `name` is shown instead of theirs. Those they acted for stay."""
    await tx.run(_Q["delete_consents"], tx.tenant, patient)
    await tx.run(_Q["release_dependants"], tx.tenant, patient)
    await tx.run(_Q["erase_patient"], tx.tenant, patient, name)


def _patient(row: Row) -> Patient:
    return Patient(
        id=PatientId(row["patient_id"]),
        name=row["name"],
        phone=row["phone"],
        email=row["email"],
        language=row["language"],
        birth_date=row["birth_date"],
        tier=Tier(row["tier"]),
        conditions=tuple(row["conditions"]),
        guardian=row["guardian_id"],
        clinic=row["clinic_id"],
        created_at=row["created_at"],
        version=row["version"],
    )
