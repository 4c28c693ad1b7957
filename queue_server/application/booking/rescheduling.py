"""Moving an appointment to another slot, of any doctor, day and clinic of the organisation, in one transaction.

The new place is taken before the old one is given back, so whoever loses the race for it keeps what they had. The
appointment keeps its id, and with it its links, its payment and its rank. Locks are taken in one order whoever moves
where: both lines by their streams, the streams of both doctors' slots by the doctors, slot, clinic, room, equipment.
"""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import msgspec

from queue_server.application import enrolment
from queue_server.application.actor import Actor
from queue_server.application.answers import Answer, Precondition
from queue_server.application.booking import changing
from queue_server.application.booking.appointments import check_in_time, is_staff
from queue_server.application.booking.bodies import RescheduleBody
from queue_server.application.booking.changing import Change
from queue_server.application.booking.holders import holder_of, reached
from queue_server.application.booking.placing import at_clinic, booking_view, minutes_of, take_place
from queue_server.application.capacity import Caps
from queue_server.application.directory import Directory, DoctorEntry, check_zone
from queue_server.application.links import TrackingLinks
from queue_server.application.payments.views import payment_row_view
from queue_server.application.resources.reservations import release
from queue_server.application.slots.generation import enqueue_generation
from queue_server.application.slots.needed import reserve_needed
from queue_server.application.slots.places import is_certainly_full, why_not
from queue_server.application.slots.stream import SlotStream, lock_slots_of
from queue_server.application.slots.views import SlotBookingView
from queue_server.application.unit import LockedQueue, QueueKey, Unit, WritePath
from queue_server.store import appointments as store
from queue_server.store import payments as payment_store
from queue_server.store import slots as slot_store
from queue_server.store.appointments import NewTime
from queue_server.store.db import Row
from queue_server.store.slots import SlotOfAppointment
from scheduling_core.booking import holds
from scheduling_core.errors import Conflict, InvalidValue, NothingToPay
from scheduling_core.ids import ClinicId, DoctorId, EntryId, EquipmentId, HoldId, SlotId
from scheduling_core.live_queue import transitions
from scheduling_core.live_queue.commands import RescheduleEntry, RescheduleIn, RescheduleOut
from scheduling_core.live_queue.state import Mode
from scheduling_core.payments.fees import amount_due
from scheduling_core.payments.state import OPEN, PaymentStatus
from scheduling_core.slots.events import SlotBooked, SlotEvent, SlotGivenBack


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What is moved where, once all of it is locked."""

    entry: EntryId
    appointment: Row
    slot: Row
    """As it was when it was looked for; what names it never changes."""
    mode: Mode
    hold: HoldId | None
    doctor: DoctorEntry
    """The new one, with the facts of the new slot's clinic."""
    source: LockedQueue
    target: LockedQueue
    streams: dict[DoctorId, SlotStream]
    left: Sequence[SlotOfAppointment]
    """The place that is given back; none, if the appointment holds none that is still to come."""


