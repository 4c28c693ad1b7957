"""Booking: place, appointment, room, equipment and the patient's place in the day's queue, all or nothing.

Staff book directly or from a hold, patients and guests from a hold of their own. The order of locks is that of
everything that books: the day's queue, the stream of the doctor's slots, the slot, the clinic's caps, room, equipment.
A booking that meets a leave being approved waits for it, and then finds its slot gone; or it comes first, and the leave
finds the appointment. There is nothing in between.
"""

from functools import partial
from uuid import UUID

import msgspec

from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.booking import follow_up
from queue_server.application.booking.appointments import is_staff
from queue_server.application.booking.holders import holder_of, reached
from queue_server.application.booking.patients import booked_patient, check_patient
from queue_server.application.booking.placing import booking_view
from queue_server.application.booking.visits import Visits, Wanted
from queue_server.application.directory import Directory
from queue_server.application.links import TrackingLinks
from queue_server.application.payments.attaching import attach
from queue_server.application.slots.bodies import BookBody
from queue_server.application.slots.places import is_certainly_full, why_not
from queue_server.application.unit import Unit, WritePath
from scheduling_core.errors import InvalidValue
from scheduling_core.ids import EquipmentId, HoldId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.events import HolderKind


class SlotBooking:
    """Makes appointments of slots."""

    def __init__(self, writes: WritePath, directory: Directory, links: TrackingLinks, default_minutes: int) -> None:
        self._writes = writes
        self._links = links
        self._visits = Visits(directory, default_minutes)

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
            wanted = Wanted(mode=body.mode, visit_type=visit_type, holder=holder, hold=hold, besides=besides)
            made = await self._visits.make(unit, row, wanted, partial(booked_patient, given=body.patient))
            if body.follow_up_of is not None:
                await follow_up.record(unit, made.entry, made.patient.id, body.follow_up_of)
            payment = None
            if hold is not None:
                payment = await attach(unit, made.queue, hold, made.entry, visit_type, body.mode)
            view = await booking_view(
                unit,
                self._links,
                made.queue,
                made.doctor,
                made.slot,
                made.entry,
                name=made.patient.name,
                language=made.patient.language,
            )
            return msgspec.structs.replace(view, payment=payment), None

        # What patients have booked is not undone at the desk, as reception's own commands are.
        command = "book-slot" if is_staff(actor) else "book-own"
        return await self._writes.run(actor, command, work, precondition)


def _equipment(actor: Actor, body: BookBody) -> tuple[EquipmentId, ...]:
    """Return what is to be reserved beside the slot's own, each once; raises `InvalidValue` for a visit by video,
    and for whoever is not of the staff."""
    if body.equipment_ids and holder_of(actor).kind is not HolderKind.STAFF:
        raise InvalidValue("The clinic decides what is needed.", field="equipmentIds")
    if body.equipment_ids and body.mode is not Mode.IN_PERSON:
        raise InvalidValue("Equipment is for patients who come in person.", field="equipmentIds")
    return tuple(EquipmentId(id) for id in sorted(set(body.equipment_ids)))
