"""Reads of queues for staff: now, at a past moment, by windows, in figures."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from uuid import UUID

from queue_server.application import enrolment
from queue_server.application.actor import Actor
from queue_server.application.directory import Directory, DoctorEntry, checked_day
from queue_server.application.people import People
from queue_server.application.snapshots import QueueSnapshots, RoomState
from queue_server.application.staff_view import staff_queue
from queue_server.application.unit import QueueKey
from queue_server.application.views import LaneDoctor, StaffQueue
from queue_server.store import event_store, queue_reads
from queue_server.store.db import Database, Row, Transaction
from scheduling_core.errors import InvalidValue, NotFound
from scheduling_core.estimates.waits import WaitEstimator
from scheduling_core.ids import ClinicId, DoctorId, EntryId, TenantId
from scheduling_core.live_queue import codec
from scheduling_core.live_queue.decide import decide
from scheduling_core.live_queue.fold import fold_commit
from scheduling_core.live_queue.state import Queue
from scheduling_core.permissions import OWN_DOCTOR_ONLY, Permission, may


class QueueReading:
    """Every read of the desk. Doctors see their own queue, accounts with clinics only those clinics'."""

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
    ) -> StaffQueue:
        """Return a queue as it is, or as it was at `as_of`; who may only watch the display sees tickets, no names.

        A queue that nobody is in yet comes back empty with version 0.
        """
        doctor = await self.watchable(actor, doctor_id)
        key = QueueKey(doctor.id, checked_day(day, doctor.timezone))
        names = actor.is_system or (actor.role is not None and may(actor.role, Permission.READ_QUEUE))
        if as_of is not None:
            return await self._past(actor, doctor, key, as_of, names=names)
        return await self.staff_queue(actor.tenant, await self.room(actor.tenant, key), names=names)

    async def watchable(self, actor: Actor, doctor_id: UUID) -> DoctorEntry:
        """Return the doctor if the actor may watch the queue; raises `NotFound` or `Forbidden`."""
        actor.require(Permission.WATCH_DISPLAY)
        doctor = await self._directory.doctor(actor.tenant, DoctorId(doctor_id))
        actor.require_for(Permission.WATCH_DISPLAY, clinic=doctor.clinic, doctor=doctor.id)
        return doctor

    async def lanes(self, actor: Actor, clinic: ClinicId | None) -> list[LaneDoctor]:
        """Return the doctors whose queues the account may watch, of one clinic or of all; a doctor sees their own."""
        lanes = await self._directory.lanes(actor, clinic)
        return [lane for lane in lanes if actor.role not in OWN_DOCTOR_ONLY or lane.id == actor.doctor]

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

    async def staff_queue(
        self, tenant: TenantId, state: RoomState, *, names: bool, now: datetime | None = None
    ) -> StaffQueue:
        """Return `state` as staff see it, with names or (for displays) without."""
        doctor = await self._directory.doctor(tenant, state.queue.doctor)
        people = await self._people.of(tenant, state.queue.entries) if names else None
        return staff_queue(
            state.queue,
            epoch=state.epoch,
            doctor=doctor,
            people=people,
            texts=state.texts,
            estimator=self._estimator,
            now=now or datetime.now(UTC),
        )

    async def _past(
        self, actor: Actor, doctor: DoctorEntry, key: QueueKey, as_of: datetime, *, names: bool
    ) -> StaffQueue:
        if as_of.tzinfo is None:
            raise InvalidValue("Give the moment with its offset.", field="as_of")
        async with self._db.tenant(actor.tenant) as tx:
            rows = await event_store.events_until(tx, key.stream(actor.tenant), as_of)
            queue = fold_rows(rows) or await self._empty(tx, key)
            texts = await event_store.free_texts(tx, [n.text for n in queue.notices])
            people = await self._people.of(actor.tenant, queue.entries, tx) if names else None
            current = await event_store.read_stream(tx, key.stream(actor.tenant))
        return staff_queue(
            queue,
            epoch=current["epoch"] if current is not None else 0,
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

    async def key_of(self, tx: Transaction, entry: UUID) -> QueueKey:
        """Return the queue that holds `entry`; raises `NotFound`."""
        place = await queue_reads.place_of_entry(tx, EntryId(entry))
        if place is None:
            raise NotFound("There is no such appointment.")
        return QueueKey(*place)


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
