"""The rules of the live queue: what a command leads to. Pure; refuses by raising, and then nothing has changed."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from scheduling_core.errors import (
    AlreadyCalling,
    Conflict,
    DoctorBusy,
    InvalidValue,
    NobodyToCall,
    NotFound,
    NotThatDay,
    PositionOutOfRange,
    QueueClosed,
    QueuePaused,
    SkipLimitReached,
)
from scheduling_core.ids import EntryId
from scheduling_core.live_queue import commands as cmd
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue import order, transitions, undo
from scheduling_core.live_queue.fairness import overtaken_by
from scheduling_core.live_queue.fold import apply
from scheduling_core.live_queue.state import Entry, EntryState, Mode, Queue
from scheduling_core.live_queue.timers import due_events
from scheduling_core.live_queue.windows import day_bounds, window_start

NOTICE_MINUTES = 60
"""How long a broadcast without a delay is shown."""
MAX_DELAY = 720
"""Longest delay in minutes that can be announced."""
_OF_THE_DAY = (
    cmd.CheckInEntry,
    cmd.CallNext,
    cmd.RecallEntry,
    cmd.StartConsultation,
    cmd.CompleteConsultation,
    cmd.SkipEntry,
    cmd.MarkNoShow,
    cmd.PauseQueue,
    cmd.ResumeQueue,
    cmd.CloseDay,
)
"""Commands that run the day, as opposed to those that prepare it or put something right."""
NOT_IN_QUEUE = "This appointment is not in the queue."


def decide_all(queue: Queue | None, commands: Iterable[cmd.Command], now: datetime) -> list[ev.QueueEvent]:
    """Return the events of several commands done as one, each deciding on the outcome of those before it."""
    decided: list[ev.QueueEvent] = []
    for command in commands:
        events = decide(queue, command, now)
        for event in events:
            queue = apply(queue, event, now)
        decided += events
    return decided


def decide(queue: Queue | None, command: cmd.Command, now: datetime) -> list[ev.QueueEvent]:
    """Return the events that `command` leads to at `now`; none when it changes nothing.

    Raises a `DomainError` when the rules refuse it.
    """
    if isinstance(command, cmd.OpenQueue):
        return [] if queue is not None else [_opened(command)]
    if queue is None:
        raise NotFound("There is no queue for this doctor and day.")
    if queue.closed and not isinstance(
        command, cmd.CompleteConsultation | cmd.UndoCommand | cmd.Tick | cmd.AdoptPolicy | cmd.TakeBack | cmd.CloseDay
    ):
        raise QueueClosed
    _check_day(queue, command, now)
    return _DECIDERS[type(command)](queue, command, now)


def _check_day(queue: Queue, command: cmd.Command, now: datetime) -> None:
    """Raise `NotThatDay` when `command` runs the day but it is another day in the clinic."""
    if queue.day_start <= now < queue.day_end or not isinstance(command, _OF_THE_DAY):
        return
    if isinstance(command, cmd.CloseDay) and queue.closed:
        return
    if isinstance(command, cmd.CompleteConsultation):
        known = queue.entries.get(command.entry)
        # Midnight ends the day, but nobody's consultation.
        if known is not None and known.state is EntryState.IN_CONSULTATION:
            return
    raise NotThatDay(f"This is the queue of {queue.date}.")


def _opened(command: cmd.OpenQueue) -> ev.QueueOpened:
    day_start, day_end = day_bounds(command.date, command.timezone)
    return ev.QueueOpened(
        tenant=command.tenant,
        doctor=command.doctor,
        clinic=command.clinic,
        date=command.date,
        timezone=command.timezone,
        day_start=day_start,
        day_end=day_end,
        policy=command.policy,
        pace=command.pace,
        ticket_prefix=command.ticket_prefix,
    )


def _entry(queue: Queue, entry: EntryId, command: str) -> Entry:
    known = queue.entries.get(entry)
    if known is None:
        raise NotFound(NOT_IN_QUEUE)
    transitions.check(command, known)
    return known


def _check_triage(triage: int) -> None:
    if not 1 <= triage <= 5:
        raise InvalidValue("Triage goes from 1 (most urgent) to 5.", field="triage")


def _enrol(queue: Queue, command: cmd.EnrolEntry, now: datetime) -> list[ev.QueueEvent]:
    _check_triage(command.triage)
    if command.entry in queue.entries:
        raise Conflict("This appointment is in the queue already.")
    check_start(queue, command.start)
    window = window_start(command.start, queue.day_start, queue.policy.window_minutes)
    entry = Entry(
        id=command.entry,
        ticket=f"{queue.ticket_prefix}{queue.tickets + 1}",
        start=command.start,
        window=window,
        seniority=seniority(queue, command.booked_at, command.paid_at, now),
        key_time=window,
        key_window=window,
        duration=command.duration,
        visit_type=command.visit_type,
        mode=command.mode,
        triage=command.triage,
    )
    return [ev.EntryEnrolled(entry=entry, index=order.place_by_key(queue, queue.line, entry))]


def check_start(queue: Queue, start: datetime) -> None:
    """Raise `InvalidValue` unless an appointment at `start` is one of the queue's day."""
    if not queue.day_start <= start < queue.day_end:
        raise InvalidValue(f"The appointment is not on {queue.date} in the clinic's zone.", field="start")


