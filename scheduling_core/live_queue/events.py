"""What happened in a queue. Past tense; ids, enums, numbers and instants only.

An event records the decision with its outcome (places as indices, facts as values), so that folding it never
depends on the rules of the day it is read: a rule may change, history does not.
"""

from datetime import datetime

import msgspec

from scheduling_core.ids import BroadcastId, ClinicId, DoctorId, EntryId, TenantId, TextId
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.live_queue.state import Cause, Entry, Notice, Pace, Priority


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of all events."""


class QueueOpened(Event, frozen=True, kw_only=True, tag="queue_opened"):
    """A doctor's queue of one day began, with the policy and the pace it begins with."""

    tenant: TenantId
    doctor: DoctorId
    clinic: ClinicId
    date: str
    timezone: str
    day_start: datetime
    day_end: datetime
    policy: QueuePolicy
    pace: Pace
    ticket_prefix: str = ""


class EntryEnrolled(Event, frozen=True, kw_only=True, tag="entry_enrolled"):
    """An appointment has a place in the queue; `index` is its place in the line."""

    entry: Entry
    index: int


class EntryWalkedIn(Event, frozen=True, kw_only=True, tag="entry_walked_in"):
    """Somebody without an appointment was taken in; `index` is their place in the line."""

    entry: Entry
    index: int


class EntryCheckedIn(Event, frozen=True, kw_only=True, tag="entry_checked_in"):
    """Somebody has arrived; `index` is their new place, None when the place is kept."""

    entry: EntryId
    late: bool = False
    pinned: bool = False
    key_window: datetime | None = None
    index: int | None = None


class PaymentRecorded(Event, frozen=True, kw_only=True, tag="payment_recorded"):
    """A visit was paid; `seniority` and `index` are None when that came too late to count."""

    entry: EntryId
    paid_at: datetime
    seniority: datetime | None = None
    index: int | None = None


class EntryCalled(Event, frozen=True, kw_only=True, tag="entry_called"):
    """Somebody is called; who was passed over or overtaken by it is told, with the cause."""

    entry: EntryId
    passed_over: tuple[EntryId, ...] = ()
    overtaken: tuple[tuple[EntryId, Cause], ...] = ()


class EntryRecalled(Event, frozen=True, kw_only=True, tag="entry_recalled"):
    """Somebody who did not come is called again."""

    entry: EntryId


class ConsultationStarted(Event, frozen=True, kw_only=True, tag="consultation_started"):
    """The doctor sees the patient."""

    entry: EntryId


class ConsultationCompleted(Event, frozen=True, kw_only=True, tag="consultation_completed"):
    """The consultation is over."""

    entry: EntryId


class EntrySkipped(Event, frozen=True, kw_only=True, tag="entry_skipped"):
    """Somebody who was called was put back to the place `index`."""

    entry: EntryId
    index: int


class GraceStarted(Event, frozen=True, kw_only=True, tag="grace_started"):
    """Somebody is missing and has until an instant to turn up."""

    entry: EntryId
    until: datetime


class EntryMarkedNoShow(Event, frozen=True, kw_only=True, tag="entry_marked_no_show"):
    """Somebody did not come."""

    entry: EntryId


class EntryMoved(Event, frozen=True, kw_only=True, tag="entry_moved"):
    """Somebody was moved by hand, from one position to another (1 is the first)."""

    entry: EntryId
    was: int
    to: int
    reason: TextId | None = None


class EntryTriaged(Event, frozen=True, kw_only=True, tag="entry_triaged"):
    """The urgency of an entry was changed, which puts it at the place `index`."""

    entry: EntryId
    was: int
    triage: int
    index: int


class EntryTransferredOut(Event, frozen=True, kw_only=True, tag="entry_transferred_out"):
    """An entry has left for another doctor's queue."""

    entry: EntryId
    to_doctor: DoctorId


class EntryTransferredIn(Event, frozen=True, kw_only=True, tag="entry_transferred_in"):
    """An entry has come from another doctor's queue, to the place `index`."""

    entry: Entry
    from_doctor: DoctorId
    index: int


class EntryTakenBack(Event, frozen=True, kw_only=True, tag="entry_taken_back"):
    """An entry that was handed over is no longer here: the transfer was undone."""

    entry: EntryId


