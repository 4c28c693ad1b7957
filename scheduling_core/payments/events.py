"""What happens to a payment. Past tense; ids, codes, amounts in minor units and instants only."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from scheduling_core.ids import ClinicId, DoctorId, EntryId, HoldId, PaymentId, SlotId, TextId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.events import HolderKind


class CancelReason(StrEnum):
    """Why nothing is owed any more."""

    HOLD_OVER = "hold_over"
    """Nothing was booked while the place was held."""
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    PAID_AT_DESK = "paid_at_desk"
    REPLACED = "replaced"
    """Another kind of visit was chosen, which costs something else."""
    BY_STAFF = "by_staff"


class RefundReason(StrEnum):
    """Why money goes back."""

    NOT_BOOKED = "not_booked"
    """It was paid, but nothing was booked while the place was held."""
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    PAID_TOO_LATE = "paid_too_late"
    """It was paid when nothing was owed any more."""
    BY_STAFF = "by_staff"


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Base of all events of payments."""


class Owed(Event, frozen=True, kw_only=True):
    """What is owed for which visit, by whom: whoever holds or has booked it."""

    payment: PaymentId
    clinic: ClinicId
    doctor: DoctorId
    payer_kind: HolderKind
    payer: UUID
    amount: int
    """In minor units of the currency."""
    currency: str
    """ISO 4217."""
    visit_type: str
    mode: Mode
    hold: HoldId | None = None
    slot: SlotId | None = None
    """Of the hold."""
    appointment: EntryId | None = None


class PaymentRequested(Owed, frozen=True, kw_only=True, tag="payment_requested"):
    """Somebody is about to pay online."""

    provider: str
    """By its name in the settings."""
    expires_at: datetime | None = None
    """Until when the place is held."""


class DeskPaymentTaken(Owed, frozen=True, kw_only=True, tag="desk_payment_taken"):
    """Somebody has paid at the desk."""


class PaymentOpened(Event, frozen=True, kw_only=True, tag="payment_opened"):
    """The provider knows of it; there is a page to pay on."""

    intent: str
    """The provider's name for it."""
    pay_url: str = ""


class PaymentAttached(Event, frozen=True, kw_only=True, tag="payment_attached"):
    """The visit it is for was booked from the hold."""

    appointment: EntryId


class PaymentSucceeded(Event, frozen=True, kw_only=True, tag="payment_succeeded"):
    """It was paid, according to the provider."""

    paid_at: datetime


class PaymentFailed(Event, frozen=True, kw_only=True, tag="payment_failed"):
    """An attempt to pay came to nothing; another one may be made."""

    failed_at: datetime


class PaymentCancelled(Event, frozen=True, kw_only=True, tag="payment_cancelled"):
    """Nothing is owed any more. What is paid all the same goes back."""

    why: CancelReason


class RefundRequested(Event, frozen=True, kw_only=True, tag="refund_requested"):
    """What was paid is to go back, all of it."""

    why: RefundReason
    note: TextId | None = None
    """What staff have written about it."""


class RefundWithdrawn(Event, frozen=True, kw_only=True, tag="refund_withdrawn"):
    """The cancellation was undone, so the visit stays paid."""


class PaymentRefunded(Event, frozen=True, kw_only=True, tag="payment_refunded"):
    """All of it went back."""

    refunded_at: datetime


PaymentEvent = (
    PaymentRequested
    | DeskPaymentTaken
    | PaymentOpened
    | PaymentAttached
    | PaymentSucceeded
    | PaymentFailed
    | PaymentCancelled
    | RefundRequested
    | RefundWithdrawn
    | PaymentRefunded
)
