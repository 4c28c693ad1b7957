"""Refresh tokens, whose families are sessions, and access tokens that were withdrawn."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from queue_server.store.db import Transaction
from scheduling_core.ids import AccountId
from sql import loader

_Q = loader.queries("access")


class StoredToken(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh token as it is kept: a hash of its secret and what has become of it."""

    id: UUID
    family: UUID
    account: AccountId
    secret_hash: bytes
    revoked: bool
    expired: bool
    used: bool
    used_just_now: bool


async def token(tx: Transaction, token: UUID, *, grace: timedelta) -> StoredToken | None:
    """Return a refresh token of the tenant, or None; `used_just_now` tells whether it was used within `grace`."""
    row = await tx.row(_Q["refresh_token"], tx.tenant, token, grace)
    if row is None:
        return None
    return StoredToken(
        id=row["token_id"],
        family=row["family_id"],
        account=row["account_id"],
        secret_hash=row["secret_hash"],
        revoked=row["revoked"],
        expired=row["expired"],
        used=row["used"],
        used_just_now=row["used_just_now"],
    )


async def insert(
    tx: Transaction, token: UUID, family: UUID, account: AccountId, secret_hash: bytes, lifetime: timedelta
) -> None:
    """Keep a new refresh token of a family."""
    await tx.run(_Q["insert_refresh_token"], tx.tenant, token, family, account, secret_hash, lifetime)


async def use(tx: Transaction, token: UUID) -> None:
    """Mark a refresh token as used."""
    await tx.run(_Q["use_refresh_token"], tx.tenant, token)


async def revoke_family(tx: Transaction, family: UUID) -> None:
    """End a session: none of its tokens is good any more."""
    await tx.run(_Q["revoke_family"], tx.tenant, family)


async def revoke_all(tx: Transaction, account: AccountId) -> None:
    """End all sessions of an account."""
    await tx.run(_Q["revoke_sessions"], tx.tenant, account)


async def revoke_access(tx: Transaction, jti: str, expires_at: datetime) -> None:
    """Withdraw one access token until it would have ended anyway."""
    await tx.run(_Q["revoke_jti"], tx.tenant, jti, expires_at)


async def prune(tx: Transaction) -> None:
    """Delete tokens of the tenant that ended more than a day ago."""
    await tx.run(_Q["prune_refresh_tokens"], tx.tenant)
    await tx.run(_Q["prune_revoked_tokens"], tx.tenant)
