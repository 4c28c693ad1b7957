"""Reservations of rooms and equipment: who has what from when until when."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from sql import loader

_Q = loader.queries("reservations")


class Resource(StrEnum):
    """What can be reserved; each kind has tables of its own."""

    ROOM = "room"
    EQUIPMENT = "equipment"


class Statements(msgspec.Struct, frozen=True, kw_only=True):
    """The queries of one kind."""

    lock: str
    out_of_use: str
    reserve: str
    release: str
    drop_empty: str
    reserved: str


_OF: dict[Resource, Statements] = {
    Resource.ROOM: Statements(
        lock=_Q["lock_room"],
        out_of_use=_Q["room_out_of_use"],
        reserve=_Q["reserve_room"],
        release=_Q["release_room"],
        drop_empty=_Q["drop_empty_room_reservation"],
        reserved=_Q["room_reserved"],
    ),
    Resource.EQUIPMENT: Statements(
        lock=_Q["lock_equipment"],
        out_of_use=_Q["equipment_out_of_use"],
        reserve=_Q["reserve_equipment"],
        release=_Q["release_equipment"],
        drop_empty=_Q["drop_empty_equipment_reservation"],
        reserved=_Q["equipment_reserved"],
    ),
}


async def lock(tx: Transaction, kind: Resource, resource: UUID) -> Row | None:
    """Lock a room or a piece of equipment until the commit, and return its clinic, name and whether it is in use."""
    return await tx.row(_OF[kind].lock, tx.tenant, resource)


async def is_out_of_use(tx: Transaction, kind: Resource, resource: UUID, start: datetime, end: datetime) -> bool:
    """Return whether maintenance overlaps `start` to `end`."""
    row = await tx.row(_OF[kind].out_of_use, tx.tenant, resource, start, end)
    return bool(row and row["out_of_use"])


async def reserve(
    tx: Transaction, kind: Resource, resource: UUID, occasion: UUID, start: datetime, end: datetime, appointment: UUID
) -> bool:
    """Reserve it for an appointment; returns False when the occasion is known at another time.

    Raises what the exclusion constraint stands for when it is taken.
    """
    row = await tx.row(_OF[kind].reserve, tx.tenant, resource, occasion, start, end, appointment)
    return row is not None


async def release(tx: Transaction, kind: Resource, appointment: UUID) -> list[UUID]:
    """Give back what an appointment has reserved, and return what that was."""
    left = await tx.rows(_OF[kind].release, tx.tenant, appointment)
    for resource, occasion in ((row[f"{kind}_id"], row["occasion_id"]) for row in left):
        await tx.run(_OF[kind].drop_empty, tx.tenant, resource, occasion)
    return [row[f"{kind}_id"] for row in left]


async def reserved(
    tx: Transaction, kind: Resource, resource: UUID, start: datetime, end: datetime | None, limit: int
) -> Sequence[Row]:
    """Return up to `limit` reservations that overlap `start` to `end` (None: without end), by their starts."""
    return await tx.rows(_OF[kind].reserved, tx.tenant, resource, start, end, limit)
