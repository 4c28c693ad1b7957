"""Connections to Postgres and tenant transactions: inside one, row-level security shows a single tenant."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from queue_server.store.constraints import domain_error
from scheduling_core.errors import Unavailable
from scheduling_core.ids import TenantId

AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # A killed server shows as this half of the time: the outcome is unknown and the connection is done for.
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    OSError,
    TimeoutError,
)
"""What asyncpg raises when Postgres cannot be reached or went away."""

KEEPALIVES = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
"""How soon Postgres notices that a server is gone without a word, and lets go of what it had locked. The default of
two hours would be two hours in which nobody is called."""

PATIENCE = {
    "lock_timeout": "5s",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "10s",
}
"""How long whoever serves people may wait for a row, for a statement, or keep others waiting while doing nothing."""

SPARE_SECONDS = 2.0

Plain = UUID | int | datetime
"""What can stand in the text of a query, for it can carry nothing else."""
_PLACEHOLDER = re.compile(r"\$(\d+)")

Row = Mapping[str, Any]
"""A row by column name."""


class Transaction:
    """A transaction of one tenant. Each call is one round trip."""

    def __init__(self, connection: Any, tenant: TenantId) -> None:
        self._connection = connection
        self.tenant = tenant
        self._last: list[str] = []

    async def rows(self, query: str, *arguments: object) -> Sequence[Row]:
        """Return all rows of `query`."""
        rows: Sequence[Row] = await self._connection.fetch(query, *arguments)
        return rows

    async def row(self, query: str, *arguments: object) -> Row | None:
        """Return the first row of `query`, or None."""
        row: Row | None = await self._connection.fetchrow(query, *arguments)
        return row

    async def run(self, query: str, *arguments: object) -> str:
        """Run `query` and return its command tag."""
        tag: str = await self._connection.execute(query, *arguments)
        return tag

    def run_last(self, query: str, *arguments: Plain) -> None:
        """Have `query` run after all else, in the round trip of the commit.

        What it locks is held for that alone, however long this process takes between two turns. Nothing of it comes
        back; what stands for a constraint that it violates is raised where the transaction ends.
        """
        self._last.append(_PLACEHOLDER.sub(lambda found: _literal(arguments[int(found[1]) - 1]), query))

    async def commit(self) -> None:
        """Run what comes last, and commit."""
        await self._connection.execute("; ".join([*(query.strip().rstrip(";") for query in self._last), "COMMIT"]))


class Database:
    """A pool of connections as the app's role, and the way into tenant transactions.

    `serves` people: its statements and locks have an end. An operator's command may take its time. `parameters` are
    settings that queries may ask for (`current_setting`).
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 10,
        application: str = "queue-server",
        serves: bool = False,
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        self._url = url
        self._pool_size = pool_size
        self._settings = {
            "application_name": application,
            "timezone": "UTC",
            "jit": "off",
            **KEEPALIVES,
            **(PATIENCE if serves else {}),
            **(parameters or {}),
        }
        self._pool: Any = None
        self._spare: Any = None
        self._transactions = 0

    async def open(self) -> None:
        """Open the pool; raises `Unavailable` when Postgres cannot be reached or does not let us in."""
        pool = await self._create_pool(self._pool_size)
        try:
            async with pool.acquire(timeout=5):
                self._spare = await self._create_pool(1)
                self._pool = pool
        except AWAY as error:
            raise Unavailable("The database cannot be reached.", retry_after=2) from error
        except asyncpg.PostgresError as error:
            # A wrong password, no such database, no such role: Postgres says it best.
            raise Unavailable(f"The database does not let us in: {error}.", retry_after=2) from error
        finally:
            if self._pool is not pool:
                pool.terminate()

    async def _create_pool(self, size: int) -> Any:
        return await asyncpg.create_pool(
            self._url,
            # No floor: asyncpg would log a traceback for each attempt to keep it while Postgres is away.
            min_size=0,
            max_size=size,
            command_timeout=30,
            timeout=5,
            server_settings=self._settings,
            reset=_leave_as_it_is,
        )

    async def close(self) -> None:
        """Close the pool, waiting shortly for transactions that run."""
        if self._spare is not None:
            spare, self._spare = self._spare, None
            spare.terminate()
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                async with asyncio.timeout(5):
                    await pool.close()
            except (TimeoutError, *AWAY):
                pool.terminate()

    def readings(self) -> dict[str, float]:
        """Return how many connections there are, lie idle and may be opened, and transactions so far; for metrics."""
        pool = self._pool
        if pool is None:
            return {}
        sizes = {"connections": pool.get_size(), "idle": pool.get_idle_size(), "limit": pool.get_max_size()}
        return sizes | {"transactions": self._transactions}

    @asynccontextmanager
    async def tenant(
        self, tenant: TenantId, *, snapshot: bool = False, generic_plans: bool = False
    ) -> AsyncIterator[Transaction]:
        """Open a transaction that sees and writes only rows of `tenant`; commits unless the block raises.

        With `snapshot` all its reads see the same moment. With `generic_plans` a statement is planned once for a
        connection, whatever its arguments: for large ones over many partitions, whose planning costs more than they do.

        Raises `Unavailable` when Postgres is away (after an interrupted commit the outcome is unknown), and the domain
        error that stands for a violated constraint.
        """
        try:
            async with self._connection() as connection:
                # One simple query for both, so that opening costs one round trip; it cannot take parameters,
                # and a UUID printed by us can carry nothing else.
                begin = "BEGIN ISOLATION LEVEL REPEATABLE READ" if snapshot else "BEGIN"
                plans = ", set_config('plan_cache_mode', 'force_generic_plan', true)" if generic_plans else ""
                await connection.execute(
                    f"{begin}; SELECT set_config('app.tenant_id', '{UUID(int=tenant.int)}', true){plans}"
                )
                self._transactions += 1
                try:
                    transaction = Transaction(connection, tenant)
                    yield transaction
                    await transaction.commit()
                except BaseException:
                    if not connection.is_closed():
                        await connection.execute("ROLLBACK")
                    raise
        except asyncpg.IntegrityConstraintViolationError as error:
            raise domain_error(error.constraint_name) from error
        except asyncpg.TransactionRollbackError as error:
            # A deadlock, or a snapshot that was written past: all of it is rolled back and may simply be repeated.
            raise Unavailable("Something else changed at the same moment; try again.", retry_after=1) from error
        except asyncpg.LockNotAvailableError as error:
            raise Unavailable("Others are still at work on this; try again.", retry_after=1) from error
        except asyncpg.QueryCanceledError as error:
            raise Unavailable(retry_after=1) from error
        except AWAY as error:
            raise Unavailable("The database is briefly away.", retry_after=1) from error

    @asynccontextmanager
    async def anonymous(self) -> AsyncIterator[Any]:
        """Lend a connection without a tenant: tenant tables look empty, only login functions answer."""
        try:
            async with self._connection() as connection:
                yield connection
        except (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError) as error:
            raise Unavailable(retry_after=1) from error
        except AWAY as error:
            raise Unavailable("The database is briefly away.", retry_after=1) from error

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        if self._pool is None:
            raise Unavailable("The database is not open.", retry_after=1)
        async with self._pool.acquire(timeout=10) as connection:
            yield connection

    async def check(self) -> Mapping[str, Any]:
        """Return what is known of the server; raises `Unavailable` when it is away.

        `safe` is False when the login could get around row-level security. It has a connection of its own, and two
        seconds: a server whose connections are all at work is busy, not broken.
        """
        if self._spare is None:
            raise Unavailable("The database is not open.", retry_after=1)
        try:
            async with asyncio.timeout(SPARE_SECONDS), self._spare.acquire() as connection:
                row = await connection.fetchrow(
                    "SELECT NOT (r.rolsuper OR r.rolbypassrls) AND NOT EXISTS ("
                    "  SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relname = 'stream') AS safe,"
                    " to_regclass('public.stream') IS NOT NULL AS migrated, version() AS version"
                    " FROM pg_roles r WHERE r.rolname = current_user"
                )
        except AWAY as error:
            raise Unavailable("The database is briefly away.", retry_after=1) from error
        return dict(row)


def _literal(value: Plain) -> str:
    match value:
        case UUID():
            return f"'{UUID(int=value.int)}'::uuid"
        case datetime():
            return f"'{value.astimezone(UTC).isoformat()}'::timestamptz"
        case int():
            return str(int(value))


async def _leave_as_it_is(_connection: Any) -> None:
    """Called when a connection goes back to the pool, after asyncpg has ended any transaction.

    All that a transaction of ours sets is local to it, so there is nothing else to undo; asyncpg's own way of making
    sure is one more round trip for every command.
    """
