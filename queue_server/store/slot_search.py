"""Slots that can be booked, found by who offers them, where, how and when."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from asyncpg.pgproto.pgproto import UUID as DriverUUID

from queue_server.store.clinics import ClinicCapacity
from queue_server.store.db import Row, Transaction
from sql import loader

_Q = loader.queries("slot_search")


class DoctorFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which doctors: all that is given must hold. `by_patients`: those patients may book, else those staff may."""

    specialty: str | None = None
    clinic: UUID | None = None
    mode: str | None = None
    language: str | None = None
    doctor: UUID | None = None
    by_patients: bool = True


class SlotRange(msgspec.Struct, frozen=True, kw_only=True):
    """Which slots: instants from `after` to before `until`, dates by the clinics' clocks.

    Of the slots that start at `after` only those of doctors with an id above `after_doctor` count.
    """

    after: datetime
    after_doctor: UUID
    until: datetime
    first: date
    last: date
    part: int | None = None
    """The place in `PARTS`."""
    not_at: tuple[UUID, ...] = ()
    """Clinics whose slots are not offered."""


async def zones(tx: Transaction, clinic: UUID | None) -> list[str]:
    """Return the zones of the tenant's clinics, or of one; of those that are open at present."""
    return [row["timezone"] for row in await tx.rows(_Q["zones"], tx.tenant, clinic)]


async def closed_clinics(tx: Transaction) -> list[UUID]:
    """Return the clinics that are not open at present."""
    return [row["clinic_id"] for row in await tx.rows(_Q["closed_clinics"], tx.tenant)]


async def capped_clinics(tx: Transaction) -> list[tuple[UUID, int]]:
    """Return the open clinics that take only so many patients a day, and how many."""
    rows = await tx.rows(_Q["clinic_capacities"], tx.tenant)
    caps = [(row["clinic_id"], msgspec.json.decode(row["capacity"], type=ClinicCapacity)) for row in rows]
    return [(clinic, capacity.per_day) for clinic, capacity in caps if capacity.per_day is not None]


async def full_days(
    tx: Transaction, capped: Sequence[tuple[UUID, int]], first: date, last: date
) -> dict[date, tuple[UUID, ...]]:
    """Return the dates on which some of these clinics take nobody more, each with those clinics, in order."""
    clinics, most = [clinic for clinic, _ in capped], [number for _, number in capped]
    found: dict[date, tuple[UUID, ...]] = {}
    for row in await tx.rows(_Q["full_days"], tx.tenant, clinics, most, first, last):
        found[row["date"]] = (*found.get(row["date"], ()), row["clinic_id"])
    return found


async def members(tx: Transaction, what: str, value: str | UUID | None) -> bytes:
    """Return who has `what`: `bookable` or `bookable_by_staff` without a value, or a `specialty`, `clinic`, `mode` or
    `language`; for `doctor_ids`."""
    text, clinic = (None, value) if isinstance(value, UUID) else (value, None)
    row = await tx.row(_Q["members"], tx.tenant, what, text, clinic)
    assert row is not None
    ids: bytes = row["ids"]
    return ids


def doctor_ids(members: bytes) -> frozenset[UUID]:
    """Return the doctors that `members` told of."""
    # These ids are compared and sent thousands at a time: the driver's own do both without a detour through Python.
    return frozenset(DriverUUID(members[place : place + 16]) for place in range(0, len(members), 16))


async def slots_of_doctors(
    tx: Transaction, doctors: Collection[UUID], wanted: DoctorFilter, when: SlotRange, limit: int
) -> Sequence[Row]:
    """Return the next slots of a few doctors, sorted by start and doctor, with all columns and `doctor_name`."""
    arguments = (
        tx.tenant,
        doctors,
        when.after,
        when.until,
        when.after_doctor,
        when.first,
        when.last,
        wanted.clinic,
        wanted.mode,
        limit,
    )
    if when.part is None:
        return await tx.rows(_Q["of_doctors"], *arguments, when.not_at)
    return await tx.rows(_Q["of_doctors_in_part"], *arguments, when.part, when.not_at)


async def slots_by_time(
    tx: Transaction, doctors: Collection[UUID] | None, wanted: DoctorFilter, when: SlotRange, limit: int
) -> Sequence[Row]:
    """Return the next slots of these doctors, or of everybody bookable if None, sorted by start and doctor; quick when
    they are many among all."""
    return await tx.rows(
        _Q["by_time"],
        tx.tenant,
        doctors,
        when.after,
        when.until,
        when.after_doctor,
        when.first,
        when.last,
        wanted.clinic,
        wanted.mode,
        limit,
        [0, 1, 2, 3] if when.part is None else [when.part],
        wanted.by_patients,
        when.not_at,
    )


class Day(msgspec.Struct, frozen=True):
    """A date by the clinics' clocks, and between which instants it lies wherever they are."""

    date: date
    begins: datetime
    ends: datetime


async def free_of_doctors(
    tx: Transaction,
    doctors: Collection[UUID] | None,
    wanted: DoctorFilter,
    days: Sequence[Day],
    *,
    one_by_one: bool,
    since: datetime,
    not_at: Sequence[UUID],
    most: int,
) -> dict[date, int]:
    """Return how many slots of these doctors (None, if not `one_by_one`: of everybody bookable) can be booked on each
    date from `since` on, `most` a date; dates without any are missing. `one_by_one` when the doctors are few."""
    rows = await tx.rows(
        _Q["days_of_doctors" if one_by_one else "days_by_time"],
        tx.tenant,
        doctors,
        [day.date for day in days],
        [day.begins for day in days],
        [day.ends for day in days],
        wanted.clinic,
        wanted.mode,
        since,
        most,
        list(not_at),
    )
    return {row["date"]: row["free"] for row in rows}
