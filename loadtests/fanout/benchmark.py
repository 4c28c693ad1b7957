"""Runs the plan: visit after visit, as far as time allows."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from loadtests.fanout.crowd import CrowdFailed
from loadtests.fanout.handshake import HandshakeFailed
from loadtests.fanout.plan import Visit, expected_seconds
from loadtests.fanout.process import ServerFailed
from loadtests.fanout.results import Results
from loadtests.fanout.visit import Setting, measure_fresh

GRACE_SECONDS = 1.0
FASTEST = 0.7
"""A visit that went quicker than expected does not promise that all will."""

Progress = Callable[[int, int, str], None]
"""Told before each visit: its number, how many there are, and what comes."""


class OutOfTime(Exception):
    """The run's limit is reached."""


def run(setting: Setting, planned: Sequence[Visit], results: Results, *, started: float, progress: Progress) -> None:
    """Do all visits into `results`, or what of them fits between `started` (monotonic) and the limit."""
    limit, slowness = setting.pace.limit, 1.0
    with _limited(limit, started, results):
        for number, visit in enumerate(planned):
            progress(number, len(planned), f"{visit.scenario.name}: {', '.join(visit.servers)}")
            expected = expected_seconds(visit, setting.pace)
            if limit is not None and time.monotonic() - started + expected * slowness > limit:
                results.note(f"No time was left for {visit.scenario.name} on {' and '.join(visit.servers)}.")
                continue
            before = time.monotonic()
            _visit(setting, visit, results)
            slowness = max(FASTEST, (time.monotonic() - before) / expected)
    progress(len(planned), len(planned), "done")


@contextmanager
def _limited(limit: float | None, started: float, results: Results) -> Iterator[None]:
    """End whatever is under way when the limit is reached."""
    if limit is None:
        yield
        return

    def expire(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, max(0.1, limit + GRACE_SECONDS - (time.monotonic() - started)))
    try:
        yield
    except OutOfTime:
        results.note("The time ran out; what was not measured by then is missing.")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _visit(setting: Setting, visit: Visit, results: Results) -> None:
    scenario = visit.scenario
    for server in visit.servers:
        if (server == "node" and setting.node is None) or (scenario.redis and setting.redis is None):
            continue
        try:
            measure_fresh(setting, scenario, server, visit.round, results)
        except (ServerFailed, HandshakeFailed, CrowdFailed) as error:
            label = scenario.label(server)
            for row in scenario.rows:
                if len(results.rows.get(row, {}).get(label, ())) <= visit.round:
                    results.reject(row, label, str(error))
