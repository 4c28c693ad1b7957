"""Tracking: from a link to the appointment and its place in the queue."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from time import monotonic
from uuid import UUID

import msgspec
from msgspec.structs import replace

from queue_server.application.actor import Actor
from queue_server.application.directory import Directory, DoctorEntry
from queue_server.application.links import TrackingLinks, check_generation
from queue_server.application.patient_view import PatientViews
from queue_server.application.places import Place, booked_of
from queue_server.application.reading import QueueReading
from queue_server.application.snapshots.service import QueueSnapshots
from queue_server.application.snapshots.state import RoomKey, RoomState
from queue_server.application.tokens import TrackingClaims
from queue_server.application.unit import QueueKey
from queue_server.application.views.tracking import AppointmentView, PlaceChange, QueueView, TrackedView
from queue_server.store import people as people_store
from queue_server.store.db import Database, Row
from scheduling_core.errors import InvalidTrackingToken, NotFound
from scheduling_core.estimates.waits import WaitEstimator
from scheduling_core.ids import DoctorId, EntryId, TenantId
from scheduling_core.live_queue.state import EntryState, Mode

CACHE_SIZE = 200_000
VIEWS_KEPT, VIEWS_SECONDS = 1_000, 1.0
"""Queues whose views are kept, and for how long: what is shown counts in minutes."""


class TrackedAppointment(msgspec.Struct, frozen=True, kw_only=True):
    """What stays the same of an appointment while its place in the queue moves."""

    tenant: TenantId
    entry: EntryId
    doctor: DoctorEntry
    """Who has it now; of where patients go `place` tells, not the doctor's home."""
    place: Place
    date: str
    ticket: str
    start: datetime
    duration: int
    visit_type: str
    mode: Mode
    greeting: str
    language: str
    generation: int

    def view(self, status: EntryState) -> AppointmentView:
        """Return the appointment as its patient sees it."""
        return AppointmentView(
            id=self.entry,
            ticket=self.ticket,
            start=self.start,
            duration_minutes=self.duration,
            visit_type=self.visit_type,
            mode=self.mode,
            status=status,
            clinic=self.place.clinic,
            doctor=self.doctor.view(),
            room=self.place.room,
            greeting=self.greeting,
            language=self.language,
        )


class Tracked(msgspec.Struct, frozen=True):
    """What a link shows, and a tag that changes whenever it does."""

    view: TrackedView
    etag: str
    stale_since: datetime | None = None
    """Since when Postgres has been away, while what is shown is the last that was known."""


