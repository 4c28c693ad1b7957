"""Making a visit of a slot: place, appointment, room, equipment and the patient's place in the day's queue.

The order of locks is that of everything that books: the day's queue, the stream of the doctor's slots, the slot, the
clinic's caps, room, equipment.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from uuid import uuid4

import msgspec

from queue_server.application import enrolment
from queue_server.application.booking.patients import Booked
from queue_server.application.booking.placing import at_clinic, minutes_of, take_place
from queue_server.application.capacity import Caps
from queue_server.application.directory import Directory, DoctorEntry, check_zone
from queue_server.application.slots.needed import reserve_needed
from queue_server.application.slots.stream import SlotStream, lock_slots
from queue_server.application.unit import LockedQueue, QueueKey, Unit
from queue_server.store import people as people_store
from queue_server.store import slots as store
from queue_server.store.db import Row
from scheduling_core.booking import holds
from scheduling_core.booking.holds import Holder
from scheduling_core.ids import ClinicId, EntryId, EquipmentId, HoldId, SlotId
from scheduling_core.live_queue.commands import EnrolEntry
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.events import SlotBooked


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """How a slot is booked."""

    mode: Mode
    visit_type: str
    holder: Holder | None = None
    """Who keeps the place, where `hold` names it."""
    hold: HoldId | None = None
    besides: tuple[EquipmentId, ...] = ()
    """Reserved beside what the slot names."""
    source: str = "booking"


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A visit that was made."""

    queue: LockedQueue
    doctor: DoctorEntry
    slot: Row
    """As it is with it."""
    entry: EntryId
    patient: Booked


class Visits:
    """Makes visits of slots."""

    def __init__(self, directory: Directory, default_minutes: int) -> None:
        self._directory = directory
        self._default_minutes = default_minutes

    async def make(self, unit: Unit, slot: Row, wanted: Wanted, whose: Callable[[Unit], Awaitable[Booked]]) -> Made:
        """Make a visit of a slot that was read before; `whose` says for whom, when the place is theirs.

        Raises `SlotUnavailable` (with why) when there is no place, `HoldExpired` when the hold is over,
        `CapacityReached` when the clinic takes nobody more, `OtherTimeZone` when the doctor's line of that day runs by
        another zone's clock, `ResourceTaken` when its room or equipment is somebody else's then, `NotFound` for an
        unknown hold.
        """
        doctor = await at_clinic(unit, self._directory, slot)
        key = QueueKey(doctor.id, slot["date"].isoformat())
        opening = partial(enrolment.opening, unit.tx, doctor, key.date, self._default_minutes)
        (queue,) = await unit.lock(key, opening={key: opening})
        check_zone(queue.state, doctor)
        stream = await lock_slots(unit.tx, doctor.id)
        if wanted.hold is not None:
            assert wanted.holder is not None, "a hold is somebody's"
            holds.usable(stream.ledger, wanted.hold, SlotId(slot["slot_id"]), wanted.holder, wanted.mode, stream.now)
        slot = await take_place(unit, slot, wanted.mode, stream, wanted.hold)
        await Caps(unit.tx).take(doctor, queue.state, slot["start"])
        patient = await whose(unit)
        entry = await _enrol(unit, queue, doctor, slot, wanted, patient)
        if wanted.mode is Mode.IN_PERSON:
            await reserve_needed(unit.tx, slot, entry, wanted.besides)
        await _record(unit, stream, slot, entry, wanted)
        return Made(queue=queue, doctor=doctor, slot=slot, entry=entry, patient=patient)


async def _enrol(
    unit: Unit, queue: LockedQueue, doctor: DoctorEntry, slot: Row, wanted: Wanted, patient: Booked
) -> EntryId:
    entry = EntryId(uuid4())
    unit.decide(
        queue,
        EnrolEntry(
            entry=entry,
            start=slot["start"],
            booked_at=unit.now,
            duration=minutes_of(slot),
            visit_type=wanted.visit_type,
            mode=wanted.mode,
        ),
    )
    row = enrolment.appointment_row(
        doctor,
        slot["date"].isoformat(),
        queue.state.entries[entry],
        patient.id,
        booked_at=unit.now,
        paid_at=None,
        source=wanted.source,
    )
    await people_store.add_appointments(unit.tx, [msgspec.structs.replace(row, slot=slot["slot_id"])])
    return entry


async def _record(unit: Unit, stream: SlotStream, slot: Row, entry: EntryId, wanted: Wanted) -> None:
    if wanted.besides:
        await store.set_equipment(unit.tx, entry, wanted.besides)
    event = SlotBooked(
        doctor=stream.doctor,
        slot=SlotId(slot["slot_id"]),
        appointment=entry,
        clinic=ClinicId(slot["clinic_id"]),
        start=slot["start"],
        mode=wanted.mode,
        hold=wanted.hold,
        equipment=wanted.besides,
    )
    await stream.append(event, command=unit.command, actor=unit.actor)
