"""A payment on the write path, the row it shows, and the work it leaves behind."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from queue_server.application.aggregates import Locked, Model, Texts
from queue_server.store import job_store
from queue_server.store import payments as store
from queue_server.store.db import Transaction
from queue_server.store.projections.aggregate_rows import Rows, Table
from scheduling_core.ids import HoldId, PaymentId
from scheduling_core.payments import events as ev
from scheduling_core.payments.state import PAYMENT, Payment, PaymentStatus

OPEN_JOB, SETTLE_JOB, REFUND_JOB = "payment_open", "payment_settle", "payment_refund"
CANCEL_JOB = "payment_cancel"

TABLE = Table(
    "payment",
    ("payment_id",),
    (
        "clinic_id",
        "doctor_id",
        "payer_kind",
        "payer_id",
        "hold_id",
        "slot_id",
        "appointment_id",
        "status",
        "amount",
        "currency",
        "visit_type",
        "mode",
        "provider",
        "intent",
        "pay_url",
        "expires_at",
        "created_at",
        "paid_at",
        "refunded_at",
        "refund_note",
    ),
)


def _rows(payment: Payment, _texts: Texts) -> Rows:
    columns: dict[str, Any] = {
        "clinic_id": payment.clinic,
        "doctor_id": payment.doctor,
        "payer_kind": payment.payer_kind,
        "payer_id": payment.payer,
        "hold_id": payment.hold,
        "slot_id": payment.slot,
        "appointment_id": payment.appointment,
        "status": payment.status,
        "amount": payment.amount,
        "currency": payment.currency,
        "visit_type": payment.visit_type,
        "mode": payment.mode,
        "provider": payment.provider,
        "intent": payment.intent,
        "pay_url": payment.pay_url,
        "expires_at": payment.expires_at,
        "created_at": payment.created_at,
        "paid_at": payment.paid_at,
        "refunded_at": payment.refunded_at,
        "refund_note": payment.refund_note,
    }
    return {(TABLE, (payment.id,)): columns}


PAYMENT_MODEL: Model[Payment, ev.PaymentEvent] = Model(PAYMENT, tables=(TABLE,), rows=_rows)

LockedPayment = Locked[Payment, ev.PaymentEvent]


async def note(
    tx: Transaction, locked: LockedPayment, events: Sequence[ev.PaymentEvent], *, refund_in: timedelta = timedelta()
) -> None:
    """Let these happen to a payment. What is to go back goes with a job, some time from now if that is given; another
    one closes the provider's page when nothing is owed any more."""
    locked.add(*events)
    state, payment = locked.state, PaymentId(locked.subject)
    if state.is_at_desk:
        return
    if any(isinstance(event, ev.RefundRequested) for event in events):
        await _enqueue(tx, REFUND_JOB, refund_key(state), payment, locked.now + refund_in)
    is_news = any(isinstance(event, ev.PaymentCancelled | ev.PaymentOpened) for event in events)
    if is_news and state.status is PaymentStatus.CANCELLED and state.intent is not None:
        await _enqueue(tx, CANCEL_JOB, str(payment), payment, locked.now)


def refund_key(payment: Payment) -> str:
    """Return what the job is called that gives a payment back: one that was withdrawn and is asked for again is another
    job."""
    asked = payment.refund_requested_at
    return f"{payment.id}:{asked.timestamp() if asked is not None else ''}"


async def settle_later(tx: Transaction, payment: PaymentId, at: datetime) -> None:
    """Let a job see at `at` whether the hold that is paid for was booked."""
    await _enqueue(tx, SETTLE_JOB, f"{payment}:{at.timestamp()}", payment, at)


async def settle_hold(tx: Transaction, hold: HoldId, at: datetime) -> None:
    """Let a job see at `at` to what is paid for a hold that has ended; nothing, if nothing is."""
    if (payment := await store.counting_of_hold(tx, hold)) is not None:
        await settle_later(tx, payment, at)


async def open_later(tx: Transaction, payment: PaymentId, at: datetime, return_url: str) -> None:
    """Let a job ask the provider at `at`, in case whoever asks now is lost on the way."""
    payload = {"paymentId": payment, "returnUrl": return_url}
    await job_store.enqueue(tx, OPEN_JOB, str(payment), payload, at)


async def _enqueue(tx: Transaction, kind: str, key: str, payment: PaymentId, at: datetime) -> None:
    await job_store.enqueue(tx, kind, key, {"paymentId": payment}, at)
