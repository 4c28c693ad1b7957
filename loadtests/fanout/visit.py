"""One server's life in a run: it starts, its members come, its rows are measured, it ends."""

import gc
import time
from contextlib import ExitStack
from functools import partial

import msgspec

from loadtests.fanout import payload
from loadtests.fanout.crowd import Crowd
from loadtests.fanout.machine import Cores
from loadtests.fanout.node_packages import Node
from loadtests.fanout.plan import Measure, Pace, Scenario
from loadtests.fanout.process import Server
from loadtests.fanout.redis_server import RedisServer
from loadtests.fanout.results import Figures, Results
from loadtests.fanout.servers.orders import Config
from loadtests.fanout.session import Kind, RowInvalid, Session

EARLY_MEMBERS = 100
"""They come before memory is looked at and handshakes are timed: a server's first connections load code."""

LEAST_BYTES = 0.8 * payload.PAYLOAD_BYTES
"""What a broadcast takes on its way to Redis at least; MessagePack is a little shorter than JSON."""
REDIS_SECONDS, REDIS_QUIET_SECONDS = 5.0, 0.05


class Setting(msgspec.Struct, frozen=True):
    """What a whole run has: this machine's cores, and what of Node.js and Redis there is."""

    pace: Pace
    cores: Cores
    node: Node | None
    redis: RedisServer | None


def measure_fresh(setting: Setting, scenario: Scenario, name: str, number: int, results: Results) -> None:
    """Start a server afresh and measure a scenario's rows in round `number`.

    Rows that turn out invalid are kept as such. Raises `ServerFailed`, `HandshakeFailed` or `CrowdFailed` when the
    rest of the rows cannot be measured.
    """
    redis = setting.redis if scenario.redis else None
    config = Config(
        kind=name,
        control="",
        event=payload.EVENT,
        rooms=[payload.ROOM.format(room) for room in range(scenario.rooms)],
        template=payload.TEMPLATE,
        redis=redis.url if redis else None,
    )
    with ExitStack() as last, Server(config, core=setting.cores.server, node=setting.node) as server:
        results.versions.update(server.versions)
        crowd = Crowd(server.port, scenario.rooms)
        last.callback(crowd.close)  # after the server's end, so that it does not work on 10,000 farewells
        rows = _Rows(setting.pace, scenario, server, crowd, redis)
        rows.open()
        # The client's own garbage collector would look through thousands of sockets while others wait.
        gc.collect()
        gc.disable()
        last.callback(gc.enable)
        for row, measure in scenario.rows.items():
            # The floor sends no pings, so there is nothing to idle with.
            if measure == "idle" and (number > 0 or not setting.pace.idle or name == "floor"):
                continue
            try:
                results.add(row, scenario.label(name), rows.figures(measure))
            except RowInvalid as error:
                results.reject(row, scenario.label(name), str(error))


class _Rows:
    """How each row's figures are made."""

    def __init__(self, pace: Pace, scenario: Scenario, server: Server, crowd: Crowd, redis: RedisServer | None) -> None:
        self._pace, self._members, self._redis = pace, scenario.members, redis
        self._all_at_once = "handshakes" not in scenario.rows.values()
        self._server, self._crowd = server, crowd
        self._session = Session(server, crowd, scenario.rooms)
        self._bytes_before = 0

    def open(self) -> None:
        """Connect the members, or as many as come before the handshakes are timed."""
        self._crowd.connect(EARLY_MEMBERS)
        self._bytes_before = self._server.resident_bytes()
        if self._all_at_once:
            self._crowd.connect(self._members)
            self._session.check_members()

    def figures(self, measure: Measure) -> Figures:
        """Measure; raises `RowInvalid`."""
        match measure:
            case "handshakes":
                return self._handshakes()
            case "memory":
                return self._memory()
            case "idle":
                return self._session.idle(self._pace.idle)
            case "shared" | "personal" as kind:
                return self._throughput(kind)
            case "latency":
                return self._session.latency(
                    warm_seconds=self._pace.warm,
                    seconds=self._pace.latency,
                    per_second=self._pace.broadcasts_per_second,
                )

    def _handshakes(self) -> Figures:
        cpu, present = self._server.cpu_seconds(), len(self._crowd.sockets)
        seconds = self._crowd.connect(self._members)
        self._session.check_members()
        spent, count = self._server.cpu_seconds() - cpu, self._members - present
        return {
            "handshakes_per_s": round(count / seconds),
            "cpu_us_per_handshake": round(spent / count * 1e6, 1),
            "handshakes_per_core_s": round(count / spent),
            "server_busy": round(spent / seconds, 2),
        }

    def _memory(self) -> Figures:
        self._session.idle(self._pace.settle)
        after = self._server.resident_bytes()
        return {
            "bytes_per_connection": round((after - self._bytes_before) / (self._members - EARLY_MEMBERS)),
            "before_mib": round(self._bytes_before / 2**20, 1),
            "after_mib": round(after / 2**20, 1),
        }

    def _throughput(self, kind: Kind) -> Figures:
        measure = partial(
            self._session.throughput,
            kind,
            warm_seconds=self._pace.warm,
            seconds=self._pace.measured,
            leisurely_seconds=self._pace.leisurely,
        )
        if self._redis is None:
            return measure().figures
        carried = Carried(self._redis)
        figures = measure(settle=carried.wait).figures
        return {**figures, "publishes_per_broadcast": carried.publishes_per_broadcast}


class Carried:
    """Proof that every broadcast went to Redis as well, however many of them share a command."""

    def __init__(self, redis: RedisServer) -> None:
        self._redis = redis
        self._bytes_before, self._published_before = redis.received_bytes(), redis.published()
        self.publishes_per_broadcast = 0.0

    def wait(self, broadcasts: int) -> None:
        """Wait until Redis has got so many and nothing more comes. Raises `RowInvalid` when that takes too long."""
        deadline = time.monotonic() + REDIS_SECONDS
        published = -1
        while not self._has_all(broadcasts) or self._redis.published() != published:
            if time.monotonic() > deadline:
                received = self._redis.received_bytes() - self._bytes_before
                raise RowInvalid(f"Redis got {received} bytes for {broadcasts} broadcasts.")
            published = self._redis.published()
            time.sleep(REDIS_QUIET_SECONDS)
        self.publishes_per_broadcast = round((published - self._published_before) / broadcasts, 3)

    def _has_all(self, broadcasts: int) -> bool:
        return self._redis.received_bytes() - self._bytes_before >= broadcasts * LEAST_BYTES
