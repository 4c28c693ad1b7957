"""A queue as a waiting room reads it: tickets only."""

from datetime import datetime
from uuid import UUID

from queue_server.application.views import View
from queue_server.application.views.tracking import DoctorView, NoticeView, WaitRange
from scheduling_core.live_queue.state import EntryState


class DisplayEntry(View, frozen=True, kw_only=True):
    """One ticket as a waiting room reads it. `id` is the display's own, it says nothing about the appointment."""

    id: UUID
    ticket: str
    state: EntryState
    position: int | None
    room: str
    called_at: datetime | None
    started_at: datetime | None
    recalls: int
    estimated_wait_time: int | None
    estimated_wait_range: WaitRange | None
    estimated_start_at: datetime | None


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