class Rescheduling:
    """Moves appointments."""

    def __init__(self, writes: WritePath, directory: Directory, links: TrackingLinks, default_minutes: int) -> None:
        self._writes = writes
        self._directory = directory
        self._links = links
        self._default_minutes = default_minutes

    async def reschedule(
        self, actor: Actor, appointment: UUID, body: RescheduleBody, precondition: Precondition
    ) -> Answer:
        """Move the appointment to the slot and answer as to a booking; where it is already, nothing changes.

        Raises `NotFound` or `Forbidden` when appointment, slot or hold are not for the actor, `TooLateToCancel` for
        patients after the clinic's deadline, `IllegalTransition` when the visit is over, cancelled or has begun,
        `Conflict` for patients who pay for something that costs more or less there, and what a booking of the new slot
        would be refused with: the appointment is then where it was.
        """
        return await self._reschedule(changing.of_account(actor, appointment), body, precondition)

    async def by_link(
        self,
        token: str,
        body: RescheduleBody,
        precondition: Precondition,
        *,
        holder: Actor | None = None,
        request_id: str | None = None,
    ) -> Answer:
        """Do the same for whoever has the tracking link, as for a patient; `holder` keeps the place of `holdId`.

        Raises `InvalidTrackingToken` or `RevokedTrackingToken` for a link that opens nothing.
        """
        change = changing.by_link(self._links, token, holder=holder, request_id=request_id)
        return await self._reschedule(change, body, precondition)

    async def _reschedule(self, change: Change, body: RescheduleBody, precondition: Precondition) -> Answer:
        async def work(unit: Unit) -> tuple[object, int | None]:
            row = await changing.found(unit, change)
            if precondition.idempotency is None:
                raise InvalidValue("A move needs a key, so that it is made once.", field="Idempotency-Key")
            slot = await reached(unit.tx, change.actor, body.slot_id, keeps=body.hold_id is not None)
            mode = body.mode or Mode(row["mode"])
            if body.hold_id is None and not _is_in(row, slot) and is_certainly_full(slot, mode, slot["now"]):
                raise why_not(slot, mode, slot["now"])
            move = await self._locked(unit, change, row, slot, mode, body.hold_id)
            if _is_in(move.appointment, slot) and mode == move.appointment["mode"]:
                # Where it is already. A place that was kept for it is given up by whoever keeps it, or ends by itself.
                return await self._answer(unit, move, slot), None
            slot = await self._moved(unit, move)
            return await self._answer(unit, move, slot), None

        return await self._writes.run(change.actor, "reschedule", work, precondition)

    async def _locked(self, unit: Unit, change: Change, row: Row, slot: Row, mode: Mode, hold: UUID | None) -> Move:
        """Lock both lines, then the slots of both doctors, and return the move; raises what forbids it by then."""
        doctor = await at_clinic(unit, self._directory, slot)
        source_key = changing.line_of(row)
        target_key = QueueKey(doctor.id, slot["date"].isoformat())
        opening = {target_key: partial(enrolment.opening, unit.tx, doctor, target_key.date, self._default_minutes)}
        source, target = await unit.lock(source_key, target_key, opening=opening)
        row = await changing.under_lock(unit, row)
        check_in_time(change.actor, row, unit.now)
        transitions.check("reschedule", source.state.entries[change.appointment])
        check_zone(target.state, doctor)
        left = await slot_store.slots_of_appointments(unit.tx, [change.appointment], given_back=False)
        streams = await lock_slots_of(unit.tx, [doctor.id, *(place.doctor for place in left)])
        kept = HoldId(hold) if hold is not None else None
        if kept is not None:
            stream, holder = streams[doctor.id], holder_of(change.holder or change.actor)
            holds.usable(stream.ledger, kept, SlotId(slot["slot_id"]), holder, mode, stream.now)
            if await payment_store.counting_of_hold(unit.tx, kept) is not None:
                raise Conflict("What is being paid for is booked; a visit that was paid moves with it.", field="holdId")
        return Move(
            entry=change.appointment,
            appointment=row,
            slot=slot,
            mode=mode,
            hold=kept,
            doctor=doctor,
            source=source,
            target=target,
            streams=streams,
            left=left,
        )

    async def _moved(self, unit: Unit, move: Move) -> Row:
        """Move the appointment in all that knows of it, and return the slot as it then is."""
        stream = move.streams[move.doctor.id]
        if _is_in(move.appointment, move.slot):
            # Another way to meet at the same time: it is its own place that it needs.
            await _give_back(unit, move)
            slot = await take_place(unit, move.slot, move.mode, stream, move.hold)
        else:
            slot = await take_place(unit, move.slot, move.mode, stream, move.hold)
            await _give_back(unit, move)
        await Caps(unit.tx).take(move.doctor, move.target.state, slot["start"], moving=move.entry)
        await _check_price(unit, move)
        _move_in_line(unit, move, slot)
        equipment = _equipment(move, slot)
        await release(unit.tx, move.entry)
        if move.mode is Mode.IN_PERSON:
            await reserve_needed(unit.tx, slot, move.entry, equipment)
        new = NewTime(
            clinic=slot["clinic_id"],
            doctor=move.doctor.id,
            date=slot["date"],
            start=slot["start"],
            duration=minutes_of(slot),
            mode=move.mode,
            slot=slot["slot_id"],
            equipment=equipment,
        )
        await store.move(unit.tx, move.entry, new)
        await slot_store.drop_conflicts(unit.tx, [move.entry])
        await _record(unit, move, slot, equipment)
        return slot

    async def _answer(self, unit: Unit, move: Move, slot: Row) -> SlotBookingView:
        row = move.appointment
        view = await booking_view(
            unit,
            self._links,
            move.target,
            move.doctor,
            slot,
            move.entry,
            name=row["patient_name"],
            language=row["language"],
            generation=row["links_generation"],
        )
        paid = (await payment_store.of_appointments(unit.tx, [move.entry])).get(move.entry)
        return msgspec.structs.replace(view, payment=payment_row_view(paid) if paid is not None else None)


