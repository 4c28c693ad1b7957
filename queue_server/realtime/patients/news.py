"""What of a queue is news to those who follow it."""

from operator import attrgetter
from uuid import UUID

from queue_server.application.snapshots.state import RoomState
from queue_server.application.views.sockets import QueueBroadcast
from queue_server.application.views.tracking import QueueView
from scheduling_core.live_queue.state import EntryState

NOISE_MINUTES = 2
"""When nothing but time passes, estimates that move less are not worth a message."""

_UNSEEN = frozenset({"epoch", "version", "updated_at", "estimated_start_at"})
"""Fields that change without the patient's place doing so; the estimate counts by its minutes."""
_SEEN = tuple(name for name in QueueView.__struct_fields__ if name not in _UNSEEN)
_ESTIMATES = frozenset({"estimated_wait_time", "estimated_wait_range"})
face = attrgetter(*_SEEN)
"""What of a view its patient sees."""
_still = attrgetter(*(name for name in _SEEN if name not in _ESTIMATES))


def has_moved(told: QueueView, view: QueueView) -> bool:
    """Return whether time has changed what a patient should know, apart from estimates that count down a little."""
    if _still(told) != _still(view):
        return True
    before, after = told.estimated_wait_range, view.estimated_wait_range
    if before is None or after is None:
        return before is not after
    return max(abs(before.p50 - after.p50), abs(before.p90 - after.p90)) >= NOISE_MINUTES


def broadcast_of(state: RoomState) -> QueueBroadcast:
    """Return what everybody who follows the queue is told of its new version."""
    queue = state.queue
    seen = queue.in_state(EntryState.IN_CONSULTATION) or queue.in_state(EntryState.CALLED)
    return QueueBroadcast(
        reason=state.reason,
        doctor_id=UUID(int=state.doctor.int),
        date=state.date,
        epoch=state.epoch,
        version=state.version,
        now_serving=seen.ticket if seen else None,
    )
