"""Booking a slot at the desk: place, appointment, room, equipment and the place in the day's queue, all or nothing.

The order of locks is that of everything that books: the day's queue, the stream of the doctor's slots, the slot, the
clinic's caps, the room, equipment by id. A booking that meets a leave being approved waits for it, and then finds its
slot gone; or it comes first, and the leave finds the appointment. There is nothing in between.
"""

from functools import partial
from uuid import UUID, uuid4

import msgspec

from queue_server.application import enrolment
from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.capacity import Caps
from queue_server.application.desk_bodies import PatientBody
from queue_server.application.directory import Directory, DoctorEntry, check_zone
from queue_server.application.links import TrackingLinks
from queue_server.application.people import add_patient
from queue_server.application.places import booked_of
from queue_server.application.slots.bodies import BookBody, BookedPatient
from queue_server.application.slots.held import found
from queue_server.application.slots.needed import reserve_needed
from queue_server.application.slots.shown import remaining, staff_slot
from queue_server.application.slots.stream import SlotStream, lock_slots
from queue_server.application.slots.views import SlotBookingView, StaffSlotView
from queue_server.application.unit import LockedQueue, QueueKey, Unit, WritePath
from queue_server.application.views.tracking import AppointmentView
from queue_server.store import people as people_store
from queue_server.store import slots as store
from queue_server.store.db import Row
from scheduling_core.errors import (
    Conflict,
    InvalidValue,
    ModeNotOffered,
    NotFound,
    SlotBlocked,
    SlotPast,
    SlotUnavailable,
)
from scheduling_core.ids import ClinicId, DoctorId, EntryId, EquipmentId, PatientId, SlotId
from scheduling_core.live_queue.commands import EnrolEntry, OpenQueue
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Permission
from scheduling_core.slots.events import SlotBooked


class Patient(msgspec.Struct, frozen=True, kw_only=True):
    """Who is booked."""

    id: PatientId
    name: str
    language: str


class SlotBooking:
    """Books slots directly, as staff do."""

    def __init__(self, writes: WritePath, directory: Directory, links: TrackingLinks, default_minutes: int) -> None:
        self._writes = writes
        self._directory = directory
        self._links = links
        self._default_minutes = default_minutes

    async def book(self, actor: Actor, slot: UUID, body: BookBody, precondition: Precondition) -> Answer:
        """Book one place of the slot and return the appointment with its ticket and tracking link.

        Raises `SlotUnavailable` (with why) when there is no place, `CapacityReached` when the clinic takes nobody
        more, `OtherTimeZone` when the doctor's line of that day runs by another zone's clock, `ResourceTaken` when its
        room or equipment is somebody else's then, `NotFound` for an unknown slot, patient or piece of equipment,
        `InvalidValue` without an idempotency key.
        """

        async def work(unit: Unit) -> tuple[object, int | None]:
            row = await found(unit, slot, Permission.BOOK)
            if precondition.idempotency is None:
                raise InvalidValue("A booking needs a key, so that it is never made twice.", field="Idempotency-Key")
            check_patient(body.patient)
            besides = _equipment(body)
            doctor = await self._at_clinic(unit, row)
            key = QueueKey(doctor.id, row["date"].isoformat())
            (queue,) = await unit.lock(key, opening={key: partial(self._opening, unit, doctor, key.date)})
            check_zone(queue.state, doctor)
            stream = await lock_slots(unit.tx, doctor.id)
            row = await self._take(unit, slot, body.mode, stream)
            await Caps(unit.tx).take(doctor, queue.state, row["start"])
            patient = await _patient(unit, body.patient)
            entry = await _enrol(unit, queue, doctor, row, body, patient)
            if body.mode is Mode.IN_PERSON:
                await reserve_needed(unit.tx, row, entry, besides)
            await _record(unit, stream, row, entry, body.mode, besides)
            return await self._answer(unit, queue, doctor, row, entry, patient, stream), None

        return await self._writes.run(actor, "book-slot", work, precondition)

    async def _at_clinic(self, unit: Unit, row: Row) -> DoctorEntry:
        """Return the doctor with the facts of the slot's clinic, who may be at home at another; raises unless patients
        can be booked with them."""
        home = await self._directory.fresh(unit.tx, DoctorId(row["doctor_id"]))
        entry = await self._directory.at(unit.tx, home, ClinicId(row["clinic_id"]))
        entry.check_works()
        if not await store.may_be_booked(unit.tx, entry.id):
            raise Conflict("This doctor cannot be booked at present.")
        return entry

    async def _opening(self, unit: Unit, doctor: DoctorEntry, day: str) -> OpenQueue:
        return await enrolment.opening(unit.tx, doctor, day, self._default_minutes)

    @staticmethod
    async def _take(unit: Unit, slot: UUID, mode: Mode, stream: SlotStream) -> Row:
        """Take a place and return the slot as it then is; raises what there is to say when there is none."""
        row = await store.slot(unit.tx, slot)
        if row is None:
            raise SlotUnavailable("This time is not offered any more.")
        if not await store.take(unit.tx, row, mode.value, stream.now):
            raise _why_not(row, mode, stream)
        taken = await store.slot(unit.tx, slot)
        assert taken is not None
        return taken

    async def _answer(
        self,
        unit: Unit,
        queue: LockedQueue,
        doctor: DoctorEntry,
        row: Row,
        entry: EntryId,
        patient: Patient,
        stream: SlotStream,
    ) -> SlotBookingView:
        facts = queue.state.entries[entry]
        (booked,) = await people_store.behind(unit.tx, [entry])
        place = booked_of(booked).place(doctor)
        token, url = self._links.make(unit.actor.tenant, entry, doctor.id, generation=0, start=facts.start)
        appointment = AppointmentView(
            id=entry,
            ticket=facts.ticket,
            start=facts.start,
            duration_minutes=facts.duration,
            visit_type=facts.visit_type,
            mode=facts.mode,
            status=facts.state,
            clinic=place.clinic,
            doctor=doctor.view(),
            room=place.room,
            greeting=(patient.name.split() or [""])[0],
            language=patient.language,
        )
        slot: StaffSlotView = staff_slot(row, stream.now)
        return SlotBookingView(appointment=appointment, slot=slot, tracking_token=token, tracking_url=url)


