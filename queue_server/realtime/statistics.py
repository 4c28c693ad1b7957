"""What the sockets count."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from secrets import token_hex
from time import monotonic

from queue_server.realtime.durations import Durations, LoopLag

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
        self.server_id = token_hex(4)
        """Tells the figures of this server from those of others, and from its own before a restart."""
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
        self.conflated = 0
        """Changes of a queue that were told together with a later one."""
        self.withheld = 0
        """Updates that a slow client was spared: it is told of the newest when it has read."""
        self.dropped = 0
        """Messages for clients that were gone, or had more waiting than anybody may."""
        self.broadcasts: defaultdict[str, Durations] = defaultdict(Durations)
        """How long it took to tell all members of a room of a change, by namespace."""
        self.loop_lag = LoopLag()
        self.backlogs: Callable[[], Sequence[int]] = tuple
        """Returns how much waits for each slow client; set by whoever holds the connections."""

    def count_sent(self, count: int = 1) -> None:
        """Count messages sent to clients."""
        self.sent += count
        self.traffic.add(count)

    def count_received(self) -> None:
        """Count a message from a client."""
        self.received += 1
        self.traffic.add()
