"""Places of slots that are kept for somebody: counted on the slot, listed as holds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from queue_server.store.db import Database, Row, Transaction
from scheduling_core.booking.holds import Held, Holder
from scheduling_core.ids import DoctorId, SlotId
from scheduling_core.live_queue.state import Mode
from sql import loader

_Q = loader.queries("holds")


class HeldSlot(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one slot."""

    slot: SlotId
    start: datetime
    held: Held


async def occupy(tx: Transaction, slot: Row, held: Held, now: datetime, *, taking: Mode | None = None) -> Row | None:
    """Write what is kept of the slot, take one more place for good if a mode is given, and return it as it then is.

    Returns None, and changes nothing, when there are not so many places: the slot is full, blocked, begun, gone, or
    not offered in this mode. `slot` may have been read before the lock: only what names it is taken from there, and
    what never changes.
    """
    row = await tx.row(
        _Q["occupy"],
        tx.tenant,
        slot["doctor_id"],
        slot["start"],
        slot["slot_id"],
        now,
        held.in_person,
        held.tele,
        held.until,
        int(taking is Mode.IN_PERSON),
        int(taking is Mode.TELE),
    )
    # A place is taken of slots alone that nobody blocks, so there is no reason for that.
    return {**slot, **row, "block_reason": None} if row is not None else None


async def has_overdue(tx: Transaction, doctor: DoctorId) -> bool:
    """Return whether a hold of the doctor's slots is over although nobody has ended it yet."""
    row = await tx.row(_Q["has_overdue"], tx.tenant, doctor)
    return row is not None and bool(row["overdue"])


async def set_held(tx: Transaction, doctor: DoctorId, slots: Sequence[HeldSlot]) -> None:
    """Write what is still kept of slots, of which there is less than before."""
    await tx.run(
        _Q["set_held"],
        tx.tenant,
        doctor,
        [one.start for one in slots],
        [one.slot for one in slots],
        [one.held.in_person for one in slots],
        [one.held.tele for one in slots],
        [one.held.until for one in slots],
    )


async def lock_holder(tx: Transaction, holder: UUID) -> None:
    """Let nobody else decide about holds of this holder until the commit."""
    await tx.run(_Q["lock_holder"], tx.tenant, holder)


async def live_holds_of(tx: Transaction, holder: UUID, now: datetime) -> int:
    """Return how many places this holder keeps at the moment."""
    row = await tx.row(_Q["live_holds_of"], tx.tenant, holder, now)
    assert row is not None
    count: int = row["holds"]
    return count


async def live_holds_at_clinic(
    tx: Transaction,
    clinic: UUID,
    day: tuple[datetime, datetime],
    window: tuple[datetime, datetime],
    *,
    besides: UUID,
) -> tuple[int, int]:
    """Return how many places are held at the clinic in the day and in the window (from, until), by others than one."""
    row = await tx.row(_Q["live_holds_at_clinic"], tx.tenant, clinic, *day, *window, besides)
    assert row is not None
    return row["in_day"], row["in_window"]


async def live_hold_of(tx: Transaction, holder: Holder, slot: UUID) -> Row | None:
    """Return hold_id, mode, expires_at and renewed of what the holder keeps of the slot `now`, or None."""
    return await tx.row(_Q["live_hold_of"], tx.tenant, holder.id, holder.kind.value, slot)


async def hold(tx: Transaction, hold: UUID) -> Row | None:
    """Return a hold, open or ended within the hour, or None."""
    return await tx.row(_Q["hold"], tx.tenant, hold)


async def overdue_doctors(tx: Transaction, since: timedelta) -> list[DoctorId]:
    """Return doctors of the tenant with holds that have been over for so long although nobody has said so."""
    return [DoctorId(row["doctor_id"]) for row in await tx.rows(_Q["overdue_doctors"], tx.tenant, since)]


async def counts(db: Database) -> dict[str, int]:
    """Return how many holds there are over all tenants: `live`, `overdue`, and by how those of the last hour ended
    (`booked`, `expired`, `given_up`, `slot_closed`); what there is none of is left out."""
    async with db.anonymous() as connection:
        rows: Sequence[Row] = await connection.fetch(_Q["hold_counts"])
    return {row["state"]: row["holds"] for row in rows}
