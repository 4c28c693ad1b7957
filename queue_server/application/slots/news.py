"""What watchers of a doctor's times are told of with a commit: which slots, and what happened to them.

It goes with NOTIFY, which takes 8,000 bytes: so it says which slots are concerned, and whoever shows them reads how
they are now. That is also newer than anything the commit itself could say.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

import msgspec

from scheduling_core.ids import SlotId
from scheduling_core.slots import events as ev

MOST = 60
"""Slots named one by one; of more, only the dates between which they lie."""


class SlotNewsKind(StrEnum):
    """What happened; the names of the messages that clients get."""

    CHANGED = "slot_availability_changed"
    HOLD_CREATED = "hold_created"
    HOLD_RELEASED = "hold_released"
    BOOKED = "slot_booked"


class SlotNews(msgspec.Struct, frozen=True, array_like=True):
    """What happened to one slot."""

    kind: SlotNewsKind
    slot: SlotId
    expires_at: datetime | None = None
    """Of the hold that was created."""


class DoctorNews(msgspec.Struct, frozen=True, array_like=True):
    """What a commit did to a doctor's slots: to some, and to any between two dates (by the clinics' clocks)."""

    slots: list[SlotNews]
    between: tuple[date, date] | None = None


def news_of(events: Iterable[ev.SlotEvent]) -> bytes:
    """Return the news of events as they travel; `read` reads them again."""
    slots: list[SlotNews] = []
    days: list[date] = []
    for event in events:
        match event:
            case ev.SlotsGenerated():
                days += [event.first, event.last]
            case ev.SlotBlocked() | ev.SlotUnblocked() | ev.SlotCapacityChanged() | ev.SlotGivenBack():
                slots.append(SlotNews(SlotNewsKind.CHANGED, event.slot))
            case ev.HoldCreated() | ev.HoldRenewed():
                slots.append(SlotNews(SlotNewsKind.HOLD_CREATED, event.slot, event.expires_at))
            case ev.HoldReleased() | ev.HoldExpired():
                slots.append(SlotNews(SlotNewsKind.HOLD_RELEASED, event.slot))
            case ev.SlotBooked():
                slots.append(SlotNews(SlotNewsKind.BOOKED, event.slot))
            case _:
                assert_never(event)
    if len(slots) > MOST:
        # So many at once: let whoever watches look at everything again.
        slots, days = [], [*days, date.min, date.max]
    return msgspec.json.encode(DoctorNews(slots, (min(days), max(days)) if days else None))


read = msgspec.json.Decoder(DoctorNews).decode
