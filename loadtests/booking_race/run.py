"""One run: all races on one house, then holds and bookings at a steady rate."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from loadtests.booking.caller import Caller
from loadtests.booking.practice import Slot, deadlocks, open_times, overbooked
from loadtests.booking.scene import Scene, scene
from loadtests.booking_race.crossings import cross
from loadtests.booking_race.races import Contest, Runner, desks, guests, race
from loadtests.booking_race.rates import hold_and_book
from loadtests.house import milliseconds

RACERS = 4
"""Doctors whose times are raced for; the others' are held and booked at a steady rate."""
TOO_MUCH = frozenset({"unavailable", "no_answer"})
"""What is answered at a rate that the machine cannot bear: slowness, which is no fault."""
ANSWERED_SECONDS, P99_MS = 3.0, 30.0
"""Targets on a machine of the run's own: until all of a race know, and for holds and bookings at a steady rate."""
WARM_UP_SECONDS = 2.0


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything."""

    clients: int
    rounds: int
    round_clients: int
    crossings: int
    rate: float
    seconds: float
    doctors: int
    """Over whom what comes at a steady rate is spread."""


FULL = Sizes(clients=1000, rounds=50, round_clients=100, crossings=50, rate=200.0, seconds=20.0, doctors=60)
QUICK = Sizes(clients=1000, rounds=8, round_clients=100, crossings=8, rate=200.0, seconds=5.0, doctors=40)
TINY = Sizes(clients=60, rounds=3, round_clients=30, crossings=4, rate=20.0, seconds=1.0, doctors=6)


async def run(sizes: Sizes) -> dict[str, Any]:
    """Run everything on a house of its own and return the figures.

    `faults` lists broken promises, `missed_targets` what was slower than it should be.
    """
    async with scene(doctors=RACERS + sizes.doctors) as at:
        doctors = at.at.clinic.doctors
        single, triple, left, right = doctors[:RACERS]
        ones = await open_times(at.at, [single], days=3)
        threes = await open_times(at.at, [triple], days=3, places=3)
        wide = [await open_times(at.at, [doctor], days=1, places=3) for doctor in (left, right)]
        times = await _times(at, doctors[RACERS:], int(sizes.rate * (sizes.seconds + WARM_UP_SECONDS)))
        before = await deadlocks(at.at)
        callers = await at.callers(sizes.clients)
        contests = await _races(at, sizes, ones, threes, callers)
        step = at.bar("Appointments changing places", sizes.crossings)
        crossing = await cross(at, wide[0], wide[1], callers, sizes.crossings, step)
        for caller in callers[200:]:
            caller.close()
        warm = int(sizes.rate * WARM_UP_SECONDS)
        await hold_and_book(at, times[:warm], callers[:200], rate=sizes.rate)
        holding, booking = await hold_and_book(at, times[warm:], callers[:200], rate=sizes.rate)
        await asyncio.sleep(1.5)  # Postgres counts what its sessions tell it, which they do about once a second
        over, locked = await overbooked(at.at), await deadlocks(at.at) - before
    return _figures(sizes, contests, crossing, holding, booking, over, locked)


async def _times(at: Scene, doctors: Sequence[Any], count: int) -> list[Slot]:
    """Return so many free times of these doctors, on as many days as it takes; a bar shows the doctors."""
    days = -(-count // (len(doctors) * 30))
    step, found = at.bar("Doctors getting hours", len(doctors)), list[Slot]()
    for doctor in doctors:
        found += await open_times(at.at, [doctor], days=days)
        step(1)
    return sorted(found, key=lambda slot: (slot.start, slot.doctor))[:count]


async def _races(
    at: Scene, sizes: Sizes, ones: Sequence[Slot], threes: Sequence[Slot], callers: Sequence[Caller]
) -> dict[str, Contest]:
    plans: list[tuple[str, Slot, int, Runner]] = [
        ("all_guests", ones[0], sizes.clients, guests(at)),
        ("all_desks", ones[1], sizes.clients, desks(at)),
    ]
    for number in range(sizes.rounds):
        who = (guests(at), desks(at))[number % 2]
        plans.append(("rounds", ones[2 + number], sizes.round_clients, who))
        plans.append(("three_places", threes[number], sizes.round_clients // 3, who))
    contests = {name: Contest() for name in ("all_guests", "all_desks", "rounds", "three_places")}
    step = at.bar("Races", len(plans))
    for name, slot, clients, runner in plans:
        await contests[name].judge(at, await race(at, slot, callers[:clients], runner))
        step(1)
    return contests


def _figures(
    sizes: Sizes,
    contests: dict[str, Contest],
    crossing: dict[str, Any],
    holding: dict[str, Any],
    booking: dict[str, Any],
    over: int,
    locked: int,
) -> dict[str, Any]:
    double = sum(contest.double for contest in contests.values())
    wrong = sum(len(contest.faults) for contest in contests.values()) + len(crossing["faults"])
    rest = Counter(holding["answers"]) + Counter(booking["answers"])
    complaints = {
        f"{double + over} double bookings": double + over,
        f"{wrong} wrong ends: {[fault for c in contests.values() for fault in c.faults][:3]}": wrong,
        f"{locked} deadlocks": locked,
        f"appointments that changed places: {crossing['faults']} {crossing['answers']}": (
            crossing["faults"] or set(crossing["answers"]) != {"ok"}
        ),
        f"holds and bookings were refused: {dict(rest)}": set(rest) - {"ok"} - TOO_MUCH,
    }
    big = [contests["all_guests"].races[0], contests["all_desks"].races[0]]
    slowest = round(max(one.seconds for one in big), 3)
    targets = {
        f"all answered after {slowest} s, the target is {ANSWERED_SECONDS:g} s": slowest > ANSWERED_SECONDS,
        f"holds took {holding['p99_ms']} ms (p99), the target is {P99_MS:g} ms": holding["p99_ms"] > P99_MS,
        f"bookings took {booking['p99_ms']} ms (p99), the target is {P99_MS:g} ms": booking["p99_ms"] > P99_MS,
        f"the machine could not bear the rate: {dict(rest)}": bool(set(rest) & TOO_MUCH),
    }
    return {
        "double_bookings": max(double, over),
        "wrong_winners": wrong,
        "deadlocks": locked,
        "all_answered_s": slowest,
        "hold_p99_ms": holding["p99_ms"],
        "book_p99_ms": booking["p99_ms"],
        "clients": sizes.clients,
        "rate_per_s": sizes.rate,
        "seconds": sizes.seconds,
        "hold": holding,
        "book": booking,
        **{
            name: {
                "races": len(contest.races),
                "all_answered_s": round(max(one.seconds for one in contest.races), 3),
                **milliseconds(contest.waits),
                "answers": dict(sum((one.answers for one in contest.races), Counter())),
                "asked_again": sum(one.retries for one in contest.races),
            }
            for name, contest in contests.items()
        },
        "crossings": crossing,
        "faults": [complaint for complaint, broken in complaints.items() if broken],
        "missed_targets": [target for target, missed in targets.items() if missed],
    }
