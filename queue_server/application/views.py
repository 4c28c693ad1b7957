"""What clients see: the shapes that HTTP, sockets and the screens share (TypeScript types are made from here).

JSON is camelCase. Instants are RFC 3339 in UTC, durations in minutes, dates in the clinic's zone.
Anything a patient or a display receives names nobody else: tickets only.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.live_queue.state import EntryState, Mode, Priority
from scheduling_core.permissions import Role


class View(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Base of everything that leaves the server. Values of values, so no cycle for a garbage collector to find."""


# ---- a patient's own view -------------------------------------------------------------------------------------


class ClinicView(View, frozen=True, kw_only=True):
    id: UUID
    name: str
    timezone: str
    address: str


class DoctorView(View, frozen=True, kw_only=True):
    id: UUID
    name: str
    specialty: str


class AppointmentView(View, frozen=True, kw_only=True):
    """The appointment behind a tracking link. `greeting` is the patient's own given name, nobody else's."""

    id: UUID
    ticket: str
    start: datetime
    duration_minutes: int
    visit_type: str
    mode: Mode
    status: EntryState
    clinic: ClinicView
    doctor: DoctorView
    room: str
    greeting: str
    language: str


class WaitRange(View, frozen=True, kw_only=True):
    """Minutes until the consultation starts: half of the patients wait at most p50, nine of ten at most p90."""

    p50: int
    p90: int


class NoticeView(View, frozen=True, kw_only=True):
    """A broadcast in force."""

    broadcast_id: UUID
    message: str
    priority: Priority
    estimated_delay: int | None
    issued_at: datetime
    until: datetime


class QueueView(View, frozen=True, kw_only=True):
    """A patient's own view of the queue. `position` is None once the entry has left the line for good."""

    position: int | None
    total: int
    ahead: int | None
    estimated_wait_time: int | None
    estimated_wait_range: WaitRange | None
    estimated_start_at: datetime | None
    arrive_by: datetime | None
    state: EntryState
    queue_status: str
    prompted: bool
    """Expected, over the time, and asked to check in."""
    last_called: str | None
    delay_minutes: int
    paused: bool
    closed: bool
    grace_until: datetime | None
    notices: tuple[NoticeView, ...]
    window: datetime
    epoch: int
    version: int
    updated_at: datetime


class TrackedView(View, frozen=True, kw_only=True):
    """`data` of GET /track/{token} and of `queue-joined` and `queue-status`."""

    appointment: AppointmentView
    queue: QueueView


class PlaceChange(View, frozen=True, kw_only=True):
    """One moment at which a patient's place changed; `reason` is a stable word, `explanation` a sentence."""

    at: datetime
    version: int
    was: int | None
    now: int | None
    reason: str
    explanation: str


# ---- staff ------------------------------------------------------------------------------------------------------


class StaffEntry(View, frozen=True, kw_only=True):
    """One entry as reception sees it."""

    id: UUID
    ticket: str
    name: str | None
    phone: str | None
    start: datetime
    duration_minutes: int
    visit_type: str
    mode: Mode
    triage: int
    state: EntryState
    position: int | None
    window: datetime
    pinned: bool
    late: bool
    early: bool
    walk_in: bool
    callable: bool
    passed_over: bool
    arrived_at: datetime | None
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    grace_until: datetime | None
    prompted_at: datetime | None
    skips: int
    recalls: int
    overtakes: dict[str, int]
    estimated_wait_time: int | None
    estimated_wait_range: WaitRange | None
    estimated_start_at: datetime | None


class DisplayEntry(View, frozen=True, kw_only=True):
    """One ticket as a waiting room reads it. `id` is the display's own, it says nothing about the appointment."""

    id: UUID
    ticket: str
    state: EntryState
    position: int | None
    called_at: datetime | None
    started_at: datetime | None
    recalls: int
    estimated_wait_time: int | None
    estimated_wait_range: WaitRange | None
    estimated_start_at: datetime | None


class UndoView(View, frozen=True, kw_only=True):
    """A command that can still be undone."""

    version: int
    command: str
    entry_id: UUID | None
    ticket: str | None
    until: datetime


class QueueHeader(View, frozen=True, kw_only=True):
    """The head of a lane: everything but the entries."""

    doctor: DoctorView
    room: str
    clinic_id: UUID
    clinic_name: str
    timezone: str
    date: str
    paused: bool
    closed: bool
    delay_minutes: int
    blocked_until: datetime | None
    notices: tuple[NoticeView, ...]
    now_serving: str | None
    last_called: str | None
    usual_minutes: float
    undo: tuple[UndoView, ...]
    policy: QueuePolicy
    updated_at: datetime


