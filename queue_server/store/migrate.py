"""Brings the schema up to date: forward only, one transaction a migration, one migrator at a time."""

from collections.abc import Callable

import asyncpg

from queue_server.store.db import AWAY
from scheduling_core.errors import Unavailable
from sql import loader

_LOCK = 7_203_511_984


async def migrate(owner_url: str, *, report: Callable[[str], None] = lambda _: None) -> int:
    """Apply what is missing and return how many migrations were applied; `report` hears of each.

    Raises `Unavailable` when Postgres cannot be reached or does not let us in.
    """
    try:
        connection = await asyncpg.connect(owner_url, timeout=10)
    except AWAY as error:
        raise Unavailable("The database cannot be reached.") from error
    except asyncpg.PostgresError as error:
        raise Unavailable(f"The database does not let us in: {error}.") from error
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migration (version integer PRIMARY KEY, name text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = {row["version"] for row in await connection.fetch("SELECT version FROM migration")}
        pending = [m for m in loader.migrations() if m.version not in applied]
        for migration in pending:
            report(f"{migration.version:04} {migration.name}")
            async with connection.transaction():
                await connection.execute(migration.text)
                await connection.execute(
                    "INSERT INTO migration (version, name) VALUES ($1, $2)", migration.version, migration.name
                )
        # Months go by between releases: partitions are also made at every start.
        await connection.execute("SELECT ensure_event_partitions(current_date - 31, current_date + 93)")
        return len(pending)
    finally:
        await connection.close(timeout=5)
