"""A rush for one time goes by: who comes too late is told so without waiting for those who came before."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from queue_server.application.actor import Actor
from queue_server.application.answers import Precondition
from queue_server.application.booking.bodies import HoldBody
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.booking.guests import guest, new_token
from queue_server.application.booking.holding import Holding
from queue_server.application.slots.bodies import BookBody, BookedPatient
from queue_server.application.slots.stream import lock_slots
from queue_server.store.idempotency import Idempotency
from scheduling_core.booking.holds import HELD_FOR
from scheduling_core.errors import SlotUnavailable
from scheduling_core.permissions import Role
from tests.application.slots.conftest import Practice
from tests.factories import at, in_days

PATIENCE = 60.0
"""Seconds: who waits for a lock waits longer."""


@pytest.fixture
async def slot(practice: Practice) -> UUID:
    """The slot of the day after tomorrow at nine, for one patient."""
    await practice.regenerate(in_days(2), in_days(2))
    await practice.takes_patients()
    found: UUID = (await practice.slot(at(in_days(2), 9)))["slot_id"]
    return found


def somebody(practice: Practice) -> Actor:
    """Return a guest nobody has seen."""
    return guest(practice.clinic.tenant, new_token())


async def book(booking: SlotBooking, actor: Actor, slot: UUID) -> None:
    body = BookBody(patient=BookedPatient(name="Ravi Patel"))
    await booking.book(actor, slot, body, Precondition(idempotency=Idempotency(uuid4().hex, b"x")))


async def test_a_held_time_is_refused_although_somebody_is_at_work_on_the_doctors_times(
    holding: Holding, booking: SlotBooking, practice: Practice, slot: UUID
) -> None:
    await holding.create(somebody(practice), slot, HoldBody())
    async with practice.db.tenant(practice.clinic.tenant) as tx, asyncio.timeout(PATIENCE):
        await lock_slots(tx, practice.doctor)
        with pytest.raises(SlotUnavailable):
            await holding.create(somebody(practice), slot, HoldBody())
        with pytest.raises(SlotUnavailable):
            await book(booking, practice.clinic.actor(Role.RECEPTIONIST), slot)


async def test_a_booked_time_is_refused_although_somebody_is_at_work_on_the_doctors_times(
    holding: Holding, booking: SlotBooking, practice: Practice, slot: UUID
) -> None:
    await book(booking, practice.clinic.actor(Role.RECEPTIONIST), slot)
    async with practice.db.tenant(practice.clinic.tenant) as tx, asyncio.timeout(PATIENCE):
        await lock_slots(tx, practice.doctor)
        with pytest.raises(SlotUnavailable):
            await holding.create(somebody(practice), slot, HoldBody())


async def test_a_hold_that_is_over_keeps_nobody_out_though_nobody_has_noted_it(
    holding: Holding, practice: Practice, slot: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in list(HELD_FOR):
        monkeypatch.setitem(HELD_FOR, kind, timedelta(milliseconds=50))
    await holding.create(somebody(practice), slot, HoldBody())
    async with asyncio.timeout(PATIENCE):
        while not await practice.rows("SELECT FROM slot WHERE slot_id = $1 AND held_until < clock_timestamp()", slot):
            await asyncio.sleep(0.01)
    await holding.create(somebody(practice), slot, HoldBody())