class DisplayHeader(View, frozen=True, kw_only=True):
    """The head of a lane as a waiting room reads it."""

    doctor: DoctorView
    room: str
    clinic_name: str
    timezone: str
    date: str
    paused: bool
    closed: bool
    delay_minutes: int
    notices: tuple[NoticeView, ...]
    now_serving: str | None
    last_called: str | None
    updated_at: datetime


class StaffQueue(View, frozen=True, kw_only=True):
    """`queue-state`: a whole queue. `line` holds the ids of those in line, in order; `entries` everybody of the day."""

    doctor_id: UUID
    date: str
    epoch: int
    version: int
    header: QueueHeader
    line: tuple[UUID, ...]
    entries: tuple[StaffEntry, ...]


class StaffPatch(View, frozen=True, kw_only=True):
    """`queue-patch`: from `from_version` to `version`; a client that holds another version asks for the state."""

    doctor_id: UUID
    date: str
    epoch: int
    from_version: int
    version: int
    header: QueueHeader
    line: tuple[UUID, ...]
    changed: tuple[StaffEntry, ...]
    removed: tuple[UUID, ...]


class DisplayQueue(View, frozen=True, kw_only=True):
    """`queue-state` for displays: tickets that wait, are called or are being seen; nobody else, and no names."""

    doctor_id: UUID
    date: str
    epoch: int
    version: int
    header: DisplayHeader
    line: tuple[UUID, ...]
    entries: tuple[DisplayEntry, ...]


class DisplayPatch(View, frozen=True, kw_only=True):
    """`queue-patch` for displays; read like a `StaffPatch`."""

    doctor_id: UUID
    date: str
    epoch: int
    from_version: int
    version: int
    header: DisplayHeader
    line: tuple[UUID, ...]
    changed: tuple[DisplayEntry, ...]
    removed: tuple[UUID, ...]


class QueueCommandResult(View, frozen=True, kw_only=True):
    """`data` of every desk command."""

    queue: StaffQueue
    version: int


class NoShowResult(View, frozen=True, kw_only=True):
    result: str
    """`grace_running` or `no_show`."""
    deadline: datetime | None
    queue: StaffQueue
    version: int


class TransferResult(View, frozen=True, kw_only=True):
    """Both queues after a transfer; `queue` is the one that was left."""

    queue: StaffQueue
    target: StaffQueue
    version: int


class AbsentResult(View, frozen=True, kw_only=True):
    """Who went where when a doctor is absent."""

    moved: tuple[UUID, ...]
    queue: StaffQueue
    version: int


class WalkInResult(View, frozen=True, kw_only=True):
    appointment: AppointmentView
    queue: StaffQueue
    version: int
    tracking_token: str
    tracking_url: str


class BroadcastResult(View, frozen=True, kw_only=True):
    broadcast_id: UUID
    recipients: int
    version: int


# ---- windows, suggestions, statistics ------------------------------------------------------------------------------


class WindowView(View, frozen=True, kw_only=True):
    start: datetime
    end: datetime
    capacity: int
    appointments: tuple[StaffEntry, ...]


class WindowsView(View, frozen=True, kw_only=True):
    windows: tuple[WindowView, ...]
    version: int


class Overlap(View, frozen=True, kw_only=True):
    """Two appointments of one window that want the doctor at the same time."""

    first: UUID
    second: UUID
    start: datetime
    end: datetime
    minutes: int


class OverlapsView(View, frozen=True, kw_only=True):
    overlaps: tuple[Overlap, ...]
    queue: tuple[StaffEntry, ...]


class SlotPosition(View, frozen=True, kw_only=True):
    slot_position: int | None
    slot_total: int
    window: datetime
    position: int | None


class Suggestion(View, frozen=True, kw_only=True):
    time_slot: str
    start: datetime
    end: datetime
    current_appointments: int
    estimated_wait_time: int
    priority_score: int
    reasons: tuple[str, ...]


class SuggestionsView(View, frozen=True, kw_only=True):
    suggestions: tuple[Suggestion, ...]


class PeakHour(View, frozen=True, kw_only=True):
    hour: str
    appointments: int


