"""What the sockets count."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from secrets import token_hex
from time import monotonic

from queue_server.realtime.durations import Durations, LoopLag

WINDOW_SECONDS = 10


class Traffic:
    """Messages per second over the last ten seconds, from samples of a count that others keep."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque([(monotonic(), 0)], maxlen=WINDOW_SECONDS + 1)

    def sample(self, count: int) -> None:
        """Take a sample; about one a second."""
        self._samples.append((monotonic(), count))

    def rate(self, count: int) -> float:
        """Return the mean of the window, with `count` as of now."""
        at, before = self._samples[0]
        return (count - before) / max(monotonic() - at, 1.0)


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

    def count_received(self) -> None:
        """Count a message from a client."""
        self.received += 1

    @property
    def messages_per_second(self) -> float:
        """What passed lately, either way."""
        return self.traffic.rate(self.sent + self.received)

    def sample(self) -> None:
        """Be called about once a second."""
        self.traffic.sample(self.sent + self.received)
