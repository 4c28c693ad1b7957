"""Slots as clients see them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from queue_server.application.payments.views import PaymentView
from queue_server.application.views import View
from queue_server.application.views.tracking import AppointmentView
from scheduling_core.slots.times import PartOfDay


class SlotStatus(StrEnum):
    """Whether a slot can be booked, and why not."""

    FREE = "free"
    FULL = "full"
    HELD = "held"
    """Somebody is about to book the last place; it is free again if they do not."""
    BLOCKED = "blocked"
    PAST = "past"
    WITHDRAWN = "withdrawn"
    """The calendar does not offer it any more; whoever has booked it keeps it."""


class PlacesView(View, frozen=True, kw_only=True):
    """How many patients can still be booked; nobody in person by video, nor the reverse."""

    in_person: int
    tele: int


class SlotView(View, frozen=True, kw_only=True):
    """A slot as everybody may see it."""

    id: UUID
    doctor_id: UUID
    doctor_name: str
    clinic_id: UUID
    start: datetime
    end: datetime
    date: str
    part_of_day: PartOfDay
    remaining: PlacesView
    status: SlotStatus
    room_id: UUID | None
    version: int


class SlotCapacityView(View, frozen=True, kw_only=True):
    """How many patients a slot takes, or has taken."""

    in_person: int
    tele: int
    total: int


class StaffSlotView(SlotView, frozen=True, kw_only=True):
    """A slot as staff see it. `by_hand`: somebody has set its capacity, so generation leaves it alone."""

    equipment_ids: tuple[UUID, ...]
    schedule_id: UUID
    capacity: SlotCapacityView
    taken: SlotCapacityView
    by_hand: bool
    block_reason: str | None


class SlotBookingView(View, frozen=True, kw_only=True):
    """A booking: the appointment with its ticket, the slot as it is now (for staff with all they see of one), and the
    patient's tracking link."""

    appointment: AppointmentView
    slot: SlotView
    tracking_token: str
    tracking_url: str
    payment: PaymentView | None = None
    """Of the hold it was booked from, if one was begun."""


class GenerationView(View, frozen=True, kw_only=True):
    """How many doctors' slots are being generated now."""

    doctors: int


class SlotPolicyView(View, frozen=True, kw_only=True):
    """How far ahead slots are generated, and how long before its start a patient may still book one."""

    horizon_days: int
    lead_minutes: int
    version: int


class SlotStateView(View, frozen=True, kw_only=True):
    """How a slot is now, in few words; of two about the same slot the one with the higher version counts.

    `expiresAt`: until when the hold that is meant, or else the first of the slot's holds, keeps its place.
    """

    slot_id: UUID
    doctor_id: UUID
    clinic_id: UUID
    start: datetime
    date: str
    status: SlotStatus
    remaining: PlacesView
    version: int
    expires_at: datetime | UnsetType = UNSET


class SlotChangeView(SlotStateView, frozen=True, kw_only=True):
    """What happened to a slot (`slot_availability_changed`, `hold_created`, `hold_released` or `slot_booked`), and how
    it is now."""

    event: str


class SlotRangeView(View, frozen=True, kw_only=True):
    """Many slots between two dates may have changed: look again. Of any doctor, if none is named."""

    doctor_id: UUID | None
    from_: str = msgspec.field(name="from")
    to: str


class WatchingView(View, frozen=True, kw_only=True):
    """Acknowledgement of `watch-availability`: with a doctor, the times that can be booked or are held at present.

    `more`: there are more times than come; ask for fewer days.
    """

    watching: bool
    slots: tuple[SlotStateView, ...] | UnsetType = UNSET
    more: bool | UnsetType = UNSET


class SlotChangesView(View, frozen=True, kw_only=True):
    """What has happened to a doctor's slots since a cursor, each slot once, as it is now.

    `cursor` is what to ask with next. `lookAgain`: so much has happened, or the cursor is so old, that the changes are
    not told one by one. `pauseSeconds`: wait so long before asking again.
    """

    cursor: str
    changes: tuple[SlotChangeView, ...]
    look_again: bool
    pause_seconds: int


class FreeDayView(View, frozen=True, kw_only=True):
    """How many times of a day can be booked; `more`: at least so many."""

    date: str
    free: int
    more: bool