def seniority(queue: Queue, booked_at: datetime, paid_at: datetime | None, now: datetime) -> datetime:
    """Return when a visit counts as paid, or else as booked: paid after the day has begun it moves nobody."""
    frozen = max(now, queue.day_start)
    return paid_at if paid_at is not None and paid_at <= frozen else booked_at


def _walk_in(queue: Queue, command: cmd.WalkIn, now: datetime) -> list[ev.QueueEvent]:
    _check_triage(command.triage)
    if command.entry in queue.entries:
        raise Conflict("This appointment is in the queue already.")
    if not queue.day_start <= now < queue.day_end:
        raise Conflict("Somebody can walk in only on the day itself.")
    window = window_start(now, queue.day_start, queue.policy.window_minutes)
    entry = Entry(
        id=command.entry,
        ticket=f"{queue.ticket_prefix}{queue.tickets + 1}",
        start=now,
        window=window,
        seniority=command.paid_at if command.paid_at and command.paid_at <= now else now,
        key_time=now,
        key_window=window,
        duration=command.duration,
        visit_type=command.visit_type,
        triage=command.triage,
        state=EntryState.WAITING,
        walk_in=True,
        arrived_at=now,
    )
    return [ev.EntryWalkedIn(entry=entry, index=order.place_by_key(queue, queue.line, entry))]


def _record_payment(queue: Queue, command: cmd.RecordPayment, now: datetime) -> list[ev.QueueEvent]:
    known = _entry(queue, command.entry, "payment")
    if now >= queue.day_start or command.paid_at >= queue.day_start:
        return [ev.PaymentRecorded(entry=known.id, paid_at=command.paid_at)]
    if known.seniority == command.paid_at:
        return []
    # The one change of a key that no desk asks for: re-inserted, or the line would no longer be sorted.
    place = None
    if not known.pinned:
        paid = replace(known, seniority=command.paid_at)
        place = order.place_by_key(queue, order.without(queue.line, known.id), paid)
    return [ev.PaymentRecorded(entry=known.id, paid_at=command.paid_at, seniority=command.paid_at, index=place)]


def _check_in(queue: Queue, command: cmd.CheckInEntry, now: datetime) -> list[ev.QueueEvent]:
    known = _entry(queue, command.entry, "check-in")
    if known.state is EntryState.WAITING:
        # Somebody thought gone is here after all: the grace time ends, the place and the arrival stay.
        return [] if known.grace_until is None else [ev.EntryCheckedIn(entry=known.id)]
    late = known.state is EntryState.NO_SHOW or now > queue.due(known) + timedelta(minutes=queue.policy.late_after)
    if not late:
        return [ev.EntryCheckedIn(entry=known.id)]
    arrived = replace(order.keyed(queue, known, now), late=True, pinned=False, state=EntryState.WAITING)
    place, pinned = order.place_of_late(queue, order.without(queue.line, known.id), arrived, now)
    return [
        ev.EntryCheckedIn(entry=known.id, late=True, pinned=pinned, key_window=arrived.key_window, index=place),
    ]


