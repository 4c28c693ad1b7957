"""Slots follow the calendar: what a doctor's sources lead to is compared with what is there, and only that is changed.

Booked and blocked slots never move. Whoever generates holds the doctor's calendar stream, then the stream of the
doctor's slots, then slots: so a booking finds a slot as it was before or as it is after, nothing in between.
"""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from queue_server.application.slots.outlook import Outlook, look, narrowed
from queue_server.application.slots.stream import SlotStream, lock_slots
from queue_server.store import slots as store
from queue_server.store.db import Transaction
from scheduling_core.calendar.slots import SlotPlan
from scheduling_core.calendar.sources import Sources
from scheduling_core.ids import ClinicId, DoctorId, SlotId
from scheduling_core.slots.events import SlotsGenerated
from scheduling_core.slots.runs import runs_of
from scheduling_core.slots.times import part_of_day

GENERATE_JOB = "generate_slots"


class Regenerated(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a doctor's slots.

    `changed` counts also those that were withdrawn or are offered again, `conflicts` the appointments in the range
    whose time is not open now.
    """

    added: int = 0
    removed: int = 0
    changed: int = 0
    kept: int = 0
    conflicts: int = 0


async def regenerate(tx: Transaction, doctor: DoctorId, sources: Sources, first: date, last: date) -> Regenerated:
    """Let the doctor's slots from `first` to `last` (dates by the clinics' clocks) follow `sources`.

    The range may be as wide as you like: it is narrowed to what lies between now and the tenant's horizon. Hold the
    doctor's calendar stream. Free slots that no longer fit go, new ones come; taken and blocked ones stay, and nobody
    else can book those that do not fit. Appointments whose time is not open any more become rows of `slot_conflict`,
    and those that fit again cease to be.
    """
    stream = await lock_slots(tx, doctor)
    horizon = await store.horizon(tx)
    span = narrowed(first, last, horizon, stream.ledger.generated_until)
    if span is None:
        return Regenerated()
    outlook = await look(tx, doctor, sources, *span, stream.now)
    if losing := outlook.diff.losing_holds:
        # Whoever is about to book such a time must not: their holds end, and then nobody would miss the slots.
        stream = await stream.close([SlotId(slot.id) for slot in losing], command=GENERATE_JOB)
        outlook = await look(tx, doctor, sources, *span, stream.now)
    await _write_slots(tx, doctor, sources, outlook)
    are_conflicts_new = await _write_conflicts(tx, doctor, outlook)
    made = Regenerated(
        added=len(outlook.diff.added),
        removed=len(outlook.diff.removed),
        changed=len(outlook.diff.changed) + len(outlook.diff.withdrawn),
        kept=outlook.diff.kept,
        conflicts=len(outlook.closed),
    )
    if made.added or made.removed or made.changed or are_conflicts_new:
        await _record(stream, outlook, made)
    return made


async def enqueue_generation(tx: Transaction, doctors: Sequence[DoctorId], key: str) -> None:
    """Let a job for each doctor regenerate everything of theirs once this is committed; nothing can lose it.

    `key` names the change (a version, a date): the same change asks only once.
    """
    await store.enqueue_generation(tx, doctors, key)


async def _write_slots(tx: Transaction, doctor: DoctorId, sources: Sources, outlook: Outlook) -> None:
    diff = outlook.diff
    # Away with what goes before anything comes: two slots never stand at one time, not even for a moment.
    await store.remove(tx, doctor, diff.removed)
    await store.withdraw(tx, doctor, diff.withdrawn)
    await store.change(tx, doctor, diff.changed)
    versions = [1] * len(diff.added)
    if diff.removed:
        replaced = {(slot.clinic, slot.start): slot.version for slot in diff.removed}
        versions = [replaced.get((plan.clinic, plan.start), 0) + 1 for plan in diff.added]
    await store.add(tx, doctor, runs_of(diff.added, _parts(diff.added, sources), versions))


async def _write_conflicts(tx: Transaction, doctor: DoctorId, outlook: Outlook) -> bool:
    """Keep whose time is closed, forget whose is open again; returns whether anything was news."""
    known = {one.booked.id: (one.cause, one.source) for one in outlook.to_come if one.cause is not None}
    new = {
        one.booked.id: (one.booked, reason)
        for one in outlook.to_come
        if (reason := outlook.closed.get(one.booked.id)) is not None
        and known.get(one.booked.id) != (reason.kind.value, reason.source)
    }
    over = [appointment for appointment in known if appointment not in outlook.closed]
    await store.set_conflicts(tx, doctor, new)
    await store.drop_conflicts(tx, over)
    return bool(new or over)


async def _record(stream: SlotStream, outlook: Outlook, made: Regenerated) -> None:
    event = SlotsGenerated(
        doctor=stream.doctor,
        first=outlook.first,
        last=outlook.last,
        added=made.added,
        removed=made.removed,
        changed=made.changed,
        kept=made.kept,
        conflicts=made.conflicts,
    )
    await stream.append(event, command=GENERATE_JOB)


def _parts(plans: Sequence[SlotPlan], sources: Sources) -> list[int]:
    zones: dict[ClinicId, ZoneInfo] = {
        clinic: ZoneInfo(sources.zones[clinic]) for clinic in {plan.clinic for plan in plans}
    }
    return [part_of_day(plan.start.astimezone(zones[plan.clinic])) for plan in plans]
