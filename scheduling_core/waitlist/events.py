"""What happens to somebody who waits for a time. Past tense; ids, codes and instants only."""

from datetime import datetime
from enum import StrEnum

import msgspec

from scheduling_core.ids import ClinicId, DoctorId, EntryId, HoldId, InviteId, PatientId, SlotId, TextId, WaitlistId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.times import PartOfDay


class Urgency(StrEnum):
    """How soon somebody should be seen, as the clinic judges it."""

    ROUTINE = "routine"
    SOON = "soon"
    URGENT = "urgent"


class EndOfInvite(StrEnum):
    """Why an invite came to nothing."""

    DECLINED = "declined"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"
    """By staff, or with the entry it was for."""
    TIME_GONE = "time_gone"
    """The clinic does not offer the time any more."""


class Window(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When somebody would like to come: between two instants, in some parts of the day; any time otherwise."""

    start: datetime | None = None
    end: datetime | None = None
    parts_of_day: tuple[PartOfDay, ...] = ()


class Wish(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody waits for; all of it may be changed while they wait."""

    window: Window = Window()
    mode: Mode | None = None
    """None: however they can be seen sooner."""
    visit_type: str = "consultation"
    urgency: Urgency = Urgency.ROUTINE
    short_notice: bool = False
    """A time that begins soon is booked for them without asking."""
    notes: TextId | None = None
    metadata: TextId | None = None


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the list that staff have given somebody."""

    position: int
    """From 1 on."""
    reason: TextId


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Base of all events of entries."""


class WaitlistJoined(Event, frozen=True, kw_only=True, tag="waitlist_joined"):
    """Somebody waits for a time, with one doctor or with any of a clinic."""

    entry: WaitlistId
    clinic: ClinicId
    patient: PatientId
    wish: Wish
    expires_at: datetime
    doctor: DoctorId | None = None


class WaitlistEdited(Event, frozen=True, kw_only=True, tag="waitlist_edited"):
    """They wait for something else now; their time goes on."""

    wish: Wish


class WaitlistOverridden(Event, frozen=True, kw_only=True, tag="waitlist_overridden"):
    """Staff have given them a place in the list, or taken it back."""

    override: Override | None = None


class WaitlistDeferred(Event, frozen=True, kw_only=True, tag="waitlist_deferred"):
    """Nothing is offered to them until then; they keep the time they have waited."""

    until: datetime


class WaitlistResumed(Event, frozen=True, kw_only=True, tag="waitlist_resumed"):
    """Times are offered to them again."""


class WaitlistInvited(Event, frozen=True, kw_only=True, tag="waitlist_invited"):
    """A time is offered to them, and held for them until they have to answer."""

    invite: InviteId
    hold: HoldId
    slot: SlotId
    doctor: DoctorId
    start: datetime
    mode: Mode
    respond_by: datetime
    by_hand: bool = False
    """Staff have chosen them; else the list has."""


class WaitlistInviteEnded(Event, frozen=True, kw_only=True, tag="waitlist_invite_ended"):
    """The offer came to nothing, and they wait on."""

    invite: InviteId
    why: EndOfInvite


class WaitlistPromoted(Event, frozen=True, kw_only=True, tag="waitlist_promoted"):
    """They have an appointment."""

    appointment: EntryId
    invite: InviteId | None = None
    """Which they accepted; None when they were given the time directly."""
    freed_at: datetime | None = None
    """When the time was given back by whoever had it; None for one that nobody had."""


class WaitlistExpired(Event, frozen=True, kw_only=True, tag="waitlist_expired"):
    """They have waited for as long as the clinic keeps anybody in the list."""


class WaitlistCancelled(Event, frozen=True, kw_only=True, tag="waitlist_cancelled"):
    """They wait no longer."""

    reason: TextId | None = None


WaitlistEvent = (
    WaitlistJoined
    | WaitlistEdited
    | WaitlistOverridden
    | WaitlistDeferred
    | WaitlistResumed
    | WaitlistInvited
    | WaitlistInviteEnded
    | WaitlistPromoted
    | WaitlistExpired
    | WaitlistCancelled
)
