"""The generic cell rate algorithm (ITU-T I.371), in whole microseconds, so that Lua and Python agree to the last one.

A budget is one number: when it would be full again (the theoretical arrival time). Its *level* is how far off that is.
Each draw raises the level by the interval between two cells; it may not pass the capacity, which is as many intervals
as may come at once. Time lowers it. Nothing else is stored, and a budget that is full needs no storage at all.
"""

from collections.abc import Sequence
from math import ceil

import msgspec

MICROSECONDS = 1_000_000
HIGHEST_RATE = 10_000_000
"""Draws a minute: six microseconds each. Beyond, whole microseconds would be too coarse."""


class Rate(msgspec.Struct, frozen=True):
    """So many draws a minute in the long run, `burst` of them at once; both at least 1."""

    per_minute: int
    burst: int

    @property
    def interval(self) -> int:
        """Microseconds that one draw costs, rounded down: never stricter than was said."""
        return 60 * MICROSECONDS // self.per_minute

    @property
    def capacity(self) -> int:
        """The highest level, in microseconds."""
        return self.interval * self.burst


class Draw(msgspec.Struct, frozen=True):
    """One draw on the budget at `key`. Budgets of the same `group` can be drawn on at once in a cluster."""

    policy: str
    """The name of the limit, as clients and metrics are told."""
    group: str
    key: str
    rate: Rate


class Allowance(msgspec.Struct, frozen=True):
    """How a budget stands: `level` after a draw that was allowed, or as it was before one that was not."""

    policy: str
    rate: Rate
    level: int

    @property
    def remaining(self) -> int:
        """Draws that would be allowed now."""
        return (self.rate.capacity - self.level) // self.rate.interval

    @property
    def full_after(self) -> int:
        """Seconds until all of it is there again, rounded up."""
        return ceil(self.level / MICROSECONDS)

    @property
    def retry_after(self) -> int:
        """Seconds until one more draw is allowed, rounded up; 0 when it is now."""
        return max(0, ceil((self.level + self.rate.interval - self.rate.capacity) / MICROSECONDS))


class Verdict(msgspec.Struct, frozen=True):
    """Whether a request may pass, and how each budget it draws on stands."""

    allowed: bool
    allowances: tuple[Allowance, ...]

    @property
    def nearest(self) -> Allowance | None:
        """The budget that refuses for longest, or else the one with the fewest draws left; None without budgets."""
        return min(self.allowances, key=lambda a: (-a.retry_after, a.remaining, -a.full_after), default=None)


def level_of(full_at: int | None, now: int, rate: Rate, floor: int = 0) -> int:
    """Return the level at `now` of a budget that is full at `full_at`, but no less than `floor`.

    It is never above the capacity, even when the clock has gone back a little (another Redis took over). What lies
    farther ahead than twice the capacity comes from a clock that was wrong, and is forgotten.
    """
    ahead = (full_at or 0) - now
    if ahead > 2 * rate.capacity:
        ahead = 0
    return min(max(ahead, floor, 0), rate.capacity)


def decide(levels: Sequence[int], rates: Sequence[Rate]) -> tuple[bool, list[int]]:
    """Return whether every budget allows one draw, and the levels thereafter: all drawn on, or none."""
    if any(level + rate.interval > rate.capacity for level, rate in zip(levels, rates, strict=True)):
        return False, list(levels)
    return True, [level + rate.interval for level, rate in zip(levels, rates, strict=True)]


def verdict(draws: Sequence[Draw], allowed: bool, levels: Sequence[int]) -> Verdict:
    """Return what was decided about `draws`."""
    return Verdict(
        allowed, tuple(Allowance(draw.policy, draw.rate, level) for draw, level in zip(draws, levels, strict=True))
    )
