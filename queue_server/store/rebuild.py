"""Reads and writes of a rebuild: everything that is only a fold of events, as it is kept and as it should be."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from queue_server.store.db import Database, Row, Transaction
from scheduling_core.ids import StreamId
from sql import loader

_Q = loader.queries("rebuild")

MODELS = {"queue": ("doctor_id", "date"), "queue_entry": ("entry_id",), "doctor_pace": ("doctor_id",)}
"""The read models and the columns that, beside the tenant, name a row."""

_ROWS = {"queue": "queue_rows", "queue_entry": "entry_rows", "doctor_pace": "pace_rows"}
_DELETE = {"queue": "delete_queue", "queue_entry": "delete_entry", "doctor_pace": "delete_pace"}
_INSERT = {"queue": "insert_queue", "queue_entry": "insert_entry", "doctor_pace": "insert_pace"}

Key = tuple[object, ...]
NO_ID = UUID(int=0)

States = dict[StreamId, bytes | None]
"""Kept states by stream."""


async def queue_streams(tx: Transaction) -> Sequence[Row]:
    """Return stream_id and date (None when its history is gone) of every queue, by date."""
    return await tx.rows(_Q["queue_streams"], tx.tenant)


async def lock_streams(tx: Transaction) -> None:
    """Let nobody change anything of the tenant that is folded until this transaction ends: queues first."""
    await tx.run(_Q["lock_queue_streams"], tx.tenant)
    await tx.run(_Q["lock_other_streams"], tx.tenant)


async def kinds(tx: Transaction) -> Sequence[Row]:
    """Return each kind of stream and how many there are."""
    return await tx.rows(_Q["kinds"], tx.tenant)


async def streams_of(tx: Transaction, kind: str, *, streams: int, commits: int) -> AsyncIterator[States]:
    """Yield the streams of a kind with their kept states, in the order of their ids.

    So many at a time that they hold about so many `commits`: few of those that are long.
    """
    after = NO_ID
    while True:
        rows = await tx.rows(_Q["streams_of_kind"], tx.tenant, kind, after, streams)
        batch: States = {}
        held = 0
        for row in rows:
            if batch and held + row["version"] > commits:
                yield batch
                batch, held = {}, 0
            batch[StreamId(row["stream_id"])] = row["state"]
            held += row["version"]
        if batch:
            yield batch
        if len(rows) < streams:
            return
        after = rows[-1]["stream_id"]


async def states(tx: Transaction, streams: Sequence[UUID]) -> dict[UUID, bytes | None]:
    """Return the kept states of the streams."""
    return {row["stream_id"]: row["state"] for row in await tx.rows(_Q["states"], tx.tenant, streams)}


async def events(tx: Transaction, streams: Sequence[UUID]) -> Sequence[Row]:
    """Return the events of the streams, one stream after the other."""
    return await tx.rows(_Q["events"], tx.tenant, streams)


async def days_of_rows(tx: Transaction) -> set[date]:
    """Return the days that read models have rows of."""
    return {row["date"] for row in await tx.rows(_Q["days"], tx.tenant)}


async def rows(tx: Transaction, model: str, day: date | None) -> dict[Key, dict[str, Any]]:
    """Return the kept rows of a read model (of one day, where it has days) by their keys, without the tenant."""
    found = await tx.rows(_Q[_ROWS[model]], tx.tenant, *([] if day is None else [day]))
    without = [{name: value for name, value in row.items() if name != "tenant_id"} for row in found]
    return {tuple(row[column] for column in MODELS[model]): row for row in without}


async def replace_row(tx: Transaction, model: str, key: Key, row: Mapping[str, Any] | None) -> None:
    """Put `row` where the row of `key` is, or nothing if it is None."""
    await tx.run(_Q[_DELETE[model]], tx.tenant, *key)
    if row is not None:
        await tx.run(_Q[_INSERT[model]], msgspec.json.encode({"tenant_id": tx.tenant, **row}).decode())


async def write_state(tx: Transaction, stream: UUID, state: bytes) -> None:
    """Replace a stream's folded state."""
    await tx.run(_Q["write_state"], tx.tenant, stream, state)


async def raise_epoch(tx: Transaction) -> int:
    """Raise the deployment's epoch, so that clients take what comes for newer; needs the owner."""
    row = await tx.row(_Q["raise_epoch"])
    assert row is not None
    epoch: int = row["epoch"]
    return epoch


async def raise_epoch_of(owner: Database) -> int:
    """Raise the deployment's epoch outside of any tenant, and return it."""
    async with owner.anonymous() as connection:
        epoch: int = await connection.fetchval(_Q["raise_epoch"])
        return epoch


async def notify(tx: Transaction, pointer: str) -> None:
    """Send a pointer to a queue's state with the commit."""
    await tx.run(_Q["notify"], pointer)
