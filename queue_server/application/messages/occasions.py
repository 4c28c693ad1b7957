"""What people are told of what happens in queues and on the waitlist."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from queue_server.application.messages.kinds import REMINDED_BEFORE, Kind
from queue_server.application.messages.telling import AHEAD_JOB, ANNOUNCE_JOB, Notice
from queue_server.store.job_store import NewJob
from scheduling_core.ids import EntryId
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue.state import Entry, EntryState, Priority, Queue
from scheduling_core.waitlist import events as waited
from scheduling_core.waitlist.state import Entry as WaitlistEntry

CALLED_FOR = timedelta(minutes=15)
"""After that a call is no news any more."""
AT_ONCE = frozenset({Priority.HIGH, Priority.CRITICAL})
"""Broadcasts that do not wait until reception cannot take them back any more."""
SETTLES_IN = timedelta(seconds=2)
"""A line that moves several times in a row is looked at once."""

_MOVES_THE_LINE = (
    ev.EntryCalled,
    ev.EntryCancelled,
    ev.EntryMarkedNoShow,
    ev.EntryMoved,
    ev.EntrySkipped,
    ev.EntryTriaged,
    ev.EntryTransferredOut,
    ev.EntryRescheduledOut,
)


def of_queue(
    after: Queue, events: Sequence[ev.QueueEvent], *, now: datetime, undoable_for: timedelta, is_list: bool
) -> list[Notice]:
    """Return what is to be told of a commit that has led to `after`.

    What reception may take back is told when it cannot be any more, `undoable_for` from now; calls and what is critical
    do not wait. Of a day list (`is_list`) only reminders are told: whoever has made it has told the rest.
    """
    if after.day_end <= now:
        return []
    settled = now + undoable_for if undoable_for else None
    notices: list[Notice] = []
    for event in events:
        match event:
            case (
                ev.EntryEnrolled(entry=entry)
                | ev.EntryWalkedIn(entry=entry)
                | ev.EntryRescheduled(entry=entry)
                | ev.EntryRescheduledIn(entry=entry)
            ):
                notices += _of_booking(after, entry, now, settled, is_list=is_list)
            case ev.EntryCalled(entry=id) | ev.EntryRecalled(entry=id):
                notices += _of_call(after, id, now)
            case ev.EntryCancelled(entry=id):
                notices += _of_cancellation(after, id, settled)
            case _:
                pass
    return notices


def jobs_of_queue(
    after: Queue, events: Sequence[ev.QueueEvent], *, stream: UUID, now: datetime, undoable_for: timedelta
) -> list[NewJob]:
    """Return the jobs that tell many at once: of broadcasts, and of how near somebody's turn has come."""
    named = {"doctorId": str(after.doctor), "date": after.date}
    jobs = [_announcement(event, named, now, undoable_for) for event in events if isinstance(event, ev.BroadcastIssued)]
    runs = after.day_start <= now < after.day_end and not after.closed
    if runs and after.line and any(isinstance(event, _MOVES_THE_LINE) for event in events):
        key, payload = f"{stream}:{after.version}", {**named, "streamId": str(stream)}
        jobs.append(NewJob(kind=AHEAD_JOB, key=key, payload=payload, due_at=now + SETTLES_IN))
    return jobs


def said_once(notices: Sequence[Notice]) -> list[Notice]:
    """Return the notices without the bookings of those who are told that they came from the waitlist: it is one
    message."""
    promoted = {notice.appointment for notice in notices if notice.kind is Kind.WAITLIST_PROMOTED}
    return [one for one in notices if one.kind is not Kind.BOOKED or one.appointment not in promoted]


def _announcement(event: ev.BroadcastIssued, named: dict[str, str], now: datetime, undoable_for: timedelta) -> NewJob:
    due_at = now if event.priority in AT_ONCE else now + undoable_for
    payload = {**named, "broadcastId": str(event.broadcast)}
    return NewJob(kind=ANNOUNCE_JOB, key=str(event.broadcast), payload=payload, due_at=due_at)


