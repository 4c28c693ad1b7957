"""Everybody wants the same time at the same moment."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from time import perf_counter
from uuid import UUID, uuid4

import msgspec

from loadtests.booking.caller import Answer, Caller, NoAnswer
from loadtests.booking.people import Desk, Guest
from loadtests.booking.practice import Slot, Standing, standings
from loadtests.booking.scene import Scene

AGAIN_SECONDS, MOST_TRIES = 0.05, 200
"""Who is told that others are still at work asks again, as every client does."""
LOST = frozenset({"slot_unavailable"})


class Race(msgspec.Struct, kw_only=True):
    """How one race went."""

    slot: Slot
    seconds: float
    won: list[str]
    """The appointments that somebody was told to have."""
    answers: Counter[str]
    """What everybody was told in the end."""
    waits: list[float]
    """Seconds until each of them knew."""
    retries: int

    def faults(self, standing: Standing) -> list[str]:
        """Return in what the end is not what was said, or not what it must be."""
        found = []
        if len(self.won) != min(self.slot.places, len(self.waits)):
            found.append(f"{len(self.won)} of {self.slot.places} places were won")
        if standing.appointments != set(self.won) or standing.taken != len(self.won):
            found.append("who was told to have won is not who has")
        if strange := {code for code in self.answers if code not in LOST | {"ok"}}:
            found.append(f"losers were told {', '.join(sorted(strange))}")
        return found

    def is_double(self, standing: Standing) -> int:
        """Return how many have a place that is not there."""
        most = max(len(self.won), len(standing.appointments), standing.taken)
        return max(0, most - self.slot.places)


class Contest(msgspec.Struct):
    """Several races, and what was wrong with them."""

    races: list[Race] = msgspec.field(default_factory=list)
    double: int = 0
    faults: list[str] = msgspec.field(default_factory=list)

    async def judge(self, scene: Scene, *races: Race) -> None:
        """Hold races to what Postgres has."""
        found = await standings(scene.at, [race.slot for race in races])
        for race in races:
            self.races.append(race)
            self.double += race.is_double(found[race.slot.id])
            self.faults += race.faults(found[race.slot.id])

    @property
    def waits(self) -> list[float]:
        """Return how long everybody of all races waited, in seconds."""
        return [wait for race in self.races for wait in race.waits]


Runner = Callable[[int, Caller, UUID], Awaitable[tuple[Answer, int]]]
"""What one of a race does with its number, its connection and the slot; returns the last answer and the retries."""


async def race(scene: Scene, slot: Slot, callers: Sequence[Caller], run: Runner) -> Race:
    """Let everybody run for the slot at once."""
    waits: list[float] = []
    started = perf_counter()

    async def one(number: int, caller: Caller) -> tuple[Answer, int]:
        answered = await run(number, caller, slot.id)
        waits.append(perf_counter() - started)
        return answered

    outcomes = await asyncio.gather(*(one(number, caller) for number, caller in enumerate(callers)))
    return Race(
        slot=slot,
        seconds=max(waits),
        won=[answer.data["appointment"]["id"] for answer, _ in outcomes if answer.code == "ok"],
        answers=Counter(answer.code for answer, _ in outcomes),
        waits=waits,
        retries=sum(retries for _, retries in outcomes),
    )


def guests(scene: Scene) -> Runner:
    """Return people without accounts: each holds, and who has the hold books."""

    async def run(number: int, caller: Caller, slot: UUID) -> tuple[Answer, int]:
        guest = Guest(scene.at.clinic, caller, number=number)
        guest.token = uuid4().hex  # from the first time on, so that to ask again is to ask the same
        held, first = await insistent(lambda: guest.hold(slot))
        if held.code != "ok":
            return held, first
        booked, second = await insistent(lambda: guest.book(slot, held.data["holdId"], key=f"race-{number}-{slot}"))
        return booked, first + second

    return run


def desks(scene: Scene) -> Runner:
    """Return receptionists: each books straight away."""

    async def run(number: int, caller: Caller, slot: UUID) -> tuple[Answer, int]:
        desk = Desk(scene.at.clinic, caller, number=number)
        return await insistent(lambda: desk.book(slot, key=f"race-{number}-{slot}"))

    return run


async def insistent(ask: Callable[[], Awaitable[Answer]]) -> tuple[Answer, int]:
    """Ask until there is an answer, and it is not that one should ask later; returns it, and how often it was not.

    What is asked must be the same however often it is.
    """
    for tries in range(MOST_TRIES):
        with suppress(NoAnswer):
            answer = await ask()
            if answer.status not in (429, 503):
                return answer, tries
        await asyncio.sleep(AGAIN_SECONDS)
    return await ask(), MOST_TRIES
