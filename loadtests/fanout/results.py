"""What came out: figures by row and server, their medians, and how ours compare with Node's."""

from statistics import median
from typing import Any

import msgspec

Figures = dict[str, float]

HEADLINE = (
    "Ratios are ours to Node's, medians of the rounds of one run. Throughput and handshakes: per second of the server's"
    " CPU time (1,000,000 / CPU µs of one), all of its threads, user and system; this stays true when the client, not"
    " the server, is what holds a run up, or when other work shares the core. `ratios_wall` has the same by the clock;"
    " it means something only where `server_busy` is close to 1. The client is an ordinary one that sleeps in epoll, as"
    " in the measurements that the targets come from; in `ratios_no_wakeups` it looks every millisecond instead, so"
    " that no server is charged for waking it. Latency: last receiver's p99. Memory: growth of the resident set per"
    " connection."
)


class Ratio(msgspec.Struct, frozen=True):
    """How a headline ratio is made, and what is wanted of it."""

    row: str
    figure: str
    target: float
    lower_is_better: bool = False
    wall: str | None = None
    """The same by the clock."""
    servers: tuple[str, str] = ("ours", "node")

    def is_met(self, ratio: float) -> bool:
        """Whether a ratio is as wanted."""
        return ratio <= self.target if self.lower_is_better else ratio >= self.target


def _throughput(row: str, target: float, servers: tuple[str, str] = ("ours", "node")) -> Ratio:
    return Ratio(row, "messages_per_core_s", target, wall="messages_per_s", servers=servers)


RATIOS = (
    _throughput("shared_1000", 1.8),
    _throughput("personal_1000", 2.2),
    _throughput("shared_5000", 1.8),
    _throughput("personal_5000", 2.2),
    _throughput("redis_5000", 1.8, ("ours_redis", "node_redis")),
    Ratio("last_p99_5000", "last_p99_ms", 0.3, lower_is_better=True),
    Ratio("memory_10000", "bytes_per_connection", 1.0, lower_is_better=True),
    Ratio("handshakes_10000", "handshakes_per_core_s", 1.0, wall="handshakes_per_s"),
)
FURTHER_RATIOS = (
    _throughput("shared_10000", 1.8),
    Ratio("idle_10000", "core_percent", 1.0, lower_is_better=True),
)


class Results(msgspec.Struct):
    """Figures by row and server, one per round; what is invalid or missing, with the reason."""

    rows: dict[str, dict[str, list[Figures]]] = msgspec.field(default_factory=dict)
    invalid: dict[str, dict[str, list[str]]] = msgspec.field(default_factory=dict)
    notes: list[str] = msgspec.field(default_factory=list)
    versions: dict[str, str] = msgspec.field(default_factory=dict)

    def add(self, row: str, server: str, figures: Figures) -> None:
        """Keep one round's figures of a row."""
        self.rows.setdefault(row, {}).setdefault(server, []).append(figures)

    def reject(self, row: str, server: str, why: str) -> None:
        """Keep why there are none. A row with one invalid round has no figures: its medians would flatter."""
        reasons = self.invalid.setdefault(row, {}).setdefault(server, [])
        if why not in reasons:
            reasons.append(why)

    def note(self, sentence: str) -> None:
        """Say something once about the whole run."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def medians(self, row: str, server: str) -> Figures | None:
        """Return each figure's median over the rounds; None where a round is invalid or there was none."""
        rounds = self.rows.get(row, {}).get(server, [])
        if not rounds or server in self.invalid.get(row, {}):
            return None
        return {name: median(figures[name] for figures in rounds) for name in rounds[0]}

    def quotient(self, row: str, figure: str, server: str, other: str) -> float | None:
        """Return one server's median figure as a multiple of another's; None where either is missing."""
        ours, theirs = self.medians(row, server), self.medians(row, other)
        if ours is None or theirs is None or figure not in ours or not theirs.get(figure):
            return None
        return round(ours[figure] / theirs[figure], 3)

    def ratio(self, ratio: Ratio) -> float | None:
        """Return a headline ratio, or None."""
        return self.quotient(ratio.row, ratio.figure, *ratio.servers)

    def report(self, context: dict[str, Any]) -> dict[str, Any]:
        """Return everything for JSON: `ratios` first, then what they are made of, then `context`."""
        walls = {ratio: ratio.wall for ratio in (*RATIOS, *FURTHER_RATIOS) if ratio.wall is not None}
        return {
            "ratios": {ratio.row: self.ratio(ratio) for ratio in RATIOS},
            "ratios_further": {ratio.row: self.ratio(ratio) for ratio in FURTHER_RATIOS},
            "ratios_wall": {ratio.row: self.quotient(ratio.row, wall, *ratio.servers) for ratio, wall in walls.items()},
            "ratios_no_wakeups": {
                ratio.row: self.quotient(ratio.row, f"no_wakeups_{ratio.figure}", *ratio.servers)
                for ratio in (*RATIOS, *FURTHER_RATIOS)
                if ratio.figure == "messages_per_core_s"
            },
            "targets": {ratio.row: ratio.target for ratio in RATIOS},
            "headline": HEADLINE,
            "medians": {
                row: {server: self.medians(row, server) for server in servers} for row, servers in self.rows.items()
            },
            "rounds": self.rows,
            "invalid": self.invalid,
            "notes": self.notes,
            **context,
        }