class EntryRescheduled(Event, frozen=True, kw_only=True, tag="entry_rescheduled"):
    """An appointment was given another time of the same day: `entry` as it is now, and its new place `index`."""

    entry: Entry
    index: int


class EntryRescheduledOut(Event, frozen=True, kw_only=True, tag="entry_rescheduled_out"):
    """An entry has left for another time, of another day or with another doctor."""

    entry: EntryId
    to_doctor: DoctorId
    to_date: str


class EntryRescheduledIn(Event, frozen=True, kw_only=True, tag="entry_rescheduled_in"):
    """An entry has come from another day's or doctor's queue, with a ticket of this one, to the place `index`."""

    entry: Entry
    from_doctor: DoctorId
    from_date: str
    index: int


class EntryCancelled(Event, frozen=True, kw_only=True, tag="entry_cancelled"):
    """The appointment of an entry was cancelled."""

    entry: EntryId
    reason: TextId | None = None


class QueuePausedEvent(Event, frozen=True, kw_only=True, tag="queue_paused"):
    """Nobody is called until the queue is resumed."""


class QueueResumed(Event, frozen=True, kw_only=True, tag="queue_resumed"):
    """The pause is over."""


class DayClosed(Event, frozen=True, kw_only=True, tag="day_closed"):
    """The day is over: nobody is called any more."""


class BroadcastIssued(Event, frozen=True, kw_only=True, tag="broadcast_issued"):
    """A message went to everybody; with an `estimated_delay`, `blocked_until` is the new end of the delay."""

    broadcast: BroadcastId
    text: TextId
    priority: Priority
    until: datetime
    estimated_delay: int | None = None
    blocked_until: datetime | None = None


class ArrivalPrompted(Event, frozen=True, kw_only=True, tag="arrival_prompted"):
    """Somebody who is due and not here was prompted, and so was the desk."""

    entry: EntryId


class ReleaseDeferred(Event, frozen=True, kw_only=True, tag="release_deferred"):
    """A missing patient's place was not released yet; the queue looks again at an instant."""

    entry: EntryId
    look_again_at: datetime


class PolicyAdopted(Event, frozen=True, kw_only=True, tag="policy_adopted"):
    """The queue follows another policy of its clinic from now on."""

    policy: QueuePolicy


class Restored(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry as it is after an undo; `index` is its place in the line, None outside it."""

    entry: Entry
    index: int | None = None


class CommandUndone(Event, frozen=True, kw_only=True, tag="command_undone"):
    """Compensation of the commit `undone`: entries restored in order, entries it had created withdrawn.

    The indices count in the line without all that is restored, each restored one being put in before the next.
    """

    undone: int
    restored: tuple[Restored, ...] = ()
    withdrawn: tuple[EntryId, ...] = ()
    passed_over: tuple[EntryId, ...] = ()
    overtaken: tuple[tuple[EntryId, Cause], ...] = ()
    restores_last_called: bool = False
    last_called: str | None = None
    paused: bool | None = None
    closed: bool | None = None
    pace: Pace | None = None
    restores_delay: bool = False
    blocked_until: datetime | None = None
    notice: BroadcastId | None = None
    notices: tuple[Notice, ...] = ()
    """Announced delays that are in force again."""


QueueEvent = (
    QueueOpened
    | EntryEnrolled
    | EntryWalkedIn
    | EntryCheckedIn
    | PaymentRecorded
    | EntryCalled
    | EntryRecalled
    | ConsultationStarted
    | ConsultationCompleted
    | EntrySkipped
    | GraceStarted
    | EntryMarkedNoShow
    | EntryMoved
    | EntryTriaged
    | EntryTransferredOut
    | EntryTransferredIn
    | EntryTakenBack
    | EntryRescheduled
    | EntryRescheduledOut
    | EntryRescheduledIn
    | EntryCancelled
    | QueuePausedEvent
    | QueueResumed
    | DayClosed
    | BroadcastIssued
    | ArrivalPrompted
    | ReleaseDeferred
    | PolicyAdopted
    | CommandUndone
)

SCHEMA_VERSION = 1
"""Version that new events are written with; an upcaster per step brings older ones up to it."""


def type_of(event: Event) -> str:
    """Return the stable name of the event's type."""
    return str(event.__struct_config__.tag)
