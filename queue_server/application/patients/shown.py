"""Patients' rows as views."""

from collections.abc import Sequence

from queue_server.application.patients.views import ConsentRecordView, ConsentsView, PatientDetailsView
from queue_server.store import patients as store
from queue_server.store.db import Transaction
from queue_server.store.patients import Consent, Patient
from scheduling_core.patients import ConsentKind


async def details(tx: Transaction, patients: Sequence[Patient]) -> list[PatientDetailsView]:
    """Return the particulars of patients and what they have agreed to, in the order given."""
    said = await store.consents(tx, [patient.id for patient in patients])
    return [_details(patient, said[patient.id]) for patient in patients]


async def one(tx: Transaction, patient: Patient) -> PatientDetailsView:
    """Return the particulars of a patient and what they have agreed to."""
    (shown,) = await details(tx, [patient])
    return shown


def _details(patient: Patient, said: Sequence[Consent]) -> PatientDetailsView:
    given = {consent.kind for consent in said if consent.given}
    return PatientDetailsView(
        id=patient.id,
        name=patient.name,
        phone=patient.phone,
        email=patient.email,
        language=patient.language,
        birth_date=patient.birth_date,
        tier=patient.tier,
        conditions=patient.conditions,
        consents=ConsentsView(
            messages=ConsentKind.MESSAGES in given,
            reminders=ConsentKind.REMINDERS in given,
            data_sharing=ConsentKind.DATA_SHARING in given,
        ),
        consent_records=tuple(
            ConsentRecordView(
                kind=consent.kind,
                given=consent.given,
                recorded_at=consent.recorded_at,
                recorded_by=consent.recorded_by,
            )
            for consent in said
        ),
        guardian_id=patient.guardian,
        clinic_id=patient.clinic,
        created_at=patient.created_at,
        version=patient.version,
    )
