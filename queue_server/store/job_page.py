"""The `job` table as a tenant's administrators see it."""

from collections.abc import Sequence

from queue_server.store.db import Row, Transaction
from sql import loader

_Q = loader.queries("job_page")


async def kinds(tx: Transaction) -> Sequence[Row]:
    """Return how the tenant's work stands, by kind."""
    return await tx.rows(_Q["kinds"], tx.tenant)


async def failures(tx: Transaction, kind: str | None, limit: int) -> Sequence[Row]:
    """Return jobs that have failed, those that were given up first; of one kind, or of all."""
    return await tx.rows(_Q["failures"], tx.tenant, kind, limit)


async def retry_dead(tx: Transaction, kind: str, key: str | None, limit: int) -> list[str]:
    """Have jobs that were given up done again, the oldest first: one by its key, or those of a kind; returns the keys
    of those."""
    return [row["key"] for row in await tx.rows(_Q["retry_dead"], tx.tenant, kind, key, limit)]
