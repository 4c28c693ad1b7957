"""Holds: who keeps a place of a slot for how long, and when it is somebody else's turn. Pure.

A hold counts while its time is not over, whether or not anybody has noted its end: expiry is a question asked of the
clock, so that a job which comes late never keeps a place from anybody. Whoever is next to change a doctor's slots notes
what is overdue first (`overdue`).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from scheduling_core.errors import Conflict, HoldExpired, NotFound, SlotUnavailable
from scheduling_core.ids import ClinicId, DoctorId, HoldId, SlotId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots import events as ev
from scheduling_core.slots.events import HolderKind
from scheduling_core.slots.ledger import Hold, HoldOutcome, SlotLedger

HELD_FOR = {
    HolderKind.STAFF: timedelta(minutes=30),
    HolderKind.PATIENT: timedelta(minutes=10),
    HolderKind.GUEST: timedelta(minutes=10),
    HolderKind.WAITLIST: timedelta(minutes=30),
}
"""How long a place is kept from when it is taken, or from when a payment for it began."""


class Holder(msgspec.Struct, frozen=True, order=True):
    """Who keeps a place: an account, or a guest by the digest of a session token."""

    kind: HolderKind
    id: UUID


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a slot: places in person, by video, and until when the first of them is."""

    in_person: int = 0
    tele: int = 0
    until: datetime | None = None

    @property
    def total(self) -> int:
        """Return how many places are kept altogether."""
        return self.in_person + self.tele


def held(ledger: SlotLedger, slot: SlotId, now: datetime, *, without: HoldId | None = None) -> Held:
    """Return what is kept of `slot` at this moment, `without` one hold if it is given."""
    live = [kept for id, kept in ledger.holds.items() if kept.slot == slot and kept.is_live(now) and id != without]
    in_person = sum(hold.mode is Mode.IN_PERSON for hold in live)
    return Held(
        in_person=in_person, tele=len(live) - in_person, until=min((hold.expires_at for hold in live), default=None)
    )


def held_with(kept: Held, more: ev.HoldCreated) -> Held:
    """Return what is kept of a slot when this hold comes on top."""
    return Held(
        in_person=kept.in_person + (more.mode is Mode.IN_PERSON),
        tele=kept.tele + (more.mode is Mode.TELE),
        until=more.expires_at if kept.until is None else min(kept.until, more.expires_at),
    )


def overdue(ledger: SlotLedger, doctor: DoctorId, now: datetime) -> list[ev.HoldExpired]:
    """Return the ends of all holds whose time is over and nobody has said so yet."""
    return [
        ev.HoldExpired(doctor=doctor, hold=hold, slot=kept.slot)
        for hold, kept in ledger.holds.items()
        if kept.is_overdue(now)
    ]


def create(
    doctor: DoctorId,
    hold: HoldId,
    holder: Holder,
    *,
    slot: SlotId,
    clinic: ClinicId,
    start: datetime,
    mode: Mode,
    now: datetime,
    until: datetime | None = None,
) -> ev.HoldCreated:
    """Return the hold of one place; that there is one, and that the holder may have another, is asked before.

    It lasts as long as such holders have, or `until` if that is given, and never beyond the beginning of its slot.
    """
    return ev.HoldCreated(
        doctor=doctor,
        hold=hold,
        slot=slot,
        clinic=clinic,
        start=start,
        mode=mode,
        holder_kind=holder.kind,
        holder=holder.id,
        expires_at=min(until or now + HELD_FOR[holder.kind], start),
    )


def of_holder(ledger: SlotLedger, slot: SlotId, holder: Holder, now: datetime) -> tuple[HoldId, Hold] | None:
    """Return the holder's live hold of the slot, if there is one."""
    for hold, kept in ledger.holds.items():
        if kept.slot == slot and is_of(kept, holder) and kept.is_live(now):
            return hold, kept
    return None


def is_of(hold: Hold, holder: Holder) -> bool:
    """Return whether this is the holder's."""
    return (hold.holder_kind, hold.holder) == (holder.kind, holder.id)


def usable(ledger: SlotLedger, hold: HoldId, slot: SlotId, holder: Holder, mode: Mode, now: datetime) -> Hold:
    """Return the live hold from which this holder books this slot.

    Raises `NotFound` for a hold that is nobody's, somebody else's or another slot's, `HoldExpired` when its time is
    over, `SlotUnavailable` when the slot was closed meanwhile, `Conflict` when it is booked already or was given up,
    or keeps a place of another kind.
    """
    kept = ledger.holds.get(hold)
    if kept is None or kept.slot != slot or not is_of(kept, holder):
        raise NotFound("There is no such hold.", field="holdId")
    if kept.outcome is HoldOutcome.BOOKED:
        raise Conflict("This hold was booked already.", field="holdId")
    if kept.outcome is HoldOutcome.SLOT_CLOSED:
        raise SlotUnavailable("This time is not offered any more.", field="holdId")
    if kept.outcome is HoldOutcome.GIVEN_UP:
        raise Conflict("This hold was given up.", field="holdId")
    if not kept.is_live(now):
        raise HoldExpired(field="holdId")
    if kept.mode is not mode:
        raise Conflict("What is held is a place of the other kind.", field="mode")
    return kept


def renew(ledger: SlotLedger, doctor: DoctorId, hold: HoldId, now: datetime) -> ev.HoldRenewed:
    """Return the hold kept as long again from now, because a payment for it is under way.

    Raises `HoldExpired` when it is over, `Conflict` when it was renewed already.
    """
    kept = ledger.holds.get(hold)
    if kept is None or not kept.is_live(now):
        raise HoldExpired(field="holdId")
    if kept.renewed:
        raise Conflict("A hold is renewed once.", field="holdId")
    until = min(now + HELD_FOR[kept.holder_kind], kept.start)
    return ev.HoldRenewed(doctor=doctor, hold=hold, slot=kept.slot, expires_at=max(until, kept.expires_at))


def closed(ledger: SlotLedger, doctor: DoctorId, slots: Iterable[SlotId]) -> list[ev.HoldReleased]:
    """Return the ends of all open holds of slots that are not offered any more."""
    gone = set(slots)
    return [
        ev.HoldReleased(doctor=doctor, hold=hold, slot=kept.slot, why=ev.HoldEnd.SLOT_CLOSED)
        for hold, kept in ledger.holds.items()
        if kept.slot in gone and kept.ended_at is None
    ]
