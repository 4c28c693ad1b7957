"""A payment as its events lead to it. What is known of it only grows, so the order of the news does not matter."""

from datetime import datetime
from enum import StrEnum
from typing import assert_never
from uuid import UUID

import msgspec

from scheduling_core.aggregates import Aggregate
from scheduling_core.ids import ClinicId, DoctorId, EntryId, HoldId, PaymentId, SlotId, TextId
from scheduling_core.live_queue.state import Mode
from scheduling_core.payments import events as ev
from scheduling_core.slots.events import HolderKind

KIND = "payment"
SCHEMA_VERSION = 1
"""Version that new events are written with; an upcaster per step brings older ones up to it."""
DESK = "desk"
"""Stands for the provider of what is paid at the desk."""


class PaymentStatus(StrEnum):
    """How a payment stands."""

    PENDING = "pending"
    FAILED = "failed"
    PAID = "paid"
    REFUND_PENDING = "refund_pending"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


OPEN = frozenset({PaymentStatus.PENDING, PaymentStatus.FAILED})
"""Waits to be paid: after a failed attempt, too."""
COUNTING = OPEN | {PaymentStatus.PAID}
"""Is owed or paid: of a visit there is one at most."""
GIVEN_BACK = frozenset({PaymentStatus.REFUND_PENDING, PaymentStatus.REFUNDED})
"""Was paid, and is not any more."""


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed for a visit, and each thing that is known to have happened to it."""

    id: PaymentId
    clinic: ClinicId
    doctor: DoctorId
    payer_kind: HolderKind
    payer: UUID
    amount: int
    currency: str
    visit_type: str
    mode: Mode
    provider: str
    created_at: datetime
    hold: HoldId | None = None
    slot: SlotId | None = None
    appointment: EntryId | None = None
    expires_at: datetime | None = None
    intent: str | None = None
    pay_url: str = ""
    failed_at: datetime | None = None
    paid_at: datetime | None = None
    cancelled_at: datetime | None = None
    refund_requested_at: datetime | None = None
    refund_reason: ev.RefundReason | None = None
    refund_note: TextId | None = None
    refunded_at: datetime | None = None

    @property
    def status(self) -> PaymentStatus:
        """How it stands: what is further along outweighs what is not, whichever was heard of first."""
        if self.refunded_at is not None:
            return PaymentStatus.REFUNDED
        if self.paid_at is not None:
            return PaymentStatus.PAID if self.refund_requested_at is None else PaymentStatus.REFUND_PENDING
        if self.cancelled_at is not None:
            return PaymentStatus.CANCELLED
        return PaymentStatus.PENDING if self.failed_at is None else PaymentStatus.FAILED

    @property
    def is_at_desk(self) -> bool:
        """Whether it was paid at the desk, where it also goes back."""
        return self.provider == DESK


def fold(state: Payment | None, event: ev.PaymentEvent, at: datetime) -> Payment:
    """Return the payment after `event`."""
    replace = msgspec.structs.replace
    match event:
        case ev.PaymentRequested():
            return _begun(event, at, provider=event.provider, expires_at=event.expires_at)
        case ev.DeskPaymentTaken():
            return _begun(event, at, provider=DESK, paid_at=at)
    assert state is not None, "a payment begins by being requested or taken"
    match event:
        case ev.PaymentOpened():
            return replace(state, intent=event.intent, pay_url=event.pay_url or state.pay_url)
        case ev.PaymentAttached():
            return replace(state, appointment=event.appointment, expires_at=None)
        case ev.PaymentSucceeded():
            return replace(state, paid_at=event.paid_at)
        case ev.PaymentFailed():
            return replace(state, failed_at=event.failed_at)
        case ev.PaymentCancelled():
            return replace(state, cancelled_at=at)
        case ev.RefundRequested():
            return replace(state, refund_requested_at=at, refund_reason=event.why, refund_note=event.note)
        case ev.RefundWithdrawn():
            return replace(state, refund_requested_at=None, refund_reason=None, refund_note=None)
        case ev.PaymentRefunded():
            return replace(state, refunded_at=event.refunded_at)
        case _:
            assert_never(event)


def _begun(
    event: ev.Owed,
    at: datetime,
    *,
    provider: str,
    expires_at: datetime | None = None,
    paid_at: datetime | None = None,
) -> Payment:
    return Payment(
        id=event.payment,
        clinic=event.clinic,
        doctor=event.doctor,
        payer_kind=event.payer_kind,
        payer=event.payer,
        amount=event.amount,
        currency=event.currency,
        visit_type=event.visit_type,
        mode=event.mode,
        provider=provider,
        created_at=at,
        hold=event.hold,
        slot=event.slot,
        appointment=event.appointment,
        expires_at=expires_at,
        paid_at=paid_at,
    )


PAYMENT: Aggregate[Payment, ev.PaymentEvent] = Aggregate(
    KIND, events=ev.PaymentEvent, state=Payment, fold=fold, schema_version=SCHEMA_VERSION, upcasters={}
)
