"""Reads of rooms, equipment and clinic days."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from queue_server.store.reservations import Resource
from sql import loader

_Q = loader.queries("resources")
_FOR_REMOVAL = {Resource.ROOM: _Q["room_for_removal"], Resource.EQUIPMENT: _Q["equipment_for_removal"]}


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which rooms or devices a page shows; `within` limits to clinics when it names any."""

    after: UUID | None
    limit: int
    within: Sequence[UUID] = ()
    clinic: UUID | None = None
    type: str | None = None
    active: bool | None = None
    room: UUID | None = None
    """Only what stands in this room."""


async def clinic_closings(tx: Transaction, clinics: Sequence[UUID], first: date, last: date) -> Sequence[Row]:
    """Return for each clinic its holiday calendar with its own dates from `first` to `last`, one a row, in order.

    A clinic without own dates has one row without a date.
    """
    return await tx.rows(_Q["clinic_closings"], tx.tenant, list(clinics), first, last)


async def rooms(tx: Transaction, wanted: Filter) -> Sequence[Row]:
    """Return rooms in order of creation."""
    return await tx.rows(
        _Q["rooms"],
        tx.tenant,
        wanted.after,
        wanted.limit,
        list(wanted.within),
        wanted.clinic,
        wanted.type,
        wanted.active,
    )


async def room(tx: Transaction, room_id: UUID, *, held: bool = False) -> Row | None:
    """Return a room or None; one that is `held` is not removed before the end of the transaction."""
    return await tx.row(_Q["hold_room" if held else "room"], tx.tenant, room_id)


async def lock_for_removal(tx: Transaction, kind: Resource, resource: UUID) -> None:
    """Wait for everybody who is about to refer to a room or equipment, and let nobody begin to until the commit."""
    await tx.row(_FOR_REMOVAL[kind], tx.tenant, resource)


async def room_maintenance(tx: Transaction, room_ids: Sequence[UUID]) -> Sequence[Row]:
    """Return the maintenance periods of rooms, by their starts."""
    return await tx.rows(_Q["room_maintenance"], tx.tenant, list(room_ids))


async def outages(tx: Transaction, resources: Sequence[UUID], since: datetime, until: datetime) -> Sequence[Row]:
    """Return when these rooms and this equipment are out of use between two instants, by the start.

    `until` is when that really ends.
    """
    return await tx.rows(_Q["outages"], tx.tenant, list(resources), since, until)


async def room_assignments(tx: Transaction, room_ids: Sequence[UUID]) -> Sequence[Row]:
    """Return whose the rooms are and were, by first date."""
    return await tx.rows(_Q["room_assignments"], tx.tenant, list(room_ids))


async def equipment_in_rooms(tx: Transaction, room_ids: Sequence[UUID]) -> Sequence[Row]:
    """Return what stands in the rooms."""
    return await tx.rows(_Q["equipment_in_rooms"], tx.tenant, list(room_ids))


async def holders_of_room(tx: Transaction, room_id: UUID, today: date) -> Sequence[Row]:
    """Return whose room it is and what stands in it: `kind`, `id`, `name`; at most twenty of each kind."""
    return await tx.rows(_Q["holders_of_room"], tx.tenant, room_id, today)


async def hours_with(tx: Transaction, resource: UUID, clinic: UUID, today: date) -> Sequence[Row]:
    """Return the schedules and overrides at a clinic whose hours take a room or a piece of equipment from `today` on:
    `kind`, `id` and the doctor's `name`; at most twenty of each kind."""
    return await tx.rows(_Q["hours_with"], tx.tenant, resource, clinic, today)


async def equipment_page(tx: Transaction, wanted: Filter) -> Sequence[Row]:
    """Return pieces of equipment in order of creation."""
    return await tx.rows(
        _Q["equipment_page"],
        tx.tenant,
        wanted.after,
        wanted.limit,
        list(wanted.within),
        wanted.clinic,
        wanted.type,
        wanted.active,
        wanted.room,
    )


async def equipment(tx: Transaction, equipment_id: UUID) -> Row | None:
    """Return a piece of equipment or None."""
    return await tx.row(_Q["equipment"], tx.tenant, equipment_id)


async def equipment_maintenance(tx: Transaction, equipment_ids: Sequence[UUID]) -> Sequence[Row]:
    """Return the maintenance periods of equipment, by their starts."""
    return await tx.rows(_Q["equipment_maintenance"], tx.tenant, list(equipment_ids))


async def equipment_assignments(tx: Transaction, equipment_ids: Sequence[UUID]) -> Sequence[Row]:
    """Return where equipment stands and stood, by time."""
    return await tx.rows(_Q["equipment_assignments"], tx.tenant, list(equipment_ids))


async def doctor_exists(tx: Transaction, doctor_id: UUID) -> bool:
    """Return whether the tenant has this doctor, with a clinic or without one yet."""
    row = await tx.row(_Q["doctor_exists"], tx.tenant, doctor_id)
    return bool(row and row["known"])
