"""A patient's own view of the queue: self-contained, and blind to everybody else."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from queue_server.application import phrases
from queue_server.application.staff_view import delay_minutes, notices
from queue_server.application.views import QueueView, WaitRange
from scheduling_core.estimates.waits import Wait
from scheduling_core.ids import EntryId
from scheduling_core.live_queue.state import EntryState, Queue


def patient_view(
    queue: Queue,
    entry_id: EntryId,
    *,
    epoch: int,
    texts: Mapping[UUID, str],
    waits: Mapping[EntryId, Wait],
    language: str,
    room: str,
    doctor: str,
    now: datetime,
) -> QueueView:
    """Return the view of whoever holds the entry; raises KeyError when it is not in this queue (any more).

    `waits` are the queue's estimates, made once for all of its patients.
    """
    entry = queue.entries[entry_id]
    position = queue.position_of(entry_id)
    ahead = None if position is None else max(0, position - 1)
    wait = waits.get(entry_id)
    delay = delay_minutes(queue, now)
    called = entry.state is EntryState.CALLED
    prompted = entry.state is EntryState.EXPECTED and entry.prompted_at is not None
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
            delay_minutes=delay,
            room=room,
            doctor=doctor,
            prompted=prompted,
        ),
        prompted=prompted,
        last_called=queue.last_called,
        delay_minutes=delay,
        paused=queue.paused,
        closed=queue.closed,
        grace_until=entry.grace_until,
        notices=notices(queue, texts, now),
        window=entry.window,
        epoch=epoch,
        version=queue.version,
        updated_at=queue.updated_at,
    )