def _call_next(queue: Queue, command: cmd.CallNext, now: datetime) -> list[ev.QueueEvent]:
    if command.entry is not None and command.entry not in queue.entries:
        raise NotFound(NOT_IN_QUEUE)
    if queue.paused:
        raise QueuePaused
    if (called := queue.in_state(EntryState.CALLED)) is not None:
        raise AlreadyCalling(f"{called.ticket} is being called already.")
    first = order.next_to_call(queue, now)
    entry = first if command.entry is None else _entry(queue, command.entry, "call-next")
    if entry is None:
        raise NobodyToCall("Nobody who may be called yet has arrived.")
    ahead = queue.line[: queue.line.index(entry.id)]
    return [
        ev.EntryCalled(
            entry=entry.id,
            passed_over=tuple(e for e in ahead if queue.entries[e].state is EntryState.EXPECTED),
            overtaken=overtaken_by(queue, entry, picked=entry is not first, now=now),
        )
    ]


def _recall(queue: Queue, command: cmd.RecallEntry, now: datetime) -> list[ev.QueueEvent]:
    return [ev.EntryRecalled(entry=_entry(queue, command.entry, "recall").id)]


def _start(queue: Queue, command: cmd.StartConsultation, now: datetime) -> list[ev.QueueEvent]:
    known = _entry(queue, command.entry, "start")
    started = ev.ConsultationStarted(entry=known.id)
    current = queue.in_state(EntryState.IN_CONSULTATION)
    if current is None:
        return [started]
    if not command.complete_current:
        raise DoctorBusy(f"{current.ticket} is with the doctor.")
    return [ev.ConsultationCompleted(entry=current.id), started]


def _complete(queue: Queue, command: cmd.CompleteConsultation, now: datetime) -> list[ev.QueueEvent]:
    return [ev.ConsultationCompleted(entry=_entry(queue, command.entry, "complete").id)]


def _skip(queue: Queue, command: cmd.SkipEntry, now: datetime) -> list[ev.QueueEvent]:
    known = _entry(queue, command.entry, "skip")
    if known.skips >= queue.policy.skip_max:
        raise SkipLimitReached
    return [ev.EntrySkipped(entry=known.id, index=order.place_of_skipped(queue, known, now))]


def _no_show(queue: Queue, command: cmd.MarkNoShow, now: datetime) -> list[ev.QueueEvent]:
    known = _entry(queue, command.entry, "no-show")
    until = known.grace_until
    if until is None or command.grace is not None:
        grace = queue.policy.grace_minutes if command.grace is None else command.grace
        until = max(now, queue.due(known)) + timedelta(minutes=grace)
    if now >= until:
        return [ev.EntryMarkedNoShow(entry=known.id)]
    return [] if until == known.grace_until else [ev.GraceStarted(entry=known.id, until=until)]


def _move(queue: Queue, command: cmd.MoveEntry, now: datetime) -> list[ev.QueueEvent]:
    known = _entry(queue, command.entry, "move")
    if not 1 <= command.to <= len(queue.line):
        raise PositionOutOfRange(f"The line has positions 1 to {len(queue.line)}.", field="newPosition")
    was = queue.line.index(known.id) + 1
    if was == command.to:
        return []
    return [ev.EntryMoved(entry=known.id, was=was, to=command.to, reason=command.reason)]


def _triage(queue: Queue, command: cmd.TriageEntry, now: datetime) -> list[ev.QueueEvent]:
    _check_triage(command.triage)
    known = _entry(queue, command.entry, "triage")
    if known.triage == command.triage and not known.pinned:
        return []
    line = order.without(queue.line, known.id)
    place = order.place_by_key(queue, line, replace(known, triage=command.triage, pinned=False))
    return [ev.EntryTriaged(entry=known.id, was=known.triage, triage=command.triage, index=place)]


