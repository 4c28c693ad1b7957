"""Patients as the desk keeps them.

An account that is limited to clinics reaches those who were registered there, have or had an appointment there.
"""

from uuid import UUID, uuid4

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.answers import check_version
from queue_server.application.patients.bodies import ConsentsBody, NewPatientBody, PatientChange
from queue_server.application.patients.changing import add, checked, given, write
from queue_server.application.patients.shown import one
from queue_server.application.patients.views import PatientDetailsView
from queue_server.application.people import folded
from queue_server.application.recorder import Recorder
from queue_server.application.standing import Standings
from queue_server.store import accounts, sessions, sign_in
from queue_server.store import patients as store
from queue_server.store.db import Database, Transaction
from queue_server.store.patients import Patient
from scheduling_core.errors import InvalidValue, NotFound
from scheduling_core.ids import AccountId, ClinicId, PatientId
from scheduling_core.permissions import Permission


class PatientRegistry:
    """Takes patients down, finds them again, changes what is known of them."""

    def __init__(self, db: Database, recorder: Recorder, standings: Standings) -> None:
        self._db = db
        self._recorder = recorder
        self._standings = standings

    async def get(self, actor: Actor, patient: UUID) -> PatientDetailsView:
        """Return a patient; raises `NotFound` for one who is unknown, out of reach or erased."""
        actor.require(Permission.READ_PATIENTS)
        async with self._db.tenant(actor.tenant) as tx:
            return await one(tx, await reached(tx, actor, patient))

    async def create(self, actor: Actor, body: NewPatientBody) -> PatientDetailsView:
        """Take a patient down; raises `InvalidValue` for a clinic or guardian that the actor does not reach."""
        actor.require(Permission.MANAGE_PATIENTS)
        wanted = checked(name=body.name, phone=body.phone, email=body.email, birth_date=body.birth_date)
        assert isinstance(wanted.name, str)
        async with self._db.tenant(actor.tenant) as tx:
            new = store.NewPatient(
                id=PatientId(uuid4()),
                name=wanted.name,
                name_folded=folded(wanted.name),
                phone=given(wanted.phone, None),
                email=given(wanted.email, None),
                language=body.language,
                birth_date=body.birth_date,
                tier=body.tier,
                conditions=_codes(body.conditions),
                guardian=await self._guardian(tx, actor, body.guardian_id),
                clinic=_clinic(actor, body.clinic_id),
            )
            return await one(tx, await add(tx, actor, self._recorder, new, body.consents))

    async def update(
        self, actor: Actor, patient: UUID, body: PatientChange, *, if_match: int | None = None
    ) -> PatientDetailsView:
        """Change what is known of a patient; raises `NotFound`, `StaleVersion`, and `InvalidValue` as `create` does.

        A new contact opens the patient's account instead of the old one: the desk knows whom it speaks with. Whoever
        is given a guardian is signed out, and nothing opens their account any more.
        """
        actor.require(Permission.MANAGE_PATIENTS)
        wanted = checked(
            name=body.name, phone=body.phone, email=body.email, language=body.language, birth_date=body.birth_date
        )
        async with self._db.tenant(actor.tenant) as tx:
            await reached(tx, actor, patient)
            was = await _locked(tx, patient, body.guardian_id)
            check_version(if_match, was.version, "The patient")
            guardian = was.guardian
            if body.guardian_id is not msgspec.UNSET and body.guardian_id != was.guardian:
                guardian = await self._guardian(tx, actor, body.guardian_id, of=was.id)
            now = msgspec.structs.replace(
                wanted.of(was),
                tier=given(body.tier, was.tier),
                conditions=_codes(given(body.conditions, was.conditions)),
                guardian=guardian,
            )
            consents: ConsentsBody | msgspec.UnsetType = body.consents
            made = await write(tx, actor, self._recorder, was, now, consents)
            account = await sign_in.account_of_patient(tx, was.id)
            is_shut = account is not None and made.guardian is not None and was.guardian is None
            if account is not None and made.guardian is None:
                await _follow_contacts(tx, account.id, was, made)
            elif account is not None and is_shut:
                await accounts.lock(tx, account.id)
                await sessions.revoke_all(tx, account.id)
                await store.delete_feeds(tx, was.id, account.id)
                await sign_in.shut(tx, account.id)
            shown = await one(tx, made)
        if account is not None and is_shut:
            self._standings.forget(actor.tenant, account.id)
        return shown

    @staticmethod
    async def _guardian(
        tx: Transaction, actor: Actor, guardian: UUID | None, *, of: PatientId | None = None
    ) -> PatientId | None:
        """Lock and return the guardian, whom the actor reaches; raises `InvalidValue` for who has one themselves."""
        if guardian is None:
            return None
        is_reached = await store.patient(tx, guardian, actor.clinics) is not None
        # Locked, because somebody else may just be giving them a guardian, too.
        known = await store.lock(tx, guardian) if is_reached else None
        if known is None:
            raise InvalidValue("There is no such patient.", field="guardianId")
        if known.id == of or known.guardian is not None:
            raise InvalidValue("A guardian is somebody else, who has no guardian.", field="guardianId")
        if of is not None and await store.dependants(tx, of, 1):
            raise InvalidValue("This patient acts for others, and so needs no guardian.", field="guardianId")
        return known.id


async def reached(tx: Transaction, actor: Actor, patient: UUID) -> Patient:
    """Return a patient of the actor's clinics; raises `NotFound` for others, who are unknown or erased."""
    known = await store.patient(tx, patient, actor.clinics)
    if known is None:
        raise NotFound("There is no such patient.")
    return known


async def _locked(tx: Transaction, patient: UUID, guardian: UUID | msgspec.UnsetType | None) -> Patient:
    """Lock a patient and who is to be their guardian, in one order whoever is whose; return the patient."""
    both = {patient, guardian} if isinstance(guardian, UUID) else {patient}
    found = {one: await store.lock(tx, one) for one in sorted(both)}
    if (known := found[patient]) is None:
        raise NotFound("There is no such patient.")
    return known


async def _follow_contacts(tx: Transaction, account: AccountId, was: Patient, now: Patient) -> None:
    changes = [(old, new) for old, new in ((was.email, now.email), (was.phone, now.phone)) if old != new]
    for old, new in changes:
        if old is not None:
            await sign_in.drop_contact(tx, account, old, new)
        if new is not None:
            await sign_in.offer_contact(tx, new, account)


def _clinic(actor: Actor, wanted: UUID | None) -> ClinicId | None:
    if wanted is None and len(actor.clinics) > 1:
        raise InvalidValue("Say at which of your clinics.", field="clinicId")
    if wanted is None:
        return actor.clinics[0] if actor.clinics else None
    if actor.clinics and wanted not in actor.clinics:
        raise InvalidValue("There is no such clinic.", field="clinicId")
    return ClinicId(wanted)


def _codes(conditions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(conditions)))
