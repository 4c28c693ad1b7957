"""Reads and writes behind the audit: pages of events, heads of streams, signed roots."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from queue_server.store.db import Database, Row, Transaction
from queue_server.store.event_store import event_hash
from sql import loader

_Q = loader.queries("audit")
BATCH = 2_000
"""Rows fetched at a time."""
NO_ID = UUID(int=0)


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which events a page is about; `end` is the first instant that no longer counts."""

    start: datetime
    end: datetime
    actor: UUID | None = None
    type: str | None = None
    stream: UUID | None = None
    clinics: Sequence[UUID] = ()
    """Only queues of these clinics; empty means everything."""


class Head(msgspec.Struct, frozen=True, array_like=True):
    """Where a stream stands: its last version and the hash of its last event."""

    stream: UUID
    version: int
    hash: bytes


class StoredRoot(msgspec.Struct, frozen=True, kw_only=True):
    """A signed root as the database keeps it."""

    sequence: int
    signed_at: datetime
    statement: str
    root: bytes
    signature: bytes


class LastRoot(msgspec.Struct, frozen=True, kw_only=True):
    """The newest root (sequence 0 and no bytes before the first), Postgres' clock and the deployment's epoch."""

    sequence: int
    root: bytes
    now: datetime
    epoch: int


async def page(tx: Transaction, wanted: Filter, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[Row]:
    """Return events, newest first, with name and role of who did it; those older than `after` when it is given."""
    at, event = after if after is not None else (None, None)
    return await tx.rows(
        _Q["page"],
        tx.tenant,
        wanted.start,
        wanted.end,
        wanted.actor,
        wanted.type,
        wanted.stream,
        at,
        event,
        limit,
        list(wanted.clinics),
    )


async def moved_heads(tx: Transaction) -> list[Head]:
    """Return the heads that no signed root covers yet, in the order of their streams."""
    rows = await tx.rows(_Q["moved_heads"], tx.tenant)
    return [Head(row["stream_id"], row["version"], row["head_hash"]) for row in rows]


async def last_root(tx: Transaction) -> LastRoot:
    """Return the newest root of the tenant."""
    row = await tx.row(_Q["last_root"], tx.tenant)
    assert row is not None
    return LastRoot(sequence=row["sequence"] or 0, root=row["root"] or b"", now=row["now"], epoch=row["epoch"])


async def add_root(tx: Transaction, root: StoredRoot, heads: Sequence[Head]) -> None:
    """Keep a root and remember which heads it covers."""
    await tx.run(
        _Q["insert_root"],
        tx.tenant,
        root.sequence,
        root.signed_at,
        len(heads),
        root.statement,
        root.root,
        root.signature,
    )
    await tx.run(_Q["cover_heads"], tx.tenant, [h.stream for h in heads], [h.version for h in heads])


async def roots(tx: Transaction, after: int = 0) -> AsyncIterator[StoredRoot]:
    """Yield the tenant's roots beyond sequence `after`, in order."""
    while True:
        rows = await tx.rows(_Q["roots_after"], tx.tenant, after, 100)
        for row in rows:
            yield StoredRoot(**dict(row))
        if len(rows) < 100:
            return
        after = rows[-1]["sequence"]


async def epoch(db: Database) -> int:
    """Return the deployment's epoch."""
    async with db.anonymous() as connection:
        value: int = await connection.fetchval(_Q["epoch"])
        return value


async def streams(tx: Transaction) -> AsyncIterator[Row]:
    """Yield the tenant's streams in the order of their ids."""
    after = NO_ID
    while True:
        rows = await tx.rows(_Q["streams_after"], tx.tenant, after, BATCH)
        for row in rows:
            yield row
        if len(rows) < BATCH:
            return
        after = rows[-1]["stream_id"]


async def events(tx: Transaction, stream: UUID) -> AsyncIterator[Row]:
    """Yield a stream's events in their order."""
    after = (0, -1)
    while True:
        rows = await tx.rows(_Q["events_after"], tx.tenant, stream, *after, BATCH)
        for row in rows:
            yield row
        if len(rows) < BATCH:
            return
        after = (rows[-1]["version"], rows[-1]["ordinal"])


async def orphans(tx: Transaction) -> list[UUID]:
    """Return streams that have events but no row; at most a hundred."""
    return [row["stream_id"] for row in await tx.rows(_Q["orphans"], tx.tenant)]


async def count_events(tx: Transaction) -> int:
    """Return how many events the tenant has."""
    row = await tx.row(_Q["count_events"], tx.tenant)
    assert row is not None
    count: int = row["events"]
    return count


async def texts(tx: Transaction) -> AsyncIterator[Row]:
    """Yield id, words, salt and time of erasure of the tenant's free texts."""
    after = NO_ID
    while True:
        rows = await tx.rows(_Q["texts_after"], tx.tenant, after, BATCH)
        for row in rows:
            yield row
        if len(rows) < BATCH:
            return
        after = rows[-1]["text_id"]


def hash_of_row(stream: UUID, row: Row) -> bytes:
    """Return the hash that the event of `row` must have."""
    return event_hash(
        row["previous_hash"],
        stream=stream,
        version=row["version"],
        ordinal=row["ordinal"],
        event=row["event_id"],
        type=row["type"],
        schema_version=row["schema_version"],
        data=row["data"].encode(),
        command=row["command"],
        actor=row["actor_id"],
        by_system=row["by_system"],
        request_id=row["request_id"],
        at=row["occurred_at"],
    )
