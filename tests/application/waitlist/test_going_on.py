"""The loop goes on: who cannot be asked after all, or need not be, keeps a free time from nobody else."""

from datetime import UTC, datetime

import msgspec
import pytest

from queue_server.application.slots.stream import lock_slots
from queue_server.application.waitlist import matching
from queue_server.application.waitlist.bodies import Wanted, WindowBody
from queue_server.application.waitlist.matching import Plan
from queue_server.application.waitlist.offering import read
from queue_server.store import job_store
from queue_server.store.db import Transaction
from scheduling_core.errors import Conflict
from scheduling_core.ids import DoctorId, WaitlistId
from scheduling_core.live_queue.state import Mode
from scheduling_core.slots.times import PARTS, PartOfDay
from scheduling_core.waitlist.state import Entry
from tests.application.waitlist.loop import AWAKE, Loop
from tests.factories import at, in_days


async def test_of_two_wishes_of_one_person_one_is_answered_and_the_other_time_is_somebody_elses(loop: Loop) -> None:
    twice = await loop.waitlist.somebody()
    wishes = [await loop.waitlist.join(twice), await loop.waitlist.join(twice, doctor_id=None)]
    other = await loop.waitlist.join()
    slots = await loop.slots()
    for slot in slots[:2]:
        await loop.free(slot)
    await loop.match()
    invited = await loop.invited()
    assert len(invited) == 2
    assert other["id"] in invited
    # And so it is when the first offer is known already.
    third = await loop.waitlist.join()
    await loop.free(slots[2])
    await loop.match()
    assert invited.keys() | {third["id"]} == (await loop.invited()).keys()
    unasked = next(one for one in wishes if one["id"] not in invited)
    await loop.free(slots[3])
    with pytest.raises(Conflict, match="doctor"):
        await loop.offer(unasked, slots[3])


