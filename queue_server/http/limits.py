"""Budgets of requests for public routes, one bucket of tokens per address, in this process.

A backstop against a single address that floods us. It is generous: a whole waiting room may share one address.
"""

from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from time import monotonic

import msgspec

from scheduling_core.errors import TooManyRequests

MOST_ADDRESSES = 50_000


class Budget(msgspec.Struct, frozen=True):
    """So many requests a minute, `burst` of them at once."""

    per_minute: int
    burst: int


class Allowance(msgspec.Struct, frozen=True):
    """What an address has left after a request."""

    limit: int
    remaining: int
    reset_seconds: int
    """Until the bucket is full again."""

    def headers(self) -> dict[str, str]:
        """Return the RateLimit headers of the IETF draft, as clients in the field know them."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


class TokenBuckets:
    """One bucket per address, refilled as time passes; the least recently seen addresses are forgotten first."""

    def __init__(self, budget: Budget, clock: Callable[[], float] = monotonic) -> None:
        self._budget = budget
        self._rate = budget.per_minute / 60
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> Allowance:
        """Take one token; raises `TooManyRequests` with the seconds until there is one."""
        now = self._clock()
        tokens, seen = self._buckets.pop(address, (float(self._budget.burst), now))
        tokens = min(self._budget.burst, tokens + (now - seen) * self._rate)
        if tokens < 1:
            self._buckets[address] = (tokens, now)
            raise TooManyRequests(retry_after=ceil((1 - tokens) / self._rate))
        self._buckets[address] = (tokens - 1, now)
        if len(self._buckets) > MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        missing = self._budget.burst - (tokens - 1)
        return Allowance(self._budget.burst, int(tokens - 1), ceil(missing / self._rate))
