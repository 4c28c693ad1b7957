"""The `job` table: timers and outbox in one. Postgres says what is due; whoever executes only asks."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from queue_server.store.db import Database, Row, Transaction
from scheduling_core.ids import TenantId
from sql import loader

_Q = loader.queries("jobs")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A claimed job. `attempts` and `due_at` fence it, because another worker that takes over changes them."""

    tenant: TenantId
    kind: str
    key: str
    payload: dict[str, Any]
    due_at: datetime
    attempts: int
    late: float = 0.0
    """Seconds between when it was due and when it was claimed."""


class NewJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job to be made; without `due_at` it is due at once."""

    kind: str
    key: str
    payload: Mapping[str, object]
    due_at: datetime | None = None


class Depth(msgspec.Struct, frozen=True, kw_only=True):
    """How much of one kind waits (`due`: now), is being done, has failed and is tried again (`retries`: how often), or
    was given up; the age of the oldest in seconds."""

    kind: str
    ready: int = 0
    due: int = 0
    running: int = 0
    retrying: int = 0
    retries: int = 0
    dead: int = 0
    oldest_seconds: float = 0.0


async def enqueue(tx: Transaction, kind: str, key: str, payload: Mapping[str, object], due_at: datetime) -> None:
    """Make a job in the transaction of the business change; does nothing when it is there already."""
    await tx.run(_Q["enqueue"], tx.tenant, kind, key, msgspec.json.encode(payload).decode(), due_at)


async def enqueue_all(tx: Transaction, jobs: Sequence[NewJob]) -> None:
    """Make jobs in one statement, as `enqueue` does."""
    if jobs:
        payloads = [msgspec.json.encode(job.payload).decode() for job in jobs]
        await tx.run(
            _Q["enqueue_all"],
            tx.tenant,
            [job.kind for job in jobs],
            [job.key for job in jobs],
            payloads,
            [job.due_at for job in jobs],
        )


async def enqueue_again(tx: Transaction, jobs: Sequence[NewJob]) -> None:
    """Let jobs that were done or given up be done again, with all their attempts; those that wait are left alone."""
    kinds, keys, due_at = [one.kind for one in jobs], [one.key for one in jobs], [one.due_at for one in jobs]
    await tx.run(_Q["enqueue_again"], tx.tenant, kinds, keys, due_at)


async def enqueue_recurring(jobs: Database, kinds: Sequence[str]) -> None:
    """Give every tenant one job of each kind, unless it waits already; `jobs` is opened as the jobs role."""
    async with jobs.anonymous() as connection:
        await connection.execute(_Q["enqueue_recurring"], list(kinds))


async def claim(jobs: Database, kinds: Sequence[str], limit: int, lease: timedelta) -> list[Job]:
    """Claim up to `limit` due jobs of these kinds, of any tenant, for `lease`; `jobs` is opened as the jobs role."""
    async with jobs.anonymous() as connection:
        rows = await connection.fetch(_Q["claim"], limit, lease, kinds)
    return sorted((_job(row) for row in rows), key=lambda job: job.due_at)


async def next_due(jobs: Database, kinds: Sequence[str]) -> float | None:
    """Return the seconds until a job of these kinds may be claimed, or None; `jobs` is opened as the jobs role."""
    async with jobs.anonymous() as connection:
        seconds: float | None = await connection.fetchval(_Q["next_due"], kinds)
        return seconds


async def fence(tx: Transaction, job: Job) -> bool:
    """Lock the job's row and return whether this attempt still holds it."""
    return await tx.row(_Q["fence"], tx.tenant, job.kind, job.key, job.attempts, job.due_at) is not None


async def finish(tx: Transaction, job: Job) -> None:
    """Mark the job as done."""
    await tx.run(_Q["finish"], tx.tenant, job.kind, job.key, job.attempts, job.due_at)


async def overtaken(tx: Transaction, kind: str, field: str, subject: UUID, due_by: datetime) -> list[str]:
    """Return the keys of every job of this kind that is due by then and whose payload names `subject` in `field`.

    Ask before reading what the run goes by: a change that commits later leaves a job that is not among these.
    """
    return [row["key"] for row in await tx.rows(_Q["overtaken"], tx.tenant, kind, field, str(subject), due_by)]


async def finish_all(tx: Transaction, kind: str, keys: Sequence[str]) -> None:
    """Mark these jobs as done: for one run that has done what all of them were for."""
    await tx.run(_Q["finish_all"], tx.tenant, kind, list(keys))


async def finish_overtaken(tx: Transaction, kind: str, field: str, subject: UUID, due_by: datetime) -> None:
    """Mark every job of this kind as done that was due by then and whose payload names `subject` in `field`: for one
    run that has done what all of them were for, under a lock that whoever leaves such a job holds, too."""
    await tx.run(_Q["finish_overtaken"], tx.tenant, kind, field, str(subject), due_by)


async def rearm(tx: Transaction, job: Job, after: timedelta) -> None:
    """Let a job be due again after a while, with all its attempts: for what recurs, and what has only to wait."""
    await tx.run(_Q["rearm"], tx.tenant, job.kind, job.key, job.attempts, job.due_at, after)


async def retry(tx: Transaction, job: Job, after: timedelta, error: str, *, at_most: int | None = None) -> None:
    """Let the job be claimed again after a while, with `at_most` so many attempts counted against it."""
    await tx.run(_Q["retry"], tx.tenant, job.kind, job.key, job.attempts, job.due_at, after, error[:500], at_most)


async def bury(tx: Transaction, job: Job, error: str) -> None:
    """Give the job up, with the reason; it stays for whoever looks at it, longer than what is done."""
    await tx.run(_Q["bury"], tx.tenant, job.kind, job.key, job.attempts, job.due_at, error[:500])


async def prune(tx: Transaction, done_kept: timedelta, dead_kept: timedelta) -> None:
    """Delete the tenant's jobs that were done, or given up, longer ago than that."""
    await tx.run(_Q["prune"], tx.tenant, done_kept, dead_kept)


async def depths(db: Database) -> list[Depth]:
    """Return how much work there is by kind, over all tenants; the app's role may ask too."""
    async with db.anonymous() as connection:
        rows: Sequence[Row] = await connection.fetch(_Q["depths"])
    return [Depth(**dict(row)) for row in rows]


async def keep_partitions(jobs: Database) -> int:
    """Make the partitions of events that the coming months need and return how many; opened as the jobs role."""
    async with jobs.anonymous() as connection:
        made: int = await connection.fetchval(_Q["keep_partitions"])
        return made


async def keep_slot_partitions(jobs: Database) -> int:
    """Make the partitions of slots that the horizon needs, detach those of more than 13 months ago, and return how
    many that were; opened as the jobs role."""
    async with jobs.anonymous() as connection:
        changed: int = await connection.fetchval(_Q["keep_slot_partitions"])
        return changed


async def unwoken_queues(tx: Transaction) -> Sequence[Row]:
    """Return queues of the tenant that should have been woken although no job would do it."""
    return await tx.rows(_Q["unwoken_queues"], tx.tenant)


def _job(row: Row) -> Job:
    tenant: UUID = row["tenant_id"]
    return Job(
        tenant=TenantId(tenant),
        kind=row["kind"],
        key=row["key"],
        payload=msgspec.json.decode(row["payload"]),
        due_at=row["due_at"],
        attempts=row["attempts"],
        late=row["late"],
    )
