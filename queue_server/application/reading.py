"""Reads of queues for staff: now, at a past moment, by windows, in figures."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import UUID

import msgspec

from queue_server.application import enrolment, phrases
from queue_server.application.actor import Actor
from queue_server.application.capacity import is_day_full
from queue_server.application.directory import Directory, DoctorEntry, checked_day, today
from queue_server.application.people import People
from queue_server.application.snapshots.service import QueueSnapshots
from queue_server.application.snapshots.state import RoomState
from queue_server.application.staff_view import display_queue, places_of, staff_queue
from queue_server.application.unit import QueueKey
from queue_server.application.views.clinics import LaneDoctor
from queue_server.application.views.desk import StaffEntry, StaffQueue
from queue_server.application.views.display import DisplayQueue
from queue_server.application.views.statistics import PeakHour, StatisticsView
from queue_server.application.views.tracking import PlaceChange, WaitRange
from queue_server.application.views.windows import (
    Overlap,
    OverlapsView,
    SlotPosition,
    Suggestion,
    SuggestionPoints,
    SuggestionsView,
    WindowsView,
    WindowView,
)
from queue_server.store import event_store, queue_reads
from queue_server.store.db import Database, Row, Transaction
from scheduling_core.errors import InvalidValue, NotFound
from scheduling_core.estimates.waits import WaitEstimator
from scheduling_core.ids import ClinicId, DoctorId, EntryId, TenantId
from scheduling_core.live_queue import codec, day_windows, suggestions
from scheduling_core.live_queue.decide import decide
from scheduling_core.live_queue.events import QueueEvent
from scheduling_core.live_queue.fold import fold_commit
from scheduling_core.live_queue.history import place_changes
from scheduling_core.live_queue.state import Queue
from scheduling_core.live_queue.statistics import statistics_of
from scheduling_core.live_queue.suggestions import OfferedSlot, Points
from scheduling_core.permissions import OWN_DOCTOR_ONLY, Permission, may


class QueueReading:
    """Every read of the desk. Doctors see their own queue, accounts with clinics those of whoever works there."""

    def __init__(
        self,
        db: Database,
        directory: Directory,
        people: People,
        snapshots: QueueSnapshots,
        estimator: WaitEstimator,
        default_minutes: int,
    ) -> None:
        self._db = db
        self._directory = directory
        self._people = people
        self._snapshots = snapshots
        self._estimator = estimator
        self._default_minutes = default_minutes

    async def state(
        self, actor: Actor, doctor_id: UUID, day: str | None = None, as_of: datetime | None = None
    ) -> StaffQueue | DisplayQueue:
        """Return a queue as it is, or as it was at `as_of`; who may only watch the display sees tickets.

        A queue that nobody is in yet comes back empty with version 0.
        """
        doctor = await self.watchable(actor, doctor_id)
        key = QueueKey(doctor.id, checked_day(day, doctor.timezone))
        names = actor.is_system or (actor.role is not None and may(actor.role, Permission.READ_QUEUE))
        if as_of is not None:
            return await self._past(actor, doctor, key, as_of, names=names)
        return await self.shown(actor.tenant, await self.room(actor.tenant, key), names=names)

    async def watchable(self, actor: Actor, doctor_id: UUID) -> DoctorEntry:
        """Return the doctor if the actor may watch the queue; raises `NotFound` or `Forbidden`."""
        actor.require(Permission.WATCH_DISPLAY)
        doctor = await self._directory.doctor(actor.tenant, DoctorId(doctor_id))
        return doctor.authorise(actor, Permission.WATCH_DISPLAY)

    async def lanes(self, actor: Actor, clinic: ClinicId | None) -> list[LaneDoctor]:
        """Return the doctors whose queues the account may watch, of one clinic or of all; a doctor sees their own."""
        lanes = await self._directory.lanes(actor, clinic)
        return [lane for lane in lanes if actor.role not in OWN_DOCTOR_ONLY or lane.id == actor.doctor]

    async def windows(self, actor: Actor, doctor_id: UUID, day: str | None = None) -> WindowsView:
        """Return the windows of a day with everybody booked in them."""
        doctor, queue, entries = await self._day(actor, doctor_id, day)
        windows = tuple(
            WindowView(
                start=window.start,
                end=window.end,
                capacity=window.capacity,
                appointments=tuple(entries[entry] for entry in window.entries),
            )
            for window in day_windows.day_windows(queue, doctor.capacity.per_window)
        )
        return WindowsView(windows=windows, version=queue.version)

    async def overlaps(self, actor: Actor, doctor_id: UUID, start: datetime, end: datetime) -> OverlapsView:
        """Return who is booked to start in [start, end), in order, and which of them want the doctor at once.

        Raises `InvalidValue` when the end is not after the start, or the start is too far away.
        """
        doctor = await self.watchable(actor, doctor_id)
        day = checked_day(today(doctor.timezone, start), doctor.timezone, field="slotStartTime")
        _, queue, entries = await self._day(actor, doctor_id, day)
        inside = day_windows.entries_between(queue, start, end)
        return OverlapsView(
            overlaps=tuple(
                Overlap(first=o.first, second=o.second, start=o.start, end=o.end, minutes=o.minutes)
                for o in day_windows.overlaps(queue, start, end)
            ),
            queue=tuple(entries[entry] for entry in inside),
        )

    async def slot_position(self, actor: Actor, entry: UUID) -> SlotPosition:
        """Return an appointment's place among those of its window, and in the whole line."""
        queue = await self._queue_of_entry(actor, entry)
        place = day_windows.place_in_window(queue, EntryId(entry))
        return SlotPosition(
            slot_position=place.position,
            slot_total=place.total,
            window=place.window,
            position=queue.position_of(EntryId(entry)),
        )

    async def suggestions(
        self, doctor_id: UUID, day: str | None, preferred_hour: int | None, tenant: TenantId | None = None
    ) -> SuggestionsView:
        """Return the best windows of a day, by counts only: for the public. Where the day has slots, windows with a
        free one; what is held is not free. On a day on which the clinic takes nobody more there are none.

        Raises `NotFound` for a doctor that does not exist, or not in `tenant`, or does not work at present.
        """
        known = tenant or await self._directory.tenant_of(DoctorId(doctor_id))
        doctor = await self._directory.doctor(known, DoctorId(doctor_id))
        if not doctor.works:
            raise NotFound("There is no such doctor.")
        state = await self.room(known, QueueKey(doctor.id, checked_day(day, doctor.timezone)))
        async with self._db.tenant(known) as tx:
            slots = await _offered(tx, state.queue)
            if await is_day_full(tx, doctor, state.queue.date):
                return SuggestionsView(suggestions=())
        found = suggestions.suggestions(
            state.queue,
            datetime.now(UTC),
            preferred_hour=preferred_hour,
            per_window=doctor.capacity.per_window,
            slots=slots,
        )
        return SuggestionsView(
            suggestions=tuple(
                Suggestion(
                    time_slot=s.label,
                    start=s.start,
                    end=s.end,
                    current_appointments=s.appointments,
                    free_slots=s.free,
                    overlaps=s.overlaps,
                    estimated_wait_time=s.wait,
                    estimated_wait_range=WaitRange(p50=s.wait, p90=s.long_wait),
                    priority_score=s.score,
                    reasons=s.reasons,
                    points=tuple(_points(one) for one in s.points),
                )
                for s in found
            )
        )

    async def statistics(self, actor: Actor, doctor_id: UUID, day: str | None = None) -> StatisticsView:
        """Return the figures of a day."""
        actor.require(Permission.READ_STATISTICS)
        doctor = await self.watchable(actor, doctor_id)
        state = await self.room(actor.tenant, QueueKey(doctor.id, checked_day(day, doctor.timezone)))
        figures = msgspec.structs.asdict(statistics_of(state.queue))
        peaks = tuple(PeakHour(hour=p.hour, appointments=p.appointments) for p in figures.pop("peak_hours"))
        return StatisticsView(**figures, peak_hours=peaks)

    async def changes(self, actor: Actor, entry: UUID) -> list[PlaceChange]:
        """Return why the place of an appointment changed, oldest first, in English."""
        queue = await self._queue_of_entry(actor, entry)
        return await self.changes_of(actor.tenant, QueueKey(queue.doctor, queue.date), EntryId(entry), language="en")

    async def changes_of(self, tenant: TenantId, key: QueueKey, entry: EntryId, *, language: str) -> list[PlaceChange]:
        """Return why the place of `entry` changed in one queue; nothing in it tells of anybody else."""
        async with self._db.tenant(tenant) as tx:
            rows = await event_store.events_until(tx, key.stream(tenant), datetime.now(UTC) + timedelta(minutes=1))
        return [
            PlaceChange(
                at=change.at,
                version=change.version,
                was=change.was,
                now=change.now,
                reason=change.reason.value,
                explanation=phrases.explain_change(language, change.reason),
            )
            for change in place_changes(commits_of(rows), entry)
        ]

    async def _day(
        self, actor: Actor, doctor_id: UUID, day: str | None
    ) -> tuple[DoctorEntry, Queue, dict[UUID, StaffEntry]]:
        """Return doctor, queue and what staff see of each entry; for those who may read names."""
        actor.require(Permission.READ_QUEUE)
        doctor = await self.watchable(actor, doctor_id)
        state = await self.room(actor.tenant, QueueKey(doctor.id, checked_day(day, doctor.timezone)))
        shown = await self.staff_queue(actor.tenant, state)
        return doctor, state.queue, {entry.id: entry for entry in shown.entries}

    async def _queue_of_entry(self, actor: Actor, entry: UUID) -> Queue:
        actor.require(Permission.READ_QUEUE)
        async with self._db.tenant(actor.tenant) as tx:
            place = await queue_reads.place_of_entry(tx, entry)
        if place is None:
            raise NotFound("There is no such appointment.")
        state = await self.room(actor.tenant, QueueKey(*place))
        (await self._directory.doctor(actor.tenant, state.queue.doctor)).authorise(actor, Permission.READ_QUEUE)
        return state.queue

    async def room(self, tenant: TenantId, key: QueueKey) -> RoomState:
        """Return the newest state of a queue, an empty one of version 0 if there is none yet."""
        state = await self._snapshots.get(tenant, key.doctor, key.date)
        if state is not None:
            return state
        async with self._db.tenant(tenant) as tx:
            queue = await self._empty(tx, key)
        return RoomState(
            tenant=tenant, doctor=key.doctor, date=key.date, epoch=0, version=0, queue=queue, texts={}, reason="empty"
        )

    async def shown(self, tenant: TenantId, state: RoomState, *, names: bool) -> StaffQueue | DisplayQueue:
        """Return `state` as those see it who may read names, or as displays do."""
        if names:
            return await self.staff_queue(tenant, state)
        doctor = await self._directory.doctor(tenant, state.queue.doctor)
        return display_queue(
            state.queue,
            epoch=state.epoch,
            doctor=doctor,
            places=places_of(doctor, await self._people.of(tenant, state.queue.entries)),
            texts=state.texts,
            estimator=self._estimator,
            now=datetime.now(UTC),
        )

    async def staff_queue(self, tenant: TenantId, state: RoomState) -> StaffQueue:
        """Return `state` as staff see it."""
        doctor = await self._directory.doctor(tenant, state.queue.doctor)
        people = await self._people.of(tenant, state.queue.entries)
        return staff_queue(
            state.queue,
            epoch=state.epoch,
            doctor=doctor,
            people=people,
            texts=state.texts,
            estimator=self._estimator,
            now=datetime.now(UTC),
        )

    async def _past(
        self, actor: Actor, doctor: DoctorEntry, key: QueueKey, as_of: datetime, *, names: bool
    ) -> StaffQueue | DisplayQueue:
        if as_of.tzinfo is None:
            raise InvalidValue("Give the moment with its offset.", field="as_of")
        async with self._db.tenant(actor.tenant) as tx:
            rows = await event_store.events_until(tx, key.stream(actor.tenant), as_of)
            queue = fold_rows(rows) or await self._empty(tx, key)
            texts = await event_store.free_texts(tx, [n.text for n in queue.notices])
            people = await self._people.of(actor.tenant, queue.entries, tx)
            current = await event_store.read_stream(tx, key.stream(actor.tenant))
        epoch = current["epoch"] if current is not None else 0
        if not names:
            return display_queue(
                queue,
                epoch=epoch,
                doctor=doctor,
                places=places_of(doctor, people),
                texts=texts,
                estimator=self._estimator,
                now=as_of,
            )
        return staff_queue(
            queue,
            epoch=epoch,
            doctor=doctor,
            people=people,
            texts=texts,
            estimator=self._estimator,
            now=as_of,
        )

    async def _empty(self, tx: Transaction, key: QueueKey) -> Queue:
        doctor = await self._directory.doctor(tx.tenant, key.doctor, tx)
        now = datetime.now(UTC)
        events = decide(None, await enrolment.opening(tx, doctor, key.date, self._default_minutes), now)
        return fold_commit(None, events, version=0, at=now, command="open", by_system=True)


