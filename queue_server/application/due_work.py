"""Claims what is due and runs its handlers: every effect exactly once, failures again later, hopeless ones put aside.

Postgres says what is due and who holds it; this only decides how much to take at once. Handlers fence their job in the
transaction of its effect, so a worker that comes back from a stall finds that it no longer holds anything.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import msgspec
import structlog

from queue_server.store import job_store
from queue_server.store.db import Database
from queue_server.store.job_store import Job
from scheduling_core.errors import DomainError, Unavailable

log = structlog.stdlib.get_logger(__name__)

Handler = Callable[[Job], Awaitable[None]]
"""Does a job and finishes it in the same transaction; raises to have it tried again."""

LEASE = timedelta(seconds=10)
"""After how long the job of a worker that was killed is taken over. A slow handler is safe: it holds the row's lock."""
HANDLER_SECONDS = 120.0
MAX_ATTEMPTS = 10
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""Seconds before a failed job is tried again; doubles with each attempt."""


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """Kinds of jobs that share `slots`, so that slow work never delays timers. Recurring kinds are never given up."""

    handlers: Mapping[str, Handler]
    slots: int
    recurring: bool = False


class Counts(msgspec.Struct, kw_only=True):
    """What this process has done so far; `worst_late` in seconds, from when a job was due until it was claimed."""

    done: int = 0
    failed: int = 0
    buried: int = 0
    worst_late: float = 0.0


class DueWork:
    """Runs the due jobs of all tenants; `jobs` is a database opened as the jobs role, `db` as the app's."""

    def __init__(self, db: Database, jobs: Database, lanes: Sequence[Lane]) -> None:
        self._db = db
        self._jobs = jobs
        self._lanes = [(lane, set[asyncio.Task[None]]()) for lane in lanes]
        self.counts = Counts()

    async def start_due(self) -> int:
        """Claim what is due, as far as there are free slots, start its handlers and return how many were started."""
        started = 0
        for lane, running in self._lanes:
            free = lane.slots - len(running)
            if free <= 0:
                continue
            for job in await job_store.claim(self._jobs, list(lane.handlers), free, LEASE):
                task = asyncio.create_task(self._run(lane, job), name=f"job {job.kind}")
                running.add(task)
                task.add_done_callback(running.discard)
                self.counts.worst_late = max(self.counts.worst_late, job.late)
                started += 1
        return started

    async def seconds_to_next(self) -> float | None:
        """Return how long until something can be started, None when nothing is in sight."""
        kinds = [kind for lane, running in self._lanes if len(running) < lane.slots for kind in lane.handlers]
        return await job_store.next_due(self._jobs, kinds)

    async def enqueue_recurring(self) -> None:
        """See to it that every tenant has its recurring jobs."""
        kinds = [kind for lane, _ in self._lanes if lane.recurring for kind in lane.handlers]
        await job_store.enqueue_recurring(self._jobs, kinds)

    async def drain(self, seconds: float) -> None:
        """Let running handlers finish for so long; what is cancelled then is done by another worker."""
        running = {task for _, tasks in self._lanes for task in tasks}
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, lane: Lane, job: Job) -> None:
        try:
            if job.attempts > 2 * MAX_ATTEMPTS and not lane.recurring:
                # Nothing was ever reported of it: it takes the whole process down with it.
                await self._bury(job, f"was started {job.attempts - 1} times and never came to an end")
                return
            async with asyncio.timeout(HANDLER_SECONDS):
                await lane.handlers[job.kind](job)
            self.counts.done += 1
        except Exception as error:
            self.counts.failed += 1
            reason = _reason(error)
            log.warning(
                "job_failed", kind=job.kind, attempt=job.attempts, error_type=type(error).__name__, detail=reason
            )
            await self._put_off(lane, job, error, reason)

    async def _put_off(self, lane: Lane, job: Job, error: Exception, reason: str) -> None:
        try:
            # While Postgres or a provider is away nothing can be said against the job itself, however long it takes.
            is_away = isinstance(error, Unavailable)
            if not lane.recurring and not is_away and job.attempts >= MAX_ATTEMPTS:
                await self._bury(job, reason)
                return
            async with self._db.tenant(job.tenant) as tx:
                at_most = MAX_ATTEMPTS if is_away else None
                await job_store.retry(tx, job, pause(job.attempts), reason, at_most=at_most)
        except DomainError:
            log.warning("job_left_to_its_lease", kind=job.kind)

    async def _bury(self, job: Job, reason: str) -> None:
        async with self._db.tenant(job.tenant) as tx:
            await job_store.bury(tx, job, reason)
        self.counts.buried += 1
        log.error("job_dead", kind=job.kind, attempts=job.attempts, detail=reason)


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts; spread by a quarter, so that what failed together does not
    come back together."""
    seconds = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts - 1, 16))
    return timedelta(seconds=seconds * random.uniform(1, 1.25))  # noqa: S311 – no secret


def _reason(error: Exception) -> str:
    detail = error.detail if isinstance(error, DomainError) else ""
    # Messages of other errors may quote values; their type says enough for a row that people read.
    return f"{type(error).__name__}: {detail}".rstrip(": ")
