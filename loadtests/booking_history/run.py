"""One run: slot after slot is fought over while parts of the house are killed, then all histories are checked."""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Sequence
from time import monotonic, time
from typing import Any

import msgspec

from loadtests.booking.kills import Killer
from loadtests.booking.practice import Slot, open_times, overbooked, standings
from loadtests.booking.scene import Scene, scene
from loadtests.booking.short_holds import MODULE as SHORT_HOLDS
from loadtests.booking.short_holds import VARIABLE as HOLD_SECONDS
from loadtests.booking_history import planted
from loadtests.booking_history import slot as model
from loadtests.booking_history.linearizability import FOREVER, Result, Verdict, check
from loadtests.booking_history.recorder import Recorder

DOCTORS = 4
GUESTS, DESKS = 3, 3
HELD_FOR = 1.5
SESSION_SECONDS = 4.0
"""For which one slot is fought over; then it is another's turn, so that no history grows too long to be checked."""
AT_ONCE = 3
"""Slots, of different doctors."""
FEWEST = 6
"""Slots, however short the run is."""
QUIET_SECONDS = 2.0


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What histories come to."""

    slots: int
    calls: int
    unknown: int
    answers: dict[str, int]
    violations: list[str]
    undecided: int
    steps: int
    lost: int
    double: int
    strange: dict[str, int]


async def run(*, minutes: float, planted_seconds: float, seed: int = 5) -> dict[str, Any]:
    """Run as long with kills, then a while with the planted fault; returns the figures."""
    figures = await _honest(minutes * 60, seed)
    caught = await _with_fault(planted_seconds, seed) if planted_seconds else None
    if caught is not None:
        figures["planted"] = {"caught": bool(caught.violations), "violations": len(caught.violations)}
        figures["planted"] |= {"slots": caught.slots, "double_bookings": caught.double}
        if not caught.violations:
            figures["faults"].append("the planted fault was not found")
    return figures


async def _honest(seconds: float, seed: int) -> dict[str, Any]:
    async with _house(SHORT_HOLDS, servers=2, worker=True) as at:
        killer = Killer(at.at.house, random.Random(seed))
        killing = asyncio.create_task(killer.kill_until(monotonic() + seconds))
        try:
            recorders = await _histories(at, seconds, seed)
        finally:
            killing.cancel()
            await asyncio.gather(killing, return_exceptions=True)
        await killer.all_back()
        await asyncio.sleep(QUIET_SECONDS)
        told = await judged(at, recorders)
        unqueued = await _without_place(at)
        over = await overbooked(at.at)
    complaints = {
        f"{len(told.violations)} histories cannot be: {told.violations[:3]}": told.violations,
        f"{told.undecided} histories could not be decided": told.undecided,
        f"{told.double + over} double bookings": told.double + over,
        f"{told.lost} acknowledged bookings are lost": told.lost,
        f"{unqueued} appointments are in no queue": unqueued,
        f"strange answers: {told.strange}": told.strange,
    }
    return {
        "violations": len(told.violations),
        "double_bookings": max(told.double, over),
        "lost_bookings": told.lost,
        "undecided": told.undecided,
        "seconds": seconds,
        "slots": told.slots,
        "calls": told.calls,
        "unknown": told.unknown,
        "answers": told.answers,
        "kills": dict(killer.kills),
        "search_steps": told.steps,
        "faults": [complaint for complaint, broken in complaints.items() if broken],
    }


async def _with_fault(seconds: float, seed: int) -> Told:
    async with _house(planted.MODULE, servers=1, worker=False) as at:
        return await judged(at, await _histories(at, seconds, seed), with_histories=False)


def _house(module: str, *, servers: int, worker: bool) -> Any:
    return scene(
        doctors=DOCTORS,
        servers=servers,
        worker=worker,
        pinned=False,
        module=module,
        environment={HOLD_SECONDS: str(HELD_FOR)},
    )


async def _histories(at: Scene, seconds: float, seed: int) -> list[Recorder]:
    """Let slot after slot be fought over; returns what was recorded of each."""
    single, triple = at.at.clinic.doctors[:2], at.at.clinic.doctors[2:]
    days = max(2, -(-int(seconds / SESSION_SECONDS * 2) // 60))
    slots = await open_times(at.at, single, days=days)
    wide = await open_times(at.at, triple, days=days, places=3)
    by_turns = [slot for pair in zip(slots, wide, strict=True) for slot in pair]
    found: list[Recorder] = []
    chance, until = random.Random(seed), time() + seconds
    step = at.bar("Histories", int(seconds))
    while ((begun := time()) < until or len(found) < FEWEST) and len(by_turns) >= AT_ONCE:
        now, by_turns = by_turns[:AT_ONCE], by_turns[AT_ONCE:]
        sessions = [Recorder(at.at.clinic, slot, at.at.house.urls, HELD_FOR) for slot in now]
        await asyncio.gather(*(_session(one, chance.random()) for one in sessions))
        found += sessions
        step(int(time() - begun))
    return found


async def _session(recorder: Recorder, seed: float) -> None:
    until, chance = time() + SESSION_SECONDS, random.Random(seed)
    await asyncio.gather(
        *(recorder.guest(number, until, chance) for number in range(GUESTS)),
        *(recorder.desk(number, until, chance) for number in range(DESKS)),
        recorder.reader(until, chance),
    )


async def judged(at: Scene, recorders: Sequence[Recorder], *, with_histories: bool = True) -> Told:
    """Add what Postgres has to each history, and check them all; those that cannot be are printed if wanted."""
    ends = await standings(at.at, [recorder.slot for recorder in recorders])
    step = at.bar("Checking", len(recorders))
    results: list[tuple[Slot, Result[model.What]]] = []
    lost = double = 0
    for recorder in recorders:
        standing = ends[recorder.slot.id]
        recorder.audit(standing)
        results.append((recorder.slot, check(recorder.calls, model.State(recorder.slot.places), model.apply)))
        if with_histories and results[-1][1].verdict is not Verdict.LINEARIZABLE:
            for call in sorted(recorder.calls, key=lambda call: call.made):
                print(f"{call.made:.3f} {call.answered:.3f} {call.what}", file=sys.stderr)
        kept = {one for key, one in recorder.acknowledged.items() if key not in recorder.cancelling}
        lost += len(kept - standing.appointments)
        double += max(0, len(kept) - recorder.slot.places, len(standing.appointments) - recorder.slot.places)
        step(1)
        await asyncio.sleep(0)
    calls = [call for recorder in recorders for call in recorder.calls]
    return Told(
        slots=len(recorders),
        calls=len(calls),
        unknown=sum(call.answered == FOREVER and not isinstance(call.what, model.Expired) for call in calls),
        answers=dict(Counter(_name(call.what) for call in calls)),
        violations=[_sentence(slot, result) for slot, result in results if result.verdict is Verdict.VIOLATION],
        undecided=sum(result.verdict is Verdict.UNDECIDED for _, result in results),
        steps=sum(result.steps for _, result in results),
        lost=lost,
        double=double,
        strange=dict(sum((recorder.strange for recorder in recorders), Counter())),
    )


async def _without_place(at: Scene) -> int:
    """Return how many appointments stand that no queue knows."""
    async with at.at.services.db.tenant(at.at.clinic.tenant) as tx:
        row = await tx.row(
            "SELECT count(*)::integer AS count FROM appointment a LEFT JOIN queue_entry e"
            " ON e.tenant_id = a.tenant_id AND e.entry_id = a.appointment_id"
            " WHERE a.tenant_id = $1 AND NOT a.slot_given_back AND e.entry_id IS NULL",
            at.at.clinic.tenant,
        )
    assert row is not None
    count: int = row["count"]
    return count


def _name(what: model.What) -> str:
    answer = getattr(what, "answer", None)
    return type(what).__name__.lower() + (f" {answer}" if answer is not None else "")


def _sentence(slot: Slot, result: Result[model.What]) -> str:
    return f"slot {slot.id} of {slot.places}: none of {[str(what) for what in result.stuck]} could be next"
