"""Thousands of holds that end by themselves, are given up or booked, while servers, worker and Postgres are killed.

    python -m loadtests.holds [--quick] [--holds 3000] [--seconds 8] [--json]

Each hold is of a guest and a slot of its own and lasts `--seconds`, in servers that loadtests start (no setting of the
product shortens a hold). A third is booked, at any moment up to the end, a tenth given up; the others are forgotten,
and nobody asks for their slots again. In the end the events of the slots must have one end for each hold: booked, given
up, or expired and then never early. Lateness is from when a hold's time was over to when its end was noted and told;
its place was anybody's from the first moment on.
"""

import argparse
import asyncio
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any
from uuid import uuid4

import msgspec

from loadtests.booking.caller import Answer, Caller, NoAnswer
from loadtests.booking.kills import Killer
from loadtests.booking.people import Guest
from loadtests.booking.practice import Slot, open_times, overbooked
from loadtests.booking.scene import Scene, scene
from loadtests.booking.short_holds import MODULE, VARIABLE
from loadtests.house import milliseconds
from loadtests.report import report

DOCTORS = 25
LANES = 10
"""Guests who ask at the same time."""
TARGETS = ("worker", "server-1", "server-2", "worker", "postgres")
BOOKED, GIVEN_UP = 0.33, 0.1
TRIES, AGAIN_SECONDS = 100, 0.2
ENDED_SECONDS = 60.0
"""So long after the last hold everything must have its end."""


class Tally(msgspec.Struct):
    """What guests were told."""

    held: dict[str, datetime] = msgspec.field(default_factory=dict)
    """When each hold was said to end."""
    booked: dict[str, str] = msgspec.field(default_factory=dict)
    """Appointments by hold."""
    given_up: set[str] = msgspec.field(default_factory=set)
    refused: Counter[str] = msgspec.field(default_factory=Counter)
    retries: Counter[str] = msgspec.field(default_factory=Counter)
    unanswered: int = 0


class Lives(msgspec.Struct):
    """What the events say of holds."""

    created: dict[str, datetime]
    """When each was to end."""
    ends: dict[str, list[tuple[str, datetime]]]


