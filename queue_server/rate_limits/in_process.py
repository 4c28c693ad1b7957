"""Budgets in the memory of this process: all there is without Redis, and what is remembered of it with Redis."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from time import monotonic_ns

from queue_server.rate_limits import Readings
from queue_server.rate_limits.gcra import Draw, Verdict, decide, level_of, verdict

MOST_BUDGETS = 50_000
"""Some 10 MB. The one not drawn on for longest is forgotten first, and begins anew."""


def microseconds() -> int:
    """Return the time of a clock that never goes back."""
    return monotonic_ns() // 1000


class InProcessLimiter:
    """The same arithmetic as in Redis, exact within one process."""

    def __init__(self, clock: Callable[[], int] = microseconds, *, most: int = MOST_BUDGETS) -> None:
        self.clock = clock
        self._readings = Readings()
        self._most = most
        self._full_at: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    @property
    def readings(self) -> Readings:
        """What was counted where."""
        return self._readings

    async def start(self) -> None:
        """Do nothing: there is nothing to connect to."""

    async def stop(self) -> None:
        """Do nothing."""

    async def take(self, *draws: Draw) -> Verdict:
        """Draw once on every budget, or on none when one of them is used up."""
        return self.draw(draws)

    def draw(self, draws: Sequence[Draw]) -> Verdict:
        """Do the same without awaiting anything."""
        self.readings.in_process += 1
        now = self.clock()
        allowed, levels = decide(self.levels(draws, now), [draw.rate for draw in draws])
        if allowed:
            self.learn(draws, levels, now)
        return verdict(draws, allowed, levels)

    def refused(self, *draws: Draw) -> Verdict | None:
        """Return the refusal of a draw, without drawing; None when it would be allowed."""
        levels = self.levels(draws, self.clock())
        allowed, _ = decide(levels, [draw.rate for draw in draws])
        return None if allowed else verdict(draws, False, levels)

    def levels(self, draws: Sequence[Draw], now: int) -> list[int]:
        """Return the level of each budget, as far as this process knows."""
        return [level_of(self._full_at.get(draw.key), now, draw.rate) for draw in draws]

    def learn(self, draws: Sequence[Draw], levels: Sequence[int], at: int) -> None:
        """Remember that budgets had these levels at the moment `at` of our clock."""
        for draw, level in zip(draws, levels, strict=True):
            # Answers may come out of order, and what they tell only ever grows.
            self._full_at[draw.key] = max(at + level, self._full_at.get(draw.key, 0))
            self._full_at.move_to_end(draw.key)
        # Budgets that are full are worth nothing; the oldest are likely to be. Two for one, so that it shrinks again.
        for _ in range(2 * len(draws)):
            oldest = next(iter(self._full_at))
            if self._full_at[oldest] > at and len(self._full_at) <= self._most:
                break
            del self._full_at[oldest]
            if not self._full_at:
                break
