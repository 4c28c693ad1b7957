"""What many hear of a queue at once: a broadcast, and how near their turn has come.

Each is one job, whatever happens to the queue meanwhile: it reads the line once, when it runs, and leaves a notice for
everybody whom it concerns.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from queue_server.application.messages.kinds import AHEAD_OF_YOU, Kind
from queue_server.application.messages.occasions import AT_ONCE
from queue_server.application.messages.telling import AHEAD_JOB, Notice, tell
from queue_server.application.messages.truth import queue_of
from queue_server.store import job_store, readers
from queue_server.store.db import Database, Transaction
from queue_server.store.job_store import Job
from scheduling_core.live_queue.state import IN_LINE, Entry, EntryState, Queue
from scheduling_core.live_queue.state import Notice as Broadcast

NEAR = timedelta(hours=1)
"""Whoever is not there yet is told how few are before them so long before they are due, and not earlier: the next
patient of the afternoon is no reason to hurry in the morning."""


class Lines:
    """Tells everybody in a queue."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def announce(self, job: Job) -> None:
        """Leave a notice of a broadcast for everybody who waits or is expected; nobody hears of one that was taken
        back."""
        async with self._db.tenant(job.tenant) as tx:
            if not await job_store.fence(tx, job):
                return
            queue = await _queue(tx, job)
            wanted = UUID(job.payload["broadcastId"])
            broadcast = next((one for one in queue.notices if one.id == wanted), None) if queue is not None else None
            if queue is not None and broadcast is not None:
                await tell(tx, *_announced(queue, broadcast))
            await job_store.finish(tx, job)

    async def ahead(self, job: Job) -> None:
        """Leave a notice for those before whom only a few are left, once for each visit, and finish all jobs that were
        due for this queue."""
        async with self._db.tenant(job.tenant) as tx:
            if not await job_store.fence(tx, job):
                return
            now = await readers.clock(tx)
            # Before the line is read: whatever has left one of these has moved it already.
            await job_store.finish_overtaken(tx, AHEAD_JOB, "streamId", UUID(job.payload["streamId"]), now)
            queue = await _queue(tx, job)
            if queue is not None and not queue.closed and now < queue.day_end:
                await tell(tx, *_near(queue, now))
                await _look_again(tx, job, queue, now)
            await job_store.finish(tx, job)


async def _queue(tx: Transaction, job: Job) -> Queue | None:
    return await queue_of(tx, UUID(job.payload["doctorId"]), job.payload["date"])


def _announced(queue: Queue, broadcast: Broadcast) -> Iterator[Notice]:
    """A delay that is merely announced is a `delay`; what is critical, or says something else, an `emergency`."""
    is_delay = broadcast.estimated_delay is not None and broadcast.priority not in AT_ONCE
    kind = Kind.DELAY if is_delay else Kind.EMERGENCY
    facts: dict[str, Any] = {"broadcastId": str(broadcast.id), "textId": str(broadcast.text)}
    if broadcast.estimated_delay is not None:
        facts["delayMinutes"] = broadcast.estimated_delay
    for entry in queue.entries.values():
        if entry.state in IN_LINE or entry.state is EntryState.CALLED:
            yield Notice(
                kind=kind,
                key=f"{kind}:{broadcast.id}:{entry.id}",
                appointment=entry.id,
                facts=facts,
                expires_at=broadcast.until,
            )


def _few_ahead(queue: Queue) -> Iterator[tuple[int, Entry]]:
    """Those who have some before them, but few. Whoever is next is called in a moment."""
    for ahead, id in enumerate(queue.line[: AHEAD_OF_YOU + 1]):
        if ahead:
            yield ahead, queue.entries[id]


def _near(queue: Queue, now: datetime) -> Iterator[Notice]:
    for ahead, entry in _few_ahead(queue):
        if _is_near(queue, entry, now):
            yield Notice(
                kind=Kind.AHEAD,
                key=f"ahead:{entry.id}",
                appointment=entry.id,
                facts={"ahead": ahead},
                expires_at=queue.day_end,
            )


def _is_near(queue: Queue, entry: Entry, now: datetime) -> bool:
    return entry.state is EntryState.WAITING or queue.due(entry) - now <= NEAR


async def _look_again(tx: Transaction, job: Job, queue: Queue, now: datetime) -> None:
    """Come back when the first of those is near who are not yet, although the line may not move until then."""
    far = [queue.due(entry) - NEAR for _, entry in _few_ahead(queue) if not _is_near(queue, entry, now)]
    if far:
        key = f"{job.payload['streamId']}:{queue.version}:{int(min(far).timestamp())}"
        await job_store.enqueue(tx, AHEAD_JOB, key, job.payload, min(far))
