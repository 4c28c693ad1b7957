"""External identity providers that tenants trust."""

from datetime import datetime

import msgspec

from queue_server.store.db import Database, Row, Transaction
from scheduling_core.ids import TenantId
from sql import loader

_Q = loader.queries("access")


class Issuer(msgspec.Struct, frozen=True, kw_only=True):
    """An OpenID Connect issuer as one tenant trusts it."""

    tenant: TenantId
    issuer: str
    audience: str
    jwks_uri: str
    algorithms: tuple[str, ...]


async def find(db: Database, issuer: str) -> list[Issuer]:
    """Return what the tenants that trust `issuer` say of it, 64 at most."""
    async with db.anonymous() as connection:
        return [_issuer(row) for row in await connection.fetch(_Q["find_issuers"], issuer)]


async def by_name(tx: Transaction, issuer: str) -> list[Issuer]:
    """Return what this tenant says of `issuer`, if it trusts it."""
    return [_issuer(row) for row in await tx.rows(_Q["issuer_by_name"], tx.tenant, issuer)]


async def of_tenant(tx: Transaction) -> tuple[Issuer, datetime] | None:
    """Return the tenant's issuer and when it was set, or None."""
    row = await tx.row(_Q["issuer"], tx.tenant)
    return (_issuer(row), row["updated_at"]) if row else None


async def clear(tx: Transaction) -> list[str]:
    """Trust nobody any more; returns the names of the issuers that were trusted."""
    return [row["issuer"] for row in await tx.rows(_Q["delete_issuers"], tx.tenant)]


async def insert(tx: Transaction, wanted: Issuer) -> datetime:
    """Trust an issuer; returns when that began."""
    row = await tx.row(
        _Q["insert_issuer"], tx.tenant, wanted.issuer, wanted.audience, wanted.jwks_uri, list(wanted.algorithms)
    )
    if row is None:
        raise LookupError("an inserted row was not returned")
    at: datetime = row["updated_at"]
    return at


def _issuer(row: Row) -> Issuer:
    return Issuer(
        tenant=TenantId(row["tenant_id"]),
        issuer=row["issuer"],
        audience=row["audience"],
        jwks_uri=row["jwks_uri"],
        algorithms=tuple(row["algorithms"]),
    )
