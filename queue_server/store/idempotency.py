"""Answers kept by idempotency key, so that a repeated request is answered and not done again."""

import hmac
from datetime import timedelta
from uuid import UUID

import msgspec

from queue_server.store.db import Transaction
from scheduling_core.errors import IdempotencyKeyReused
from sql import loader

_Q = loader.queries("idempotency")


PENDING = b"pending"
"""Stands for an answer that is still being worked out; no answer is this, for it is not JSON."""


class Idempotency(msgspec.Struct, frozen=True):
    """A client's key, and a digest of the request it came with."""

    key: str
    digest: bytes


def keyed(request: Idempotency, secret: bytes) -> Idempotency:
    """Return the request with its digest under a key of ours.

    Requests hold names, phone numbers and passwords, which a bare digest would let anybody guess who reads the table.
    """
    return msgspec.structs.replace(request, digest=hmac.digest(secret, request.digest, "sha256"))


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


async def claim_ahead(tx: Transaction, actor: UUID, request: Idempotency, takeover: timedelta) -> KeptAnswer | None:
    """Claim the key for work outside of this transaction: None when it is ours, else the answer, `PENDING` until then.

    A claim older than `takeover` whose answer never came is taken over: whoever had it is gone. Raises
    `IdempotencyKeyReused` when the key came with another request.
    """
    if await tx.row(_Q["claim_ahead"], tx.tenant, actor, request.key, request.digest, PENDING, takeover) is not None:
        return None
    return await kept(tx, actor, request) or KeptAnswer(PENDING, None)


async def release(tx: Transaction, actor: UUID, request: Idempotency) -> None:
    """Forget a claim whose work came to nothing."""
    await tx.run(_Q["release"], tx.tenant, actor, request.key, PENDING)


async def keep(tx: Transaction, actor: UUID, request: Idempotency, answer: KeptAnswer) -> None:
    """Keep the answer with the key."""
    await tx.run(_Q["keep"], tx.tenant, actor, request.key, answer.body, answer.version)


async def prune(tx: Transaction, older_than: timedelta) -> None:
    """Forget the tenant's answers that were given longer ago than that."""
    await tx.run(_Q["prune"], tx.tenant, older_than)