def check_patient(given: BookedPatient) -> None:
    """Raise `InvalidValue` unless a patient is either named by id or described."""
    if given.id is None and given.name is None:
        raise InvalidValue("Give the id of a patient, or the name of a new one.", field="patient.name")
    if given.id is not None and (given.name, given.phone, given.email) != (None, None, None):
        raise InvalidValue("Give the id of a patient or the particulars of a new one, not both.", field="patient.id")


def _why_not(row: Row, mode: Mode, stream: SlotStream) -> SlotUnavailable:
    if row["start"] <= stream.now:
        return SlotPast()
    if row["blocked"]:
        return SlotBlocked()
    if row["withdrawn"]:
        return SlotUnavailable("This time is not offered any more.")
    if not row["in_person" if mode is Mode.IN_PERSON else "tele"]:
        return ModeNotOffered(field="mode")
    left = remaining(row, stream.now)
    if left.in_person or left.tele:
        return SlotUnavailable("All places of this kind are taken.", field="mode")
    return SlotUnavailable("This time has just been taken.")


async def _patient(unit: Unit, given: BookedPatient) -> Patient:
    if given.id is None:
        assert given.name is not None
        new = PatientBody(name=given.name, phone=given.phone, email=given.email, language=given.language)
        return Patient(id=await add_patient(unit.tx, new), name=given.name, language=given.language)
    row = await store.patient(unit.tx, given.id, unit.actor.clinics)
    if row is None:
        raise NotFound("There is no such patient.", field="patient.id")
    return Patient(id=PatientId(row["patient_id"]), name=row["name"], language=row["language"])


async def _enrol(
    unit: Unit, queue: LockedQueue, doctor: DoctorEntry, slot: Row, body: BookBody, patient: Patient
) -> EntryId:
    entry = EntryId(uuid4())
    unit.decide(
        queue,
        EnrolEntry(
            entry=entry,
            start=slot["start"],
            booked_at=unit.now,
            duration=max(1, round((slot["end"] - slot["start"]).total_seconds() / 60)),
            visit_type=body.visit_type,
            mode=body.mode,
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


def _equipment(body: BookBody) -> tuple[EquipmentId, ...]:
    """Return what is to be reserved beside the slot's own, each once; raises `InvalidValue` for a visit by video."""
    if body.equipment_ids and body.mode is not Mode.IN_PERSON:
        raise InvalidValue("Equipment is for patients who come in person.", field="equipmentIds")
    return tuple(EquipmentId(id) for id in sorted(set(body.equipment_ids)))


async def _record(
    unit: Unit, stream: SlotStream, slot: Row, entry: EntryId, mode: Mode, equipment: tuple[EquipmentId, ...]
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
        equipment=equipment,
    )
    await stream.append(event, command=unit.command, actor=unit.actor)
