"""Appointments that were booked: who may see them, what may still be done about them, and until when."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.booking.patients import is_in_reach
from queue_server.application.booking.views import BookedAppointmentView, VisitView
from queue_server.application.directory import Directory
from queue_server.application.links import TrackingLinks, check_generation
from queue_server.application.payments.views import payment_row_view
from queue_server.application.places import booked_of
from queue_server.application.views.tracking import AppointmentView
from queue_server.store import appointments as store
from queue_server.store import payments as payment_store
from queue_server.store.db import Database, Row, Transaction
from scheduling_core.errors import NotFound, TooLateToCancel
from scheduling_core.ids import ClinicId, DoctorId, EntryId
from scheduling_core.live_queue import transitions
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.live_queue.state import EntryState, Mode
from scheduling_core.permissions import Permission, Role, may

MOST = 200
"""Appointments shown of a patient and theirs, the latest."""


class Appointments:
    """Shows appointments."""

    def __init__(self, db: Database, directory: Directory, links: TrackingLinks) -> None:
        self._db = db
        self._directory = directory
        self._links = links

    async def one(self, actor: Actor, appointment: UUID) -> BookedAppointmentView:
        """Return an appointment of the actor's clinics, of the doctor's own line, or of the patient or theirs.

        Raises `NotFound` for every other one, `Forbidden` for roles that see none.
        """
        async with self._db.tenant(actor.tenant) as tx:
            row = await store.appointment(tx, appointment)
            if row is None:
                raise NotFound("There is no such appointment.")
            await check_may_read(tx, actor, row)
            (view,) = await shown(tx, [row], actor, self._directory, self._links)
        return view

    async def by_link(self, token: str) -> VisitView:
        """Return the appointment behind a tracking link, with what whoever has the link may still do about it.

        Raises `InvalidTrackingToken` or `RevokedTrackingToken` for a link that opens nothing, `NotFound` when the
        appointment is gone.
        """
        claims = self._links.read(token)
        async with self._db.tenant(claims.tenant) as tx:
            row = await store.appointment(tx, claims.appointment)
            if row is None:
                raise NotFound("There is no such appointment (any more).")
            check_generation(claims, row["links_generation"])
            paid = (await payment_store.of_appointments(tx, [claims.appointment])).get(claims.appointment)
            return await _visit(tx, row, paid, self._directory, is_open=row["now"] <= deadline(row))

    async def of_patient(self, actor: Actor, patient: UUID) -> list[BookedAppointmentView]:
        """Return a patient's appointments at the actor's clinics, the latest first.

        Raises `NotFound` for a patient who is unknown there, `Forbidden` for other roles than reception and admins.
        """
        actor.require(Permission.READ_PATIENTS)
        async with self._db.tenant(actor.tenant) as tx:
            if not await store.is_known_patient(tx, patient, actor.clinics):
                raise NotFound("There is no such patient.")
            return await appointments_of(tx, [patient], actor, self._directory, self._links)


async def appointments_of(
    tx: Transaction, patients: Sequence[UUID], actor: Actor, directory: Directory, links: TrackingLinks
) -> list[BookedAppointmentView]:
    """Return the latest appointments of these patients, the latest first, with what the actor may do about each.

    Staff see those at their clinics. That the actor may see these patients is asked before.
    """
    rows = await store.of_patients(tx, patients, actor.clinics, limit=MOST)
    return await shown(tx, rows, actor, directory, links)


async def shown(
    tx: Transaction, rows: Sequence[Row], actor: Actor, directory: Directory, links: TrackingLinks
) -> list[BookedAppointmentView]:
    """Return rows of `store.appointments` as the actor sees them."""
    payments = await payment_store.of_appointments(tx, [row["appointment_id"] for row in rows])
    views = []
    for row in rows:
        is_open = is_theirs_to_change(actor, row, row["now"])
        visit = await _visit(tx, row, payments.get(row["appointment_id"]), directory, is_open=is_open)
        _, url = links.make(
            tx.tenant,
            EntryId(row["appointment_id"]),
            DoctorId(row["doctor_id"]),
            generation=row["links_generation"],
            start=row["start"],
        )
        views.append(
            BookedAppointmentView(
                **msgspec.structs.asdict(visit),
                patient_id=row["patient_id"],
                follow_up_of=row["follow_up_of"],
                cancel_reason=row["cancel_reason"] if row["state"] == EntryState.CANCELLED else None,
                tracking_url=url,
            )
        )
    return views


async def _visit(tx: Transaction, row: Row, paid: Row | None, directory: Directory, *, is_open: bool) -> VisitView:
    """Return the appointment of a row; `is_open`: whether who looks may still change it, if it is not over."""
    state = EntryState(row["state"])
    return VisitView(
        appointment=await appointment_view(tx, row, directory),
        slot_id=None if row["slot_given_back"] else row["slot_id"],
        state=state,
        payment=payment_row_view(paid) if paid is not None else None,
        can_cancel_until=deadline(row),
        may_cancel=is_open and state in transitions.ALLOWED_FROM["cancel"],
        may_reschedule=is_open and state in transitions.ALLOWED_FROM["reschedule"],
    )


async def appointment_view(tx: Transaction, row: Row, directory: Directory) -> AppointmentView:
    """Return the appointment of a row as its patient sees it."""
    doctor = await directory.doctor(tx.tenant, DoctorId(row["doctor_id"]), tx)
    place = booked_of(row).place(doctor)
    return AppointmentView(
        id=row["appointment_id"],
        ticket=row["ticket"],
        start=row["start"],
        duration_minutes=row["duration_minutes"],
        visit_type=row["visit_type"],
        mode=Mode(row["mode"]),
        status=EntryState(row["state"]),
        clinic=place.clinic,
        doctor=doctor.view(),
        room=place.room,
        greeting=(row["patient_name"].split() or [""])[0],
        language=row["language"],
    )


async def check_may_read(tx: Transaction, actor: Actor, row: Row) -> None:
    """Raise unless the actor may see the appointment of a row."""
    if actor.role is Role.PATIENT:
        await _check_is_own(tx, actor, row)
        return
    permission = Permission.READ_QUEUE if actor.role is Role.DOCTOR else Permission.READ_PATIENTS
    actor.require_for_any(permission, clinics=_clinics(row), doctor=DoctorId(row["doctor_id"]))


async def check_may_change(tx: Transaction, actor: Actor, row: Row) -> None:
    """Raise unless it is for the actor to cancel or move the appointment of a row at all: patients for themselves and
    theirs, staff at their clinics."""
    if actor.role is Role.PATIENT:
        await _check_is_own(tx, actor, row)
        return
    actor.require_for_any(Permission.BOOK, clinics=_clinics(row))


def check_in_time(actor: Actor, row: Row, now: datetime) -> None:
    """Raise `TooLateToCancel` when the clinic's deadline is over for the actor; for staff it never is."""
    if not is_staff(actor) and now > deadline(row):
        raise TooLateToCancel("It is too late to change this appointment here; please call the clinic.")


def is_theirs_to_change(actor: Actor, row: Row, now: datetime) -> bool:
    """Return whether the actor may still change an appointment that they may see."""
    if is_staff(actor):
        return actor.is_system or (actor.role is not None and may(actor.role, Permission.BOOK))
    return now <= deadline(row)


def is_staff(actor: Actor) -> bool:
    """Return whether the clinic acts, and not whoever has the appointment."""
    return actor.guest is None and actor.role is not Role.PATIENT


def deadline(row: Row) -> datetime:
    """Return until when patients may cancel or move the appointment of a row, by the policy of its clinic."""
    policy = msgspec.json.decode(row["queue_policy"], type=QueuePolicy)
    start: datetime = row["start"]
    return start - timedelta(minutes=policy.cancel_deadline_minutes)


async def _check_is_own(tx: Transaction, actor: Actor, row: Row) -> None:
    if not await is_in_reach(tx, actor, row["patient_id"]):
        raise NotFound("There is no such appointment.")


def _clinics(row: Row) -> list[ClinicId]:
    return [ClinicId(clinic) for clinic in row["clinics"]]