async def run(*, holds: int, seconds: float, seed: int = 7) -> dict[str, Any]:
    """Run on a house of its own and return the figures; `faults` lists broken promises."""
    async with scene(
        doctors=DOCTORS,
        servers=2,
        worker=True,
        pinned=False,
        module=MODULE,
        environment={VARIABLE: str(seconds)},
    ) as at:
        days = -(-holds // (DOCTORS * 30))
        step = at.bar("Doctors getting hours", DOCTORS)
        slots: list[Slot] = []
        for doctor in at.at.clinic.doctors:
            slots += await open_times(at.at, [doctor], days=days)
            step(1)
        chance = random.Random(seed)
        chance.shuffle(slots)
        killer = Killer(at.at.house, chance, TARGETS)
        killing = asyncio.create_task(killer.kill_until(monotonic() + 3600, gap=(0.5, 2.0)))
        try:
            tally = await _guests(at, slots[:holds], seconds, chance)
        finally:
            killing.cancel()
            await asyncio.gather(killing, return_exceptions=True)
        await killer.all_back()
        await _ended(at)
        lives = await _lives(at)
        over, still = await overbooked(at.at), await _still_held(at)
    return _figures(tally, lives, killer.kills, over, still)


async def _guests(at: Scene, slots: Sequence[Slot], seconds: float, chance: random.Random) -> Tally:
    tally, waiting, step = Tally(), list(enumerate(slots)), at.bar("Holds", len(slots))

    async def lane() -> None:
        async with asyncio.TaskGroup() as later:
            while waiting:
                number, slot = waiting.pop()
                guest = Guest(at.at.clinic, Caller(chance.choice(at.at.house.urls)), number=number)
                guest.token = uuid4().hex
                answer = await _insistent(at, tally, guest, partial(guest.hold, slot.id))
                step(1)
                if answer is None or answer.code != "ok":
                    guest.caller.close()
                    continue
                hold = str(answer.data["holdId"])
                tally.held[hold] = datetime.fromisoformat(answer.data["expiresAt"])
                after = seconds * chance.random() ** 0.3  # most of them when it is nearly too late
                later.create_task(_life(at, tally, guest, slot, hold, chance.random(), after))

    await asyncio.gather(*(lane() for _ in range(LANES)))
    return tally


async def _life(at: Scene, tally: Tally, guest: Guest, slot: Slot, hold: str, lot: float, after: float) -> None:
    """Do with a hold what falls to it."""
    if lot < BOOKED:
        await asyncio.sleep(after)
        key = uuid4().hex
        answer = await _insistent(at, tally, guest, lambda: guest.book(slot.id, hold, key=key))
        if answer is not None and answer.code == "ok":
            tally.booked[hold] = str(answer.data["appointment"]["id"])
    elif lot < BOOKED + GIVEN_UP:
        await asyncio.sleep(after)
        answer = await _insistent(at, tally, guest, lambda: guest.release(slot.id))
        if answer is not None and answer.code == "ok":
            tally.given_up.add(hold)
    guest.caller.close()


async def _insistent(at: Scene, tally: Tally, guest: Guest, ask: Callable[[], Awaitable[Answer]]) -> Answer | None:
    """Ask until the answer is known; None when it never is."""
    for attempt in range(TRIES):
        try:
            answer = await ask()
        except NoAnswer as error:
            tally.retries[type(error).__name__] += 1
        else:
            if answer.status not in (429, 503):
                if answer.code != "ok":
                    tally.refused[answer.code] += 1
                return answer
            tally.retries[str(answer.status)] += 1
        guest.caller.go_to(at.at.house.urls[attempt % len(at.at.house.urls)])
        await asyncio.sleep(AGAIN_SECONDS)
    tally.unanswered += 1
    return None


# ---- what became of them -------------------------------------------------------------------------------------------


async def _ended(at: Scene) -> None:
    """Wait until no hold is open."""
    until = monotonic() + ENDED_SECONDS
    while monotonic() < until:
        async with at.at.services.db.tenant(at.at.clinic.tenant) as tx:
            row = await tx.row(
                "SELECT EXISTS (SELECT FROM hold WHERE tenant_id = $1 AND ended_at IS NULL) AS open", tx.tenant
            )
        if row is not None and not row["open"]:
            return
        await asyncio.sleep(0.2)


async def _lives(at: Scene) -> Lives:
    lives = Lives({}, defaultdict(list))
    async with at.at.services.db.tenant(at.at.clinic.tenant) as tx:
        rows = await tx.rows(
            "SELECT type, data ->> 'hold' AS hold, data ->> 'expires_at' AS until, occurred_at FROM event_store"
            " WHERE tenant_id = $1 AND type IN ('hold_created', 'hold_released', 'hold_expired', 'slot_booked')"
            " AND data ->> 'hold' IS NOT NULL",
            tx.tenant,
        )
    for row in rows:
        if row["type"] == "hold_created":
            lives.created[row["hold"]] = datetime.fromisoformat(row["until"])
        else:
            lives.ends[row["hold"]].append((row["type"], row["occurred_at"]))
    return lives


async def _still_held(at: Scene) -> int:
    async with at.at.services.db.tenant(at.at.clinic.tenant) as tx:
        row = await tx.row("SELECT coalesce(sum(held), 0)::integer AS held FROM slot WHERE tenant_id = $1", tx.tenant)
    assert row is not None
    count: int = row["held"]
    return count


def _figures(tally: Tally, lives: Lives, kills: Counter[str], over: int, still: int) -> dict[str, Any]:
    late = [
        (at - lives.created[hold]).total_seconds()
        for hold, ends in lives.ends.items()
        for kind, at in ends
        if kind == "hold_expired"
    ]
    ends = {hold: {kind for kind, _ in lives.ends[hold]} for hold in lives.created}
    unended = sum(not kinds for kinds in ends.values())
    twice = sum(len(lives.ends[hold]) > 1 for hold in lives.created)
    lost = len(tally.held.keys() - lives.created.keys())
    lost_bookings = sum("slot_booked" not in ends.get(hold, ()) for hold in tally.booked)
    early = sum(seconds < 0 for seconds in late)
    complaints = {
        f"{unended} holds have no end": unended,
        f"{twice} holds ended twice": twice,
        f"{early} holds ended early": early,
        f"{lost} acknowledged holds are lost": lost,
        f"{lost_bookings} acknowledged bookings are lost": lost_bookings,
        f"{over} double bookings": over,
        f"{still} places are held by nobody": still,
        f"{tally.unanswered} calls were never answered": tally.unanswered,
        f"strange answers: {dict(tally.refused)}": set(tally.refused) - {"hold_expired"},
    }
    return {
        "holds": len(lives.created),
        "acknowledged": len(tally.held),
        "booked": sum(kinds == {"slot_booked"} for kinds in ends.values()),
        "released": sum(kinds == {"hold_released"} for kinds in ends.values()),
        "expired": sum(kinds == {"hold_expired"} for kinds in ends.values()),
        "unended": unended,
        "ended_twice": twice,
        "early": early,
        "late": milliseconds(late),
        "too_late_to_book": tally.refused["hold_expired"],
        "lost_bookings": lost_bookings,
        "double_bookings": over,
        "kills": dict(kills),
        "retries": dict(tally.retries),
        "faults": [complaint for complaint, broken in complaints.items() if broken],
    }


def main() -> None:
    """Run and print; exits with 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="three hundred holds of four seconds")
    parser.add_argument("--holds", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=8.0, help="how long a hold lasts")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    given = parser.parse_args()
    holds, seconds = (300, 4.0) if given.quick else (given.holds, given.seconds)
    figures = asyncio.run(run(holds=holds, seconds=seconds))
    report(figures, as_json=given.json)
    sys.exit(bool(figures["faults"]))


if __name__ == "__main__":
    main()
