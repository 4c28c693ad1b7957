"""Whether an account may still come in, asked of Postgres at most every few seconds."""

import time
from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

import msgspec

from queue_server.store import accounts
from queue_server.store.accounts import Account
from queue_server.store.db import Database
from scheduling_core.errors import Unavailable
from scheduling_core.ids import AccountId, TenantId

FRESH_SECONDS = 10.0
"""So long may a disabled account, a changed role or an ended session go unnoticed by another server."""

STALE_SECONDS = 15 * 60.0
"""So long is the last answer good while Postgres is away; an access token does not live longer by default."""

MOST_REMEMBERED = 10_000


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a verified token names: an account by its id, or else by its e-mail address."""

    tenant: TenantId
    account: AccountId | None
    email: str | None = None
    session: UUID | None = None
    jti: str | None = None


class Standings:
    """The accounts behind verified tokens, as they stand now."""

    def __init__(self, db: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._clock = clock
        self._known: OrderedDict[Claimed, tuple[float, Account | None]] = OrderedDict()

    async def account(self, claimed: Claimed) -> Account | None:
        """Return the enabled account whose session and token are not withdrawn, or None.

        Raises `Unavailable` when Postgres is away and nothing recent is known.
        """
        known = self._known.get(claimed)
        now = self._clock()
        if known is not None and now - known[0] < FRESH_SECONDS:
            return known[1]
        try:
            account = await self._read(claimed)
        except Unavailable:
            if known is not None and now - known[0] < STALE_SECONDS:
                return known[1]
            raise
        self._known[claimed] = (now, account)
        self._known.move_to_end(claimed)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return account

    def forget(self, tenant: TenantId, account: AccountId) -> None:
        """Ask Postgres again about this account, and about all of the tenant's that were unknown."""
        outdated = [
            claimed
            for claimed, (_, found) in self._known.items()
            if claimed.tenant == tenant and (found is None or found.id == account)
        ]
        for claimed in outdated:
            del self._known[claimed]

    async def _read(self, claimed: Claimed) -> Account | None:
        async with self._db.tenant(claimed.tenant) as tx:
            if claimed.email is not None:
                by_email = await accounts.standing_by_email(tx, claimed.email)
                if by_email is not None:
                    return by_email
            if claimed.account is None:
                return None
            return await accounts.standing(tx, claimed.account, jti=claimed.jti, session=claimed.session)
