"""Reading payments: one's own, and for staff those of an appointment."""

from uuid import UUID

from queue_server.application.actor import Actor
from queue_server.application.payments.access import check_payment, is_staff
from queue_server.application.payments.views import PaymentView, StaffPaymentView, payment_row_view, staff_row_view
from queue_server.store import payments as store
from queue_server.store import people as people_store
from queue_server.store.db import Database
from scheduling_core.errors import NotFound
from scheduling_core.permissions import Permission


class PaymentReading:
    """Shows payments."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def one(self, actor: Actor, payment: UUID) -> PaymentView:
        """Return a payment; raises `NotFound` for one that is neither the actor's nor for a visit of theirs, nor of a
        clinic of theirs."""
        async with self._db.tenant(actor.tenant) as tx:
            row = await store.payment(tx, payment)
            if row is None:
                raise NotFound("There is no such payment.")
            await check_payment(tx, actor, row, Permission.READ_PAYMENTS)
        return staff_row_view(row) if is_staff(actor) else payment_row_view(row)

    async def of_appointment(self, actor: Actor, appointment: UUID) -> list[StaffPaymentView]:
        """Return all payments for an appointment, the newest first; raises `NotFound` for one of another clinic."""
        actor.require(Permission.READ_PAYMENTS)
        async with self._db.tenant(actor.tenant) as tx:
            known = await people_store.booked_at(tx, [appointment])
            rows = await store.of_appointment(tx, appointment)
        if appointment not in known:
            raise NotFound("There is no such appointment.", field="appointmentId")
        _, clinic = known[appointment]
        actor.require_for(Permission.READ_PAYMENTS, clinic=clinic)
        return [staff_row_view(row) for row in rows]
