"""Payments as clients see them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from queue_server.application.views import View
from queue_server.store.db import Row
from scheduling_core.payments.state import OPEN, Payment, PaymentStatus


class PaymentView(View, frozen=True, kw_only=True):
    """What is owed for a visit and how that stands. `amount` is in minor units of `currency`."""

    id: UUID
    appointment_id: UUID | None
    hold_id: UUID | None
    status: PaymentStatus
    amount: int
    currency: str
    provider: str
    """`desk` for what is paid there."""
    pay_url: str | None
    """Where to pay, while it is owed; None until the provider has answered."""
    expires_at: datetime | None
    """Until when the place is held for which it is paid."""
    created_at: datetime
    paid_at: datetime | None
    refunded_at: datetime | None


class StaffPaymentView(PaymentView, frozen=True, kw_only=True):
    """A payment as staff see it, with what was written about its refund."""

    refund_note: str | None


def payment_view(payment: Payment) -> PaymentView:
    """Return a payment as clients see it."""
    return PaymentView(
        id=payment.id,
        appointment_id=payment.appointment,
        hold_id=payment.hold,
        status=payment.status,
        amount=payment.amount,
        currency=payment.currency,
        provider=payment.provider,
        pay_url=_pay_url(payment.status, payment.pay_url),
        expires_at=payment.expires_at,
        created_at=payment.created_at,
        paid_at=payment.paid_at,
        refunded_at=payment.refunded_at,
    )


def payment_row_view(row: Row) -> PaymentView:
    """Return the payment of a row as clients see it."""
    return PaymentView(**_of_row(row))


def staff_row_view(row: Row) -> StaffPaymentView:
    """Return the payment of a row as staff see it."""
    return StaffPaymentView(**_of_row(row), refund_note=row["refund_note"])


def _of_row(row: Row) -> dict[str, Any]:
    status = PaymentStatus(row["status"])
    same = ("appointment_id", "hold_id", "amount", "currency", "provider", "expires_at", "created_at", "paid_at")
    return {
        **{name: row[name] for name in same},
        "id": row["payment_id"],
        "status": status,
        "pay_url": _pay_url(status, row["pay_url"]),
        "refunded_at": row["refunded_at"],
    }


def _pay_url(status: PaymentStatus, url: str) -> str | None:
    return url or None if status in OPEN else None
