"""What can be asked of a queue. Imperatives; plain values."""

from datetime import datetime

import msgspec

from scheduling_core.ids import BroadcastId, ClinicId, DoctorId, EntryId, TenantId, TextId
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.live_queue.state import Entry, Mode, Pace, Priority


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all commands."""


class OpenQueue(Command, frozen=True, kw_only=True):
    """Make the queue of a doctor and day; nothing happens when it is there."""

    tenant: TenantId
    doctor: DoctorId
    clinic: ClinicId
    date: str
    timezone: str
    policy: QueuePolicy
    pace: Pace
    ticket_prefix: str = ""


class EnrolEntry(Command, frozen=True, kw_only=True):
    """Put a booked appointment into the queue."""

    entry: EntryId
    start: datetime
    booked_at: datetime
    paid_at: datetime | None = None
    duration: int = 15
    visit_type: str = "consultation"
    mode: Mode = Mode.IN_PERSON
    triage: int = 4


class WalkIn(Command, frozen=True, kw_only=True):
    """Put somebody into the queue who came without an appointment."""

    entry: EntryId
    paid_at: datetime | None = None
    duration: int = 15
    visit_type: str = "consultation"
    triage: int = 4


class CheckInEntry(Command, frozen=True, kw_only=True):
    """The patient is here."""

    entry: EntryId


class RecordPayment(Command, frozen=True, kw_only=True):
    """The appointment was paid; counts for the order only before the day begins."""

    entry: EntryId
    paid_at: datetime


class CallNext(Command, frozen=True, kw_only=True):
    """Call the next patient, or a chosen one who waits."""

    entry: EntryId | None = None


class RecallEntry(Command, frozen=True, kw_only=True):
    """Call the called patient again."""

    entry: EntryId


class StartConsultation(Command, frozen=True, kw_only=True):
    """The called patient goes in."""

    entry: EntryId
    complete_current: bool = False


class CompleteConsultation(Command, frozen=True, kw_only=True):
    """The patient is done."""

    entry: EntryId


class SkipEntry(Command, frozen=True, kw_only=True):
    """Put the patient a few places back."""

    entry: EntryId


class MarkNoShow(Command, frozen=True, kw_only=True):
    """Start the grace time, or, when it is over, mark the patient as not shown. `grace` in minutes."""

    entry: EntryId
    grace: int | None = None


class MoveEntry(Command, frozen=True, kw_only=True):
    """Put the entry at a position of the line, 1 being first."""

    entry: EntryId
    to: int
    reason: TextId | None = None


class TriageEntry(Command, frozen=True, kw_only=True):
    """Set the urgency, 1 being most urgent."""

    entry: EntryId
    triage: int


class TransferOut(Command, frozen=True, kw_only=True):
    """Hand the entry to another doctor's queue."""

    entry: EntryId
    to_doctor: DoctorId


class TransferIn(Command, frozen=True, kw_only=True):
    """Take an entry over from another doctor's queue; `entry` holds its facts there."""

    entry: Entry
    from_doctor: DoctorId


class TakeBack(Command, frozen=True, kw_only=True):
    """Remove an entry that was taken over, because the transfer is undone; refused when it was touched since."""

    entry: EntryId


class RescheduleEntry(Command, frozen=True, kw_only=True):
    """Give the entry another time of the same day, in the same queue; `duration` in minutes."""

    entry: EntryId
    start: datetime
    duration: int
    mode: Mode


class RescheduleOut(Command, frozen=True, kw_only=True):
    """Let the entry go to another day's or another doctor's queue, where it is given another time."""

    entry: EntryId
    to_doctor: DoctorId
    to_date: str


class RescheduleIn(Command, frozen=True, kw_only=True):
    """Take an entry in that was given a time in this queue; `entry` holds its facts where it was.

    It was booked and paid when it was, not when it was moved: whoever is moved keeps the rank that gives.
    """

    entry: Entry
    from_doctor: DoctorId
    from_date: str
    start: datetime
    duration: int
    mode: Mode
    booked_at: datetime
    paid_at: datetime | None = None


class CancelEntry(Command, frozen=True, kw_only=True):
    """The appointment will not take place."""

    entry: EntryId
    reason: TextId | None = None


class PauseQueue(Command, frozen=True, kw_only=True):
    """Nobody is called until the queue is resumed."""


class ResumeQueue(Command, frozen=True, kw_only=True):
    """Go on calling."""


class CloseDay(Command, frozen=True, kw_only=True):
    """End the day: who is absent did not show, who waits is cancelled."""


class IssueBroadcast(Command, frozen=True, kw_only=True):
    """Tell everybody in the queue something; `estimated_delay` minutes shift what is due, None leaves it."""

    broadcast: BroadcastId
    text: TextId
    priority: Priority
    estimated_delay: int | None = None


class UndoCommand(Command, frozen=True, kw_only=True):
    """Take back the command of reception that made `version`."""

    version: int


class AdoptPolicy(Command, frozen=True, kw_only=True):
    """Take over the clinic's new policy, but for the window length."""

    policy: QueuePolicy


class Tick(Command, frozen=True, kw_only=True):
    """Do what time demands: prompts, releases, ends of grace, end of the day."""
