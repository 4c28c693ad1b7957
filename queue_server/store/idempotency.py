"""Answers kept by idempotency key, so that a repeated request is answered and not done again."""

from datetime import timedelta
from uuid import UUID

import msgspec

from queue_server.store.db import Transaction
from scheduling_core.errors import IdempotencyKeyReused
from sql import loader

_Q = loader.queries("idempotency")


class Idempotency(msgspec.Struct, frozen=True):
    """A client's key, and a digest of the request it came with."""

    key: str
    digest: bytes


class KeptAnswer(msgspec.Struct, frozen=True):
    """The JSON a request was answered with, and the version its ETag named."""

    body: bytes
    version: int | None


async def claim(tx: Transaction, actor: UUID, request: Idempotency) -> KeptAnswer | None:
    """Claim the key for this transaction and return None, or return what the request was answered with before.

    Raises `IdempotencyKeyReused` when the key came with another request.
    """
    if await tx.row(_Q["claim"], tx.tenant, actor, request.key, request.digest) is not None:
        return None
    row = await tx.row(_Q["answered"], tx.tenant, actor, request.key)
    if row is None or row["request_digest"] != request.digest:
        raise IdempotencyKeyReused(field="Idempotency-Key")
    return KeptAnswer(row["answer"], row["version"])


async def kept(tx: Transaction, actor: UUID, request: Idempotency) -> KeptAnswer | None:
    """Return what the request was answered with before, None when the key is new; claims nothing.

    Raises `IdempotencyKeyReused` when the key came with another request.
    """
    row = await tx.row(_Q["answered"], tx.tenant, actor, request.key)
    if row is None:
        return None
    if row["request_digest"] != request.digest:
        raise IdempotencyKeyReused(field="Idempotency-Key")
    return KeptAnswer(row["answer"], row["version"])


async def keep(tx: Transaction, actor: UUID, request: Idempotency, answer: KeptAnswer) -> None:
    """Keep the answer with the key."""
    await tx.run(_Q["keep"], tx.tenant, actor, request.key, answer.body, answer.version)


async def prune(tx: Transaction, older_than: timedelta) -> None:
    """Forget the tenant's answers that were given longer ago than that."""
    await tx.run(_Q["prune"], tx.tenant, older_than)
