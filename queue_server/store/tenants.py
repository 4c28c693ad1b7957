"""Tenants: the hospital groups that everything else belongs to."""

import msgspec

from queue_server.store.db import Database, Transaction
from scheduling_core.ids import TenantId
from sql import loader

_Q = loader.queries("access")


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant by id and name."""

    id: TenantId
    name: str


async def tenant(tx: Transaction) -> Tenant | None:
    """Return the tenant of the transaction if it exists."""
    row = await tx.row(_Q["tenant"], tx.tenant)
    return Tenant(id=TenantId(row["tenant_id"]), name=row["name"]) if row else None


async def insert(tx: Transaction, name: str) -> Tenant:
    """Make the tenant of the transaction."""
    await tx.run(_Q["insert_tenant"], tx.tenant, name)
    return Tenant(id=tx.tenant, name=name)


async def all_tenants(owner: Database) -> list[Tenant]:
    """Return all tenants, oldest first; needs a database opened as the owner (the app's role sees none)."""
    async with owner.anonymous() as connection:
        rows = await connection.fetch(_Q["tenants"])
        return [Tenant(id=TenantId(row["tenant_id"]), name=row["name"]) for row in rows]
