"""The `job` table: timers and outbox in one. Postgres says what is due; whoever executes only asks."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from scheduling_core.ids import TenantId
from sql import loader

_Q = loader.queries("jobs")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A claimed job: `attempts` fences it, because another worker that takes over counts one up."""

    tenant: TenantId
    kind: str
    key: str
    payload: dict[str, Any]
    due_at: datetime
    attempts: int


async def enqueue(tx: Transaction, kind: str, key: str, payload: Mapping[str, object], due_at: datetime) -> None:
    """Make a job in the transaction of the business change; does nothing when it is there already."""
    await tx.run(_Q["enqueue"], tx.tenant, kind, key, msgspec.json.encode(payload).decode(), due_at)


async def claim(connection: Any, limit: int, lease: timedelta) -> list[Job]:
    """Claim up to `limit` due jobs of any tenant for `lease`; needs a connection of the jobs role."""
    rows = await connection.fetch(_Q["claim"], limit, lease)
    return sorted((_job(row) for row in rows), key=lambda job: job.due_at)


async def next_due(connection: Any) -> datetime | None:
    """Return when the next job of any tenant is due, or None; needs a connection of the jobs role."""
    at: datetime | None = await connection.fetchval(_Q["next_due"])
    return at


async def fence(tx: Transaction, job: Job) -> bool:
    """Lock the job's row and return whether this attempt still holds it."""
    return await tx.row(_Q["fence"], tx.tenant, job.kind, job.key, job.attempts) is not None


async def finish(tx: Transaction, job: Job) -> None:
    """Mark the job as done."""
    await tx.run(_Q["finish"], tx.tenant, job.kind, job.key, job.attempts)


async def retry(tx: Transaction, job: Job, after: timedelta, error: str) -> None:
    """Let the job be claimed again after a while."""
    await tx.run(_Q["retry"], tx.tenant, job.kind, job.key, job.attempts, after, error[:500])


async def bury(tx: Transaction, job: Job, error: str) -> None:
    """Give the job up, with the reason; it stays until somebody looks at it."""
    await tx.run(_Q["bury"], tx.tenant, job.kind, job.key, job.attempts, error[:500])


async def prune(connection: Any, before: datetime) -> str:
    """Delete finished jobs of before; needs a connection of the jobs role. Returns the command tag."""
    tag: str = await connection.execute(_Q["prune"], before)
    return tag


async def depths(connection: Any) -> Sequence[Row]:
    """Return how many jobs there are by kind and state; needs a connection of the jobs role."""
    rows: Sequence[Row] = await connection.fetch(_Q["depths"])
    return rows


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
    )
