"""What follows from what happens to a payment: safe for news that comes late, twice or out of order. Pure.

Three rules make the order of the news irrelevant: paid never falls back to failed or pending; a refund that is heard
of before the payment is remembered; and what is paid although nothing is owed any more goes back by itself.
"""

from datetime import datetime
from enum import StrEnum
from typing import assert_never

import msgspec

from scheduling_core.errors import Conflict, NotFound, NoticeDisagrees
from scheduling_core.ids import EntryId, TextId
from scheduling_core.payments import events as ev
from scheduling_core.payments.events import CancelReason, RefundReason
from scheduling_core.payments.state import OPEN, Payment, PaymentStatus

Events = list[ev.PaymentEvent]


class NoticeKind(StrEnum):
    """What a provider tells of."""

    SUCCEEDED = "payment.succeeded"
    FAILED = "payment.failed"
    REFUNDED = "payment.refunded"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says has happened to a payment, and when."""

    kind: NoticeKind
    intent: str
    amount: int
    """In minor units."""
    currency: str
    occurred_at: datetime


_REFUND_FOR = {
    CancelReason.HOLD_OVER: RefundReason.NOT_BOOKED,
    CancelReason.APPOINTMENT_CANCELLED: RefundReason.APPOINTMENT_CANCELLED,
    CancelReason.PAID_AT_DESK: RefundReason.PAID_TOO_LATE,
    CancelReason.REPLACED: RefundReason.PAID_TOO_LATE,
    CancelReason.BY_STAFF: RefundReason.BY_STAFF,
}


def opened(payment: Payment, intent: str, pay_url: str = "") -> Events:
    """Return what follows when the provider has named the payment; raises `Conflict` if it had another name."""
    if payment.intent is None or (payment.intent == intent and pay_url and not payment.pay_url):
        return [ev.PaymentOpened(intent=intent, pay_url=pay_url)]
    if payment.intent != intent:
        raise Conflict("The provider knows this payment by another name.")
    return []


def attach(payment: Payment, appointment: EntryId) -> Events:
    """Return what follows when the visit was booked; raises `Conflict` if nothing is owed, or it was for another."""
    if payment.appointment == appointment:
        return []
    if payment.appointment is not None or payment.status not in OPEN | {PaymentStatus.PAID}:
        raise Conflict("This payment is not for this visit.")
    return [ev.PaymentAttached(appointment=appointment)]


def hear(payment: Payment, notice: Notice, now: datetime) -> Events:
    """Return what follows from a provider's notice: nothing, if it is no news.

    Raises `NotFound` when it speaks of another intent, `NoticeDisagrees` when of another amount or currency: then
    nothing has changed. An instant before the payment began or after `now` is brought to the nearer of the two.
    """
    if payment.is_at_desk or payment.intent not in (None, notice.intent):
        raise NotFound("There is no such payment.")
    if (notice.amount, notice.currency) != (payment.amount, payment.currency):
        raise NoticeDisagrees("The amount or the currency is not what was asked for.")
    found: Events = []
    if payment.intent is None:
        # The answer to our request was lost; the provider has told us all the same what it calls it.
        found.append(ev.PaymentOpened(intent=notice.intent))
    at = min(max(notice.occurred_at, payment.created_at), now)
    match notice.kind:
        case NoticeKind.SUCCEEDED:
            return found + _succeeded(payment, at)
        case NoticeKind.FAILED:
            is_news = payment.status is PaymentStatus.PENDING
            return found + ([ev.PaymentFailed(failed_at=at)] if is_news else [])
        case NoticeKind.REFUNDED:
            return found + refunded(payment, at)
        case _:
            assert_never(notice.kind)


def _succeeded(payment: Payment, at: datetime) -> Events:
    if payment.paid_at is not None:
        return []
    found: Events = [ev.PaymentSucceeded(paid_at=at)]
    if payment.cancelled_at is not None and payment.refunded_at is None:
        found.append(ev.RefundRequested(why=RefundReason.PAID_TOO_LATE))
    return found


def cancel(payment: Payment, why: CancelReason, note: TextId | None = None) -> Events:
    """Return what follows when nothing is owed any more: what was paid goes back; nothing, if that is known."""
    if payment.status in OPEN:
        return [ev.PaymentCancelled(why=why)]
    if payment.status is PaymentStatus.PAID:
        return [ev.RefundRequested(why=_REFUND_FOR[why], note=note)]
    return []


def refund(payment: Payment, now: datetime, note: TextId | None = None) -> Events:
    """Return what follows when staff give the money back: at the desk it is done with that, else the provider does it.

    Raises `Conflict` when it went back already, is on its way, or nothing is owed.
    """
    if payment.is_at_desk and payment.status is PaymentStatus.REFUND_PENDING:
        return refunded(payment, now)
    if payment.status in (PaymentStatus.REFUND_PENDING, PaymentStatus.REFUNDED):
        raise Conflict("This payment is given back already.")
    if payment.status is PaymentStatus.CANCELLED:
        raise Conflict("Nothing was paid.")
    found = cancel(payment, CancelReason.BY_STAFF, note)
    if payment.is_at_desk:
        found += refunded(payment, now)
    return found


def uncancel(payment: Payment) -> Events:
    """Return what follows when the cancellation of the visit is undone before the money has gone back."""
    is_due = payment.status is PaymentStatus.REFUND_PENDING
    return [ev.RefundWithdrawn()] if is_due and payment.refund_reason is RefundReason.APPOINTMENT_CANCELLED else []


def refunded(payment: Payment, at: datetime) -> Events:
    """Return what follows when all of it went back."""
    return [] if payment.refunded_at is not None else [ev.PaymentRefunded(refunded_at=at)]
