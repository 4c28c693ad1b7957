"""How much work waits and how many places are held, for whoever scrapes metrics: asked of Postgres at most every few
seconds."""

from time import monotonic

from queue_server.metrics import Metrics
from queue_server.store import holds, job_store
from queue_server.store.db import Database
from scheduling_core.errors import Unavailable

FRESH_SECONDS = 5.0
"""Counting reads every row that waits or is held, and anybody may scrape."""


class WorkDepths:
    """Brings the depths of the job table and the counts of holds into the metrics."""

    def __init__(self, db: Database, metrics: Metrics) -> None:
        self._db = db
        self._metrics = metrics
        self._next = 0.0
        self._kinds: set[str] = set()
        """Of which something was shown last."""

    async def refresh(self) -> None:
        """Count anew unless that was done a moment ago; while Postgres is away the last counts stay."""
        if monotonic() < self._next:
            return
        self._next = monotonic() + FRESH_SECONDS
        try:
            depths = await job_store.depths(self._db)
            held = await holds.counts(self._db)
        except Unavailable:
            return
        # Of a kind that has nothing to do any more nothing is counted, and what was shown of it would stay.
        done = self._kinds - {depth.kind for depth in depths}
        self._kinds = {depth.kind for depth in depths}
        for depth in (*depths, *map(_nothing, sorted(done))):
            states = {
                "ready": depth.ready,
                "due": depth.due,
                "running": depth.running,
                "retrying": depth.retrying,
                "dead": depth.dead,
            }
            self._metrics.work(depth.kind, states, depth.oldest_seconds, depth.retries)
        self._metrics.hold_counts(held)


def _nothing(kind: str) -> job_store.Depth:
    return job_store.Depth(kind=kind)
