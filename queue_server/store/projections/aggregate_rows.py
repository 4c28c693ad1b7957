"""Rows of read models that are folded from aggregates: a pure function of the state makes them, this keeps them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from queue_server.store.db import Transaction

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


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()


def _upsert(table: Table) -> str:
    """An older event never overwrites a newer one. Names come from `Table` constants, never from a request."""
    names = ", ".join(("tenant_id", *table.key, *table.columns, "last_event_id"))
    set_ = ", ".join(f"{name} = excluded.{name}" for name in (*table.columns, "last_event_id"))
    return (
        f"INSERT INTO {table.name} AS kept ({names}) SELECT {names}"  # noqa: S608
        f" FROM json_populate_recordset(NULL::{table.name}, $1::json)"
        f" ON CONFLICT (tenant_id, {', '.join(table.key)}) DO UPDATE SET {set_}"
        " WHERE kept.last_event_id < excluded.last_event_id"
    )


def _delete(table: Table) -> str:
    same = " AND ".join(f"kept.{name} = gone.{name}" for name in table.key)
    return (
        f"DELETE FROM {table.name} AS kept USING json_populate_recordset(NULL::{table.name}, $2::json) AS gone"  # noqa: S608
        f" WHERE kept.tenant_id = $1 AND {same}"
    )
