"""A queue as the desk has it, with names, and what each command of the desk is answered with."""

from datetime import datetime
from uuid import UUID

from queue_server.application.views import View
from queue_server.application.views.tracking import AppointmentView, DoctorView, NoticeView, WaitRange
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.live_queue.state import EntryState, Mode


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
    clinic_id: UUID
    clinic_name: str
    room: str
    """Where the patient is seen: a line is the doctor's, who may sit at two clinics in a day."""
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
