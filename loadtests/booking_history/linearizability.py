"""Whether what clients were told can have happened one after the other: a search after Wing and Gong, with the memory
that Lowe gave it.

Each call lies between when it was made and when it was answered, and has taken place at one moment in between. A call
that nobody answered may have taken place at any time since, or never. A history is linearizable when there is an order
of moments in which each answer is the one that the model gives.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

S = TypeVar("S")
C = TypeVar("C")

FOREVER = float("inf")
MOST_STEPS = 500_000
"""Of one search; beyond it the history is undecided, which is not a pass."""


class Call(msgspec.Struct, Generic[C], frozen=True):
    """What a client asked for and was told; `answered` is `FOREVER` when nobody knows what became of it."""

    what: C
    made: float
    answered: float = FOREVER


class Verdict(StrEnum):
    """What a search has found."""

    LINEARIZABLE = "linearizable"
    VIOLATION = "violation"
    UNDECIDED = "undecided"


class Result(msgspec.Struct, Generic[C], frozen=True, kw_only=True):
    """A verdict; `stuck` are calls of which one had to be next and none could, where the search came farthest."""

    verdict: Verdict
    steps: int
    stuck: tuple[C, ...] = ()


Apply = Callable[[S, C], Iterable[S]]
"""The model: the states in which a call may leave a state with the answer that it got; none when it cannot have."""


def check(calls: Sequence[Call[C]], first: S, apply: Apply[S, C], *, most_steps: int = MOST_STEPS) -> Result[C]:
    """Search for an order of moments; states must be hashable."""
    ordered = sorted(calls, key=lambda call: call.made)
    known = sum(1 << place for place, call in enumerate(ordered) if call.answered != FOREVER)
    seen: set[tuple[int, S]] = set()
    stack: list[tuple[int, S]] = [(0, first)]
    steps, farthest, stuck = 0, -1, tuple[C, ...]()
    while stack:
        done, state = stack.pop()
        if done & known == known:
            return Result(verdict=Verdict.LINEARIZABLE, steps=steps)
        if (done, state) in seen:
            continue
        seen.add((done, state))
        steps += 1
        if steps > most_steps:
            return Result(verdict=Verdict.UNDECIDED, steps=steps, stuck=stuck)
        candidates = _next(ordered, done)
        following = [
            (done | 1 << place, after)
            for place in candidates
            for after in apply(state, ordered[place].what)
            # A call without an answer that changes nothing might as well not have happened.
            if ordered[place].answered != FOREVER or after != state
        ]
        if (count := (done & known).bit_count()) > farthest:
            farthest, stuck = count, tuple(ordered[place].what for place in candidates)
        # The stack gives back what came last: begin with the call that was answered first.
        following.sort(key=lambda one: -ordered[(one[0] ^ done).bit_length() - 1].answered)
        stack += following
    return Result(verdict=Verdict.VIOLATION, steps=steps, stuck=stuck)


def _next(ordered: Sequence[Call[C]], done: int) -> list[int]:
    """Return the places of the calls that may come next: those made before any that is left was answered."""
    left, earliest = [], FOREVER
    for place, call in enumerate(ordered):
        if call.made > earliest:
            break
        if not done >> place & 1:
            left.append(place)
            earliest = min(earliest, call.answered)
    return [place for place in left if ordered[place].made <= earliest]
