"""Reads of clinics: where they are, how many they take, how their queues run, what refers to them."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from scheduling_core.ids import ClinicId, DoctorId
from scheduling_core.live_queue.policy import QueuePolicy
from scheduling_core.resources.clinics import Caps as ClinicCapacity
from scheduling_core.resources.clinics import HolidayCalendar
from sql import loader

_Q = loader.queries("directory")

__all__ = ["Clinic", "ClinicCapacity", "ClinicUse"]


class Clinic(msgspec.Struct, frozen=True, kw_only=True):
    """A clinic; `version` grows by one with each change of it, of its queue policy or of its days."""

    id: ClinicId
    slug: str
    name: str
    timezone: str
    address: str
    capacity: ClinicCapacity
    policy: QueuePolicy
    holidays: HolidayCalendar | None
    active: bool
    version: int


class ClinicUse(msgspec.Struct, frozen=True, kw_only=True):
    """What still refers to a clinic."""

    doctors: bool
    appointments: bool
    accounts: bool
    resources: bool
    schedules: bool


async def clinic(tx: Transaction, clinic: UUID) -> Clinic | None:
    """Return a clinic of the tenant, or None."""
    row = await tx.row(_Q["clinic"], tx.tenant, clinic)
    return _clinic(row) if row else None


async def lock(tx: Transaction, clinic: UUID) -> Clinic | None:
    """Return a clinic and keep everybody else from changing or referring to it until the commit."""
    row = await tx.row(_Q["clinic_for_change"], tx.tenant, clinic)
    return _clinic(row) if row else None


async def page(tx: Transaction, *, after: UUID | None, limit: int, within: Sequence[ClinicId]) -> list[Clinic]:
    """Return clinics after `after`, in order of creation; only those of `within`, if it names any."""
    rows = await tx.rows(_Q["clinics_in_scope"], tx.tenant, after, limit, list(within))
    return [_clinic(row) for row in rows]


async def days(tx: Transaction, clinic: UUID) -> Sequence[Row]:
    """Return the dates of its own that a clinic keeps, in order: `date`, `opens`, `name`."""
    return await tx.rows(_Q["clinic_days"], tx.tenant, clinic)


async def doctors_of(tx: Transaction, clinic: UUID) -> list[DoctorId]:
    """Return everybody who sees patients at the clinic or has a schedule there."""
    return [DoctorId(row["doctor_id"]) for row in await tx.rows(_Q["doctors_of_clinic"], tx.tenant, clinic)]


async def use_of(tx: Transaction, clinic: ClinicId) -> ClinicUse:
    """Return what refers to the clinic."""
    row = await tx.row(_Q["clinic_in_use"], tx.tenant, clinic)
    assert row is not None
    return ClinicUse(**dict(row))


async def has_days_ahead(tx: Transaction, clinic: ClinicId) -> bool:
    """Return whether there are appointments from yesterday on (whatever "today" is in the clinic's zone)."""
    row = await tx.row(_Q["clinic_has_days_ahead"], tx.tenant, clinic)
    return bool(row and row["ahead"])


def _clinic(row: Row) -> Clinic:
    country, region = row["holiday_country"], row["holiday_region"]
    return Clinic(
        id=ClinicId(row["clinic_id"]),
        slug=row["slug"],
        name=row["name"],
        timezone=row["timezone"],
        address=row["address"],
        capacity=msgspec.json.decode(row["capacity"], type=ClinicCapacity),
        policy=msgspec.json.decode(row["queue_policy"], type=QueuePolicy),
        holidays=HolidayCalendar(country=country, region=region) if country is not None else None,
        active=row["active"],
        version=row["version"],
    )
