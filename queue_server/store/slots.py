"""Slots, the appointments that no longer fit them, and what is known of a tenant's horizon."""

from collections.abc import Sequence
from uuid import UUID

from queue_server.store.db import Transaction
from sql import loader

_Q = loader.queries("slots")


async def enqueue_generation(tx: Transaction, doctors: Sequence[UUID], key: str) -> None:
    """Make a job for each doctor that generates all of their slots; `key` names what for."""
    await tx.run(_Q["enqueue_generation"], tx.tenant, key, list(doctors))