@pytest.mark.parametrize("what", ["part of the day", "mode", "visit type", "consent"])
async def test_free_times_that_nobody_may_be_offered_do_not_hide_those_behind_them(
    loop: Loop, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(matching, "MOST_SLOTS", 2)
    slots = await loop.slots()
    last = slots[4]
    if what == "part of the day":
        await loop.waitlist.join(requested_window=WindowBody(parts_of_day=(PartOfDay.EVENING,)))
        evening = PARTS.index(PartOfDay.EVENING)
        await loop.practice.rows("UPDATE slot SET part_of_day = $2 WHERE slot_id = $1", last, evening)
    elif what == "mode":
        await loop.waitlist.join(mode=Mode.TELE)
        await loop.practice.rows("UPDATE slot SET tele = CASE WHEN slot_id = $1 THEN 1 ELSE 0 END", last)
    else:
        nobody = await loop.waitlist.somebody()
        await loop.waitlist.join(nobody, visit_type="surgery" if what == "visit type" else "consultation")
        await loop.waitlist.join(requested_window=WindowBody(start=(await loop.practice.slots())[4]["start"]))
        if what == "visit type":
            await loop.waitlist.runs_by(quiet_hours=AWAKE, excluded_visit_types=("surgery",))
        else:
            await loop.practice.rows(
                "INSERT INTO patient_consent (tenant_id, patient_id, kind, given, recorded_at)"
                " VALUES ($1, $2, 'messages', false, now())",
                loop.practice.clinic.tenant,
                nobody,
            )
    for slot in slots[:5]:
        await loop.free(slot)
    await loop.match()
    assert [row["slot_id"] for row in (await loop.invited()).values()] == [last]


async def test_when_who_was_chosen_has_gone_meanwhile_the_next_one_is_asked_at_once(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await loop.waitlist.join(), await loop.waitlist.join()
    await loop.free((await loop.slots())[0])
    planned = matching._plan

    async def overtaken(*args: object, **named: object) -> Plan:
        plan = await planned(*args, **named)  # type: ignore[arg-type]
        if any(str(one.entry) == first["id"] for one in plan.offers):
            await loop.waitlist.change(first, status=Wanted.CANCELLED)
        return plan

    monkeypatch.setattr(matching, "_plan", overtaken)
    await loop.match()
    assert list(await loop.invited()) == [second["id"]]


@pytest.mark.parametrize("status", [Wanted.CANCELLED, Wanted.DEFERRED])
async def test_what_is_offered_to_somebody_while_they_leave_is_given_back_at_once(
    loop: Loop, monkeypatch: pytest.MonkeyPatch, status: Wanted
) -> None:
    entry = await loop.waitlist.join()
    slot = (await loop.slots())[0]
    await loop.free(slot)

    async def overtaken(tx: Transaction, who: WaitlistId) -> Entry | None:
        seen = await read(tx, who)
        if seen is not None and not seen.invited:
            await loop.offer(entry, slot)
        return seen

    monkeypatch.setattr("queue_server.application.waitlist.changing.read", overtaken)
    await loop.waitlist.change(
        entry, status=status, until=at(in_days(2), 0) if status is Wanted.DEFERRED else msgspec.UNSET
    )
    async with loop.graph.db.tenant(loop.practice.clinic.tenant) as tx:
        stream = await lock_slots(tx, DoctorId(loop.practice.clinic.doctors[0]))
        assert not [hold for hold in stream.ledger.holds.values() if hold.slot == slot and hold.is_live(stream.now)]


async def test_who_comes_back_is_offered_what_has_been_free_meanwhile(loop: Loop) -> None:
    entry = await loop.waitlist.join()
    await loop.waitlist.change(entry, status=Wanted.DEFERRED, until=at(in_days(2), 0))
    await loop.free((await loop.slots())[0])
    await loop.match()
    assert not await loop.invited()
    await loop.waitlist.change(entry, status=Wanted.ACTIVE)
    await loop.match()
    assert list(await loop.invited()) == [entry["id"]]


async def test_when_a_deferral_ends_what_is_free_is_looked_at(loop: Loop) -> None:
    entry = await loop.waitlist.join()
    until = at(in_days(2), 0)
    await loop.waitlist.change(entry, status=Wanted.DEFERRED, until=until)
    assert [job.due_at for job in await loop.jobs(matching.MATCH_JOB)] == [until]


async def test_who_joins_for_a_time_that_is_free_is_offered_it_within_the_hour(loop: Loop) -> None:
    slot = (await loop.slots())[0]
    await loop.free(slot)
    entry = await loop.waitlist.join(doctor_id=None)
    tenant = loop.practice.clinic.tenant
    async with loop.graph.db.tenant(tenant) as tx:
        await job_store.enqueue(tx, "waitlist_expiry", "", {}, datetime.now(UTC))
    (job,) = await loop.jobs("waitlist_expiry")
    await loop.matching.expire(job)
    await loop.match()
    assert list(await loop.invited()) == [entry["id"]]


async def test_what_is_freed_while_a_run_looks_is_left_to_the_next_one(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [await loop.waitlist.join() for _ in range(2)]
    slots = await loop.slots()
    await loop.free(slots[0])
    planned = matching._plan

    async def slow(*args: object, **named: object) -> Plan:
        plan = await planned(*args, **named)  # type: ignore[arg-type]
        # Freed by a transaction that had begun, and left its job, before the run looked, and committed only then.
        await loop.free(slots[1])
        early = "UPDATE job SET due_at = due_at - interval '1 minute' WHERE kind = $1 AND attempts = 0 RETURNING key"
        assert await loop.practice.rows(early, matching.MATCH_JOB)
        return plan

    with monkeypatch.context() as patched:
        patched.setattr(matching, "_plan", slow)
        await loop.match()
    assert list(await loop.invited()) == [entries[0]["id"]]
    await loop.match()
    assert (await loop.invited()).keys() == {entry["id"] for entry in entries}


async def test_who_could_come_is_found_however_many_stand_before_them_who_could_not(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "MOST_CANDIDATES", 1)
    for _ in range(9):
        await loop.waitlist.join(requested_window=WindowBody(parts_of_day=(PartOfDay.NIGHT,)))
    behind = await loop.waitlist.join()
    await loop.free((await loop.slots())[0])
    await loop.match()
    assert list(await loop.invited()) == [behind["id"]]
