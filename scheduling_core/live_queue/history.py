"""Why did my place change: the commits of a queue read from the side of one entry.

What others did is told without saying who they are or why they matter: neither ids nor tickets, urgency only as "more
urgent". The answer may be shown to the patient as it is.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import assert_never

import msgspec

from scheduling_core.ids import EntryId
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue.fold import apply
from scheduling_core.live_queue.state import Queue

Commit = tuple[int, datetime, Iterable[ev.QueueEvent]]
"""Version, instant and events of one commit."""


class Reason(StrEnum):
    """Why a place changed. The first ones happened to the patient, the others to somebody else."""

    JOINED = "joined"
    CHECKED_IN = "checked_in"
    ARRIVED_LATE = "arrived_late"
    YOUR_TURN = "your_turn"
    CALLED_AGAIN = "called_again"
    CONSULTATION_STARTED = "consultation_started"
    COMPLETED = "completed"
    PUT_BACK = "put_back"
    """Skipped after a call."""
    SKIPPED_WAITING = "skipped_waiting"
    """Skipped without having been called."""
    GRACE_STARTED = "grace_started"
    NO_SHOW = "no_show"
    YOU_WERE_MOVED = "you_were_moved"
    URGENCY_CHANGED = "urgency_changed"
    PAYMENT_RECORDED = "payment_recorded"
    TRANSFERRED = "transferred"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    UNDONE = "undone"

    CALLED_AHEAD = "called_ahead"
    JOINED_AHEAD = "joined_ahead"
    SOMEBODY_MORE_URGENT = "somebody_more_urgent"
    SOMEBODY_LESS_URGENT = "somebody_less_urgent"
    MOVED_BY_RECEPTION = "moved_by_reception"
    LATE_ARRIVAL = "late_arrival"
    PUT_BACK_AHEAD = "put_back_ahead"
    SKIPPED_AHEAD = "skipped_ahead"
    PAID_EARLIER = "paid_earlier"
    NO_SHOW_AHEAD = "no_show_ahead"
    CANCELLED_AHEAD = "cancelled_ahead"
    LEFT_LINE = "left_line"
    OTHER = "other"


class Change(msgspec.Struct, frozen=True):
    """One moment at which the place of an entry changed, or something happened to the entry itself.

    `was` and `now` are 1-based places, 0 while called or being seen, None outside the line.
    """

    at: datetime
    version: int
    was: int | None
    now: int | None
    reason: Reason


def place_changes(commits: Iterable[Commit], entry: EntryId) -> list[Change]:
    """Return what changed the place of `entry`, oldest first; empty when the queue never held it.

    `commits` are all commits of the queue from its opening on, in order.
    """
    queue: Queue | None = None
    changes: list[Change] = []
    for version, at, events in commits:
        before = _place(queue, entry)
        own: Reason | None = None
        others: Reason | None = None
        for event in events:
            was = _place(queue, entry)
            earlier, queue = queue, apply(queue, event, at)
            if earlier is None:
                continue
            mine = _own(earlier, event, entry)
            if mine is not None:
                own = mine
            elif _place(queue, entry) != was:
                others = _others(earlier, event, entry)
        now = _place(queue, entry)
        reason = own or (others if now != before else None)
        if reason is not None:
            changes.append(Change(at, version, before, now, reason))
    return changes


def _place(queue: Queue | None, entry: EntryId) -> int | None:
    return None if queue is None else queue.position_of(entry)


def _own(queue: Queue, event: ev.QueueEvent, entry: EntryId) -> Reason | None:
    """Return what `event` did to `entry` itself in `queue`; None when that is nothing."""
    match event:
        case (
            ev.EntryEnrolled()
            | ev.EntryWalkedIn()
            | ev.EntryTransferredIn()
            | ev.EntryRescheduled()
            | ev.EntryRescheduledIn()
        ):
            return _OWN[type(event)] if event.entry.id == entry else None
        case ev.CommandUndone():
            is_mine = entry in event.withdrawn or any(restored.entry.id == entry for restored in event.restored)
            return Reason.UNDONE if is_mine else None
        case ev.EntryCheckedIn() if event.entry == entry:
            return Reason.ARRIVED_LATE if event.late else Reason.CHECKED_IN
        case ev.PaymentRecorded() if event.seniority is None:
            return None
        case ev.EntrySkipped() if event.entry == entry and entry in queue.line:
            # Who was never called did not miss a call.
            return Reason.SKIPPED_WAITING
        case _:
            if getattr(event, "entry", None) != entry:
                return None
            return _OWN.get(type(event))


_OWN: dict[type[ev.Event], Reason] = {
    ev.EntryEnrolled: Reason.JOINED,
    ev.EntryWalkedIn: Reason.JOINED,
    ev.EntryTransferredIn: Reason.TRANSFERRED,
    ev.EntryCalled: Reason.YOUR_TURN,
    ev.EntryRecalled: Reason.CALLED_AGAIN,
    ev.ConsultationStarted: Reason.CONSULTATION_STARTED,
    ev.ConsultationCompleted: Reason.COMPLETED,
    ev.EntrySkipped: Reason.PUT_BACK,
    ev.GraceStarted: Reason.GRACE_STARTED,
    ev.EntryMarkedNoShow: Reason.NO_SHOW,
    ev.EntryMoved: Reason.YOU_WERE_MOVED,
    ev.EntryTriaged: Reason.URGENCY_CHANGED,
    ev.PaymentRecorded: Reason.PAYMENT_RECORDED,
    ev.EntryTransferredOut: Reason.TRANSFERRED,
    ev.EntryTakenBack: Reason.UNDONE,
    ev.EntryRescheduled: Reason.RESCHEDULED,
    ev.EntryRescheduledOut: Reason.RESCHEDULED,
    ev.EntryRescheduledIn: Reason.RESCHEDULED,
    ev.EntryCancelled: Reason.CANCELLED,
}


def _others(queue: Queue, event: ev.QueueEvent, entry: EntryId) -> Reason:
    """Return why `event`, which was about somebody else in `queue`, changed the place of `entry`."""
    match event:
        case ev.EntryCalled():
            return Reason.CALLED_AHEAD
        case ev.EntryRescheduled(entry=other) if queue.line.index(other.id) < queue.line.index(entry):
            return Reason.LEFT_LINE
        case (
            ev.EntryEnrolled(entry=other)
            | ev.EntryWalkedIn(entry=other)
            | ev.EntryTransferredIn(entry=other)
            | ev.EntryRescheduled(entry=other)
            | ev.EntryRescheduledIn(entry=other)
        ):
            is_more_urgent = other.triage < queue.entries[entry].triage
            return Reason.SOMEBODY_MORE_URGENT if is_more_urgent else Reason.JOINED_AHEAD
        case ev.EntryTriaged(was=was, triage=triage):
            if triage == was:
                return Reason.MOVED_BY_RECEPTION
            return Reason.SOMEBODY_MORE_URGENT if triage < was else Reason.SOMEBODY_LESS_URGENT
        case ev.EntryMoved():
            return Reason.MOVED_BY_RECEPTION
        case ev.EntryCheckedIn():
            return Reason.LATE_ARRIVAL
        case ev.EntrySkipped(entry=skipped):
            return Reason.SKIPPED_AHEAD if skipped in queue.line else Reason.PUT_BACK_AHEAD
        case ev.PaymentRecorded():
            return Reason.PAID_EARLIER
        case ev.EntryMarkedNoShow():
            return Reason.NO_SHOW_AHEAD
        case ev.EntryCancelled():
            return Reason.CANCELLED_AHEAD
        case ev.EntryTransferredOut() | ev.EntryTakenBack() | ev.EntryRescheduledOut():
            return Reason.LEFT_LINE
        case ev.CommandUndone():
            return Reason.UNDONE
        case (
            ev.QueueOpened()
            | ev.EntryRecalled()
            | ev.ConsultationStarted()
            | ev.ConsultationCompleted()
            | ev.GraceStarted()
            | ev.QueuePausedEvent()
            | ev.QueueResumed()
            | ev.DayClosed()
            | ev.BroadcastIssued()
            | ev.ArrivalPrompted()
            | ev.ReleaseDeferred()
            | ev.PolicyAdopted()
        ):
            return Reason.OTHER
        case _:
            assert_never(event)
