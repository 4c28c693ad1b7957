"""A queue as staff see it, built from its folded state, and the little of it that a display may show."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from queue_server.application.directory import DoctorEntry
from queue_server.application.people import Person
from queue_server.application.places import Place, home
from queue_server.application.views.desk import QueueHeader, StaffEntry, StaffQueue, UndoView
from queue_server.application.views.display import DisplayEntry, DisplayHeader, DisplayQueue
from queue_server.application.views.tracking import NoticeView, WaitRange
from scheduling_core.estimates.waits import Wait, WaitEstimator
from scheduling_core.ids import EntryId
from scheduling_core.live_queue.policy import UNDO_SECONDS
from scheduling_core.live_queue.state import Entry, EntryState, Queue
from scheduling_core.live_queue.undo import undoable_commits

ON_DISPLAY = frozenset({EntryState.WAITING, EntryState.CALLED, EntryState.IN_CONSULTATION})
"""Who is expected is nobody's business but the desk's, and neither is who has left, or how."""
_ASKED_IN = frozenset({EntryState.CALLED, EntryState.IN_CONSULTATION})


def staff_queue(
    queue: Queue,
    *,
    epoch: int,
    doctor: DoctorEntry,
    people: Mapping[EntryId, Person],
    texts: Mapping[UUID, str],
    estimator: WaitEstimator,
    now: datetime,
) -> StaffQueue:
    """Return the whole queue for staff."""
    waits = estimator.estimate(queue, now)
    positions = {entry: index for index, entry in enumerate(queue.line, start=1)}
    places = places_of(doctor, people)
    return StaffQueue(
        doctor_id=queue.doctor,
        date=queue.date,
        epoch=epoch,
        version=queue.version,
        header=_header(queue, doctor, _doctors_place(queue, doctor, places), texts, now),
        line=queue.line,
        entries=tuple(
            _staff_entry(queue, entry, positions.get(entry.id), waits.get(entry.id), people.get(entry.id), doctor, now)
            for entry in queue.entries.values()
        ),
    )


def display_queue(
    queue: Queue,
    *,
    epoch: int,
    doctor: DoctorEntry,
    places: Mapping[EntryId, Place],
    texts: Mapping[UUID, str],
    estimator: WaitEstimator,
    now: datetime,
) -> DisplayQueue:
    """Return what of the queue a waiting room may read: tickets, where they stand and where they are called to."""
    waits = estimator.estimate(queue, now)
    positions = {entry: index for index, entry in enumerate(queue.line, start=1)}
    return DisplayQueue(
        doctor_id=queue.doctor,
        date=queue.date,
        epoch=epoch,
        version=queue.version,
        header=_display_header(queue, doctor, _doctors_place(queue, doctor, places), texts, now),
        line=tuple(display_id(queue, entry) for entry in queue.line if queue.entries[entry].state in ON_DISPLAY),
        entries=tuple(
            _display_entry(
                queue, entry, positions.get(entry.id), waits.get(entry.id), places.get(entry.id, home(doctor)).room
            )
            for entry in queue.entries.values()
            if entry.state in ON_DISPLAY
        ),
    )


def display_id(queue: Queue, entry: EntryId) -> UUID:
    """Return what a display knows an entry by: the same from state to state, and no way back to the appointment."""
    return uuid5(queue.doctor, f"{queue.date}/{entry}")


def _display_entry(queue: Queue, entry: Entry, position: int | None, wait: Wait | None, room: str) -> DisplayEntry:
    # Of one who waits again nothing tells that they were called before.
    is_asked_in = entry.state in _ASKED_IN
    return DisplayEntry(
        id=display_id(queue, entry.id),
        ticket=entry.ticket,
        state=entry.state,
        position=0 if position is None and is_asked_in else position,
        room=room,
        called_at=entry.called_at if is_asked_in else None,
        started_at=entry.started_at if is_asked_in else None,
        recalls=entry.recalls if is_asked_in else 0,
        estimated_wait_time=wait.p50 if wait else None,
        estimated_wait_range=WaitRange(p50=wait.p50, p90=wait.p90) if wait else None,
        estimated_start_at=wait.start_at if wait else None,
    )


def _staff_entry(
    queue: Queue,
    entry: Entry,
    position: int | None,
    wait: Wait | None,
    person: Person | None,
    doctor: DoctorEntry,
    now: datetime,
) -> StaffEntry:
    """Return one entry for staff; `position` is its place in the line, None outside of it."""
    if position is None and entry.state in _ASKED_IN:
        position = 0
    place = person.booked.place(doctor) if person else home(doctor)
    return StaffEntry(
        id=entry.id,
        ticket=entry.ticket,
        name=person.name if person else None,
        phone=person.phone if person else None,
        start=entry.start,
        duration_minutes=entry.duration,
        visit_type=entry.visit_type,
        mode=entry.mode,
        triage=entry.triage,
        state=entry.state,
        position=position,
        clinic_id=place.clinic.id,
        clinic_name=place.clinic.name,
        room=place.room,
        window=entry.window,
        pinned=entry.pinned,
        late=entry.late,
        early=entry.arrived_at is not None and entry.arrived_at < entry.window,
        walk_in=entry.walk_in,
        callable=queue.is_callable(entry, now),
        passed_over=entry.passed_over > 0,
        arrived_at=entry.arrived_at,
        called_at=entry.called_at,
        started_at=entry.started_at,
        ended_at=entry.ended_at,
        grace_until=entry.grace_until,
        prompted_at=entry.prompted_at if entry.state is EntryState.EXPECTED else None,
        skips=entry.skips,
        recalls=entry.recalls,
        overtakes={cause.value: count for cause, count in entry.overtakes.items()},
        estimated_wait_time=wait.p50 if wait else None,
        estimated_wait_range=WaitRange(p50=wait.p50, p90=wait.p90) if wait else None,
        estimated_start_at=wait.start_at if wait else None,
    )


def places_of(doctor: DoctorEntry, people: Mapping[EntryId, Person]) -> dict[EntryId, Place]:
    """Return where the doctor sees each of these."""
    return {entry: person.booked.place(doctor) for entry, person in people.items()}


def _doctors_place(queue: Queue, doctor: DoctorEntry, places: Mapping[EntryId, Place]) -> Place:
    """Where the doctor is: with whom is called or seen, else where the next one is awaited, at home while nobody is."""
    seen = queue.in_state(EntryState.CALLED) or queue.in_state(EntryState.IN_CONSULTATION)
    awaited = (*((seen.id,) if seen else ()), *queue.line, *reversed(queue.entries))
    return next((places[entry] for entry in awaited if entry in places), home(doctor))


def _header(queue: Queue, doctor: DoctorEntry, place: Place, texts: Mapping[UUID, str], now: datetime) -> QueueHeader:
    return QueueHeader(
        doctor=doctor.view(),
        room=place.room,
        clinic_id=place.clinic.id,
        clinic_name=place.clinic.name,
        timezone=queue.timezone,
        date=queue.date,
        paused=queue.paused,
        closed=queue.closed,
        delay_minutes=delay_minutes(queue, now),
        blocked_until=queue.blocked_until if queue.blocked_until and queue.blocked_until > now else None,
        notices=notices(queue, texts, now),
        now_serving=_now_serving(queue),
        last_called=queue.last_called,
        usual_minutes=round(queue.pace.minutes, 1),
        undo=_undo(queue, now),
        policy=queue.policy,
        updated_at=queue.updated_at,
    )


def _display_header(
    queue: Queue, doctor: DoctorEntry, place: Place, texts: Mapping[UUID, str], now: datetime
) -> DisplayHeader:
    return DisplayHeader(
        doctor=doctor.view(),
        room=place.room,
        clinic_name=place.clinic.name,
        timezone=queue.timezone,
        date=queue.date,
        paused=queue.paused,
        closed=queue.closed,
        delay_minutes=delay_minutes(queue, now),
        notices=notices(queue, texts, now),
        now_serving=_now_serving(queue),
        last_called=queue.last_called,
        updated_at=queue.updated_at,
    )


def _now_serving(queue: Queue) -> str | None:
    seen = queue.in_state(EntryState.IN_CONSULTATION) or queue.in_state(EntryState.CALLED)
    return seen.ticket if seen else None


def _undo(queue: Queue, now: datetime) -> tuple[UndoView, ...]:
    offered = []
    for memory in undoable_commits(queue, now):
        entry = memory.touched[0] if memory.touched else None
        known = queue.entries.get(entry) if entry is not None else None
        offered.append(
            UndoView(
                version=memory.version,
                command=memory.command,
                entry_id=entry,
                ticket=known.ticket if known else None,
                until=memory.at + timedelta(seconds=UNDO_SECONDS),
            )
        )
    return tuple(offered)


def delay_minutes(queue: Queue, now: datetime) -> int:
    """Return the announced delay in minutes while it lasts, else 0."""
    if queue.blocked_until is None or queue.blocked_until <= now:
        return 0
    announced = [n.estimated_delay for n in queue.notices if n.estimated_delay]
    return announced[-1] if announced else 0


def notices(queue: Queue, texts: Mapping[UUID, str], now: datetime) -> tuple[NoticeView, ...]:
    """Return the broadcasts in force, newest last."""
    return tuple(
        NoticeView(
            broadcast_id=n.id,
            message=texts.get(n.text, ""),
            priority=n.priority,
            estimated_delay=n.estimated_delay,
            issued_at=n.issued_at,
            until=n.until,
        )
        for n in queue.notices
        if n.until > now
    )
