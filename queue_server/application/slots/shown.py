"""Slots from rows of the store, as clients see them."""

from datetime import datetime

from queue_server.application.slots.views import (
    PlacesView,
    SlotCapacityView,
    SlotStatus,
    SlotView,
    StaffSlotView,
)
from queue_server.store.db import Row
from scheduling_core.slots.times import PARTS

NONE_LEFT = PlacesView(in_person=0, tele=0)


def public_slot(row: Row, now: datetime) -> SlotView:
    """Return a slot as everybody may see it."""
    return SlotView(
        id=row["slot_id"],
        doctor_id=row["doctor_id"],
        doctor_name=row["doctor_name"] or "",
        clinic_id=row["clinic_id"],
        start=row["start"],
        end=row["end"],
        date=row["date"].isoformat(),
        part_of_day=PARTS[row["part_of_day"]],
        remaining=remaining(row, now),
        status=status(row, now),
        room_id=row["room_id"],
        version=row["version"],
    )


def staff_slot(row: Row, now: datetime, *, is_withdrawn: bool = False) -> StaffSlotView:
    """Return a slot as staff see it."""
    return StaffSlotView(
        id=row["slot_id"],
        doctor_id=row["doctor_id"],
        doctor_name=row["doctor_name"] or "",
        clinic_id=row["clinic_id"],
        start=row["start"],
        end=row["end"],
        date=row["date"].isoformat(),
        part_of_day=PARTS[row["part_of_day"]],
        remaining=NONE_LEFT if is_withdrawn else remaining(row, now),
        status=SlotStatus.WITHDRAWN if is_withdrawn else status(row, now),
        room_id=row["room_id"],
        equipment_ids=tuple(row["equipment_ids"]),
        version=row["version"],
        schedule_id=row["schedule_id"],
        capacity=SlotCapacityView(in_person=row["in_person"], tele=row["tele"], total=row["total"]),
        taken=SlotCapacityView(in_person=row["in_person_taken"], tele=row["tele_taken"], total=row["taken"]),
        by_hand=row["by_hand"],
        block_reason=row["block_reason"],
    )


def remaining(row: Row, now: datetime) -> PlacesView:
    """Return how many can still be booked in each way: none when the slot is blocked, withdrawn or has begun."""
    if row["blocked"] or row["withdrawn"] or row["start"] <= now:
        return NONE_LEFT
    held, in_person_held, tele_held = row["held"], row["in_person_held"], row["tele_held"]
    if row["held_until"] is not None and row["held_until"] <= now:
        # The first hold is over; nobody has noted yet whether others are, too.
        held, in_person_held, tele_held = held - 1, max(0, in_person_held - 1), max(0, tele_held - 1)
    left = row["total"] - row["taken"] - held
    return PlacesView(
        in_person=min(left, row["in_person"] - row["in_person_taken"] - in_person_held),
        tele=min(left, row["tele"] - row["tele_taken"] - tele_held),
    )


def status(row: Row, now: datetime) -> SlotStatus:
    """Return whether the slot can be booked, and why not."""
    if row["start"] <= now:
        return SlotStatus.PAST
    if row["blocked"]:
        return SlotStatus.BLOCKED
    if row["withdrawn"]:
        return SlotStatus.WITHDRAWN
    left = remaining(row, now)
    if left.in_person or left.tele:
        return SlotStatus.FREE
    return SlotStatus.HELD if row["held"] else SlotStatus.FULL
