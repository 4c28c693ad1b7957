"""What must change for a doctor's slots to follow the calendar. Taken and blocked slots never move.

What of them the calendar does not offer any more is withdrawn: nobody else can book it until it is planned again.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from scheduling_core.calendar.slots import SlotPlan
from scheduling_core.ids import ClinicId
from scheduling_core.slots.times import part_of_day


class KeptSlot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A slot as it is now; of several modes `taken` and `held` are the sums."""

    id: UUID
    clinic: UUID
    schedule: UUID
    room: UUID | None
    equipment: tuple[UUID, ...]
    start: datetime
    end: datetime
    date: date
    part: int
    """Of the day, as its place in `PARTS`."""
    in_person: int
    tele: int
    total: int
    taken: int
    in_person_taken: int
    tele_taken: int
    held: int
    in_person_held: int
    tele_held: int
    blocked: bool
    by_hand: bool
    withdrawn: bool
    """The calendar did not offer it when it was last looked at."""
    version: int

    @property
    def is_movable(self) -> bool:
        """Whether nobody would miss it."""
        return not self.taken and not self.held and not self.blocked


class SlotChange(msgspec.Struct, frozen=True, gc=False):
    """A slot that stays where it is, with other properties or offered again; never fewer places than are taken."""

    was: KeptSlot
    plan: SlotPlan
    part: int
    in_person: int
    tele: int
    total: int


class SlotDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What to add, to take away, to change and to withdraw; `kept` counts all slots that stay where they are."""

    added: list[SlotPlan]
    removed: list[KeptSlot]
    changed: list[SlotChange]
    withdrawn: list[KeptSlot]
    losing_holds: list[KeptSlot]
    """Whoever holds a place of these loses it, for they are not offered any more."""
    kept: int


def compare(
    plans: Sequence[SlotPlan],
    existing: Sequence[KeptSlot],
    first: date,
    last: date,
    now: datetime,
    zones: Mapping[ClinicId, str],
) -> SlotDiff:
    """Return what leads from `existing` to `plans` on the dates from `first` to `last`; both are sorted by start.

    `existing` may reach beyond the range: what lies outside of it, or has begun, is left alone, and nothing is added
    that would overlap it. A free slot that is no longer planned goes; one that is taken or blocked stays, withdrawn,
    and what is planned across it is not added. At the same clinic, start and end a slot stays itself. `zones` must
    know those of the plans.
    """
    coming = [plan for plan in plans if plan.start > now]
    if not existing:
        return SlotDiff(added=coming, removed=[], changed=[], withdrawn=[], losing_holds=[], kept=0)
    by_start = {slot.start: slot for slot in existing if slot.start > now and first <= slot.date <= last}
    clocks = {clinic: ZoneInfo(zones[clinic]) for clinic in {plan.clinic for plan in coming}}
    added, changed, kept = [], [], 0
    fitting: set[datetime] = set()
    for plan in coming:
        slot = by_start.get(plan.start)
        if slot is None or slot.end != plan.end or slot.clinic != plan.clinic:
            added.append(plan)
            continue
        fitting.add(plan.start)
        kept += 1
        if (change := _change(slot, plan, clocks[plan.clinic])) is not None:
            changed.append(change)
    stale = [slot for start, slot in by_start.items() if start not in fitting]
    removed = [slot for slot in stale if slot.is_movable]
    withdrawn = [slot for slot in stale if not slot.is_movable and not slot.withdrawn]
    kept += len(stale) - len(removed)
    gone = {slot.start for slot in removed}
    # Slots that stay overlap none of the plans that fit; only what is new can run into them.
    staying = [slot for slot in existing if slot.start not in gone]
    return SlotDiff(
        added=_clear_of(added, staying),
        removed=removed,
        changed=changed,
        withdrawn=withdrawn,
        losing_holds=[slot for slot in stale if slot.held],
        kept=kept,
    )


def _change(slot: KeptSlot, plan: SlotPlan, clock: ZoneInfo) -> SlotChange | None:
    """Return how a slot is brought in line with its plan; None if it is. What somebody set by hand stays."""
    hours, part = plan.hours, part_of_day(plan.start.astimezone(clock))
    places = (slot.in_person, slot.tele, slot.total)
    if not slot.by_hand:
        places = (
            max(hours.in_person, slot.in_person_taken + slot.in_person_held),
            max(hours.tele, slot.tele_taken + slot.tele_held),
            max(hours.total, slot.taken + slot.held),
        )
    is_same = (
        places == (slot.in_person, slot.tele, slot.total)
        and slot.schedule == plan.schedule
        and slot.room == hours.room
        and slot.equipment == hours.equipment
        and slot.date == plan.date
        and slot.part == part
        and not slot.withdrawn
    )
    return None if is_same else SlotChange(slot, plan, part, *places)


def _clear_of(plans: list[SlotPlan], staying: Sequence[KeptSlot]) -> list[SlotPlan]:
    """Return the plans that overlap none of the slots, which do not overlap each other."""
    if not plans or not staying:
        return plans
    ends = [slot.end for slot in staying]

    def is_clear(plan: SlotPlan) -> bool:
        # The first slot that ends after the plan has begun is the only one that may lie across it.
        place = bisect_left(ends, plan.start)
        if place < len(ends) and ends[place] == plan.start:
            place += 1
        return place == len(staying) or staying[place].start >= plan.end

    return [plan for plan in plans if is_clear(plan)]