class Tracking:
    """Answers tracking links."""

    def __init__(
        self,
        db: Database,
        links: TrackingLinks,
        directory: Directory,
        snapshots: QueueSnapshots,
        reading: QueueReading,
        estimator: WaitEstimator,
        ttl_seconds: int,
    ) -> None:
        self._db = db
        self._links = links
        self._directory = directory
        self._snapshots = snapshots
        self._reading = reading
        self._estimator = estimator
        self._ttl = ttl_seconds
        self._known: OrderedDict[tuple[TenantId, EntryId], tuple[float, TrackedAppointment]] = OrderedDict()
        self._reads: dict[tuple[TenantId, DoctorId], asyncio.Task[None]] = {}
        self._views: OrderedDict[RoomKey, tuple[float, RoomState, PatientViews]] = OrderedDict()
        self._withdrawals = 0
        """Links that were withdrawn or whose appointments moved so far, or nobody knows which."""

    async def track(self, token: str, *, fresh: bool = False) -> Tracked:
        """Return appointment and place behind a link; `fresh` goes past every cache.

        Raises `InvalidTrackingToken`, `RevokedTrackingToken`, or `NotFound` when the appointment is gone.
        """
        appointment, state = await self.locate(token, fresh=fresh)
        view = self.view(appointment, state)
        return Tracked(view, content_tag(view), state.stale_since)

    async def locate(self, token: str, *, fresh: bool = False) -> tuple[TrackedAppointment, RoomState]:
        """Return the appointment behind a link and the newest state of the queue that holds it now."""
        appointment = await self.resolve(token, fresh=fresh)
        state = await self._state(appointment, fresh=fresh)
        if appointment.entry not in state.queue.entries:
            # Transferred since it was looked up: once more, past the cache.
            appointment = await self.resolve(token, fresh=True)
            state = await self._state(appointment, fresh=True)
        if appointment.entry not in state.queue.entries:
            raise NotFound("This appointment is in no queue.")
        return appointment, state

    async def resolve(self, token: str, *, fresh: bool = False) -> TrackedAppointment:
        """Return the appointment behind a link; cached for the tracking time to live unless `fresh`.

        Raises `InvalidTrackingToken`, `RevokedTrackingToken` or `NotFound`.
        """
        claims = self._links.read(token)
        appointment = None if fresh else self._cached(claims)
        if appointment is None and not fresh:
            await self._room_of(claims)
            appointment = self._cached(claims)
        if appointment is None:
            appointment = await self._read(claims.tenant, claims.appointment)
        if claims.generation > appointment.generation:
            raise InvalidTrackingToken
        check_generation(claims, appointment.generation)
        return appointment

    def _cached(self, claims: TrackingClaims) -> TrackedAppointment | None:
        """Return what is known; nothing when it is too old, or older than a link of a later generation tells."""
        until, appointment = self._known.get((claims.tenant, claims.appointment), (0.0, None))
        if appointment is None or until <= monotonic() or appointment.generation < claims.generation:
            return None
        return appointment

    def _keep(self, appointments: Iterable[TrackedAppointment], withdrawals: int) -> None:
        """Cache what was read, unless links were withdrawn or moved since: then it may already be wrong."""
        if withdrawals != self._withdrawals:
            return
        until = monotonic() + self._ttl
        for appointment in appointments:
            key = (appointment.tenant, appointment.entry)
            self._known[key] = (until, appointment)
            self._known.move_to_end(key)
        while len(self._known) > CACHE_SIZE:
            self._known.popitem(last=False)

    async def _room_of(self, claims: TrackingClaims) -> None:
        """Read everybody in the queue of a link at once, together with all who ask for the same doctor meanwhile.

        Phones of one queue come back together; one read for all of them is what a restart costs.
        """
        lane = (claims.tenant, claims.doctor)
        under_way = self._reads.get(lane)
        if under_way is None:
            work = self._read_room(claims.tenant, claims.appointment)
            under_way = self._reads[lane] = asyncio.get_running_loop().create_task(work)
            under_way.add_done_callback(partial(self._room_read, lane))
        await asyncio.shield(under_way)

    def _room_read(self, lane: tuple[TenantId, DoctorId], read: asyncio.Task[None]) -> None:
        self._reads.pop(lane, None)
        if not read.cancelled():
            read.exception()  # raised to those who wait for it, should there still be any

    async def _read_room(self, tenant: TenantId, entry: EntryId) -> None:
        withdrawals = self._withdrawals
        async with self._db.tenant(tenant) as tx:
            rows = await people_store.tracked_room(tx, entry)
            if not rows:
                return
            doctor = await self._directory.doctor(tenant, DoctorId(rows[0]["doctor_id"]), tx)
            await self._snapshots.read_along(tx, doctor.id, rows[0]["date"].isoformat())
        self._keep((_tracked(tenant, doctor, row) for row in rows), withdrawals)

    def tenant_of(self, token: str) -> TenantId | None:
        """Return the tenant of a link that we have signed and that is not over; None for every other string."""
        try:
            return self._links.read(token).tenant
        except InvalidTrackingToken:
            return None

    async def changes(self, token: str) -> list[PlaceChange]:
        """Return why the place behind a link changed, oldest first, in the patient's language."""
        appointment, state = await self.locate(token)
        key = QueueKey(state.queue.doctor, state.date)
        return await self._reading.changes_of(appointment.tenant, key, appointment.entry, language=appointment.language)

    async def link(self, actor: Actor, entry: EntryId) -> tuple[str, str]:
        """Return a new token and link for an appointment of the actor's clinics; raises `NotFound` or `Forbidden`."""
        return await self._links.issue(actor, entry)

    async def revoke(self, actor: Actor, entry: EntryId) -> None:
        """Withdraw every link of an appointment; raises `NotFound` or `Forbidden`."""
        await self._links.revoke(actor, entry)
        self.forget(actor.tenant, entry)

    def forget(self, tenant: TenantId, entry: EntryId) -> None:
        """Drop what is cached of an appointment, because it or its links have changed."""
        self._withdrawals += 1
        self._known.pop((tenant, entry), None)

    def on_pointer(self, tenant: TenantId, doctor: DoctorId, date: str, epoch: int, version: int) -> None:
        """A queue moved: what is cached here does not move with it."""

    def on_revoked(self, tenant: TenantId, entry: EntryId) -> None:
        """Links were withdrawn, by whichever server."""
        self.forget(tenant, entry)

    def on_moved(self, tenant: TenantId, entry: EntryId) -> None:
        """An appointment was given another time, by whichever server."""
        self.forget(tenant, entry)

    def on_gap(self) -> None:
        """A withdrawal may have been missed: ask anew."""
        self._withdrawals += 1
        self._known.clear()

    def view(self, appointment: TrackedAppointment, state: RoomState) -> TrackedView:
        """Return what the patient sees of `state`."""
        queue = self.queue_view(appointment, state)
        return TrackedView(appointment=appointment.view(queue.state), queue=queue)

    def queue_view(self, appointment: TrackedAppointment, state: RoomState) -> QueueView:
        """Return the patient's own view of the queue; raises KeyError when the entry is in another queue now."""
        return self.queue_views(state)(appointment)

    def queue_views(self, state: RoomState) -> Callable[[TrackedAppointment], QueueView]:
        """Return a function that makes the views of many patients of one queue from the same estimates."""
        views = self._views_of(state)

        def view(appointment: TrackedAppointment) -> QueueView:
            room, doctor = appointment.place.room, appointment.doctor.name
            return views.of(appointment.entry, language=appointment.language, room=room, doctor=doctor)

        return view

    def _views_of(self, state: RoomState) -> PatientViews:
        """Return the views of a state, the same ones for a second: patients of one queue come back together."""
        until, known, views = self._views.get(state.key, (0.0, None, None))
        if views is not None and known is state and monotonic() < until:
            return views
        now = datetime.now(UTC)
        waits = self._estimator.estimate(state.queue, now)
        views = PatientViews(state.queue, epoch=state.epoch, texts=state.texts, waits=waits, now=now)
        self._views[state.key] = (monotonic() + VIEWS_SECONDS, state, views)
        self._views.move_to_end(state.key)
        if len(self._views) > VIEWS_KEPT:
            self._views.popitem(last=False)
        return views

    async def _state(self, appointment: TrackedAppointment, *, fresh: bool) -> RoomState:
        state = await self._snapshots.get(appointment.tenant, appointment.doctor.id, appointment.date, fresh=fresh)
        if state is None:
            raise NotFound("This appointment is in no queue.")
        return state

    async def _read(self, tenant: TenantId, entry: EntryId) -> TrackedAppointment:
        withdrawals = self._withdrawals
        async with self._db.tenant(tenant) as tx:
            row = await people_store.tracked_appointment(tx, entry)
            if row is None:
                raise NotFound("There is no such appointment (any more).")
            doctor = await self._directory.doctor(tenant, DoctorId(row["doctor_id"]), tx)
        appointment = _tracked(tenant, doctor, row)
        self._keep([appointment], withdrawals)
        return appointment


def _tracked(tenant: TenantId, doctor: DoctorEntry, row: Row) -> TrackedAppointment:
    return TrackedAppointment(
        tenant=tenant,
        entry=EntryId(UUID(int=row["appointment_id"].int)),  # not asyncpg's own kind, which JSON does not know
        doctor=doctor,
        place=booked_of(row).place(doctor),
        date=row["date"].isoformat(),
        ticket=row["ticket"],
        start=row["start"],
        duration=row["duration_minutes"],
        visit_type=row["visit_type"],
        mode=Mode(row["mode"]),
        greeting=(row["patient_name"].split() or [""])[0],
        language=row["language"],
        generation=row["links_generation"],
    )


def content_tag(view: TrackedView) -> str:
    """Return a tag that changes when anything does that a phone would show.

    Estimates move with the clock, so a version would not do; and screens show minutes, so seconds do not count.
    """
    start = view.queue.estimated_start_at
    if start is not None:
        shown = replace(view.queue, estimated_start_at=start.replace(second=0, microsecond=0))
        view = replace(view, queue=shown)
    return sha256(msgspec.json.encode(view)).hexdigest()[:32]
