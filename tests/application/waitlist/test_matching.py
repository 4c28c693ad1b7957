"""The closed loop: what is freed is offered, and what becomes of an offer offers it on."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from queue_server.application.booking.bodies import HoldBody
from queue_server.application.booking.guests import guest, new_token
from queue_server.application.waitlist.bodies import Wanted, WindowBody
from queue_server.application.waitlist.matching import MATCH_JOB
from queue_server.application.waitlist.offering import ANSWER_JOB
from scheduling_core.errors import Conflict, SlotUnavailable
from scheduling_core.slots.times import PartOfDay
from scheduling_core.waitlist.policy import QuietHours
from tests.application.waitlist.loop import AWAKE, Loop
from tests.factories import at, in_days
from tests.jobs.conftest import until


async def test_a_time_that_is_given_up_is_offered_to_the_first_and_held_for_them(loop: Loop) -> None:
    first, second = await loop.waitlist.join(), await loop.waitlist.join()
    slots = await loop.slots()
    await loop.free(slots[1])
    assert await loop.match() == 1
    (who,) = await loop.invited()
    assert who == first["id"]
    row = (await loop.invited())[who]
    assert row["slot_id"] == slots[1]
    assert (await loop.practice.slots())[1]["held"] == 1
    with pytest.raises(SlotUnavailable):
        await loop.holding.create(guest(loop.practice.clinic.tenant, new_token()), slots[1], HoldBody())
    assert second["id"] not in await loop.invited()


async def test_nothing_is_left_to_do_where_nobody_waits(loop: Loop) -> None:
    slots = await loop.slots()
    await loop.free(slots[0])
    assert await loop.match() == 0


async def test_several_times_go_to_several_people_at_once(loop: Loop) -> None:
    everybody = [await loop.waitlist.join() for _ in range(3)]
    slots = await loop.slots()
    for slot in slots[:4]:
        await loop.free(slot)
    await loop.match()
    invited = await loop.invited()
    assert invited.keys() == {one["id"] for one in everybody}
    assert len({row["slot_id"] for row in invited.values()}) == 3


async def test_a_time_is_offered_to_whom_it_fits_and_not_to_who_is_deferred(loop: Loop) -> None:
    await loop.waitlist.join(requested_window=WindowBody(parts_of_day=(PartOfDay.EVENING,)))
    await loop.waitlist.join(requested_window=WindowBody(start=at(in_days(4), 0)))
    away = await loop.waitlist.join()
    await loop.waitlist.change(away, status=Wanted.DEFERRED, until=at(in_days(2), 0))
    fits = await loop.waitlist.join()
    slots = await loop.slots()
    await loop.free(slots[0])
    await loop.match()
    assert list(await loop.invited()) == [fits["id"]]


async def test_what_is_for_nobody_at_the_head_of_a_long_list_is_offered_to_those_behind(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queue_server.application.waitlist.matching.MOST_CANDIDATES", 2)
    for _ in range(3):
        await loop.waitlist.join(requested_window=WindowBody(parts_of_day=(PartOfDay.NIGHT,)))
    behind = [await loop.waitlist.join() for _ in range(2)]
    slots = await loop.slots()
    for slot in slots[:3]:
        await loop.free(slot)
    await loop.match()
    invited = await loop.invited()
    assert invited.keys() == {one["id"] for one in behind}
    assert len({row["slot_id"] for row in invited.values()}) == 2


async def test_who_does_not_answer_waits_on_and_the_next_one_is_asked(loop: Loop) -> None:
    first, second = await loop.waitlist.join(), await loop.waitlist.join()
    slots = await loop.slots()
    await loop.free(slots[0])
    await loop.offer(first, slots[0], seconds=2)
    (job,) = await loop.jobs(ANSWER_JOB)
    await until(partial(loop.is_over, job.due_at))
    await loop.matching.answer_is_due(job)
    await loop.match()
    assert list(await loop.invited()) == [second["id"]]
    found = await loop.waitlist.reading.get(loop.waitlist.desk, UUID(str(first["id"])))
    assert (found.status, found.position) == ("active", 1)


async def test_by_hand_a_time_may_be_offered_that_the_list_would_not_offer(loop: Loop) -> None:
    away = await loop.waitlist.join()
    await loop.waitlist.change(away, status=Wanted.DEFERRED, until=at(in_days(2), 0))
    other = await loop.waitlist.join(doctor_id=loop.waitlist.clinic.doctors[1])
    slots = await loop.slots()
    await loop.free(slots[0])
    with pytest.raises(Conflict):
        await loop.offer(away, slots[0], by_hand=False)
    with pytest.raises(Conflict):
        await loop.offer(other, slots[0])
    await loop.offer(away, slots[0])
    assert list(await loop.invited()) == [away["id"]]
    with pytest.raises(SlotUnavailable):
        await loop.offer(await loop.waitlist.join(), slots[0])


async def test_who_cancels_gives_the_offered_time_to_the_next(loop: Loop) -> None:
    first, second = await loop.waitlist.join(), await loop.waitlist.join()
    slots = await loop.slots()
    await loop.free(slots[0])
    await loop.match()
    await loop.waitlist.change(first, status=Wanted.CANCELLED)
    assert await loop.match() == 1
    assert list(await loop.invited()) == [second["id"]]


async def test_in_quiet_hours_nobody_is_asked_and_the_job_comes_again_in_the_morning(loop: Loop) -> None:
    await loop.waitlist.runs_by(quiet_hours=QuietHours(start="00:00", end="23:59"))
    await loop.waitlist.join()
    slots = await loop.slots()
    await loop.free(slots[0])
    await loop.match()
    if not await loop.invited():  # within the one minute of the day that is not quiet somebody would be
        (job,) = await loop.jobs(MATCH_JOB)
        assert timedelta(0) < job.due_at - datetime.now(UTC) <= timedelta(days=1)


async def test_what_begins_soon_is_booked_for_who_agreed_to_that_and_offered_if_nobody_did(loop: Loop) -> None:
    # Three days ahead lies within a week of buffer.
    await loop.waitlist.runs_by(quiet_hours=AWAKE, auto_promote_buffer_minutes=10_080, min_lead_minutes=0)
    first = await loop.waitlist.join()
    at_once = await loop.waitlist.join(short_notice=True)
    slots = await loop.slots()
    await loop.free(slots[0])
    await loop.match()
    found = await loop.waitlist.reading.get(loop.waitlist.desk, UUID(at_once["id"]))
    assert (found.status, await loop.invited()) == ("promoted", {})
    rows = await loop.practice.rows("SELECT slot_id FROM appointment WHERE slot_id IS NOT NULL")
    assert [row["slot_id"] for row in rows] == [slots[0]]
    await loop.free(slots[1])
    await loop.match()
    assert list(await loop.invited()) == [first["id"]]
