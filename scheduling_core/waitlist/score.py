"""The order of the waitlist: accumulating priority, with a bounded head start and an end to every wait.

Everybody gains points by the day, at a rate that grows with urgency (Kleinrock's accumulating priority queue; Stanford,
Taylor and Ziedins 2014). A chronic condition, a wish that a time fits, and in the last place a membership give a
bounded number of points once. Who has waited for half as long again as they should have comes before all who have not,
the oldest first, so nobody starves whoever else joins.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

import msgspec

from scheduling_core.patients import Tier
from scheduling_core.waitlist.events import Urgency
from scheduling_core.waitlist.policy import PriorityWeights, TargetDays, WaitlistPolicy

RATES = {Urgency.ROUTINE: 1, Urgency.SOON: 2, Urgency.URGENT: 4}
"""Points a day, in units of what a routine day counts."""
TOP_RATE = max(RATES.values())
MEMBERSHIPS = {Tier.STANDARD: 0.0, Tier.SILVER: 0.5, Tier.GOLD: 1.0}
"""Which part of the policy's points a membership gives."""
OVERDUE_FACTOR = 1.5
DAY = timedelta(days=1)

T = TypeVar("T")


class ReasonCode(StrEnum):
    """What gives points."""

    WAITED = "waited"
    URGENCY = "urgency"
    CHRONIC_CONDITION = "chronic_condition"
    MEMBERSHIP = "membership"
    WINDOW_FIT = "window_fit"
    OVERDUE = "overdue"


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a score."""

    code: ReasonCode
    points: float
    days: float | None = None
    """Of waiting, where that is the reason."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the score of somebody who waits is made from."""

    joined_at: datetime
    urgency: Urgency = Urgency.ROUTINE
    is_chronic: bool = False
    tier: Tier = Tier.STANDARD
    fit: float = 0.0
    """How well a certain time fits what they wished for, from 0 to 1; 0 where no time is in question."""


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """A score at an instant, with what it is made of: the reasons' points add up to it."""

    points: float
    is_overdue: bool
    reasons: tuple[Reason, ...]


def target(urgency: Urgency, targets: TargetDays) -> timedelta:
    """Return within how long whoever is so urgent should be seen."""
    days = {Urgency.ROUTINE: targets.routine, Urgency.SOON: targets.soon, Urgency.URGENT: targets.urgent}
    return timedelta(days=days[urgency])


def overdue_at(standing: Standing, targets: TargetDays) -> datetime:
    """Return from when on they come before all who are not overdue."""
    return standing.joined_at + target(standing.urgency, targets) * OVERDUE_FACTOR


def score(standing: Standing, policy: WaitlistPolicy, now: datetime) -> Score:
    """Return the score at `now`, in points; it never falls while time goes on and nothing else changes."""
    weights = policy.priority_weights
    waited = max(now - standing.joined_at, timedelta())
    late = max(now - overdue_at(standing, policy.target_days), timedelta())
    rate, days = RATES[standing.urgency], waited / DAY
    reasons = [Reason(code=ReasonCode.WAITED, points=weights.wait_time * rate * days, days=days)]
    reasons += _bonuses(standing, weights)
    if late:
        caught_up = weights.wait_time * (TOP_RATE - rate) * (late / DAY)
        reasons.append(Reason(code=ReasonCode.OVERDUE, points=caught_up, days=late / DAY))
    points = sum(reason.points for reason in reasons)
    return Score(points=points, is_overdue=bool(late), reasons=tuple(reasons))


def _bonuses(standing: Standing, weights: PriorityWeights) -> Iterable[Reason]:
    # What the next urgency is ahead by from the first moment on: more than any membership, which `check` sees to.
    ahead = weights.wait_time * (RATES[standing.urgency] - 1)
    given = {
        ReasonCode.URGENCY: ahead,
        ReasonCode.CHRONIC_CONDITION: weights.chronic_condition * standing.is_chronic,
        ReasonCode.MEMBERSHIP: weights.membership_level * MEMBERSHIPS[standing.tier],
        ReasonCode.WINDOW_FIT: weights.window_fit * standing.fit,
    }
    return (Reason(code=code, points=points) for code, points in given.items() if points)


Rank = tuple[bool, float, datetime]


def rank(standing: Standing, found: Score) -> Rank:
    """Return what sorts the list: who is overdue by when they joined, then all others by points, ties by joining."""
    return not found.is_overdue, 0.0 if found.is_overdue else -found.points, standing.joined_at


def ordered(
    entries: Iterable[T], *, key: Callable[[T], Rank], position: Callable[[T], int | None] = lambda _: None
) -> list[T]:
    """Return the list in its order: by rank, but who was given a position has it, as far as the list goes."""
    return with_positions(sorted(entries, key=key), position=position)


def with_positions(ranked: Sequence[T], *, position: Callable[[T], int | None]) -> list[T]:
    """Return a list that is in the order of ranks with those who were given a position put there.

    Two with the same position stand in the order of their ranks.
    """
    line = [entry for entry in ranked if position(entry) is None]
    placed = sorted((entry for entry in ranked if position(entry) is not None), key=lambda e: position(e) or 0)
    for entry in placed:
        line.insert(min((position(entry) or 1) - 1, len(line)), entry)
    return line
