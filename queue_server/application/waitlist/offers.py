"""What is offered to somebody who waits and what came of it, as they are told: on the page of their link, on the
tracker of another visit of theirs, and in their account."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.directory import Directory
from queue_server.application.links import TrackingLinks
from queue_server.application.tokens import Tokens
from queue_server.application.views import View
from queue_server.application.views.tracking import ClinicView, DoctorView
from queue_server.application.waitlist.links import LINK_OUTLASTS
from queue_server.application.waitlist.model import WAITLIST_MODEL
from queue_server.application.waitlist.reach import reached
from queue_server.application.waitlist.views import OwnEntryView, own_view
from queue_server.store import clinics, event_store
from queue_server.store import people as people_store
from queue_server.store import waitlist as store
from queue_server.store.db import Database, Row, Transaction
from scheduling_core.errors import NotFound
from scheduling_core.ids import DoctorId, EntryId, TenantId, WaitlistId
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Permission, Role
from scheduling_core.waitlist import events as ev
from scheduling_core.waitlist.events import EndOfInvite
from scheduling_core.waitlist.state import WaitlistStatus


class OfferView(View, frozen=True, kw_only=True):
    """A time that is offered; whoever has the token answers it."""

    token: str
    waitlist_id: UUID
    start: datetime
    mode: Mode
    respond_by: datetime
    since: datetime
    """When it was offered."""
    doctor: DoctorView
    clinic: ClinicView


class Step(StrEnum):
    """What happened to an entry, as its patient is told."""

    JOINED = "joined"
    EDITED = "edited"
    PLACED = "placed"
    DEFERRED = "deferred"
    RESUMED = "resumed"
    OFFERED = "offered"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"
    PROMOTED = "promoted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class StepView(View, frozen=True, kw_only=True):
    """One step of an entry's way."""

    what: Step
    at: datetime
    start: datetime | None = None
    """Of the time that was offered."""
    until: datetime | None = None
    """By when it had to be answered, or how long nothing is offered."""


class TimelineView(View, frozen=True, kw_only=True):
    """The way of an entry, oldest step first, and to its patient what is offered just now."""

    steps: tuple[StepView, ...]
    offer: OfferView | None


class InviteState(StrEnum):
    """How it stands behind a link."""

    OFFERED = "offered"
    BOOKED = "booked"
    DECLINED = "declined"
    LATE = "late"
    GONE = "gone"
    WAITING = "waiting"
    DEFERRED = "deferred"
    LEFT = "left"
    OVER = "over"


class BookedVisit(msgspec.Struct, frozen=True, kw_only=True):
    """The appointment that somebody who waited has got; without a token where its links were withdrawn."""

    start: datetime
    mode: Mode
    ticket: str
    doctor: DoctorView
    tracking_token: str | None


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page of a link tells."""

    tenant: TenantId
    entry: OwnEntryView
    state: InviteState
    language: str
    clinic: ClinicView
    offer: OfferView | None
    booked: BookedVisit | None


class Awaited(msgspec.Struct, frozen=True):
    """Whether the patient of an appointment waits for another, and what is offered to them."""

    waits: bool
    offer: OfferView | None = None
    language: str = ""


_ENDS = {
    EndOfInvite.DECLINED: Step.DECLINED,
    EndOfInvite.UNANSWERED: Step.UNANSWERED,
    EndOfInvite.WITHDRAWN: Step.WITHDRAWN,
    EndOfInvite.TIME_GONE: Step.WITHDRAWN,
}
_AFTER = {
    Step.DECLINED: InviteState.DECLINED,
    Step.UNANSWERED: InviteState.LATE,
    Step.WITHDRAWN: InviteState.GONE,
}
_ENDED = {
    WaitlistStatus.PROMOTED: InviteState.BOOKED,
    WaitlistStatus.CANCELLED: InviteState.LEFT,
    WaitlistStatus.EXPIRED: InviteState.OVER,
    WaitlistStatus.DEFERRED: InviteState.DEFERRED,
}


class Offers:
    """Tells those who wait what is offered to them."""

    def __init__(self, db: Database, directory: Directory, links: TrackingLinks, tokens: Tokens) -> None:
        self._db = db
        self._directory = directory
        self._links = links
        self._tokens = tokens

    async def of_link(self, token: str) -> Invitation:
        """Return what the page of a link tells; raises `InvalidTrackingToken`, `NotFound` for an erased entry."""
        claims = self._tokens.verify_waitlist(token)
        async with self._db.tenant(claims.tenant) as tx:
            rows = await store.entries(tx, [claims.entry])
            if not rows:
                raise NotFound("There is no such entry.")
            row = rows[0]
            entry = own_view(tx.tenant, row, (await store.policy(tx, row["clinic_id"])).policy, None)
            state = await _state(tx, row, entry)
            return Invitation(
                tenant=tx.tenant,
                entry=entry,
                state=state,
                language=row["language"],
                clinic=await _clinic(tx, row["clinic_id"]),
                offer=await self._offer(tx, row),
                booked=await self._booked(tx, entry) if state is InviteState.BOOKED else None,
            )

    async def beside(self, tenant: TenantId, appointment: EntryId) -> Awaited:
        """Return what the patient of an appointment waits for besides: of several offers the one that ends first."""
        async with self._db.tenant(tenant) as tx:
            ids = await store.behind_appointment(tx, appointment)
            if not ids:
                return Awaited(waits=False)
            rows = [row for row in await store.entries(tx, ids) if _is_offered(row)]
            if not rows:
                return Awaited(waits=True)
            first = min(rows, key=lambda row: row["respond_by"])
            return Awaited(waits=True, offer=await self._offer(tx, first), language=first["language"])

    async def timeline(self, actor: Actor, entry: UUID) -> TimelineView:
        """Return the way of an entry; raises `NotFound` for one out of reach, `Forbidden` for another doctor's."""
        async with self._db.tenant(actor.tenant) as tx:
            row = await reached(tx, actor, WaitlistId(entry), Permission.READ_WAITLIST)
            # How it is answered is for the patient alone; staff promote in their own name.
            offer = await self._offer(tx, row) if actor.role is Role.PATIENT else None
            return TimelineView(steps=tuple(await _steps(tx, row)), offer=offer)

    async def _offer(self, tx: Transaction, row: Row) -> OfferView | None:
        if not _is_offered(row):
            return None
        doctor = await self._directory.doctor(tx.tenant, DoctorId(row["slot_doctor_id"]), tx)
        entry = WaitlistId(row["waitlist_id"])
        return OfferView(
            token=self._tokens.issue_waitlist(
                tenant=tx.tenant, entry=entry, expires_at=row["expires_at"] + LINK_OUTLASTS
            ),
            waitlist_id=entry,
            start=row["slot_start"],
            mode=Mode(row["slot_mode"]),
            respond_by=row["respond_by"],
            since=row["updated_at"],
            doctor=doctor.view(),
            clinic=await _clinic(tx, row["clinic_id"]),
        )

    async def _booked(self, tx: Transaction, entry: OwnEntryView) -> BookedVisit | None:
        appointment = entry.promoted_appointment_id
        row = await people_store.tracked_appointment(tx, appointment) if appointment is not None else None
        if row is None:
            return None
        doctor = await self._directory.doctor(tx.tenant, DoctorId(row["doctor_id"]), tx)
        # Links that were withdrawn are not made again for whoever still has this one.
        generation: int = row["links_generation"]
        token = None
        if generation == 0:
            visit = EntryId(row["appointment_id"])
            token, _ = self._links.make(tx.tenant, visit, doctor.id, generation=0, start=row["start"])
        return BookedVisit(
            start=row["start"],
            mode=Mode(row["mode"]),
            ticket=row["ticket"],
            doctor=doctor.view(),
            tracking_token=token,
        )


