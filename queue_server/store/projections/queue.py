"""The read models of the live queue: a row a queue, a row an entry, the doctor's pace."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from queue_server.store.db import Transaction
from scheduling_core.ids import EntryId, StreamId
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue.state import Entry, EntryState, Queue
from scheduling_core.live_queue.timers import next_wake
from sql import loader

_Q = loader.queries("queue")

_QUEUE_COLUMNS = (
    "stream_id",
    "clinic_id",
    "paused",
    "closed",
    "in_line",
    "waiting",
    "blocked_until",
    "next_wake_at",
    "updated_at",
)
_ENTRY_COLUMNS = (
    "entry_id",
    "ticket",
    "state",
    "triage",
    "start",
    "arrived_at",
    "called_at",
    "started_at",
    "ended_at",
    "late",
    "walk_in",
    "pinned",
    "skips",
    "overtakes",
)


async def project(
    tx: Transaction,
    stream: StreamId,
    before: Queue | None,
    after: Queue,
    events: Sequence[ev.QueueEvent],
    last_event: UUID,
) -> None:
    """Bring the read models from `before` to `after`; idempotent, an older event never overwrites a newer one."""
    queue = queue_row(stream, after, last_event)
    entries = [entry_row(after, after.entries[e], last_event) for e in changed_entries(before, after)]
    await tx.run(
        _Q["project"],
        tx.tenant,
        after.doctor,
        queue["date"],
        after.version,
        last_event,
        *(queue[column] for column in _QUEUE_COLUMNS),
        *([entry[column] for entry in entries] for column in _ENTRY_COLUMNS),
    )
    if (pace := pace_row(after, events, last_event)) is not None:
        await tx.run(_Q["project_pace"], tx.tenant, after.doctor, pace["minutes"], pace["seen"], last_event)


def queue_row(stream: StreamId, after: Queue, last_event: UUID) -> dict[str, Any]:
    """Return the row of table `queue` that shows `after`, without its tenant."""
    return {
        "doctor_id": after.doctor,
        "date": date.fromisoformat(after.date),
        "stream_id": stream,
        "clinic_id": after.clinic,
        "version": after.version,
        "paused": after.paused,
        "closed": after.closed,
        "in_line": len(after.line),
        "waiting": sum(e.state is EntryState.WAITING for e in after.entries.values()),
        "blocked_until": after.blocked_until,
        "next_wake_at": next_wake(after),
        "updated_at": after.updated_at,
        "last_event_id": last_event,
    }


def entry_row(after: Queue, entry: Entry, last_event: UUID) -> dict[str, Any]:
    """Return the row of table `queue_entry` that shows `entry` of `after`, without its tenant."""
    return {
        "entry_id": entry.id,
        "doctor_id": after.doctor,
        "date": date.fromisoformat(after.date),
        "ticket": entry.ticket,
        "state": entry.state.value,
        "triage": entry.triage,
        "start": entry.start,
        "arrived_at": entry.arrived_at,
        "called_at": entry.called_at,
        "started_at": entry.started_at,
        "ended_at": entry.ended_at,
        "late": entry.late,
        "walk_in": entry.walk_in,
        "pinned": entry.pinned,
        "skips": entry.skips,
        "overtakes": sum(entry.overtakes.values()),
        "version": after.version,
        "last_event_id": last_event,
    }


def pace_row(after: Queue, events: Iterable[ev.QueueEvent], last_event: UUID) -> dict[str, Any] | None:
    """Return the row of table `doctor_pace` after `events`, without its tenant; None when they say nothing of it."""
    if not any(isinstance(event, ev.ConsultationCompleted) for event in events):
        return None
    return {
        "doctor_id": after.doctor,
        "minutes": after.pace.minutes,
        "seen": after.pace.seen,
        "last_event_id": last_event,
    }


def changed_entries(before: Queue | None, after: Queue) -> list[EntryId]:
    """Return the entries whose facts differ between two states of a queue."""
    known = before.entries if before is not None else {}
    return [entry for entry, facts in after.entries.items() if known.get(entry) is not facts]
