"""Access tokens of external OpenID Connect issuers: which tenants trust them, and whom they name."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import jwt
import msgspec

from queue_server.application.jwks import ASYMMETRIC, JwksCache
from queue_server.application.plain_text import email_address, is_printable
from queue_server.application.tokens import UNREADABLE, TokenHeader
from queue_server.store import issuers
from queue_server.store.db import Database
from queue_server.store.issuers import Issuer
from scheduling_core.errors import InvalidValue, Unauthenticated, Unavailable
from scheduling_core.ids import AccountId, TenantId

LEEWAY_SECONDS = 30  # their clock is not ours
TRUST_SECONDS = 30.0
MOST_ISSUERS = 1024
LONGEST_ISSUER = 512


class ForeignIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a verified token names to one tenant: by a verified e-mail address, or by an account's id."""

    tenant: TenantId
    email: str | None
    account: AccountId | None
    expires_at: datetime


class _Claims(msgspec.Struct, frozen=True, kw_only=True):
    sub: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    exp: float
    email: str | None = None
    email_verified: bool | str = False  # some providers send it as a string


class ForeignTokens:
    """Verifies tokens by what each tenant says of their issuer, so one tenant's settings never open another's doors."""

    def __init__(self, db: Database, keys: JwksCache, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._keys = keys
        self._clock = clock
        self._trust: OrderedDict[tuple[str, TenantId | None], tuple[float, list[Issuer]]] = OrderedDict()

    async def identify(self, token: str, header: TokenHeader, tenant: TenantId | None = None) -> list[ForeignIdentity]:
        """Return whom `token` names, for each tenant (or just `tenant`) that trusts its issuer and accepts it.

        Raises `Unauthenticated` when no tenant accepts it, `Unavailable` when keys are needed that cannot be fetched.
        """
        if header.algorithm not in ASYMMETRIC or not _is_sensible(header.issuer):
            raise Unauthenticated
        trusting = [t for t in await self._trusting(header.issuer, tenant) if header.algorithm in t.algorithms]
        # All at once: a tenant whose provider hangs must not make another tenant's people wait their turn.
        answers = await asyncio.gather(*(self._verify(token, header, trusted) for trusted in trusting))
        found = [answer for answer in answers if isinstance(answer, ForeignIdentity)]
        if not found:
            raise next((answer for answer in answers if isinstance(answer, Unavailable)), Unauthenticated())
        return found

    def forget(self) -> None:
        """Ask the database again whom to trust, because a tenant has changed its issuer."""
        self._trust.clear()

    async def _trusting(self, issuer: str, tenant: TenantId | None) -> list[Issuer]:
        known = self._trust.get((issuer, tenant))
        if known is not None and self._clock() - known[0] < TRUST_SECONDS:
            return known[1]
        if tenant is None:
            rows = await issuers.find(self._db, issuer)
        else:
            async with self._db.tenant(tenant) as tx:
                rows = await issuers.by_name(tx, issuer)
        self._trust[issuer, tenant] = (self._clock(), rows)
        self._trust.move_to_end((issuer, tenant))
        if len(self._trust) > MOST_ISSUERS:
            self._trust.popitem(last=False)
        return rows

    async def _verify(
        self, token: str, header: TokenHeader, trusted: Issuer
    ) -> ForeignIdentity | Unauthenticated | Unavailable:
        try:
            key = await self._keys.key(trusted.jwks_uri, header.kid, header.algorithm)
            decoded: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(trusted.algorithms),
                audience=trusted.audience,
                issuer=trusted.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            claims = msgspec.convert(decoded, _Claims)
            return ForeignIdentity(
                tenant=trusted.tenant,
                email=_verified_email(claims),
                account=_account_id(claims.sub),
                expires_at=datetime.fromtimestamp(claims.exp, UTC),
            )
        except (Unauthenticated, Unavailable) as refusal:
            return refusal
        except UNREADABLE:
            return Unauthenticated()


def _is_sensible(issuer: str) -> bool:
    return 0 < len(issuer) <= LONGEST_ISSUER and is_printable(issuer)


def _verified_email(claims: _Claims) -> str | None:
    """The address, if the issuer vouches for it: an unverified one could be typed in by anybody."""
    if claims.email is None or claims.email_verified not in (True, "true"):
        return None
    try:
        return email_address(claims.email)
    except InvalidValue:
        return None


def _account_id(subject: str) -> AccountId | None:
    try:
        return msgspec.convert(subject, AccountId)
    except msgspec.ValidationError:
        return None
