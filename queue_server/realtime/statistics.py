"""What the sockets count."""

from collections import Counter
from time import monotonic

WINDOW_SECONDS = 10


class Traffic:
    """Messages per second over the last ten seconds, without a timer."""

    def __init__(self) -> None:
        self._seconds = [0] * WINDOW_SECONDS
        self._at = int(monotonic())

    def add(self, count: int = 1) -> None:
        """Count messages that pass now."""
        self._seconds[self._now() % WINDOW_SECONDS] += count

    def rate(self) -> float:
        """Return the mean of the window."""
        self._now()
        return sum(self._seconds) / WINDOW_SECONDS

    def _now(self) -> int:
        now = int(monotonic())
        for passed in range(self._at + 1, min(now, self._at + WINDOW_SECONDS) + 1):
            self._seconds[passed % WINDOW_SECONDS] = 0
        self._at = now
        return now


class Statistics:
    """Counters of one server since it started."""

    def __init__(self) -> None:
        self.started = monotonic()
        self.traffic = Traffic()
        self.received = 0
        self.sent = 0
        self.errors: Counter[str] = Counter()
        """Refusals told to clients, by code, and faults of ours as `internal_error`."""
        self.refused: Counter[str] = Counter()
        """Connections not let in, by reason."""
        self.closed: Counter[str] = Counter()
        """Connections that we ended, by reason."""

    def count_sent(self, count: int = 1) -> None:
        """Count messages sent to clients."""
        self.sent += count
        self.traffic.add(count)

    def count_received(self) -> None:
        """Count a message from a client."""
        self.received += 1
        self.traffic.add()
