"""Clinics: where they are, how many they take, and how their queues run."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from scheduling_core.ids import ClinicId
from scheduling_core.live_queue.policy import QueuePolicy
from sql import loader

_Q = loader.queries("directory")


class ClinicCapacity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Caps of a clinic; None means none."""

    per_day: int | None = None
    per_window: int | None = None


class Clinic(msgspec.Struct, frozen=True, kw_only=True):
    """A clinic; `version` grows by one with each change of it or of its queue policy."""

    id: ClinicId
    slug: str
    name: str
    timezone: str
    address: str
    capacity: ClinicCapacity
    policy: QueuePolicy
    active: bool
    version: int


class ClinicUse(msgspec.Struct, frozen=True):
    """What still refers to a clinic."""

    doctors: bool
    appointments: bool
    accounts: bool


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


async def insert(tx: Transaction, new: Clinic) -> Clinic:
    """Make a clinic; raises `Conflict` when its slug is taken."""
    return _made(
        await tx.row(
            _Q["insert_clinic"],
            tx.tenant,
            new.id,
            new.slug,
            new.name,
            new.timezone,
            new.address,
            _json(new.capacity),
            _json(new.policy),
        )
    )


async def update(tx: Transaction, wanted: Clinic) -> Clinic:
    """Write everything but the queue policy; returns the clinic with its next version."""
    return _made(
        await tx.row(
            _Q["update_clinic"],
            tx.tenant,
            wanted.id,
            wanted.slug,
            wanted.name,
            wanted.timezone,
            wanted.address,
            _json(wanted.capacity),
            wanted.active,
        )
    )


async def set_policy(tx: Transaction, clinic: ClinicId, policy: QueuePolicy) -> Clinic:
    """Write the queue policy; returns the clinic with its next version."""
    return _made(await tx.row(_Q["update_queue_policy"], tx.tenant, clinic, _json(policy)))


async def use_of(tx: Transaction, clinic: ClinicId) -> ClinicUse:
    """Return what refers to the clinic."""
    row = await tx.row(_Q["clinic_in_use"], tx.tenant, clinic)
    return ClinicUse(row["doctors"], row["appointments"], row["accounts"]) if row else ClinicUse(False, False, False)


async def has_days_ahead(tx: Transaction, clinic: ClinicId) -> bool:
    """Return whether there are appointments from yesterday on (whatever "today" is in the clinic's zone)."""
    row = await tx.row(_Q["clinic_has_days_ahead"], tx.tenant, clinic)
    return bool(row and row["ahead"])


async def delete(tx: Transaction, clinic: ClinicId) -> None:
    """Delete a clinic that nothing refers to."""
    await tx.run(_Q["delete_clinic"], tx.tenant, clinic)


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()


def _made(row: Row | None) -> Clinic:
    if row is None:
        raise LookupError("a row that this transaction holds has vanished")
    return _clinic(row)


def _clinic(row: Row) -> Clinic:
    return Clinic(
        id=ClinicId(row["clinic_id"]),
        slug=row["slug"],
        name=row["name"],
        timezone=row["timezone"],
        address=row["address"],
        capacity=msgspec.json.decode(row["capacity"], type=ClinicCapacity),
        policy=msgspec.json.decode(row["queue_policy"], type=QueuePolicy),
        active=row["active"],
        version=row["version"],
    )
