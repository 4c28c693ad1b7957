"""The windows of a queue: who is in them, where they overlap, and which suits somebody new."""

from datetime import datetime
from uuid import UUID

from queue_server.application.views import View
from queue_server.application.views.desk import StaffEntry
from queue_server.application.views.tracking import WaitRange
from scheduling_core.live_queue.suggestions import Aspect, Reason


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


class SuggestionPoints(View, frozen=True, kw_only=True):
    """What a window earns in one respect (`room`, `wait`, `calm`, `hour`), of how many points, and why.

    `reason` is a sentence, `code` the same as a stable word (null when there is nothing to say), and `numbers` what
    belongs into it: `free`, `taken`, `places`, `minutes`, `pairs`.
    """

    aspect: Aspect
    points: int
    of: int
    reason: str
    code: Reason | None
    numbers: dict[str, int]


class Suggestion(View, frozen=True, kw_only=True):
    """A window that suits. `priorityScore` is the share of its points, in percent; `freeSlots` is null on a day without
    slots; `overlaps` counts pairs of appointments that want the doctor at the same time."""

    time_slot: str
    start: datetime
    end: datetime
    current_appointments: int
    free_slots: int | None
    overlaps: int
    estimated_wait_time: int
    estimated_wait_range: WaitRange
    priority_score: int
    reasons: tuple[str, ...]
    points: tuple[SuggestionPoints, ...]


class SuggestionsView(View, frozen=True, kw_only=True):
    suggestions: tuple[Suggestion, ...]
