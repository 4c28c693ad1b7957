"""Payments as rows, the fees they are made from, and the notices that have come."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from queue_server.store.db import Row, Transaction
from scheduling_core.booking.holds import Holder
from scheduling_core.doctors.profile import Fees
from scheduling_core.ids import DoctorId, PaymentId
from sql import loader

_Q = loader.queries("payments")


async def payment(tx: Transaction, payment: UUID) -> Row | None:
    """Return a payment, or None."""
    return await tx.row(_Q["payment"], tx.tenant, payment)


async def of_appointment(tx: Transaction, appointment: UUID) -> Sequence[Row]:
    """Return the payments for an appointment, the newest first."""
    return await tx.rows(_Q["of_appointment"], tx.tenant, appointment)


async def of_appointments(tx: Transaction, appointments: Sequence[UUID]) -> dict[UUID, Row]:
    """Return, by appointment, the payment that counts: what is owed or paid, else the last one there was."""
    rows = await tx.rows(_Q["of_appointments"], tx.tenant, list(appointments))
    return {row["appointment_id"]: row for row in rows}


async def counting_of_hold(tx: Transaction, hold: UUID) -> PaymentId | None:
    """Return the payment that is owed or paid for what is booked from a hold, or None."""
    row = await tx.row(_Q["counting_of_hold"], tx.tenant, hold)
    return PaymentId(row["payment_id"]) if row is not None else None


async def to_settle_of_appointments(tx: Transaction, appointments: Sequence[UUID]) -> list[PaymentId]:
    """Return what is owed or paid for the appointments, or on its way back, in the order in which it is locked."""
    rows = await tx.rows(_Q["to_settle_of_appointments"], tx.tenant, list(appointments))
    return [PaymentId(row["payment_id"]) for row in rows]


async def fees(tx: Transaction, doctor: DoctorId) -> Fees | None:
    """Return a doctor's fees, or None."""
    row = await tx.row(_Q["fees"], tx.tenant, doctor)
    if row is None:
        return None
    return Fees(
        currency=row["currency"],
        consultation=row["consultation_fee"],
        follow_up=row["follow_up_fee"],
        tele=row["tele_fee"],
    )


async def payable_visit(tx: Transaction, appointment: UUID) -> Row | None:
    """Return what there is to know of a booked visit that is paid for, and whose line it is in now, or None."""
    return await tx.row(_Q["payable_visit"], tx.tenant, appointment)


async def has_booked(tx: Transaction, appointment: UUID, holder: Holder) -> bool:
    """Return whether the holder booked the appointment from a hold within the hour, or has a payment for it."""
    row = await tx.row(_Q["has_booked"], tx.tenant, appointment, holder.id, holder.kind)
    return row is not None and bool(row["booked"])


async def keep_notice(tx: Transaction, provider: str, notice: str, payment: PaymentId, kind: str) -> bool:
    """Remember a notice; returns False when it has come before."""
    return await tx.row(_Q["keep_notice"], tx.tenant, provider, notice, payment, kind) is not None


async def prune_notices(tx: Transaction, older_than: timedelta) -> None:
    """Forget notices that came longer ago than that."""
    await tx.run(_Q["prune_notices"], tx.tenant, older_than)
