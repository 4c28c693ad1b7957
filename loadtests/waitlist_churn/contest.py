"""Many administrators who promote one entry at the same moment: one of them does, the others are told so."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from time import perf_counter
from uuid import uuid4

import msgspec

from loadtests.booking.caller import Answer, Caller
from loadtests.booking_race.races import insistent
from loadtests.waitlist_churn.list import Line, Standing, standing

LOST = frozenset({"conflict"})
"""What whoever comes second is told, with 409."""


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """One entry, and what everybody was told who promoted it."""

    entry: str
    won: tuple[str, ...]
    """The appointments that were announced."""
    told: dict[str, int]
    seconds: float

    def wrong(self, found: Standing) -> list[str]:
        """Return in what this differs from one who wins and others who are told so."""
        named, made = found.appointments.get(self.entry, (None, ()))
        complaints = {
            f"{len(self.won)} of {sum(self.told.values())} were told to have promoted one entry": len(self.won) != 1,
            f"the patient has {len(made)} appointments": len(made) != 1,
            "the entry names another appointment than was announced": set(self.won) != {named},
            f"losers were told {sorted(self.told)}": bool(set(self.told) - LOST - {"ok"}),
        }
        return [complaint for complaint, is_so in complaints.items() if is_so]


async def contest(
    line: Line, entries: Sequence[str], callers: Sequence[Caller], step: Callable[[int], None]
) -> tuple[list[Round], list[str]]:
    """Let each entry be promoted by everybody at once; returns the rounds and what was wrong with them."""
    rounds = []
    for entry in entries:
        rounds.append(await _round(line, entry, callers))
        step(1)
    found = await standing(line.at, entries)
    return rounds, [fault for one in rounds for fault in one.wrong(found)]


async def _round(line: Line, entry: str, callers: Sequence[Caller]) -> Round:
    started = perf_counter()

    async def one(number: int, caller: Caller) -> Answer:
        key = uuid4().hex
        answer, _ = await insistent(lambda: line.promote(caller, entry, None, admin=number, key=key))
        return answer

    answers = await asyncio.gather(*(one(number, caller) for number, caller in enumerate(callers)))
    return Round(
        entry=entry,
        won=tuple(answer.data["appointment"]["id"] for answer in answers if answer.code == "ok"),
        told=dict(Counter(answer.code for answer in answers)),
        seconds=perf_counter() - started,
    )
