"""A patient's own view of the queue: self-contained, and blind to everybody else."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from queue_server.application import phrases
from queue_server.application.staff_view import delay_minutes, notices
from queue_server.application.views.tracking import QueueView, WaitRange
from scheduling_core.estimates.waits import Wait
from scheduling_core.ids import EntryId
from scheduling_core.live_queue.state import EntryState, Queue

_ASKED_IN = frozenset({EntryState.CALLED, EntryState.IN_CONSULTATION})


class PatientViews:
    """One queue at one moment, as its patients see it. What is the same for all of them is worked out once."""

    def __init__(
        self, queue: Queue, *, epoch: int, texts: Mapping[UUID, str], waits: Mapping[EntryId, Wait], now: datetime
    ) -> None:
        self._queue = queue
        self._epoch = epoch
        self._waits = waits
        self._places = {entry: place for place, entry in enumerate(queue.line, start=1)}
        self._delay = delay_minutes(queue, now)
        self._notices = notices(queue, texts, now)

    def of(self, entry_id: EntryId, *, language: str, room: str, doctor: str) -> QueueView:
        """Return the view of whoever holds the entry; raises KeyError when it is not in this queue (any more)."""
        queue, entry = self._queue, self._queue.entries[entry_id]
        position = 0 if entry.state in _ASKED_IN else self._places.get(entry_id)
        ahead = None if position is None else max(0, position - 1)
        wait = self._waits.get(entry_id)
        prompted = entry.state is EntryState.EXPECTED and entry.prompted_at is not None
        called = entry.state is EntryState.CALLED
        return QueueView(
            position=position,
            total=len(queue.line),
            ahead=ahead,
            estimated_wait_time=0 if called else (wait.p50 if wait else None),
            estimated_wait_range=WaitRange(p50=wait.p50, p90=wait.p90) if wait else None,
            estimated_start_at=wait.start_at if wait else None,
            arrive_by=queue.due(entry) if entry.state is EntryState.EXPECTED else None,
            state=entry.state,
            queue_status=phrases.queue_status(
                language,
                state=entry.state,
                position=position,
                ahead=ahead,
                paused=queue.paused,
                closed=queue.closed,
                delay_minutes=self._delay,
                room=room,
                doctor=doctor,
                prompted=prompted,
            ),
            prompted=prompted,
            last_called=queue.last_called,
            delay_minutes=self._delay,
            paused=queue.paused,
            closed=queue.closed,
            grace_until=entry.grace_until,
            notices=self._notices,
            window=entry.window,
            epoch=self._epoch,
            version=queue.version,
            updated_at=queue.updated_at,
        )