class StatisticsView(View, frozen=True, kw_only=True):
    """Figures of one queue; rates between 0 and 1, waits and durations in minutes (None before the first one)."""

    total_appointments: int
    completed: int
    waiting: int
    no_shows: int
    no_show_rate: float
    average_wait_time: float | None
    median_wait_time: float | None
    p90_wait_time: float | None
    peak_hours: tuple[PeakHour, ...]
    early_arrivals: int
    average_early_minutes: float | None
    late_arrivals: int
    overtakes: int
    average_consultation_time: float | None


# ---- accounts, clinics, people ------------------------------------------------------------------------------------


class AccountView(View, frozen=True, kw_only=True):
    id: UUID
    tenant_id: UUID
    email: str
    name: str
    role: Role
    clinic_ids: tuple[UUID, ...]
    doctor_id: UUID | None
    patient_id: UUID | None
    disabled: bool
    version: int


class SignedIn(View, frozen=True, kw_only=True):
    """`data` of login and refresh; `expires_in` in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    user: AccountView


class Capacity(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Caps of a clinic; None means none."""

    per_day: int | None = None
    per_window: int | None = None


class Holidays(View, frozen=True, kw_only=True):
    """Whose public holidays a clinic keeps: a country (ISO 3166-1 alpha-2), and a part of it or all of it."""

    country: str
    region: str | None


class ClinicDetail(View, frozen=True, kw_only=True):
    id: UUID
    slug: str
    name: str
    timezone: str
    address: str
    capacity: Capacity
    queue_policy: QueuePolicy
    holidays: Holidays | None = None
    active: bool
    version: int


class IssuerView(View, frozen=True, kw_only=True):
    """The external identity provider that a tenant trusts."""

    issuer: str
    audience: str
    jwks_uri: str
    algorithms: tuple[str, ...]
    updated_at: datetime


class LaneDoctor(View, frozen=True, kw_only=True):
    """A doctor as the desk lists them."""

    id: UUID
    name: str
    specialty: str
    room: str
    clinic_id: UUID
    clinic_name: str
    ticket_prefix: str


class PatientView(View, frozen=True, kw_only=True):
    id: UUID
    name: str
    phone: str | None
    email: str | None
    language: str


class FoundAppointment(View, frozen=True, kw_only=True):
    """A hit of the desk's patient search: a person and, if there is one, today's place."""

    patient: PatientView
    appointment_id: UUID | None
    doctor_id: UUID | None
    doctor_name: str | None
    start: datetime | None
    ticket: str | None
    state: EntryState | None


class PersonView(View, frozen=True, kw_only=True):
    """Somebody of the staff, by the account they sign in with."""

    id: UUID
    name: str


class ChangeView(View, frozen=True, kw_only=True):
    """What somebody else has changed since a client looked, and to which version; `by` is null for the system."""

    field: str
    by: PersonView | None
    at: datetime
    version: int


class Problem(View, frozen=True, kw_only=True):
    """RFC 9457 problem document. `changes` comes with 412 where it is known what others have changed."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: tuple[dict[str, str], ...] = ()
    changes: tuple[ChangeView, ...] | UnsetType = UNSET


# ---- socket messages that are not one of the above ------------------------------------------------------------------


class Connected(View, frozen=True, kw_only=True):
    client_id: str
    server_time: datetime


class QueueJoined(View, frozen=True, kw_only=True):
    room_id: str
    recovered: bool
    data: TrackedView


class QueueUpdateData(View, frozen=True, kw_only=True):
    queue: QueueView


class QueueUpdate(View, frozen=True, kw_only=True):
    data: QueueUpdateData


class QueueStatus(View, frozen=True, kw_only=True):
    data: TrackedView


class QueueBroadcast(View, frozen=True, kw_only=True):
    reason: str
    doctor_id: UUID
    date: str
    epoch: int
    version: int
    now_serving: str | None


class QueueWatchers(View, frozen=True, kw_only=True):
    """Who follows a queue on a phone at present. A phone with two tabs counts as two phones and one entry."""

    doctor_id: UUID
    date: str
    phones: int
    entries: tuple[UUID, ...] | None
    """Entries that somebody follows; None when they are too many to tell."""


class SocketError(View, frozen=True, kw_only=True):
    code: str
    message: str
    retryable: bool


class Acknowledgement(View, frozen=True, kw_only=True):
    """What a command on `/staff` is answered with."""

    ok: bool
    version: int | None = None
    result: Any = None
    problem: Problem | None = None
