"""Cancelling: by staff at any time, by patients and by whoever has the link until the clinic's deadline."""

from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.booking import changing
from queue_server.application.booking.appointments import appointment_view, check_in_time, is_staff
from queue_server.application.booking.bodies import CancelBody
from queue_server.application.booking.changing import Change
from queue_server.application.booking.views import CancelledAppointmentView
from queue_server.application.directory import Directory
from queue_server.application.links import TrackingLinks
from queue_server.application.payments.views import PaymentView, payment_row_view
from queue_server.application.plain_text import one_line
from queue_server.application.unit import Unit, WritePath
from queue_server.store import appointments as store
from queue_server.store import payments as payment_store
from scheduling_core.errors import InvalidValue
from scheduling_core.live_queue.commands import CancelEntry
from scheduling_core.live_queue.state import EntryState
from scheduling_core.payments.state import OPEN, PaymentStatus

LONGEST_REASON = 500


class Cancelling:
    """Cancels appointments."""

    def __init__(self, writes: WritePath, directory: Directory, links: TrackingLinks) -> None:
        self._writes = writes
        self._directory = directory
        self._links = links

    async def cancel(self, actor: Actor, appointment: UUID, body: CancelBody, precondition: Precondition) -> Answer:
        """Cancel the appointment, give its place back, and return it.

        Raises `NotFound` or `Forbidden` when it is not the actor's to cancel, `TooLateToCancel` for patients after the
        clinic's deadline, `IllegalTransition` when it is over, cancelled or being seen, `InvalidValue` without a key.
        """
        return await self._cancel(changing.of_account(actor, appointment), body, precondition)

    async def by_link(
        self, token: str, body: CancelBody, precondition: Precondition, *, request_id: str | None = None
    ) -> Answer:
        """Do the same for whoever has the tracking link, as for a patient.

        Raises `InvalidTrackingToken` or `RevokedTrackingToken` for a link that opens nothing.
        """
        return await self._cancel(changing.by_link(self._links, token, request_id=request_id), body, precondition)

    async def _cancel(self, change: Change, body: CancelBody, precondition: Precondition) -> Answer:
        async def work(unit: Unit) -> tuple[object, int | None]:
            row = await changing.found(unit, change)
            if precondition.idempotency is None:
                raise InvalidValue("A cancellation needs a key, so that it is made once.", field="Idempotency-Key")
            words = one_line(body.reason, "reason", longest=LONGEST_REASON) if body.reason is not None else None
            (queue,) = await unit.lock(changing.line_of(row))
            row = await changing.under_lock(unit, row)
            check_in_time(change.actor, row, unit.now)
            reason = await unit.say(words) if words is not None else None
            unit.decide(queue, CancelEntry(entry=change.appointment, reason=reason))
            if reason is not None:
                await store.set_cancel_reason(unit.tx, change.appointment, reason)
            return await self._answer(unit, change, queue.state.entries[change.appointment].state), None

        # What patients have decided is not taken back at the desk, as reception's own commands are.
        command = "cancel" if is_staff(change.actor) else "cancel-own"
        return await self._writes.run(change.actor, command, work, precondition)

    async def _answer(self, unit: Unit, change: Change, status: EntryState) -> CancelledAppointmentView:
        row = await store.appointment(unit.tx, change.appointment)
        assert row is not None
        view = await appointment_view(unit.tx, row, self._directory)
        paid = (await payment_store.of_appointments(unit.tx, [change.appointment])).get(change.appointment)
        return CancelledAppointmentView(
            appointment=msgspec.structs.replace(view, status=status),
            payment=_given_back(payment_row_view(paid)) if paid is not None else None,
        )


def _given_back(payment: PaymentView) -> PaymentView:
    """Return a payment as it is when the commit is done, in which it follows the cancellation."""
    if payment.status is PaymentStatus.PAID:
        return msgspec.structs.replace(payment, status=PaymentStatus.REFUND_PENDING)
    if payment.status in OPEN:
        return msgspec.structs.replace(payment, status=PaymentStatus.CANCELLED, pay_url=None)
    return payment
