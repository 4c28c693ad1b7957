"""Rows of read models that are folded from aggregates: a pure function of the state makes them, this keeps them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from queue_server.store.db import Transaction

BEFORE_EVENTS = UUID(int=0)
"""What rows hold as their last event that are older than the events of their table."""
BATCH = 1_000
"""Rows compared or written at a time."""

Key = tuple[object, ...]
Columns = Mapping[str, Any]


class Table(msgspec.Struct, frozen=True):
    """A read model: its name, the columns that (beside the tenant) name a row, and the others."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    """All but tenant_id, the key and last_event_id."""


Rows = dict[tuple[Table, Key], Columns]
"""What an aggregate shows, by table and key; each value holds the table's `columns`."""


class Changes(msgspec.Struct):
    """What leads from the rows of one state to those of the next."""

    written: dict[Table, list[tuple[Key, Columns]]]
    removed: dict[Table, list[Key]]


def changes(before: Rows, after: Rows) -> Changes:
    """Return the rows that differ between two states of an aggregate."""
    written: dict[Table, list[tuple[Key, Columns]]] = {}
    removed: dict[Table, list[Key]] = {}
    for (table, key), columns in after.items():
        if before.get((table, key)) != columns:
            written.setdefault(table, []).append((key, columns))
    for table, key in before:
        if (table, key) not in after:
            removed.setdefault(table, []).append(key)
    return Changes(written, removed)


async def write(tx: Transaction, found: Changes, last_event: UUID) -> None:
    """Bring the read models up to date: one statement for each table; each row remembers the last event it holds."""
    for table, keys in found.removed.items():
        await tx.run(_delete(table), tx.tenant, _json([dict(zip(table.key, key, strict=True)) for key in keys]))
    for table, rows in found.written.items():
        whole = [row(tx.tenant, table, key, columns, last_event) for key, columns in rows]
        await tx.run(_upsert(table), _json(whole))


def row(tenant: UUID, table: Table, key: Key, columns: Columns, last_event: UUID) -> dict[str, Any]:
    """Return a whole row as it is kept."""
    assert columns.keys() == set(table.columns), f"{table.name}: {columns.keys() ^ set(table.columns)}"
    return {"tenant_id": tenant, **dict(zip(table.key, key, strict=True)), **columns, "last_event_id": last_event}


async def keys(tx: Transaction, table: Table) -> set[Key]:
    """Return the keys of every row that came of events; rows of before there were any are left out."""
    names = ", ".join(table.key)
    kept = await tx.rows(
        f"SELECT {names} FROM {table.name} WHERE tenant_id = $1 AND last_event_id <> $2",  # noqa: S608
        tx.tenant,
        BEFORE_EVENTS,
    )
    return {tuple(row[name] for name in table.key) for row in kept}


async def differing(
    tx: Transaction, table: Table, expected: Mapping[Key, Mapping[str, Any]]
) -> AsyncIterator[tuple[Key, list[str]]]:
    """Yield the keys of expected rows that are not kept so, byte for byte, and the columns in which they differ.

    No columns: there is no such row at all.
    """
    names = (*table.columns, "last_event_id")
    rows = list(expected.items())
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        found = await tx.rows(_differing(table), tx.tenant, _json([row for _, row in batch]))
        for row in found:
            yield batch[row["ordinal"] - 1][0], [names[index] for index in row["columns"] or ()]


async def restore(tx: Transaction, table: Table, rows: Sequence[Mapping[str, Any]], strays: Sequence[Key]) -> None:
    """Write whole rows over whatever is kept in their places, and remove strays."""
    if strays:
        await tx.run(_delete(table), tx.tenant, _json([dict(zip(table.key, key, strict=True)) for key in strays]))
    for start in range(0, len(rows), BATCH):
        await tx.run(_upsert(table, even_older=True), _json(rows[start : start + BATCH]))


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()


def _upsert(table: Table, *, even_older: bool = False) -> str:
    """An older event never overwrites a newer one. Names come from `Table` constants, never from a request."""
    guard = "" if even_older else " WHERE kept.last_event_id < excluded.last_event_id"
    names = ", ".join(("tenant_id", *table.key, *table.columns, "last_event_id"))
    set_ = ", ".join(f"{name} = excluded.{name}" for name in (*table.columns, "last_event_id"))
    return (
        f"INSERT INTO {table.name} AS kept ({names}) SELECT {names}"  # noqa: S608
        f" FROM json_populate_recordset(NULL::{table.name}, $1::json)"
        f" ON CONFLICT (tenant_id, {', '.join(table.key)}) DO UPDATE SET {set_}{guard}"
    )


def _differing(table: Table) -> str:
    """Compare as Postgres writes the values, so that nothing passes for equal that is not the same bytes."""
    names = (*table.columns, "last_event_id")
    columns = ", ".join(
        f"CASE WHEN kept.{name}::text IS DISTINCT FROM wanted.{name}::text THEN {index} END"
        for index, name in enumerate(names)
    )
    given = ", ".join(f"made.{name}" for name in (*table.key, *names))
    same = " AND ".join(f"kept.{name} = wanted.{name}" for name in table.key)
    return (
        f"SELECT wanted.ordinal, CASE WHEN kept.tenant_id IS NOT NULL THEN d.columns END AS columns"  # noqa: S608
        f" FROM (SELECT item.ordinal, {given}"
        " FROM json_array_elements($2::json) WITH ORDINALITY AS item (value, ordinal),"
        f" json_populate_record(NULL::{table.name}, item.value) AS made) AS wanted"
        f" LEFT JOIN {table.name} AS kept ON kept.tenant_id = $1 AND {same}"
        f" CROSS JOIN LATERAL (SELECT array_remove(ARRAY[{columns}], NULL) AS columns) AS d"
        " WHERE kept.tenant_id IS NULL OR cardinality(d.columns) > 0 ORDER BY wanted.ordinal"
    )


def _delete(table: Table) -> str:
    same = " AND ".join(f"kept.{name} = gone.{name}" for name in table.key)
    return (
        f"DELETE FROM {table.name} AS kept USING json_populate_recordset(NULL::{table.name}, $2::json) AS gone"  # noqa: S608
        f" WHERE kept.tenant_id = $1 AND {same}"
    )
