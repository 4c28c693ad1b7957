"""Appointments that change places: each is moved to where the other is, at the same moment."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import uuid4

from loadtests.booking.caller import Caller
from loadtests.booking.people import Desk
from loadtests.booking.practice import Slot, standings
from loadtests.booking.scene import Scene
from loadtests.booking_race.races import insistent

PAIRS = 10
"""That cross at once in a round: of the same two doctors, so that all of them want the same locks."""


async def cross(
    scene: Scene, left: Sequence[Slot], right: Sequence[Slot], callers: Sequence[Caller], rounds: int, advance: Any
) -> dict[str, Any]:
    """Book each slot once, then let the appointments of each pair swap places, round after round.

    Slots take several patients, so a place is free on both sides. Returns what was answered and what was wrong.
    """
    desk = [Desk(scene.at.clinic, caller, number=number) for number, caller in enumerate(callers[: 2 * PAIRS])]
    here = [slot for pair in zip(left[:PAIRS], right[:PAIRS], strict=True) for slot in pair]
    booked = [(await insistent(partial(d.book, s.id, key=uuid4().hex)))[0] for d, s in zip(desk, here, strict=True)]
    appointments = [answer.data["appointment"]["id"] for answer in booked]
    there = [slot for one, other in list(pairwise(here))[::2] for slot in (other, one)]
    answers: Counter[str] = Counter()
    asked_again = 0
    faults: list[str] = []
    for _ in range(rounds):
        outcomes = await asyncio.gather(
            *(
                insistent(partial(d.reschedule, a, s.id, key=uuid4().hex))
                for d, a, s in zip(desk, appointments, there, strict=True)
            )
        )
        answers.update(answer.code for answer, _ in outcomes)
        asked_again += sum(retries for _, retries in outcomes)
        for place, (answer, _) in enumerate(outcomes):
            if answer.code == "ok":
                here[place], there[place] = there[place], here[place]
        found = await standings(scene.at, here)
        for slot, appointment in zip(here, appointments, strict=True):
            if appointment not in found[slot.id].appointments:
                faults.append("an appointment is not where it was said to be")
        if sum(standing.taken for standing in found.values()) != len(appointments):
            faults.append("places were lost or made")
        advance(1)
    return {
        "rounds": rounds,
        "moves": sum(answers.values()),
        "answers": dict(answers),
        "asked_again": asked_again,
        "faults": faults[:5],
    }
