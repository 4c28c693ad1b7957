"""Who comes in: signing in, staying signed in, signing out, and the actor behind each request."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from queue_server.application import refresh_tokens
from queue_server.application.account_view import account_view
from queue_server.application.actor import Actor, system
from queue_server.application.foreign_tokens import ForeignTokens
from queue_server.application.passwords import Passwords
from queue_server.application.plain_text import email_address
from queue_server.application.recorder import Recorder
from queue_server.application.refresh_tokens import GRACE, RefreshToken
from queue_server.application.standing import Claimed, Standings
from queue_server.application.tokens import UNREADABLE, TokenHeader, Tokens, read_header
from queue_server.application.views.accounts import AccountView, SignedIn
from queue_server.settings import Settings
from queue_server.store import accounts, sessions, tenants
from queue_server.store.accounts import Account, SignIn
from queue_server.store.db import Database, Transaction
from queue_server.store.sessions import StoredToken
from scheduling_core.errors import Forbidden, InvalidValue, NotFound, Unauthenticated
from scheduling_core.ids import AccountId, TenantId
from scheduling_core.permissions import Role

TENANT_HEADER = "X-Tenant-Id"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticated actor, and when the token behind it ends (for connections that outlive a request)."""

    actor: Actor
    expires_at: datetime


