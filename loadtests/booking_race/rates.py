"""Holds and bookings that come at their own pace, whether or not the ones before were answered."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import Any

from loadtests.booking.caller import Answer, Caller, NoAnswer
from loadtests.booking.people import Guest
from loadtests.booking.practice import Slot
from loadtests.booking.scene import Scene
from loadtests.house import milliseconds


class OpenLoop:
    """Calls that begin at fixed moments. What is late is counted from when it should have begun."""

    def __init__(self, callers: Sequence[Caller], url: str) -> None:
        self._idle = list(callers)
        self._url = url
        self.seconds: list[float] = []
        self.rate = 0.0
        """Answers a second, which is what was asked for unless the server could not keep up."""
        self.answers: Counter[str] = Counter()

    async def run(
        self, count: int, rate: float, ask: Callable[[int, Caller], Awaitable[Answer]], advance: Callable[[int], None]
    ) -> None:
        """Make so many calls, so many a second, and wait for the last answer."""
        started = perf_counter()

        async def one(number: int) -> None:
            caller = self._idle.pop() if self._idle else Caller(self._url)
            try:
                said = (await ask(number, caller)).code
            except NoAnswer:
                said = "no_answer"
            self.seconds.append(perf_counter() - started - number / rate)
            self.answers[said] += 1
            self._idle.append(caller)
            advance(1)

        async with asyncio.TaskGroup() as tasks:
            for number in range(count):
                await asyncio.sleep(max(0.0, started + number / rate - perf_counter()))
                tasks.create_task(one(number))
        self.rate = count / (perf_counter() - started)

    def figures(self) -> dict[str, Any]:
        """Return how long the calls took and what was answered."""
        return {**milliseconds(self.seconds), "per_s": round(self.rate, 1), "answers": dict(self.answers)}


async def hold_and_book(
    scene: Scene, slots: Sequence[Slot], callers: Sequence[Caller], *, rate: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Have each slot held by a guest of its own, then have them all booked; returns the figures of both."""
    kept: dict[int, tuple[Guest, str]] = {}
    count = len(slots)

    async def hold(number: int, caller: Caller) -> Answer:
        guest = Guest(scene.at.clinic, caller, number=number)
        answer = await guest.hold(slots[number].id)
        if answer.code == "ok":
            kept[number] = guest, answer.data["holdId"]
        return answer

    async def book(number: int, caller: Caller) -> Answer:
        guest, held = kept[number]
        guest.caller = caller
        return await guest.book(slots[number].id, held)

    began = scene.spent()
    holding = OpenLoop(callers, scene.url)
    await holding.run(count, rate, hold, scene.bar(f"Holding, {rate:g} a second", count))
    held = scene.spent()
    ready = sorted(kept)
    booking = OpenLoop(callers, scene.url)
    step = scene.bar(f"Booking, {rate:g} a second", len(ready))
    await booking.run(len(ready), rate, lambda number, caller: book(ready[number], caller), step)
    booked = scene.spent()
    return (
        {**holding.figures(), **held.since(began, count)},
        {**booking.figures(), **booked.since(held, len(ready))},
    )
