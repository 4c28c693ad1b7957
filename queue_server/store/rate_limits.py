"""How many requests a minute tenants have chosen to take, and how many messages to send."""

import msgspec

from queue_server.store.db import Row, Transaction
from sql import loader

_Q = loader.queries("rate_limits")


class ChosenLimits(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's own limits, in requests or messages a minute; None where it has chosen none. `version` grows with each
    change."""

    address_reads: int | None = None
    address_writes: int | None = None
    user_writes: int | None = None
    user_reads: int | None = None
    tenant_reads: int | None = None
    tenant_writes: int | None = None
    email_messages: int | None = None
    sms_messages: int | None = None
    whatsapp_messages: int | None = None
    push_messages: int | None = None
    version: int = 0


async def of_tenant(tx: Transaction) -> ChosenLimits:
    """Return what the tenant has chosen; nothing, at version 0, when it never did."""
    row = await tx.row(_Q["rate_limits"], tx.tenant)
    return _chosen(row) if row else ChosenLimits()


async def lock(tx: Transaction) -> ChosenLimits:
    """Return what the tenant has chosen, and keep everybody else from changing it until the commit."""
    await tx.run(_Q["insert_rate_limits"], tx.tenant)
    return _held(await tx.row(_Q["rate_limits_for_change"], tx.tenant))


async def update(tx: Transaction, wanted: ChosenLimits) -> ChosenLimits:
    """Write the limits of `wanted`; returns them with their next version."""
    return _held(
        await tx.row(
            _Q["update_rate_limits"],
            tx.tenant,
            wanted.address_reads,
            wanted.address_writes,
            wanted.user_writes,
            wanted.user_reads,
            wanted.tenant_reads,
            wanted.tenant_writes,
            wanted.email_messages,
            wanted.sms_messages,
            wanted.whatsapp_messages,
            wanted.push_messages,
        )
    )


def _held(row: Row | None) -> ChosenLimits:
    if row is None:
        raise LookupError("a row that this transaction holds has vanished")
    return _chosen(row)


def _chosen(row: Row) -> ChosenLimits:
    return ChosenLimits(**{name: row[name] for name in ChosenLimits.__struct_fields__})
