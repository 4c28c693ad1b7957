"""What becomes of an offer, and of whoever is given a time: once, however many try."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from queue_server.application.actor import Actor
from queue_server.application.answers import NONE
from queue_server.application.desk_bodies import UndoBody
from queue_server.application.waitlist.bodies import InviteBody, PromoteBody, Wanted, WindowBody
from scheduling_core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidTrackingToken,
    InvalidValue,
    InviteExpired,
    NotFound,
    NothingToUndo,
    SlotUnavailable,
)
from scheduling_core.permissions import Role
from tests.application.booking.test_booking import once
from tests.application.slots.conftest import Practice, hours
from tests.application.waitlist.loop import Loop
from tests.factories import at, in_days
from tests.jobs.conftest import until


async def offered(loop: Loop, **joined: Any) -> tuple[dict[str, Any], UUID]:
    """Return somebody to whom a time is offered, and the slot."""
    entry = await loop.waitlist.join(**joined)
    slots = await loop.slots()
    await loop.free(slots[0])
    await loop.match()
    return entry, slots[0]


async def appointments(loop: Loop) -> list[UUID]:
    rows = await loop.practice.rows("SELECT slot_id FROM appointment WHERE slot_id IS NOT NULL ORDER BY start")
    return [row["slot_id"] for row in rows]


async def test_who_accepts_has_the_appointment_and_is_in_the_doctors_line(loop: Loop) -> None:
    entry, slot = await offered(loop)
    answer = await loop.answering.accept(await loop.token(entry), NONE)
    booked = msgspec.json.decode(answer.body)
    assert booked["slot"]["id"] == str(slot)
    assert booked["trackingUrl"]
    found = await loop.waitlist.reading.get(loop.waitlist.desk, UUID(entry["id"]))
    assert (found.status, str(found.promoted_appointment_id)) == ("promoted", booked["appointment"]["id"])
    assert await appointments(loop) == [slot]
    rows = await loop.practice.rows("SELECT state FROM queue_entry")
    assert [row["state"] for row in rows] == ["expected"]
    assert await loop.waitlist.counted() == 0


async def test_an_offer_is_accepted_once_however_often_it_is_tried(loop: Loop) -> None:
    entry, slot = await offered(loop)
    token = await loop.token(entry)

    async def attempt() -> str:
        try:
            await loop.answering.accept(token, NONE)
        except DomainError as error:
            return error.code
        return "booked"

    outcomes = Counter(await asyncio.gather(*(attempt() for _ in range(8))))
    assert outcomes == {"booked": 1, "conflict": 7}
    assert await appointments(loop) == [slot]


async def test_who_declines_waits_on_in_their_place_and_the_next_one_is_asked(loop: Loop) -> None:
    entry, slot = await offered(loop)
    second = await loop.waitlist.join()
    await loop.answering.decline(await loop.token(entry))
    found = await loop.waitlist.reading.get(loop.waitlist.desk, UUID(entry["id"]))
    assert (found.status, found.position, found.invite) == ("active", 1, None)
    await loop.match()
    (row,) = (await loop.invited()).values()
    assert (str(row["waitlist_id"]), row["slot_id"]) == (second["id"], slot)
    with pytest.raises(InviteExpired):
        await loop.answering.accept(await loop.token(entry), NONE)


async def test_too_late_is_too_late(loop: Loop) -> None:
    entry = await loop.waitlist.join()
    slots = await loop.slots()
    await loop.free(slots[0])
    await loop.offer(entry, slots[0], seconds=2)
    await until(partial(loop.is_over, datetime.now(UTC) + timedelta(seconds=2)))
    for answer in (partial(loop.answering.accept, precondition=NONE), loop.answering.decline):
        with pytest.raises(InviteExpired):
            await answer(await loop.token(entry))
    assert await appointments(loop) == []


async def test_nobody_answers_without_an_offer_or_with_anothers_link(loop: Loop) -> None:
    waiting = await loop.waitlist.join()
    with pytest.raises(NotFound):
        await loop.answering.accept(await loop.token(waiting), NONE)
    for token in ("nonsense", await loop.token(waiting) + "x"):
        with pytest.raises(InvalidTrackingToken):
            await loop.answering.accept(token, NONE)
    gone = await loop.waitlist.join()
    token = await loop.token(gone)
    await loop.waitlist.change(gone, status=Wanted.CANCELLED)
    with pytest.raises(Conflict):
        await loop.answering.accept(token, NONE)


async def test_an_accepted_offer_is_refused_as_a_whole_when_the_clinic_takes_nobody_more(loop: Loop) -> None:
    entry, _ = await offered(loop)
    async with loop.graph.db.tenant(loop.practice.clinic.tenant) as tx:
        await tx.run("UPDATE clinic SET capacity = $1::json", '{"per_day": 0}')
    with pytest.raises(DomainError):
        await loop.answering.accept(await loop.token(entry), NONE)
    assert [str(row["waitlist_id"]) for row in (await loop.invited()).values()] == [entry["id"]]
    assert await appointments(loop) == []


async def test_of_many_who_promote_one_entry_at_once_exactly_one_does(loop: Loop) -> None:
    entry = await loop.waitlist.join()
    slots = await loop.slots()
    for slot in slots:
        await loop.free(slot)

    async def attempt() -> str:
        admin = loop.practice.clinic.actor(Role.ADMIN)
        try:
            await loop.answering.promote(admin, UUID(entry["id"]), PromoteBody(), once())
        except DomainError as error:
            return error.code
        return "promoted"

    assert Counter(await asyncio.gather(*(attempt() for _ in range(10)))) == {"promoted": 1, "conflict": 9}
    assert len(await appointments(loop)) == 1
    assert await loop.waitlist.counted() == 0


async def test_who_is_promoted_takes_the_time_that_was_offered_or_gives_it_up(loop: Loop) -> None:
    entry, slot = await offered(loop)
    await promote(loop, entry)
    assert await appointments(loop) == [slot]
    other = await loop.waitlist.join()
    slots = await loop.slots()
    await loop.free(slots[1])
    await loop.match()
    await loop.free(slots[2])
    await promote(loop, other, slot_id=slots[2])
    assert await appointments(loop) == [slot, slots[2]]
    held = {row["slot_id"]: row["held"] for row in await loop.practice.slots()}
    assert held[slots[1]] == 0


async def promote(loop: Loop, entry: dict[str, Any], by: Actor | None = None, **body: Any) -> dict[str, Any]:
    who = by or loop.waitlist.admin
    answer = await loop.answering.promote(who, UUID(entry["id"]), PromoteBody(**body), once())
    made: dict[str, Any] = msgspec.json.decode(answer.body)
    return made


async def test_a_promotion_needs_a_time_that_is_free_a_key_and_somebody_who_waits(loop: Loop) -> None:
    entry = await loop.waitlist.join()
    slots = await loop.slots()
    with pytest.raises(SlotUnavailable):
        await promote(loop, entry)
    with pytest.raises(SlotUnavailable):
        await promote(loop, entry, slot_id=slots[0])
    with pytest.raises(NotFound) as refused:
        await promote(loop, entry, slot_id=uuid4())
    assert refused.value.field == "slotId"
    with pytest.raises(InvalidValue):
        await loop.answering.promote(loop.waitlist.admin, UUID(entry["id"]), PromoteBody(), NONE)
    await loop.waitlist.change(entry, status=Wanted.CANCELLED)
    await loop.free(slots[0])
    with pytest.raises(Conflict):
        await promote(loop, entry)


async def test_who_is_promoted_has_the_first_time_that_is_for_them_however_many_lie_before_it(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queue_server.application.waitlist.answering.LOOKED_AT", 2)
    slots = await loop.practice.slots()
    entry = await loop.waitlist.join(requested_window=WindowBody(start=slots[4]["start"]))
    await loop.waitlist.change(entry, status=Wanted.DEFERRED, until=at(in_days(2), 0))
    for slot in slots:
        await loop.free(slot["slot_id"])
    await promote(loop, entry)
    assert await appointments(loop) == [slots[4]["slot_id"]]


async def test_a_doctor_promotes_who_waits_for_them_and_a_patient_nobody(loop: Loop) -> None:
    me = await loop.waitlist.account_of(await loop.waitlist.somebody())
    mine = await loop.waitlist.join(by=me)
    slots = await loop.slots()
    await loop.free(slots[0])
    with pytest.raises(Forbidden):
        await promote(loop, mine, by=me)
    colleague = loop.practice.clinic.actor(Role.DOCTOR, doctor=loop.practice.clinic.doctors[1])
    with pytest.raises(Forbidden):
        await promote(loop, mine, by=colleague)
    doctor = loop.practice.clinic.actor(Role.DOCTOR, doctor=loop.practice.clinic.doctors[0])
    await promote(loop, mine, by=doctor)


async def test_a_doctor_gives_no_time_of_a_colleague(loop: Loop) -> None:
    anybodys = await loop.waitlist.join(doctor_id=None)
    slots = await loop.slots()
    await loop.free(slots[0])
    colleague = loop.practice.clinic.actor(Role.DOCTOR, doctor=loop.practice.clinic.doctors[1])
    with pytest.raises(Forbidden):
        await promote(loop, anybodys, by=colleague, slot_id=slots[0])
    with pytest.raises(Forbidden):
        await loop.answering.invite(colleague, UUID(anybodys["id"]), InviteBody(slot_id=slots[0]), NONE)
    with pytest.raises(SlotUnavailable):
        await promote(loop, anybodys, by=colleague)
    assert await appointments(loop) == []


async def test_who_waits_for_anybody_is_promoted_into_the_soonest_time_whoevers_it_is(
    loop: Loop,
) -> None:
    clinic = loop.practice.clinic
    other = Practice(loop.graph.db, clinic, hours(8, 9))
    other.doctor = clinic.doctors[1]
    await other.regenerate(in_days(3), in_days(3))
    anybodys = await loop.waitlist.join(doctor_id=None)
    await loop.free((await loop.slots())[0])
    soonest = (await other.slots())[0]["slot_id"]
    await promote(loop, anybodys)
    assert await appointments(loop) == [soonest]


async def test_staff_offer_a_time_by_hand_until_when_they_say(loop: Loop) -> None:
    entry = await loop.waitlist.join()
    slots = await loop.slots()
    await loop.free(slots[0])
    later = datetime.now(UTC) + timedelta(hours=3)
    body = InviteBody(slot_id=slots[0], respond_by=later)
    answer = await loop.answering.invite(loop.waitlist.desk, UUID(entry["id"]), body, NONE)
    made = msgspec.json.decode(answer.body)
    assert datetime.fromisoformat(made["invite"]["respondBy"]) == later
    for wrong in (datetime.now(UTC) - timedelta(minutes=1), later + timedelta(days=30)):
        other = await loop.waitlist.join()
        await loop.free(slots[1])
        with pytest.raises(InvalidValue) as refused:
            await loop.answering.invite(
                loop.waitlist.desk, UUID(other["id"]), InviteBody(slot_id=slots[1], respond_by=wrong), NONE
            )
        assert refused.value.field == "respondBy"


async def test_the_link_shows_its_own_entry_and_nothing_of_others(loop: Loop) -> None:
    entry, _ = await offered(loop, notes="mine")
    shown = await loop.answering.of_link(await loop.token(entry))
    assert (str(shown.id), shown.status, shown.notes) == (entry["id"], "invited", "mine")
    assert shown.invite is not None


@pytest.mark.parametrize("how", ["accept", "promote"])
async def test_what_came_of_the_waitlist_is_not_undone_at_the_desk(loop: Loop, how: str) -> None:
    entry, slot = await offered(loop)
    if how == "accept":
        await loop.answering.accept(await loop.token(entry), NONE)
    else:
        await promote(loop, entry, by=loop.waitlist.desk)
    (queue,) = await loop.practice.rows("SELECT date, version FROM queue")
    body = UndoBody(version=queue["version"], date=queue["date"].isoformat())
    with pytest.raises(NothingToUndo):
        await loop.graph.queue.run(loop.waitlist.desk, "undo", loop.practice.doctor, body)
    assert await appointments(loop) == [slot]
