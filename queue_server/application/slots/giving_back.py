"""Slots follow the queues: who cancels or is handed to another doctor gives the place back, who returns takes it again.

Called with what a commit makes of a queue, in its transaction. The place is given back once, however often the
appointment is cancelled after that, and only while the slot is still to come.
"""

from collections.abc import Sequence
from itertools import groupby

from queue_server.application.actor import Actor
from queue_server.application.capacity import check_returned
from queue_server.application.resources.reservations import release
from queue_server.application.schedules.model import CALENDAR
from queue_server.application.schedules.sources import load_sources
from queue_server.application.slots.generation import regenerate
from queue_server.application.slots.needed import reserve_needed
from queue_server.application.slots.places import take
from queue_server.application.slots.stream import SlotStream, lock_slots
from queue_server.store import event_store
from queue_server.store import slots as store
from queue_server.store.db import Row, Transaction
from queue_server.store.slots import SlotOfAppointment
from scheduling_core.errors import SlotUnavailable
from scheduling_core.ids import DoctorId, EntryId
from scheduling_core.live_queue import events as ev
from scheduling_core.live_queue.state import EntryState, Mode, Queue
from scheduling_core.slots.events import SlotBooked, SlotGivenBack

_LEAVING = (ev.EntryCancelled, ev.EntryTransferredOut, ev.CommandUndone)


async def follow(
    tx: Transaction, before: Queue | None, after: Queue, events: Sequence[ev.QueueEvent], actor: Actor, command: str
) -> None:
    """Give back and take again the places of whoever left or returned between two states of a queue.

    Raises `SlotUnavailable` when somebody is to return whose place was booked by somebody else meanwhile, and
    `CapacityReached` when somebody else was booked instead and the clinic takes nobody more.
    """
    if before is None or not any(isinstance(event, _LEAVING) for event in events):
        return
    held, holding = _coming(before), _coming(after)
    returned = holding - held if any(isinstance(event, ev.CommandUndone) for event in events) else set()
    if gone := await store.slots_of_appointments(tx, sorted(held - holding), given_back=False):
        await _give_back(tx, gone, actor, command)
    back = await store.slots_of_appointments(tx, sorted(returned), given_back=True)
    taken = await _take_again(tx, back, actor, command)
    await check_returned(tx, after, returned)
    for row, one in taken:
        if one.mode == Mode.IN_PERSON:
            await reserve_needed(tx, row, one.appointment, one.equipment)


def _coming(queue: Queue) -> set[EntryId]:
    """Who has not cancelled. Whoever did not show keeps the place, which is over by then."""
    return {entry.id for entry in queue.entries.values() if entry.state is not EntryState.CANCELLED}


async def _give_back(tx: Transaction, gone: Sequence[SlotOfAppointment], actor: Actor, command: str) -> None:
    for doctor, group in groupby(gone, key=lambda one: one.doctor):
        places = list(group)
        stream = await _lock(tx, doctor)
        await store.give_back(tx, doctor, places)
        events = [
            SlotGivenBack(doctor=doctor, slot=one.slot, appointment=one.appointment, mode=Mode(one.mode))
            for one in places
        ]
        await stream.append(*events, command=command, actor=actor)
        for one in places:
            await release(tx, one.appointment)
        # Only who was booked has kept a slot that the calendar does not offer any more: now it may go.
        sources = await load_sources(tx, doctor)
        await regenerate(tx, doctor, sources, min(p.date for p in places), max(p.date for p in places))


async def _take_again(
    tx: Transaction, back: Sequence[SlotOfAppointment], actor: Actor, command: str
) -> list[tuple[Row, SlotOfAppointment]]:
    """Take the places again, and return each with its slot: what is needed there comes after the clinics' caps."""
    taken: list[tuple[Row, SlotOfAppointment]] = []
    for doctor, group in groupby(back, key=lambda one: one.doctor):
        places = list(group)
        stream = await _lock(tx, doctor)
        for one in places:
            row = await store.slot(tx, one.slot)
            if row is None or await take(tx, row, Mode(one.mode), stream) is None:
                raise SlotUnavailable("This patient's time has been given away meanwhile.")
            taken.append((row, one))
        await store.keep_again(tx, [one.appointment for one in places])
        await stream.append(*(_booked(one) for one in places), command=command, actor=actor)
    return taken


def _booked(one: SlotOfAppointment) -> SlotBooked:
    return SlotBooked(
        doctor=one.doctor,
        slot=one.slot,
        appointment=one.appointment,
        clinic=one.clinic,
        start=one.start,
        mode=Mode(one.mode),
        equipment=one.equipment,
    )


async def _lock(tx: Transaction, doctor: DoctorId) -> SlotStream:
    """Lock the doctor's calendar, which regeneration goes by, and then the slots."""
    await event_store.lock(tx, CALENDAR.stream(tx.tenant, doctor), CALENDAR.kind, create=False)
    return await lock_slots(tx, doctor)