def _transfer_out(queue: Queue, command: cmd.TransferOut, now: datetime) -> list[ev.QueueEvent]:
    known = _entry(queue, command.entry, "transfer")
    if command.to_doctor == queue.doctor:
        raise InvalidValue("The patient is in this doctor's queue already.", field="doctorId")
    return [ev.EntryTransferredOut(entry=known.id, to_doctor=command.to_doctor)]


def _transfer_in(queue: Queue, command: cmd.TransferIn, now: datetime) -> list[ev.QueueEvent]:
    entry = command.entry
    if entry.id in queue.entries:
        raise Conflict("This appointment is in the queue already.")
    window = window_start(entry.start, queue.day_start, queue.policy.window_minutes)
    by_arrival = (entry.late or entry.walk_in) and entry.arrived_at is not None
    entry = order.keyed(queue, entry, entry.key_time if by_arrival else window)
    called = entry.state is EntryState.CALLED
    entry = replace(
        entry,
        window=window,
        pinned=False,
        state=EntryState.WAITING if called else entry.state,
        called_at=None,
        grace_until=None if called else entry.grace_until,
        look_again_at=None,
        passed_over=0,
    )
    place = order.place_by_key(queue, queue.line, entry)
    return [ev.EntryTransferredIn(entry=entry, from_doctor=command.from_doctor, index=place)]


def _take_back(queue: Queue, command: cmd.TakeBack, now: datetime) -> list[ev.QueueEvent]:
    if command.entry not in queue.entries:
        raise NotFound(NOT_IN_QUEUE)
    undo.check_untouched(queue, command.entry, now)
    return [ev.EntryTakenBack(entry=command.entry)]


def _cancel(queue: Queue, command: cmd.CancelEntry, now: datetime) -> list[ev.QueueEvent]:
    return [ev.EntryCancelled(entry=_entry(queue, command.entry, "cancel").id, reason=command.reason)]


def _reschedule(queue: Queue, command: cmd.RescheduleEntry, now: datetime) -> list[ev.QueueEvent]:
    known = _entry(queue, command.entry, "reschedule")
    check_start(queue, command.start)
    if (known.start, known.duration, known.mode) == (command.start, command.duration, command.mode):
        return []
    moved = _at_another_time(queue, known, command.start, command.duration, command.mode)
    place = order.place_by_key(queue, order.without(queue.line, known.id), moved)
    return [ev.EntryRescheduled(entry=moved, index=place)]


def _reschedule_out(queue: Queue, command: cmd.RescheduleOut, now: datetime) -> list[ev.QueueEvent]:
    known = _entry(queue, command.entry, "reschedule")
    if (command.to_doctor, command.to_date) == (queue.doctor, queue.date):
        raise InvalidValue("The patient is in this doctor's queue already.", field="slotId")
    return [ev.EntryRescheduledOut(entry=known.id, to_doctor=command.to_doctor, to_date=command.to_date)]


def _reschedule_in(queue: Queue, command: cmd.RescheduleIn, now: datetime) -> list[ev.QueueEvent]:
    if command.entry.id in queue.entries:
        raise Conflict("This appointment is in the queue already.")
    check_start(queue, command.start)
    moved = replace(
        _at_another_time(queue, command.entry, command.start, command.duration, command.mode),
        ticket=f"{queue.ticket_prefix}{queue.tickets + 1}",
        seniority=seniority(queue, command.booked_at, command.paid_at, now),
        recalls=0,
        overtakes={},
    )
    if command.from_date != queue.date:
        # Whoever was here that day has to come again.
        moved = replace(moved, state=EntryState.EXPECTED, arrived_at=None)
    place = order.place_by_key(queue, queue.line, moved)
    return [
        ev.EntryRescheduledIn(entry=moved, from_doctor=command.from_doctor, from_date=command.from_date, index=place)
    ]


def _at_another_time(queue: Queue, entry: Entry, start: datetime, duration: int, mode: Mode) -> Entry:
    """Return `entry` with a time of its own in this queue; what was due to the former time is forgotten with it."""
    window = window_start(start, queue.day_start, queue.policy.window_minutes)
    return replace(
        entry,
        start=start,
        duration=duration,
        mode=mode,
        window=window,
        key_time=window,
        key_window=window,
        pinned=False,
        late=False,
        walk_in=False,
        grace_until=None,
        prompted_at=None,
        look_again_at=None,
        skips=0,
        passed_over=0,
    )


