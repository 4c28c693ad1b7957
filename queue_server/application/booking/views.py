"""Holds and appointments as clients see them."""

from datetime import datetime
from uuid import UUID

from msgspec import UNSET, UnsetType

from queue_server.application.payments.views import PaymentView
from queue_server.application.slots.shown import public_slot
from queue_server.application.slots.views import SlotView
from queue_server.application.views import View
from queue_server.application.views.tracking import AppointmentView
from queue_server.store.db import Row
from scheduling_core.ids import HoldId
from scheduling_core.live_queue.state import EntryState, Mode
from scheduling_core.slots.ledger import Hold


class HoldView(View, frozen=True, kw_only=True):
    """A place that is kept for whoever asked, until `expires_at`."""

    hold_id: UUID
    expires_at: datetime
    mode: Mode
    renewable: bool
    """Whether it may be kept for longer once, while a payment for it is under way."""
    slot: SlotView


def hold_view(hold: HoldId, kept: Hold, slot: Row, now: datetime) -> HoldView:
    """Return a hold of the ledger with its slot as it is now."""
    return HoldView(
        hold_id=hold,
        expires_at=kept.expires_at,
        mode=kept.mode,
        renewable=not kept.renewed,
        slot=public_slot(slot, now),
    )


def hold_row_view(row: Row, slot: Row) -> HoldView:
    """Return a hold as `store.holds.live_hold_of` reads it, with its slot as it is then."""
    return HoldView(
        hold_id=row["hold_id"],
        expires_at=row["expires_at"],
        mode=Mode(row["mode"]),
        renewable=not row["renewed"],
        slot=public_slot(slot, row["now"]),
    )


class GuestHoldView(HoldView, frozen=True, kw_only=True):
    """A hold, with what a guest shows that it is theirs; once, when it is their first."""

    session_token: str | UnsetType = UNSET


class VisitView(View, frozen=True, kw_only=True):
    """An appointment as whoever has its link sees it, with what they may still do about it."""

    appointment: AppointmentView
    slot_id: UUID | None
    """None for what was never booked into a slot, or has given it back."""
    state: EntryState
    payment: PaymentView | None
    can_cancel_until: datetime
    """Until when patients may cancel or move it; staff always may."""
    may_cancel: bool
    may_reschedule: bool


class BookedAppointmentView(VisitView, frozen=True, kw_only=True):
    """An appointment as whoever has booked it sees it, and as staff do."""

    patient_id: UUID
    follow_up_of: UUID | None
    cancel_reason: str | None
    tracking_url: str


class CancelledAppointmentView(View, frozen=True, kw_only=True):
    """An appointment that was cancelled, and what becomes of its payment."""

    appointment: AppointmentView
    payment: PaymentView | None
