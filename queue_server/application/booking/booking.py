"""Booking: place, appointment, room, equipment and the patient's place in the day's queue, all or nothing.

Staff book directly or from a hold, patients and guests from a hold of their own. The order of locks is that of
everything that books: the day's queue, the stream of the doctor's slots, the slot, the clinic's caps, room, equipment.
A booking that meets a leave being approved waits for it, and then finds its slot gone; or it comes first, and the leave
finds the appointment. There is nothing in between.
"""

from functools import partial
from uuid import UUID, uuid4

import msgspec

from queue_server.application import enrolment
from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.booking import follow_up
from queue_server.application.booking.appointments import is_staff
from queue_server.application.booking.holders import holder_of, reached
from queue_server.application.booking.patients import Booked, booked_patient, check_patient
from queue_server.application.booking.placing import at_clinic, booking_view, minutes_of, take_place
from queue_server.application.capacity import Caps
from queue_server.application.directory import Directory, DoctorEntry, check_zone
from queue_server.application.links import TrackingLinks
from queue_server.application.payments.attaching import attach
from queue_server.application.slots.bodies import BookBody
from queue_server.application.slots.needed import reserve_needed
from queue_server.application.slots.places import is_certainly_full, why_not
from queue_server.application.slots.stream import SlotStream, lock_slots
from queue_server.application.unit import LockedQueue, QueueKey, Unit, WritePath
from queue_server.store import people as people_store
from queue_server.store import slots as store
from queue_server.store.db import Row
from scheduling_core.booking import holds
from scheduling_core.errors import InvalidValue
from scheduling_core.ids import ClinicId, EntryId, EquipmentId, HoldId, SlotId
from scheduling_core.live_queue.commands import EnrolEntry, OpenQueue
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.events import HolderKind, SlotBooked


class SlotBooking:
    """Makes appointments of slots."""

    def __init__(self, writes: WritePath, directory: Directory, links: TrackingLinks, default_minutes: int) -> None:
        self._writes = writes
        self._directory = directory
        self._links = links
        self._default_minutes = default_minutes

    async def book(self, actor: Actor, slot: UUID, body: BookBody, precondition: Precondition) -> Answer:
        """Book one place of the slot and return the appointment with its ticket and tracking link.

        Raises `SlotUnavailable` (with why) when there is no place, `HoldExpired` when the hold is over,
        `CapacityReached` when the clinic takes nobody more, `OtherTimeZone` when the doctor's line of that day runs by
        another zone's clock, `ResourceTaken` when its room or equipment is somebody else's then, `NotFound` for an
        unknown slot, hold, patient or piece of equipment, `InvalidValue` without an idempotency key.
        """

        async def work(unit: Unit) -> tuple[object, int | None]:
            row = await reached(unit.tx, actor, slot, keeps=body.hold_id is not None)
            if precondition.idempotency is None:
                raise InvalidValue("A booking needs a key, so that it is never made twice.", field="Idempotency-Key")
            holder, hold = holder_of(actor), HoldId(body.hold_id) if body.hold_id is not None else None
            if hold is None and holder.kind is not HolderKind.STAFF:
                raise InvalidValue("Hold the time first, then book it.", field="holdId")
            check_patient(actor, body.patient)
            besides, visit_type = _equipment(actor, body), follow_up.visit_type(actor, body)
            if hold is None and is_certainly_full(row, body.mode, row["now"]):
                raise why_not(row, body.mode, row["now"])
            doctor = await at_clinic(unit, self._directory, row)
            key = QueueKey(doctor.id, row["date"].isoformat())
            (queue,) = await unit.lock(key, opening={key: partial(self._opening, unit, doctor, key.date)})
            check_zone(queue.state, doctor)
            stream = await lock_slots(unit.tx, doctor.id)
            if hold is not None:
                holds.usable(stream.ledger, hold, SlotId(slot), holder, body.mode, stream.now)
            row = await take_place(unit, row, body.mode, stream, hold)
            await Caps(unit.tx).take(doctor, queue.state, row["start"])
            patient = await booked_patient(unit, body.patient)
            entry = await _enrol(unit, queue, doctor, row, body.mode, visit_type, patient)
            if body.follow_up_of is not None:
                await follow_up.record(unit, entry, patient.id, body.follow_up_of)
            if body.mode is Mode.IN_PERSON:
                await reserve_needed(unit.tx, row, entry, besides)
            await _record(unit, stream, row, entry, body.mode, besides, hold)
            payment = await attach(unit, queue, hold, entry, visit_type, body.mode) if hold is not None else None
            view = await booking_view(
                unit, self._links, queue, doctor, row, entry, name=patient.name, language=patient.language
            )
            return msgspec.structs.replace(view, payment=payment), None

        # What patients have booked is not undone at the desk, as reception's own commands are.
        command = "book-slot" if is_staff(actor) else "book-own"
        return await self._writes.run(actor, command, work, precondition)

    async def _opening(self, unit: Unit, doctor: DoctorEntry, day: str) -> OpenQueue:
        return await enrolment.opening(unit.tx, doctor, day, self._default_minutes)


async def _enrol(
    unit: Unit, queue: LockedQueue, doctor: DoctorEntry, slot: Row, mode: Mode, visit_type: str, patient: Booked
) -> EntryId:
    entry = EntryId(uuid4())
    unit.decide(
        queue,
        EnrolEntry(
            entry=entry,
            start=slot["start"],
            booked_at=unit.now,
            duration=minutes_of(slot),
            visit_type=visit_type,
            mode=mode,
        ),
    )
    row = enrolment.appointment_row(
        doctor,
        slot["date"].isoformat(),
        queue.state.entries[entry],
        patient.id,
        booked_at=unit.now,
        paid_at=None,
        source="booking",
    )
    await people_store.add_appointments(unit.tx, [msgspec.structs.replace(row, slot=slot["slot_id"])])
    return entry


def _equipment(actor: Actor, body: BookBody) -> tuple[EquipmentId, ...]:
    """Return what is to be reserved beside the slot's own, each once; raises `InvalidValue` for a visit by video,
    and for whoever is not of the staff."""
    if body.equipment_ids and holder_of(actor).kind is not HolderKind.STAFF:
        raise InvalidValue("The clinic decides what is needed.", field="equipmentIds")
    if body.equipment_ids and body.mode is not Mode.IN_PERSON:
        raise InvalidValue("Equipment is for patients who come in person.", field="equipmentIds")
    return tuple(EquipmentId(id) for id in sorted(set(body.equipment_ids)))


async def _record(
    unit: Unit,
    stream: SlotStream,
    slot: Row,
    entry: EntryId,
    mode: Mode,
    equipment: tuple[EquipmentId, ...],
    hold: HoldId | None,
) -> None:
    if equipment:
        await store.set_equipment(unit.tx, entry, equipment)
    event = SlotBooked(
        doctor=stream.doctor,
        slot=SlotId(slot["slot_id"]),
        appointment=entry,
        clinic=ClinicId(slot["clinic_id"]),
        start=slot["start"],
        mode=mode,
        hold=hold,
        equipment=equipment,
    )
    await stream.append(event, command=unit.command, actor=unit.actor)