class AccessService:
    """Passwords in, tokens out; bearer tokens in, actors out. Roles always come from our own accounts."""

    def __init__(
        self,
        *,
        settings: Settings,
        db: Database,
        tokens: Tokens,
        passwords: Passwords,
        standings: Standings,
        foreign: ForeignTokens,
        recorder: Recorder,
    ) -> None:
        self._db = db
        self._tokens = tokens
        self._passwords = passwords
        self._standings = standings
        self._foreign = foreign
        self._recorder = recorder
        self._refresh_lifetime = timedelta(days=settings.refresh_token_days)
        self._successor_keys = [key.secret for key in settings.jwt_keys]

    # ---- sessions ---------------------------------------------------------------------------------------------

    async def login(self, email: str, password: str, tenant: TenantId | None = None) -> SignedIn:
        """Begin a session.

        Raises `Unauthenticated` for any combination that opens nothing (it takes as long whether or not the account
        exists), `InvalidValue` when the same address and password open accounts of several tenants and `tenant` does
        not say which, `TooManyRequests` when too many sign in at the same moment.
        """
        found = [
            candidate
            for candidate in await self._sign_ins(email, tenant)
            if await self._passwords.verify(candidate.password_hash, password)
        ]
        if len(found) > 1:
            raise InvalidValue("You have accounts in several organisations: say which one.", field=TENANT_HEADER)
        if not found:
            raise Unauthenticated(_WRONG_PASSWORD)
        return await self._begin(found[0], password)

    async def begin(self, tx: Transaction, account: Account) -> SignedIn:
        """Begin a session of an account that `tx` holds, for whoever has just shown that it is theirs."""
        first, family = refresh_tokens.new(account.tenant), uuid4()
        await self._keep(tx, first, family, account.id)
        return self._signed_in(account, family, first)

    async def refresh(self, text: str) -> SignedIn:
        """Continue a session: returns new tokens; the given one is used up.

        Raises `Unauthenticated` when it is not good. One that was used before ends its whole session, because somebody
        else has it – except within ten seconds, when the same successor is given again.
        """
        given = refresh_tokens.parse(text)
        async with self._db.tenant(given.tenant) as tx:
            continued = await self._continue(tx, given)
        if isinstance(continued, SignedIn):
            return continued
        # Raised only now: within the transaction it would take back that the session was ended.
        if continued is not None:
            self._standings.forget(given.tenant, continued)
        raise Unauthenticated

    async def logout(self, refresh: str | None, access: str | None = None) -> None:
        """End the session of a refresh token, and that of an access token, which is withdrawn with it.

        Tokens that are not good are passed over in silence (RFC 7009, 2.2): they open nothing already.
        """
        if refresh is not None:
            await self._end_session(refresh)
        if access is not None:
            await self._withdraw(access)

    async def prune(self, tenant: TenantId) -> None:
        """Delete tokens of the tenant that ended long ago."""
        async with self._db.tenant(tenant) as tx:
            await sessions.prune(tx)

    # ---- requests ---------------------------------------------------------------------------------------------

    async def authenticate(
        self, token: str, *, tenant: UUID | str | None = None, request_id: str | None = None
    ) -> Actor:
        """Return who stands behind a bearer token; see `session`."""
        return (await self.session(token, tenant=tenant, request_id=request_id)).actor

    async def session(self, token: str, *, tenant: UUID | str | None = None, request_id: str | None = None) -> Session:
        """Return the actor of a bearer token, ours or an external issuer's, and when it ends.

        `tenant` (X-Tenant-Id) may narrow: another tenant than the account's is `Forbidden`, except that a platform
        admin may choose any tenant there is (`NotFound` for others). Raises `Unauthenticated` for a token that is
        forged, over, withdrawn, or whose account is gone or disabled.
        """
        wanted = _tenant_id(tenant)
        try:
            header = read_header(token)
        except UNREADABLE:
            raise Unauthenticated from None
        if header.issuer == self._tokens.issuer:
            account, expires_at = await self._own(token)
        else:
            account, expires_at = await self._from_outside(token, header, wanted)
        return Session(actor=await self._actor(account, wanted, request_id), expires_at=expires_at)

    async def me(self, actor: Actor) -> AccountView:
        """Return the actor's own account."""
        if actor.account is None:
            raise Unauthenticated
        async with self._db.tenant(actor.home or actor.tenant) as tx:
            account = await accounts.account(tx, actor.account)
        if account is None:
            raise Unauthenticated
        return account_view(account)

    # ---- how sessions begin, go on and end -----------------------------------------------------------------------

    async def _sign_ins(self, email: str, tenant: TenantId | None) -> list[SignIn]:
        """The accounts a password may open; for an unknown address the time of a comparison is spent all the same."""
        try:
            address = email_address(email)
        except InvalidValue:
            found: list[SignIn] = []
        else:
            if tenant is None:
                found = await accounts.find_sign_ins(self._db, address)
            else:
                async with self._db.tenant(tenant) as tx:
                    found = await accounts.sign_in_of(tx, address)
        if not found:
            await self._passwords.verify(None, email)
        return found

    async def _begin(self, sign_in: SignIn, password: str) -> SignedIn:
        stronger = await self._passwords.hash(password) if self._passwords.is_outdated(sign_in.password_hash) else None
        async with self._db.tenant(sign_in.tenant) as tx:
            locked = await accounts.lock(tx, sign_in.account)
            # Between the comparison and this lock the account may have been disabled or its password reset.
            if locked is None or locked[0].disabled or locked[1] != sign_in.password_hash:
                raise Unauthenticated(_WRONG_PASSWORD)
            if stronger is not None:
                await accounts.rehash(tx, sign_in.account, sign_in.password_hash, stronger)
            return await self.begin(tx, locked[0])

    async def _continue(self, tx: Transaction, given: RefreshToken) -> SignedIn | AccountId | None:
        """New tokens; or the account whose session this has ended; or None when the token opens nothing."""
        stored = await sessions.token(tx, given.id, grace=GRACE)
        if stored is None or not given.matches(stored.secret_hash):
            return None
        locked = await accounts.lock(tx, stored.account)
        # Again, now that nobody else can change it.
        stored = await sessions.token(tx, given.id, grace=GRACE)
        if locked is None or locked[0].disabled or stored is None or stored.revoked or stored.expired:
            return None
        if stored.used:
            successor = await self._repeated(tx, given, stored)
        else:
            successor = given.successor(self._successor_keys[0])
            await sessions.use(tx, given.id)
            await self._keep(tx, successor, stored.family, stored.account)
        if successor is None:
            await sessions.revoke_family(tx, stored.family)
            reused = {"accountId": stored.account, "sessionId": stored.family}
            await self._recorder.record(tx, system(given.tenant), "refresh_token_reused", reused)
            return stored.account
        return self._signed_in(locked[0], stored.family, successor)

    async def _repeated(self, tx: Transaction, given: RefreshToken, stored: StoredToken) -> RefreshToken | None:
        """The successor that was given before, if that was a moment ago and it is still the newest of its family."""
        if not stored.used_just_now:
            return None
        for key in self._successor_keys:  # the keys may have been rotated a moment ago, too
            successor = given.successor(key)
            kept = await sessions.token(tx, successor.id, grace=GRACE)
            if kept is not None and not kept.used:
                return successor
        return None

    async def _keep(self, tx: Transaction, token: RefreshToken, family: UUID, account: AccountId) -> None:
        await sessions.insert(tx, token.id, family, account, token.secret_hash, self._refresh_lifetime)

    async def _end_session(self, text: str) -> None:
        try:
            given = refresh_tokens.parse(text)
        except Unauthenticated:
            return
        async with self._db.tenant(given.tenant) as tx:
            stored = await sessions.token(tx, given.id, grace=GRACE)
            if stored is None or not given.matches(stored.secret_hash):
                return
            await accounts.lock(tx, stored.account)
            await sessions.revoke_family(tx, stored.family)
        self._standings.forget(given.tenant, stored.account)

    async def _withdraw(self, token: str) -> None:
        try:
            claims = self._tokens.verify_access(token)
        except Unauthenticated:
            return
        async with self._db.tenant(claims.tenant) as tx:
            if await accounts.lock(tx, claims.account) is None:
                return
            await sessions.revoke_access(tx, claims.jti, claims.expires_at)
            if claims.session is not None:
                await sessions.revoke_family(tx, claims.session)
        self._standings.forget(claims.tenant, claims.account)

    def _signed_in(self, account: Account, family: UUID, refresh: RefreshToken) -> SignedIn:
        now = datetime.now(UTC)
        return SignedIn(
            access_token=self._tokens.issue_access(account, session=family, now=now),
            refresh_token=refresh.text(),
            expires_in=int(self._tokens.access_lifetime.total_seconds()),
            user=account_view(account),
        )

    # ---- how tokens become actors ----------------------------------------------------------------------------------

    async def _own(self, token: str) -> tuple[Account, datetime]:
        claims = self._tokens.verify_access(token)
        claimed = Claimed(tenant=claims.tenant, account=claims.account, session=claims.session, jti=claims.jti)
        account = await self._standings.account(claimed)
        if account is None:
            raise Unauthenticated
        return account, claims.expires_at

    async def _from_outside(self, token: str, header: TokenHeader, wanted: TenantId | None) -> tuple[Account, datetime]:
        if wanted is not None:
            try:
                identities = await self._foreign.identify(token, header, wanted)
            except Unauthenticated:
                # Refused there; good elsewhere, it is not a bad token but the wrong tenant.
                identities = await self._foreign.identify(token, header)
        else:
            identities = await self._foreign.identify(token, header)
        found: list[tuple[Account, datetime]] = []
        for identity in identities:
            claimed = Claimed(tenant=identity.tenant, account=identity.account, email=identity.email)
            account = await self._standings.account(claimed)
            # An issuer is a tenant's choice, so it must not be able to vouch for somebody above all tenants.
            if account is not None and account.role is not Role.PLATFORM_ADMIN:
                found.append((account, identity.expires_at))
        if not found:
            raise Unauthenticated
        chosen = [one for one in found if wanted is None or one[0].tenant == wanted]
        if not chosen:
            raise Forbidden(_OTHER_TENANT)
        if len(chosen) > 1:
            raise InvalidValue("You have accounts in several organisations: say which one.", field=TENANT_HEADER)
        return chosen[0]

    async def _actor(self, account: Account, wanted: TenantId | None, request_id: str | None) -> Actor:
        actor = Actor(
            tenant=account.tenant,
            account=account.id,
            role=account.role,
            name=account.name,
            clinics=account.clinics,
            doctor=account.doctor,
            patient=account.patient,
            request_id=request_id,
        )
        if wanted is None or wanted == account.tenant:
            return actor
        if account.role is not Role.PLATFORM_ADMIN:
            raise Forbidden(_OTHER_TENANT)
        async with self._db.tenant(wanted) as tx:
            if await tenants.tenant(tx) is None:
                raise NotFound("There is no such tenant.")
        return msgspec.structs.replace(actor, tenant=wanted, home=account.tenant, clinics=(), doctor=None)


_OTHER_TENANT = "This token is for another tenant."
_WRONG_PASSWORD = "This e-mail address and password do not match an account."  # noqa: S105 – words, not a secret


def _tenant_id(given: UUID | str | None) -> TenantId | None:
    """The tenant that a header names; raises `Forbidden` for what can match no tenant."""
    if given is None:
        return None
    try:
        return TenantId(given if isinstance(given, UUID) else UUID(given))
    except ValueError:
        raise Forbidden(_OTHER_TENANT) from None