def _is_in(appointment: Row, slot: Row) -> bool:
    """Return whether the appointment holds a place of this slot."""
    return appointment["slot_id"] == slot["slot_id"] and not appointment["slot_given_back"]


async def _give_back(unit: Unit, move: Move) -> None:
    """Let others have the place that is left; a slot that was there for this appointment alone goes soon after."""
    for place in move.left:
        await slot_store.give_back(unit.tx, place.doctor, [place])
        row = await slot_store.slot(unit.tx, place.slot)
        if row is not None and row["withdrawn"]:
            await enqueue_generation(unit.tx, [place.doctor], f"left:{place.slot}:{row['version']}")


async def _check_price(unit: Unit, move: Move) -> None:
    """Raise `Conflict` when whoever has the appointment moves it to where it costs something else than what they pay
    for it: the difference is settled with the clinic, whose staff may move it."""
    paid = (await payment_store.of_appointments(unit.tx, [move.entry])).get(move.entry)
    if is_staff(unit.actor) or paid is None or paid["status"] not in OPEN | {PaymentStatus.PAID}:
        return
    if move.source.state.doctor == move.target.state.doctor and move.mode == move.appointment["mode"]:
        return
    fees = await payment_store.fees(unit.tx, move.doctor.id)
    try:
        price = (amount_due(fees, move.appointment["visit_type"], move.mode), fees.currency if fees is not None else "")
    except NothingToPay:
        price = (0, "")
    if price != (paid["amount"], paid["currency"]):
        raise Conflict("This time costs something else than what you pay for; please call the clinic.", field="slotId")


def _move_in_line(unit: Unit, move: Move, slot: Row) -> None:
    row, start, duration = move.appointment, slot["start"], minutes_of(slot)
    source, target = move.source, move.target
    if source is target:
        unit.decide(source, RescheduleEntry(entry=move.entry, start=start, duration=duration, mode=move.mode))
        return
    facts = source.state.entries[move.entry]
    to = (target.state.doctor, target.state.date)
    unit.decide(source, RescheduleOut(entry=move.entry, to_doctor=to[0], to_date=to[1]))
    unit.decide(
        target,
        RescheduleIn(
            entry=facts,
            from_doctor=source.state.doctor,
            from_date=source.state.date,
            start=start,
            duration=duration,
            mode=move.mode,
            booked_at=row["booked_at"],
            paid_at=row["paid_at"],
        ),
    )


def _equipment(move: Move, slot: Row) -> tuple[EquipmentId, ...]:
    """Return what the appointment needs beside what the slot names: that of its clinic, if it stays there."""
    if move.mode is not Mode.IN_PERSON or slot["clinic_id"] != move.appointment["clinic_id"]:
        return ()
    return tuple(EquipmentId(id) for id in move.appointment["equipment_ids"])


async def _record(unit: Unit, move: Move, slot: Row, equipment: tuple[EquipmentId, ...]) -> None:
    """Append what happened to the slots, to each doctor's stream at once."""
    events: dict[DoctorId, list[SlotEvent]] = {doctor: [] for doctor in move.streams}
    events[move.doctor.id].append(
        SlotBooked(
            doctor=move.doctor.id,
            slot=SlotId(slot["slot_id"]),
            appointment=move.entry,
            clinic=ClinicId(slot["clinic_id"]),
            start=slot["start"],
            mode=move.mode,
            hold=move.hold,
            equipment=equipment,
        )
    )
    for place in move.left:
        events[place.doctor].append(
            SlotGivenBack(doctor=place.doctor, slot=place.slot, appointment=move.entry, mode=Mode(place.mode))
        )
    for doctor, stream in move.streams.items():
        await stream.append(*events[doctor], command=unit.command, actor=unit.actor)
