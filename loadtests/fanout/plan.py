"""What is compared with what, for how long, in which order."""

from collections.abc import Collection, Iterator
from typing import Literal

import msgspec

Measure = Literal["handshakes", "memory", "idle", "shared", "personal", "latency"]


class Scenario(msgspec.Struct, frozen=True):
    """So many members in so many rooms, and what is measured on them, in this order, in one server's life."""

    name: str
    members: int
    rooms: int
    rows: dict[str, Measure]
    """Row by its name in the report."""
    redis: bool = False

    def label(self, server: str) -> str:
        """Return a server's name in the report."""
        return f"{server}_redis" if self.redis else server


THOUSAND = Scenario("1,000 members, 1 room", 1_000, 1, {"shared_1000": "shared", "personal_1000": "personal"})
FIVE = Scenario(
    "5,000 members, 100 rooms",
    5_000,
    100,
    {"shared_5000": "shared", "personal_5000": "personal", "last_p99_5000": "latency"},
)
TEN = Scenario(
    "10,000 members, 1 room",
    10_000,
    1,
    {"handshakes_10000": "handshakes", "memory_10000": "memory", "idle_10000": "idle", "shared_10000": "shared"},
)
REDIS = Scenario("5,000 members, 100 rooms, with Redis", 5_000, 100, {"redis_5000": "shared"}, redis=True)
TEN_SHORT = msgspec.structs.replace(
    TEN, rows={row: measure for row, measure in TEN.rows.items() if measure in ("handshakes", "memory")}
)
"""What of it there is a target for."""
SCENARIOS = {"1000": THOUSAND, "5000": FIVE, "10000": TEN, "redis": REDIS}
SERVERS = ("ours", "node", "stock", "floor")
"""With Redis only the first two."""


class Pace(msgspec.Struct, frozen=True):
    """How long everything takes, in seconds."""

    rounds: int
    warm: float
    measured: float
    leisurely: float
    """The same again with a client that is never woken, see `session.Throughput`; 0 leaves it out."""
    latency: float
    settle: float
    """Between the last handshake and the look at memory."""
    idle: float
    """Measured in the first round only; 0 leaves the row out."""
    broadcasts_per_second: int = 200
    limit: float | None = None
    """Of the whole run: what would not fit is left out."""


FULL = Pace(rounds=3, warm=0.7, measured=1.8, leisurely=1.8, latency=6.0, settle=2.0, idle=26.0)
"""Idle time covers one ping of every member (25 s)."""
QUICK = Pace(rounds=1, warm=0.2, measured=0.7, leisurely=0.0, latency=1.8, settle=0.6, idle=0.0, limit=46.0)


class Visit(msgspec.Struct, frozen=True):
    """A scenario on some servers, one after the other; left out as a whole where time is short."""

    scenario: Scenario
    servers: tuple[str, ...]
    round: int


def visits(pace: Pace, scenarios: Collection[Scenario], servers: Collection[str]) -> list[Visit]:
    """Return what is to be done, of these scenarios and servers. Servers change order from round to round."""
    wanted = (
        msgspec.structs.replace(visit, servers=tuple(server for server in visit.servers if server in servers))
        for visit in _all_visits(pace)
        if visit.scenario.name in {scenario.name for scenario in scenarios}
    )
    return [visit for visit in wanted if visit.servers]


def _all_visits(pace: Pace) -> Iterator[Visit]:
    if pace.limit is not None:
        yield from (Visit(scenario, SERVERS[:2], 0) for scenario in (FIVE, THOUSAND, TEN_SHORT, REDIS))
        yield from (Visit(scenario, (server,), 0) for scenario in (THOUSAND, FIVE) for server in ("floor", "stock"))
        return
    for scenario in (THOUSAND, FIVE, TEN, REDIS):
        servers = SERVERS[:2] if scenario.redis else SERVERS
        for number in range(pace.rounds):
            yield Visit(scenario, servers if number % 2 == 0 else servers[::-1], number)


CONNECTS_PER_SECOND = 2_800
START_SECONDS = 0.9


def expected_seconds(visit: Visit, pace: Pace) -> float:
    """Return about how long a visit takes on the machine that these figures were made on."""
    lasting: dict[Measure, float] = {
        "handshakes": visit.scenario.members / CONNECTS_PER_SECOND,
        "memory": pace.settle,
        "idle": pace.idle if visit.round == 0 else 0,
        "shared": pace.warm + pace.measured + pace.leisurely,
        "personal": pace.warm + pace.measured + pace.leisurely,
        "latency": pace.warm + pace.latency,
    }
    connecting = 0 if "handshakes" in visit.scenario.rows.values() else lasting["handshakes"]
    once = START_SECONDS + connecting + sum(lasting[measure] for measure in visit.scenario.rows.values())
    return once * len(visit.servers)