def _pause(queue: Queue, command: cmd.PauseQueue, now: datetime) -> list[ev.QueueEvent]:
    return [] if queue.paused else [ev.QueuePausedEvent()]


def _resume(queue: Queue, command: cmd.ResumeQueue, now: datetime) -> list[ev.QueueEvent]:
    return [ev.QueueResumed()] if queue.paused else []


def _close(queue: Queue, command: cmd.CloseDay, now: datetime) -> list[ev.QueueEvent]:
    return [] if queue.closed else closing_events(queue)


def closing_events(queue: Queue) -> list[ev.QueueEvent]:
    """Return the events that end the day: absent ones did not show, waiting and called ones are cancelled."""
    leaving: list[ev.QueueEvent] = []
    for entry in queue.entries.values():
        if entry.state is EntryState.EXPECTED:
            leaving.append(ev.EntryMarkedNoShow(entry=entry.id))
        elif entry.state in (EntryState.WAITING, EntryState.CALLED):
            leaving.append(ev.EntryCancelled(entry=entry.id))
    return [*leaving, ev.DayClosed()]


def _broadcast(queue: Queue, command: cmd.IssueBroadcast, now: datetime) -> list[ev.QueueEvent]:
    delay = command.estimated_delay
    if delay is not None and not 0 <= delay <= MAX_DELAY:
        raise InvalidValue(f"A delay goes from 0 to {MAX_DELAY} minutes.", field="estimatedDelay")
    blocked = None if delay is None else now + timedelta(minutes=delay)
    until = now + timedelta(minutes=delay or NOTICE_MINUTES)
    return [
        ev.BroadcastIssued(
            broadcast=command.broadcast,
            text=command.text,
            priority=command.priority,
            until=until,
            estimated_delay=delay,
            blocked_until=blocked,
        )
    ]


def _undo(queue: Queue, command: cmd.UndoCommand, now: datetime) -> list[ev.QueueEvent]:
    return [undo.undone(queue, command.version, now)]


def _adopt_policy(queue: Queue, command: cmd.AdoptPolicy, now: datetime) -> list[ev.QueueEvent]:
    policy = replace(command.policy, window_minutes=queue.policy.window_minutes)
    return [] if policy == queue.policy else [ev.PolicyAdopted(policy=policy)]


def _tick(queue: Queue, command: cmd.Tick, now: datetime) -> list[ev.QueueEvent]:
    if queue.closed:
        return []
    if now >= queue.day_end:
        return closing_events(queue)
    return due_events(queue, now)


_DECIDERS: dict[type[cmd.Command], Callable[..., list[ev.QueueEvent]]] = {
    cmd.EnrolEntry: _enrol,
    cmd.WalkIn: _walk_in,
    cmd.RecordPayment: _record_payment,
    cmd.CheckInEntry: _check_in,
    cmd.CallNext: _call_next,
    cmd.RecallEntry: _recall,
    cmd.StartConsultation: _start,
    cmd.CompleteConsultation: _complete,
    cmd.SkipEntry: _skip,
    cmd.MarkNoShow: _no_show,
    cmd.MoveEntry: _move,
    cmd.TriageEntry: _triage,
    cmd.TransferOut: _transfer_out,
    cmd.TransferIn: _transfer_in,
    cmd.TakeBack: _take_back,
    cmd.RescheduleEntry: _reschedule,
    cmd.RescheduleOut: _reschedule_out,
    cmd.RescheduleIn: _reschedule_in,
    cmd.CancelEntry: _cancel,
    cmd.PauseQueue: _pause,
    cmd.ResumeQueue: _resume,
    cmd.CloseDay: _close,
    cmd.IssueBroadcast: _broadcast,
    cmd.UndoCommand: _undo,
    cmd.AdoptPolicy: _adopt_policy,
    cmd.Tick: _tick,
}
