"""How long things take: histograms that cost next to nothing, and how late the event loop is."""

import asyncio
from bisect import bisect_left
from time import monotonic

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Upper ends of the buckets, in seconds; what takes longer is counted apart."""
PROBE_SECONDS = 0.25
WINDOW_SECONDS = 10.0


class Durations:
    """A histogram of seconds since the start of the server."""

    __slots__ = ("_counts", "longest", "total")

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0
        """The sum of all, in seconds."""
        self.longest = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds
        self.longest = max(self.longest, seconds)

    @property
    def count(self) -> int:
        """How many were counted."""
        return sum(self._counts)

    def buckets(self) -> list[tuple[str, float]]:
        """Return how many took at most so long, for each bound and for `+Inf`, as Prometheus has it."""
        found, below = [], 0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self._counts, strict=True):
            below += count
            found.append((bound, float(below)))
        return found


class LoopLag:
    """How much later than asked for the event loop does things: what everybody waits who is served by it."""

    def __init__(self) -> None:
        self.durations = Durations()
        self._window: tuple[float, float] = (monotonic(), 0.0)
        self._before = 0.0

    @property
    def recent(self) -> float:
        """The worst of the last ten to twenty seconds, in seconds."""
        return max(self._before, self._window[1])

    async def watch(self) -> None:
        """Probe four times a second until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + PROBE_SECONDS
            await asyncio.sleep(PROBE_SECONDS)
            self.add(max(0.0, loop.time() - due))

    def add(self, seconds: float) -> None:
        """Count one probe."""
        self.durations.add(seconds)
        since, worst = self._window
        if monotonic() - since > WINDOW_SECONDS:
            self._before, since, worst = worst, monotonic(), 0.0
        self._window = (since, max(worst, seconds))
