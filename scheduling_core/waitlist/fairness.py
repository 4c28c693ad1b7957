"""How fairly a waitlist was worked: waits compared in units of how long each should have been at most.

Who is more urgent has a shorter target, so a wait divided by its target is comparable between everybody: 1 is "just in
time", whoever it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import TypeVar

import msgspec

from scheduling_core.patients import Tier
from scheduling_core.waitlist.events import Urgency
from scheduling_core.waitlist.policy import TargetDays
from scheduling_core.waitlist.score import target

K = TypeVar("K", Tier, Urgency)


class Fairness(msgspec.Struct, frozen=True, kw_only=True):
    """How evenly waiting is spread, each wait in units of its target. None where nobody waited."""

    waits: int
    jain: float | None
    """1 when all wait alike, 1/n when one waits for all."""
    gini: float | None
    """0 when all wait alike, (n - 1)/n when one waits for all."""
    longest: float | None
    """The longest wait, in targets."""
    inside_target: float | None
    """Share, from 0 to 1."""


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """One wait: who it was that waited, and for how much of their target."""

    ratio: float
    tier: Tier
    urgency: Urgency


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How evenly waiting is spread among everybody, and within each tier and urgency that there was, in that order."""

    overall: Fairness
    by_tier: Mapping[Tier, Fairness]
    by_urgency: Mapping[Urgency, Fairness]


def ratio(waited: timedelta, urgency: Urgency, targets: TargetDays) -> float:
    """Return a wait in units of the target of whoever is so urgent; 0 for a wait that has not begun."""
    return max(waited, timedelta()) / target(urgency, targets)


def jain(waits: Sequence[float]) -> float | None:
    """Return Jain's index (Σx)² / (n·Σx²), from 1/n to 1; 1 when nobody waited at all, None without waits.

    Jain, Chiu and Hawe: A quantitative measure of fairness and discrimination, DEC Research Report TR-301, 1984.
    """
    if not waits:
        return None
    squares = sum(wait * wait for wait in waits)
    return sum(waits) ** 2 / (len(waits) * squares) if squares else 1.0


def gini(waits: Sequence[float]) -> float | None:
    """Return Gini's coefficient, from 0 to (n - 1)/n; 0 when nobody waited at all, None without waits.

    Half of the relative mean difference (Gini 1912), computed from the waits in their order as
    2·Σ i·x_i / (n·Σx) - (n + 1)/n (Sen: On Economic Inequality, 1973, section 2.8).
    """
    if not waits:
        return None
    count, total = len(waits), sum(waits)
    ranked = sum(place * wait for place, wait in enumerate(sorted(waits), start=1))
    return max(0.0, 2 * ranked / (count * total) - (count + 1) / count) if total else 0.0


def fairness(waits: Sequence[float]) -> Fairness:
    """Return how fair waits (in units of their targets) are; Nones without any."""
    return Fairness(
        waits=len(waits),
        jain=jain(waits),
        gini=gini(waits),
        longest=max(waits, default=None),
        inside_target=sum(wait <= 1 for wait in waits) / len(waits) if waits else None,
    )


def spread(waits: Sequence[Wait]) -> Spread:
    """Return how fair waits are among all, and within each tier and urgency."""
    return Spread(
        overall=fairness([wait.ratio for wait in waits]),
        by_tier=_grouped((wait.tier, wait.ratio) for wait in waits),
        by_urgency=_grouped((wait.urgency, wait.ratio) for wait in waits),
    )


def _grouped(waits: Iterable[tuple[K, float]]) -> dict[K, Fairness]:
    ranked = sorted(waits)
    return {key: fairness([one for _, one in group]) for key, group in groupby(ranked, key=lambda wait: wait[0])}
