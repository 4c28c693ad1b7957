"""What it takes to write a patient's particulars, whoever does it: checked, recorded, told to whoever caches them."""

from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from queue_server.application.actor import Actor
from queue_server.application.patients.bodies import ConsentsBody
from queue_server.application.patients.contacts import phone_number
from queue_server.application.people import PATIENT_KIND, folded
from queue_server.application.plain_text import email_address, one_line
from queue_server.application.recorder import Recorder
from queue_server.store import event_store, sign_in
from queue_server.store import patients as store
from queue_server.store.db import Transaction
from queue_server.store.patients import NewPatient, Patient
from scheduling_core.errors import InvalidValue
from scheduling_core.patients import ConsentKind, PatientField

T = TypeVar("T")
EARLIEST_BIRTH = date(1900, 1, 1)
LONGEST_NAME = 200


class Particulars(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change of a patient, checked; what is left out stays."""

    name: str | UnsetType = UNSET
    phone: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    language: str | UnsetType = UNSET
    birth_date: date | UnsetType | None = UNSET

    def of(self, was: Patient) -> Patient:
        """Return the patient as they are to be."""
        return msgspec.structs.replace(
            was,
            name=given(self.name, was.name),
            phone=given(self.phone, was.phone),
            email=given(self.email, was.email),
            language=given(self.language, was.language),
            birth_date=given(self.birth_date, was.birth_date),
        )


def given(wanted: T | UnsetType, was: T) -> T:
    """Return what is wanted, or what was if nothing is."""
    return was if isinstance(wanted, UnsetType) else wanted


def checked(
    *,
    name: str | UnsetType = UNSET,
    phone: str | UnsetType | None = UNSET,
    email: str | UnsetType | None = UNSET,
    language: str | UnsetType = UNSET,
    birth_date: date | UnsetType | None = UNSET,
) -> Particulars:
    """Return particulars in the form in which they are kept; raises `InvalidValue` for what makes no sense."""
    if birth_date and not EARLIEST_BIRTH <= birth_date <= datetime.now(UTC).date() + timedelta(days=1):
        raise InvalidValue("Nobody who comes here was born then.", field="birthDate")
    return Particulars(
        name=one_line(name, "name", longest=LONGEST_NAME) if name is not UNSET else UNSET,
        phone=phone_number(phone) if phone else phone,
        email=email_address(email) if email else email,
        language=language,
        birth_date=birth_date,
    )


async def add(tx: Transaction, actor: Actor, recorder: Recorder, new: NewPatient, consents: ConsentsBody) -> Patient:
    """Add a patient with what they agree to."""
    made = await store.insert(tx, new)
    await recorder.record(tx, actor, "patient_registered", {"patientId": made.id})
    await _record_consents(tx, actor, recorder, made.id, consents)
    return made


async def write(
    tx: Transaction, actor: Actor, recorder: Recorder, was: Patient, wanted: Patient, consents: ConsentsBody | UnsetType
) -> Patient:
    """Write what is to be of a locked patient and return them with their next version; the same is left as it is."""
    changed = [field for field in PatientField if getattr(was, field) != getattr(wanted, field)]
    made = was
    if changed:
        made = await store.update(tx, wanted, folded(wanted.name))
        if PatientField.NAME in changed and (account := await sign_in.account_of_patient(tx, was.id)) is not None:
            await sign_in.rename(tx, account.id, made.name)
        await event_store.notify_changed(tx, PATIENT_KIND, was.id)
        await recorder.record(tx, actor, "patient_changed", {"patientId": was.id, "fields": changed})
    if consents is not UNSET and await _record_consents(tx, actor, recorder, was.id, consents) and not changed:
        made = await store.update(tx, wanted, folded(wanted.name))
    return made


async def _record_consents(
    tx: Transaction, actor: Actor, recorder: Recorder, patient: UUID, consents: ConsentsBody
) -> bool:
    """Record what is said anew, with when and by whom, and return whether there was anything."""
    is_news = False
    for kind in ConsentKind:
        said = getattr(consents, kind)
        if said is not UNSET and await store.record_consent(tx, patient, kind, said, actor.account):
            event = {"patientId": patient, "kind": kind, "given": said}
            await recorder.record(tx, actor, "patient_consent_recorded", event)
            is_news = True
    return is_news
