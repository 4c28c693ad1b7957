"""A place that is held is nobody else's until the hold ends, and not a moment longer."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application.actor import Actor
from queue_server.application.answers import NONE
from queue_server.application.booking.bodies import HoldBody
from queue_server.application.booking.booking import SlotBooking
from queue_server.application.booking.guests import guest, new_token
from queue_server.application.booking.holding import Holding
from queue_server.application.slots.blocking import Blocking
from queue_server.application.slots.bodies import BlockBody, BookBody, BookedPatient
from queue_server.store.db import Database, Row
from scheduling_core.booking.holds import HELD_FOR
from scheduling_core.errors import (
    CapacityReached,
    Conflict,
    DomainError,
    Forbidden,
    HoldExpired,
    HoldLimitReached,
    NotFound,
    SlotUnavailable,
)
from scheduling_core.live_queue.state import Mode
from scheduling_core.permissions import Role
from scheduling_core.slots.events import HolderKind
from tests.application.booking.moving import Moving, patient_of
from tests.application.booking.test_booking import once
from tests.application.slots.conftest import Practice, hours
from tests.application.test_enrolment import cap
from tests.factories import at, in_days
from tests.graph import Graph

ONE_SELF = BookedPatient(name="Mei Chen", phone="+44 20 7946 0999")


@pytest.fixture
async def slot(practice: Practice) -> UUID:
    """The slot of the day after tomorrow at nine."""
    await practice.regenerate(in_days(2), in_days(2))
    await practice.takes_patients()
    found: UUID = (await practice.slot(at(in_days(2), 9)))["slot_id"]
    return found


def somebody(practice: Practice) -> Actor:
    """Return a guest nobody has seen."""
    return guest(practice.clinic.tenant, new_token())


async def hold(holding: Holding, actor: Actor, slot: UUID, mode: Mode = Mode.IN_PERSON) -> dict[str, Any]:
    answer = await holding.create(actor, slot, HoldBody(mode=mode), NONE)
    found: dict[str, Any] = msgspec.json.decode(answer.body)
    return found


async def book(booking: SlotBooking, actor: Actor, slot: UUID, held: UUID | str | None) -> dict[str, Any]:
    body = BookBody(hold_id=UUID(str(held)) if held is not None else None, patient=ONE_SELF)
    found: dict[str, Any] = msgspec.json.decode((await booking.book(actor, slot, body, once())).body)
    return found


async def row_of(practice: Practice) -> Row:
    return await practice.slot(at(in_days(2), 9))


async def test_of_fifty_guests_who_hold_one_time_at_once_exactly_one_has_it(
    holding: Holding, practice: Practice, slot: UUID
) -> None:
    async def attempt() -> str:
        try:
            await hold(holding, somebody(practice), slot)
        except DomainError as error:
            return error.code
        return "held"

    assert Counter(await asyncio.gather(*(attempt() for _ in range(50)))) == {"held": 1, "slot_unavailable": 49}
    row = await row_of(practice)
    assert (row["held"], row["in_person_held"], row["tele_held"], row["taken"]) == (1, 1, 0, 0)


async def test_patients_and_guests_hold_for_ten_minutes_and_staff_for_thirty(
    holding: Holding, practice: Practice, slot: UUID
) -> None:
    patient, desk = patient_of(practice, uuid4()), practice.clinic.actor(Role.RECEPTIONIST)
    for actor, minutes in ((somebody(practice), 10), (patient, 10), (desk, 30)):
        held = await hold(holding, actor, slot)
        left = datetime.fromisoformat(held["expiresAt"]) - datetime.now(UTC)
        assert timedelta(minutes=minutes - 1) < left <= timedelta(minutes=minutes)
        await holding.release(actor, slot)


async def test_who_holds_a_time_already_gets_the_same_hold(holding: Holding, practice: Practice, slot: UUID) -> None:
    me = somebody(practice)
    assert await hold(holding, me, slot) == await hold(holding, me, slot)


async def test_what_is_given_up_is_free_at_once(holding: Holding, practice: Practice, slot: UUID) -> None:
    me = somebody(practice)
    await hold(holding, me, slot)
    await holding.release(somebody(practice), slot)
    assert (await row_of(practice))["held"] == 1
    await holding.release(me, slot)
    assert ((row := await row_of(practice))["held"], row["held_until"]) == (0, None)
    await hold(holding, somebody(practice), slot)


async def test_a_guest_holds_no_more_times_than_the_policy_allows(
    holding: Holding, practice: Practice, slot: UUID
) -> None:
    me = somebody(practice)
    slots = [row["slot_id"] for row in await practice.slots()]
    outcomes = await asyncio.gather(*(hold(holding, me, one) for one in slots[:5]), return_exceptions=True)
    assert Counter(type(outcome) for outcome in outcomes) == {dict: 2, HoldLimitReached: 3}


async def test_a_hold_is_booked_once_and_by_its_holder_alone(
    holding: Holding, booking: SlotBooking, practice: Practice, slot: UUID
) -> None:
    me, other = somebody(practice), somebody(practice)
    held = await hold(holding, me, slot)
    for thief in (other, practice.clinic.actor(Role.RECEPTIONIST)):
        with pytest.raises(NotFound):
            await book(booking, thief, slot, held["holdId"])
    with pytest.raises(SlotUnavailable):
        await book(booking, practice.clinic.actor(Role.RECEPTIONIST), slot, None)
    booked = await book(booking, me, slot, held["holdId"])
    assert booked["appointment"]["ticket"]
    with pytest.raises(Conflict):
        await book(booking, me, slot, held["holdId"])
    row = await row_of(practice)
    assert (row["taken"], row["held"], row["held_until"]) == (1, 0, None)


async def test_guests_book_only_what_they_hold(booking: SlotBooking, practice: Practice, slot: UUID) -> None:
    with pytest.raises(DomainError, match="Hold the time first"):
        await book(booking, somebody(practice), slot, None)


async def test_an_expired_hold_keeps_nobody_out_although_no_job_has_come(
    holding: Holding, booking: SlotBooking, practice: Practice, slot: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    me, next_one = somebody(practice), somebody(practice)
    with monkeypatch.context() as patched:
        patched.setitem(HELD_FOR, HolderKind.GUEST, timedelta(microseconds=1))
        held = await hold(holding, me, slot)
    assert (await row_of(practice))["held"] == 1
    with pytest.raises(HoldExpired):
        await book(booking, me, slot, held["holdId"])
    mine = await hold(holding, next_one, slot)
    assert (await row_of(practice))["held"] == 1
    await book(booking, next_one, slot, mine["holdId"])
    ended = await practice.rows("SELECT outcome FROM hold ORDER BY created_at")
    assert [row["outcome"] for row in ended] == ["expired", "booked"]


async def test_blocking_a_time_ends_its_hold(
    holding: Holding, booking: SlotBooking, practice: Practice, slot: UUID, graph: Graph
) -> None:
    me = somebody(practice)
    held = await hold(holding, me, slot)
    await Blocking(graph.writes).block(practice.clinic.actor(Role.RECEPTIONIST), slot, BlockBody(), NONE)
    with pytest.raises(SlotUnavailable):
        await book(booking, me, slot, held["holdId"])
    assert (await row_of(practice))["held"] == 0


async def test_leave_takes_the_time_from_whoever_holds_it(
    holding: Holding, booking: SlotBooking, practice: Practice, slot: UUID
) -> None:
    me = somebody(practice)
    held = await hold(holding, me, slot)
    practice.takes_leave(in_days(2), in_days(2))
    await practice.regenerate(in_days(2), in_days(2))
    assert await practice.rows("SELECT FROM slot WHERE slot_id = $1", slot) == []
    with pytest.raises(NotFound):
        await book(booking, me, slot, held["holdId"])


async def test_one_of_two_places_is_held_and_the_other_is_not(holding: Holding, practice: Practice) -> None:
    practice.sits(hours(in_person=2, total=2))
    await practice.regenerate(in_days(2), in_days(2))
    await practice.takes_patients()
    slot = (await row_of(practice))["slot_id"]
    first, second = await hold(holding, somebody(practice), slot), await hold(holding, somebody(practice), slot)
    assert first["holdId"] != second["holdId"]
    with pytest.raises(SlotUnavailable):
        await hold(holding, somebody(practice), slot)


async def test_holds_in_both_ways_at_once_are_as_many_as_there_are_places(holding: Holding, practice: Practice) -> None:
    practice.sits(hours(in_person=2, tele=2, total=3))
    await practice.regenerate(in_days(2), in_days(2))
    await practice.takes_patients()
    slot = (await row_of(practice))["slot_id"]
    modes = [Mode.IN_PERSON, Mode.TELE] * 10
    outcomes = await asyncio.gather(
        *(hold(holding, somebody(practice), slot, mode) for mode in modes), return_exceptions=True
    )
    told = Counter(outcome["mode"] for outcome in outcomes if isinstance(outcome, dict))
    assert {type(outcome) for outcome in outcomes} == {dict, SlotUnavailable}
    row = await row_of(practice)
    # Who was told to have a place is who has one, in the way they asked for.
    assert (row["in_person_held"], row["tele_held"]) == (told["in_person"], told["tele"])
    assert (row["held"], told.total()) == (3, 3)


async def test_no_time_is_held_that_the_clinics_cap_would_not_let_be_booked(
    holding: Holding, booking: SlotBooking, practice: Practice, slot: UUID, database: Database
) -> None:
    later = (await practice.slot(at(in_days(2), 10)))["slot_id"]
    await cap(database, practice.clinic, '{"per_day": 1}')
    first, second = somebody(practice), somebody(practice)
    held = await hold(holding, first, slot)
    # The last place is being booked; who has it may choose another time all the same.
    with pytest.raises(CapacityReached):
        await hold(holding, second, later)
    await hold(holding, first, later)
    await book(booking, first, slot, held["holdId"])
    for nobody in (second, practice.clinic.actor(Role.RECEPTIONIST)):
        with pytest.raises(CapacityReached):
            await hold(holding, nobody, (await practice.slot(at(in_days(2), 11)))["slot_id"])
    assert (await practice.slot(at(in_days(2), 11)))["held"] == 0


async def test_a_visit_that_is_moved_within_a_full_day_does_not_stand_in_its_own_way(
    holding: Holding, moving: Moving, practice: Practice, slot: UUID, database: Database
) -> None:
    await cap(database, practice.clinic, '{"per_day": 1, "per_window": 1}')
    booked = await moving.book(slot)
    appointment, row = UUID(booked["appointment"]["id"]), await moving.appointment(booked)
    later = (await practice.slot(at(in_days(2), 10)))["slot_id"]
    for mover in (patient_of(practice, row["patient_id"]), practice.clinic.actor(Role.RECEPTIONIST)):
        with pytest.raises(CapacityReached):
            await hold(holding, mover, later)
        answer = await holding.create(mover, later, HoldBody(moving=appointment), NONE)
        held = msgspec.json.decode(answer.body)["holdId"]
        await moving.move(booked, later, by=mover, hold_id=UUID(held))
        slot, later = later, slot
    assert await moving.taken(slot, later) == [1, 0]


async def test_only_who_may_move_a_visit_holds_a_time_for_it(
    holding: Holding, moving: Moving, practice: Practice, slot: UUID
) -> None:
    appointment = UUID((await moving.book(slot))["appointment"]["id"])
    later = (await practice.slot(at(in_days(2), 10)))["slot_id"]
    for actor, what, refusal in (
        (somebody(practice), appointment, Forbidden),
        (patient_of(practice, uuid4()), appointment, NotFound),
        (practice.clinic.actor(Role.RECEPTIONIST), uuid4(), NotFound),
    ):
        with pytest.raises(refusal):
            await holding.create(actor, later, HoldBody(moving=what), NONE)
    assert (await practice.slot(at(in_days(2), 10)))["held"] == 0


async def test_a_window_that_is_full_leaves_the_others_free(
    holding: Holding, booking: SlotBooking, practice: Practice, slot: UUID, database: Database
) -> None:
    await cap(database, practice.clinic, '{"per_window": 1}')
    me = somebody(practice)
    await book(booking, me, slot, (await hold(holding, me, slot))["holdId"])
    assert await hold(holding, somebody(practice), (await practice.slot(at(in_days(2), 11)))["slot_id"])
