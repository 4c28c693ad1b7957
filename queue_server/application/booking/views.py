"""Holds and appointments as clients see them."""

from datetime import datetime
from uuid import UUID

from msgspec import UNSET, UnsetType

from queue_server.application.slots.views import SlotView
from queue_server.application.views import View
from scheduling_core.live_queue.state import Mode


class HoldView(View, frozen=True, kw_only=True):
    """A place that is kept for whoever asked, until `expires_at`."""

    hold_id: UUID
    expires_at: datetime
    mode: Mode
    renewable: bool
    """Whether it may be kept for longer once, while a payment for it is under way."""
    slot: SlotView


class GuestHoldView(HoldView, frozen=True, kw_only=True):
    """A hold, with what a guest shows that it is theirs; once, when it is their first."""

    session_token: str | UnsetType = UNSET
