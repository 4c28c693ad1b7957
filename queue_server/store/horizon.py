"""What a moment of Postgres sees: enough to tell whether something read then can know of a commit."""

import msgspec

from queue_server.store.db import Database, Transaction
from sql import loader

_Q = loader.queries("horizon")


class Horizon(msgspec.Struct, frozen=True, array_like=True):
    """The transactions that are visible: all below `limit` that were not under way (`pg_current_snapshot()`).

    `epoch` is the deployment's: transactions of a restored database are not those of the one before.
    """

    epoch: int
    limit: int
    under_way: tuple[int, ...]

    def covers(self, other: "Horizon") -> bool:
        """Whether everything that `other` sees is seen here, too."""
        if self.epoch != other.epoch or self.limit < other.limit:
            return False
        return all(one in other.under_way for one in self.under_way if one < other.limit)


async def newest(db: Database) -> Horizon:
    """Return what Postgres sees now; raises `Unavailable` when it is away."""
    async with db.anonymous() as connection:
        row = await connection.fetchrow(_Q["horizon"])
    return _horizon(row["epoch"], row["seen"])


async def of_transaction(tx: Transaction) -> Horizon:
    """Return what this transaction sees; ask before reading, for each later statement may see more."""
    row = await tx.row(_Q["horizon"])
    assert row is not None
    return _horizon(row["epoch"], row["seen"])


def _horizon(epoch: int, seen: str) -> Horizon:
    _, limit, under_way = seen.split(":")
    return Horizon(epoch, int(limit), tuple(int(one) for one in under_way.split(",") if one))
