"""Blocking, giving free and resizing slots by hand."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application.answers import NONE, Precondition
from queue_server.application.slots.blocking import Blocking
from queue_server.application.slots.bodies import BlockBody, SlotCapacityBody
from queue_server.application.slots.capacity import SlotCapacities
from scheduling_core.errors import Forbidden, InvalidValue, NotFound, PlacesTaken, StaleVersion
from scheduling_core.ids import ClinicId
from scheduling_core.permissions import Role
from tests.application.slots.conftest import Practice
from tests.factories import at, in_days
from tests.graph import Graph

WHY = BlockBody(reason="Phone calls")


@pytest.fixture
async def slot(practice: Practice) -> UUID:
    """The slot of tomorrow at nine."""
    await practice.regenerate(in_days(1), in_days(1))
    found: UUID = (await practice.slot(at(in_days(1), 9)))["slot_id"]
    return found


async def block(graph: Graph, practice: Practice, slot: UUID, body: BlockBody = WHY, **more: Any) -> dict[str, Any]:
    actor = practice.clinic.actor(more.pop("role", Role.RECEPTIONIST), clinics=more.pop("clinics", ()))
    answer = await Blocking(graph.writes).block(actor, slot, body, Precondition(**more))
    found: dict[str, Any] = msgspec.json.decode(answer.body)
    return found


async def unblock(graph: Graph, practice: Practice, slot: UUID) -> dict[str, Any]:
    answer = await Blocking(graph.writes).unblock(practice.clinic.receptionist, slot, NONE)
    found: dict[str, Any] = msgspec.json.decode(answer.body)
    return found


async def test_a_block_is_one_event_whose_reason_is_kept_apart(graph: Graph, practice: Practice, slot: UUID) -> None:
    shown = await block(graph, practice, slot)
    assert (shown["status"], shown["blockReason"], shown["version"]) == ("blocked", "Phone calls", 2)
    again = await block(graph, practice, slot, BlockBody(reason="Something else"))
    assert again["blockReason"] == "Phone calls"
    blocked = (await practice.events())[1:]
    assert [event["type"] for event in blocked] == ["slot_blocked"]
    assert "Phone" not in blocked[0]["data"]


async def test_blocking_is_for_the_desk_of_the_clinic(graph: Graph, practice: Practice, slot: UUID) -> None:
    with pytest.raises(Forbidden):
        await block(graph, practice, slot, role=Role.DOCTOR)
    with pytest.raises(NotFound):
        await block(graph, practice, slot, clinics=(ClinicId(uuid4()),))
    with pytest.raises(NotFound):
        await block(graph, practice, uuid4())
    with pytest.raises(StaleVersion):
        await block(graph, practice, slot, if_match=7)
    with pytest.raises(InvalidValue):
        await block(graph, practice, slot, BlockBody(reason="two\nlines"))
    assert not (await practice.slot(at(in_days(1), 9)))["blocked"]
    assert len(await practice.events()) == 1


async def test_a_slot_given_free_can_be_booked_again_if_the_calendar_still_offers_it(
    graph: Graph, practice: Practice, slot: UUID
) -> None:
    await practice.keeps_calendar()
    await block(graph, practice, slot)
    shown = await unblock(graph, practice, slot)
    assert (shown["status"], shown["remaining"], shown["version"]) == ("free", {"inPerson": 1, "tele": 0}, 3)


async def test_a_slot_given_free_goes_if_the_calendar_does_not_offer_it_any_more(
    graph: Graph, practice: Practice, slot: UUID
) -> None:
    await block(graph, practice, slot)
    # This doctor's calendar is empty: only the block has kept the slot.
    shown = await unblock(graph, practice, slot)
    assert shown["status"] == "withdrawn"
    assert await practice.rows("SELECT 1 FROM slot WHERE slot_id = $1", slot) == []


async def test_a_capacity_is_set_by_hand_but_never_below_what_is_taken(
    graph: Graph, practice: Practice, slot: UUID
) -> None:
    capacities = SlotCapacities(graph.writes)
    actor = practice.clinic.receptionist
    await capacities.set(actor, slot, SlotCapacityBody(in_person=2, tele=1, total=2), NONE)
    row = await practice.slot(at(in_days(1), 9))
    assert (row["in_person"], row["tele"], row["total"], row["by_hand"], row["version"]) == (2, 1, 2, True, 2)
    await practice.books(row["start"], slot=slot)
    with pytest.raises(PlacesTaken):
        await capacities.set(actor, slot, SlotCapacityBody(in_person=0, tele=1, total=1), NONE)
    await capacities.set(actor, slot, SlotCapacityBody(in_person=1, tele=0, total=1), NONE)
    types = [event["type"] for event in await practice.events()]
    assert types == ["slots_generated", "slot_capacity_changed", "slot_capacity_changed"]


async def test_a_slot_that_the_calendar_does_not_offer_any_more_stays_so_whatever_is_set_by_hand(
    graph: Graph, practice: Practice, slot: UUID
) -> None:
    """It keeps whom it has; its capacity by hand counts once the calendar offers it again."""
    await practice.books(at(in_days(1), 9), slot=slot)
    await block(graph, practice, slot)
    shown = await unblock(graph, practice, slot)  # this doctor's calendar is empty
    assert (shown["status"], shown["remaining"]) == ("withdrawn", {"inPerson": 0, "tele": 0})
    body = SlotCapacityBody(in_person=3, tele=0, total=3)
    answer = await SlotCapacities(graph.writes).set(practice.clinic.receptionist, slot, body, NONE)
    shown = msgspec.json.decode(answer.body)
    assert (shown["status"], shown["remaining"], shown["capacity"]["total"]) == (
        "withdrawn",
        {"inPerson": 0, "tele": 0},
        3,
    )
    made = await practice.regenerate(in_days(1), in_days(1))
    assert made.changed == 1
    row = await practice.slot(at(in_days(1), 9))
    assert (row["withdrawn"], row["total"], row["taken"]) == (False, 3, 1)
