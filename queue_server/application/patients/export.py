"""All that is kept of a patient, handed out to them."""

from datetime import UTC, datetime
from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.patients.own import own
from queue_server.application.patients.registry import reached
from queue_server.application.patients.shown import details
from queue_server.application.patients.views import (
    ExportedAccount,
    ExportedAppointment,
    ExportedBrowser,
    ExportedHours,
    ExportedMessage,
    ExportedPayment,
    ExportedPreference,
    ExportedWait,
    ExportView,
)
from queue_server.application.recorder import Recorder
from queue_server.store import messages, preferences, push_subscriptions, sign_in
from queue_server.store import patients as store
from queue_server.store.db import Database, Row, Transaction
from queue_server.store.patients import Patient
from queue_server.store.preferences import OwnHours
from scheduling_core.errors import Forbidden
from scheduling_core.live_queue.state import EntryState, Mode
from scheduling_core.permissions import Permission
from scheduling_core.waitlist.events import Urgency
from scheduling_core.waitlist.state import WaitlistStatus

MOST_EXPORTED = 1_000
"""Of those for whom a patient acts: more than anybody has, for the desk may give somebody any number."""


class Export:
    """Collects what is known of a patient and of those for whom they act."""

    def __init__(self, db: Database, recorder: Recorder) -> None:
        self._db = db
        self._recorder = recorder

    async def export(self, actor: Actor, patient: UUID) -> ExportView:
        """Return everything of a patient; raises `NotFound`, and `Forbidden` for an admin of some clinics only, since
        it is from all of them."""
        actor.require(Permission.EXPORT_PATIENTS)
        if actor.clinics:
            raise Forbidden("Only an admin of the whole organisation may export a patient.")
        async with self._db.tenant(actor.tenant) as tx:
            return await self._export(tx, actor, await reached(tx, actor, patient))

    async def export_own(self, actor: Actor) -> ExportView:
        """Return everything of the actor."""
        async with self._db.tenant(actor.tenant) as tx:
            return await self._export(tx, actor, await own(tx, actor))

    async def _export(self, tx: Transaction, actor: Actor, patient: Patient) -> ExportView:
        family = await store.dependants(tx, patient.id, MOST_EXPORTED)
        shown = await details(tx, [patient, *family])
        account = await sign_in.account_of_patient(tx, patient.id)
        patients = [one.id for one in (patient, *family)]
        # An address in the particulars that nobody has shown to be theirs may be another's, and so its messages.
        contacts = account.shown if account is not None else ()
        payer = account.id if account is not None else None
        found = ExportView(
            exported_at=datetime.now(UTC),
            patient=shown[0],
            family=tuple(shown[1:]),
            account=None
            if account is None
            else ExportedAccount(
                id=account.id, email=account.email, contacts=account.contacts, created_at=account.created_at
            ),
            appointments=tuple(_appointment(row) for row in await store.exported_appointments(tx, patients)),
            payments=tuple(_payment(row) for row in await store.exported_payments(tx, patients, payer)),
            waitlist=tuple(_wait(row) for row in await store.exported_waits(tx, patients)),
            messages=tuple(_message(row) for row in await messages.to(tx, patients, contacts)),
            preferences=tuple(
                ExportedPreference(kind=kind, channel=channel, wanted=wanted)
                for (kind, channel), wanted in (await preferences.all_of(tx, patient.id)).items()
            ),
            quiet_hours=_hours(await preferences.hours(tx, patient.id)),
            browsers=tuple(
                ExportedBrowser(endpoint=browser.endpoint)
                for browser in await push_subscriptions.of_patient(tx, patient.id)
            ),
            notes=tuple(await store.words_about(tx, patients)),
        )
        await self._recorder.record(tx, actor, "patient_exported", {"patientId": patient.id})
        return found


def _hours(own: OwnHours | None) -> ExportedHours | None:
    if own is None:
        return None
    return ExportedHours(start=f"{own.start:%H:%M}", end=f"{own.end:%H:%M}", timezone=own.timezone)


def _appointment(row: Row) -> ExportedAppointment:
    return ExportedAppointment(
        id=row["appointment_id"],
        patient_id=row["patient_id"],
        clinic=row["clinic"],
        doctor=row["doctor"],
        start=row["start"],
        duration_minutes=row["duration_minutes"],
        visit_type=row["visit_type"],
        mode=Mode(row["mode"]),
        state=EntryState(row["state"]) if row["state"] is not None else None,
        ticket=row["ticket"],
        booked_at=row["booked_at"],
        paid_at=row["paid_at"],
    )


def _payment(row: Row) -> ExportedPayment:
    return ExportedPayment(
        id=row["payment_id"],
        appointment_id=row["appointment_id"],
        status=row["status"],
        amount=row["amount"],
        currency=row["currency"],
        created_at=row["created_at"],
        paid_at=row["paid_at"],
        refunded_at=row["refunded_at"],
    )


def _wait(row: Row) -> ExportedWait:
    return ExportedWait(
        id=row["waitlist_id"],
        patient_id=row["patient_id"],
        clinic=row["clinic"],
        doctor=row["doctor"],
        status=WaitlistStatus(row["status"]),
        visit_type=row["visit_type"],
        urgency=Urgency(row["urgency"]),
        window_start=row["window_start"],
        window_end=row["window_end"],
        joined_at=row["joined_at"],
        ended_at=row["ended_at"],
        appointment_id=row["appointment_id"],
    )


def _message(row: Row) -> ExportedMessage:
    return ExportedMessage(
        kind=row["kind"],
        channel=row["channel"],
        recipient=row["recipient"],
        state=row["state"],
        created_at=row["created_at"],
        ended_at=row["ended_at"],
    )
