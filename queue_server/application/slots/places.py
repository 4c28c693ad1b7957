"""Places of slots: taken while there are any, and what to say when there are none."""

from datetime import datetime

from queue_server.application.slots.shown import remaining
from queue_server.application.slots.stream import SlotStream
from queue_server.store import holds as store
from queue_server.store.db import Row, Transaction
from scheduling_core.booking import holds
from scheduling_core.errors import ModeNotOffered, SlotBlocked, SlotPast, SlotUnavailable
from scheduling_core.ids import HoldId, SlotId
from scheduling_core.live_queue.state import Mode


async def take(tx: Transaction, slot: Row, mode: Mode, stream: SlotStream, *, hold: HoldId | None = None) -> Row | None:
    """Take one place of the slot for good, the one that `hold` keeps if given; returns the slot as it then is, or None.

    What others hold is theirs. Call it with the stream of the doctor's slots locked; `slot` may have been read before.
    """
    kept = holds.held(stream.ledger, SlotId(slot["slot_id"]), stream.now, without=hold)
    return await store.occupy(tx, slot, kept, stream.now, taking=mode)


def is_certainly_full(slot: Row, mode: Mode, now: datetime) -> bool:
    """Return whether no place of the slot could be had at the moment it was read, which needs no lock to say so.

    That lets a rush go by: who comes too late does not wait for the others to be told. While a hold is over that nobody
    has noted yet, `remaining` counts a place more than there may be, so whoever asks goes on and finds out.
    """
    left = remaining(slot, now)
    return (left.in_person if mode is Mode.IN_PERSON else left.tele) <= 0


def why_not(slot: Row, mode: Mode, now: datetime) -> SlotUnavailable:
    """Return why no place of the slot can be had."""
    if slot["start"] <= now:
        return SlotPast()
    if slot["blocked"]:
        return SlotBlocked()
    if slot["withdrawn"]:
        return SlotUnavailable("This time is not offered any more.")
    if not slot["in_person" if mode is Mode.IN_PERSON else "tele"]:
        return ModeNotOffered(field="mode")
    left = remaining(slot, now)
    if left.in_person or left.tele:
        return SlotUnavailable("All places of this kind are taken.", field="mode")
    if slot["held"]:
        return SlotUnavailable("Somebody is just booking this time.")
    return SlotUnavailable("This time has just been taken.")
