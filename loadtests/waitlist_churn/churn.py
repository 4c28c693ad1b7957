"""People join at a fixed pace while others are promoted, whether or not the ones before were answered."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from loadtests.booking.caller import Answer, Caller
from loadtests.booking.practice import Slot
from loadtests.booking.scene import Scene
from loadtests.booking_race.rates import OpenLoop
from loadtests.waitlist_churn.list import Line, standing


class Churn(msgspec.Struct, frozen=True, kw_only=True):
    """What a while of joining and promoting came to."""

    joins: dict[str, Any]
    promotions: dict[str, Any]
    joined: tuple[str, ...]
    """Entries of which the desk was told."""
    wrong: tuple[str, ...]
    """Promotions that are not what was said of them."""
    answers: Counter[str]

    @property
    def p99_ms(self) -> float:
        """How long all but the slowest hundredth of the joins took, from when they should have begun."""
        return float(self.joins["p99_ms"])


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How many a second, for how long."""

    joins: float
    promotions: float
    seconds: float


async def churn(
    scene: Scene, line: Line, pace: Pace, callers: list[Caller], waiting: Sequence[str], slots: Sequence[Slot]
) -> Churn:
    """Let people join and others of those `waiting` be given these times; each call has a connection of its own."""
    joined: list[str] = []
    given: dict[str, str] = {}

    async def join(number: int, caller: Caller) -> Answer:
        answer = await line.join(caller, number)
        if answer.code == "ok":
            joined.append(answer.data["id"])
        return answer

    async def promote(number: int, caller: Caller) -> Answer:
        answer = await line.promote(caller, waiting[number], slots[number], admin=number)
        if answer.code == "ok":
            given[waiting[number]] = answer.data["appointment"]["id"]
        return answer

    count = int(pace.joins * pace.seconds)
    promotions = min(int(pace.promotions * pace.seconds), len(waiting), len(slots))
    half = len(callers) // 4
    joining, promoting = OpenLoop(callers[half:], scene.url), OpenLoop(callers[:half], scene.url)
    step = scene.bar(f"Joining, {pace.joins:g} a second, {pace.promotions:g} promoted", count + promotions)
    before = scene.spent()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(joining.run(count, pace.joins, join, step))
        if promotions:
            tasks.create_task(promoting.run(promotions, pace.promotions, promote, step))
    spent = scene.spent().since(before, count + promotions)
    found = await standing(line.at, list(given))
    return Churn(
        joins={**joining.figures(), **spent},
        promotions=promoting.figures(),
        joined=tuple(joined),
        wrong=tuple(
            f"a promotion announced {appointment}, and there is {made}"
            for entry, appointment in given.items()
            if (made := found.appointments.get(entry)) != (appointment, (appointment,))
        ),
        answers=joining.answers + promoting.answers,
    )