def _of_booking(
    queue: Queue, booked: Entry, now: datetime, settled: datetime | None, *, is_list: bool
) -> Iterator[Notice]:
    entry = queue.entries.get(booked.id)
    if entry is None or entry.state in (EntryState.CANCELLED, EntryState.NO_SHOW, EntryState.COMPLETED):
        return
    facts = {"start": entry.start.isoformat(), "doctorId": str(queue.doctor)}
    # By the commit that made it: who is moved away and back is told both times.
    key = f"{entry.id}:{queue.doctor}:{queue.date}:{queue.version}"
    if not is_list:
        yield Notice(
            kind=Kind.BOOKED,
            key=f"booked:{key}",
            appointment=entry.id,
            facts=facts,
            due_at=settled,
            expires_at=queue.day_end,
        )
    remind_at = entry.start - REMINDED_BEFORE
    if remind_at > now:
        # By the time: reminded once of each, however often it was moved there, and whoever is the doctor by then.
        yield Notice(
            kind=Kind.REMINDER,
            key=f"reminder:{entry.id}:{int(entry.start.timestamp())}",
            appointment=entry.id,
            facts=facts,
            due_at=remind_at,
            expires_at=entry.start,
        )


def _of_call(queue: Queue, id: EntryId, now: datetime) -> Iterator[Notice]:
    entry = queue.entries.get(id)
    if entry is None or entry.state is not EntryState.CALLED or entry.called_at is None:
        return
    yield Notice(
        kind=Kind.CALLED,
        key=f"called:{entry.id}:{queue.doctor}:{queue.version}",
        appointment=entry.id,
        facts={"calledAt": entry.called_at.isoformat(), "recalls": entry.recalls},
        expires_at=now + CALLED_FOR,
    )


def _of_cancellation(queue: Queue, id: EntryId, settled: datetime | None) -> Iterator[Notice]:
    entry = queue.entries.get(id)
    if entry is None or entry.state is not EntryState.CANCELLED or entry.ended_at is None:
        return
    yield Notice(
        kind=Kind.CANCELLED,
        key=f"cancelled:{entry.id}:{queue.doctor}:{queue.date}:{queue.version}",
        appointment=entry.id,
        facts={"endedAt": entry.ended_at.isoformat()},
        due_at=settled,
        expires_at=queue.day_end,
    )


def of_waitlist(entry: WaitlistEntry, events: Sequence[waited.WaitlistEvent], now: datetime) -> list[Notice]:
    """Return what is to be told of what has just happened to somebody who waits.

    An offer that was declined, or not answered, is nothing to tell; half of its time later it is told once more.
    """
    notices: list[Notice] = []
    for event in events:
        match event:
            case waited.WaitlistJoined():
                notices.append(_about(entry, Kind.WAITLIST_JOINED))
            case waited.WaitlistInvited():
                notices += _of_offer(entry, event, now)
            case waited.WaitlistPromoted():
                notices.append(_about(entry, Kind.WAITLIST_PROMOTED, appointment=event.appointment))
            case waited.WaitlistExpired():
                notices.append(_about(entry, Kind.WAITLIST_EXPIRED))
            case waited.WaitlistCancelled():
                notices.append(_about(entry, Kind.WAITLIST_CANCELLED))
            case _:
                pass
    return notices


def _of_offer(entry: WaitlistEntry, offer: waited.WaitlistInvited, now: datetime) -> Iterator[Notice]:
    for kind, due_at in (
        (Kind.WAITLIST_INVITED, None),
        (Kind.WAITLIST_REMINDER, now + (offer.respond_by - now) / 2),
    ):
        yield Notice(
            kind=kind,
            key=f"{kind}:{offer.invite}",
            patient=entry.patient,
            entry=entry.id,
            invite=offer.invite,
            clinic=entry.clinic,
            due_at=due_at,
            expires_at=offer.respond_by,
        )


def _about(entry: WaitlistEntry, kind: Kind, *, appointment: UUID | None = None) -> Notice:
    return Notice(
        kind=kind,
        key=f"{kind}:{entry.id}",
        patient=entry.patient,
        entry=entry.id,
        clinic=entry.clinic,
        appointment=appointment,
    )
