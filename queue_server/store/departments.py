"""Reads of departments."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from queue_server.store.db import Row, Transaction
from sql import loader

_Q = loader.queries("departments")


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which departments a page shows; `within` limits to clinics when it names any."""

    after: UUID | None
    limit: int
    within: Sequence[UUID] = ()
    clinic: UUID | None = None
    active: bool | None = None
    head: UUID | None = None


async def departments(tx: Transaction, wanted: Filter) -> Sequence[Row]:
    """Return departments in order of creation."""
    return await tx.rows(
        _Q["departments"],
        tx.tenant,
        wanted.after,
        wanted.limit,
        list(wanted.within),
        wanted.clinic,
        wanted.active,
        wanted.head,
    )


async def department(tx: Transaction, department_id: UUID) -> Row | None:
    """Return a department or None."""
    return await tx.row(_Q["department"], tx.tenant, department_id)


async def hold(tx: Transaction, department_id: UUID) -> None:
    """Keep everybody from assigning doctors to a department until the commit, once nobody else is doing so."""
    await tx.run(_Q["hold_department"], tx.tenant, department_id)


async def doctors_of(tx: Transaction, department_id: UUID, limit: int) -> Sequence[Row]:
    """Return up to `limit` doctors of a department by name."""
    return await tx.rows(_Q["doctors_of_department"], tx.tenant, department_id, limit)


async def account_of_head(tx: Transaction, account: UUID) -> Row | None:
    """Return role, clinics and whether it is disabled, of an account that may become a head, or None."""
    return await tx.row(_Q["account_of_head"], tx.tenant, account)


async def clinics_known(tx: Transaction, clinic_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of the clinics exist; they are not removed before the end of the transaction."""
    return {row["clinic_id"] for row in await tx.rows(_Q["clinics_known"], tx.tenant, list(clinic_ids))}
