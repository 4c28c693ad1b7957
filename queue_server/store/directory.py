"""Reads of doctors and clinics."""

from collections.abc import Sequence
from uuid import UUID

from queue_server.store.db import Database, Row, Transaction
from sql import loader

_Q = loader.queries("directory")


async def doctor(tx: Transaction, doctor_id: UUID) -> Row | None:
    """Return a doctor with the facts of the home clinic and the ids of the others (`elsewhere`), or None."""
    return await tx.row(_Q["doctor"], tx.tenant, doctor_id)


async def doctors(tx: Transaction, clinic: UUID | None) -> Sequence[Row]:
    """Return the active doctors of the tenant or those at home at one clinic, as `doctor` does."""
    return await tx.rows(_Q["doctors"], tx.tenant, clinic)


async def lanes(tx: Transaction, within: Sequence[UUID]) -> Sequence[Row]:
    """Return the active doctors who work at one of the clinics `within` (empty: of all), each with one of these."""
    return await tx.rows(_Q["lanes"], tx.tenant, list(within))


async def add_doctor(
    tx: Transaction, doctor_id: UUID, clinic: UUID, name: str, specialty: str, room: str, ticket_prefix: str
) -> None:
    """Add a doctor; raises what the constraints stand for."""
    await tx.run(_Q["insert_doctor"], tx.tenant, doctor_id, clinic, name, specialty, room, ticket_prefix)


async def tenant_of_doctor(db: Database, doctor_id: UUID) -> UUID | None:
    """Return the tenant of an active doctor; the one question about doctors that may be asked without a tenant."""
    async with db.anonymous() as connection:
        tenant: UUID | None = await connection.fetchval(_Q["tenant_of_doctor"], doctor_id)
        return tenant


async def slots_ahead(tx: Transaction) -> int:
    """Return how many slots from now on have a place left."""
    row = await tx.row(_Q["slots_ahead"], tx.tenant)
    return int(row["slots"]) if row else 0
