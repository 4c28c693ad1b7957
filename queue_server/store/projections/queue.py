"""The read models of the live queue: a row a queue, a row an entry, the doctor's pace."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from queue_server.store.db import Transaction
from scheduling_core.ids import EntryId, StreamId
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue.state import EntryState, Queue
from scheduling_core.live_queue.timers import next_wake
from sql import loader

_Q = loader.queries("queue")


async def project(
    tx: Transaction,
    stream: StreamId,
    before: Queue | None,
    after: Queue,
    events: Iterable[ev.QueueEvent],
    last_event: UUID,
) -> None:
    """Bring the read models from `before` to `after`; idempotent, an older event never overwrites a newer one."""
    day = date.fromisoformat(after.date)
    changed = changed_entries(before, after)
    entries = [after.entries[e] for e in changed]
    await tx.run(
        _Q["project"],
        tx.tenant,
        after.doctor,
        day,
        after.version,
        last_event,
        stream,
        after.clinic,
        after.paused,
        after.closed,
        len(after.line),
        sum(e.state is EntryState.WAITING for e in after.entries.values()),
        after.blocked_until,
        next_wake(after),
        after.updated_at,
        changed,
        [e.ticket for e in entries],
        [e.state.value for e in entries],
        [e.triage for e in entries],
        [e.start for e in entries],
        [e.arrived_at for e in entries],
        [e.called_at for e in entries],
        [e.started_at for e in entries],
        [e.ended_at for e in entries],
        [e.late for e in entries],
        [e.walk_in for e in entries],
        [e.pinned for e in entries],
        [e.skips for e in entries],
        [sum(e.overtakes.values()) for e in entries],
    )
    if any(isinstance(e, ev.ConsultationCompleted) for e in events):
        await tx.run(_Q["project_pace"], tx.tenant, after.doctor, after.pace.minutes, after.pace.seen, last_event)


def changed_entries(before: Queue | None, after: Queue) -> list[EntryId]:
    """Return the entries whose facts differ between two states of a queue."""
    known = before.entries if before is not None else {}
    return [entry for entry, facts in after.entries.items() if known.get(entry) is not facts]
