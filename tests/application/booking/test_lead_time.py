"""The lead time is asked when a time is taken: who holds one has it, however near it comes while they book."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from queue_server.application.actor import Actor
from queue_server.application.booking.bodies import HoldBody
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.booking.guests import guest, new_token
from queue_server.application.booking.holding import Holding
from scheduling_core.errors import SlotUnavailable
from scheduling_core.live_queue.state import Mode
from tests.application.booking.moving import SOMEBODY, Moving, once
from tests.application.slots.conftest import Practice, hours
from tests.factories import in_days

DAY = 2


@pytest.fixture
async def slot(moving: Moving, practice: Practice) -> UUID:
    """A slot, in person and by video, of a doctor whom patients may book."""
    practice.sits(hours(in_person=1, tele=1, total=1))
    await practice.takes_patients()
    return await moving.slot(in_days(DAY), 9)


def somebody(practice: Practice) -> Actor:
    """Return a guest nobody has seen."""
    return guest(practice.clinic.tenant, new_token())


async def keep(holding: Holding, actor: Actor, slot: UUID, mode: Mode = Mode.IN_PERSON) -> dict[str, Any]:
    """Hold a place and return the hold."""
    found: dict[str, Any] = msgspec.json.decode((await holding.create(actor, slot, HoldBody(mode=mode))).body)
    return found


async def comes_near(practice: Practice) -> None:
    """Let all times be within the lead time from now on."""
    await practice.rows(
        "INSERT INTO slot_policy (tenant_id, horizon_days, lead_minutes) VALUES ($1, 90, 10080) RETURNING 1",
        practice.clinic.tenant,
    )


async def test_what_was_held_in_time_is_booked(
    holding: Holding, booking: SlotBooking, practice: Practice, slot: UUID, moving: Moving
) -> None:
    me = somebody(practice)
    held = await keep(holding, me, slot)
    await comes_near(practice)
    body = msgspec.structs.replace(SOMEBODY, hold_id=UUID(held["holdId"]))
    await booking.book(me, slot, body, once())
    assert await moving.taken(slot) == [1]


async def test_a_visit_is_moved_to_what_was_held_in_time(
    holding: Holding, practice: Practice, slot: UUID, moving: Moving
) -> None:
    later = await moving.slot(in_days(DAY), 10)
    booked = await moving.book(slot)
    me = somebody(practice)
    held = await keep(holding, me, later)
    await comes_near(practice)
    await moving.move_by_link(booked["trackingToken"], later, holder=me, hold_id=UUID(held["holdId"]))
    assert await moving.taken(slot, later) == [0, 1]


async def test_who_holds_a_time_still_gets_the_same_hold_and_may_meet_in_the_other_way(
    holding: Holding, practice: Practice, slot: UUID
) -> None:
    me = somebody(practice)
    held = await keep(holding, me, slot)
    await comes_near(practice)
    assert (await keep(holding, me, slot))["holdId"] == held["holdId"]
    assert (await keep(holding, me, slot, Mode.TELE))["mode"] == "tele"


async def test_too_late_nobody_takes_a_time_who_has_none(
    holding: Holding, booking: SlotBooking, practice: Practice, slot: UUID, moving: Moving
) -> None:
    me = somebody(practice)
    held = await keep(holding, me, slot)
    await comes_near(practice)
    await holding.release(me, slot)
    for one in (me, somebody(practice)):
        with pytest.raises(SlotUnavailable, match="too late"):
            await keep(holding, one, slot)
    assert held["holdId"]
    # The desk may all the same.
    await keep(holding, moving.desk, slot)
