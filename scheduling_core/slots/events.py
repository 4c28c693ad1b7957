"""What happens to a doctor's slots. Past tense; ids, numbers, dates and instants only.

Generation is one event for each doctor and range, not one a slot: the slots themselves are derived from the calendar.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from scheduling_core.ids import ClinicId, DoctorId, EntryId, EquipmentId, HoldId, SlotId, TextId
from scheduling_core.live_queue.state import Mode


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Base of all slot events: each names the doctor, so that it can be read on its own."""

    doctor: DoctorId


class SlotsGenerated(Event, frozen=True, kw_only=True, tag="slots_generated"):
    """The slots of a doctor from `first` to `last` (dates by the clinics' clocks) follow the calendar again."""

    first: date
    last: date
    added: int
    removed: int
    changed: int = 0
    kept: int = 0
    conflicts: int = 0
    """Appointments in the range whose time is not open."""


class SlotBlocked(Event, frozen=True, kw_only=True, tag="slot_blocked"):
    """Nobody can book it until it is unblocked; who has booked it comes all the same."""

    slot: SlotId
    start: datetime
    reason: TextId | None = None


class SlotUnblocked(Event, frozen=True, kw_only=True, tag="slot_unblocked"):
    """It can be booked again, or it went away, because the calendar does not know it any more."""

    slot: SlotId
    start: datetime


class SlotCapacityChanged(Event, frozen=True, kw_only=True, tag="slot_capacity_changed"):
    """How many it takes in person, by video and altogether, as somebody has set it."""

    slot: SlotId
    start: datetime
    in_person: int
    tele: int
    total: int


class HolderKind(StrEnum):
    """As what somebody keeps a place."""

    STAFF = "staff"
    PATIENT = "patient"
    GUEST = "guest"
    """Without an account: known by a session token alone."""
    WAITLIST = "waitlist"
    """Somebody who was invited from the waitlist, by their entry."""


class HoldCreated(Event, frozen=True, kw_only=True, tag="hold_created"):
    """One place is kept for somebody until the hold expires."""

    hold: HoldId
    slot: SlotId
    clinic: ClinicId
    start: datetime
    mode: Mode
    holder_kind: HolderKind
    holder: UUID
    """The account, or the digest of a guest's session token."""
    expires_at: datetime


class HoldRenewed(Event, frozen=True, kw_only=True, tag="hold_renewed"):
    """The place is kept for longer, because a payment for it is under way; once."""

    hold: HoldId
    slot: SlotId
    expires_at: datetime


class HoldEnd(StrEnum):
    """How a hold ended before its time."""

    GIVEN_UP = "given_up"
    SLOT_CLOSED = "slot_closed"
    """The time is not offered any more: it was blocked, or closed by the calendar."""


class HoldReleased(Event, frozen=True, kw_only=True, tag="hold_released"):
    """The place is free again."""

    hold: HoldId
    slot: SlotId
    why: HoldEnd = HoldEnd.GIVEN_UP


class HoldExpired(Event, frozen=True, kw_only=True, tag="hold_expired"):
    """Nobody came back in time: the place is free again."""

    hold: HoldId
    slot: SlotId


class SlotBooked(Event, frozen=True, kw_only=True, tag="slot_booked"):
    """One place of the slot belongs to an appointment."""

    slot: SlotId
    appointment: EntryId
    clinic: ClinicId
    start: datetime
    mode: Mode
    hold: HoldId | None = None
    equipment: tuple[EquipmentId, ...] = ()
    """That it needs beside what the slot names."""


class SlotGivenBack(Event, frozen=True, kw_only=True, tag="slot_given_back"):
    """An appointment was cancelled or moved: its place is free again."""

    slot: SlotId
    appointment: EntryId
    mode: Mode


SlotEvent = (
    SlotsGenerated
    | SlotBlocked
    | SlotUnblocked
    | SlotCapacityChanged
    | HoldCreated
    | HoldRenewed
    | HoldReleased
    | HoldExpired
    | SlotBooked
    | SlotGivenBack
)
