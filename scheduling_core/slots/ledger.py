"""The folded state of a doctor's slots: how far they are generated, which holds are open, what was counted.

The slots themselves are rows of their own, which a calendar leads to; nothing here is needed to make them again.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

import msgspec

from scheduling_core.aggregates import Aggregate
from scheduling_core.ids import ClinicId, DoctorId, EntryId, HoldId, SlotId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots import events as ev

KIND = "slots"
SCHEMA_VERSION = 1
"""Version that new events are written with; an upcaster per step brings older ones up to it."""


ENDED_FOR = timedelta(hours=1)
"""How long it is remembered how a hold ended: long enough to tell its holder."""
MOST_GIVEN_UP = 20
"""Of those that were given up only the last are remembered: their holders know, and nothing else bounds how many times
within the hour one of them takes a place and gives it up again."""


class HoldOutcome(StrEnum):
    """How a hold ended."""

    BOOKED = "booked"
    EXPIRED = "expired"
    GIVEN_UP = "given_up"
    SLOT_CLOSED = "slot_closed"


class Hold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A place kept for somebody. Until it has ended, whether it counts is a question of the time (`expires_at`)."""

    slot: SlotId
    clinic: ClinicId
    start: datetime
    mode: Mode
    holder_kind: ev.HolderKind
    holder: UUID
    created_at: datetime
    expires_at: datetime
    renewed: bool = False
    ended_at: datetime | None = None
    outcome: HoldOutcome | None = None
    appointment: EntryId | None = None
    """Which was booked from it."""

    def is_live(self, now: datetime) -> bool:
        """Whether it keeps a place at this moment."""
        return self.ended_at is None and self.expires_at > now

    def is_overdue(self, now: datetime) -> bool:
        """Whether it has expired without anybody having said so yet."""
        return self.ended_at is None and self.expires_at <= now


class SlotLedger(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the events of a doctor's slots come to."""

    generated_until: date | None = None
    """The last date that was ever generated."""
    last_range: tuple[date, date] | None = None
    conflicts: int = 0
    """As of the last generation, in its range."""
    added: int = 0
    removed: int = 0
    booked: int = 0
    given_back: int = 0
    blocked: int = 0
    """Slots that are blocked now."""
    doctor: DoctorId | None = None
    """Whose slots these are."""
    holds: dict[HoldId, Hold] = {}
    """Open, or ended within the hour; of those given up only the last."""


def fold(state: SlotLedger | None, event: ev.SlotEvent, at: datetime) -> SlotLedger:
    """Return the ledger after `event`."""
    now = state or SlotLedger()
    replace = msgspec.structs.replace
    if now.doctor is None:
        now = replace(now, doctor=event.doctor)
    match event:
        case ev.SlotsGenerated():
            until = event.last if now.generated_until is None else max(now.generated_until, event.last)
            return replace(
                now,
                generated_until=until,
                last_range=(event.first, event.last),
                conflicts=event.conflicts,
                added=now.added + event.added,
                removed=now.removed + event.removed,
            )
        case ev.SlotBlocked():
            return replace(now, blocked=now.blocked + 1)
        case ev.SlotUnblocked():
            return replace(now, blocked=now.blocked - 1)
        case ev.SlotCapacityChanged():
            return now
        case ev.HoldCreated():
            return replace(now, holds=_remembered(now.holds, at) | {event.hold: _created(event, at)})
        case ev.HoldRenewed():
            if (kept := now.holds.get(event.hold)) is None:
                return now
            renewed = replace(kept, expires_at=event.expires_at, renewed=True)
            return replace(now, holds=now.holds | {event.hold: renewed})
        case ev.HoldReleased():
            return replace(now, holds=_ended(now.holds, event.hold, HoldOutcome(event.why.value), at))
        case ev.HoldExpired():
            return replace(now, holds=_ended(now.holds, event.hold, HoldOutcome.EXPIRED, at))
        case ev.SlotBooked():
            holds = now.holds
            if event.hold is not None:
                holds = _ended(holds, event.hold, HoldOutcome.BOOKED, at, event.appointment)
            return replace(now, booked=now.booked + 1, holds=holds)
        case ev.SlotGivenBack():
            return replace(now, given_back=now.given_back + 1)
        case _:
            assert_never(event)


def _created(event: ev.HoldCreated, at: datetime) -> Hold:
    return Hold(
        slot=event.slot,
        clinic=event.clinic,
        start=event.start,
        mode=event.mode,
        holder_kind=event.holder_kind,
        holder=event.holder,
        created_at=at,
        expires_at=event.expires_at,
    )


def _ended(
    holds: dict[HoldId, Hold], hold: HoldId, outcome: HoldOutcome, at: datetime, appointment: EntryId | None = None
) -> dict[HoldId, Hold]:
    if (kept := holds.get(hold)) is None:
        return holds
    ended = msgspec.structs.replace(kept, ended_at=at, outcome=outcome, appointment=appointment)
    return _remembered(holds, at) | {hold: ended}


def _remembered(holds: dict[HoldId, Hold], at: datetime) -> dict[HoldId, Hold]:
    """Return the holds without those that ended too long ago, or with too many behind them."""
    given_up = [
        (kept.ended_at, hold)
        for hold, kept in holds.items()
        if kept.ended_at is not None and kept.outcome is HoldOutcome.GIVEN_UP
    ]
    forgotten = {hold for _, hold in sorted(given_up)[:-MOST_GIVEN_UP]}
    return {
        hold: kept
        for hold, kept in holds.items()
        if hold not in forgotten and (kept.ended_at is None or at - kept.ended_at < ENDED_FOR)
    }


SLOTS: Aggregate[SlotLedger, ev.SlotEvent] = Aggregate(
    KIND, events=ev.SlotEvent, state=SlotLedger, fold=fold, schema_version=SCHEMA_VERSION, upcasters={}
)
