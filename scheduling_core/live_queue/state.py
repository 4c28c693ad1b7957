"""The folded state of a queue. Every value here is an id, an enum, a number or an instant: no personal data.

The structs are kept from the cyclic garbage collector (`gc=False`): frozen values of values cannot form a cycle, and a
server holds hundreds of thousands of them.
"""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from scheduling_core.ids import BroadcastId, ClinicId, DoctorId, EntryId, TenantId, TextId
from scheduling_core.live_queue.policy import QueuePolicy


class EntryState(StrEnum):
    """Where an entry stands."""

    EXPECTED = "expected"
    WAITING = "waiting"
    CALLED = "called"
    IN_CONSULTATION = "in_consultation"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


IN_LINE = frozenset({EntryState.EXPECTED, EntryState.WAITING})


class Priority(StrEnum):
    """How urgent a broadcast is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class Mode(StrEnum):
    """How patient and doctor meet."""

    IN_PERSON = "in_person"
    TELE = "tele"


class Cause(StrEnum):
    """Why somebody was overtaken."""

    TRIAGE = "triage"
    MOVED = "moved"
    PICKED = "picked"


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One appointment's place in one queue. Instants are aware and in UTC, durations in minutes."""

    id: EntryId
    ticket: str
    start: datetime
    window: datetime
    """Start of the clinic window that holds `start`."""
    seniority: datetime
    """When it was paid, else booked; frozen at 00:00 of the day, so that paying later moves nobody."""
    key_time: datetime
    """K of the rules: the arrival if late or walked in, else the window."""
    key_window: datetime
    """Start of the window that holds `key_time`."""
    duration: int = 15
    visit_type: str = "consultation"
    mode: Mode = Mode.IN_PERSON
    triage: int = 4
    state: EntryState = EntryState.EXPECTED
    pinned: bool = False
    late: bool = False
    walk_in: bool = False
    arrived_at: datetime | None = None
    called_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    grace_until: datetime | None = None
    prompted_at: datetime | None = None
    look_again_at: datetime | None = None
    """When the release of somebody absent was put off to."""
    skips: int = 0
    recalls: int = 0
    passed_over: int = 0
    """Calls that went past this entry while it was absent."""
    overtakes: dict[Cause, int] = msgspec.field(default_factory=dict)
    """The fairness ledger: how often others with less right were called first, by cause."""


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A broadcast in force; its words are kept apart under `text`."""

    id: BroadcastId
    text: TextId
    priority: Priority
    issued_at: datetime
    until: datetime
    estimated_delay: int | None = None


class Pace(msgspec.Struct, frozen=True, gc=False):
    """How long this doctor's consultations take of late."""

    minutes: float
    seen: int = 0


class Facet(StrEnum):
    """Parts of a queue, beside its entries, that a command can touch."""

    PAUSE = "pause"
    CLOSE = "close"
    DELAY = "delay"


class Former(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An entry as it was before a command, and who stood before it (not kept where its key alone says so)."""

    entry: Entry
    predecessors: tuple[EntryId, ...] = ()
    by_key: bool = False


class Undoable(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What must be known of a recent commit to undo it, or to see that it stands in the way of an undo."""

    version: int
    at: datetime
    command: str
    touched: tuple[EntryId, ...] = ()
    facets: tuple[Facet, ...] = ()
    former: tuple[Former, ...] = ()
    """In the order of the line, so that each finds who stood before it restored already."""
    created: tuple[EntryId, ...] = ()
    passed_over: tuple[EntryId, ...] = ()
    overtaken: tuple[tuple[EntryId, Cause], ...] = ()
    called: str | None = None
    """Ticket that was called, and the one called before it."""
    was_last_called: str | None = None
    was_paused: bool = False
    was_closed: bool = False
    was_pace: Pace | None = None
    """Set when a consultation was counted."""
    was_blocked_until: datetime | None = None
    was_notices: tuple[Notice, ...] = ()
    """Those that a newer one replaced, or for which there was no room."""
    notice: BroadcastId | None = None
    transfers: tuple[tuple[EntryId, DoctorId], ...] = ()
    """Who was handed to which doctor."""
    is_transfer_in: bool = False
    by_system: bool = False
    """The system's, or of a kind that is not undone."""
    is_undo: bool = False
    undone: bool = False


class Queue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One doctor's queue on one day."""

    tenant: TenantId
    doctor: DoctorId
    clinic: ClinicId
    date: str
    timezone: str
    day_start: datetime
    day_end: datetime
    policy: QueuePolicy
    pace: Pace
    version: int = 0
    updated_at: datetime
    ticket_prefix: str = ""
    tickets: int = 0
    entries: dict[EntryId, Entry] = msgspec.field(default_factory=dict)
    line: tuple[EntryId, ...] = ()
    paused: bool = False
    closed: bool = False
    blocked_until: datetime | None = None
    notices: tuple[Notice, ...] = ()
    recent: tuple[Undoable, ...] = ()
    last_called: str | None = None
    """Ticket that was called last."""

    def due(self, entry: Entry) -> datetime:
        """Return when `entry` should be here: its start, or the end of an announced delay if that is later."""
        if self.blocked_until is not None and self.blocked_until > entry.start:
            return self.blocked_until
        return entry.start

    def position_of(self, entry: EntryId) -> int | None:
        """Return the 1-based place in the line, 0 for somebody called or being seen, else None."""
        known = self.entries.get(entry)
        if known is None:
            return None
        if known.state in (EntryState.CALLED, EntryState.IN_CONSULTATION):
            return 0
        return self.line.index(entry) + 1 if known.state in IN_LINE else None

    def in_state(self, state: EntryState) -> Entry | None:
        """Return the first entry in `state`; called and in consultation hold one entry at most."""
        return next((e for e in self.entries.values() if e.state is state), None)

    def is_callable(self, entry: Entry, now: datetime) -> bool:
        """Return whether `entry` is here and its turn may come: its window runs, or it has special standing."""
        return entry.state is EntryState.WAITING and (
            entry.pinned or entry.late or entry.walk_in or entry.triage == 1 or now >= entry.window
        )

    def is_early_callable(self, entry: Entry, now: datetime) -> bool:
        """Return whether `entry` is here early enough to be seen when nobody else could be."""
        return entry.state is EntryState.WAITING and now >= entry.window - timedelta(minutes=self.policy.early_max)
