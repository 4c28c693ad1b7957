"""Nobody is booked who is erased at that moment, and nobody erased who is booked."""

import asyncio
from uuid import UUID

import pytest

from queue_server.application.slots.bodies import BookedPatient
from queue_server.store import patients as store
from scheduling_core.errors import NotFound
from tests.application.booking.moving import Moving
from tests.application.slots.conftest import Practice
from tests.factories import in_days
from tests.own_redis import until

DAY = 2


async def test_who_is_erased_while_they_are_booked_is_not_booked(moving: Moving, practice: Practice) -> None:
    first, second = await moving.slot(in_days(DAY), 9), await moving.slot(in_days(DAY), 10)
    patient: UUID = (await moving.appointment(await moving.book(first)))["patient_id"]
    async with practice.db.tenant(practice.clinic.tenant) as tx:
        assert await store.lock(tx, patient) is not None
        booking = asyncio.create_task(moving.book(second, patient=BookedPatient(id=patient)))

        async def waits() -> bool:
            return booking.done() or bool(await practice.rows("SELECT FROM pg_locks WHERE NOT granted"))

        await until(waits)
        await store.erase(tx, patient, "Erased patient")
    with pytest.raises(NotFound):
        await booking
    assert await moving.taken(first, second) == [1, 0]
