"""Signed roots: once in a while all heads that moved are named in one statement, signed, and kept twice.

The chain of hashes of a stream shows that an event was changed; it cannot show that its end, or the whole stream, was
cut off. A statement names heads and the root before it, so it can – and so can its copy, which is out of reach for
whoever has only the database.
"""

import asyncio
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import msgspec
import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from queue_server.store import audit as store
from queue_server.store import job_store
from queue_server.store.db import Database, Transaction
from queue_server.store.job_store import Job
from queue_server.store.root_copies import RootCopies, RootCopy
from scheduling_core.ids import TenantId

log = structlog.stdlib.get_logger(__name__)

EVERY = timedelta(hours=1)


class SignedHead(msgspec.Struct, frozen=True, array_like=True):
    """A head as a statement names it; the hash in hex."""

    stream: UUID
    version: int
    hash: str


class Statement(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is signed. `previous` is the root before (hex, empty for the first), `key` the signer's public key (hex)."""

    tenant: UUID
    sequence: int
    epoch: int
    signed_at: datetime
    previous: str
    key: str
    heads: tuple[SignedHead, ...]


def root_of(statement: str) -> bytes:
    """Return the root of a statement, which the next statement names."""
    return sha256(statement.encode()).digest()


def is_signed(statement: str, signature: bytes, key: bytes) -> bool:
    """Return whether `signature` of `statement` was made with the private part of `key` (Ed25519, 32 bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, statement.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key(seed: bytes) -> bytes:
    """Return the public part of a signing key."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


class RootSigner:
    """Signs roots and keeps them; the job table sees to it that it happens once an hour."""

    def __init__(self, db: Database, seed: bytes, copies: RootCopies) -> None:
        self._db = db
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = public_key(seed).hex()
        self._copies = copies

    async def run(self, job: Job) -> None:
        """Do the recurring job: a root if anything moved, its copy, and the next round."""
        async with self._db.tenant(job.tenant) as tx:
            if not await job_store.fence(tx, job):
                return
            await self._sign(tx)
        # The copy comes after the commit, else a crash would leave a copy of a root that never was.
        await self.copy(job.tenant)
        async with self._db.tenant(job.tenant) as tx:
            await job_store.rearm(tx, job, EVERY)

    async def sign(self, tenant: TenantId) -> int | None:
        """Sign a root now and copy it; returns its sequence, None when nothing has moved since the last one."""
        async with self._db.tenant(tenant) as tx:
            sequence = await self._sign(tx)
        await self.copy(tenant)
        return sequence

    async def copy(self, tenant: TenantId) -> int:
        """Copy what the folder lacks of this epoch and return how many roots that were."""
        epoch = await store.epoch(self._db)
        last = await asyncio.to_thread(self._copies.last_sequence, tenant, epoch)
        async with self._db.tenant(tenant) as tx:
            missing = [
                RootCopy(sequence=root.sequence, statement=root.statement, signature=root.signature.hex())
                async for root in store.roots(tx, last)
            ]
        if not missing:
            return 0
        return await asyncio.to_thread(self._copies.append, tenant, epoch, missing)

    async def _sign(self, tx: Transaction) -> int | None:
        # The previous root first: a signer that runs at the same time then fails on the sequence, and nothing forks.
        last = await store.last_root(tx)
        heads = await store.moved_heads(tx)
        if not heads:
            return None
        statement = msgspec.json.encode(
            Statement(
                tenant=tx.tenant,
                sequence=last.sequence + 1,
                epoch=last.epoch,
                signed_at=last.now,
                previous=last.root.hex(),
                key=self._public,
                heads=tuple(SignedHead(head.stream, head.version, head.hash.hex()) for head in heads),
            )
        ).decode()
        root = store.StoredRoot(
            sequence=last.sequence + 1,
            signed_at=last.now,
            statement=statement,
            root=root_of(statement),
            signature=self._key.sign(statement.encode()),
        )
        await store.add_root(tx, root, heads)
        log.info("audit_root_signed", sequence=root.sequence, heads=len(heads))
        return root.sequence
