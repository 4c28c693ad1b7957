"""The windows of a queue: who is in them, where they overlap, and which suits somebody new."""

from datetime import datetime
from uuid import UUID

from queue_server.application.views import View
from queue_server.application.views.desk import StaffEntry


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
