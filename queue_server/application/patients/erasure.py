"""Erasing patients: all that says who somebody is goes, what happened stays as it is.

Events name patients by ids, so no chain of hashes is touched; free texts that events refer to lose their words and
their salt. Appointments stay, of somebody who was erased.

What was sent to an e-mail address or phone number goes with whoever has shown it to be theirs. What merely stands in
somebody's particulars may be another's, written there by a guest: that one keeps what is theirs. And nobody gets new
attempts at codes by being erased: those are counted by digests of contacts, which are gone within a day.
"""

from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.patients.own import own, relative
from queue_server.application.patients.registry import reached
from queue_server.application.people import PATIENT_KIND
from queue_server.application.recorder import Recorder
from queue_server.application.standing import Standings
from queue_server.store import event_store, messages, preferences, push_subscriptions, sessions, sign_in, waitlist
from queue_server.store import patients as store
from queue_server.store.db import Database, Transaction
from queue_server.store.patients import Patient
from scheduling_core.errors import Forbidden, NotFound, StillExpected
from scheduling_core.ids import AccountId, TenantId
from scheduling_core.permissions import Permission

ERASED_NAME = "Erased patient"
"""What the desk reads instead of a name."""


class Erasure:
    """Erases patients: by their own wish, their guardian's, or an admin's hand."""

    def __init__(self, db: Database, recorder: Recorder, standings: Standings) -> None:
        self._db = db
        self._recorder = recorder
        self._standings = standings

    async def erase(self, actor: Actor, patient: UUID) -> None:
        """Erase a patient. Raises `NotFound`, `Forbidden` for an admin of some clinics only, since all of the
        organisation lose them, and `StillExpected` while appointments are to come."""
        actor.require(Permission.ERASE_PATIENTS)
        if actor.clinics:
            raise Forbidden("Only an admin of the whole organisation may erase a patient.")
        async with self._db.tenant(actor.tenant) as tx:
            await reached(tx, actor, patient)
            locked = await store.lock(tx, patient)
            if locked is None:
                raise NotFound("There is no such patient.")
            account = await self._erase(tx, actor, locked)
        self._forget(actor.tenant, account)

    async def erase_own(self, actor: Actor) -> None:
        """Erase the actor. Those for whom they acted stay, without a guardian. Raises `StillExpected`."""
        async with self._db.tenant(actor.tenant) as tx:
            account = await self._erase(tx, actor, await own(tx, actor))
        self._forget(actor.tenant, account)

    async def erase_relative(self, actor: Actor, patient: UUID) -> None:
        """Erase somebody for whom the actor acts; raises `NotFound` for others, `StillExpected`."""
        async with self._db.tenant(actor.tenant) as tx:
            account = await self._erase(tx, actor, await relative(tx, actor, patient))
        self._forget(actor.tenant, account)

    async def _erase(self, tx: Transaction, actor: Actor, patient: Patient) -> AccountId | None:
        """Erase a locked patient and return the account that was theirs."""
        if expected := await store.expected_appointments(tx, patient.id):
            raise StillExpected(f"Cancel the {len(expected)} coming appointments first.")
        if await waitlist.waits(tx, patient.id):
            raise StillExpected("Leave the waitlist first.")
        account = await sign_in.account_of_patient(tx, patient.id)
        await messages.delete(tx, patient.id, account.shown if account is not None else ())
        await preferences.forget(tx, patient.id)
        await push_subscriptions.forget_all(tx, patient.id)
        if account is not None:
            await sessions.revoke_all(tx, account.id)
            await sign_in.close(tx, account.id)
        await store.erase_words_about(tx, patient.id)
        await store.delete_answers_about(tx, patient.id)
        await store.revoke_all_links(tx, patient.id)
        await store.delete_feeds(tx, patient.id, account.id if account is not None else None)
        await store.erase(tx, patient.id, ERASED_NAME)
        await event_store.notify_changed(tx, PATIENT_KIND, patient.id)
        await self._recorder.record(tx, actor, "patient_erased", {"patientId": patient.id})
        return account.id if account is not None else None

    def _forget(self, tenant: TenantId, account: AccountId | None) -> None:
        if account is not None:
            self._standings.forget(tenant, account)
