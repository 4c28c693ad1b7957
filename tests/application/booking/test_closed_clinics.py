"""A clinic that is closed keeps its slots, and nobody is given any of them."""

from uuid import UUID

import msgspec
import pytest

from queue_server.application.actor import Actor
from queue_server.application.booking.any_doctor import AnyDoctor
from queue_server.application.booking.bodies import AnyHoldBody, HoldBody
from queue_server.application.booking.guests import guest, new_token
from queue_server.application.booking.holding import Holding
from queue_server.store.db import Database
from scheduling_core.errors import Conflict, SlotUnavailable
from tests.application.slots.conftest import Practice
from tests.factories import at, in_days, new_clinic

DAY = 2


@pytest.fixture
async def closed(database: Database, practice: Practice) -> Practice:
    """A doctor of another clinic of the organisation, which has slots and is closed."""
    clinic = await new_clinic(database, tenant=practice.clinic.tenant)
    there = Practice(database, clinic)
    for one in (there, practice):
        await one.regenerate(in_days(DAY), in_days(DAY))
        await one.takes_patients()
    await there.rows("UPDATE clinic SET active = false WHERE clinic_id = $1 RETURNING 1", clinic.id)
    return there


def somebody(practice: Practice) -> Actor:
    """Return a guest nobody has seen."""
    return guest(practice.clinic.tenant, new_token())


async def slot_of(practice: Practice) -> UUID:
    """Return the slot at nine."""
    found: UUID = (await practice.slot(at(in_days(DAY), 9)))["slot_id"]
    return found


async def test_neither_patients_nor_the_desk_hold_a_time_there(holding: Holding, closed: Practice) -> None:
    slot = await slot_of(closed)
    for actor in (somebody(closed), closed.clinic.receptionist):
        with pytest.raises(Conflict, match="not open"):
            await holding.create(actor, slot, HoldBody())
    assert (await closed.slot(at(in_days(DAY), 9)))["held"] == 0


async def test_whoever_is_free_is_nobody_there(any_doctor: AnyDoctor, practice: Practice, closed: Practice) -> None:
    both = AnyHoldBody(start=at(in_days(DAY), 9), doctor_ids=(UUID(str(closed.doctor)), UUID(str(practice.doctor))))
    held = msgspec.json.decode((await any_doctor.hold(somebody(practice), both)).body)
    assert held["slot"]["doctorId"] == str(practice.doctor)
    with pytest.raises(SlotUnavailable):
        await any_doctor.hold(somebody(practice), both)
