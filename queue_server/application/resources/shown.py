"""What commands answer with: made from the rows that the new state leads to, as reads make it from those of tables."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from queue_server.application.aggregates import Locked, Model
from queue_server.application.resources.views import MaintenanceView
from queue_server.store import event_store
from queue_server.store.db import Transaction
from queue_server.store.projections.aggregate_rows import Rows, Table

S = TypeVar("S", bound=msgspec.Struct)
E = TypeVar("E", bound=msgspec.Struct)


async def texts_of(tx: Transaction, model: Model[S, E], state: S) -> dict[UUID, str]:
    """Return the words that a state refers to, those of this transaction too."""
    return await event_store.free_texts(tx, list(model.texts(state)))


async def rows_of(tx: Transaction, locked: Locked[S, E]) -> Rows:
    """Return the rows that a locked aggregate will show when this is committed."""
    return locked.model.rows(locked.state, await texts_of(tx, locked.model, locked.state))


def of_table(rows: Rows, table: Table) -> list[dict[str, Any]]:
    """Return the rows of one table with their keys, as a query would."""
    return [
        {**dict(zip(table.key, key, strict=True)), **columns}
        for (where, key), columns in rows.items()
        if where == table
    ]


def maintenance_view(row: Mapping[str, Any]) -> MaintenanceView:
    """Return a maintenance period from its row."""
    return MaintenanceView(
        id=row["maintenance_id"],
        start=row["starts_at"],
        end=row["ends_at"],
        reason=row["reason"],
        finished_at=row["finished_at"],
    )
