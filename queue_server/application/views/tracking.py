"""An appointment and its place in the queue as the patient follows them: nobody else is named."""

from datetime import datetime
from uuid import UUID

from queue_server.application.views import View
from scheduling_core.live_queue.state import EntryState, Mode, Priority


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
