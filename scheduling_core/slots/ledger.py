"""The folded state of a doctor's slots: how far they are generated, which holds are open, what was counted.

The slots themselves are rows of their own, which a calendar leads to; nothing here is needed to make them again.
"""

from datetime import date, datetime
from typing import assert_never

import msgspec

from scheduling_core.aggregates import Aggregate
from scheduling_core.ids import HoldId, SlotId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots import events as ev

KIND = "slots"
SCHEMA_VERSION = 1
"""Version that new events are written with; an upcaster per step brings older ones up to it."""


class OpenHold(msgspec.Struct, frozen=True, gc=False):
    """A place kept for somebody; whether it still counts is a question of the time (`expires_at`)."""

    slot: SlotId
    mode: Mode
    expires_at: datetime


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
    holds: dict[HoldId, OpenHold] = {}
    """Not yet released, expired or booked."""


def fold(state: SlotLedger | None, event: ev.SlotEvent, _at: datetime) -> SlotLedger:
    """Return the ledger after `event`."""
    now = state or SlotLedger()
    replace = msgspec.structs.replace
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
            kept = OpenHold(event.slot, event.mode, event.expires_at)
            return replace(now, holds=now.holds | {event.hold: kept})
        case ev.HoldReleased() | ev.HoldExpired():
            return replace(now, holds=_without(now.holds, event.hold))
        case ev.SlotBooked():
            return replace(now, booked=now.booked + 1, holds=_without(now.holds, event.hold))
        case ev.SlotGivenBack():
            return replace(now, given_back=now.given_back + 1)
        case _:
            assert_never(event)


def _without(holds: dict[HoldId, OpenHold], gone: HoldId | None) -> dict[HoldId, OpenHold]:
    return {hold: kept for hold, kept in holds.items() if hold != gone}


SLOTS: Aggregate[SlotLedger, ev.SlotEvent] = Aggregate(
    KIND, events=ev.SlotEvent, state=SlotLedger, fold=fold, schema_version=SCHEMA_VERSION, upcasters={}
)