async def _clinic(tx: Transaction, clinic: UUID) -> ClinicView:
    found = await clinics.clinic(tx, clinic)
    assert found is not None, "the entry refers to it"
    return ClinicView(id=found.id, name=found.name, timezone=found.timezone, address=found.address)


def _is_offered(row: Row) -> bool:
    """Whether a time is offered that can still be answered."""
    return row["invite_id"] is not None and row["respond_by"] > row["now"]


async def _state(tx: Transaction, row: Row, entry: OwnEntryView) -> InviteState:
    if entry.invite is not None:
        return InviteState.OFFERED
    if entry.status in _ENDED:
        return _ENDED[entry.status]
    if not row["invited"]:
        return InviteState.WAITING
    ends = [_AFTER[step.what] for step in await _steps(tx, row) if step.what in _AFTER]
    return ends[-1] if ends else InviteState.WAITING


async def _steps(tx: Transaction, row: Row) -> Sequence[StepView]:
    """Return what happened to an entry, with the end of an offer that nobody has noted yet."""
    rows = await event_store.all_events(tx, WAITLIST_MODEL.stream(tx.tenant, WaitlistId(row["waitlist_id"])))
    decode = WAITLIST_MODEL.aggregate.decode_event
    steps = [_step(decode(one["type"], one["schema_version"], one["data"]), one["occurred_at"]) for one in rows]
    if row["invite_id"] is not None and not _is_offered(row):
        steps.append(StepView(what=Step.UNANSWERED, at=row["respond_by"]))
    return steps


def _step(event: ev.WaitlistEvent, at: datetime) -> StepView:
    match event:
        case ev.WaitlistJoined():
            return StepView(what=Step.JOINED, at=at)
        case ev.WaitlistEdited():
            return StepView(what=Step.EDITED, at=at)
        case ev.WaitlistOverridden():
            return StepView(what=Step.PLACED, at=at)
        case ev.WaitlistDeferred():
            return StepView(what=Step.DEFERRED, at=at, until=event.until)
        case ev.WaitlistResumed():
            return StepView(what=Step.RESUMED, at=at)
        case ev.WaitlistInvited():
            return StepView(what=Step.OFFERED, at=at, start=event.start, until=event.respond_by)
        case ev.WaitlistInviteEnded():
            return StepView(what=_ENDS[event.why], at=at)
        case ev.WaitlistPromoted():
            return StepView(what=Step.PROMOTED, at=at)
        case ev.WaitlistExpired():
            return StepView(what=Step.EXPIRED, at=at)
        case ev.WaitlistCancelled():
            return StepView(what=Step.CANCELLED, at=at)
