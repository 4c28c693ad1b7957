"""Somebody who waits, as their events lead to it."""

from datetime import datetime
from enum import StrEnum
from typing import assert_never

import msgspec

from scheduling_core.aggregates import Aggregate
from scheduling_core.ids import ClinicId, DoctorId, EntryId, HoldId, InviteId, PatientId, SlotId, WaitlistId
from scheduling_core.live_queue.state import Mode
from scheduling_core.waitlist import events as ev

KIND = "waitlist"
SCHEMA_VERSION = 1
"""Version that new events are written with; an upcaster per step brings older ones up to it."""


class WaitlistStatus(StrEnum):
    """How an entry stands."""

    ACTIVE = "active"
    DEFERRED = "deferred"
    INVITED = "invited"
    PROMOTED = "promoted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


WAITING = frozenset({WaitlistStatus.ACTIVE, WaitlistStatus.DEFERRED, WaitlistStatus.INVITED})
"""Counts in the list: has not got what it waits for, and has not given up."""


class Invite(msgspec.Struct, frozen=True, kw_only=True):
    """A time that is offered and held until it has to be answered."""

    id: InviteId
    hold: HoldId
    slot: SlotId
    doctor: DoctorId
    start: datetime
    mode: Mode
    respond_by: datetime
    by_hand: bool

    def is_live(self, now: datetime) -> bool:
        """Whether it can still be accepted."""
        return now < self.respond_by


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's place in the waitlist of a clinic."""

    id: WaitlistId
    clinic: ClinicId
    patient: PatientId
    wish: ev.Wish
    joined_at: datetime
    expires_at: datetime
    doctor: DoctorId | None = None
    override: ev.Override | None = None
    deferred_until: datetime | None = None
    invite: Invite | None = None
    invited: int = 0
    """How many times were offered so far."""
    refused: tuple[SlotId, ...] = ()
    """What they declined or left unanswered, the latest last: it is not offered to them again."""
    appointment: EntryId | None = None
    ended: WaitlistStatus | None = None
    ended_at: datetime | None = None
    version: int = 1
    """How many events there were."""
    updated_at: datetime

    @property
    def status(self) -> WaitlistStatus:
        """How it stands. A time of deferral or an answer that is overdue counts until somebody has noted its end."""
        if self.ended is not None:
            return self.ended
        if self.invite is not None:
            return WaitlistStatus.INVITED
        return WaitlistStatus.ACTIVE if self.deferred_until is None else WaitlistStatus.DEFERRED

    @property
    def is_waiting(self) -> bool:
        """Whether it counts in the list."""
        return self.ended is None


MOST_REFUSED = 50
"""Times that are remembered as not wanted."""


def fold(state: Entry | None, event: ev.WaitlistEvent, at: datetime) -> Entry:
    """Return the entry after `event`."""
    if isinstance(event, ev.WaitlistJoined):
        return Entry(
            id=event.entry,
            clinic=event.clinic,
            patient=event.patient,
            wish=event.wish,
            joined_at=at,
            expires_at=event.expires_at,
            doctor=event.doctor,
            updated_at=at,
        )
    assert state is not None, "an entry begins by joining"
    return msgspec.structs.replace(_next(state, event, at), version=state.version + 1, updated_at=at)


def _next(state: Entry, event: ev.WaitlistEvent, at: datetime) -> Entry:
    replace = msgspec.structs.replace
    match event:
        case ev.WaitlistJoined():
            raise AssertionError("an entry joins once")
        case ev.WaitlistEdited():
            return replace(state, wish=event.wish)
        case ev.WaitlistOverridden():
            return replace(state, override=event.override)
        case ev.WaitlistDeferred():
            return replace(state, deferred_until=event.until)
        case ev.WaitlistResumed():
            return replace(state, deferred_until=None)
        case ev.WaitlistInvited():
            return replace(state, invite=_invite(event), invited=state.invited + 1, deferred_until=None)
        case ev.WaitlistInviteEnded():
            return _uninvited(state, event.why)
        case ev.WaitlistPromoted():
            return _ended(state, WaitlistStatus.PROMOTED, at, event.appointment)
        case ev.WaitlistExpired():
            return _ended(state, WaitlistStatus.EXPIRED, at)
        case ev.WaitlistCancelled():
            return _ended(state, WaitlistStatus.CANCELLED, at)
        case _:
            assert_never(event)


def _invite(event: ev.WaitlistInvited) -> Invite:
    return Invite(
        id=event.invite,
        hold=event.hold,
        slot=event.slot,
        doctor=event.doctor,
        start=event.start,
        mode=event.mode,
        respond_by=event.respond_by,
        by_hand=event.by_hand,
    )


def _uninvited(state: Entry, why: ev.EndOfInvite) -> Entry:
    assert state.invite is not None, "only an invite can end"
    refused = state.refused
    if why in (ev.EndOfInvite.DECLINED, ev.EndOfInvite.UNANSWERED):
        refused = (*refused, state.invite.slot)[-MOST_REFUSED:]
    return msgspec.structs.replace(state, invite=None, refused=refused)


def _ended(state: Entry, status: WaitlistStatus, at: datetime, appointment: EntryId | None = None) -> Entry:
    return msgspec.structs.replace(
        state,
        ended=status,
        ended_at=at,
        appointment=appointment,
        invite=None,
        deferred_until=None,
        override=None,
    )


WAITLIST: Aggregate[Entry, ev.WaitlistEvent] = Aggregate(
    KIND, events=ev.WaitlistEvent, state=Entry, fold=fold, schema_version=SCHEMA_VERSION, upcasters={}
)