async def _offered(tx: Transaction, queue: Queue) -> list[OfferedSlot]:
    """Return the slots of the doctor's day, with what can still be had of each."""
    rows = await queue_reads.slots_of_day(tx, queue.doctor, queue.day_start, queue.day_end)
    return [OfferedSlot(start=row["start"], places=row["total"], free=row["free"], held=row["held"]) for row in rows]


def _points(earned: Points) -> SuggestionPoints:
    why = earned.why
    return SuggestionPoints(
        aspect=earned.aspect,
        points=round(earned.points),
        of=earned.of,
        reason=why.sentence if why is not None else "",
        code=why.reason if why is not None else None,
        numbers=dict(why.numbers) if why is not None else {},
    )


def commits_of(rows: Sequence[Row]) -> Iterator[tuple[int, datetime, list[QueueEvent]]]:
    """Yield version, instant and events of each commit among stored events; rows in the order of their stream."""
    for version, commit in groupby(rows, key=lambda row: row["version"]):
        group = list(commit)
        events = [codec.decode_event(row["type"], row["schema_version"], row["data"]) for row in group]
        yield version, group[0]["occurred_at"], events


def fold_rows(rows: Sequence[Row]) -> Queue | None:
    """Return the queue that stored events lead to, None for no events; rows in the order of their stream."""
    queue: Queue | None = None
    for version, commit in groupby(rows, key=lambda row: row["version"]):
        group = list(commit)
        events = [codec.decode_event(row["type"], row["schema_version"], row["data"]) for row in group]
        first = group[0]
        queue = fold_commit(
            queue,
            events,
            version=version,
            at=first["occurred_at"],
            command=first["command"],
            by_system=first["by_system"],
        )
    return queue
